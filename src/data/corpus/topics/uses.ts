import type { Attribute } from './entities.js';
import { spokenWords } from './words.js';

// What an attribute can be used for. `Topic.pool` caches the result of each test under its name.

/** Worth showing in a list. */
export function isListable(): boolean {
  return true;
}

/** Its values are shared by many rows: a category, a key to another row, a year. */
export function isGroupKey(attribute: Attribute): boolean {
  if (attribute.isPrimaryKey) return false;
  return ['text', 'flag', 'year', 'id', 'ordinal'].includes(attribute.kind);
}

export function isCountable(attribute: Attribute): boolean {
  return (
    !(attribute.isPrimaryKey && attribute.path.length === 0) &&
    attribute.kind !== 'flag' &&
    attribute.kind !== 'opaque'
  );
}

export function isMeasure(attribute: Attribute): boolean {
  return attribute.kind === 'number';
}

export function isDateAttribute(attribute: Attribute): boolean {
  return attribute.kind === 'date' || attribute.kind === 'datetime';
}

export function isSortable(attribute: Attribute): boolean {
  return (
    isMeasure(attribute) ||
    isDateAttribute(attribute) ||
    attribute.kind === 'year' ||
    attribute.kind === 'text'
  );
}

/** A foreign key to a row for which people have a noun. */
export function isReference(attribute: Attribute): boolean {
  return attribute.referenceNouns.length > 0;
}

function dateWith(attribute: Attribute, words: RegExp): boolean {
  return isDateAttribute(attribute) && spokenWords(attribute.column.name).some((word) => words.test(word));
}

export function isBirthDate(attribute: Attribute): boolean {
  return dateWith(attribute, /^birth$/);
}

export function isStartDate(attribute: Attribute): boolean {
  return dateWith(attribute, /^(start|admission|begin|onset|in|arrival|enr)$/);
}

export function isEndDate(attribute: Attribute): boolean {
  return dateWith(attribute, /^(end|stop|discharge|out|departure|resolution)$/);
}
