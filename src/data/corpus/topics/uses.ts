import type { Attribute } from './attributes.js';

// What an attribute can be used for. `Topic.pool` caches the result of each test under its name.

/** Worth showing in a list. */
export function isListable(attribute: Attribute): boolean {
  return attribute.kind !== 'opaque' && attribute.role !== 'other' && !attribute.isCatalogueKey;
}

/** Its values are shared by many rows: a category, a key to another row, a year. */
export function isGroupKey(attribute: Attribute): boolean {
  const { kind, role, path } = attribute;
  if (kind === 'flag') return true;
  if (kind === 'year') return path.length === 0;
  if (kind === 'id') return role === 'foreign-key' && path.length === 0 && !attribute.isCatalogueKey;
  if (kind === 'ordinal') return role === 'code' || role === 'status';
  if (kind !== 'text' || isLong(attribute)) return false;
  return role === 'name' ? !OF_ONE.test(attribute.words) : SHARED.has(role);
}

const SHARED: ReadonlySet<string> = new Set(['code', 'status', 'unit', 'flag']);
/** Names that hardly two rows share. */
const OF_ONE =
  /\b(first|last|middle|given|family|maiden|full|sur|fore)? ?name\b(?<!city name)|surname|alias|email/;

function isLong({ column }: Attribute): boolean {
  return /\((max|[1-9]\d{3,})\)/.test(column.type) || /^n?text/.test(column.type);
}

export function isCountable(attribute: Attribute): boolean {
  if (attribute.isPrimaryKey || attribute.isCatalogueKey) return false;
  if (attribute.kind === 'number' || attribute.kind === 'flag') return false;
  return isGroupKey(attribute) || (attribute.kind === 'text' && attribute.role === 'name');
}

/** Numbers of a row that may be compared, averaged and ranked. A value of another table would be counted several times. */
export function isMeasure(attribute: Attribute): boolean {
  return attribute.path.length === 0 && isQuantity(attribute);
}

/** A number that says how much, in this table or in one that it refers to. */
export function isQuantity(attribute: Attribute): boolean {
  return attribute.kind === 'number' && !PLACES_OR_NAMES.test(attribute.words);
}

const PLACES_OR_NAMES =
  /\b(latitude|longitude|coordinates?|easting|northing|altitude|zip|postal|phone|fax|version|sequence|line|room|floor|rank|order|month|day|hour|minute|second|id|identifier|code|year|income level|x|y|z)$|\b(month|day|hour) of\b|^(lat|lon|lng|zip|x|y)\b/;

/** True if each value of one goes with one value of the other: `patient id` and `patient sex`. */
export function isBound(a: Attribute, b: Attribute): boolean {
  const leads = (key: Attribute, to: Attribute): boolean =>
    key.isPrimaryKey ||
    to.path.some((step, i) => step.columns[0] === key.column.name && i === key.path.length);
  return leads(a, b) || leads(b, a);
}

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

export function isSortable(attribute: Attribute): boolean {
  if (isMeasure(attribute) || isDateAttribute(attribute) || attribute.kind === 'year') return true;
  return (
    attribute.kind === 'text' &&
    (attribute.role === 'name' || attribute.role === 'code') &&
    !isLong(attribute)
  );
}

/** A foreign key to a row for which people have a noun. */
export function isReference(attribute: Attribute): boolean {
  return attribute.referenceNouns.length > 0;
}

/** Two times of one course of events, or two numbers of one kind: both money, or both called by a word of measure (`lower limit`, `upper limit`). */
export function isComparable(a: Attribute, b: Attribute): boolean {
  if (isDateAttribute(a)) return !isBirthDate(a) && !isBirthDate(b);
  if (a.role === 'money' && b.role === 'money') return true;
  const [left, right] = [a.words.split(' '), b.words.split(' ')];
  return a.role === b.role && left.some((word) => word.length > 3 && right.includes(word));
}

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
