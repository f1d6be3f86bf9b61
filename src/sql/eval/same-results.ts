import type { Statement } from '../../tsql/ast.js';
import type { Cell, Outcome } from '../embedded/index.js';

/** Rows of a statement that ran. */
export type Result = Extract<Outcome, { ok: true }>;

/**
 * Whether two results answer a question alike. Names of columns do not count. The order of rows counts only where the
 * expected statement has ORDER BY, and only as far as its sort keys are columns of the result: rows with equal keys may
 * come in any order.
 */
export function sameResults(expected: Result, found: Result, statement: Statement): boolean {
  const [a, b] = [expected.rows, found.rows];
  if (a.length !== b.length || (a[0]?.length ?? 0) !== (b[0]?.length ?? 0)) return false;
  const sorted = (rows: readonly Cell[][]): string[] => rows.map(rowText).sort();
  const [left, right] = [sorted(a), sorted(b)];
  if (left.some((text, i) => text !== right[i])) return false;
  if (statement.orderBy.length === 0 || a.length < 2) return true;
  const keys = sortKeyPositions(statement);
  if (keys === undefined) return a.every((row, i) => rowText(row) === rowText(b[i]!));
  return a.every((row, i) => keys.every((at) => cellText(row[at]!) === cellText(b[i]![at]!)));
}

/** Whether a result says nothing: no rows, or one row of zeros and NULLs. */
export function isTrivial({ rows }: Result): boolean {
  return (
    rows.length === 0 ||
    (rows.length === 1 && rows[0]!.every((cell) => cell === null || cell === 0 || cell === 0n))
  );
}

const rowText = (row: readonly Cell[]): string => row.map(cellText).join('\u0001');

/** Decimals are rounded to nine digits: databases divide to different scales. */
function cellText(cell: Cell): string {
  if (cell === null) return 'NULL';
  if (typeof cell === 'number') return String(Number(cell.toPrecision(9)));
  if (typeof cell === 'boolean') return cell ? '1' : '0';
  if (typeof cell === 'bigint') return String(cell);
  // A date compares equal to its midnight.
  return cell
    .replace(/T00:00:00(\.0+)?$/, '')
    .trimEnd()
    .toLowerCase();
}

/** The positions of the sort keys in the result; undefined if one of them is not selected. */
function sortKeyPositions(statement: Statement): number[] | undefined {
  const positions: number[] = [];
  for (const { expression } of statement.orderBy) {
    const at = statement.items.findIndex((item) => {
      if (item.kind === 'star') return false;
      const isAlias =
        expression.kind === 'column' &&
        !expression.table &&
        item.alias?.text.toLowerCase() === expression.column.text.toLowerCase();
      return isAlias || shape(item.expression) === shape(expression);
    });
    if (at < 0 || statement.items.slice(0, at).some((item) => item.kind === 'star')) return undefined;
    positions.push(at);
  }
  return positions;
}

/** The expression without its places in the text. */
const shape = (expression: object): string =>
  JSON.stringify(expression, (key, value: unknown) =>
    key === 'start' || key === 'end' ? undefined : value,
  ).toLowerCase();
