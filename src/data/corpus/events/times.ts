import { parseSqlType } from '../../../tsql/types.js';
import type { Column } from '../../schema/bundle.js';
import type { SampleDraw } from '../draw.js';
import { valuePhrase, type Phrase } from '../question/phrase.js';
import { countValue } from '../question/values.js';
import {
  column,
  compare,
  type DateUnit,
  type QueryExpression,
  type QueryPredicate,
  type QueryValue,
} from '../statement/program.js';
import { fill } from './template.js';
import type { EventTable } from './model.js';
import { isNull, NOW, type EventQuery } from './query.js';

/** When something happened: the words, starting with a space, and the predicates on its time. */
export interface SpokenTime {
  words: Phrase;
  predicates(of: QueryExpression): QueryPredicate[];
}

/** When an event happened: at some time, or, if it is that of one patient, during the stay that has not ended. */
export function drawWhen(
  draw: SampleDraw,
  query: EventQuery,
  event: EventTable,
  share: number,
  isOfOne = true,
  of: TimeOf = 'event',
): { words: Phrase; add(): void } {
  const { random } = draw;
  const stay = event.encounter?.of;
  const end = stay?.end;
  // Visits have no end where nobody is discharged.
  if (isOfOne && stay?.kind.name !== 'visit' && end?.nullable === true && random.chance(0.14)) {
    const [one] = random.pick(stay!.kind.acts);
    const words = fill(` during (the|their) current ${one}`, {}, random);
    return {
      words,
      add: () => {
        const at = query.follow(0, event.encounter!.joins);
        query.program.from[at]!.join!.isSaid = true;
        query.filter(isNull(column(at, end.name)));
      },
    };
  }
  const time = event.time !== undefined && random.chance(share) ? drawTime(draw, event.time, of) : undefined;
  return {
    words: time?.words ?? [],
    add: () => query.filter(...(time?.predicates(column(0, event.time!.name)) ?? [])),
  };
}

/** From which year the invented dates come, those of events and those of births. */
const EARLIEST = {
  now: { event: [1998, 2004, 2008, 2010, 2012, 2012], birth: [1920, 1935, 1948, 1955, 1964, 1978, 1990] },
  shifted: { event: [2098, 2105, 2110, 2130, 2150, 2180], birth: [2020, 2035, 2048, 2060, 2075] },
};

const AGO_UNITS = ['day', 'day', 'week', 'month', 'month', 'year', 'year'] as const;
const MOST_AGO = { day: 90, week: 10, month: 18, year: 10 };

/** A birth, which only dates will tell; an event, whose day the question may ask for; or a time without any. */
export type TimeOf = 'birth' | 'event' | 'asked event' | 'absence';

/** A point or span of time, as people say it. */
export function drawTime(draw: SampleDraw, at: Column, of: TimeOf = 'event'): SpokenTime {
  const { random } = draw;
  const base = parseSqlType(at.type)?.base;
  // A smalldatetime ends in 2079.
  const isNow = base === 'smalldatetime' ? draw.mayMeanNow() : draw.era === 'now';
  const kind = of === 'birth' || !isNow ? 0 : random.int(10);
  if (kind < 4) return absolute(draw, base, of);
  if (kind < 8) return ago(draw, of);
  return named(draw, of);
}

/** Says the period as `the end of 2015`, which the vault takes out as one date, if `isEnd`. */
function asEnd(period: QueryValue, isEnd: boolean): boolean {
  if (isEnd) Object.assign(period, { value: period.value ?? period.text, text: `the end of ${period.text}` });
  return isEnd;
}

function absolute(draw: SampleDraw, base: string | undefined, about: TimeOf): SpokenTime {
  const { random } = draw;
  const isBirth = about === 'birth';
  const era = base === 'smalldatetime' ? 'now' : draw.era;
  const earliest = random.pick(EARLIEST[era][isBirth ? 'birth' : 'event']);
  const isDay = base === 'date';
  // Who asks for a day does not name it.
  const period =
    about === 'asked event' || random.chance(0.75)
      ? random.pick(['year', 'year', 'month', 'month', 'quarter'] as const)
      : undefined;
  const make = (from: number): QueryValue => draw.datedValue(period, from);
  const unit: DateUnit = period ?? 'day';
  const first = make(earliest);
  const d = valuePhrase(first);
  const next = (value: QueryValue): QueryExpression => ({ kind: 'dateAdd', unit, amount: 1, to: use(value) });
  const isPoint = period === undefined && isDay;
  const words = (template: string, slots: Record<string, Phrase> = { d }): Phrase =>
    fill(` ${template}`, slots, random);
  // `Has not been given x until 2010` is not said.
  // Nor is the first one until 2010 asked for.
  const way =
    isBirth || about === 'absence' || about === 'asked event' ? random.between(2, 5) : random.int(6);
  // Whether `until March` takes March in is open.
  switch (way === 1 && (period === 'month' || period === 'quarter') ? 2 : way) {
    case 0:
      return {
        words: words(period === undefined ? '(since|since|on or after) {d}' : 'since {d}'),
        predicates: (of) => [compare(of, '>=', use(first))],
      };
    case 1:
      return {
        words: words(
          period === undefined
            ? '(up to and including|on or before) {d}'
            : asEnd(first, random.int(4) < 3)
              ? '(by|by|up to) {d}'
              : 'until {d}',
        ),
        predicates: (of) => [isPoint ? compare(of, '<=', use(first)) : compare(of, '<', next(first))],
      };
    case 2:
      return {
        words: words('(before|before|prior to) {d}'),
        predicates: (of) => [compare(of, '<', use(first))],
      };
    case 3:
      return {
        words: words('after {d}'),
        predicates: (of) => [isPoint ? compare(of, '>', use(first)) : compare(of, '>=', next(first))],
      };
    case 4: {
      const second = make(earliest + 7);
      return {
        words: words('(between {d} and {e}|from {d} to {e})', { d, e: valuePhrase(second) }),
        predicates: (of) =>
          isPoint
            ? [{ kind: 'between', of, low: use(first), high: use(second) }]
            : [compare(of, '>=', use(first)), compare(of, '<', next(second))],
      };
    }
    default:
      return {
        words: words(period === undefined ? 'on {d}' : '(in|in|in|during) {d}'),
        predicates: (of) =>
          isPoint
            ? [compare(of, '=', use(first))]
            : [compare(of, '>=', use(first)), compare(of, '<', next(first))],
      };
  }
}

