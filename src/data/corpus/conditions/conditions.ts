import type { Random } from '../../../base/random.js';
import type { Draft } from '../statement/draft.js';
import type { SampleDraw } from '../draw.js';
import type { Attribute, AttributeKind } from '../topics/entities.js';
import {
  isBirthDate,
  isComparable,
  isEndDate,
  isOffLimit,
  isQuantity,
  isReference,
  isStartDate,
} from '../topics/uses.js';
import { plausibleRange } from '../question/numbers.js';
import { hasTextsFor } from './texts.js';
import { columnPhrase, say, valuePhrase, type Phrase, type Piece } from '../question/phrase.js';
import { buildPredicates, type Subject } from './predicates.js';
import { compare, type QueryExpression, type QueryPredicate } from '../statement/program.js';
import type { Topic } from '../topics/topics.js';
import { ageValue } from '../question/values.js';
import { WORDINGS, type ConditionName, type Wording } from './wordings.js';

/**
 * A condition: a predicate over one attribute, and the words for it. What the words mean:
 *
 * | words               | date column              | datetime column                             | period (month, quarter, year) |
 * |---------------------|--------------------------|---------------------------------------------|-------------------------------|
 * | on D, in P          | col = D                  | col >= D AND col < DATEADD(day, 1, D)       | col >= P AND col < DATEADD(unit, 1, P) |
 * | after D             | col > D                  | col >= DATEADD(day, 1, D)                   | col >= DATEADD(unit, 1, P)    |
 * | on or before D      | col <= D                 | col < DATEADD(day, 1, D)                    | col < DATEADD(unit, 1, P)     |
 * | before, on or after | col < D, col >= D        | the same                                    | the same                      |
 * | between D and E     | col BETWEEN D AND E      | col >= D AND col < DATEADD(day, 1, E)       | col >= D AND col < DATEADD(unit, 1, E) |
 *
 * The placeholder of a period stands for its first day. A column that holds a year is compared with YEAR(P).
 */
export interface SpokenCondition {
  predicates: QueryPredicate[];
  /** What this question calls the attribute. */
  named: Phrase;
  /** The words after the attribute, with and without a verb. */
  is: Phrase;
  bare: Phrase;
  /** A modifier that needs no attribute phrase: `for patient {0}`. */
  own?: Phrase | undefined;
}

/** The kinds of attribute that each condition applies to. */
const CONDITION_KINDS: Record<ConditionName, AttributeKind[]> = {
  idIs: ['id'],
  idIsNot: ['id'],
  idIn: ['id'],
  idNotIn: ['id'],
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
  textContainsNot: ['text'],
  isNull: ['id', 'date', 'datetime', 'number', 'year', 'text', 'opaque'],
  isNotNull: ['id', 'date', 'datetime', 'number', 'year', 'text', 'opaque'],
  flagTrue: ['flag'],
  flagFalse: ['flag'],
  withinLast: ['date', 'datetime'],
  longerAgo: ['date', 'datetime'],
  thisYear: ['date', 'datetime'],
  afterColumn: ['date', 'datetime'],
  beforeColumn: ['date', 'datetime'],
  daysApart: ['date', 'datetime'],
  aboveColumn: ['number'],
  belowColumn: ['number'],
  ageAbove: ['date', 'datetime'],
  ageBelow: ['date', 'datetime'],
};

