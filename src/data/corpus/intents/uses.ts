import type { Attribute } from '../entities.js';

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

export function isDate(attribute: Attribute): boolean {
  return attribute.kind === 'date' || attribute.kind === 'datetime';
}

export function isSortable(attribute: Attribute): boolean {
  return isMeasure(attribute) || isDate(attribute) || attribute.kind === 'year' || attribute.kind === 'text';
}
