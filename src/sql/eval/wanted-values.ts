import type { Column } from '../../data/schema/bundle.js';
import type { SchemaIndex } from '../../data/schema/schema-index.js';
import type { Call, Comparison, Expression, Statement } from '../../tsql/ast.js';
import { parseSqlType } from '../../tsql/types.js';
import { expressionsOf, StatementNames } from './names.js';

/** What a column must hold for a statement's conditions to decide something. Values are plain text, not literals. */
export interface WantedValues {
  table: string;
  column: Column;
  /** They satisfy the conditions on this column. */
  matching: string[];
  /** They miss them narrowly. */
  near: string[];
}

type Test = (value: string) => boolean;

interface Collected {
  table: string;
  column: Column;
  candidates: Set<string>;
  tests: Test[];
  /** Months and days of the month that conditions ask for: candidates of other months are moved there. */
  months: Set<number>;
  days: Set<number>;
}

const DAY = 86_400_000;
/** Days before the database's clock: conditions on GETDATE() fall among them. */
const AGES = [0, 1, 3, 6, 10, 20, 29, 45, 80, 100, 200, 300, 370, 500, 800];

/**
 * The values that the conditions of a statement compare columns with, and values beside them: a row that satisfies a
 * condition, and rows that miss it by a day, by one, or by a letter.
 *
 * @param now the value of GETDATE()
 */
export function wantedValues(statement: Statement, index: SchemaIndex, now: string): WantedValues[] {
  const names = new StatementNames(statement, index);
  const collected = new Map<string, Collected>();
  const collect = (expression: Expression): Collected | undefined => {
    if (expression.kind !== 'column') return undefined;
    const found = names.columnOf(expression);
    const column = found && index.column(found.table, found.column)?.column;
    if (!column) return undefined;
    const key = `${found.table}.${found.column}`;
    let entry = collected.get(key);
    if (!entry) {
      entry = {
        table: found.table,
        column,
        candidates: new Set(),
        tests: [],
        months: new Set(),
        days: new Set(),
      };
      collected.set(key, entry);
    }
    return entry;
  };
  for (const expression of expressionsOf(statement)) collectFrom(expression, collect, now);
  return [...collected.values()].flatMap((entry) => {
    const { table, column, tests } = entry;
    const fitting = [...withMonths(entry, now)].filter((value) => fits(value, column));
    if (fitting.length === 0) return [];
    const matching = fitting.filter((value) => tests.every((test) => test(value)));
    const near = fitting.filter((value) => !matching.includes(value));
    return [{ table, column, matching: matching.length > 0 ? matching : near, near }];
  });
}

type Collect = (expression: Expression) => Collected | undefined;

function collectFrom(expression: Expression, collect: Collect, now: string): void {
  switch (expression.kind) {
    case 'comparison':
      fromComparison(expression, collect, now);
      fromComparison(flipped(expression), collect, now);
      return;
    case 'between': {
      const { operand: left, low, high, start, end } = expression;
      fromComparison({ kind: 'comparison', operator: '>=', left, right: low, start, end }, collect, now);
      fromComparison({ kind: 'comparison', operator: '<=', left, right: high, start, end }, collect, now);
      return;
    }
    case 'in': {
      const entry = collect(expression.operand);
      const items = expression.items.flatMap((item) => constantOf(item) ?? []);
      if (!entry || items.length === 0) return;
      for (const item of items) addAround(entry, item);
      entry.tests.push((value) => expression.negated !== items.some((item) => compare(value, item) === 0));
      return;
    }
    case 'like': {
      const entry = collect(expression.operand);
      const pattern = constantOf(expression.pattern);
      if (!entry || pattern === undefined) return;
      const core = pattern.replace(/[%_]/g, '');
      for (const value of [core, `${core}x`, `x${core}`, `x${core}x`]) entry.candidates.add(value);
      const [starts, ends] = [!pattern.startsWith('%'), !pattern.endsWith('%')];
      entry.tests.push((value) => {
        const like =
          (!starts || value.startsWith(core)) && (!ends || value.endsWith(core)) && value.includes(core);
        return like !== expression.negated;
      });
    }
  }
}

