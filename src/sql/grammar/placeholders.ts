import type { PlaceholderInfo } from '../../data/placeholder.js';
import { isDate, isNumber, type ColumnKind } from './column-kind.js';
import type { Vocabulary } from './vocabulary.js';

/** What the value behind a placeholder is. A `period` (month, quarter, year) stands for its first day. */
export type Shape = 'number' | 'text' | 'day' | 'moment' | 'period';

/** How a column meets a value. */
export type Relation = '=' | '<>' | '<' | '<=' | '>' | '>=' | 'BETWEEN' | 'IN' | 'LIKE';

export const COMPARISONS = ['=', '<>', '<', '<=', '>', '>='] as const satisfies readonly Relation[];

/** A placeholder of the question as the grammar sees it. */
export interface Slot {
  name: string;
  symbol: number;
  shape: Shape;
  /** `__NUM_n__`: an amount, as opposed to a name made of digits. */
  isAmount: boolean;
  isUuid: boolean;
}

/** @throws GrammarError `no-token` when the tokenizer does not know the placeholder */
export function slotOf(info: PlaceholderInfo, vocabulary: Vocabulary): Slot {
  return {
    name: info.name,
    symbol: vocabulary.specialSymbol(info.name),
    shape: shapeOf(info),
    isAmount: info.name.startsWith('__NUM_'),
    isUuid: info.kind === 'uuid',
  };
}

function shapeOf({ name, kind, type }: PlaceholderInfo): Shape {
  if (name.startsWith('__DATE_') && (kind === 'year' || kind === 'quarter' || kind === 'month'))
    return 'period';
  switch (type) {
    case 'varchar':
      return 'text';
    case 'date':
      return 'day';
    case 'datetime2':
      return 'moment';
    default:
      return 'number';
  }
}

export function isDateShape(shape: Shape): boolean {
  return shape === 'day' || shape === 'moment' || shape === 'period';
}

/**
 * Whether the placeholder itself may stand beside a column of the kind. A day beside a column with times, and a
 * period beside any date, mean an interval: they are written half-open, with `>=` and `<` alone.
 */
export function meets(slot: Slot, kind: ColumnKind, relation: Relation): boolean {
  if (relation === 'LIKE') return (kind === 'text' || kind === 'longText') && isSpelled(slot);
  const isOrder = relation !== '=' && relation !== '<>' && relation !== 'IN';
  switch (kind) {
    case 'number':
    case 'year':
      return slot.shape === 'number';
    case 'text':
      return !isOrder && (slot.shape === 'text' || slot.shape === 'number');
    case 'uuid':
      return !isOrder && slot.isUuid;
    case 'day':
    case 'moment':
      return slot.shape === kind || (meansInterval(slot, kind) && (relation === '>=' || relation === '<'));
    default:
      return false;
  }
}

function meansInterval(slot: Slot, kind: ColumnKind): boolean {
  return slot.shape === 'period' || (slot.shape === 'day' && kind === 'moment');
}

/** IDs and quoted texts are spelled; amounts are not looked for inside of texts. */
function isSpelled(slot: Slot): boolean {
  return !slot.isAmount && (slot.shape === 'text' || slot.shape === 'number');
}

/** Whether `DATEADD(unit, n, placeholder)` may stand beside a column of the kind. */
export function meetsShifted(slot: Slot, kind: ColumnKind, relation: Relation): boolean {
  return isDate(kind) && relation !== 'IN' && relation !== 'LIKE' && meets(slot, kind, relation);
}

/** Whether `YEAR(placeholder)` may stand beside a column of the kind. */
export function meetsAsYear(slot: Slot, kind: ColumnKind, relation: Relation): boolean {
  return kind === 'year' && relation !== 'IN' && relation !== 'LIKE' && isDateShape(slot.shape);
}

const RELATIONS: readonly Relation[] = [...COMPARISONS, 'BETWEEN', 'IN', 'LIKE'];

/** Whether a column of the kind can take the placeholder in at least one way by itself. */
export function canHold(kind: ColumnKind, slot: Slot): boolean {
  return RELATIONS.some(
    (relation) =>
      // BETWEEN wants a second value.
      relation !== 'BETWEEN' && (meets(slot, kind, relation) || meetsAsYear(slot, kind, relation)),
  );
}

/** Whether a table with a column of the kind has a place for the placeholder. */
export function hasPlaceFor(kind: ColumnKind, slot: Slot): boolean {
  return canHold(kind, slot) || (isDate(kind) && meetsDifference(slot));
}

/** Whether the placeholder can be compared with DATEDIFF(unit, date, GETDATE()): an age, a number of days. */
export function meetsDifference(slot: Slot): boolean {
  return slot.isAmount && slot.shape === 'number';
}

/** Kinds that `a <op> b` compares with a column of this kind. */
export function areComparable(a: ColumnKind, b: ColumnKind, relation: Relation): boolean {
  if (isNumber(a)) return isNumber(b);
  if (isDate(a)) return isDate(b);
  return a === 'text' && b === 'text' && (relation === '=' || relation === '<>');
}
