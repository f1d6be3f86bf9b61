import { say, valuePhrase, type Phrase } from '../../question/phrase.js';
import { countValue } from '../../question/values.js';
import { aggregateOf, column, compare, type QueryExpression } from '../../statement/program.js';
import type { Ask, Frames } from '../ask.js';
import { drawTraitValue, leadsFamily } from '../facts.js';
import type { EventTable } from '../model.js';
import { drawEvent, drawPatientFact, sayPeople, type Asking } from '../plan.js';
import { EventQuery, isNull } from '../query.js';
import { fill } from '../template.js';
import { drawTime, use } from '../times.js';
import { traitWords } from '../traits.js';
import { drawName } from '../values.js';

// Questions about the events themselves: which are common, how many there are, per month, per kind.

const labelled = ({ label, leads, kind }: EventTable): boolean =>
  label !== undefined && leads && kind.things.length > 0;

interface Events {
  query: EventQuery;
  event: EventTable;
  /** ` in 2104`, ` among female patients`: starting with a space, or nothing. */
  t: Phrase;
  who: Phrase;
}

/** The events of a time, of all patients or of some. */
function drawEvents(
  asking: Asking,
  fits: (event: EventTable) => boolean,
  needsLabel: boolean,
  shares = { time: 0.4, who: 0.35 },
): Events | undefined {
  const { draw, model } = asking;
  const { random } = draw;
  const event = drawEvent(asking, fits);
  if (event === undefined) return undefined;
  const query = new EventQuery(model, event.table.name);
  if (needsLabel && event.label !== undefined) query.column(event.label, 0);
  const fact = random.chance(shares.who)
    ? drawPatientFact(asking, ['trait', 'trait', 'age', 'age', 'birth'])
    : undefined;
  let who: Phrase = [];
  if (fact !== undefined) {
    const at = query.toPatient(event, 0);
    if (at === undefined) return undefined;
    query.filter(...fact.predicates(query, at));
    who = fill(
      ' (of|among|for) {full}',
      { full: sayPeople(asking, [fact], random.chance(0.3)).full },
      random,
    );
  }
  const time =
    event.time !== undefined && random.chance(shares.time) ? drawTime(draw, event.time) : undefined;
  query.filter(...(time?.predicates(column(0, event.time!.name)) ?? []));
  return { query, event, t: time?.words ?? [], who };
}

/** TOP (n) labels by their number: the most common diagnoses. */
export const topThings: Ask = {
  name: 'topThings',
  weight: 5,
  compose(asking) {
    const { random } = asking.draw;
    const events = drawEvents(asking, (one) => labelled(one) && leadsFamily(asking.model, one), true);
    if (events === undefined) return undefined;
    const { query, event, t, who } = events;
    const label = query.column(event.label!, 0);
    const isOne = random.chance(0.3);
    const n = asking.draw.fresh(() => countValue(random, 2, random.pick([5, 10, 20])));
    const isMost = random.chance(0.85);
    query.program.top = isOne ? 1 : n;
    query.program.select.push(label);
    query.program.groupBy.push(label);
    query.program.orderBy.push({ by: { kind: 'count' }, direction: isMost ? 'DESC' : 'ASC' });
    const [thing, things] = random.pick(event.kind.things);
    const words = isMost
      ? ['most common', 'most frequent', 'most often recorded', 'commonest']
      : ['least common', 'rarest', 'least frequent'];
    const slots = { thing, things, t, who, n: valuePhrase(n), most: random.pick(words) };
    return {
      program: query.program,
      variant: isOne ? 'one' : 'many',
      slots,
      frames: isOne ? TOP_ONE : TOP_MANY,
    };
  },
};

const TOP_ONE: Frames = {
  question: [
    "(What is|What's|What was) the {most} {thing}{who}{t}?",
    'Which {thing} (is|was) the {most}{who}{t}?',
    '(Can|Could) you tell me the {most} {thing}{who}{t}?',
    'What {thing} do we see as the {most}{who}{t}?',
    'Do you know the {most} {thing}{who}{t}?',
    'Which is the {most} of the {things}{who}{t}?',
  ],
  imperative: [
    '(Show|Tell|Give) me the {most} {thing}{who}{t}.',
    '(Find|Name) the {most} {thing}{who}{t}.',
    'I need the {most} {thing}{who}{t}.',
    'Let me know the {most} {thing}{who}{t}.',
  ],
  telegraphic: ['{most} {thing}{who}{t}', 'the {most} {thing}{who}{t}'],
};