function flipped({ operator, left, right, ...rest }: Comparison): Comparison {
  const turned = { '=': '=', '<>': '<>', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const;
  return { ...rest, operator: turned[operator], left: right, right: left };
}

function fromComparison({ operator, left, right }: Comparison, collect: Collect, now: string): void {
  if (left.kind === 'call') return fromCall(left, operator, right, collect, now);
  const operand = left.kind === 'cast' ? left.operand : left;
  const entry = collect(operand);
  if (!entry) return;
  const value = constantOf(right);
  if (value !== undefined) {
    addAround(entry, value);
    entry.tests.push((other) => holds(operator, compare(other, value)));
  } else if (mentionsNow(right)) {
    addAges(entry, now);
  }
}

function addAges({ candidates }: Collected, now: string): void {
  for (const age of AGES) candidates.add(dayText(timeOf(now) - age * DAY));
}

/** YEAR(x), MONTH(x), DAY(x) and DATEDIFF(part, x, GETDATE()) compared with a number. */
function fromCall(
  call: Call,
  operator: Comparison['operator'],
  right: Expression,
  collect: Collect,
  now: string,
): void {
  const entry = call.args[0] && collect(call.args[0]);
  const number = Number(
    constantOf(right) ?? (call.name === 'YEAR' && mentionsNow(right) ? yearOf(right, now) : NaN),
  );
  if (!entry || !Number.isInteger(number)) return;
  const test = (part: (date: string) => number): void => {
    entry.tests.push((value) => isDate(value) && holds(operator, part(value) - number));
  };
  const at = (value: string): Date => new Date(timeOf(value));
  switch (call.name) {
    case 'YEAR':
      for (const date of [
        `${number}-03-05`,
        `${number}-11-20`,
        `${number - 1}-12-31`,
        `${number + 1}-01-01`,
      ]) {
        entry.candidates.add(date);
      }
      return test((value) => at(value).getUTCFullYear());
    case 'MONTH':
      entry.months.add(number);
      return test((value) => at(value).getUTCMonth() + 1);
    case 'DAY':
      entry.days.add(number);
      return test((value) => at(value).getUTCDate());
    case 'DATEDIFF': {
      if (!call.args[1] || !mentionsNow(call.args[1])) return;
      const part = call.datepart!.text.toLowerCase();
      const days = DAYS_OF[part];
      if (days === undefined) return;
      for (const more of [-1, 0, 1])
        entry.candidates.add(dayText(timeOf(now) - (number + more) * days * DAY));
      return test((value) => boundariesBetween(part, at(value), at(now)));
    }
  }
}

const DAYS_OF: Record<string, number> = { day: 1, week: 7, month: 30, quarter: 91, year: 365 };

/** DATEDIFF of SQL Server: how many boundaries of the part lie between. */
function boundariesBetween(part: string, from: Date, to: Date): number {
  const months = (date: Date): number => 12 * date.getUTCFullYear() + date.getUTCMonth();
  if (part === 'year') return to.getUTCFullYear() - from.getUTCFullYear();
  if (part === 'month') return months(to) - months(from);
  if (part === 'quarter') return Math.floor(months(to) / 3) - Math.floor(months(from) / 3);
  const days = Math.floor(to.getTime() / DAY) - Math.floor(from.getTime() / DAY);
  return part === 'week' ? Math.round(days / 7) : days;
}

/** `YEAR(GETDATE()) - 1` as a number. */
function yearOf(expression: Expression, now: string): number {
  if (expression.kind !== 'arithmetic') return Number(now.slice(0, 4));
  const less = Number(constantOf(expression.right));
  return Number(now.slice(0, 4)) + (expression.operator === '-' ? -less : less);
}

/** The candidates, and each of them moved to the months and days that are asked for. */
function withMonths({ candidates, months, days, column }: Collected, now: string): Set<string> {
  const all = new Set(candidates);
  if (months.size === 0 && days.size === 0) return all;
  if (parseSqlType(column.type)?.family !== 'date') return all;
  const dates = [...candidates].filter(isDate);
  const years = new Set([now, ...dates].map((date) => date.slice(0, 4)));
  const asWritten = new Set([now, ...dates].map((date) => new Date(timeOf(date)).getUTCMonth() + 1));
  const two = (number: number): string => String(number).padStart(2, '0');
  for (const year of years) {
    for (const month of months.size > 0 ? months : asWritten) {
      for (const day of days.size > 0 ? days : [5, 20]) all.add(`${year}-${two(month)}-${two(day)}`);
    }
  }
  return all;
}

function mentionsNow(expression: Expression): boolean {
  if (expression.kind === 'call') {
    return (
      ['GETDATE', 'CURRENT_TIMESTAMP', 'SYSDATETIME'].includes(expression.name) ||
      expression.args.some(mentionsNow)
    );
  }
  if (expression.kind === 'cast') return mentionsNow(expression.operand);
  return expression.kind === 'arithmetic' && (mentionsNow(expression.left) || mentionsNow(expression.right));
}

/** The text of a constant: a string, a number, a cast of one, or a day before or after one. */
function constantOf(expression: Expression): string | undefined {
  switch (expression.kind) {
    case 'string':
      return expression.value;
    case 'number':
      return expression.text;
    case 'negation': {
      const inner = constantOf(expression.operand);
      return inner === undefined ? undefined : `-${inner}`;
    }
    case 'cast':
      return constantOf(expression.operand);
    case 'call': {
      if (expression.name !== 'DATEADD' || expression.args.length !== 2) return undefined;
      const base = constantOf(expression.args[1]!);
      const count = Number(constantOf(expression.args[0]!));
      const days = DAYS_OF[expression.datepart!.text.toLowerCase()];
      if (base === undefined || !isDate(base) || days === undefined || Number.isNaN(count)) return undefined;
      return dayText(timeOf(base) + count * days * DAY);
    }
    default:
      return undefined;
  }
}

function addAround({ column, candidates }: Collected, value: string): void {
  candidates.add(value);
  const family = parseSqlType(column.type)?.family;
  if (family === 'date' && isDate(value)) {
    for (const days of [-1, 1]) candidates.add(dayText(timeOf(value) + days * DAY));
  } else if (family === 'number' && isNumber(value)) {
    for (const step of [-1, 1]) candidates.add(String(Number(value) + step));
  } else if (family === 'string') {
    candidates.add(`${value} x`);
  }
}

const isNumber = (text: string): boolean => /^-?\d+(\.\d+)?$/.test(text);
const isDate = (text: string): boolean => /^\d{4}-?\d{2}-?\d{2}/.test(text);

/** Milliseconds of `2024-03-05`, `20240305`, or either with a time. */
function timeOf(text: string): number {
  const plain = text.replace(/^(\d{4})(\d{2})(\d{2})/, '$1-$2-$3').replace(' ', 'T');
  return new Date(plain.length === 10 ? `${plain}T00:00:00Z` : `${plain}Z`).getTime();
}

function dayText(time: number): string {
  return Number.isFinite(time) && Math.abs(time) < 2e14
    ? new Date(time).toISOString().slice(0, 10)
    : '2000-01-01';
}

/** The order of two values: as numbers, as dates, or else as text without regard to case. */
function compare(a: string, b: string): number {
  if (isNumber(a) && isNumber(b)) return Number(a) - Number(b);
  if (isDate(a) && isDate(b)) return timeOf(a) - timeOf(b);
  const [x, y] = [a.toLowerCase(), b.toLowerCase()];
  return x < y ? -1 : x > y ? 1 : 0;
}

function holds(operator: Comparison['operator'], order: number): boolean {
  switch (operator) {
    case '=':
      return order === 0;
    case '<>':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

/** Whether a column can hold the text. */
/** Whether a column can hold a value, given as plain text. */
export function fits(value: string, column: Column): boolean {
  const type = parseSqlType(column.type);
  switch (type?.family) {
    case 'number':
      if (/int$/.test(type.base)) {
        const most = { tinyint: 255, smallint: 32_767, int: 2_147_483_647 }[type.base] ?? 9e15;
        return /^-?\d+$/.test(value) && Math.abs(Number(value)) <= most;
      }
      return isNumber(value) && Math.abs(Number(value)) < 10 ** ((type.precision ?? 18) - (type.scale ?? 0));
    case 'bool':
      return value === '0' || value === '1';
    case 'date':
      return isDate(value) && Number.isFinite(timeOf(value));
    case 'string':
      return typeof type.length !== 'number' || value.length <= type.length;
    default:
      return false;
  }
}
