import type { PlaceholderInfo } from '../../data/placeholder.js';
import type { SchemaIndex } from '../../data/schema/schema-index.js';
import {
  children,
  type Expression,
  type ExpressionItem,
  type Join,
  type OrderItem,
  type Statement,
} from '../../tsql/ast.js';
import { checkGrouping, containsAggregate, containsColumn, expressionKey, isGrouped } from './grouping.js';
import { isInRange } from '../../tsql/types.js';
import { hasMoreOutputs, Outputs, type Output } from './outputs.js';
import { MAX_ITEMS } from '../../tsql/parser.js';
import { PlaceholderCheck, type PlaceholderUse } from './placeholders.js';
import type { Problems } from './problems.js';
import { checkLiterals } from './asked.js';
import { checkNegations } from './negation.js';
import { checkPaths } from './paths.js';
import { checkSaid } from './said.js';
import { checkSaidDates } from './said-dates.js';
import { checkStates } from './states.js';
import { Scope } from './scope.js';
import { checkSense } from './sense.js';
import { isLegacyLob, type ValueType } from '../../tsql/value-type.js';
import { incomparable } from './type-faults.js';
import { placeholderIn, Typer } from './typing.js';
import { checkVerbatim } from './verbatim.js';

/** What to judge beside safety. */
export interface Strictness {
  /** Whether to refuse what runs and means nothing; false by default. */
  sense?: boolean | undefined;
  /** The question with its placeholders: values that it does not hold are refused. Without it, any value may stand. */
  question?: string | undefined;
}

/**
 * Binds a parsed statement to a schema, clause by clause: names, types, aggregates, order, placeholders. Faults go to
 * `problems`.
 * @returns where each placeholder stands and what type it met, for the renderer
 */
export function bind(
  statement: Statement,
  index: SchemaIndex,
  placeholders: ReadonlyMap<string, PlaceholderInfo>,
  problems: Problems,
  { sense = false, question }: Strictness = {},
): PlaceholderUse[] {
  const scope = new Scope(index, problems, statement);
  const check = new PlaceholderCheck(problems, placeholders, (node) => {
    const found = node.kind === 'column' ? scope.resolved(node)?.column : undefined;
    return found && `${found.table.name}.${found.column.name}`;
  });
  check.checkPresence(statement.placeholders, Math.max(0, statement.end - 1));
  checkVerbatim(check, statement);
  const typer = new Typer(problems, scope, check);
  bindJoins(typer, statement.joins);
  if (statement.top) bindTop(typer, statement.top);
  if (statement.ties && statement.orderBy.length === 0) {
    problems.add(
      'ties-without-order',
      statement.top!,
      'TOP … WITH TIES needs an ORDER BY: it says which rows tie',
    );
  }
  const types = bindItems(typer, statement);
  // Too many columns are reported alone: listing them to find other faults could take long.
  if (hasTooManyOutputs(scope, statement, problems)) return check.uses;
  const outputs = new Outputs(scope, statement, types);
  if (statement.where) {
    typer.clause = 'WHERE';
    typer.condition(statement.where);
    checkConstants(problems, statement.where);
  }
  bindGroupBy(typer, statement, outputs);
  const ordered = bindOrderBy(typer, statement, outputs);
  if (isGrouped(statement, statement.orderBy)) {
    const own = ordered.filter((key) => key.alias === undefined).map((key) => key.node);
    checkGrouping(scope, problems, statement, own);
  }
  if (statement.distinct) checkDistinct(typer, statement, outputs, ordered);
  if (sense) checkSense(statement, scope, problems, placeholders);
  if (question !== undefined) {
    checkLiterals(statement, scope, problems, question);
    checkNegations(statement, scope, problems, question);
    checkStates(statement, scope, problems, { question, placeholders });
    if (sense) {
      checkPaths(statement, scope, problems, question);
      checkSaid(statement, scope, problems, question);
      checkSaidDates(statement, scope, problems, question);
    }
  }
  return check.uses;
}

/** Refuses a condition without a column: it is true of every row or of none, and under OR it defeats the others. */
function checkConstants(problems: Problems, node: Expression): void {
  if (node.kind === 'and' || node.kind === 'or' || node.kind === 'not') {
    for (const operand of children(node)) checkConstants(problems, operand);
  } else if (!containsColumn(node) && !containsAggregate(node) && !placeholderIn(node)) {
    const message = 'this is true of every row or of none; compare a column';
    problems.add('constant-condition', node, message);
  }
}

