import type { PlaceholderInfo } from '../../data/placeholder.js';
import { areAlike } from '../../data/schema/roles/sense.js';
import type { Datepart } from '../../tsql/dateparts.js';
import { idClassOf, maySpell, type IdClass } from '../../data/schema/roles/domain.js';
import { foldPath, isDateKind, isNumberKind, type ColumnKind } from './column-kind.js';
import type { Vocabulary } from './vocabulary.js';

/** What the value of a placeholder is. A `period` (month, quarter, year) stands for its first day. */
export type SlotShape = 'number' | 'text' | 'day' | 'moment' | 'period';

/** How a column is compared with a value. */
export type Relation = '=' | '<>' | '<' | '<=' | '>' | '>=' | 'BETWEEN' | 'IN' | 'LIKE';

export const COMPARISONS = ['=', '<>', '<', '<=', '>', '>='] as const satisfies readonly Relation[];

/** A placeholder of the question as the grammar sees it. */
export interface Slot {
  name: string;
  symbol: number;
  shape: SlotShape;
  /** What the value is, as the ID map says: `patient`, `month`, `count`. */
  kind: string;
  /** `__NUM_n__`: an amount, not an ID made of digits. */
  isAmount: boolean;
  /** An amount that is whole: it may count rows, or days. */
  isWhole: boolean;
  isUuid: boolean;
  /** Of an ID: what it may be compared with. */
  idClass: IdClass | undefined;
  /** Of an ID or a text of digits: see `ColumnKind.width`. */
  width: number;
  /** A coded meaning: the only columns that have a code for it, as `table.column`, folded. */
  codeColumns: readonly string[] | undefined;
  /** Of an ID with letters: the only columns that hold it, as `table.column`, folded; undefined if they are not known. */
  idColumns: readonly string[] | undefined;
}

/** @throws GrammarError `no-token` if the tokenizer does not know the placeholder */
export function slotOf(info: PlaceholderInfo, vocabulary: Vocabulary): Slot {
  const isId = info.name.startsWith('__ID_');
  return {
    name: info.name,
    symbol: vocabulary.specialSymbol(info.name),
    shape: slotShapeOf(info),
    kind: info.kind,
    isAmount: info.name.startsWith('__NUM_'),
    isWhole: info.name.startsWith('__NUM_') && info.type === 'int' && info.kind !== 'age',
    isUuid: info.kind === 'uuid',
    idClass: isId ? idClassOf(info.kind) : undefined,
    width: info.name.startsWith('__NUM_') ? 0 : ['int', 'bigint', 'decimal'].indexOf(info.type),
    codeColumns: info.kind === 'code' ? (info.columns ?? []).map(foldPath) : undefined,
    idColumns:
      isId && info.type === 'varchar' && info.columns?.length ? info.columns.map(foldPath) : undefined,
  };
}

