import type { SchemaColumn } from '../../data/schema/schema-index.js';
import type { StarItem, Statement } from '../../tsql/ast.js';
import type { Scope } from './scope.js';
import type { ValueType } from '../../tsql/value-type.js';

/** One column of a result. */
export interface Output {
  /** Lower case; undefined for an expression without an alias. */
  name: string | undefined;
  /** Undefined after a fault. */
  type: ValueType | undefined;
  /** Position of an expression in the SELECT list; undefined for a column from a star. */
  item: number | undefined;
  /** The `expressionKey` of a column from a star. */
  key: string | undefined;
}

/**
 * The columns of a result, with stars expanded: ORDER BY can name them, and DISTINCT compares them. They are listed on
 * demand and once per statement: many stars times many sort keys would take long.
 */
export class Outputs {
  #columns: readonly Output[] | undefined;
  #byName: Map<string, Output[]> | undefined;

  /** @param types by item; undefined for stars */
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

/** Whether the result has more columns than that; does not list them. */
export function hasMoreOutputs(scope: Scope, statement: Statement, limit: number): boolean {
  let count = 0;
  return statement.items.some((item) => {
    if (item.kind === 'expression') count++;
    else for (const source of sourcesOfStar(scope, item)) count += columnsOf(scope, source).length;
    return count > limit;
  });
}

/** The positions in FROM of the tables that a star stands for. */
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
