import type { PlaceholderInfo } from '../../data/placeholder.js';
import { senseOf, type SenseOfSchema } from '../../data/schema/roles/sense.js';
import type { SchemaColumn } from '../../data/schema/schema-index.js';
import {
  children,
  isCondition,
  type Call,
  type Comparison,
  type Expression,
  type Logical,
  type Statement,
} from '../../tsql/ast.js';
import { datepartNamed, type Datepart } from '../../tsql/dateparts.js';
import { containsColumn, expressionKey } from './grouping.js';
import type { Problems } from './problems.js';
import type { Scope } from './scope.js';

/**
 * Refuses what SQL Server would run and nobody can mean: an amount compared with a key, an ID with another table's key,
 * sums of codes, a condition that decides nothing. Call it once names are resolved.
 */
export function checkSense(
  statement: Statement,
  scope: Scope,
  problems: Problems,
  placeholders: ReadonlyMap<string, PlaceholderInfo>,
): void {
  const check = new SenseCheck(scope, problems, placeholders);
  for (const item of statement.items) {
    if (item.kind !== 'expression') continue;
    check.selected(item.expression);
    check.visit(item.expression);
  }
  for (const join of statement.joins) check.visit(join.on);
  if (statement.where) check.visit(statement.where);
  for (const node of statement.groupBy) check.visit(node);
  for (const { expression } of statement.orderBy) check.visit(expression);
}

/** Aggregates that add values up. */
const ADDING: ReadonlySet<string> = new Set(['SUM', 'AVG', 'STDEV', 'STDEVP', 'VAR', 'VARP']);
/** Units by length; a period of one kind does not end within a shorter one. */
const LENGTHS: readonly Datepart[] = ['day', 'week', 'month', 'quarter', 'year'];

class SenseCheck {
  readonly #sense: SenseOfSchema;

  constructor(
    readonly scope: Scope,
    readonly problems: Problems,
    readonly placeholders: ReadonlyMap<string, PlaceholderInfo>,
  ) {
    this.#sense = senseOf(scope.index);
  }

  /** An ID or a text that is selected instead of compared. */
  selected(node: Expression): void {
    if (node.kind !== 'placeholder' || !/^__(ID|TEXT)_/.test(node.name)) return;
    const message = `${node.name} is selected, which chooses no rows; compare it with a column`;
    this.problems.add('sense-idle', node, message);
  }

  visit(node: Expression): void {
    switch (node.kind) {
      case 'comparison':
        this.#compare(node.left, node.right, node.operator, node);
        break;
      case 'between':
        this.#compare(node.operand, node.low, '>=', node);
        if (!isNumber(node.low)) this.#compare(node.operand, node.high, '<=', node);
        break;
      case 'in':
        for (const item of node.items) this.#compare(node.operand, item, '=', node);
        break;
      case 'and':
      case 'or':
        this.#logical(node);
        break;
      case 'call':
        if (ADDING.has(node.name)) this.#adding(node);
        if (node.name === 'DATEADD') this.#interval(node);
        break;
      default:
    }
    for (const child of children(node)) this.visit(child);
  }

