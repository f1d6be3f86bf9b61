import type { Attribute } from './entities.js';
import { spokenWords } from './words.js';

// What an attribute can be used for. Each test is named once, because topics remember its result under the name.

/** Worth showing in a list. */
export function isListable(): boolean {
  return true;
}

/** Has few values that many rows share: a category, a key to another row, a year. */
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

/** A key to another row, and people have a noun for that row. */
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
