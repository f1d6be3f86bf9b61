import { bareTableName, foldName, foldTableName, nameFault } from '../../../tsql/identifier.js';
import { tableNameFault } from '../check.js';
import type { QualifiedName } from './cursor.js';
import type { ScriptPlace } from './fault.js';
import type { DdlView } from './script.js';
import type { Dialect } from './tokens.js';
import type { TypeResolver } from './type-resolver.js';
import { viewColumns, type ViewColumn } from './view-columns.js';
import type { WholeTable } from './whole.js';

type DialectView = DdlView & { dialect: Dialect };

/** What a view can see, and where to report what it loses. */
interface ViewContext {
  /** The tables by folded name. */
  tables: ReadonlyMap<string, WholeTable>;
  types: TypeResolver;
  fullName(name: QualifiedName): string;
  skip(place: ScriptPlace, reason: string, code?: string): void;
}

/**
 * The views as tables. A view may select from another that comes later, so rounds go on until none brings a column more.
 */
export function readViews(views: readonly DialectView[], context: ViewContext): WholeTable[] {
  const found = new Map<string, readonly ViewColumn[]>();
  const byBareName = new Map<string, (readonly ViewColumn[])[]>();
  for (const table of context.tables.values()) {
    const bare = foldName(bareTableName(table.name));
    byBareName.set(bare, [...(byBareName.get(bare) ?? []), table.columns]);
  }
  const find = (name: QualifiedName): readonly ViewColumn[] | undefined => {
    const key = foldTableName(context.fullName(name));
    const same = byBareName.get(foldName(name.name)) ?? [];
    return context.tables.get(key)?.columns ?? found.get(key) ?? (same.length === 1 ? same[0] : undefined);
  };
  const open = (columns: readonly ViewColumn[] | undefined): number =>
    columns === undefined || columns.length === 0
      ? Infinity
      : columns.filter(({ type }) => type === undefined).length;
  for (let isMoving = true; isMoving;) {
    isMoving = false;
    for (const view of views) {
      const key = foldTableName(context.fullName(view));
      const before = found.get(key);
      if (open(before) === 0) continue;
      const cast = (tokens: DdlView['query']): string | undefined =>
        context.types.castType(tokens, view.dialect);
      const columns = viewColumns(view.query, find, (tokens) => cast([...tokens]));
      const named = columns?.map((column, i) => ({ ...column, name: view.columnNames?.[i] ?? column.name }));
      if (named === undefined || open(named) >= open(before)) continue;
      found.set(key, named);
      isMoving = true;
    }
  }
  return views.flatMap(
    (view) => viewTable(view, found.get(foldTableName(context.fullName(view))), context) ?? [],
  );
}

function viewTable(
  view: DialectView,
  found: readonly ViewColumn[] | undefined,
  context: ViewContext,
): WholeTable | undefined {
  const { place } = view;
  const name = context.fullName(view);
  const fault = nameFault(view.name) ?? tableNameFault(name);
  if (fault !== undefined) {
    context.skip(place, `view ${JSON.stringify(name)} is left out: its name ${fault}`, 'bad-name');
    return undefined;
  }
  if (found === undefined) {
    context.skip(
      place,
      `view ${name} is left out: its query cannot be read, or no file defines what it selects from`,
    );
    return undefined;
  }
  const seen = new Set<string>();
  const columns: WholeTable['columns'] = [];
  const lost: string[] = [];
  for (const column of found) {
    const isUsable = nameFault(column.name) === undefined && !seen.has(foldName(column.name));
    seen.add(foldName(column.name));
    if (isUsable && column.type !== undefined) {
      columns.push({ name: column.name, place, type: column.type, nullable: true });
    } else lost.push(column.name);
  }
  if (lost.length > 0 && columns.length > 0) {
    const reason = 'its query does not tell their types, or statements cannot use their names';
    context.skip(place, `view ${name} comes in without ${lost.join(', ')}: ${reason}`, 'unknown-type');
  }
  return {
    name,
    place,
    isView: true,
    comment: undefined,
    primaryKey: [],
    columns,
    foreignKeys: [],
    unresolvedKeys: [],
  };
}
