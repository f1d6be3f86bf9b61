import { keyFirst } from '../framing.js';
import { leadsFamily, thingsOf } from '../spoken-event.js';
import { groupWords } from '../traits.js';
import { say, sayList, valuePhrase } from '../../question/phrase.js';
import { type QueryExpression, aggregateOf, column } from '../../statement/program.js';
import type { EventAsk } from '../ask.js';
import { ageOf } from '../facts.js';
import {
  type Asking,
  countOf,
  drawEvent,
  drawFacts,
  drawPatientFact,
  placeFacts,
  sayPeople,
} from '../plan.js';
import { EventQuery, isNull } from '../query.js';

// Questions about groups of patients, their ages, and the patients that stand out.

/** SELECT trait, COUNT(…) GROUP BY trait: patients by sex, by city. */
export const groupPatients: EventAsk = {
  name: 'groupPatients',
  weight: 3,
  compose(asking) {
    const { draw, model } = asking;
    const { patient } = model;
    if (patient === undefined || patient.traits.length === 0) return undefined;
    const facts = draw.random.chance(0.75) ? drawFacts(asking, 2) : [];
    const trait = draw.random.pick(patient.traits);
    if (facts === undefined || facts.some(({ topic }) => topic === trait.name)) return undefined;
    const place = placeFacts(asking, facts, true);
    if (place === undefined) return undefined;
    const { query } = place;
    const by = query.column(trait.label ?? trait, 0);
    query.program.select.push(by, countOf(place));
    query.program.groupBy.push(by);
    const { full, vp } = sayPeople(asking, facts);
    return {
      program: query.program,
      slots: {
        full,
        by: draw.random.pick(groupWords(trait.asked)),
      },
      frames: keyFirst(vp !== undefined, '{by}', '{full}', {
        question: [
          'How many {full} are there (per|by|for each) {by}?',
          'What is the number of {full} (per|by|for each) {by}?',
          'For each {by}, how many {full} are there?',
          'How many {full} do we have (per|by) {by}?',
          'How do {full} (split|break down) by {by}?',
          'What does the breakdown of {full} by {by} look like?',
          '(Can|Could) you count the {full} (per|by) {by}?',
          'How are {full} distributed by {by}?',
        ],
        imperative: [
          'Count (|the ){full} (per|by|for each) {by}.',
          'Show the number of {full} (per|by|for each) {by}.',
          'Break down {full} by {by}.',
          'Give me the number of {full} grouped by {by}.',
          'Group {full} by {by} and count them.',
          'Tell me how many {full} there are per {by}.',
          'For every {by}, count the {full}.',
          'For each {by}, show the number of {full}.',
        ],
        telegraphic: [
          '{full} (per|by) {by}',
          'number of {full} by {by}',
          '{full}, count per {by}',
          'for each {by}, number of {full}',
        ],
      }),
    };
  },
};

/** AVG, MIN or MAX of the age of patients. */
export const ageOfPatients: EventAsk = {
  name: 'ageOfPatients',
  weight: 2,
  compose(asking) {
    const { draw, model } = asking;
    const { patient } = model;
    const age = patient && ageOf(patient);
    if (age === undefined || !draw.mayMeanNow()) return undefined;
    const fact = draw.random.chance(0.8) ? drawPatientFact(asking, ['trait']) : undefined;
    const query = new EventQuery(model, patient!.table.name);
    if (fact !== undefined) query.filter(...fact.predicates(query, 0));
    const [name, word, who] = draw.random.pick([
      ['AVG', 'average', ''],
      ['AVG', 'mean', ''],
      ['MIN', 'lowest', 'youngest'],
      ['MAX', 'highest', 'oldest'],
    ] as const);
    const of = age(0);
    query.program.select.push(aggregateOf(name, of));
    const { full } = sayPeople(asking, fact === undefined ? [] : [fact]);
    return {
      program: query.program,
      variant: who === '' ? 'average' : 'extreme',
      slots: { full, word, who },
      frames:
        who === ''
          ? {
              question: [
                "(What is|What's) the {word} age of {full}?",
                'How old are {full} on average?',
                'On average, how old are {full}?',
                '(Can|Could) you tell me the {word} age of {full}?',
              ],
              imperative: [
                '(Calculate|Show|Give me|Find|Compute) the {word} age of (|all ){full}.',
                'Tell me how old {full} are on average.',
                'I need the {word} age of {full}.',
              ],
              telegraphic: ['{word} age of {full}', '{full}, {word} age'],
            }
          : {
              question: [
                "(What is|What's) the {word} age of {full}?",
                'How old is the {who} of the {full}?',
                'What is the age of the {who} of (all|the) {full}?',
              ],
              imperative: ['(Show|Give me|Find) the {word} age of {full}.'],
              telegraphic: ['{word} age of {full}', 'age of {who} of {full}'],
            },
    };
  },
};

