import { hash48 } from '../../base/hash.js';
import type { SchemaBundle, Table } from '../../data/schema/bundle.js';
import type { SchemaIndex } from '../../data/schema/schema-index.js';
import type { Statement } from '../../tsql/ast.js';
import { foldName, foldTableName } from '../../tsql/identifier.js';
import { parseSqlType } from '../../tsql/types.js';
import { pgString } from '../embedded/names.js';
import { rowLiteral, RowMaker, type PgLiteral } from '../embedded/rows.js';
import { expressionsOf, StatementNames } from './names.js';
import { agreeOnMoments } from './same-moment.js';
import { fits, wantedValues, type WantedValues } from './wanted-values.js';

/** Every seventh row of every table satisfies all conditions, and these rows belong together. */
const TOGETHER = 7;

/**
 * Generated rows in which a statement finds something: some rows satisfy its conditions, alone and together, and some
 * miss them narrowly. NULLs, ties and rows without a partner stay.
 */
export class PlantedRows {
  private readonly base = new Map<string, PgLiteral[][]>();
  private readonly maker: RowMaker;

  constructor(
    bundle: SchemaBundle,
    private readonly index: SchemaIndex,
    private readonly seed: number,
    count: number,
    private readonly now: string,
  ) {
    this.maker = new RowMaker(bundle, seed, count);
  }

  /** The rows of the tables that the statement reads, one `(value, …)` a row. */
  for(statement: Statement): Map<Table, string[]> {
    const names = new StatementNames(statement, this.index);
    const rows = new Map<string, PgLiteral[][]>();
    for (const { table } of names.places) if (this.tableOf(table)) rows.set(table, this.copyOf(table));
    const links = linksOf(statement, names);
    const wanted = wantedValues(statement, this.index, this.now);
    // A key is planted where it is defined; what refers to it follows.
    for (const one of wanted) if (!this.isKey(one.table, one.column.name)) this.plant(rows, one);
    for (const one of wanted) {
      if (this.isKey(one.table, one.column.name)) this.plantKey(rows, one);
      else this.plantTarget(rows, one);
    }
    for (const link of links) this.join(rows, link, wanted);
    for (const [table, list] of rows) {
      const planted = wanted.filter((one) => one.table === table).map(({ column }) => foldName(column.name));
      agreeOnMoments(this.tableOf(table)!, list, new Set(planted));
    }
    return new Map([...rows].map(([table, list]) => [this.tableOf(table)!, list.map(rowLiteral)]));
  }

  private tableOf(name: string): Table | undefined {
    return this.index.table(name);
  }

  private copyOf(name: string): PgLiteral[][] {
    let cells = this.base.get(name);
    if (!cells) {
      cells = this.maker.cells(this.tableOf(name)!);
      this.base.set(name, cells);
    }
    return cells.map((row) => [...row]);
  }

  private isTogether(row: number): boolean {
    return (row + this.seed) % TOGETHER === 0;
  }

  private position(table: string, column: string): number {
    return this.tableOf(table)!.columns.findIndex(({ name }) => foldName(name) === foldName(column));
  }

  /** Whether the column must hold different values: it is a key by itself, or another table refers to it. */
  private isKey(table: string, column: string): boolean {
    const { primaryKey } = this.tableOf(table)!;
    if (primaryKey.some((name) => foldName(name) === foldName(column))) return true;
    return this.index.tables.some((other) =>
      other.foreignKeys.some(
        ({ references }) =>
          foldTableName(references.table) === table &&
          references.columns.some((name) => foldName(name) === foldName(column)),
      ),
    );
  }

  private plant(rows: Map<string, PgLiteral[][]>, { table, column, matching, near }: WantedValues): void {
    const at = this.position(table, column.name);
    const shift = hash48(`${this.seed} ${table}.${column.name}`) % 97;
    const pick = (values: readonly string[], row: number): PgLiteral =>
      literalOf(values[row % values.length]!, column.type);
    rows.get(table)?.forEach((cells, row) => {
      const turn = (row * 5 + shift) % 8;
      if (this.isTogether(row) || turn < 2) cells[at] = pick(matching, row + shift);
      else if (turn < 4 && near.length > 0) cells[at] = pick(near, row + shift);
    });
  }

