import type { Attribute } from './attributes.js';
import type { SchemaIndex } from '../../schema/schema-index.js';
import { hasPlural } from './plain.js';

// What an attribute can be used for. `Topic.pool` caches the result of each test under its name.

/** Worth showing in a list: of another row, what tells who or where it is. */
export function isListable(attribute: Attribute): boolean {
  const { kind, role, path, isLabel, isCatalogueKey } = attribute;
  if (path.length > 0 && !isLabel && !isOfOne(attribute)) return false;
  if (isSelfReference(attribute) || role === 'unit') return false;
  return kind !== 'opaque' && kind !== 'flag' && role !== 'other' && !isCatalogueKey;
}

/** The same, of the row itself and of what its codes stand for. */
export function isOwnListable(attribute: Attribute): boolean {
  return isListable(attribute) && (attribute.path.length === 0 || attribute.isLabel);
}

/** Tells which row it is, or when: a list may show nothing else. */
export function isTelling(attribute: Attribute): boolean {
  const { kind, role, isLabel } = attribute;
  if (!isListable(attribute)) return false;
  if (kind === 'id') return attribute.isPrimaryKey || attribute.target === 'patient';
  return role === 'name' || isPeriodDate(attribute) || isLabel;
}

/** Tells which row it is. */
export function isNaming(attribute: Attribute): boolean {
  return isTelling(attribute) && (attribute.kind === 'id' || attribute.role === 'name');
}

/** The key by which people name one row. */
export function isRowKey({ kind, isPrimaryKey, phrases }: Attribute): boolean {
  return kind === 'id' && isPrimaryKey && / (id|number)$/.test(phrases[0]!);
}

/** What people ask of one row. */
export function isDetail(attribute: Attribute): boolean {
  const { kind, isPrimaryKey } = attribute;
  if (!isListable(attribute) || isPrimaryKey) return false;
  return kind !== 'id';
}

/** What people know of a patient, of a member of staff, of a place. */
function isOfOne({ of, role, words, kind }: Attribute): boolean {
  if (of === 'patient') return role === 'name' || kind === 'date' || ABOUT_PEOPLE.test(words);
  return (of === 'person' || of === 'place') && (role === 'name' || ABOUT_PEOPLE.test(words));
}

const ABOUT_PEOPLE =
  /\b(sex|gender|race|ethnic\w*|language|marital|civil|religion|city|town|state|county|country|specialt?y|speciality)\b/;

/** The mother of a patient, the visit before a visit. */
export function isSelfReference({ kind, role, target, isPrimaryKey, referenceNouns }: Attribute): boolean {
  const isKey = kind === 'id' && role === 'foreign-key' && !isPrimaryKey;
  return isKey && target === undefined && referenceNouns.length === 0;
}

/** Its values are shared by many rows: a category, a key to another row, a year. */
export function isGroupKey(attribute: Attribute): boolean {
  const { kind, role, path } = attribute;
  if (kind === 'flag') return path.length === 0;
  if (kind === 'year') return path.length === 0;
  if (kind === 'id') {
    const { target } = attribute;
    // Nobody dies twice.
    if (target === 'patient' && /\bdeath\b/.test(attribute.subject)) return false;
    return path.length === 0 && isReference(attribute) && target !== undefined && OWNERS.has(target);
  }
  if (kind === 'ordinal') return role === 'code' || role === 'status';
  if (kind !== 'text' || isLong(attribute)) return false;
  if (
    OF_ONE_ROW.test(`${attribute.words} ${attribute.phrases[0]}`) ||
    / (id|number)$/.test(attribute.phrases[0]!)
  )
    return false;
  if (path.length > 0 && !attribute.isLabel && !isOfOne(attribute)) return false;
  if (OF_ONE.test(`${attribute.phrases[0]}, ${attribute.words}`)) return false;
  return role === 'name' || SHARED.has(role);
}

/** Whom and what people compare: patients, staff, places, and not one visit with another. */
const OWNERS: ReadonlySet<string | undefined> = new Set(['patient', 'person', 'place']);

/** Refers to somebody or something that has such rows. */
export function isOwner(attribute: Attribute): boolean {
  return isReference(attribute) && OWNERS.has(attribute.target);
}

/** Codes and names that hardly two rows share. */
const OF_ONE_ROW =
  /\b(address|street|phone|email|note|comment|remark|snippet|directions|instructions|title|goal|aim|zip|postal|postcode|source value|family|medical record|mrn)\b|(^|patient |person |individual )(first|last|middle|given)$/;

/** A key whose groups can be ranked: there are many of them. */
export function isManyValued(attribute: Attribute): boolean {
  const { kind, words, column } = attribute;
  if (kind === 'flag' || kind === 'ordinal' || kind === 'year' || column.codes !== undefined) return false;
  return isGroupKey(attribute) && !FEW.test(`${attribute.phrases[0]} ${words}`);
}

