import { inPast, keyFirst } from '../framing.js';
import { groupWords } from '../traits.js';
import { type Phrase, say, valuePhrase } from '../../question/phrase.js';
import { type QueryExpression, aggregateOf, column, compare } from '../../statement/program.js';
import type { EventAsk } from '../ask.js';
import { leadsFamily } from '../spoken-event.js';
import { drawEvent } from '../plan.js';
import { EventQuery, isNull } from '../query.js';
import { drawEvents, labelled } from '../some-events.js';
import { fill } from '../template.js';
import { singularise } from '../../topics/words.js';
import { use } from '../times.js';
import { beforeNoun, drawName } from '../values.js';

// Questions that break events down, and questions about what their rows lack.

/** COUNT(*) by month, year or quarter. */
export const eventsPerPeriod: EventAsk = {
  name: 'eventsPerPeriod',
  weight: 3,
  compose(asking) {
    const { draw, model } = asking;
    const { random } = draw;
    const isNamed = random.chance(0.45);
    // `Per year this year` says nothing.
    const isWithin = random.chance(0.35);
    const events = drawEvents(
      asking,
      (one) =>
        one.leads &&
        one.time !== undefined &&
        one.acts.length > 0 &&
        !one.isSplit &&
        (!isNamed || (one.label !== undefined && leadsFamily(model, one))),
      isNamed,
      { time: isWithin ? 0.4 : 0, who: 0.25, of: 'asked event' },
    );
    if (events === undefined) return undefined;
    const { query, event, t, who } = events;
    const named = random.pick(event.kind.named);
    const make = /\{x\} \{/.test(named) ? beforeNoun(event.kind.make) : event.kind.make;
    const value = isNamed ? drawName(draw, model, event.label!, make) : undefined;
    if (value !== undefined) query.filter(compare(query.column(event.label!, 0), '=', use(value)));
    const of = column(0, event.time!.name);
    const part = (name: 'year' | 'month' | 'quarter' | 'weekday'): QueryExpression => ({
      kind: 'datePart',
      part: name,
      of,
    });
    const [period, parts] = isWithin
      ? random.pick([['day of the week', [part('weekday')]]] as const)
      : random.pick([
          ['year', [part('year')]],
          ['year', [part('year')]],
          ['month', [part('year'), part('month')]],
          ['month', [part('year'), part('month')]],
          ['month of the year', [part('month')]],
        ] as const);
    query.program.select.push(...parts, { kind: 'count' });
    query.program.groupBy.push(...parts);
    const [, many] = random.pick(event.acts);
    const things: Phrase =
      value === undefined ? [many] : fill(named, { x: valuePhrase(value), many }, random);
    return {
      program: query.program,
      variant: period,
      slots: { things, t, who, period },
      frames: keyFirst(
        who.length > 0,
        '{period}',
        '{things}',
        inPast(
          {
            question: [
              'How many {things}{who}{t} were there per {period}?',
              'How many {things}{who}{t} do we have (per|by|each) {period}?',
              "(What is|What's) the number of {things}{who}{t} (per|by) {period}?",
              'How does the number of {things}{who}{t} vary by {period}?',
              '(Can|Could) you count the {things}{who}{t} (per|by) {period}?',
              'For each {period}, how many {things}{who}{t} were there?',
            ],
            imperative: [
              'Count the {things}{who}{t} (per|by) {period}.',
              '(Show|Give me) the number of {things}{who}{t} (per|by|for each) {period}.',
              'Break down the {things}{who}{t} by {period}.',
              'Tell me how many {things}{who}{t} there were per {period}.',
              'For each {period}, count the {things}{who}{t}.',
            ],
            telegraphic: [
              '{things}{who}{t} (per|by) {period}',
              'number of {things}{who}{t} by {period}',
              'for each {period}, number of {things}{who}{t}',
            ],
          },
          say`${t}${who}`,
        ),
      ),
    };
  },
};

/** COUNT(*) per label, or per trait of the event. */
export const eventsPerThing: EventAsk = {
  name: 'eventsPerThing',
  weight: 2,
  compose(asking) {
    const { random } = asking.draw;
    const isByTrait = random.chance(0.4);
    const events = drawEvents(
      asking,
      (one) =>
        labelled(one) &&
        !one.isSplit &&
        leadsFamily(asking.model, one) &&
        (!isByTrait || one.traits.length > 0),
      !isByTrait,
      { time: 0.35, who: 0.35 },
    );
    if (events === undefined) return undefined;
    const { query, event, t, who } = events;
    const trait = isByTrait ? random.pick(event.traits) : undefined;
    const by = query.column(trait?.label ?? trait ?? event.label!, 0);
    query.program.select.push(by, { kind: 'count' });
    query.program.groupBy.push(by);
    // `Orders by prescription` says nothing.
    const things = event.things.filter(([one]) => one !== 'prescription');
    if (things.length === 0 || event.acts.length === 0) return undefined;
    const [thing] = random.pick(things);
    const [, acts] = random.pick(event.acts);
    // `Diagnoses by diagnosis` says nothing.
    const isDisease = event.kind.name === 'diagnosis' && /^(condition|problem)$/.test(thing);
    const isSame =
      isDisease || acts.slice(0, 6) === thing.slice(0, 6) || headOf(singularise(acts)) === headOf(thing);
    if (trait === undefined && isSame) return undefined;
    const key = trait === undefined ? thing : random.pick(groupWords(trait.asked));
    return {
      program: query.program,
      variant: trait === undefined ? 'label' : 'trait',
      slots: { acts, key, t, who },
      frames: keyFirst(
        who.length > 0,
        '{key}',
        '{acts}',
        inPast(
          {
            question: [
              'How many {acts}{who}{t} are there (per|for each|by) {key}?',
              "(What is|What's) the number of {acts}{who}{t} (per|by|for each) {key}?",
              'For each {key}, how many {acts}{who}{t} are there?',
              'How do {acts}{who}{t} break down by {key}?',
              '(Can|Could) you count the {acts}{who}{t} per {key}?',
            ],
            imperative: [
              'Count the {acts}{who}{t} (per|by|for each) {key}.',
              '(Show|Give me) the number of {acts}{who}{t} (per|by) {key}.',
              'Break down the {acts}{who}{t} by {key}.',
              'Group the {acts}{who}{t} by {key} and count them.',
              'For each {key}, count the {acts}{who}{t}.',
            ],
            telegraphic: [
              '{acts}{who}{t} (per|by) {key}',
              'number of {acts}{who}{t} by {key}',
              'for each {key}, number of {acts}{who}{t}',
            ],
          },
          say`${t}${who}`,
        ),
      ),
    };
  },
};

/** `test` of `lab test`. */
function headOf(noun: string): string {
  return noun.slice(noun.lastIndexOf(' ') + 1);
}

/** IS NULL, or COUNT(column): what was never recorded. */
export const missingDetail: EventAsk = {
  name: 'missingDetail',
  weight: 2,
  compose(asking) {
    const { draw, model } = asking;
    const { random } = draw;
    const event = drawEvent(asking, (one) => one.leads && one.acts.length > 0 && !one.isSplit);
    if (event === undefined) return undefined;
    const details: [string, QueryExpression][] = [];
    const add = (word: string, of: { name: string; nullable: boolean } | undefined): void => {
      if (of?.nullable === true) details.push([word, column(0, of.name)]);
    };
    add('end date', event.end);
    add('unit', event.unit);
    // A result has a result; that it is a number is what the column says.
    add(random.pick(['numeric result', 'numeric value']), event.value);
    add('dose', event.dose);
    if (event.route?.joins.length === 0) add('route', event.route.column);
    if (details.length === 0) return undefined;
    const [detail, of] = random.pick(details);
    const query = new EventQuery(model, event.table.name);
    const value =
      event.label !== undefined && leadsFamily(model, event) && random.chance(0.4)
        ? drawName(draw, model, event.label, beforeNoun(event.kind.make))
        : undefined;
    if (value !== undefined) query.filter(compare(query.column(event.label!, 0), '=', use(value)));
    const isMissing = random.chance(0.6);
    if (isMissing) query.filter(isNull(of));
    query.program.select.push(isMissing ? { kind: 'count' } : aggregateOf('COUNT', of));
    const [, many] = random.pick(event.acts);
    const acts: Phrase =
      value === undefined
        ? [many]
        : fill(random.pick(event.kind.named), { x: valuePhrase(value), many }, random);
    const have = isMissing
      ? fill('(have no {d}|have no recorded {d}|are missing {a d})', { d: detail }, random)
      : fill('(have {a d}|have {a d} recorded)', { d: detail }, random);
    const without = isMissing
      ? fill('(without {a d}|with no {d}|with no {d} recorded)', { d: detail }, random)
      : fill('(with {a d}|with a recorded {d})', { d: detail }, random);
    return {
      program: query.program,
      variant: isMissing ? 'missing' : 'present',
      slots: { acts, have, without },
      frames: {
        question: [
          'How many {acts} {have}?',
          'How many {acts} {without} are there?',
          "(What is|What's) the number of {acts} {without}?",
          '(Can|Could) you tell me how many {acts} {have}?',
          'How many of the {acts} {have}?',
          'Do you know how many {acts} {have}?',
        ],
        imperative: [
          'Count the {acts} {without}.',
          'Tell me how many {acts} {have}.',
          'Find the number of {acts} {without}.',
        ],
        telegraphic: ['number of {acts} {without}', '{acts} {without}, count'],
      },
    };
  },
};

/** SELECT code FROM catalogue WHERE label: what a thing's code is. */
export const codeOfThing: EventAsk = {
  name: 'codeOfThing',
  weight: 1.5,
  compose(asking) {
    const { draw, model } = asking;
    const { random } = draw;
    const event = drawEvent(
      asking,
      ({ label, code, things, kind }) =>
        label !== undefined && code !== undefined && things.length > 0 && kind.name !== 'output',
    );
    if (event?.label === undefined) return undefined;
    const query = new EventQuery(model, event.label.table.name);
    const way = { ...event.label, joins: [] };
    // Of a name that nobody knows, no table says what it is.
    const name = drawName(draw, model, way, event.kind.make, true);
    const of = column(0, event.code!.name);
    query.program.distinct = event.label.joins.length === 0;
    query.program.select.push(of);
    query.filter(compare(query.column(way, 0), '=', use(name)));
    const [thing] = random.pick(event.things);
    if (thing === 'prescription') return undefined;
    return {
      program: query.program,
      slots: { x: valuePhrase(name), thing },
      frames: {
        question: [
          "(What is|What's) the code (of|for) {x}?",
          'Which code does {x} have?',
          "(What is|What's) the {thing} code (of|for) {x}?",
          '(Can|Could) you tell me the code for {x}?',
          'What code is used for {x}?',
          'Do you know the code of {x}?',
        ],
        imperative: [
          '(Show|Give|Tell) me the code (of|for) {x}.',
          '(Find|Get|Look up) the {thing} code (of|for) {x}.',
          'I need the code for {x}.',
        ],
        telegraphic: ['code (of|for) {x}', '{x} code', '{thing} code of {x}'],
      },
    };
  },
};
