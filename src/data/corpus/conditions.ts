import type { Attribute, AttributeKind } from './entities.js';
import type { Draw } from './draw.js';
import { columnName, say, sayList, tableName, valuePhrase, type Phrase } from './phrase.js';
import {
  compare,
  type Comparison,
  type DateUnit,
  type Expression,
  type Predicate,
  type Value,
} from './program.js';
import { dateValue, idValue, periodValue, textValue, thresholdValue } from './values.js';
import { WORDINGS, type ConditionName } from './wordings.js';
import { pluralise } from './words.js';

/**
 * Conditions: a predicate over one attribute and the words for it. Which predicate belongs to which words:
 *
 * | words               | date column              | datetime column                             | period (month, quarter, year) |
 * |---------------------|--------------------------|---------------------------------------------|-------------------------------|
 * | on D, in P          | col = D                  | col >= D AND col < DATEADD(day, 1, D)       | col >= P AND col < DATEADD(unit, 1, P) |
 * | after D             | col > D                  | col >= DATEADD(day, 1, D)                   | col >= DATEADD(unit, 1, P)    |
 * | on or before D      | col <= D                 | col < DATEADD(day, 1, D)                    | col < DATEADD(unit, 1, P)     |
 * | before, on or after | col < D, col >= D        | the same                                    | the same                      |
 * | between D and E     | col BETWEEN D AND E      | col >= D AND col < DATEADD(day, 1, E)       | col >= D AND col < DATEADD(unit, 1, E) |
 *
 * A placeholder of a period stands for its first day. A column that holds a year is compared with YEAR(P).
 */
export interface Condition {
  predicates: Predicate[];
  attribute: Attribute;
  /** Phrase of the attribute as this question says it. */
  named: Phrase;
  /** After the attribute, with and without a verb. */
  is: Phrase;
  bare: Phrase;
  /** A modifier that needs no attribute phrase: `for patient {0}`. */
  own?: Phrase;
}

/** Which kinds of attribute a condition can be about. */
export const CONDITION_KINDS: Record<ConditionName, AttributeKind[]> = {
  idIs: ['id'],
  idIsNot: ['id'],
  idIn: ['id'],
  dateOn: ['date', 'datetime'],
  dateAfter: ['date', 'datetime', 'year'],
  dateBefore: ['date', 'datetime', 'year'],
  dateFrom: ['date', 'datetime', 'year'],
  dateUntil: ['date', 'datetime', 'year'],
  dateBetween: ['date', 'datetime', 'year'],
  dateIn: ['date', 'datetime'],
  numberIs: ['number'],
  numberIsNot: ['number'],
  numberAbove: ['number'],
  numberBelow: ['number'],
  numberAtLeast: ['number'],
  numberAtMost: ['number'],
  numberBetween: ['number'],
  textIs: ['text'],
  textIsNot: ['text'],
  textIn: ['text'],
  textStarts: ['text'],
  textContains: ['text'],
  textEnds: ['text'],
  isNull: ['id', 'date', 'datetime', 'number', 'year', 'ordinal', 'text', 'opaque'],
  isNotNull: ['id', 'date', 'datetime', 'number', 'year', 'ordinal', 'text', 'opaque'],
  flagTrue: ['flag'],
  flagFalse: ['flag'],
  withinLast: ['date', 'datetime'],
  longerAgo: ['date', 'datetime'],
  thisYear: ['date', 'datetime'],
};

/** Whether the attribute can carry the condition: its kind fits, and NULL is asked of nullable columns only. */
export function carries(name: ConditionName, attribute: Attribute): boolean {
  if (!CONDITION_KINDS[name].includes(attribute.kind)) return false;
  if (name === 'isNull' || name === 'isNotNull') return attribute.column.nullable && !attribute.isPrimaryKey;
  return true;
}

