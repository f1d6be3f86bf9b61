import type { Random } from '../../../base/random.js';
import type { Draft } from '../statement/draft.js';
import type { SampleDraw } from '../draw.js';
import type { Attribute, AttributeKind } from '../topics/entities.js';
import {
  isBirthDate,
  isComparable,
  isEndDate,
  isMixed,
  isOffLimit,
  isOwner,
  isQuantity,
  isSelfReference,
  isStartDate,
} from '../topics/uses.js';
import { pluralise, withArticle } from '../topics/words.js';
import { plausibleRange } from '../question/numbers.js';
import { hasTextsFor } from './texts.js';
import { verbalDate } from './date-verbs.js';
import { columnPhrase, say, tablePhrase, valuePhrase, type Phrase, type Piece } from '../question/phrase.js';
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
  /** After `with`, where the words above do not fit: `no end date`. */
  after?: Phrase | undefined;
  /** What such rows have or are, after `those that`: `have no end date`; undefined where it cannot be said so. */
  has?: Phrase | undefined;
  /** About another row: what comes before it, and what is said of it: `for patients`, `whose sex is __TEXT_1__`. */
  other?: { lead: Phrase; clause: Phrase } | undefined;
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
  const { kind, role, path, column, isCatalogueKey, words } = attribute;
  if (!CONDITION_KINDS[name].includes(kind) || role === 'other' || isCatalogueKey) return false;
  if (name === 'isNull' || name === 'isNotNull')
    return column.nullable && path.length === 0 && mayBeMissing(attribute);
  switch (kind) {
    case 'id':
      if (!NUMBERED.test(attribute.phrases[0]!) || CODED.test(words) || isSelfReference(attribute))
        return false;
      // Nobody asks for all rows but one.
      return (
        path.length === 0 && (!NEGATED.has(name) || (isOwner(attribute) && attribute.target === 'patient'))
      );
    case 'number': {
      // Of all patients nobody asks for the tall ones.
      if (path.length > 0 || (attribute.of === 'patient' && OF_A_BODY.test(words))) return false;
      // `Whose seats is 20` is not said.
      if (/[^s]s$|^(days|hours|minutes|weeks) in\b/.test(attribute.phrases[0]!)) return false;
      if (PAIRED.has(name)) return true;
      if (!isQuantity(attribute) || isMixed(attribute)) return false;
      // A measured number equals no other.
      return (
        !EXACT.has(name) ||
        (/int$/.test(column.type) &&
          plausibleRange(attribute.phrases[0]!, words, role === 'money').high <= 60)
      );
    }
    case 'text':
      // Of another row people know the whole text, and of another patient not the name.
      if (attribute.of === 'person' && OF_A_LIFE.test(words)) return false;
      if (LISTED.has(name) && (attribute.of === 'person' || OF_PEOPLE.test(attribute.phrases[0]!)))
        return false;
      if (path.length > 0 && (PARTS.has(name) || (attribute.of === 'patient' && role === 'name')))
        return false;
      if (role === 'unit' || (PARTS.has(name) && OF_PLACES.test(attribute.phrases[0]!))) return false;
      if (name === 'textContainsNot' && role === 'name' && OF_PEOPLE.test(attribute.phrases[0]!))
        return false;
      if (LISTED.has(name) && (role === 'flag' || / (flag|indicator)$/.test(attribute.phrases[0]!)))
        return false;
      return hasTextsFor(name, attribute);
    case 'date':
    case 'datetime':
      return !RECENT.has(name) || !isBirthDate(attribute);
    default:
      return kind !== 'year' || path.length === 0;
  }
}

/** Every stay ends after it starts: only the other way round is worth a question. */
function maySurprise(name: ConditionName, attribute: Attribute, second: Attribute): boolean {
  if (name === 'afterColumn') return !(isEndDate(attribute) && isStartDate(second));
  return name !== 'beforeColumn' || !(isStartDate(attribute) && isEndDate(second));
}