function bindJoins(typer: Typer, joins: readonly Join[]): void {
  const { scope, problems } = typer;
  typer.clause = 'ON';
  scope.visible = 1;
  for (const [i, join] of joins.entries()) {
    scope.visible = i + 2;
    typer.condition(join.on);
    if (collectSources(scope, join.on, new Set()) && !isConnected(scope, join.on, i + 1)) {
      const name = scope.sources[i + 1]!.exposed;
      const message = `the ON of '${name}' does not connect it with an earlier table; write one of its columns = one of theirs, and add the rest with AND`;
      problems.add('unconnected-join', join.on, message);
    } else checkConstants(problems, join.on);
  }
}

/**
 * Whether the condition demands that a column of the table equals something in an earlier table: one operand of AND is
 * such an equality. Under an OR, every row could meet every other.
 */
function isConnected(scope: Scope, on: Expression, source: number): boolean {
  if (on.kind === 'and') return on.operands.some((operand) => isConnected(scope, operand, source));
  if (on.kind !== 'comparison' || on.operator !== '=') return false;
  const sources = new Set<number>();
  collectSources(scope, on, sources);
  return sources.has(source) && sources.size > 1;
}

/** Collects the tables that an expression uses. @returns false if a name in it could not be resolved */
function collectSources(scope: Scope, node: Expression, into: Set<number>): boolean {
  if (node.kind === 'column') {
    const found = scope.resolved(node);
    if (found) into.add(found.source);
    return found !== undefined;
  }
  let complete = true;
  for (const child of children(node)) complete = collectSources(scope, child, into) && complete;
  return complete;
}

function bindTop(typer: Typer, top: NonNullable<Statement['top']>): void {
  if (top.kind === 'placeholder') typer.placeholders.meetRowCount(top);
  else if (!/^\d+$/.test(top.text) || !isInRange(top.text, 'bigint')) {
    typer.problems.add('top-not-integer', top, 'TOP takes a whole number within the range of bigint');
  }
}

function bindItems(typer: Typer, statement: Statement): (ValueType | undefined)[] {
  typer.clause = 'SELECT';
  return statement.items.map((item) => {
    if (item.kind === 'expression') return typer.settled(item.expression);
    if (item.table) typer.scope.findSource(item.table.text, item.table, 'unbound-star');
    return undefined;
  });
}

/** Reports a star that stands for more columns than SQL Server allows. */
function hasTooManyOutputs(scope: Scope, statement: Statement, problems: Problems): boolean {
  const star = statement.items.find((item) => item.kind === 'star');
  if (star === undefined || !hasMoreOutputs(scope, statement, MAX_ITEMS)) return false;
  const message = `'*' gives more than ${MAX_ITEMS} columns, SQL Server's limit; name the columns you need`;
  problems.add('too-many-columns', star, message);
  return true;
}

function bindGroupBy(typer: Typer, statement: Statement, outputs: Outputs): void {
  typer.clause = 'GROUP BY';
  for (const node of statement.groupBy) {
    const before = typer.problems.list.length;
    const type = typer.settled(node);
    if (typer.problems.list.length > before) {
      explainAlias(typer, outputs, node, before);
    } else if (!containsColumn(node)) {
      const message =
        'GROUP BY takes columns, not constants or positions; repeat the expression of the SELECT list';
      typer.problems.add('group-by-constant', node, message);
    } else {
      checkSortable(typer, node, type, 'grouped');
    }
  }
}

/** GROUP BY does not see SELECT aliases: says so instead of "unknown column". */
function explainAlias(typer: Typer, outputs: Outputs, node: Expression, at: number): void {
  const problem = typer.problems.list[at]!;
  if (node.kind !== 'column' || node.table || problem.code !== 'unknown-column') return;
  if (!outputs.named(node.column.text).some((output) => output.item !== undefined)) return;
  problem.message = `'${node.column.text}' is an alias of the SELECT list, which GROUP BY cannot see; repeat its expression`;
}

function checkSortable(typer: Typer, node: Expression, type: ValueType, what: string): void {
  const code = isLegacyLob(type) ? 'not-comparable' : incomparable(type);
  if (code) typer.problems.add(code, node, `${type.base} cannot be ${what}; CAST it to varchar(8000)`);
}

/** What an item of ORDER BY sorts by: a column of the SELECT list, or another expression. */
interface OrderKey {
  node: Expression;
  /** Position in the SELECT list, when the item names an output column. */
  alias: number | undefined;
}