/** Draws values and words for a condition of the given name over the attribute. */
export function makeCondition(
  draw: Draw,
  name: ConditionName,
  attribute: Attribute,
  of: Expression,
): Condition {
  const phrase = draw.phraseOf(attribute);
  const { predicates, values, own } = build(draw, name, attribute, phrase, of);
  const wording = draw.wording(WORDINGS[name]);
  return {
    predicates,
    attribute,
    named: columnName(phrase),
    is: fill(wording.is, values),
    bare: fill(wording.bare, values),
    ...(own === undefined ? {} : { own }),
  };
}

interface Built {
  predicates: Predicate[];
  values: Phrase[];
  own?: Phrase;
}

function build(draw: Draw, name: ConditionName, attribute: Attribute, phrase: string, of: Expression): Built {
  switch (name) {
    case 'idIs':
    case 'idIsNot':
    case 'idIn':
      return buildId(draw, name, attribute, phrase, of);
    case 'dateOn':
    case 'dateAfter':
    case 'dateBefore':
    case 'dateFrom':
    case 'dateUntil':
    case 'dateIn':
    case 'dateBetween':
      return attribute.kind === 'year' ? buildYear(draw, name, of) : buildDate(draw, name, attribute, of);
    case 'numberBetween': {
      const low = draw.fresh(() => thresholdValue(draw.random, attribute, 2, 90));
      const high = draw.fresh(() => thresholdValue(draw.random, attribute, 100, 400));
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
      const value = draw.fresh(() => thresholdValue(draw.random, attribute));
      return { predicates: [compare(of, NUMBER_OPERATORS[name], use(value))], values: [valuePhrase(value)] };
    }
    case 'textIs':
    case 'textIsNot': {
      const value = draw.fresh(() => textValue(draw.random));
      const operator = name === 'textIs' ? '=' : '<>';
      return { predicates: [compare(of, operator, use(value))], values: [valuePhrase(value)] };
    }
    case 'textIn': {
      const values = [draw.fresh(() => textValue(draw.random)), draw.fresh(() => textValue(draw.random))];
      return { predicates: [{ kind: 'in', of, values, negated: false }], values: values.map(valuePhrase) };
    }
    case 'textStarts':
    case 'textContains':
    case 'textEnds': {
      const value = draw.fresh(() => textValue(draw.random));
      const match = name === 'textStarts' ? 'starts' : name === 'textEnds' ? 'ends' : 'contains';
      return {
        predicates: [{ kind: 'like', of, match, value, negated: false }],
        values: [valuePhrase(value)],
      };
    }
    case 'isNull':
    case 'isNotNull':
      return { predicates: [{ kind: 'null', of, negated: name === 'isNotNull' }], values: [] };
    case 'flagTrue':
    case 'flagFalse': {
      const bit: Expression = { kind: 'number', value: name === 'flagTrue' ? 1 : 0 };
      return { predicates: [compare(of, '=', bit)], values: [] };
    }
    case 'withinLast':
    case 'longerAgo': {
      const unit = draw.random.pick(AGO_UNITS);
      const amount = draw.random.pick([2, 3, 5, 6, 7, 10, 12, 14, 30, 60, 90]);
      const start: Expression = { kind: 'dateAdd', unit, amount: -amount, to: { kind: 'now' } };
      const operator = name === 'withinLast' ? '>=' : '<';
      return { predicates: [compare(of, operator, start)], values: [[`${amount} ${unit}s`]] };
    }
    case 'thisYear': {
      const year = (e: Expression): Expression => ({ kind: 'datePart', part: 'year', of: e });
      return { predicates: [compare(year(of), '=', year({ kind: 'now' }))], values: [] };
    }
  }
}

const AGO_UNITS: DateUnit[] = ['day', 'week', 'month', 'year'];

const NUMBER_OPERATORS: Record<
  'numberIs' | 'numberIsNot' | 'numberAbove' | 'numberBelow' | 'numberAtLeast' | 'numberAtMost',
  Comparison
> = {
  numberIs: '=',
  numberIsNot: '<>',
  numberAbove: '>',
  numberBelow: '<',
  numberAtLeast: '>=',
  numberAtMost: '<=',
};