/** What is filled in later, or not known: a name or an MRN is there. */
function mayBeMissing(attribute: Attribute): boolean {
  const { kind, role, isPrimaryKey, words } = attribute;
  if (isPrimaryKey || isSelfReference(attribute) || NEVER_MISSING.test(words)) return false;
  return kind === 'id'
    ? role === 'foreign-key' && isOwner(attribute) && attribute.target !== 'patient'
    : !/^(name|key|flag|code)$/.test(role);
}

/** What an ID is called. */
const NUMBERED = /\b(id|number|key|mrn|npi|identifier|lot|serial|licence|plate)$/;
/** IDs that a coding system gives: people name them by the system. */
const CODED = /\b(code|icd|cpt|hcpcs|ndc|loinc|drg|snomed|rxnorm)\b/;
/** People ask who is not dead, and not whose name is missing. */
const NEVER_MISSING = /\b(sequence|number of|name|birth|unit|line|type)\b/;
const NEGATED: ReadonlySet<ConditionName> = new Set(['idIsNot', 'idNotIn'] as const);
const EXACT: ReadonlySet<ConditionName> = new Set(['numberIs', 'numberIsNot'] as const);
const OF_PEOPLE = /\b(last|first|given|family|middle|maiden) name|customer|surname|forename\b/;
const OF_A_BODY = /\b(height|weight|bmi|length)\b/;
const OF_A_LIFE = /\b(sex|gender|race|ethnic\w*|language|marital|religion|birth)\b/;
const OF_PLACES = /\b(city|town|county|state|province|region|country)\b/;
const LISTED: ReadonlySet<ConditionName> = new Set(['textIsNot', 'textIn'] as const);
/** Conditions on a part of a text. */
const PARTS: ReadonlySet<ConditionName> = new Set([
  'textStarts', 'textContains', 'textEnds', 'textContainsNot',
] as const); // prettier-ignore
const RECENT: ReadonlySet<ConditionName> = new Set(['withinLast', 'longerAgo', 'thisYear'] as const);
/** Conditions that leave one value of their attribute. */
const FIXING: ReadonlySet<ConditionName> = new Set([
  'idIs', 'textIs', 'numberIs', 'flagTrue', 'flagFalse', 'isNull',
] as const); // prettier-ignore