function slotShapeOf({ name, kind, type }: PlaceholderInfo): SlotShape {
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

export function isDateShape(shape: SlotShape): boolean {
  return shape === 'day' || shape === 'moment' || shape === 'period';
}

/**
 * Whether a column of the kind may be compared with the placeholder. A day compared with a column that has times, or a
 * period compared with any date, is an interval: only `>=` and `<` may be used.
 */
export function meets(slot: Slot, kind: ColumnKind, relation: Relation): boolean {
  const isOrder = relation !== '=' && relation !== '<>' && relation !== 'IN';
  const { codeColumns, idClass } = slot;
  if (slot.kind === 'age' && kind.sense.part !== undefined) return false;
  if (slot.isAmount && !kind.holdsAmounts) return false;
  if (slot.idColumns !== undefined) {
    if (!slot.idColumns.includes(kind.path ?? '')) return false;
  } else if (idClass !== undefined && !kind.holds[idClass]) {
    if (relation !== 'LIKE' || !maySpell(kind.sense.domain)) return false;
  }
  if (slot.width > kind.width) return false;
  if (codeColumns !== undefined) {
    return !isOrder && kind.path !== undefined && codeColumns.includes(kind.path);
  }
  if (relation === 'LIKE') return (kind.type === 'text' || kind.type === 'longText') && isSpelled(slot);
  switch (kind.type) {
    case 'number':
    case 'year':
      return slot.shape === 'number';
    case 'text':
      return !isOrder && (slot.shape === 'text' || slot.shape === 'number');
    case 'uuid':
      return !isOrder && slot.isUuid;
    case 'day':
    case 'moment':
      return (
        slot.shape === kind.type || (meansInterval(slot, kind) && (relation === '>=' || relation === '<'))
      );
    default:
      return false;
  }
}

function meansInterval(slot: Slot, kind: ColumnKind): boolean {
  return slot.shape === 'period' || (slot.shape === 'day' && kind.type === 'moment');
}

/** IDs and quoted texts can be part of a text; amounts are not searched for in texts. */
function isSpelled(slot: Slot): boolean {
  return (
    !slot.isAmount && slot.codeColumns === undefined && (slot.shape === 'text' || slot.shape === 'number')
  );
}

/** Whether a column of the kind may be compared with `DATEADD(unit, n, placeholder)`: no month ends after some days. */
export function meetsShifted(slot: Slot, kind: ColumnKind, relation: Relation, unit: Datepart): boolean {
  if (slot.shape === 'period' && !PARTS_OF_PERIODS[slot.kind]!.includes(unit)) return false;
  return isDateKind(kind) && relation !== 'IN' && relation !== 'LIKE' && meets(slot, kind, relation);
}

/**
 * Whether a column of the kind may be compared with `YEAR(placeholder)`. Of a day or a month it would keep too little:
 * who was born before March 1950 is not who was born before 1950.
 */
export function meetsAsYear(slot: Slot, kind: ColumnKind, relation: Relation): boolean {
  return kind.type === 'year' && relation !== 'IN' && relation !== 'LIKE' && isWholeYear(slot);
}

/** Whether the placeholder is a year, of which `YEAR(placeholder)` says all. */
export function isWholeYear(slot: Slot): boolean {
  return slot.shape === 'period' && slot.kind === 'year';
}

const RELATIONS: readonly Relation[] = [...COMPARISONS, 'BETWEEN', 'IN', 'LIKE'];

const PARTS_OF_PERIODS: Readonly<Record<string, readonly Datepart[]>> = {
  year: ['year'],
  quarter: ['year', 'quarter'],
  month: ['year', 'quarter', 'month'],
};

/** Whether a column of the kind can be compared with the placeholder in at least one way. */
export function canHold(kind: ColumnKind, slot: Slot): boolean {
  return RELATIONS.some(
    (relation) =>
      // BETWEEN needs a second value.
      relation !== 'BETWEEN' && (meets(slot, kind, relation) || meetsAsYear(slot, kind, relation)),
  );
}

/** Whether a table with a column of the kind can hold the placeholder. */
export function hasPlaceFor(kind: ColumnKind, slot: Slot): boolean {
  return canHold(kind, slot) || (isDateKind(kind) && meetsDifference(slot));
}

/** Whether the placeholder can be compared with DATEDIFF(unit, date, GETDATE()): an age, a number of days. */
export function meetsDifference(slot: Slot): boolean {
  return slot.isAmount && slot.shape === 'number';
}

/** Whether two columns of these kinds may be compared; keys of different tables may not, nor a key and an amount. */
export function areKindsComparable(a: ColumnKind, b: ColumnKind, relation: Relation): boolean {
  if (!areAlike(a.sense, b.sense)) return false;
  if (a.entity !== b.entity && a.entity !== undefined && b.entity !== undefined) return false;
  // The same row of the same table.
  if (relation === '=' && a.rowsOf !== undefined && a.rowsOf === b.rowsOf) return false;
  if (isNumberKind(a)) return isNumberKind(b);
  if (isDateKind(a)) return isDateKind(b);
  return a.type === 'text' && b.type === 'text' && (relation === '=' || relation === '<>');
}
