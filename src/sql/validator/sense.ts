import type { PlaceholderInfo } from '../../data/placeholder.js';
import { senseOf, type SenseOfSchema } from '../../data/schema/roles/sense.js';
import type { SchemaColumn } from '../../data/schema/schema-index.js';
import {
  children,
  isCondition,
  type Call,
  type Comparison,
  type Expression,
  type Like,
  type Logical,
  type Statement,
} from '../../tsql/ast.js';
import { datepartNamed, type Datepart } from '../../tsql/dateparts.js';
import { functionNamed } from '../../tsql/functions.js';
import { containsColumn, expressionKey } from './grouping.js';
import { checkEmptiness } from './emptiness.js';
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
  if (statement.top?.kind === 'number' && Number(statement.top.text) === 0)
    problems.add('sense-idle', statement.top, 'TOP (0) shows no row');
  for (const item of statement.items) {
    if (item.kind !== 'expression') continue;
    check.selected(item.expression);
    check.visit(item.expression);
  }
  for (const join of statement.joins) check.visit(join.on);
  if (statement.where) check.visit(statement.where);
  for (const node of statement.groupBy) check.visit(node);
  for (const { expression } of statement.orderBy) check.visit(expression);
  if (!problems.list.some(({ code }) => code === 'sense-empty')) checkEmptiness(statement, scope, problems);
}

/** Aggregates that add values up. */
const ADDING: ReadonlySet<string> = new Set(['SUM', 'AVG', 'STDEV', 'STDEVP', 'VAR', 'VARP']);
/** Functions of a value that is still the same thing after them. */
const KEEPING: ReadonlySet<string> = new Set([
  'ABS',
  'ROUND',
  'FLOOR',
  'CEILING',
  'COALESCE',
  'ISNULL',
  'NULLIF',
]);
/** Units by length; a period of one kind does not end within a shorter one. */
const LENGTHS: readonly Datepart[] = ['day', 'week', 'month', 'quarter', 'year'];

