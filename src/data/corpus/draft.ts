import type { Attribute, Entity } from './entities.js';
import { column, type Expression, type Program } from './program.js';

/**
 * A program in the making. Families ask for attributes; the draft adds the joins that reach them, each foreign
 * key once, in the order in which the statement mentions them.
 */
export class Draft {
  readonly program: Program;
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

  /** The attribute as an expression; joins its table when that is not there yet. */
  expression(attribute: Attribute): Expression {
    let source = 0;
    let path = '';
    for (const key of attribute.path) {
      path += `/${key.columns.join(',')}`;
      source = this.sourceOfPath.get(path) ?? this.join(source, path, key);
    }
    return column(source, attribute.column.name);
  }

  private join(left: number, path: string, key: Attribute['path'][number]): number {
    const right = this.program.from.length;
    const on = key.columns.map((name, i) => ({
      left: { source: left, column: name },
      right: { source: right, column: key.references.columns[i]! },
    }));
    this.program.from.push({ table: key.references.table, join: { kind: 'INNER', on } });
    this.sourceOfPath.set(path, right);
    return right;
  }
}
