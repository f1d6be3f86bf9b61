import type { Random } from '../../../../base/random.js';
import type { Column } from '../../../schema/bundle.js';
import { type Phrase, columnPhrase, valuePhrase } from '../../question/phrase.js';
import { plausibleRange } from '../../question/numbers.js';
import { countValue, thresholdValue } from '../../question/values.js';
import {
  type QueryExpression,
  type QueryValue,
  aggregateOf,
  column,
  compare,
} from '../../statement/program.js';
import type { EventAsk, Frames } from '../ask.js';
import type { EventModel, EventTable } from '../model.js';
import { drawPatient } from '../one-patient.js';
import { type Asking, drawEvent, drawPatientFact, sayPeople } from '../plan.js';
import { EventQuery, isNull } from '../query.js';
import { isMeasured, measuresOf } from '../spoken-event.js';
import { STATISTICS } from '../statistics.js';
import { fill } from '../template.js';
import { drawWhen, use, type TimeOf } from '../times.js';
import { drawName } from '../values.js';

// Questions about measured values.

interface Measured {
  query: EventQuery;
  event: EventTable;
  value: QueryExpression;
  /** What is measured: `__TEXT_1__ level`, or the words of a column. */
  m: Phrase;
  /** A number to compare it with. */
  limit(random: Random): QueryValue;
  t: Phrase;
  /** Adds the predicates of the time, which the question says last. */
  addTime(): void;
}

/** A measured value: that of a named test, or a column with a name of its own. */
function drawMeasured(
  asking: Asking,
  timeShare: number,
  isOfOne: boolean,
  of: TimeOf = 'event',
): Measured | undefined {
  const { draw, model } = asking;
  const { random } = draw;
  const isWide = random.chance(0.25);
  const event = drawEvent(asking, (one) =>
    isWide
      ? one.leads &&
        figuresOf(model, one).length > 1 &&
        (one.kind.name === 'observation' || one.kind.name === 'vitals') &&
        one.label === undefined
      : isMeasured(model, one),
  );
  if (event === undefined) return undefined;
  const query = new EventQuery(model, event.table.name);
  let measured: { column: Column; m: Phrase };
  let words = '';
  if (isWide) {
    const figure = random.pick(figuresOf(model, event));
    words = model.ownWords(event.table, figure);
    measured = { column: figure, m: columnPhrase(words) };
  } else {
    const name = drawName(draw, model, event.label!, event.kind.make);
    query.filter(compare(query.column(event.label!, 0), '=', use(name)));
    measured = {
      column: event.value!,
      m: fill(random.pick(measuresOf(model, event, name)), { x: valuePhrase(name) }, random),
    };
  }
  const time = drawWhen(draw, query, event, timeShare, isOfOne, of);
  return {
    query,
    event,
    value: column(0, measured.column.name),
    m: measured.m,
    limit: (own) => thresholdValue(own, measured, plausibleRange(words, words, false)),
    t: time.words,
    addTime: () => time.add(),
  };
}

interface MeasuredOfOne extends Measured {
  p: Phrase;
  s: Phrase;
}

/** The values of one patient; `time` is how often a time is said, `isTimed` whether the values must have one. */
function drawMeasuredOfOne(
  asking: Asking,
  { time = 0.4, isTimed = false, of = 'event' }: { time?: number; isTimed?: boolean; of?: TimeOf } = {},
): MeasuredOfOne | undefined {
  const measured = drawMeasured(asking, time, true, of);
  const patient = measured && drawPatient(asking, measured.event);
  if (measured === undefined || patient === undefined) return undefined;
  const { query, event } = measured;
  if (isTimed && event.time === undefined) return undefined;
  patient.filter(query, query.patientKey(event, 0));
  return { ...measured, p: patient.p, s: patient.s };
}

/** Numbers that a body has, and not the record. */
function figuresOf(model: EventModel, { table, figures }: EventTable): Column[] {
  const isElsewhere = ({ name }: Column): boolean =>
    model.events.some((other) => other.table !== table && other.figures.some((one) => one.name === name));
  return figures.filter(
    (column) =>
      !isElsewhere(column) &&
      !/confidence|count|number|quantity|warning|interval|minutes|range|limit|lower|upper|normal|score/.test(
        model.ownWords(table, column),
      ),
  );
}

/** MIN, MAX or AVG of a value of one patient. */
export const valueOfPatient: EventAsk = {
  name: 'valueOfPatient',
  weight: 4,
  compose(asking) {
    const { random } = asking.draw;
    const measured = drawMeasuredOfOne(asking);
    if (measured === undefined) return undefined;
    const { query, value, event, m, t, p, s } = measured;
    measured.addTime();
    const isTotal = event.kind.name === 'output' && random.chance(0.6);
    const [name, words] = isTotal ? (['SUM', ['total']] as const) : random.pick(STATISTICS);
    query.program.select.push(aggregateOf(name, value));
    return {
      program: query.program,
      slots: { p, s, m, t, word: random.pick(words) },
      frames: STATISTIC_OF_ONE,
    };
  },
};