class SenseCheck {
  readonly #sense: SenseOfSchema;
  /** Columns whose sum was refused: calculating with them need not be, once more. */
  readonly #added = new Set<SchemaColumn['column']>();

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
        this.#samePlaces(node.left, node.right, node);
        break;
      case 'between':
        this.#compare(node.operand, node.low, '>=', node);
        if (!isNumber(node.low)) this.#compare(node.operand, node.high, '<=', node);
        break;
      case 'in':
        for (const item of node.items) this.#compare(node.operand, item, '=', node);
        this.#listed(node.items);
        break;
      case 'like':
        this.#pattern(node);
        break;
      case 'and':
      case 'or':
        this.#logical(node);
        break;
      case 'call':
        if (ADDING.has(node.name)) this.#adding(node);
        if (node.name === 'DATEADD') this.#interval(node);
        if (node.name === 'DATEDIFF') this.#samePlaces(node.args[0]!, node.args[1]!, node);
        this.#constant(node);
        break;
      case 'arithmetic':
        if (node.operator !== '%') for (const side of [node.left, node.right]) this.#calculated(side);
        break;
      default:
    }
    for (const child of children(node)) this.visit(child);
  }

  #columnOf(node: Expression): SchemaColumn | undefined {
    return node.kind === 'column' ? this.scope.resolved(node)?.column : undefined;
  }

  /** A column beside itself: the same in every row. */
  #samePlaces(a: Expression, b: Expression, at: Expression): void {
    if (containsColumn(a) && expressionKey(this.scope, a) === expressionKey(this.scope, b))
      this.problems.add('sense-idle', at, 'both sides are the same, so this is the same for every row');
  }

  /** `IN (1, 1)` */
  #listed(items: readonly Expression[]): void {
    const seen = new Set<string>();
    for (const item of items) {
      const key = expressionKey(this.scope, item);
      if (seen.has(key)) this.problems.add('sense-idle', item, 'this value stands in the list twice');
      seen.add(key);
    }
  }

  /** `LIKE '%'` */
  #pattern({ pattern }: Like): void {
    if (pattern.kind !== 'string' || !/^%+$/.test(pattern.value)) return;
    this.problems.add('sense-idle', pattern, `every text is like '${pattern.value}'; name what it holds`);
  }

  /** `SUM(100)`, `COUNT(DISTINCT 1)`; COUNT(1) counts rows. */
  #constant(call: Call): void {
    const [arg] = call.args;
    if (arg === undefined || functionNamed(call.name).aggregate !== true || containsColumn(arg)) return;
    if (call.name.startsWith('COUNT') && !call.distinct) return;
    // SUM(1) counts rows too.
    if (call.name === 'SUM' && arg.kind === 'number' && Number(arg.text) === 1) return;
    this.problems.add(
      'sense-idle',
      arg,
      `${call.name} of what is the same in every row says nothing of the rows`,
    );
  }

  /** `person_id + 1` */
  #calculated(side: Expression): void {
    const column = this.#columnOf(side);
    if (column?.type.family !== 'number' || this.#sense.of(column).meaning !== 'key') return;
    if (this.#added.has(column.column)) return;
    const message = `${column.table.name}.${column.column.name} identifies rows: calculating with it means nothing`;
    this.problems.add('sense-sum', side, message);
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
      this.#added.add(column.column);
      const message = `${column.table.name}.${column.column.name} ${what}: its ${call.name} means nothing`;
      this.problems.add('sense-sum', call, message);
    }
  }

  /** The columns whose values are added, through arithmetic and casts. */
  #addedColumns(node: Expression | undefined): SchemaColumn[] {
    if (node === undefined || isCondition(node)) return [];
    const column = this.#columnOf(node);
    if (column) return [column];
    if (node.kind === 'case')
      return [...node.branches.map(({ then }) => then), node.otherwise].flatMap((one) =>
        this.#addedColumns(one),
      );
    const keepsValue = node.kind === 'call' && KEEPING.has(node.name);
    if (!keepsValue && node.kind !== 'arithmetic' && node.kind !== 'negation' && node.kind !== 'cast')
      return [];
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
    const opposites = new Set<string>();
    for (const operand of node.operands) {
      if (!containsColumn(operand)) continue;
      const key = expressionKey(this.scope, operand);
      if (seen.has(key))
        this.problems.add('sense-idle', operand, 'this condition stands here twice; remove one');
      const opposite = oppositeOf(operand);
      const oppositeKey = opposite && expressionKey(this.scope, opposite);
      if ((oppositeKey !== undefined && seen.has(oppositeKey)) || opposites.has(key)) {
        if (node.kind === 'and')
          this.problems.add('sense-empty', operand, 'this and its opposite never hold together');
        else
          this.problems.add(
            'sense-idle',
            operand,
            'this and its opposite hold for every row, so they choose none',
          );
      }
      seen.add(key);
      if (operand.kind === 'not') opposites.add(oppositeKey!);
    }
    if (node.kind === 'and') this.#together(node);
    this.#claims(node);
  }

  /** `x = 1 AND x IN (2, 3)`: no value is in both; `x <> 1 OR x <> 2`: each row differs from one. */
  #claims(node: Logical): void {
    const said = new Map<string, ReadonlySet<string>[]>();
    for (const operand of node.operands) {
      const of = subjectOf(operand);
      if (of === undefined || claimOf(operand) !== (node.kind === 'and' ? 'is' : 'isNot')) continue;
      const values = valuesOf(operand, of);
      if (values.some(containsColumn)) continue;
      const key = expressionKey(this.scope, of);
      const texts = new Set(values.map((value) => expressionKey(this.scope, value)));
      const before = said.get(key) ?? [];
      const isApart = before.some((others) => [...texts].every((text) => !others.has(text)));
      if (isApart && node.kind === 'and')
        this.problems.add('sense-empty', operand, 'no value equals both; write OR, or IN (…)');
      else if (isApart)
        this.problems.add(
          'sense-idle',
          operand,
          'every row differs from one of them; write AND, or NOT IN (…)',
        );
      said.set(key, [...before, texts]);
    }
  }

  /** Conditions on one column that no value meets together: IS NULL and any other. */
  #together(node: Logical): void {
    const empty = new Set<string>();
    const compared = new Set<string>();
    for (const operand of node.operands) {
      const of = subjectOf(operand);
      if (of === undefined || !containsColumn(of)) continue;
      const key = expressionKey(this.scope, of);
      const isEmpty = operand.kind === 'isNull' && !operand.negated;
      if (isEmpty) empty.add(key);
      else compared.add(key);
      if (empty.has(key) && compared.has(key))
        this.problems.add('sense-empty', operand, 'a column that IS NULL meets no other condition');
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

/** Whether the condition says that its subject is one of some values, or none of them. */
function claimOf(node: Expression): 'is' | 'isNot' | undefined {
  if (node.kind === 'in') return node.negated ? 'isNot' : 'is';
  if (node.kind !== 'comparison') return undefined;
  return node.operator === '=' ? 'is' : node.operator === '<>' ? 'isNot' : undefined;
}

function valuesOf(node: Expression, subject: Expression): readonly Expression[] {
  if (node.kind === 'in') return node.items;
  if (node.kind !== 'comparison') return [];
  return [node.left === subject ? node.right : node.left];
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