function buildId(
  draw: Draw,
  name: 'idIs' | 'idIsNot' | 'idIn',
  attribute: Attribute,
  phrase: string,
  of: Expression,
): Built {
  const noun = draw.referenceNoun(attribute);
  const byReference = attribute.path.length === 0 && noun !== undefined && draw.random.chance(0.5);
  const called = byReference ? noun : phrase;
  const first = draw.fresh(() => idValue(draw.random, attribute, called));
  if (name === 'idIn') {
    const values = [first, draw.fresh(() => idValue(draw.random, attribute, called))];
    const phrases = values.map(valuePhrase);
    const built: Built = { predicates: [{ kind: 'in', of, values, negated: false }], values: phrases };
    if (byReference) built.own = say`for ${tableName(pluralise(noun))} ${sayList(phrases, 'and')}`;
    return built;
  }
  const built: Built = {
    predicates: [compare(of, name === 'idIs' ? '=' : '<>', use(first))],
    values: [valuePhrase(first)],
  };
  if (byReference) {
    const named = say`${tableName(noun)} ${valuePhrase(first)}`;
    if (name === 'idIsNot') built.own = say`not for ${named}`;
    else built.own = say`${draw.wording(['for', 'of', 'belonging to', 'linked to'])} ${named}`;
  }
  return built;
}

function buildDate(draw: Draw, name: ConditionName, attribute: Attribute, of: Expression): Built {
  const isMoment = attribute.kind === 'datetime';
  const period =
    name === 'dateIn' || (name !== 'dateOn' && draw.random.chance(draw.knobs.periodShare))
      ? draw.period()
      : undefined;
  const make = (earliest?: number): Value =>
    draw.fresh(() =>
      period === undefined
        ? dateValue(draw.random, draw.knobs.dateFormats, earliest)
        : periodValue(draw.random, period, earliest),
    );
  const unit: DateUnit = period ?? 'day';
  const next = (value: Value): Expression => ({ kind: 'dateAdd', unit, amount: 1, to: use(value) });
  // A day of a date column is one value; a day of a datetime column and any period are half-open intervals.
  const isInterval = isMoment || period !== undefined;
  const first = make();
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
      const second = make(2017);
      const both = [...values, valuePhrase(second)];
      if (isInterval) return { predicates: [from, compare(of, '<', next(second))], values: both };
      return { predicates: [{ kind: 'between', of, low: use(first), high: use(second) }], values: both };
    }
    default:
      if (isInterval) return { predicates: [from, compare(of, '<', next(first))], values };
      return { predicates: [compare(of, '=', use(first))], values };
  }
}

function buildYear(draw: Draw, name: ConditionName, of: Expression): Built {
  const year = (value: Value): Expression => ({ kind: 'datePart', part: 'year', of: use(value) });
  const first = draw.fresh(() => periodValue(draw.random, 'year', 1950));
  const values = [valuePhrase(first)];
  if (name === 'dateBetween') {
    const second = draw.fresh(() => periodValue(draw.random, 'year', 1970));
    return {
      predicates: [{ kind: 'between', of, low: year(first), high: year(second) }],
      values: [...values, valuePhrase(second)],
    };
  }
  const operators: Partial<Record<ConditionName, Comparison>> = {
    dateAfter: '>',
    dateBefore: '<',
    dateFrom: '>=',
    dateUntil: '<=',
  };
  return { predicates: [compare(of, operators[name] ?? '=', year(first))], values };
}

function use(value: Value): Expression {
  return { kind: 'value', value };
}

const SLOT = /\{([01])\}/;

/** Puts the values into a wording's slots. */
function fill(template: string, values: readonly Phrase[]): Phrase {
  const pieces = template.split(SLOT);
  return pieces.flatMap((piece, index) =>
    index % 2 === 0 ? (piece === '' ? [] : [piece]) : values[Number(piece)]!,
  );
}
