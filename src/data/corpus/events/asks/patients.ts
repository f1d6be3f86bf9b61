import { say, sayList, valuePhrase, type Phrase } from '../../question/phrase.js';
import { countValue } from '../../question/values.js';
import { aggregateOf, column, type QueryExpression } from '../../statement/program.js';
import type { Ask, Frames } from '../ask.js';
import { ageOf } from '../facts.js';
import {
  countOf,
  drawEvent,
  drawFacts,
  drawPatientFact,
  placeFacts,
  sayPeople,
  type Asking,
  type People,
} from '../plan.js';
import { EventQuery, isNull } from '../query.js';
import { traitWords } from '../traits.js';

// Questions about groups of patients.

const COUNT_VERBAL: Frames = {
  question: [
    'How many {np} {vp}?',
    '(Can|Could) you tell me how many {np} {vp}?',
    'How many of the {np} {vp}?',
    'What is the (|total )number of {np} who {vp}?',
    "(What's|What is) the count of {np} who {vp}?",
    'How many {np} are there who {vp}?',
    'How many (different|distinct|unique) {np} {vp}?',
    'How many {np} do we have (that|who) {vp}?',
    'Of all {np}, how many {vp}?',
    'Do you know how many {np} {vp}?',
    '(So|Ok,|Hi,) how many {np} {vp}?',
    'Among {np}, how many {vp}?',
  ],
  imperative: [
    '(Count|Please count) the {np} who {vp}.',
    '(Give|Get) me the number of {np} who {vp}.',
    '(Tell|Please tell) me how many {np} {vp}.',
    '(Find|Work out) how many {np} {vp}.',
    'Show (|me )the number of {np} who {vp}.',
    'Calculate the (|total )number of {np} who {vp}.',
    'Let me know how many {np} {vp}.',
    'Return the count of {np} who {vp}.',
    'I (need|want) the number of {np} who {vp}.',
    'Determine how many {np} {vp}.',
    "I'd like to know how many {np} {vp}.",
    'Check how many {np} {vp}.',
  ],
  telegraphic: [
    'number of {np} who {vp}',
    'how many {np} {vp}',
    '{np} who {vp}, count',
    'count of {np} who {vp}',
    '(no.|nr) of {np} who {vp}',
  ],
};

const COUNT_NOMINAL: Frames = {
  question: [
    'How many {np} are there?',
    'How many {np} do we have?',
    "(What is|What's) the (|total )number of {np}?",
    'How many {np} are there in (total|all)?',
    '(Can|Could) you tell me how many {np} there are?',
    'How many {np} have we (got|seen)?',
    'How many (different|distinct) {np} are there?',
    "(What is|What's) the count of {np}?",
    'Do you know how many {np} there are?',
    'How many {np} are in the (database|data|records)?',
    'How many {np} exist?',
    '(So|Ok,) how many {np} are there?',
  ],
  imperative: [
    '(Count|Please count) (|the |all ){np}.',
    '(Give|Get) me the number of {np}.',
    'Tell me how many {np} there are.',
    'Find (|out )the number of {np}.',
    'Show (|me )the (|total )number of {np}.',
    'Calculate the number of {np}.',
    'Let me know how many {np} there are.',
    'Return the (count|number) of {np}.',
    'I (need|want) the number of {np}.',
    "I'd like to know how many {np} there are.",
    'Work out how many {np} we have.',
    'Provide the count of {np}.',
  ],
  telegraphic: ['number of {np}', 'count of {np}', '{np}, count', 'how many {np}', 'total {np}'],
};

function slotsOf({ np, vp, full }: People): Record<string, Phrase> {
  return { np, full, vp: vp ?? [] };
}