/** Conditions that a question may have besides those of its family. */
const FURTHER: readonly ConditionName[] = [
  'idIs', 'dateAfter', 'dateBefore', 'dateFrom', 'dateUntil', 'dateBetween', 'dateIn', 'numberAbove', 'numberBelow',
  'numberAtLeast', 'textIs', 'textIn', 'flagTrue', 'flagFalse', 'withinLast', 'thisYear', 'ageAbove', 'ageBelow',
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
  /** Whether the attribute must be of the row itself. */
  isOwn = false,
): SpokenCondition | undefined {
  // The key of a row picks one row: that is another question.
  // Of one visit, or of those called Smith, people ask what there is, and not how often per month.
  const mayBeOne = draft.isPlainList() || draft.isPlainCount();
  const isOfOne = ({ target, role, phrases }: Attribute): boolean =>
    target === 'encounter' || (role === 'name' && OF_PEOPLE.test(phrases[0]!));
  const fits = (attribute: Attribute): boolean =>
    carries(name, attribute) && !isOwnKey(attribute) && (mayBeOne || !isOfOne(attribute));
  if (AGE.has(name)) return drawAge(draw, topic, draft, name);
  if (draw.asksForTime && ABOUT_TIME.test(name)) return undefined;
  if (draw.date !== undefined && name === 'dateIn') return undefined;
  const isPaired = PAIRED.has(name);
  const use = mayBeOne ? `${name} of one` : name;
  const isOfDate = draw.date !== undefined && ABOUT_TIME.test(name) && fits(draw.date) && !isPaired;
  const attribute = isOfDate
    ? draw.date
    : isPaired || isOwn
      ? draw.ownAttribute(topic, use, fits)
      : draw.attribute(topic, use, fits);
  if (draw.date !== undefined && ABOUT_TIME.test(name) && attribute !== draw.date) return undefined;
  const second = isPaired ? draw.ownAttribute(topic, use, fits) : undefined;
  if (attribute === undefined || (isPaired && second === undefined)) return undefined;
  if (second !== undefined) {
    const fitsIt =
      attribute.kind === 'number'
        ? isOffLimit(attribute, second, name === 'aboveColumn')
        : isComparable(attribute, second) && maySurprise(name, attribute, second);
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
  const isFlag = name === 'flagTrue' || name === 'flagFalse';
  const flagged = isFlag && attribute.path.length === 0 ? flaggedAs(phrase, name === 'flagTrue') : undefined;
  const condition = worded(
    draw,
    name,
    columnPhrase(phrase),
    predicates,
    values,
    own ?? flagged ?? (attribute.path.length === 0 ? verbalDate(name, phrase, values) : undefined),
  );
  return { ...condition, ...specialWords(name, attribute, phrase, condition, values) };
}

/** Words of flags that say what the row is. */
const IS_SO =
  /^(chronic|urgent|deceased|active|cancelled|rejected|abnormal|approved|mandatory|serious|revoked|discontinued|paid|final|passed|completed|no show|voided|primary|confirmed|fasting|principal)$/;

/** `flagged as urgent`, of an `urgent flag`. */
function flaggedAs(phrase: string, isTrue: boolean): Phrase | undefined {
  const what = /^(.+) (flag|indicator)$/.exec(phrase)?.[1];
  return what === undefined || !IS_SO.test(what)
    ? undefined
    : say`${isTrue ? '' : 'not '}flagged as ${columnPhrase(what)}`;
}

/** The words for places where those of the wording do not fit. */
function specialWords(
  name: ConditionName,
  attribute: Attribute,
  phrase: string,
  condition: SpokenCondition,
  values: readonly Phrase[],
): Pick<SpokenCondition, 'after' | 'has' | 'other'> {
  const { path, isLabel, of } = attribute;
  const named = columnPhrase(phrase);
  const row = isLabel ? undefined : attribute.ofRow.get(phrase);
  if (row !== undefined && of === 'person')
    return {
      other: { lead: [], clause: say`whose ${columnPhrase(`${row.row}'s ${row.tail}`)} ${condition.is}` },
    };
  if (row !== undefined && (of === 'patient' || of === 'encounter')) {
    const lead = say`${of === 'patient' ? 'for' : 'during'} ${tablePhrase(pluralise(row.row))}`;
    const clause = verbalDate(name, row.tail, values) ?? say`whose ${columnPhrase(row.tail)} ${condition.is}`;
    return { other: { lead, clause } };
  }
  if (path.length > 0 && !isLabel) return {};
  const article = withArticle(phrase).slice(0, -phrase.length);
  switch (name) {
    case 'isNull':
      return { after: say`no recorded ${named}`, has: say`have no recorded ${named}` };
    case 'isNotNull':
      return { after: say`a recorded ${named}`, has: say`have a recorded ${named}` };
    case 'textIs':
      // `How many of them have the city Northfield` is not said.
      return OF_PLACES.test(phrase) ? {} : { has: say`have the ${named} ${values[0]!}` };
    case 'numberAbove':
    case 'numberBelow':
    case 'numberAtLeast':
      return { has: say`have ${article}${named} ${condition.bare}` };
    default:
      return condition.own === undefined ? {} : { has: say`are ${condition.own}` };
  }
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
  const own = say`${isAbove ? 'older' : 'younger'} than ${said}`;
  const condition = worded(
    draw,
    name,
    ['age'],
    [predicate],
    [said],
    draw.random.chance(0.7) ? own : undefined,
  );
  return { ...condition, has: say`are ${own}` };
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