/** True if the condition applies to the attribute, and people would ask for it. */
export function carries(name: ConditionName, attribute: Attribute): boolean {
  const { kind, role, path, column, isPrimaryKey, isCatalogueKey, words } = attribute;
  if (!CONDITION_KINDS[name].includes(kind) || role === 'other' || isCatalogueKey) return false;
  if (name === 'isNull' || name === 'isNotNull')
    return column.nullable && !isPrimaryKey && path.length === 0 && !NEVER_MISSING.test(words);
  switch (kind) {
    case 'id':
      if (!NUMBERED.test(attribute.phrases[0]!) || CODED.test(words) || isSelfReference(attribute))
        return false;
      // Nobody asks for all rows but one.
      return NEGATED.has(name) ? isReference(attribute) : path.length === 0 || role === 'key';
    case 'number': {
      if (path.length > 0) return false;
      if (PAIRED.has(name)) return true;
      if (!isQuantity(attribute)) return false;
      // A measured number equals no other.
      return (
        !EXACT.has(name) ||
        (/int$/.test(column.type) &&
          plausibleRange(attribute.phrases[0]!, words, role === 'money').high <= 60)
      );
    }
    case 'text':
      return hasTextsFor(name, attribute);
    case 'date':
    case 'datetime':
      return !RECENT.has(name) || !isBirthDate(attribute);
    default:
      return kind !== 'year' || path.length === 0;
  }
}

/** The mother of a patient, the visit before a visit. */
function isSelfReference({ kind, role, target, isPrimaryKey, referenceNouns }: Attribute): boolean {
  const isKey = kind === 'id' && role === 'foreign-key' && !isPrimaryKey;
  return isKey && target === undefined && referenceNouns.length === 0;
}

/** What an ID is called. */
const NUMBERED = /\b(id|number|key|mrn|npi|identifier|lot|serial|licence|plate)$/;
/** IDs that a coding system gives: people name them by the system. */
const CODED = /\b(code|icd|cpt|hcpcs|ndc|loinc|drg|snomed|rxnorm)\b/;
/** People ask who is not dead, and not whose name is missing. */
const NEVER_MISSING = /\b(sequence|number of)\b/;
const NEGATED: ReadonlySet<ConditionName> = new Set(['idIsNot', 'idNotIn'] as const);
const EXACT: ReadonlySet<ConditionName> = new Set(['numberIs', 'numberIsNot'] as const);
const RECENT: ReadonlySet<ConditionName> = new Set(['withinLast', 'longerAgo', 'thisYear'] as const);
/** Conditions that leave one value of their attribute. */
const FIXING: ReadonlySet<ConditionName> = new Set([
  'idIs', 'textIs', 'numberIs', 'flagTrue', 'flagFalse', 'isNull',
] as const); // prettier-ignore

/** Conditions that a question may have besides those of its family. */
const FURTHER: readonly ConditionName[] = [
  'idIs', 'dateAfter', 'dateBefore', 'dateFrom', 'dateUntil', 'dateBetween', 'dateIn', 'numberAbove', 'numberBelow',
  'numberAtLeast', 'textIs', 'textIn', 'flagTrue', 'flagFalse', 'withinLast', 'thisYear', 'ageAbove', 'ageBelow', 'isNull',
]; // prettier-ignore
const ABOUT_TIME = /^(date|within|longer|this|after|before|days|age)/;

/** One of them, about something else than the conditions that the question has: two dates of one row are seldom asked. */
export function furtherCondition(random: Random, others: readonly ConditionName[]): ConditionName {
  const hasTime = others.some((name) => ABOUT_TIME.test(name));
  return random.pick(hasTime ? FURTHER.filter((name) => !ABOUT_TIME.test(name)) : FURTHER);
}

/** True if each row has a value of its own. */
function isOwnKey({ path, role, isPrimaryKey }: Attribute): boolean {
  return path.length === 0 && (isPrimaryKey || role === 'key');
}

/** Conditions that compare two columns of the same row. */
const PAIRED: ReadonlySet<ConditionName> = new Set([
  'afterColumn',
  'beforeColumn',
  'aboveColumn',
  'belowColumn',
  'daysApart',
] as const);

/**
 * Draws an attribute, values and words for a condition, and joins the tables that the attribute needs. Undefined if
 * the topic has no fitting attribute.
 */