/** TOP (n) of patients by the number of their events. */
export const busiestPatients: EventAsk = {
  name: 'busiestPatients',
  weight: 2,
  compose(asking) {
    const { draw, model } = asking;
    const event =
      draw.random.chance(0.3) && model.encounters.length > 0
        ? draw.random.pick(model.encounters)
        : drawEvent(asking, ({ kind, isSplit }) => kind.name !== 'death' && !isSplit);
    if (event?.patient === undefined) return undefined;
    const { random } = draw;
    const query = new EventQuery(model, event.table.name);
    const key: QueryExpression = query.patientKey(event, 0);
    const isOne = random.chance(0.3);
    const n = asking.draw.topCount();
    query.program.top = isOne ? 1 : n;
    query.program.select.push(key, { kind: 'count' });
    query.program.groupBy.push(key);
    query.program.orderBy.push({ by: { kind: 'count' }, direction: 'DESC' });
    const own = 'acts' in event ? (event.leads ? event.acts : []) : event.kind.acts;
    const acts = own.length > 0 ? own : event.nouns.map(({ one, many }) => [one, many] as const);
    const [, many] = random.pick(acts);
    const slots = {
      acts: many,
      n: valuePhrase(n),
      patients: random.pick(
        ['patients', 'patients', 'people', 'individuals'].filter((word) => !model.isTaken(word)),
      ),
    };
    return {
      program: query.program,
      variant: isOne ? 'one' : 'many',
      slots,
      frames: isOne
        ? {
            question: [
              'Which patient (has|had) the most {acts}?',
              'Who (has|had) the (most|largest number of) {acts}?',
              'What patient had the highest number of {acts}?',
              'For which patient do we have the most {acts}?',
            ],
            imperative: [
              '(Find|Show) the patient with the most {acts}.',
              'Tell me who had the most {acts}.',
              'Give me the patient who has the highest number of {acts}.',
            ],
            telegraphic: ['patient with the most {acts}', 'who had most {acts}'],
          }
        : {
            question: [
              'Which {n} {patients} (have|had) the most {acts}?',
              'Who are the top {n} {patients} by number of {acts}?',
              'What are the {n} {patients} with the (most|highest number of) {acts}?',
            ],
            imperative: [
              '(List|Show|Find) the {n} {patients} with the most {acts}.',
              'Give me the top {n} {patients} by number of {acts}.',
              'Rank {patients} by number of {acts} and show the top {n}.',
            ],
            telegraphic: ['top {n} {patients} by number of {acts}', '{n} {patients} with most {acts}'],
          },
    };
  },
};

/** The oldest or youngest patient. */
export const oldestPatient: EventAsk = {
  name: 'oldestPatient',
  weight: 1,
  compose(asking) {
    const { draw, model } = asking;
    const { patient } = model;
    if (patient === undefined || (patient.birth === undefined && patient.age === undefined)) return undefined;
    const fact = draw.random.chance(0.5) ? drawPatientFact(asking, ['trait']) : undefined;
    if (fact?.noun !== undefined) return undefined;
    const query = new EventQuery(model, patient.table.name);
    const by = column(0, (patient.birth ?? patient.age)!.name);
    if (fact !== undefined) query.filter(...fact.predicates(query, 0));
    const isOldest = draw.random.chance(0.5);
    query.program.top = 1;
    query.program.select.push(column(0, patient.key.name));
    query.program.orderBy.push({
      by,
      direction: isOldest === (patient.birth !== undefined) ? 'ASC' : 'DESC',
    });
    const after = fact?.modifier === undefined ? [] : say` ${fact.modifier}`;
    const before =
      fact?.modifier === undefined && fact?.adjective !== undefined ? say`${fact.adjective} ` : [];
    if (fact !== undefined && after.length === 0 && before.length === 0) return undefined;
    return {
      program: query.program,
      last: [isNull(by, true)],
      slots: { one: say`${isOldest ? 'oldest' : 'youngest'} ${before}patient${after}` },
      frames: {
        question: [
          'Who is the {one}?',
          "(What is|What's) the id of the {one}?",
          '(Can|Could) you tell me who the {one} is?',
          "Who's our {one}?",
        ],
        imperative: [
          '(Find|Show|Get) the {one}.',
          'Tell me who the {one} is.',
          'Give me the id of the {one}.',
          'Look up the {one}.',
        ],
        telegraphic: ['{one}', 'id of {one}'],
      },
    };
  },
};

/** LEFT JOIN: every patient with what an event says of them, even if there is none. */
export const patientsWithAny: EventAsk = {
  name: 'patientsWithAny',
  weight: 2,
  compose(asking: Asking) {
    const { draw, model } = asking;
    const { patient } = model;
    const event = drawEvent(
      asking,
      (one) =>
        one.label?.joins.length === 0 &&
        one.patient?.joins.length === 0 &&
        (!one.leads || leadsFamily(model, one)),
    );
    if (patient === undefined || event?.label === undefined || event.things.length === 0) return undefined;
    const facts = draw.random.chance(0.4)
      ? [drawPatientFact(asking)].filter((fact) => fact !== undefined)
      : [];
    const query = new EventQuery(model, patient.table.name);
    for (const fact of facts) query.filter(...fact.predicates(query, 0));
    const at = query.beside(event, 0);
    if (at === undefined) return undefined;
    query.program.select.push(column(0, patient.key.name), column(at, event.label.column.name));
    const { full } = sayPeople(asking, facts, false);
    const [, things] = draw.random.pick(
      event.leads ? thingsOf(model, event) : event.nouns.map(({ one, many }) => [one, many] as const),
    );
    const even = draw.random.pick([
      'even if they have none',
      'including those without any',
      'including those who have none',
      'including those with none',
    ]);
    return {
      program: query.program,
      slots: { full: sayList([full]), things, even },
      frames: {
        question: ['(Can|Could) you list {full} with their {things}, {even}?'],
        imperative: [
          '(List|Show) (all |){full} (with|and) their {things}, {even}.',
          'Give me {full} together with their {things}, {even}.',
          'For all {full}, show the {things}, {even}.',
          'Return {full} and their {things}, {even}.',
        ],
        telegraphic: ['{full} with their {things}, {even}'],
      },
    };
  },
};