const TOP_MANY: Frames = {
  question: [
    'What (are|were) the {n} {most} {things}{who}{t}?',
    'What (are|were) the top {n} {most} {things}{who}{t}?',
    'Which {n} {things} (are|were) the {most}{who}{t}?',
    '(Can|Could) you list the {n} {most} {things}{who}{t}?',
    'Which are the {n} {most} {things}{who}{t}?',
    'What are our {n} {most} {things}{who}{t}?',
    'Do you know the {n} {most} {things}{who}{t}?',
    '(So|Ok,) what are the {n} {most} {things}{who}{t}?',
    'What (are|were) the {most} {things}{who}{t}, the (first|top) {n}?',
    'Which {n} of the {things} (are|were) {most}{who}{t}?',
    'May I see the {n} {most} {things}{who}{t}?',
    'Could I get the {n} {most} {things}{who}{t}?',
  ],
  imperative: [
    '(List|Show|Give me) the {n} {most} {things}{who}{t}.',
    '(List|Show|Find) the top {n} {most} {things}{who}{t}.',
    'Tell me the {n} {most} {things}{who}{t}.',
    'Name the {n} {most} {things}{who}{t}.',
    'I (want|need) the {n} {most} {things}{who}{t}.',
    'Let me know the {n} {most} {things}{who}{t}.',
  ],
  telegraphic: [
    '{n} {most} {things}{who}{t}',
    'top {n} {most} {things}{who}{t}',
    'top {n} {things} by number{who}{t}',
  ].filter((frame) => !frame.includes('by number')),
};

/** COUNT(*) of the events of a certain thing. */
export const countEvents: Ask = {
  name: 'countEvents',
  weight: 3,
  compose(asking) {
    const { draw, model } = asking;
    const { random } = draw;
    const isNamed = random.chance(0.65);
    const events = drawEvents(
      asking,
      (one) =>
        one.leads &&
        one.kind.acts.length > 0 &&
        one.kind.name !== 'death' &&
        (!isNamed || (one.label !== undefined && leadsFamily(model, one))),
      isNamed,
    );
    if (events === undefined) return undefined;
    const { query, event, t, who } = events;
    const value = isNamed ? drawName(draw, model, event.label!, event.kind.make) : undefined;
    if (value !== undefined) query.filter(compare(query.column(event.label!, 0), '=', use(value)));
    const trait = event.traits.find(
      ({ name }) => name === 'flag' || name === 'status' || name === 'priority',
    );
    const state = trait !== undefined && random.chance(0.3) ? drawTraitValue(draw, model, trait) : undefined;
    if (state !== undefined) query.filter(compare(query.column(trait!, 0), '=', use(state)));
    query.program.select.push({ kind: 'count' });
    const [, many] = random.pick(event.kind.acts);
    const adjective = state === undefined ? [] : say`${valuePhrase(state)} `;
    const x = value === undefined ? [] : valuePhrase(value);
    const things: Phrase =
      value === undefined
        ? say`${adjective}${many}`
        : fill(
            event.kind.name === 'lab' || event.kind.name === 'observation'
              ? '({a}{x} {many}|{a}{many} for {x})'
              : '({a}{many} of {x}|{a}{many} for {x}|{a}{x} {many})',
            { a: adjective, x, many },
            random,
          );
    return { program: query.program, slots: { things, t, who }, frames: COUNT };
  },
};

const COUNT: Frames = {
  question: [
    'How many {things} are there{who}{t}?',
    'How many {things} were there{who}{t}?',
    'How many {things} do we have{who}{t}?',
    "(What is|What's) the (total |)number of {things}{who}{t}?",
    '(Can|Could) you tell me how many {things} there were{who}{t}?',
    'How many {things} were (recorded|registered){who}{t}?',
    'How many {things} did we have{who}{t}?',
    'Do you know how many {things} there are{who}{t}?',
    '(So|Ok,) how many {things} were there{who}{t}?',
    'How many {things} in total{who}{t}?',
    'How many {things} have been recorded{who}{t}?',
    "What's the count of {things}{who}{t}?",
  ],
  imperative: [
    'Count (|all |the ){things}{who}{t}.',
    '(Give|Show|Tell) me the number of {things}{who}{t}.',
    'Find out how many {things} there were{who}{t}.',
    'Let me know the number of {things}{who}{t}.',
    'I need the number of {things}{who}{t}.',
    'Calculate the number of {things}{who}{t}.',
  ],
  telegraphic: [
    'number of {things}{who}{t}',
    'count of {things}{who}{t}',
    '{things}{who}{t}, count',
    'how many {things}{who}{t}',
  ],
};