const STATISTIC_OF_ONE: Frames = {
  question: [
    "(What is|What was|What's) the {word} {m} of {p}{t}?",
    '(What is|What was) {s} {word} {m}{t}?',
    '(Can|Could) you tell me the {word} {m} of {p}{t}?',
    'What has been the {word} {m} for {p}{t}?',
    'For {p}, what was the {word} {m}{t}?',
    'Do you know the {word} {m} of {p}{t}?',
    "What's the {word} {m} recorded for {p}{t}?",
    '(So|Ok,) what was {s} {word} {m}{t}?',
    '(Hi,|Please,) what is the {word} {m} of {p}{t}?',
  ],
  imperative: [
    '(Show|Give|Tell) me the {word} {m} of {p}{t}.',
    '(Find|Get|Calculate) {s} {word} {m}{t}.',
    'For {p}, show the {word} {m}{t}.',
    'I need the {word} {m} of {p}{t}.',
    'Look up the {word} {m} for {p}{t}.',
    'Let me know {s} {word} {m}{t}.',
  ],
  telegraphic: ['{word} {m} of {p}{t}', '{s} {word} {m}{t}', '{p}: {word} {m}{t}'],
};

/** TOP (1) value ORDER BY time: the first or last value of one patient. */
export const lastValue: EventAsk = {
  name: 'lastValue',
  weight: 4,
  compose(asking) {
    const { random } = asking.draw;
    const measured = drawMeasuredOfOne(asking, { isTimed: true, of: 'asked event' });
    if (measured === undefined) return undefined;
    const { query, value, event, m, t, p, s } = measured;
    measured.addTime();
    const isFirst = random.chance(0.4);
    query.program.top = 1;
    query.program.select.push(value);
    query.program.orderBy.push({ by: column(0, event.time!.name), direction: isFirst ? 'ASC' : 'DESC' });
    const word = isFirst
      ? random.pick(['first', 'earliest', 'initial'])
      : random.pick(['last', 'last', 'latest', 'most recent']);
    return {
      program: query.program,
      slots: { p, s, m, t, word },
      last: event.label === undefined ? [isNull(value, true)] : [],
      frames: STATISTIC_OF_ONE,
    };
  },
};

/** TOP (1) time ORDER BY value: when a value was lowest or highest. */
export const whenExtreme: EventAsk = {
  name: 'whenExtreme',
  weight: 1.5,
  compose(asking) {
    const { random } = asking.draw;
    const measured = drawMeasuredOfOne(asking, { time: 0.3, isTimed: true, of: 'asked event' });
    if (measured === undefined) return undefined;
    const { query, value, event, m, t, p, s } = measured;
    measured.addTime();
    const isMax = random.chance(0.5);
    const isFirst = random.chance(0.4);
    const time = column(0, event.time!.name);
    query.program.top = 1;
    query.program.select.push(time);
    query.program.orderBy.push(
      { by: value, direction: isMax ? 'DESC' : 'ASC' },
      { by: time, direction: isFirst ? 'ASC' : 'DESC' },
    );
    const slots = {
      p,
      s,
      m,
      t,
      word: isMax ? random.pick(['maximum', 'highest']) : random.pick(['minimum', 'lowest']),
      ord: isFirst ? 'first' : 'last',
    };
    return {
      program: query.program,
      slots,
      last: [isNull(value, true)],
      frames: {
        question: [
          'When was the {ord} time {p} had the {word} {m}{t}?',
          'When did {p} {ord} have the {word} {m}{t}?',
          'When was {s} {m} {ord} at its {word}{t}?',
          '(Can|Could) you tell me when {p} {ord} had the {word} {m}{t}?',
          'On what date did {p} {ord} have the {word} {m}{t}?',
          'What was the {ord} time that {p} had the {word} {m}{t}?',
        ],
        imperative: [
          'Tell me when {p} {ord} had the {word} {m}{t}.',
          'Find the {ord} time {p} had the {word} {m}{t}.',
          '(Show|Give) me the {ord} date on which {s} {m} was at its {word}{t}.',
        ],
        telegraphic: ['{ord} time {p} had the {word} {m}{t}', 'when {p} {ord} had the {word} {m}{t}'],
      },
    };
  },
};