/** What has a handful of values. */
const FEW =
  /\b(sex|gender|race|ethnic\w*|marital|civil|status|state|flag|indicator|type|kind|class|category|level|priority|urgency|severity|stage|grade|phase|arm|mode|method|outcome|interpretation|sensitivity|resistance|route|living|alcohol|drinking|smoking|employment|housing|system|domain|blood group|disposition|relation|relative|term|segment|modality|wound|asa|harm|cause of|place of|shift|language|unit|units|frequency|how often)\b/;

const SHARED: ReadonlySet<string> = new Set(['code', 'status', 'flag']);
/** Names that hardly two rows share. */
const OF_ONE =
  /\b(first|last|middle|given|family|maiden|full|sur|fore)? ?name\b(?<!city name)|surname|forename|suffix|prefix|alias|email/;

function isLong({ column }: Attribute): boolean {
  return /\((max|[1-9]\d{3,})\)/.test(column.type) || /^n?text/.test(column.type);
}

/** Counted by its different values. */
export function isCountable(attribute: Attribute): boolean {
  if (attribute.isPrimaryKey || attribute.isCatalogueKey) return false;
  if (attribute.kind === 'number' || attribute.kind === 'flag' || attribute.kind === 'id') return false;
  if (attribute.path.length > 0 && !attribute.isLabel) return false;
  // `Which different sexes are there` is not asked.
  if (/\b(sex|gender)\b/.test(attribute.words)) return false;
  return isGroupKey(attribute) && attribute.phrases.some(hasPlural);
}

/** A group that people name: no row of its own, not the rows with a flag, and those without. */
export function isCategory(attribute: Attribute): boolean {
  return attribute.kind !== 'flag' && isKindOfRow(attribute);
}

/** A group whose figures people compare: of one patient there is little to average. */
export function isComparedGroup(attribute: Attribute): boolean {
  return isGroupKey(attribute) && attribute.target !== 'patient' && attribute.kind !== 'flag';
}

/** A category that is no row of its own. */
export function isKindOfRow(attribute: Attribute): boolean {
  return attribute.kind !== 'id' && isGroupKey(attribute);
}

/** True if its different values are worth counting. */
export function isVaried(attribute: Attribute): boolean {
  if (attribute.kind === 'id') return !attribute.isPrimaryKey && isGroupKey(attribute) && isOwner(attribute);
  return isCountable(attribute) && isManyValued(attribute);
}

/** Numbers of a row that may be compared, averaged and ranked. A value of another table would be counted several times. */
export function isMeasure(attribute: Attribute): boolean {
  return (
    attribute.path.length === 0 &&
    isQuantity(attribute) &&
    !isMixed(attribute) &&
    !UNITS.test(attribute.phrases[0]!)
  );
}

/** The highest days in hospital are not said. */
const UNITS =
  /^(days(?! (of )?supply)|hours|minutes|weeks|months|years|units|pack.years|doses|words|images|beds|refills|copies|points|members|customers|number)\b/;

/** A number that says nothing without what it was measured of or given as: a result of any test, a dose of any drug. */
export function isMixed({ words, phrases, role }: Attribute): boolean {
  return role !== 'money' && MIXED.test(`${words}, ${phrases[0]}`);
}

const MIXED =
  /\b(value|result|dose|doses|dosage|strength|reading|titre|concentration|speed|amount|quantity(?! on hand)|answer|response|size|volume|(?<!heart |pulse |respiratory |breathing )rate)\b|\b(score range|deviation|rating)\b/;

/** A result, and the limit that it is compared with: a value above its upper limit. */
export function isOffLimit(value: Attribute, limit: Attribute, isAbove: boolean): boolean {
  if (value.role === 'money' && limit.role === 'money') return true;
  const side = isAbove ? /\b(upper|high|highest|hi)\b/ : /\b(lower|low|lowest)\b/;
  return isQuantity(value) && /\b(value|result)\b/.test(value.words) && side.test(limit.words);
}

/** A number that says how much, in this table or in one that it refers to. */
export function isQuantity(attribute: Attribute): boolean {
  return (
    attribute.kind === 'number' &&
    !PLACES_OR_NAMES.test(attribute.words) &&
    !LIMITS.test(attribute.words) &&
    !LIMITS.test(attribute.phrases[0]!) &&
    attribute.column.codes === undefined
  );
}

/** What a result is compared with, and what only software counts. */
const LIMITS =
  /\b(limit|patient weight|range|normal|critical|reference|bound|precision|confidence|weight of|error|warning|separation|repeats|occurrences?|storey|floor|box|build|per day|continued|elsewhere|version|level$)\b/;

const PLACES_OR_NAMES =
  /\b(latitude|longitude|coordinates?|easting|northing|altitude|zip|postal|phone|fax|version|sequence|line|room|floor|rank|order|month|day|hour|minute|second|id|identifier|code|year|income level|x|y|z)$|\b(month|day|hour) of\b|^(lat|lon|lng|zip|x|y)\b/;

/** True if each value of one goes with one value of the other: `patient id` and `patient sex`. */
export function isBound(a: Attribute, b: Attribute): boolean {
  const leads = (key: Attribute, to: Attribute): boolean =>
    key.isPrimaryKey ||
    to.path.some((step, i) => step.columns[0] === key.column.name && i === key.path.length);
  return leads(a, b) || leads(b, a) || isSameThing(a, b);
}

