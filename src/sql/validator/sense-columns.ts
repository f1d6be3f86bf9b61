import type { PlaceholderInfo } from '../../data/placeholder.js';
import { maySpell } from '../../data/schema/roles/domain.js';
import {
  holdsAmounts,
  senseOf,
  type ColumnSense,
  type SenseOfSchema,
} from '../../data/schema/roles/sense.js';
import type { SchemaColumn } from '../../data/schema/schema-index.js';
import {
  children,
  isCondition,
  type Arithmetic,
  type Call,
  type Comparison,
  type Expression,
  type Like,
} from '../../tsql/ast.js';
import { quoteIdentifier, quoteTableName } from '../../tsql/identifier.js';
import { argumentKind, functionNamed, type ArgumentKind } from '../../tsql/functions.js';
import { containsColumn } from './grouping.js';
import { heldPart } from './parts.js';
import type { Problems } from './problems.js';
import type { Scope } from './scope.js';
import { placeholderIn } from './typing.js';

/** Functions of a value that is still the same thing after them. */
const KEEPING: ReadonlySet<string> = new Set([
  ...['ABS', 'ROUND', 'FLOOR', 'CEILING', 'COALESCE', 'ISNULL', 'NULLIF'],
  ...['UPPER', 'LOWER', 'LTRIM', 'RTRIM'],
]);
/** Arguments that are calculated with, and those whose characters are looked at. */
const CALCULATED: ReadonlySet<ArgumentKind> = new Set(['number', 'whole', 'position', 'length']);
const SPELLED: ReadonlySet<ArgumentKind> = new Set(['text', 'measured']);
/** What functions return that measure or count. */
const COUNTS: ReadonlySet<string> = new Set(['int', 'bigint', 'float']);
/** Parts whose sum means nothing, although their average does: people are born in 1962, or come at 14 hours. */
const AVERAGED: ReadonlySet<string> = new Set(['year', 'hour']);

const WHAT = {
  key: 'is a key or a code',
  code: 'is a code',
  place: 'is a place',
  order: 'is a place in an order',
  other: 'names something',
} as const;

/** What the values of columns forbid: calculating with keys, amounts beside keys, sums of codes and of months. */
export class ColumnCheck {
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

