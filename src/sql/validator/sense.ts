import type { PlaceholderInfo } from '../../data/placeholder.js';
import {
  children,
  topExpressionsOf,
  type Arithmetic,
  type Call,
  type Case,
  type Expression,
  type Placeholder,
  type Statement,
} from '../../tsql/ast.js';
import { DATEPARTS, datepartNamed, type Datepart } from '../../tsql/dateparts.js';
import { functionNamed } from '../../tsql/functions.js';
import { checkEmptiness } from './emptiness.js';
import { containsAggregate, containsColumn, expressionKey } from './grouping.js';
import { checkConnections } from './matches.js';
import { datepartOf } from './parts.js';
import type { Problems } from './problems.js';
import type { Scope } from './scope.js';
import { ColumnCheck } from './sense-columns.js';
import { checkClauses, checkLogic } from './sense-logic.js';
import { checkKeptParts } from './sense-parts.js';
import { placeholderIn } from './typing.js';

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
  check.items(statement);
  for (const node of topExpressionsOf(statement)) check.visit(node);
  checkClauses(statement, scope, problems);
  checkKeptParts(statement, problems, placeholders);
  checkConnections(statement, scope, problems);
  if (!problems.list.some(({ code }) => code === 'sense-empty')) checkEmptiness(statement, scope, problems);
}

/** Aggregates that add values up. */
const ADDING: ReadonlySet<string> = new Set(['SUM', 'AVG', 'STDEV', 'STDEVP', 'VAR', 'VARP']);
/** Functions of several values that differ. */
const CHOOSING: ReadonlySet<string> = new Set(['COALESCE', 'ISNULL', 'NULLIF']);
/** Units by length; a period of one kind does not end within a shorter one. */
const LENGTHS: readonly Datepart[] = ['day', 'week', 'month', 'quarter', 'year'];

class SenseCheck {
  readonly #columns: ColumnCheck;

  constructor(
    readonly scope: Scope,
    readonly problems: Problems,
    readonly placeholders: ReadonlyMap<string, PlaceholderInfo>,
  ) {
    this.#columns = new ColumnCheck(scope, problems, placeholders);
  }

  /** An ID or a text that is selected instead of compared, and an item that stands there twice. */
  items({ items, groupBy }: Statement): void {
    const seen = new Set<string>();
    const names = new Set<string>();
    this.#differ(groupBy, 'GROUP BY names this twice; remove one');
    for (const item of items) {
      if (item.kind !== 'expression') continue;
      const node = item.expression;
      for (const shown of shownIn(node))
        this.#idle(shown, `${shown.name} is selected, which chooses no rows; compare it with a column`);
      const name = item.alias?.text.toLowerCase();
      if (name !== undefined && names.has(name))
        this.#idle(node, `two columns of the result have the name '${item.alias!.text}'; give each its own`);
      if (name !== undefined) names.add(name);
      const key = expressionKey(this.scope, node);
      if (seen.has(key) && isOfRow(node)) this.#idle(node, 'this is selected twice; remove one');
      seen.add(key);
    }
  }

  /** @param joined the word that joins the node with others, which looked at it already */
  visit(node: Expression, joined?: 'and' | 'or'): void {
    switch (node.kind) {
      case 'comparison':
        this.#columns.compare(node.left, node.right, node.operator, node);
        this.#samePlaces(node.left, node.right, node);
        if (node.operator === '<=') this.#lastMoment(node.right, node.left);
        else if (node.operator === '>=') this.#lastMoment(node.left, node.right);
        break;
      case 'between': {
        const before = this.problems.list.length;
        this.#columns.compare(node.operand, node.low, '>=', node);
        if (this.problems.list.length === before) this.#columns.compare(node.operand, node.high, '<=', node);
        this.#lastMoment(node.high, node.operand);
        break;
      }
      case 'in':
        for (const item of node.items) {
          this.#columns.compare(node.operand, item, '=', node);
          this.#samePlaces(node.operand, item, item);
        }
        this.#differ(node.items, 'this value stands in the list twice');
        break;
      case 'like':
        this.#columns.pattern(node);
        this.#samePlaces(node.operand, node.pattern, node);
        break;
      case 'isNull':
        if (!containsColumn(node.operand) || !isNeverNull(node.operand)) break;
        if (node.negated) this.#idle(node, 'every row has a value here');
        else this.problems.add('sense-empty', node, 'every row has a value here, so this holds for none');
        break;
      case 'and':
      case 'or':
        if (node.kind !== joined) checkLogic(node, this.scope, this.problems);
        for (const child of children(node)) this.visit(child, node.kind);
        return;
      case 'call':
        this.#call(node);
        break;
      case 'case':
        this.#case(node);
        break;
      case 'negation':
        this.#columns.calculated(node.operand);
        break;
      case 'arithmetic':
        this.#arithmetic(node);
        break;
      default:
    }
    for (const child of children(node)) this.visit(child);
  }

