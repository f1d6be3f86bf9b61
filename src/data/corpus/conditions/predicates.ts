import type { Attribute } from '../topics/entities.js';
import type { SampleDraw } from '../draw.js';
import { columnPhrase, say, sayList, tablePhrase, valuePhrase, type Phrase } from '../question/phrase.js';
import {
  compare,
  type ComparisonOperator,
  type DateUnit,
  type QueryExpression,
  type QueryPredicate,
  type QueryValue,
} from '../statement/program.js';
import { countValue, daysValue, idValue, thresholdValue } from '../question/values.js';
import { pluralise } from '../topics/words.js';
import { isBirthDate } from '../topics/uses.js';
import { plausibleRange, type NumberRange } from '../question/numbers.js';
import { textFor } from './texts.js';
import type { ConditionName } from './wordings.js';

/** What a predicate is about: an attribute with its phrase, and the column it is compared with, if any. */
export interface Subject {
  attribute: Attribute;
  phrase: string;
  of: QueryExpression;
  other?: { of: QueryExpression; phrase: string } | undefined;
}

export interface Built {
  predicates: QueryPredicate[];
  values: Phrase[];
  own?: Phrase | undefined;
}

/** The predicates that a condition's words mean (see the table in `conditions.ts`), and the values to say. */
export function buildPredicates(draw: SampleDraw, name: ConditionName, subject: Subject): Built {
  const { attribute, of, other } = subject;
  switch (name) {
    case 'idIs':
    case 'idIsNot':
    case 'idIn':
    case 'idNotIn':
      return buildId(draw, name, subject);
    case 'dateOn':
    case 'dateAfter':
    case 'dateBefore':
    case 'dateFrom':
    case 'dateUntil':
    case 'dateIn':
    case 'dateBetween':
      return attribute.kind === 'year' ? buildYear(draw, name, of) : buildDate(draw, name, attribute, of);
    case 'numberBetween': {
      const range = numbersOf(attribute);
      const middle = range.low + range.step * Math.floor((range.high - range.low) / range.step / 2);
      const low = draw.fresh(() => thresholdValue(draw.random, attribute, { ...range, high: middle }));
      const high = draw.fresh(() =>
        thresholdValue(draw.random, attribute, { ...range, low: middle + range.step }),
      );
      return {
        predicates: [{ kind: 'between', of, low: use(low), high: use(high) }],
        values: [valuePhrase(low), valuePhrase(high)],
      };
    }
    case 'numberIs':
    case 'numberIsNot':
    case 'numberAbove':
    case 'numberBelow':
    case 'numberAtLeast':
    case 'numberAtMost': {
      const value = draw.fresh(() => thresholdValue(draw.random, attribute, numbersOf(attribute)));
      return { predicates: [compare(of, NUMBER_OPERATORS[name], use(value))], values: [valuePhrase(value)] };
    }
    case 'textIs':
    case 'textIsNot': {
      const value = draw.fresh(() => textFor(draw.random, attribute, name));
      const operator = name === 'textIs' ? '=' : '<>';
      return { predicates: [compare(of, operator, use(value))], values: [valuePhrase(value)] };
    }
    case 'textIn': {
      const values = [
        draw.fresh(() => textFor(draw.random, attribute, name)),
        draw.fresh(() => textFor(draw.random, attribute, name)),
      ];
      return { predicates: [{ kind: 'in', of, values, negated: false }], values: values.map(valuePhrase) };
    }
    case 'textStarts':
    case 'textContains':
    case 'textEnds':
    case 'textContainsNot': {
      const value = draw.fresh(() => textFor(draw.random, attribute, name));
      const match = name === 'textStarts' ? 'starts' : name === 'textEnds' ? 'ends' : 'contains';
      return {
        predicates: [{ kind: 'like', of, match, value, negated: name === 'textContainsNot' }],
        values: [valuePhrase(value)],
      };
    }
    case 'isNull':
    case 'isNotNull':
      return { predicates: [{ kind: 'null', of, negated: name === 'isNotNull' }], values: [] };
    case 'flagTrue':
    case 'flagFalse': {
      const bit: QueryExpression = { kind: 'number', value: name === 'flagTrue' ? 1 : 0 };
      return { predicates: [compare(of, '=', bit)], values: [] };
    }
    case 'withinLast':
    case 'longerAgo': {
      const unit = draw.random.pick(AGO_UNITS);
      const amount = draw.fresh(() => countValue(draw.random, 2, MOST_AGO[unit] ?? 5));
      const start: QueryExpression = { kind: 'ago', unit, amount };
      const operator = name === 'withinLast' ? '>=' : '<';
      return { predicates: [compare(of, operator, start)], values: [say`${valuePhrase(amount)} ${unit}s`] };
    }
    case 'afterColumn':
    case 'aboveColumn':
      return { predicates: [compare(of, '>', other!.of)], values: [columnPhrase(other!.phrase)] };
    case 'beforeColumn':
    case 'belowColumn':
      return { predicates: [compare(of, '<', other!.of)], values: [columnPhrase(other!.phrase)] };
    case 'daysApart': {
      const days = draw.fresh(() => daysValue(draw.random));
      const apart: QueryExpression = { kind: 'dateDiff', unit: 'day', from: other!.of, to: of };
      const values = [say`${valuePhrase(days)} days`, columnPhrase(other!.phrase)];
      return { predicates: [compare(apart, '>', use(days))], values };
    }
    case 'ageAbove':
    case 'ageBelow':
      throw new RangeError('buildPredicates: an age is built by drawCondition');
    case 'thisYear': {
      const year = (e: QueryExpression): QueryExpression => ({ kind: 'datePart', part: 'year', of: e });
      return { predicates: [compare(year(of), '=', year({ kind: 'now' }))], values: [] };
    }
  }
}