/** SELECT COUNT(DISTINCT patient): how many patients. */
export const countPatients: Ask = {
  name: 'countPatients',
  weight: 12,
  compose(asking) {
    const facts = drawFacts(asking);
    const place = facts && placeFacts(asking, facts);
    if (place === undefined) return undefined;
    place.query.program.select.push(countOf(place));
    const people = sayPeople(asking, facts!);
    const isVerbal = people.vp !== undefined;
    return {
      program: place.query.program,
      frames: isVerbal ? COUNT_VERBAL : COUNT_NOMINAL,
      variant: isVerbal ? 'verbal' : 'nominal',
      slots: slotsOf(people),
    };
  },
};

/** SELECT DISTINCT patient: which patients. */
export const listPatients: Ask = {
  name: 'listPatients',
  weight: 6,
  compose(asking) {
    const facts = drawFacts(asking);
    const place = facts && placeFacts(asking, facts);
    if (place === undefined) return undefined;
    const { query, key, isMany } = place;
    query.program.distinct = isMany;
    query.program.select.push(key);
    const people = sayPeople(asking, facts!);
    const isVerbal = people.vp !== undefined;
    return {
      program: query.program,
      frames: isVerbal ? LIST_VERBAL : LIST_NOMINAL,
      variant: isVerbal ? 'verbal' : 'nominal',
      slots: slotsOf(people),
    };
  },
};

const LIST_VERBAL: Frames = {
  question: [
    'Which {np} {vp}?',
    'What {np} {vp}?',
    '(What|Which) are the ids of {np} who {vp}?',
    '(Can|Could) you (list|show me) the {np} who {vp}?',
    'Which of the {np} {vp}?',
    'Who are the {np} who {vp}?',
    "(What are|What're) the patient ids of {np} who {vp}?",
    'Which {np} do we have who {vp}?',
    'Could I get the ids of {np} who {vp}?',
    'Which {np} are there who {vp}?',
    'May I see which {np} {vp}?',
    'Do you know which {np} {vp}?',
  ],
  imperative: [
    '(List|Show|Find|Get) (|all |the ){np} who {vp}.',
    'Give me the (|list of ){np} who {vp}.',
    'Show (|me )the ids of {np} who {vp}.',
    '(Return|Fetch|Retrieve) the {np} who {vp}.',
    'Find (|me )every one of the {np} who {vp}.',
    'Tell me which {np} {vp}.',
    'Identify (|the ){np} who {vp}.',
    'I (need|want) a list of {np} who {vp}.',
    'Please list {np} who {vp}.',
    'Look up the {np} who {vp}.',
    'List the patient ids of {np} who {vp}.',
    'Provide the ids of all {np} who {vp}.',
  ],
  telegraphic: ['{np} who {vp}', 'ids of {np} who {vp}', 'list of {np} who {vp}', '{np} that {vp}'],
};

const LIST_NOMINAL: Frames = {
  question: [
    'Which {np} are there?',
    'Which are the {np}?',
    '(What|Which) are the ids of (|the |all ){np}?',
    '(Can|Could) you list (|the |all ){np}?',
    'Who are the {np}?',
    'Could I get the ids of {np}?',
    'Which {np} do we have?',
    'What are the patient ids of {np}?',
    'Can I see (|the |all ){np}?',
    'Could you show me (|the |all ){np}?',
    'Do you have the ids of {np}?',
    'May I have a list of {np}?',
  ],
  imperative: [
    '(List|Show|Find|Get) (|all |the ){np}.',
    'Give me (|all |a list of ){np}.',
    'Show (|me )the ids of {np}.',
    '(Return|Fetch|Retrieve) (|all |the ){np}.',
    'Identify (|all |the ){np}.',
    'I (need|want) a list of {np}.',
    'Please list {np}.',
    'Look up (|all |the ){np}.',
    'Pull up (|all |the ){np}.',
    'List the patient ids of {np}.',
    'Provide the ids of {np}.',
    'Search for {np}.',
  ],
  telegraphic: ['{np}', 'ids of {np}', 'list of {np}', 'all {np}'],
};

