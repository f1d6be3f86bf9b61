import type { Attribute, Child, Entity } from '../topics/entities.js';
import type { SchemaIndex } from '../../schema/schema-index.js';
import { keepFractions, needed, listNamed, rankKnownOnly, rankNamedGroups } from './finish.js';
import { column, type QueryExpression, type QueryProgram } from './program.js';

/**
 * A program under construction. Intents and conditions ask for attributes; the draft adds the joins that reach them,
 * each foreign key once, in the order of first use.
 */
export class Draft {
  readonly program: QueryProgram;
  private readonly sourceOfPath = new Map<string, number>();
  /** Sources whose kind of join the conditions decide. */
  private readonly open: number[] = [];

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

  /** True while the statement lists rows as they are, in no order and however many there are. */
  isPlainList(): boolean {
    const { select, groupBy, orderBy, top, distinct } = this.program;
    const isPlain = select.every(({ kind }) => kind === 'column' || kind === 'star');
    return (
      isPlain && select.length > 0 && !distinct && top === undefined && groupBy.length + orderBy.length === 0
    );
  }

  /** True while the statement only counts rows. */
  isPlainCount(): boolean {
    const { select, groupBy } = this.program;
    return groupBy.length === 0 && select.every(({ kind }) => kind === 'count');
  }

  /** The attribute as an expression; joins its table if that has not happened yet. */
  expression(attribute: Attribute): QueryExpression {
    let source = 0;
    let path = '';
    for (const key of attribute.path) {
      path += `/${key.columns.join(',')}`;
      const known = this.sourceOfPath.get(path);
      if (known === undefined) {
        source = this.add(key.references.table, 'LEFT', source, key.columns, key.references.columns);
        this.sourceOfPath.set(path, source);
        this.open.push(source);
      } else source = known;
    }
    return column(source, attribute.column.name);
  }

  /** Left-joins the rows that point here; returns the child's key column, NULL for rows without a child. */
  joinChild({ entity, key }: Child): QueryExpression {
    const source = this.add(entity.table.name, 'LEFT', 0, key.references.columns, key.columns);
    return column(source, key.columns[0]!);
  }

  /**
   * Ends the draft, once all conditions are in it: joins become INNER where a condition needs the row, averages of
   * whole numbers keep their fraction, and NULL is not the lowest of a ranking.
   */
  finish(index: SchemaIndex): void {
    const { program } = this;
    rankKnownOnly(program);
    rankNamedGroups(program, index);
    listNamed(program, index);
    keepFractions(program, index);
    for (const source of needed(program)) {
      if (this.open.includes(source)) program.from[source]!.join!.kind = 'INNER';
    }
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
