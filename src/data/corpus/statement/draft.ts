import type { Attribute, Child, Entity } from '../topics/entities.js';
import { column, type QueryExpression, type QueryPredicate, type QueryProgram } from './program.js';

/**
 * A program under construction. Intents and conditions ask for attributes; the draft adds the joins that reach them,
 * each foreign key once, in the order of first use.
 */
export class Draft {
  readonly program: QueryProgram;
  /** Predicates that follow the conditions of the question. */
  readonly last: QueryPredicate[] = [];
  private readonly sourceOfPath = new Map<string, number>();

  constructor(readonly entity: Entity) {
    this.program = {
      distinct: false,
      select: [],
      from: [{ table: entity.table.name }],
      where: [],
      groupBy: [],
      orderBy: [],
    };
    this.sourceOfPath.set('', 0);
  }

  /**
   * The attribute as an expression; joins its table if that has not happened yet. `LEFT` keeps rows without a match.
   */
  expression(attribute: Attribute, kind: 'INNER' | 'LEFT' = 'INNER'): QueryExpression {
    let source = 0;
    let path = '';
    for (const key of attribute.path) {
      path += `/${key.columns.join(',')}`;
      const known = this.sourceOfPath.get(path);
      source = known ?? this.add(key.references.table, kind, source, key.columns, key.references.columns);
      this.sourceOfPath.set(path, source);
    }
    return column(source, attribute.column.name);
  }

  /** Left-joins the rows that point here; returns the child's key column, NULL for rows without a child. */
  joinChild({ entity, key }: Child): QueryExpression {
    const source = this.add(entity.table.name, 'LEFT', 0, key.references.columns, key.columns);
    return column(source, key.columns[0]!);
  }

  private add(
    table: string,
    kind: 'INNER' | 'LEFT',
    left: number,
    leftColumns: readonly string[],
    rightColumns: readonly string[],
  ): number {
    const right = this.program.from.length;
    const on = leftColumns.map((name, i) => ({
      left: { source: left, column: name },
      right: { source: right, column: rightColumns[i]! },
    }));
    this.program.from.push({ table, join: { kind, on } });
    return right;
  }
}