  #columnOf(node: Expression): SchemaColumn | undefined {
    return node.kind === 'column' ? this.scope.resolved(node)?.column : undefined;
  }

  /** The column that an expression is, apart from its type and from what stands for NULL. */
  #columnIn(node: Expression): SchemaColumn | undefined {
    if (node.kind === 'cast') return this.#columnIn(node.operand);
    if (node.kind !== 'call' || !KEEPING.has(node.name)) return this.#columnOf(node);
    const named = node.args.filter(containsColumn);
    return named.length === 1 ? this.#columnIn(named[0]!) : undefined;
  }

  compare(a: Expression, b: Expression, operator: Comparison['operator'], at: Expression): void {
    const [left, right] = [this.#columnIn(a), this.#columnIn(b)];
    if (left && right) {
      if (!this.#sense.areComparable(left, right)) this.#refusePair(left, right, at);
      return;
    }
    if (left && this.#compareValue(left, b, operator, at)) return;
    if (right && this.#compareValue(right, a, operator, at)) return;
    const [first, second] = [heldPart(a, this.scope), heldPart(b, this.scope)];
    if (first !== undefined && second !== undefined && first !== second)
      this.problems.add('sense-keys', at, `${aPart(first)} and ${aPart(second)} are different things`);
  }

  /** `COALESCE(visit_id, person_id)`: keys of different things in one value. */
  alternatives({ args: [first, ...others] }: Call): void {
    const one = first && this.#columnIn(first);
    for (const arg of others) {
      const other = this.#columnIn(arg);
      if (one && other && !this.#sense.areComparable(one, other)) this.#refusePair(one, other, arg);
    }
  }

  #refusePair(left: SchemaColumn, right: SchemaColumn, at: Expression): void {
    const [one, other] = [this.#sense.of(left), this.#sense.of(right)];
    const [first, second] = [nounOf(one), nounOf(other)];
    const isPair = first !== undefined && second !== undefined && first !== second;
    const what = isPair ? `are ${first} and ${second}` : 'identify different things';
    this.problems.add('sense-keys', at, `${nameOf(left)} and ${nameOf(right)} ${what}`);
  }

  /** @returns whether it was refused */
  #compareValue(column: SchemaColumn, value: Expression, operator: string, at: Expression): boolean {
    const sense = this.#sense.of(column);
    const before = this.problems.list.length;
    const isOrder = operator !== '=' && operator !== '<>';
    if (value.kind === 'placeholder') this.#comparePlaceholder(column, sense, value.name, at);
    else if (sense.meaning === 'key' && isNumeric(column)) {
      if (isOrder && !containsColumn(value) && !placeholderIn(value))
        this.#refuse('sense-amount', at, column, 'is a key or a code: more or less of it means nothing');
      else if (isCounted(value))
        this.#refuse('sense-amount', at, column, 'is a key or a code, and this counts something');
    }
    return this.problems.list.length > before;
  }

  #comparePlaceholder(column: SchemaColumn, sense: ColumnSense, written: string, at: Expression): void {
    const info = this.placeholders.get(written);
    if (info === undefined) return;
    const name = nameOf(column);
    if (written.startsWith('__NUM_')) {
      if (!holdsAmounts(sense)) {
        const what = sense.meaning === 'amount' ? 'other' : sense.meaning;
        this.problems.add('sense-amount', at, `${written} is an amount, and ${name} ${WHAT[what]}`);
      } else if (info.kind === 'age' && sense.part !== undefined)
        this.problems.add('sense-amount', at, `${written} is an age, and ${name} is ${aPart(sense.part)}`);
      return;
    }
    if (!written.startsWith('__ID_')) return;
    const isAmong = isKnownIn(`${column.table.name}.${column.column.name}`, info);
    if (isAmong === false) {
      const message = `${written} is an ID of ${info.columns!.join(' or ')}; compare it with one of them`;
      this.problems.add('sense-id', at, message);
    } else if (isAmong === undefined && !this.#sense.holdsId(info.kind, column)) {
      this.problems.add('sense-id', at, `${name} does not hold IDs of the kind ${info.kind} (${written})`);
    }
  }

  /** `person_id LIKE '5%'` */
  pattern({ operand, pattern }: Like): void {
    const column = this.#columnIn(operand);
    if (column && isNumeric(column) && this.#sense.of(column).meaning === 'key')
      this.#refuse('sense-amount', operand, column, 'is a key or a code: a part of its digits means nothing');
    const part = column && !maySpell(this.#sense.of(column).domain) ? placeholderIn(pattern) : undefined;
    if (column && part) this.#comparePlaceholder(column, this.#sense.of(column), part.name, pattern);
    if (pattern.kind !== 'string') return;
    if (/^%+$/.test(pattern.value))
      this.problems.add('sense-idle', pattern, `every text is like '${pattern.value}'; name what it holds`);
    else if (pattern.value === '')
      this.problems.add('sense-idle', pattern, "only the empty text is like ''; write = ''");
  }

  /** `person_id + 1`, `year_of_birth - month_of_birth` */
  arithmetic(node: Arithmetic): void {
    for (const side of [node.left, node.right]) this.calculated(side);
    if (node.operator !== '-') return;
    const [left, right] = [heldPart(node.left, this.scope), heldPart(node.right, this.scope)];
    if (left !== undefined && right !== undefined && left !== right)
      this.problems.add('sense-sum', node, `${aPart(right)} cannot be taken from ${aPart(left)}`);
  }

  calculated(side: Expression): void {
    const isText = side.kind === 'cast' && side.type.includes('char');
    if (isText) return;
    const isExtreme = side.kind === 'call' && (side.name === 'MIN' || side.name === 'MAX');
    this.#refuseKey(this.#columnIn(isExtreme ? side.args[0]! : side), side, 'calculating with it');
  }

  /** `ABS(person_id)`, `DATEADD(day, person_id, x)`, `LEN(person_id)` */
  argumentsOf(call: Call): void {
    const row = functionNamed(call.name);
    for (const [i, arg] of call.args.entries()) {
      const kind = argumentKind(row, i);
      if (CALCULATED.has(kind)) this.#refuseKey(this.#columnIn(arg), arg, `its ${call.name}`);
      else if (SPELLED.has(kind)) this.#refuseKey(this.#columnOf(arg), arg, `its ${call.name}`);
    }
  }

  #refuseKey(column: SchemaColumn | undefined, at: Expression, what: string): void {
    if (column?.type.family !== 'number' || this.#sense.of(column).meaning !== 'key') return;
    if (this.#added.has(column.column)) return;
    this.#added.add(column.column);
    this.#refuse('sense-sum', at, column, `is a key or a code: ${what} means nothing`);
  }

  /** `SUM(person_id)`, `AVG(month_of_birth)` */
  adding(call: Call): void {
    for (const node of this.#addedIn(call.args[0])) {
      const column = this.#columnOf(node);
      const part = heldPart(node, this.scope);
      if (part !== undefined) {
        if (AVERAGED.has(part) && call.name !== 'SUM') continue;
        if (column) this.#added.add(column.column);
        this.problems.add('sense-sum', call, `this is ${aPart(part)}: its ${call.name} means nothing`);
      } else if (column) {
        const sense = this.#sense.of(column);
        const { meaning } = sense;
        if (meaning === 'amount' || (meaning === 'other' && holdsAmounts(sense))) continue;
        this.#added.add(column.column);
        this.#refuse('sense-sum', call, column, `${WHAT[meaning]}: its ${call.name} means nothing`);
      }
    }
  }

  /** The columns and parts of dates whose values are added, through arithmetic and casts. */
  #addedIn(node: Expression | undefined): Expression[] {
    if (node === undefined || isCondition(node)) return [];
    if (node.kind === 'column' || heldPart(node, this.scope) !== undefined) return [node];
    if (node.kind === 'case')
      return [...node.branches.map(({ then }) => then), node.otherwise].flatMap((one) => this.#addedIn(one));
    const keepsValue = node.kind === 'call' && KEEPING.has(node.name);
    if (!keepsValue && node.kind !== 'arithmetic' && node.kind !== 'negation' && node.kind !== 'cast')
      return [];
    const added = children(node).flatMap((child) => this.#addedIn(child));
    // This year minus the year of birth is an age.
    const isDifference = node.kind === 'arithmetic' && node.operator === '-';
    return isDifference ? added.filter((one) => heldPart(one, this.scope) === undefined) : added;
  }

  #refuse(code: 'sense-amount' | 'sense-sum', at: Expression, column: SchemaColumn, what: string): void {
    this.problems.add(code, at, `${nameOf(column)} ${what}`);
  }
}

/** What a value of the column is, where that alone may tell it from another. */
function nounOf({ meaning, part, axis }: ColumnSense): string | undefined {
  if (part !== undefined) return aPart(part);
  if (axis !== undefined) return `a ${axis}`;
  if (meaning === 'order') return 'a place in an order';
  return meaning === 'key' ? 'a key' : meaning === 'amount' ? 'an amount' : undefined;
}

/** `an hour`, `a month` */
function aPart(part = 'part'): string {
  return `${/^(hour|iso)/.test(part) ? 'an' : 'a'} ${part}`;
}

function nameOf({ table, column }: SchemaColumn): string {
  return `${quoteTableName(table.name)}.${quoteIdentifier(column.name)}`;
}

function isNumeric({ type }: SchemaColumn): boolean {
  return type.family === 'number' || type.family === 'uuid';
}

/** Whether the value of a function is a number of something. */
function isCounted(node: Expression): boolean {
  return node.kind === 'call' && COUNTS.has(functionNamed(node.name).returns);
}

/** Whether the column is one of those that hold the ID; undefined where they are not known. */
function isKnownIn(name: string, { type, columns = [] }: PlaceholderInfo): boolean | undefined {
  if (type !== 'varchar' || columns.length === 0) return undefined;
  return columns.some((other) => other.toLowerCase() === name.toLowerCase());
}