  #columnOf(node: Expression): SchemaColumn | undefined {
    return node.kind === 'column' ? this.scope.resolved(node)?.column : undefined;
  }

  #compare(a: Expression, b: Expression, operator: Comparison['operator'], at: Expression): void {
    const [left, right] = [this.#columnOf(a), this.#columnOf(b)];
    if (left && right) {
      if (this.#sense.areComparable(left, right)) return;
      const message = `${left.table.name}.${left.column.name} and ${right.table.name}.${right.column.name} identify different things`;
      this.problems.add('sense-keys', at, message);
    } else if (left) this.#compareValue(left, b, operator, at);
    else if (right) this.#compareValue(right, a, operator, at);
  }

  #compareValue(column: SchemaColumn, value: Expression, operator: string, at: Expression): void {
    const { meaning } = this.#sense.of(column);
    const name = `${column.table.name}.${column.column.name}`;
    if (value.kind === 'placeholder') {
      const info = this.placeholders.get(value.name);
      if (info === undefined) return;
      if (value.name.startsWith('__NUM_') && meaning === 'key') {
        this.problems.add('sense-amount', at, `${value.name} is an amount, and ${name} identifies rows`);
      } else if (value.name.startsWith('__ID_') && !this.#sense.holdsId(info.kind, column)) {
        this.problems.add(
          'sense-id',
          at,
          `${name} does not hold IDs of the kind ${info.kind} (${value.name})`,
        );
      }
    } else if (isNumber(value) && meaning === 'key' && operator !== '=' && operator !== '<>') {
      this.problems.add('sense-amount', at, `${name} identifies rows: more or less of it means nothing`);
    }
  }

  #adding(call: Call): void {
    for (const column of this.#addedColumns(call.args[0])) {
      const { meaning } = this.#sense.of(column);
      if (meaning === 'amount' || meaning === 'other') continue;
      const what = { key: 'identifies rows', code: 'is a code', place: 'is a place' }[meaning];
      const message = `${column.table.name}.${column.column.name} ${what}: its ${call.name} means nothing`;
      this.problems.add('sense-sum', call, message);
    }
  }

  /** The columns whose values are added, through arithmetic and casts. */
  #addedColumns(node: Expression | undefined): SchemaColumn[] {
    if (node === undefined || isCondition(node)) return [];
    const column = this.#columnOf(node);
    if (column) return [column];
    if (node.kind !== 'arithmetic' && node.kind !== 'negation' && node.kind !== 'cast') return [];
    return children(node).flatMap((child) => this.#addedColumns(child));
  }

  /** `DATEADD(day, 1, month)`: the end of a day, where the question speaks of a month. */
  #interval({ datepart, args }: Call): void {
    const date = args[1];
    if (date?.kind !== 'placeholder' || datepart === undefined) return;
    const info = this.placeholders.get(date.name);
    const part = datepartNamed(datepart.text);
    if (info === undefined || part === undefined || !/^(month|quarter|year)$/.test(info.kind)) return;
    if (LENGTHS.indexOf(part) >= LENGTHS.indexOf(info.kind as Datepart)) return;
    const message = `${date.name} is a whole ${info.kind}; its end is DATEADD(${info.kind}, 1, ${date.name})`;
    this.problems.add('sense-interval', datepart, message);
  }

  #logical(node: Logical): void {
    const seen = new Set<string>();
    for (const operand of node.operands) {
      if (!containsColumn(operand)) continue;
      const key = expressionKey(this.scope, operand);
      if (seen.has(key))
        this.problems.add('sense-idle', operand, 'this condition stands here twice; remove one');
      const opposite = oppositeOf(operand);
      if (opposite && seen.has(expressionKey(this.scope, opposite))) {
        const message =
          node.kind === 'or'
            ? 'this and its opposite hold for every row, so they choose none'
            : 'this and its opposite never hold together';
        this.problems.add('sense-idle', operand, message);
      }
      seen.add(key);
    }
    if (node.kind === 'and') this.#together(node);
  }

  /** Conditions on one column that no value meets together: two values at once, or a value and none. */
  #together(node: Logical): void {
    const empty = new Set<string>();
    const equal = new Map<string, string>();
    const compared = new Set<string>();
    for (const operand of node.operands) {
      const of = subjectOf(operand);
      if (of === undefined || !containsColumn(of)) continue;
      const key = expressionKey(this.scope, of);
      const isEmpty = operand.kind === 'isNull' && !operand.negated;
      if (isEmpty) empty.add(key);
      else compared.add(key);
      if (empty.has(key) && compared.has(key))
        this.problems.add('sense-idle', operand, 'a column that IS NULL meets no other condition');
      if (operand.kind !== 'comparison' || operand.operator !== '=') continue;
      const value = operand.left === of ? operand.right : operand.left;
      if (containsColumn(value)) continue;
      const other = equal.get(key);
      const text = expressionKey(this.scope, value);
      if (other !== undefined && other !== text)
        this.problems.add('sense-idle', operand, 'no value equals both; write OR, or IN (…)');
      equal.set(key, text);
    }
  }
}

/** What a condition is about: the side with a column. */
function subjectOf(node: Expression): Expression | undefined {
  switch (node.kind) {
    case 'comparison':
      return containsColumn(node.left) ? node.left : node.right;
    case 'isNull':
    case 'between':
    case 'in':
    case 'like':
      return node.operand;
    default:
      return undefined;
  }
}

function isNumber(node: Expression): boolean {
  return node.kind === 'number' || (node.kind === 'negation' && isNumber(node.operand));
}

const OPPOSITES = { '=': '<>', '<>': '=', '<': '>=', '>=': '<', '>': '<=', '<=': '>' } as const;

/** The condition that holds where this one does not, NULL aside. */
function oppositeOf(node: Expression): Expression | undefined {
  switch (node.kind) {
    case 'comparison':
      return { ...node, operator: OPPOSITES[node.operator] };
    case 'isNull':
    case 'between':
    case 'in':
    case 'like':
      return { ...node, negated: !node.negated };
    case 'not':
      return node.operand;
    default:
      return undefined;
  }
}