/** CASE WHEN COUNT(*) > 0: whether there are such patients. */
export const anyPatients: Ask = {
  name: 'anyPatients',
  weight: 2,
  compose(asking) {
    const facts = drawFacts(asking, 3);
    const place = facts && placeFacts(asking, facts);
    if (place === undefined) return undefined;
    place.query.program.select.push({ kind: 'anyRow' });
    return {
      program: place.query.program,
      slots: slotsOf(sayPeople(asking, facts!)),
      frames: {
        question: [
          'Are there any {full}?',
          'Do we have (|any ){full}?',
          'Is there (any|at least one) of the {full}?',
          'Have there (ever |)been any {full}?',
          'Did we (ever |)have (|any ){full}?',
          '(Can|Could) you check (if|whether) there are (|any ){full}?',
          'Are there {full} at all?',
          'Do any {full} exist?',
          'Were there any {full}?',
          'Is it true that there are {full}?',
          'Do you have (|any ){full}?',
          'Can we find any {full}?',
        ],
        imperative: [
          '(Check|Tell me|Find out) (if|whether) there are any {full}.',
          '(Check|Tell me) (if|whether) we have (|any ){full}.',
          'Let me know (if|whether) there are {full}.',
          'See (if|whether) any {full} exist.',
        ],
        telegraphic: ['any {full}?', 'are there any {full}', 'do we have {full}'],
      },
    };
  },
};

/** 100.0 * SUM(CASE …) / NULLIF(COUNT(*), 0): the percentage of patients. */
export const sharePatients: Ask = {
  name: 'sharePatients',
  weight: 3,
  compose(asking) {
    const { draw, model } = asking;
    const { patient } = model;
    if (patient === undefined) return undefined;
    const target = drawPatientFact(asking);
    const base = draw.random.chance(0.5) ? drawPatientFact(asking) : undefined;
    if (target === undefined || base?.noun !== undefined) return undefined;
    if (base?.topic === target.topic) return undefined;
    const query = new EventQuery(model, patient.table.name);
    if (base !== undefined) query.filter(...base.predicates(query, 0));
    query.program.select.push({ kind: 'share', predicates: target.predicates(query, 0) });
    const people = sayPeople(asking, base === undefined ? [] : [base], false);
    if (people.vp !== undefined) return undefined;
    return {
      program: query.program,
      slots: { np: people.np, vp: target.verb },
      frames: {
        question: [
          'What (percentage|share|percent) of {np} {vp}?',
          'What is the (percentage|share) of {np} who {vp}?',
          'How many percent of {np} {vp}?',
          '(Can|Could) you tell me what (percentage|share) of {np} {vp}?',
          'In percent, how many of the {np} {vp}?',
          "(What's|What is) the percentage of {np} that {vp}?",
          'Among {np}, what (percentage|share) {vp}?',
          'Of all {np}, what (percentage|percent) {vp}?',
          'What proportion of {np}, in percent, {vp}?',
          'Which percentage of {np} {vp}?',
        ],
        imperative: [
          '(Calculate|Compute|Give me|Show) the (percentage|share) of {np} who {vp}.',
          'Tell me what percentage of {np} {vp}.',
          '(Find|Work out) what (share|percentage) of {np} {vp}.',
          'I need the percentage of {np} who {vp}.',
          'Among {np}, give the percentage of those who {vp}.',
        ],
        telegraphic: [
          'percentage of {np} who {vp}',
          '% of {np} who {vp}',
          'share of {np} who {vp}, in percent',
        ],
      },
    };
  },
};

/** SELECT trait, COUNT(…) GROUP BY trait: patients by sex, by city. */
export const groupPatients: Ask = {
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
    const by = query.column(trait, 0);
    query.program.select.push(by, countOf(place));
    query.program.groupBy.push(by);
    const { full } = sayPeople(asking, facts);
    return {
      program: query.program,
      slots: { full, by: draw.random.pick(traitWords(trait.name).asked) },
      frames: {
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
        ],
        telegraphic: ['{full} (per|by) {by}', 'number of {full} by {by}', '{full}, count per {by}'],
      },
    };
  },
};