  private plantKey(rows: Map<string, PgLiteral[][]>, { table, column, matching }: WantedValues): void {
    const at = this.position(table, column.name);
    const list = rows.get(table);
    if (!list) return;
    const places = list.flatMap((_, row) => (this.isTogether(row) ? [row] : []));
    const fitting = matching.filter((value) => fits(value, column));
    fitting.slice(0, places.length).forEach((value, i) => {
      const literal = literalOf(value, column.type);
      if (!list.some((cells) => cells[at] === literal)) list[places[i]!]![at] = literal;
    });
  }

  /** What a reference is compared with exists, also where only the found statement reads the table it refers to. */
  private plantTarget(rows: Map<string, PgLiteral[][]>, { table, column, ...wanted }: WantedValues): void {
    const key = this.tableOf(table)!.foreignKeys.find(
      ({ columns }) => columns.length === 1 && foldName(columns[0]!) === foldName(column.name),
    );
    const target = key && this.index.table(foldTableName(key.references.table));
    const to = target?.columns.find(({ name }) => foldName(name) === foldName(key!.references.columns[0]!));
    if (!key || !to) return;
    const name = foldTableName(key.references.table);
    if (!rows.has(name)) rows.set(name, this.copyOf(name));
    this.plantKey(rows, { ...wanted, table: name, column: to });
  }

  /** Rows that satisfy the conditions refer to each other, whichever of the two columns is the key. */
  private join(rows: Map<string, PgLiteral[][]>, [a, b]: Link, wanted: readonly WantedValues[]): void {
    const aIsKey = this.isKey(a.table, a.column);
    const [from, to] = aIsKey && !this.isKey(b.table, b.column) ? [b, a] : [a, b];
    const [source, target] = [rows.get(from.table), rows.get(to.table)];
    if (!source || !target || this.isKey(from.table, from.column)) return;
    const [fromAt, toAt] = [this.position(from.table, from.column), this.position(to.table, to.column)];
    const fixed = wanted.find(
      ({ table, column }) => table === from.table && foldName(column.name) === from.column,
    );
    if (fixed) {
      // The reference itself is compared with a value: the row that it refers to gets this key.
      const row = target.findIndex((_, i) => this.isTogether(i));
      const value = fixed.matching[0]!;
      const literal = literalOf(value, fixed.column.type);
      if (
        row >= 0 &&
        fits(value, this.tableOf(to.table)!.columns[toAt]!) &&
        !target.some((cells) => cells[toAt] === literal)
      )
        target[row]![toAt] = literal;
      return;
    }
    const column = this.tableOf(from.table)!.columns[fromAt]!;
    // A statement may compare columns whose types differ.
    const isSame = column.type === this.tableOf(to.table)!.columns[toAt]!.type;
    source.forEach((cells, row) => {
      const literal = target[row]![toAt];
      if (!this.isTogether(row) || !literal) return;
      if (isSame || fits(plainText(literal), column)) cells[fromAt] = literal;
    });
  }
}

interface End {
  table: string;
  column: string;
}
type Link = readonly [End, End];

/** The equations between two columns of different tables. */
function linksOf(statement: Statement, names: StatementNames): Link[] {
  const links: Link[] = [];
  for (const expression of expressionsOf(statement)) {
    if (expression.kind !== 'comparison' || expression.operator !== '=') continue;
    const { left, right } = expression;
    if (left.kind !== 'column' || right.kind !== 'column') continue;
    const [a, b] = [names.columnOf(left), names.columnOf(right)];
    if (a && b && a.label !== b.label) links.push([a, b]);
  }
  return links;
}

function plainText(literal: string): string {
  return literal.startsWith("'") ? literal.slice(1, -1).replaceAll("''", "'") : literal;
}

function literalOf(value: string, type: string): PgLiteral {
  const family = parseSqlType(type)?.family;
  return family === 'number' || family === 'bool' ? value : pgString(value);
}
