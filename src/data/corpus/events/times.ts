import { parseSqlType } from '../../../tsql/types.js';
import type { Column } from '../../schema/bundle.js';
import type { SampleDraw } from '../draw.js';
import { valuePhrase, type Phrase } from '../question/phrase.js';
import { countValue, dateValue, periodValue } from '../question/values.js';
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
): { words: Phrase; add(): void } {
  const { random } = draw;
  const stay = event.encounter?.of;
  const end = stay?.end;
  if (isOfOne && end?.nullable === true && random.chance(0.14)) {
    const [one] = random.pick(stay!.kind.acts);
    const words = fill(` (during|on|in) (the|their) current ${one}`, {}, random);
    return {
      words,
      add: () => {
        const at = query.follow(0, event.encounter!.joins);
        query.program.from[at]!.join!.isSaid = true;
        query.filter(isNull(column(at, end.name)));
      },
    };
  }
  const time = event.time !== undefined && random.chance(share) ? drawTime(draw, event.time) : undefined;
  return {
    words: time?.words ?? [],
    add: () => query.filter(...(time?.predicates(column(0, event.time!.name)) ?? [])),
  };
}

/** From which year the invented dates come: databases shift dates by a century to hide them. */
const EARLIEST = [1995, 2008, 2010, 2014, 2018, 2098, 2100, 2105, 2110, 2130, 2180];

const AGO_UNITS: DateUnit[] = ['day', 'day', 'week', 'month', 'month', 'year', 'year'];

/**
 * A point or span of time of an event, as people say it.
 * @param isAbsolute whether only dates will do, as for a birth
 */
export function drawTime(draw: SampleDraw, at: Column, isAbsolute = false): SpokenTime {
  const { random } = draw;
  const kind = isAbsolute ? 0 : random.int(10);
  const base = parseSqlType(at.type)?.base;
  if (kind < 5) return absolute(draw, base, isAbsolute);
  if (kind < 8) return ago(draw);
  return named(draw);
}

function absolute(draw: SampleDraw, base: string | undefined, isBirth: boolean): SpokenTime {
  const { random, knobs } = draw;
  // A smalldatetime ends in 2079.
  const earliest = random.pick(base === 'smalldatetime' ? EARLIEST.filter((year) => year < 2070) : EARLIEST);
  const isDay = base === 'date';
  const period = random.chance(0.75)
    ? random.pick(['year', 'year', 'month', 'month', 'quarter'] as const)
    : undefined;
  const make = (from: number): QueryValue =>
    draw.fresh(() =>
      period === undefined ? dateValue(random, knobs.dateFormats, from) : periodValue(random, period, from),
    );
  const unit: DateUnit = period ?? 'day';
  const first = make(earliest);
  const d = valuePhrase(first);
  const next = (value: QueryValue): QueryExpression => ({ kind: 'dateAdd', unit, amount: 1, to: use(value) });
  const isPoint = period === undefined && isDay;
  const words = (template: string, slots: Record<string, Phrase> = { d }): Phrase =>
    fill(` ${template}`, slots, random);
  switch (isBirth ? random.between(2, 5) : random.int(6)) {
    case 0:
      return {
        words: words(period === undefined ? '(since|since|from) {d}' : '(since|since|starting in) {d}'),
        predicates: (of) => [compare(of, '>=', use(first))],
      };
    case 1:
      return {
        words: words('(until|until|up to|through) {d}'),
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

/** `in the last 30 days`, `since 2 years ago`, `more than 3 months ago`. */
function ago(draw: SampleDraw): SpokenTime {
  const { random } = draw;
  const unit = random.pick(AGO_UNITS);
  const amount = draw.fresh(() =>
    countValue(random, 2, unit === 'day' ? (random.chance(0.3) ? 1800 : 90) : 24),
  );
  const start: QueryExpression = { kind: 'ago', unit, amount };
  const slots = { n: valuePhrase(amount), units: `${unit}s` };
  const words = (template: string): Phrase => fill(` ${template}`, slots, random);
  switch (random.int(6)) {
    case 0:
      return {
        words: words('(more than|over) {n} {units} ago'),
        predicates: (of) => [compare(of, '<', start)],
      };
    case 1:
      return { words: words('until {n} {units} ago'), predicates: (of) => [compare(of, '<=', start)] };
    case 2:
    case 3:
      return { words: words('since {n} {units} ago'), predicates: (of) => [compare(of, '>=', start)] };
    default:
      return {
        words: words('(in|in|within|over|during) the (last|last|past) {n} {units}'),
        predicates: (of) => [compare(of, '>=', start)],
      };
  }
}

/** `last year`, `this month`, `yesterday`: by the calendar. `In the last year` might mean 12 months and is not said. */
function named({ random }: SampleDraw): SpokenTime {
  const year = (of: QueryExpression): QueryExpression => ({ kind: 'datePart', part: 'year', of });
  const unit = random.pick(['year', 'year', 'month', 'day'] as const);
  const isLast = random.chance(0.5);
  if (unit === 'year') {
    const now: QueryExpression = isLast ? { kind: 'minus', of: year(NOW), amount: 1 } : year(NOW);
    return {
      words: fill(
        isLast
          ? ' (last year|last year|in last year|during last year)'
          : ' (this year|this year|in this year|in the current year)',
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
        ? ' (last month|last month|during last month)'
        : ' (this month|in this month|in the current month)';
  return { words: fill(words, {}, random), predicates: (of) => [apart(of)] };
}

export function use(value: QueryValue): QueryExpression {
  return { kind: 'value', value };
}