/** SELECT DISTINCT labels, or their number. */
export const whichThings: Ask = {
  name: 'whichThings',
  weight: 3,
  compose(asking) {
    const { random } = asking.draw;
    const events = drawEvents(asking, (one) => labelled(one) && leadsFamily(asking.model, one), true, {
      time: 0.5,
      who: 0.6,
    });
    if (events === undefined || (events.who.length === 0 && events.t.length === 0 && !random.chance(0.3)))
      return undefined;
    const { query, event, t, who } = events;
    const label = query.column(event.label!, 0);
    const isCount = random.chance(0.4);
    if (isCount) query.program.select.push(aggregateOf('COUNT', label, true));
    else {
      query.program.distinct = true;
      query.program.select.push(label);
    }
    const [, things] = random.pick(event.kind.things);
    const slots = { things, t, who };
    return {
      program: query.program,
      variant: isCount ? 'count' : 'list',
      slots,
      frames: isCount
        ? {
            question: [
              'How many (different|distinct|unique) {things} are there{who}{t}?',
              'How many (different|distinct) {things} were recorded{who}{t}?',
              "(What is|What's) the number of (different|distinct|unique) {things}{who}{t}?",
              '(Can|Could) you tell me how many (different|distinct) {things} there are{who}{t}?',
            ],
            imperative: [
              'Count the (different|distinct|unique) {things}{who}{t}.',
              '(Give|Tell) me the number of (different|distinct) {things}{who}{t}.',
              'Find out how many (different|distinct) {things} there are{who}{t}.',
            ],
            telegraphic: ['number of (different|distinct|unique) {things}{who}{t}'],
          }
        : {
            question: [
              '(What|Which) {things} are there{who}{t}?',
              '(What|Which) (different|distinct) {things} were recorded{who}{t}?',
              '(Can|Could) you list the {things}{who}{t}?',
              'What are the (different |distinct |){things}{who}{t}?',
              'Which {things} do we see{who}{t}?',
              'Which {things} occurred{who}{t}?',
            ],
            imperative: [
              '(List|Show|Give me) (all |the |all distinct |the different ){things}{who}{t}.',
              'Tell me (which|what) {things} there are{who}{t}.',
              'I need a list of the {things}{who}{t}.',
              'Find all {things}{who}{t}.',
            ],
            telegraphic: ['{things}{who}{t}', 'list of {things}{who}{t}', 'all {things}{who}{t}'],
          },
    };
  },
};

/** COUNT(*) by month, year or quarter. */
export const eventsPerPeriod: Ask = {
  name: 'eventsPerPeriod',
  weight: 3,
  compose(asking) {
    const { draw, model } = asking;
    const { random } = draw;
    const isNamed = random.chance(0.45);
    const events = drawEvents(
      asking,
      (one) =>
        one.leads &&
        one.time !== undefined &&
        one.kind.acts.length > 0 &&
        (!isNamed || (one.label !== undefined && leadsFamily(model, one))),
      isNamed,
      { time: 0.25, who: 0.25 },
    );
    if (events === undefined) return undefined;
    const { query, event, t, who } = events;
    const value = isNamed ? drawName(draw, model, event.label!, event.kind.make) : undefined;
    if (value !== undefined) query.filter(compare(query.column(event.label!, 0), '=', use(value)));
    const of = column(0, event.time!.name);
    const part = (name: 'year' | 'month' | 'quarter' | 'weekday'): QueryExpression => ({
      kind: 'datePart',
      part: name,
      of,
    });
    const [period, parts] = random.pick([
      ['year', [part('year')]],
      ['year', [part('year')]],
      ['month', [part('year'), part('month')]],
      ['month', [part('year'), part('month')]],
      ['day of the week', [part('weekday')]],
      ['calendar month', [part('month')]],
    ] as const);
    query.program.select.push(...parts, { kind: 'count' });
    query.program.groupBy.push(...parts);
    const [, many] = random.pick(event.kind.acts);
    const things: Phrase =
      value === undefined
        ? [many]
        : fill('({x} {many}|{many} for {x})', { x: valuePhrase(value), many }, random);
    return {
      program: query.program,
      variant: period,
      slots: { things, t, who, period },
      frames: {
        question: [
          'How many {things} (are|were) there per {period}{who}{t}?',
          'How many {things} do we have (per|by|each) {period}{who}{t}?',
          "(What is|What's) the number of {things} (per|by) {period}{who}{t}?",
          'How did the number of {things}{who}{t} develop by {period}?',
          '(Can|Could) you count the {things} (per|by) {period}{who}{t}?',
          'For each {period}, how many {things} were there{who}{t}?',
        ],
        imperative: [
          'Count the {things} (per|by) {period}{who}{t}.',
          '(Show|Give me) the number of {things} (per|by|for each) {period}{who}{t}.',
          'Break down the {things}{who}{t} by {period}.',
          'Tell me how many {things} there were per {period}{who}{t}.',
        ],
        telegraphic: ['{things} (per|by) {period}{who}{t}', 'number of {things} by {period}{who}{t}'],
      },
    };
  },
};

