import type { SchemaIndex } from '../../data/schema/schema-index.js';
import {
  children,
  topExpressionsOf,
  tableNameOf,
  type ColumnRef,
  type Expression,
  type Statement,
} from '../../tsql/ast.js';
import { foldName, foldTableName } from '../../tsql/identifier.js';

/** One table of a statement's FROM, under a label that does not depend on its alias. */
interface Place {
  exposed: string;
  /** The table's folded name; with `#2` for its second appearance. */
  label: string;
  table: string;
}

/** Which table each column of a statement belongs to, without the aliases that the statement happens to use. */
export class StatementNames {
  readonly places: Place[] = [];

  constructor(
    statement: Statement,
    private readonly index: SchemaIndex,
  ) {
    const seen = new Map<string, number>();
    for (const ref of [statement.from, ...statement.joins.map((join) => join.table)]) {
      const table = foldTableName(index.table(tableNameOf(ref))?.name ?? tableNameOf(ref));
      const times = (seen.get(table) ?? 0) + 1;
      seen.set(table, times);
      const label = times === 1 ? table : `${table}#${times}`;
      this.places.push({ exposed: foldName((ref.alias ?? ref.table).text), label, table });
    }
  }

  /** The label and the folded name of a column; a column of no table keeps its name alone. */
  columnOf(ref: ColumnRef): { label: string; table: string; column: string } | undefined {
    const column = foldName(ref.column.text);
    const place = ref.table
      ? this.places.find(({ exposed }) => exposed === foldName(ref.table!.text))
      : this.places.find(({ table }) => this.index.column(table, column) !== undefined);
    return place && { label: place.label, table: place.table, column };
  }
}

/** The expression and everything below it. */
export function* walk(expression: Expression): Generator<Expression> {
  yield expression;
  for (const child of children(expression)) yield* walk(child);
}

/** All expressions of a statement: SELECT, ON, WHERE, GROUP BY, ORDER BY. */
export function* expressionsOf(statement: Statement): Generator<Expression> {
  for (const expression of topExpressionsOf(statement)) yield* walk(expression);
}