  #idle(at: { start: number }, message: string): void {
    this.problems.add('sense-idle', at, message);
  }

  #call(node: Call): void {
    if (ADDING.has(node.name)) this.#columns.adding(node);
    this.#columns.argumentsOf(node);
    if (node.name === 'DATEADD') this.#interval(node);
    else this.#partOfPeriod(node);
    if (node.name === 'ISNULL') this.#cut(node);
    if (node.name === 'DATEDIFF') this.#samePlaces(node.args[0]!, node.args[1]!, node);
    if (CHOOSING.has(node.name)) this.#columns.alternatives(node);
    if (CHOOSING.has(node.name)) this.#differ(node.args.filter(containsColumn), 'this stands here twice');
    this.#constant(node);
  }

  #arithmetic(node: Arithmetic): void {
    this.#columns.arithmetic(node);
    if (node.operator !== '+' && node.operator !== '*') this.#samePlaces(node.left, node.right, node);
  }

  /** A column beside itself: the same in every row. */
  #samePlaces(a: Expression, b: Expression, at: Expression): void {
    if (containsColumn(a) && expressionKey(this.scope, a) === expressionKey(this.scope, b))
      this.#idle(at, 'both sides are the same, so this is the same for every row');
  }

  /** `IN (1, 1)`, `COALESCE(x, x)` */
  #differ(items: readonly Expression[], message: string): void {
    const seen = new Set<string>();
    for (const item of items) {
      const key = expressionKey(this.scope, item);
      if (seen.has(key)) this.#idle(item, message);
      seen.add(key);
    }
  }

  /** `SUM(100)`, `COUNT(DISTINCT 1)`, `COUNT(CASE … ELSE 0 END)`; COUNT(1) counts rows. */
  #constant(call: Call): void {
    const [arg] = call.args;
    if (arg === undefined || functionNamed(call.name).aggregate !== true) return;
    const isCount = call.name.startsWith('COUNT');
    if (isCount && !call.distinct) {
      if (
        arg.kind === 'case' &&
        resultsOf(arg).every((one) => one?.kind === 'number' || one?.kind === 'string')
      )
        this.#idle(
          arg,
          `every result of this CASE is counted, so ${call.name} counts all rows; write SUM, or leave out ELSE`,
        );
      return;
    }
    // SUM(1) counts rows too.
    if (containsColumn(arg) || (call.name === 'SUM' && arg.kind === 'number' && Number(arg.text) === 1))
      return;
    this.#idle(arg, `${call.name} of what is the same in every row says nothing of the rows`);
  }

  /** `CASE WHEN 1 = 1 …`, a branch that stands there twice, one result whatever holds. */
  #case(node: Case): void {
    const whens = node.branches.map(({ when }) => when);
    if (node.operand && isConstant(node.operand))
      this.#idle(node.operand, 'this CASE compares a constant; compare a column');
    else if (!node.operand)
      for (const when of whens.flatMap(conditionsIn))
        if (isConstant(when)) this.#idle(when, 'this is true of every row or of none; compare a column');
    this.#differ(whens, 'this branch stands here twice, and only the first is ever taken');
    const [first, ...others] = resultsOf(node).map((one) => one && expressionKey(this.scope, one));
    if (others.every((key) => key === first))
      this.#idle(node, 'every branch of this CASE has the same result');
  }

  /** `ISNULL(state, 'unknown')`, where a state has two letters, is 'un'. */
  #cut({ args: [of, other] }: Call): void {
    const type = of?.kind === 'column' ? this.scope.resolved(of)?.column.type : undefined;
    if (type?.family !== 'string' || typeof type.length !== 'number' || other?.kind !== 'string') return;
    if (other.value.length > type.length)
      this.problems.add(
        'sense-range',
        other,
        `ISNULL cuts this to ${type.length} of its characters; write COALESCE`,
      );
  }

  /** `MONTH(year)`, `DATEDIFF(day, x, month)`: the period has no such part. */
  #partOfPeriod(node: Call): void {
    const part = datepartOf(node) ?? (node.datepart && datepartNamed(node.datepart.text));
    if (part === undefined) return;
    for (const arg of node.args) {
      const info = arg.kind === 'placeholder' ? this.#periodOf(arg.name) : undefined;
      if (info === undefined || isPartOf(part, info.kind)) continue;
      const message = `${info.name} is a whole ${info.kind}, and this reads the ${part} of its first day`;
      this.problems.add('sense-interval', arg, message);
    }
  }

  #periodOf(name: string): PlaceholderInfo | undefined {
    const info = this.placeholders.get(name);
    return name.startsWith('__DATE_') && info && /^(month|quarter|year)$/.test(info.kind) ? info : undefined;
  }

  /** `x <= DATEADD(month, 1, month)` counts the first moment of the next month too, `x <= EOMONTH(month)` one of the last day. */
  #lastMoment(end: Expression, of: Expression): void {
    if (end.kind !== 'call' || (end.name !== 'DATEADD' && end.name !== 'EOMONTH')) return;
    const date = end.name === 'DATEADD' ? end.args[1] : end.args[0];
    const info = date?.kind === 'placeholder' ? this.#periodOf(date.name) : undefined;
    if (info === undefined) return;
    if (end.name === 'EOMONTH') {
      const type = of.kind === 'column' ? this.scope.resolved(of)?.column.type : undefined;
      if (type?.family !== 'date' || type.base === 'date') return;
      const message = `this leaves out the last day of ${info.name} but its first moment; write x < DATEADD(${info.kind}, 1, ${info.name})`;
      this.problems.add('sense-interval', end, message);
      return;
    }
    const message = `this takes in the first day after ${info.name}; write x >= ${info.name} AND x < DATEADD(${info.kind}, 1, ${info.name})`;
    this.problems.add('sense-interval', end, message);
  }

  /** `DATEADD(day, 1, month)`: the end of a day, where the question speaks of a month. */
  #interval({ datepart, args }: Call): void {
    const date = args[1];
    if (date?.kind !== 'placeholder' || datepart === undefined) return;
    const info = this.placeholders.get(date.name);
    const part = datepartNamed(datepart.text);
    if (info === undefined || part === undefined || !/^(month|quarter|year)$/.test(info.kind)) return;
    if (LENGTHS.indexOf(part) >= LENGTHS.indexOf(info.kind as Datepart)) return;
    // Three months are a quarter, to the day.
    const [period, unit] = [DATEPARTS[info.kind as Datepart], DATEPARTS[part]].map(({ step }) => step);
    const [amount] = args;
    const number = amount?.kind === 'negation' ? amount.operand : amount;
    if (period?.[1] === 'months' && unit?.[1] === 'months' && number?.kind === 'number')
      if ((Number(number.text) * unit[0]) % period[0] === 0) return;
    const message = `${date.name} is a whole ${info.kind}; its end is DATEADD(${info.kind}, 1, ${date.name})`;
    this.problems.add('sense-interval', datepart, message);
  }
}

