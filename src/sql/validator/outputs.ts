import type { ColumnRef as SchemaColumn } from '../../data/schema/schema-index.js';
import type { StarItem, Statement } from '../../tsql/ast.js';
import type { Scope } from './scope.js';
import type { ValueType } from '../../tsql/value-type.js';

/** One column that a statement gives back. */
export interface Output {
  /** Lower case; undefined for an expression without an alias. */
  name: string | undefined;
  /** Undefined after a fault. */
  type: ValueType | undefined;
  /** Position in the SELECT list, of an expression; undefined for a column that a star stands for. */
  item: number | undefined;
  /** As of `expressionKey`, of a column that a star stands for. */
  key: string | undefined;
}

/**
 * The columns that a statement gives back, stars written out: what ORDER BY can name and DISTINCT has to compare.
 * They are listed once for a statement, so that many stars and many sort keys do not multiply, and only when asked for.
 */
export class Outputs {
  #columns: readonly Output[] | undefined;
  #byName: Map<string, Output[]> | undefined;

  /** @param types of the items that are expressions; undefined elsewhere. */
  constructor(
    readonly scope: Scope,
    readonly statement: Statement,
    readonly types: readonly (ValueType | undefined)[],
  ) {}

  get columns(): readonly Output[] {
    return (this.#columns ??= this.statement.items.flatMap((item, i): Output[] => {
      if (item.kind === 'star') return columnsOfStar(this.scope, item);
      const own = item.alias ?? (item.expression.kind === 'column' ? item.expression.column : undefined);
      return [{ name: own?.text.toLowerCase(), type: this.types[i], item: i, key: undefined }];
    }));
  }

  named(name: string): readonly Output[] {
    this.#byName ??= groupByName(this.columns);
    return this.#byName.get(name.toLowerCase()) ?? [];
  }
}

function groupByName(columns: readonly Output[]): Map<string, Output[]> {
  const groups = new Map<string, Output[]>();
  for (const column of columns) {
    if (column.name === undefined) continue;
    const same = groups.get(column.name);
    if (same) same.push(column);
    else groups.set(column.name, [column]);
  }
  return groups;
}

/** Whether the statement gives back more columns than that; found out without listing them. */
export function hasMoreOutputs(scope: Scope, statement: Statement, limit: number): boolean {
  let count = 0;
  return statement.items.some((item) => {
    if (item.kind === 'expression') count++;
    else for (const source of sourcesOfStar(scope, item)) count += columnsOf(scope, source).length;
    return count > limit;
  });
}

/** Positions in the FROM clause of the tables that a star stands for. */
function sourcesOfStar(scope: Scope, star: StarItem): number[] {
  const wanted = star.table?.text.toLowerCase();
  return scope.sources.flatMap((source, i) =>
    wanted === undefined || wanted === source.exposed.toLowerCase() ? [i] : [],
  );
}

function columnsOf(scope: Scope, source: number): readonly SchemaColumn[] {
  const { table } = scope.sources[source]!;
  return table === undefined ? [] : scope.index.columns(table);
}

function columnsOfStar(scope: Scope, star: StarItem): Output[] {
  return sourcesOfStar(scope, star).flatMap((source) =>
    columnsOf(scope, source).map(({ column, type }) => {
      const name = column.name.toLowerCase();
      return { name, type, item: undefined, key: `#${source}.${name}` };
    }),
  );
}