/** Places within each other, a death and its date, a code and what it stands for. */
export function isSameThing(a: Attribute, b: Attribute): boolean {
  const [one, other] = [a, b].map(({ words, phrases }) => `${words} ${phrases[0]}`);
  if ([PLACE, DEATH].some((words) => words.test(one!) && words.test(other!))) return true;
  const [left, right] = [a, b].map(({ phrases }) =>
    phrases[0]!.replace(/ (code|name|description|title|type)$/, ''),
  );
  return left === right;
}

/** True if the second attribute is of the row that the first one, a key, refers to. */
export function leadsTo(key: Attribute, other: Attribute): boolean {
  return key.kind === 'id' && key.path.length === 0 && other.path[0]?.columns[0] === key.column.name;
}

const DEATH = /\b(death|deceased|died|dead|dod)\b/;
const PLACE = /\b(city|town|village|county|district|state|province|region|country|zip|postal|postcode)\b/;

/** A measure of which a sum means something: money, amounts, counts, spans of time. */
export function isAdditive(attribute: Attribute): boolean {
  if (!isMeasure(attribute)) return false;
  if (
    /\b(rate|price|percent|ratio|limit|range|score|average|mean|factor|level|age|height|weight|temperature|pressure|saturation|pulse)\b/.test(
      attribute.words,
    )
  )
    return false;
  return (
    attribute.role === 'money' ||
    /\b(amount|quantity|count|number|total|units?|days|hours|minutes|volume|cost|duration|length|supply|refills?|copies|payments?|distance|effort|beds?|doses?)\b/.test(
      attribute.words,
    )
  );
}

export function isDateAttribute(attribute: Attribute): boolean {
  return attribute.kind === 'date' || attribute.kind === 'datetime';
}

/** A time of which the first or last one tells something: what was born or is expected is no event. */
export function isExtremeDate(attribute: Attribute): boolean {
  return isPeriodDate(attribute) && attribute.path.length === 0 && !NO_EXTREME.test(attribute.words);
}

const NO_EXTREME =
  /\b(birth|death|deceased|value|due|expected|planned|expir\w*|warranty|scheduled?|relapse)\b/;

/** A time by which rows are counted: when something began, and not when it ended. */
export function isPeriodDate(attribute: Attribute): boolean {
  if (attribute.of === 'encounter' && /\bdeath|deceased\b/.test(attribute.words)) return false;
  return (
    attribute.ofEvent &&
    isDateAttribute(attribute) &&
    attribute.role !== 'end' &&
    !NO_PERIOD.test(attribute.words) &&
    !NO_PERIOD.test(attribute.phrases[0] ?? '')
  );
}

const NO_PERIOD = /\b(due|expected|planned|expir\w*|warranty|received|receipt|withdrawal|birth|relapse)\b/;

export function isSortable(attribute: Attribute): boolean {
  if (attribute.of === 'patient' && /\b(height|weight|bmi)\b/.test(attribute.words)) return false;
  if (isMeasure(attribute) || isDateAttribute(attribute) || attribute.kind === 'year') return true;
  return attribute.kind === 'text' && attribute.role === 'name' && !isLong(attribute);
}

/** A foreign key to a row for which people have a noun. */
export function isReference(attribute: Attribute): boolean {
  return attribute.referenceNouns.length > 0;
}

/** True if a row that has one value of the first attribute has one value of the second: a stay has one patient. */
export function determines(first: Attribute, second: Attribute, index: SchemaIndex): boolean {
  if (isBound(first, second)) return true;
  const [from, to] = [first, second].map(({ path, column, table }) => {
    const last = path[path.length - 1] ?? table.foreignKeys.find((key) => key.columns[0] === column.name);
    return last === undefined ? undefined : index.table(last.references.table);
  });
  const isOneRow = first.kind === 'id' && from !== undefined;
  if (!isOneRow || to === undefined) return false;
  return from === to || from.foreignKeys.some(({ references }) => index.table(references.table) === to);
}

/** Two times of one course of events: of a life and of a career there are others in between. */
export function isComparable(a: Attribute, b: Attribute): boolean {
  // A date and a time may be of one and the same thing.
  return a.kind === b.kind && ![a, b].some(({ words }) => OF_A_LIFE.test(words));
}

const OF_A_LIFE = /\b(birth|death|deceased|died|hire|opened|opening|accreditation|contract)\b/;

function dateWith(attribute: Attribute, words: RegExp): boolean {
  return isDateAttribute(attribute) && words.test(attribute.words);
}

export function isBirthDate(attribute: Attribute): boolean {
  return dateWith(attribute, /\bbirth\b/);
}

export function isStartDate(attribute: Attribute): boolean {
  return isDateAttribute(attribute) && attribute.role === 'start';
}

export function isEndDate(attribute: Attribute): boolean {
  return isDateAttribute(attribute) && attribute.role === 'end';
}