function bindOrderBy(typer: Typer, statement: Statement, outputs: Outputs): OrderKey[] {
  typer.clause = 'ORDER BY';
  const keys: OrderKey[] = [];
  const seen = new Set<string>();
  for (const item of statement.orderBy) {
    const key = bindOrderItem(typer, outputs, item);
    if (key === undefined) continue;
    keys.push(key);
    const target =
      key.alias === undefined ? key.node : (statement.items[key.alias] as ExpressionItem).expression;
    const text = expressionKey(typer.scope, target);
    if (seen.has(text)) {
      typer.problems.add('order-by-twice', item, 'ORDER BY names this twice; remove one of them');
    }
    seen.add(text);
  }
  return keys;
}

function bindOrderItem(typer: Typer, outputs: Outputs, item: OrderItem): OrderKey | undefined {
  const node = item.expression;
  if (node.kind === 'number') return bindOrderPosition(typer, outputs, node);
  if (node.kind === 'column' && !node.table) {
    const named = outputs.named(node.column.text);
    if (named.length > 1) {
      const message = `'${node.column.text}' names ${named.length} columns of the SELECT list; give them different aliases`;
      typer.problems.add('ambiguous-column', node, message);
      return undefined;
    }
    if (named[0]?.item !== undefined) return checkSortedOutput(typer, node, named[0]);
  }
  const before = typer.problems.list.length;
  const type = typer.settled(node);
  if (typer.problems.list.length > before) return undefined;
  if (!containsColumn(node) && !hasRowCount(node)) {
    typer.problems.add('order-by-constant', node, 'ORDER BY a constant orders nothing; name a column');
    return undefined;
  }
  checkSortable(typer, node, type, 'sorted');
  return { node, alias: undefined };
}

/** COUNT(*) orders groups, although it names no column. */
function hasRowCount(node: Expression): boolean {
  return (node.kind === 'call' && (node.star || node.name === 'COUNT')) || children(node).some(hasRowCount);
}

/** A column of the SELECT list that ORDER BY names, or gives the position of. */
function checkSortedOutput(typer: Typer, node: Expression, output: Output): OrderKey | undefined {
  if (output.type) checkSortable(typer, node, output.type, 'sorted');
  return output.item === undefined ? undefined : { node, alias: output.item };
}

function bindOrderPosition(
  typer: Typer,
  { columns }: Outputs,
  node: Expression & { kind: 'number' },
): OrderKey | undefined {
  const output = columns[Number(node.text) - 1];
  if (!/^\d+$/.test(node.text)) {
    typer.problems.add('order-by-constant', node, 'ORDER BY a constant orders nothing; name a column');
  } else if (output === undefined) {
    const message = `the SELECT list has ${columns.length} column${columns.length === 1 ? '' : 's'}, not ${node.text.slice(0, 20)}`;
    typer.problems.add('order-by-position', node, message);
  } else {
    return checkSortedOutput(typer, node, output);
  }
  return undefined;
}

function checkDistinct(
  typer: Typer,
  statement: Statement,
  { columns }: Outputs,
  ordered: readonly OrderKey[],
): void {
  const { scope, problems } = typer;
  const unfit = columns.filter(({ type }) => type && (isLegacyLob(type) || type.family === 'other'));
  for (const { item, type } of unfit) {
    if (item === undefined) continue;
    const code = incomparable(type!) === 'outside-of-shape' ? 'outside-of-shape' : 'not-distinct';
    problems.add(code, statement.items[item]!, `${type!.base} cannot be selected as DISTINCT`);
  }
  const starred = unfit.find(({ item }) => item === undefined);
  if (starred) {
    const star = statement.items.find((item) => item.kind === 'star')!;
    const message = `'*' includes ${starred.name}, and ${starred.type!.base} cannot be DISTINCT`;
    problems.add('not-distinct', star, message);
  }
  const selected = new Set(columns.map(({ key }) => key));
  for (const item of statement.items) {
    if (item.kind === 'expression') selected.add(expressionKey(scope, item.expression));
  }
  for (const key of ordered) {
    if (key.alias !== undefined || selected.has(expressionKey(scope, key.node))) continue;
    const message =
      'with SELECT DISTINCT, ORDER BY may only name what is selected; add this to the SELECT list';
    problems.add('order-by-distinct', key.node, message);
  }
}