export function drawCondition(
  draw: SampleDraw,
  topic: Topic,
  draft: Draft,
  name: ConditionName,
): SpokenCondition | undefined {
  // The key of a row picks one row, so only a list may ask for it: of what is counted or grouped it would leave one.
  const isList = draft.isPlainList();
  const fits = (attribute: Attribute): boolean =>
    carries(name, attribute) && (isList || !isOwnKey(attribute));
  if (AGE.has(name)) return drawAge(draw, topic, draft, name);
  const isPaired = PAIRED.has(name);
  const use = isList ? `${name} of a row` : name;
  const attribute = isPaired ? draw.ownAttribute(topic, use, fits) : draw.attribute(topic, use, fits);
  const second = isPaired ? draw.ownAttribute(topic, use, fits) : undefined;
  if (attribute === undefined || (isPaired && second === undefined)) return undefined;
  if (second !== undefined) {
    const fitsIt =
      attribute.kind === 'number'
        ? isOffLimit(attribute, second, name === 'aboveColumn')
        : isComparable(attribute, second);
    if (!fitsIt) return undefined;
  }
  if (name === 'daysApart' && !(isEndDate(attribute) && isStartDate(second!))) return undefined;
  if (FIXING.has(name)) draw.fix(attribute);
  const phrase = draw.phraseOf(attribute);
  const subject: Subject = {
    attribute,
    phrase,
    of: draft.expression(attribute),
    other: second && { of: draft.expression(second), phrase: draw.phraseOf(second) },
  };
  const { predicates, values, own } = buildPredicates(draw, name, subject);
  return worded(draw, name, columnPhrase(phrase), predicates, values, own);
}

const AGE: ReadonlySet<ConditionName> = new Set(['ageAbove', 'ageBelow'] as const);

/** An age is computed from the birth date. It is called `age` unless a column already has that name. */
function drawAge(
  draw: SampleDraw,
  topic: Topic,
  draft: Draft,
  name: ConditionName,
): SpokenCondition | undefined {
  if (topic.says('age')) return undefined;
  const attribute = draw.ownAttribute(topic, 'birth', isBirthDate);
  if (attribute === undefined) return undefined;
  const value = draw.fresh(() => ageValue(draw.random));
  const from = draft.expression(attribute);
  const age: QueryExpression = { kind: 'dateDiff', unit: 'year', from, to: { kind: 'now' } };
  const isAbove = name === 'ageAbove';
  const predicate = compare(age, isAbove ? '>' : '<', { kind: 'value', value });
  const said = valuePhrase(value);
  const own = draw.random.chance(0.5) ? say`${isAbove ? 'older' : 'younger'} than ${said}` : undefined;
  return worded(draw, name, ['age'], [predicate], [said], own);
}

function worded(
  draw: SampleDraw,
  name: ConditionName,
  named: Phrase,
  predicates: QueryPredicate[],
  values: readonly Phrase[],
  own: Phrase | undefined,
): SpokenCondition {
  const wording = draw.wording<Wording>(WORDINGS[name]);
  return { predicates, named, is: fill(wording.is, values), bare: fill(wording.bare, values), own };
}

const SLOT = /\{([01])\}/;

/** Parsed wordings: words, and the numbers of their slots. Bounded by the size of `WORDINGS`. */
const templates = new Map<string, (string | number)[]>();

function partsOf(template: string): (string | number)[] {
  let parts = templates.get(template);
  if (parts === undefined) {
    const pieces = template.split(SLOT);
    parts = pieces.map((piece, i) => (i % 2 === 0 ? piece : Number(piece))).filter((part) => part !== '');
    templates.set(template, parts);
  }
  return parts;
}

/** Puts the values into a wording's slots. */
function fill(template: string, values: readonly Phrase[]): Phrase {
  const phrase: Piece[] = [];
  for (const part of partsOf(template)) {
    if (typeof part === 'string') phrase.push(part);
    else for (const piece of values[part]!) phrase.push(piece);
  }
  return phrase;
}