/** Births of a year or of several, where a column holds the year. */
export function drawBirthYear(draw: SampleDraw): SpokenTime {
  const { random } = draw;
  const earliest = random.pick(EARLIEST[draw.era].birth);
  const first = draw.datedValue('year', earliest);
  const year = (value: QueryValue): QueryExpression => ({ kind: 'datePart', part: 'year', of: use(value) });
  const d = valuePhrase(first);
  const [operator, words] = random.pick([
    ['=', 'in {d}'], ['=', 'in {d}'], ['=', 'in the year {d}'], ['<', 'before {d}'], ['>', 'after {d}'], ['>=', 'in {d} or later'], ['<=', 'in {d} or earlier'], ['between', ''],
  ] as const); // prettier-ignore
  if (operator !== 'between') {
    return {
      words: fill(` ${words}`, { d }, random),
      predicates: (of) => [compare(of, operator, year(first))],
    };
  }
  const second = draw.datedValue('year', earliest + 7);
  return {
    words: fill(' (between {d} and {e}|from {d} to {e})', { d, e: valuePhrase(second) }, random),
    predicates: (of) => [{ kind: 'between', of, low: year(first), high: year(second) }],
  };
}

/** `in the last 30 days`, `since 2 years ago`, `more than 3 months ago`. */
function ago(draw: SampleDraw, about: TimeOf): SpokenTime {
  const { random } = draw;
  const unit = random.pick(AGO_UNITS);
  const amount = draw.fresh(() =>
    countValue(random, 2, unit === 'day' && random.chance(0.04) ? 1800 : MOST_AGO[unit]),
  );
  const start: QueryExpression = { kind: 'ago', unit, amount };
  const slots = { n: valuePhrase(amount), units: `${unit}s` };
  const words = (template: string): Phrase => fill(` ${template}`, slots, random);
  // Neither `without a test since 3 days ago` is said, nor `the last test since 3 days ago`.
  const rare = about === 'absence' || about === 'asked event' ? [] : [0, 0, 0, 1, 1, 2];
  switch (rare.length > 0 && random.chance(0.07) ? random.pick(rare) : 3) {
    case 0:
      return {
        words: words('(more than|over) {n} {units} ago'),
        predicates: (of) => [compare(of, '<', start)],
      };
    case 1:
      return {
        words: words('at least {n} {units} ago'),
        predicates: (of) => [compare(of, '<=', start)],
      };
    case 2:
      return { words: words('since {n} {units} ago'), predicates: (of) => [compare(of, '>=', start)] };
    default:
      return {
        words: words('(in|in|within|over|during) the (last|last|past) {n} {units}'),
        predicates: (of) => [compare(of, '>=', start)],
      };
  }
}

/** `last year`, `this month`, `yesterday`: by the calendar. `In the last year` might mean 12 months and is not said. */
function named({ random }: SampleDraw, about: TimeOf): SpokenTime {
  const year = (of: QueryExpression): QueryExpression => ({ kind: 'datePart', part: 'year', of });
  const unit = random.pick(
    about === 'asked event' || about === 'absence'
      ? (['year', 'year', 'month'] as const)
      : (['year', 'year', 'month', 'day'] as const),
  );
  const isLast = random.chance(0.5);
  if (unit === 'year') {
    const now: QueryExpression = isLast ? { kind: 'minus', of: year(NOW), amount: 1 } : year(NOW);
    return {
      words: fill(
        isLast
          ? ' (last year|last year|in the last calendar year)'
          : ' (this year|this year|in the current year)',
        {},
        random,
      ),
      predicates: (of) => [compare(year(of), '=', now)],
    };
  }
  const apart = (of: QueryExpression): QueryPredicate =>
    compare({ kind: 'dateDiff', unit, from: of, to: NOW }, '=', { kind: 'number', value: isLast ? 1 : 0 });
  const words =
    unit === 'day'
      ? isLast
        ? ' yesterday'
        : ' today'
      : isLast
        ? ' last month'
        : ' (this month|this month|in the current month)';
  return { words: fill(words, {}, random), predicates: (of) => [apart(of)] };
}

export function use(value: QueryValue): QueryExpression {
  return { kind: 'value', value };
}