const AGO_UNITS: DateUnit[] = ['day', 'week', 'month', 'year'];
const MOST_AGO: Partial<Record<DateUnit, number>> = { day: 90, week: 8, month: 18 };

const NUMBER_OPERATORS: Record<
  'numberIs' | 'numberIsNot' | 'numberAbove' | 'numberBelow' | 'numberAtLeast' | 'numberAtMost',
  ComparisonOperator
> = {
  numberIs: '=',
  numberIsNot: '<>',
  numberAbove: '>',
  numberBelow: '<',
  numberAtLeast: '>=',
  numberAtMost: '<=',
};

function buildId(
  draw: SampleDraw,
  name: 'idIs' | 'idIsNot' | 'idIn' | 'idNotIn',
  { attribute, phrase, of }: Subject,
): Built {
  const noun = draw.referenceNoun(attribute);
  const isSayable = attribute.path.length === 0;
  const isNegated = name === 'idIsNot' || name === 'idNotIn';
  const byReference =
    isSayable &&
    noun !== undefined &&
    (isNegated || attribute.target === 'patient' || attribute.target === 'place');
  const said = byReference ? noun : phrase;
  const first = draw.fresh(() => idValue(draw.random, attribute, said));
  if (name === 'idIn' || name === 'idNotIn') {
    const values = [first, draw.fresh(() => idValue(draw.random, attribute, said, first))];
    const phrases = values.map(valuePhrase);
    const built: Built = {
      predicates: [{ kind: 'in', of, values, negated: name === 'idNotIn' }],
      values: phrases,
    };
    const many = tablePhrase(pluralise(noun ?? said));
    if (byReference)
      built.own =
        name === 'idIn'
          ? say`for ${many} ${sayList(phrases, 'and')}`
          : say`for ${many} other than ${sayList(phrases, 'and')}`;
    return built;
  }
  const built: Built = {
    predicates: [compare(of, name === 'idIs' ? '=' : '<>', use(first))],
    values: [valuePhrase(first)],
  };
  if (byReference) {
    const named = say`${tablePhrase(noun)} ${valuePhrase(first)}`;
    if (name === 'idIsNot')
      built.own = say`for ${tablePhrase(pluralise(noun))} other than ${valuePhrase(first)}`;
    else built.own = say`${attribute.target === 'patient' ? draw.wording(['for', 'of']) : 'for'} ${named}`;
  }
  return built;
}

function buildDate(draw: SampleDraw, name: ConditionName, attribute: Attribute, of: QueryExpression): Built {
  const isMoment = attribute.kind === 'datetime';
  const period =
    name === 'dateIn' || (name !== 'dateOn' && draw.random.chance(draw.knobs.periodShare))
      ? draw.period()
      : undefined;
  // People were born long ago.
  const since = isBirthDate(attribute) ? draw.random.between(1930, 2000) : 2010;
  const make = (earliest: number): QueryValue => draw.datedValue(period, earliest);
  const unit: DateUnit = period ?? 'day';
  const next = (value: QueryValue): QueryExpression => ({ kind: 'dateAdd', unit, amount: 1, to: use(value) });
  // A day is one value in a date column. In a datetime column it is a half-open interval, as is any period.
  const isInterval = isMoment || period !== undefined;
  const first = make(since);
  const from = compare(of, '>=', use(first));
  const values = [valuePhrase(first)];
  switch (name) {
    case 'dateAfter':
      return {
        predicates: [isInterval ? compare(of, '>=', next(first)) : compare(of, '>', use(first))],
        values,
      };
    case 'dateBefore':
      return { predicates: [compare(of, '<', use(first))], values };
    case 'dateFrom':
      return { predicates: [from], values };
    case 'dateUntil':
      return {
        predicates: [isInterval ? compare(of, '<', next(first)) : compare(of, '<=', use(first))],
        values,
      };
    case 'dateBetween': {
      const second = make(since + 7);
      const both = [...values, valuePhrase(second)];
      if (isInterval) return { predicates: [from, compare(of, '<', next(second))], values: both };
      return { predicates: [{ kind: 'between', of, low: use(first), high: use(second) }], values: both };
    }
    default:
      if (isInterval) return { predicates: [from, compare(of, '<', next(first))], values };
      return { predicates: [compare(of, '=', use(first))], values };
  }
}

function buildYear(draw: SampleDraw, name: ConditionName, of: QueryExpression): Built {
  const year = (value: QueryValue): QueryExpression => ({ kind: 'datePart', part: 'year', of: use(value) });
  const first = draw.datedValue('year', 1950);
  const values = [valuePhrase(first)];
  if (name === 'dateBetween') {
    const second = draw.datedValue('year', 1970);
    return {
      predicates: [{ kind: 'between', of, low: year(first), high: year(second) }],
      values: [...values, valuePhrase(second)],
    };
  }
  const operators: Partial<Record<ConditionName, ComparisonOperator>> = {
    dateAfter: '>',
    dateBefore: '<',
    dateFrom: '>=',
    dateUntil: '<=',
  };
  return { predicates: [compare(of, operators[name] ?? '=', year(first))], values };
}

function numbersOf({ phrases, words, role }: Attribute): NumberRange {
  return plausibleRange(phrases[0]!, words, role === 'money');
}

function use(value: QueryValue): QueryExpression {
  return { kind: 'value', value };
}