/** CASE WHEN COUNT(*) > 0: whether a value of a patient went beyond a limit. */
export const valueBeyond: EventAsk = {
  name: 'valueBeyond',
  weight: 1.5,
  compose(asking) {
    const { draw } = asking;
    const { random } = draw;
    const measured = drawMeasuredOfOne(asking, { time: 0.3 });
    if (measured === undefined) return undefined;
    const { query, value, m, t, p, s } = measured;
    const limit = draw.fresh(() => measured.limit(random));
    const isAbove = random.chance(0.6);
    query.filter(compare(value, isAbove ? '>' : '<', use(limit)));
    measured.addTime();
    query.program.select.push({ kind: 'anyRow' });
    const beyond = fill(
      isAbove ? '(above|over|higher than|greater than) {n}' : '(below|under|lower than|less than) {n}',
      { n: valuePhrase(limit) },
      random,
    );
    return {
      program: query.program,
      slots: { p, s, m, t, beyond },
      frames: {
        question: [
          'Was {s} {m} ever {beyond}{t}?',
          'Has {s} {m} been {beyond}{t}?',
          'Did {p} have {a m} {beyond}{t}?',
          'Has {p} ever had {a m} {beyond}{t}?',
          '(Can|Could) you tell me (if|whether) {s} {m} was {beyond}{t}?',
          'Has the {m} of {p} ever been {beyond}{t}?',
        ],
        imperative: [
          '(Check|Tell me|Find out) (if|whether) {s} {m} was ever {beyond}{t}.',
          '(Check|Tell me) (if|whether) {p} had {a m} {beyond}{t}.',
        ],
        telegraphic: ['{s} {m} ever {beyond}{t}?', 'any {m} {beyond} for {p}{t}'],
      },
    };
  },
};

/** MIN, MAX or AVG of a value over all patients, or some. */
export const valueOfAll: EventAsk = {
  name: 'valueOfAll',
  weight: 3,
  compose(asking) {
    const { random } = asking.draw;
    const measured = drawMeasured(asking, 0.4, false);
    if (measured === undefined) return undefined;
    const { query, value, event, m, t } = measured;
    const fact = random.chance(0.5) ? drawPatientFact(asking, ['trait', 'trait', 'age']) : undefined;
    if (fact !== undefined) {
      const at = query.toPatient(event, 0);
      if (at === undefined) return undefined;
      query.filter(...fact.predicates(query, at));
    }
    measured.addTime();
    const [name, words] = random.pick(STATISTICS);
    query.program.select.push(aggregateOf(name, value));
    const { full } = sayPeople(asking, fact === undefined ? [] : [fact]);
    const who =
      fact === undefined
        ? fill('(| across all patients| of all patients)', {}, random)
        : fill(' (of|in|among|for) {full}', { full }, random);
    return {
      program: query.program,
      slots: { m, t, who, word: random.pick(words) },
      frames: {
        question: [
          "(What is|What was|What's) the {word} {m}{t}{who}?",
          '(Can|Could) you tell me the {word} {m}{t}{who}?',
          'What {word} {m} do we see{t}{who}?',
          'Do you know the {word} {m}{t}{who}?',
          'May I see the {word} {m}{t}{who}?',
        ],
        imperative: [
          '(Show|Give|Tell) me the {word} {m}{t}{who}.',
          '(Calculate|Compute|Find) the {word} {m}{t}{who}.',
          'I need the {word} {m}{t}{who}.',
          'Work out the {word} {m}{t}{who}.',
        ],
        telegraphic: ['{word} {m}{t}{who}', 'the {word} {m}{t}{who}'],
      },
    };
  },
};

/** TOP (n) values ORDER BY time: the last results of a patient. */
export const lastValues: EventAsk = {
  name: 'lastValues',
  weight: 1.5,
  compose(asking) {
    const { random, fresh } = asking.draw;
    const measured = drawMeasuredOfOne(asking, { time: 0.2, isTimed: true, of: 'asked event' });
    if (measured === undefined) return undefined;
    const { query, value, event, m, t, p, s } = measured;
    // A name alone has no plural: `the last three sodiums`.
    const [first] = m;
    if (typeof first === 'string' && / of $/.test(first)) return undefined;
    if (typeof m.at(-1) === 'object' && measured.event.label !== undefined) return undefined;
    measured.addTime();
    const n = fresh.call(asking.draw, () => countValue(random, 2, 20));
    const isFirst = random.chance(0.25);
    const time = column(0, event.time!.name);
    query.program.top = n;
    query.program.select.push(time, value);
    query.program.orderBy.push({ by: time, direction: isFirst ? 'ASC' : 'DESC' });
    const slots = {
      p,
      s,
      m,
      t,
      n: valuePhrase(n),
      word: isFirst ? 'first' : random.pick(['last', 'latest', 'most recent']),
    };
    return {
      program: query.program,
      slots,
      // A row of several figures may lack this one.
      last: event.label === undefined ? [isNull(value, true)] : [],
      frames: {
        question: [
          'What were the {word} {n} {m}s of {p}{t}, with their times?',
          'What were {s} {word} {n} {m}s{t}, and when?',
          '(Can|Could) you show the {word} {n} {m}s of {p}{t}, with their dates?',
        ],
        imperative: [
          '(Show|List|Give me) the {word} {n} {m}s of {p}{t}, with their times.',
          '(Show|List) the date and value of {s} {word} {n} {m}s{t}.',
          'For {p}, list the time and value of the {word} {n} {m}s{t}.',
        ],
        telegraphic: ['{word} {n} {m}s of {p}{t}, with dates', '{s} {word} {n} {m}s, date and value{t}'],
      },
    };
  },
};