/** Whether the period has the part: a quarter has a year, and no month. */
function isPartOf(part: Datepart, period: string): boolean {
  return LENGTHS.includes(part) && LENGTHS.indexOf(part) >= LENGTHS.indexOf(period as Datepart);
}

/** What a CASE may result in; undefined where nothing holds and ELSE is left out. */
function resultsOf({ branches, otherwise }: Case): (Expression | undefined)[] {
  return [...branches.map(({ then }) => then), otherwise];
}

/** The conditions that AND, OR and NOT join. */
function conditionsIn(node: Expression): Expression[] {
  return node.kind === 'and' || node.kind === 'or' || node.kind === 'not'
    ? children(node).flatMap(conditionsIn)
    : [node];
}

/** Functions that give a value where an argument has one. */
const FILLING: ReadonlySet<string> = new Set(['COALESCE', 'ISNULL', 'CONCAT']);

/** Whether a value is there in every row, whatever its columns hold. */
function isNeverNull(node: Expression): boolean {
  switch (node.kind) {
    case 'number':
    case 'string':
    case 'placeholder':
      return true;
    case 'call':
      return node.name.startsWith('COUNT') || (FILLING.has(node.name) && node.args.some(isNeverNull));
    default:
      return false;
  }
}

/** The placeholders that an item of the SELECT list shows instead of comparing them. */
function shownIn(node: Expression): Placeholder[] {
  if (node.kind === 'placeholder') return [node];
  const parts =
    node.kind === 'case'
      ? resultsOf(node).filter((one) => one !== undefined)
      : node.kind === 'call' && FILLING.has(node.name)
        ? node.args
        : [];
  return parts.flatMap(shownIn).filter(({ name }) => /^__(ID|TEXT)_/.test(name));
}

/** Whether the value differs from row to row, or from group to group. */
function isOfRow(node: Expression): boolean {
  return containsColumn(node) || containsAggregate(node);
}

/** Whether a value is the same in every row, and today as it was yesterday. */
function isConstant(node: Expression): boolean {
  return !isOfRow(node) && placeholderIn(node) === undefined && !dependsOnTime(node);
}

function dependsOnTime(node: Expression): boolean {
  return (node.kind === 'call' && node.name === 'GETDATE') || children(node).some(dependsOnTime);
}
