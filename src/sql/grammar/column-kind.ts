import { columnsForTextId } from '../../data/schema/link/identifiers.js';
import { ID_CLASSES, type IdClass } from '../../data/schema/roles/domain.js';
import { rolesOf } from '../../data/schema/roles/infer.js';
import { holdsAmounts, senseOf, type ColumnSense } from '../../data/schema/roles/sense.js';
import type { SchemaColumn, SchemaIndex } from '../../data/schema/schema-index.js';
import { wordsOf } from '../../data/schema/words/derive.js';
import { isLegacyLob, isWholeNumber } from '../../tsql/value-type.js';
import { foldName, foldTableName, splitColumnPath } from '../../tsql/identifier.js';
import { hasUsualMeanings } from '../vault/mentions/meanings.js';

/**
 * What the grammar knows of a column's type.
 *
 * - `number`; `year`: a whole number that names a year; `bit`
 * - `text`; `longText`: the old types text and ntext, which cannot be compared, sorted or grouped
 * - `day`: a date without time; `moment`: one with a time of day
 * - `uuid`
 * - `opaque`: can only be selected or tested for NULL (xml, binary, time, geometry, …)
 */
export type ColumnType =
  'number' | 'year' | 'bit' | 'text' | 'longText' | 'day' | 'moment' | 'uuid' | 'opaque';

/** What the grammar knows of a column; columns of one schema that are alike share the object. */
export interface ColumnKind {
  readonly type: ColumnType;
  /** `table.column`, folded, if the column has coded values, or holds IDs with letters. */
  readonly path: string | undefined;
  /** A number whose sum can mean something: no key, code, coordinate, or part of a date. */
  readonly isSummable: boolean;
  /** A number whose average can mean something: also a year. */
  readonly isAveraged: boolean;
  /** Yes or no: 1 or 0. */
  readonly isFlag: boolean;
  /** How large a whole number it holds: 0 up to int, 1 up to bigint, 2 any. */
  readonly width: number;
  /** Whether an amount means anything beside it: not beside what identifies or names something. */
  readonly holdsAmounts: boolean;
  /** Whether its values agree by chance: no tables are joined by such columns alone. */
  readonly agreesByChance: boolean;
  /** What its values mean, for comparisons with other columns. */
  readonly sense: Pick<ColumnSense, 'meaning' | 'part' | 'domain' | 'axis'>;
  /** Of the one column that tells apart the rows of its table: the table, folded. */
  readonly rowsOf: string | undefined;
  /** Of a key: the table whose rows it identifies, folded, if that is declared. */
  readonly entity: string | undefined;
  /** The classes of IDs that it can hold. */
  readonly holds: Readonly<Record<IdClass, boolean>>;
}

interface KindsOfSchema {
  byColumn: Map<SchemaColumn['column'], ColumnKind>;
  byKey: Map<string, ColumnKind>;
}

const known = new WeakMap<SchemaIndex, KindsOfSchema>();

export function columnKind(index: SchemaIndex, ref: SchemaColumn): ColumnKind {
  let kinds = known.get(index);
  if (kinds === undefined) known.set(index, (kinds = { byColumn: new Map(), byKey: new Map() }));
  let kind = kinds.byColumn.get(ref.column);
  if (kind === undefined) {
    const made = describe(index, ref);
    const key = JSON.stringify(made);
    kind = kinds.byKey.get(key) ?? made;
    kinds.byKey.set(key, kind);
    kinds.byColumn.set(ref.column, kind);
  }
  return kind;
}

function describe(index: SchemaIndex, ref: SchemaColumn): ColumnKind {
  const { table, column } = ref;
  const sense = senseOf(index);
  const described = sense.of(ref);
  const { meaning, entity, part, domain, axis } = described;
  const type = columnType(ref, () => meaning !== 'key' && isYear(index, ref));
  const path = foldPath(`${table.name}.${column.name}`);
  const isCoded = column.codes !== undefined || (type === 'text' && hasUsualMeanings(column.name));
  const isNamed = isCoded || (type === 'text' && (meaning === 'key' || textIdsOf(index).has(path)));
  const isFlag = type === 'bit' || (type === 'number' && rolesOf(index.bundle).ofColumn(column) === 'flag');
  const isNumber = type === 'number' || type === 'year';
  const isAveraged = isNumber && (meaning === 'amount' || meaning === 'other') && (!part || part === 'year');
  const holds = Object.fromEntries(ID_CLASSES.map((kind) => [kind, sense.holdsId(kind, ref)]));
  return {
    type,
    path: isNamed ? path : undefined,
    isSummable: isAveraged && part === undefined,
    isAveraged,
    isFlag,
    width: !isWholeNumber(ref.type) ? 2 : ref.type.base === 'bigint' ? 1 : 0,
    holdsAmounts: holdsAmounts(described),
    agreesByChance: sense.agreesByChance(ref),
    rowsOf: ref.isPrimaryKey && table.primaryKey.length === 1 ? foldTableName(table.name) : undefined,
    sense: { meaning, part, domain, axis },
    entity,
    holds: holds as Record<IdClass, boolean>,
  };
}

/** Whether SQL Server can compare the values of two columns of a key. */
export function canJoin({ type: a }: SchemaColumn, { type: b }: SchemaColumn): boolean {
  return [a, b].every((type) => type.family !== 'other' && !isLegacyLob(type));
}

/** The same key for every spelling of `table.column`. */
export function foldPath(path: string): string {
  const [table, column] = splitColumnPath(path);
  return `${foldTableName(table)}.${foldName(column)}`;
}

/** The columns for IDs with letters of patients and visits, folded. */
function textIdsOf({ bundle }: SchemaIndex): ReadonlySet<string> {
  let ids = textIds.get(bundle);
  if (ids === undefined) {
    const paths = ['patient', 'visit', 'encounter'].flatMap((noun) => columnsForTextId(bundle, noun));
    textIds.set(bundle, (ids = new Set(paths.map(foldPath))));
  }
  return ids;
}

const textIds = new WeakMap<SchemaIndex['bundle'], ReadonlySet<string>>();

/** Whether a whole number names a year: `birth_year`, `ADMITYEAR`. */
function isYear({ bundle }: SchemaIndex, { column, type }: SchemaColumn): boolean {
  return type.base.endsWith('int') && wordsOf(bundle).ofColumn(column).words.split(' ').includes('year');
}

function columnType({ type }: SchemaColumn, isYear: () => boolean): ColumnType {
  switch (type.family) {
    case 'number':
      return isYear() ? 'year' : 'number';
    case 'bool':
      return 'bit';
    case 'string':
      return type.base === 'text' || type.base === 'ntext' ? 'longText' : 'text';
    case 'date':
      return type.base === 'date' ? 'day' : 'moment';
    case 'uuid':
      return 'uuid';
    default:
      return 'opaque';
  }
}

/** Whether GROUP BY, ORDER BY, SELECT DISTINCT and COUNT take it. */
export function isGroupable({ type }: ColumnKind): boolean {
  return type !== 'opaque' && type !== 'longText';
}

/** Whether MIN and MAX take it. */
export function isOrdered(kind: ColumnKind): boolean {
  return isGroupable(kind) && kind.type !== 'bit' && kind.type !== 'uuid';
}

export function isNumberKind({ type }: ColumnKind): boolean {
  return type === 'number' || type === 'year';
}

export function isDateKind({ type }: ColumnKind): boolean {
  return type === 'day' || type === 'moment';
}

/** A date with a time of day. */
export function isMoment({ type }: ColumnKind): boolean {
  return type === 'moment';
}