/** COUNT(*) per label, or per trait of the event. */
export const eventsPerThing: Ask = {
  name: 'eventsPerThing',
  weight: 2,
  compose(asking) {
    const { random } = asking.draw;
    const isByTrait = random.chance(0.4);
    const events = drawEvents(
      asking,
      (one) => labelled(one) && leadsFamily(asking.model, one) && (!isByTrait || one.traits.length > 0),
      !isByTrait,
      { time: 0.35, who: 0.35 },
    );
    if (events === undefined) return undefined;
    const { query, event, t, who } = events;
    const trait = isByTrait ? random.pick(event.traits) : undefined;
    const by = query.column(trait ?? event.label!, 0);
    query.program.select.push(by, { kind: 'count' });
    query.program.groupBy.push(by);
    const [thing] = random.pick(event.kind.things);
    const [, acts] = random.pick(event.kind.acts);
    if (trait === undefined && acts.startsWith(thing)) return undefined;
    const key = trait === undefined ? thing : random.pick(traitWords(trait.name).asked);
    return {
      program: query.program,
      variant: trait === undefined ? 'label' : 'trait',
      slots: { acts, key, t, who },
      frames: {
        question: [
          'How many {acts} are there (per|for each|by) {key}{who}{t}?',
          "(What is|What's) the number of {acts} (per|by|for each) {key}{who}{t}?",
          'For each {key}, how many {acts} are there{who}{t}?',
          'How do {acts}{who}{t} break down by {key}?',
          '(Can|Could) you count the {acts} per {key}{who}{t}?',
        ],
        imperative: [
          'Count the {acts} (per|by|for each) {key}{who}{t}.',
          '(Show|Give me) the number of {acts} (per|by) {key}{who}{t}.',
          'Break down the {acts}{who}{t} by {key}.',
          'Group the {acts}{who}{t} by {key} and count them.',
        ],
        telegraphic: ['{acts} (per|by) {key}{who}{t}', 'number of {acts} by {key}{who}{t}'],
      },
    };
  },
};

/** IS NULL, or COUNT(column): what was never recorded. */
export const missingDetail: Ask = {
  name: 'missingDetail',
  weight: 2,
  compose(asking) {
    const { draw, model } = asking;
    const { random } = draw;
    const event = drawEvent(asking, (one) => one.leads && one.kind.acts.length > 0);
    if (event === undefined) return undefined;
    const details: [string, QueryExpression][] = [];
    const add = (word: string, of: { name: string; nullable: boolean } | undefined): void => {
      if (of?.nullable === true) details.push([word, column(0, of.name)]);
    };
    add('end date', event.end);
    add('unit', event.unit);
    add(random.pick(['result', 'value']), event.value);
    add('dose', event.dose);
    if (event.route?.joins.length === 0) add('route', event.route.column);
    if (details.length === 0) return undefined;
    const [detail, of] = random.pick(details);
    const query = new EventQuery(model, event.table.name);
    const value =
      event.label !== undefined && leadsFamily(model, event) && random.chance(0.4)
        ? drawName(draw, model, event.label, event.kind.make)
        : undefined;
    if (value !== undefined) query.filter(compare(query.column(event.label!, 0), '=', use(value)));
    const isMissing = random.chance(0.6);
    if (isMissing) query.filter(isNull(of));
    query.program.select.push(isMissing ? { kind: 'count' } : aggregateOf('COUNT', of));
    const [, many] = random.pick(event.kind.acts);
    const acts: Phrase =
      value === undefined
        ? [many]
        : fill('({x} {many}|{many} for {x})', { x: valuePhrase(value), many }, random);
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
          '(Show|Give|Tell) me how many {acts} {have}.',
          'Find the number of {acts} {without}.',
        ],
        telegraphic: ['number of {acts} {without}', '{acts} {without}, count'],
      },
    };
  },
};

/** SELECT code FROM catalogue WHERE label: what a thing's code is. */
export const codeOfThing: Ask = {
  name: 'codeOfThing',
  weight: 1.5,
  compose(asking) {
    const { draw, model } = asking;
    const { random } = draw;
    const event = drawEvent(
      asking,
      ({ label, code, kind }) => label !== undefined && code !== undefined && kind.things.length > 0,
    );
    if (event?.label === undefined) return undefined;
    const query = new EventQuery(model, event.label.table.name);
    const way = { ...event.label, joins: [] };
    const name = drawName(draw, model, way, event.kind.make);
    const of = column(0, event.code!.name);
    query.program.distinct = event.label.joins.length === 0;
    query.program.select.push(of);
    query.filter(compare(query.column(way, 0), '=', use(name)));
    const [thing] = random.pick(event.kind.things);
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