/** AVG, MIN or MAX of the age of patients. */
export const ageOfPatients: Ask = {
  name: 'ageOfPatients',
  weight: 2,
  compose(asking) {
    const { draw, model } = asking;
    const { patient } = model;
    const age = patient && ageOf(patient);
    if (age === undefined) return undefined;
    const fact = draw.random.chance(0.8) ? drawPatientFact(asking, ['trait', 'trait', 'death']) : undefined;
    const query = new EventQuery(model, patient!.table.name);
    if (fact !== undefined) query.filter(...fact.predicates(query, 0));
    const [name, word, who] = draw.random.pick([
      ['AVG', 'average', ''],
      ['AVG', 'mean', ''],
      ['MIN', 'lowest', 'youngest'],
      ['MAX', 'highest', 'oldest'],
    ] as const);
    const of = age(0);
    query.program.select.push(aggregateOf(name, name === 'AVG' ? { kind: 'fractional', of } : of));
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
                'What {word} age do {full} have?',
                'Among {full}, what is the {word} age?',
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
                'What {word} age do we see among {full}?',
              ],
              imperative: [
                '(Show|Give me|Find) the {word} age of {full}.',
                'Tell me how old the {who} of the {full} is.',
              ],
              telegraphic: ['{word} age of {full}', 'age of {who} of {full}'],
            },
    };
  },
};

/** TOP (n) of patients by the number of their events. */
export const busiestPatients: Ask = {
  name: 'busiestPatients',
  weight: 2,
  compose(asking) {
    const { draw, model } = asking;
    const event =
      draw.random.chance(0.3) && model.encounters.length > 0
        ? draw.random.pick(model.encounters)
        : drawEvent(asking);
    if (event?.patient === undefined) return undefined;
    const { random } = draw;
    const query = new EventQuery(model, event.table.name);
    const key: QueryExpression = query.patientKey(event, 0);
    const isOne = random.chance(0.3);
    const n = draw.fresh(() => countValue(random, 2, 20));
    query.program.top = isOne ? 1 : n;
    query.program.select.push(key, { kind: 'count' });
    query.program.groupBy.push(key);
    query.program.orderBy.push({ by: { kind: 'count' }, direction: 'DESC' });
    const acts =
      event.kind.acts.length > 0 && (!('leads' in event) || event.leads)
        ? event.kind.acts
        : event.nouns.map(({ one, many }) => [one, many] as const);
    const [, many] = random.pick(acts);
    const slots = {
      acts: many,
      n: valuePhrase(n),
      patients: random.pick(['patients', 'patients', 'people', 'individuals']),
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
              'Which are the {n} {patients} that had the largest number of {acts}?',
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
export const oldestPatient: Ask = {
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
export const patientsWithAny: Ask = {
  name: 'patientsWithAny',
  weight: 2,
  compose(asking: Asking) {
    const { draw, model } = asking;
    const { patient } = model;
    const event = drawEvent(
      asking,
      ({ label, patient: way }) => label?.joins.length === 0 && way?.joins.length === 0,
    );
    if (patient === undefined || event?.label === undefined || event.kind.things.length === 0)
      return undefined;
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
      event.leads ? event.kind.things : event.nouns.map(({ one, many }) => [one, many] as const),
    );
    const even = draw.random.pick([
      'even if they have none',
      'including those without any',
      'even those who have none',
      'also those with none',
      'if any',
    ]);
    return {
      program: query.program,
      slots: { full: sayList([full]), things, even },
      frames: {
        question: [
          'What are the {things} of (all |){full}, {even}?',
          'Which {things} do {full} have, {even}?',
          '(Can|Could) you list {full} with their {things}, {even}?',
          'What {things} did each of the {full} have, {even}?',
        ],
        imperative: [
          '(List|Show) (all |){full} (with|and) their {things}, {even}.',
          'Give me {full} together with their {things}, {even}.',
          'For all {full}, show the {things}, {even}.',
          'Return {full} and their {things}, {even}.',
        ],
        telegraphic: ['{full} with their {things}, {even}', '{things} of {full}, {even}'],
      },
    };
  },
};
