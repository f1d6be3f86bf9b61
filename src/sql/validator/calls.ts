import type { Call, Expression } from '../../tsql/ast.js';
import { datepartNamed, datepartNames, DATEPARTS, type Datepart } from '../../tsql/dateparts.js';
import { argumentKind, functionNamed, type FunctionRow } from '../../tsql/functions.js';
import { isInRange } from '../../tsql/types.js';
import { checkArgument } from './arguments.js';
import { isCalendarDay } from './literals.js';
import { reconcile, reconcileAll, settleOpen, type Operand } from './operands.js';
import { didYouMean } from '../../base/suggest.js';
import type { ExpressionTyper } from './expression-typer.js';
import * as t from '../../tsql/value-type.js';
import type { ValueType } from '../../tsql/value-type.js';

/** The type of a function call, after checking its place, its arity and its arguments. */
export function bindCall(typer: ExpressionTyper, call: Call): ValueType {
  const row = functionNamed(call.name);
  if (call.distinct && row.aggregate !== true) {
    typer.problems.add('syntax', call, `DISTINCT is for aggregates, not for ${call.name}`);
  }
  if (row.aggregate === true) return bindAggregate(typer, call, row);
  if (!checkArity(typer, call, row)) {
    for (const arg of call.args) typer.settled(arg);
    return t.UNKNOWN;
  }
  const part = row.datepart ? checkDatepart(typer, call, row) : undefined;
  const operands = call.args.map((arg) => typer.operand(arg));
  if (call.name === 'COALESCE' || call.name === 'ISNULL' || call.name === 'NULLIF') {
    return bindAlternatives(typer, call, operands);
  }
  operands.forEach((operand, i) => {
    operand.type = checkArgument(typer, call, operand, argumentKind(row, i), part);
  });
  checkConstants(typer, call, row);
  if (part !== undefined && row.datepart !== 'counted') checkDatepartType(typer, call, part, operands);
  if (part !== undefined && row.datepart === 'counted') typer.days.checkDifference(call, part);
  const type = resultType(row, operands);
  typer.constants.checkCall(call, type);
  return typer.days.fold(call, type);
}

const PLACES_WITHOUT_AGGREGATES = {
  WHERE: ['aggregate-in-where', 'WHERE looks at single rows and cannot use an aggregate'],
  ON: ['aggregate-in-on', 'ON looks at single rows and cannot use an aggregate'],
  'GROUP BY': ['aggregate-in-group-by', 'GROUP BY cannot use an aggregate; group by the columns themselves'],
} as const;

function bindAggregate(typer: ExpressionTyper, call: Call, row: FunctionRow): ValueType {
  const { clause } = typer;
  if (clause !== 'SELECT' && clause !== 'ORDER BY') {
    const [code, message] = PLACES_WITHOUT_AGGREGATES[clause];
    typer.problems.add(code, call, message);
    return t.UNKNOWN;
  }
  if (typer.insideAggregate) {
    typer.problems.add(
      'nested-aggregate',
      call,
      `${call.name} is inside another aggregate, which is not allowed`,
    );
    return t.UNKNOWN;
  }
  if (call.star) return resultType(row, []);
  if (!checkArity(typer, call, row)) return t.UNKNOWN;
  if (row.args.kinds.length > 1) return bindJoined(typer, call, row);
  const arg = call.args[0]!;
  typer.insideAggregate = true;
  const operand = typer.operand(arg);
  const type = settleOpen(typer.placeholders, operand);
  typer.insideAggregate = false;
  return aggregateType(typer, call, row, arg, type);
}

/** STRING_AGG: its arguments are those of an ordinary function. */
function bindJoined(typer: ExpressionTyper, call: Call, row: FunctionRow): ValueType {
  if (call.distinct) {
    typer.problems.add('syntax', call, `${call.name} does not take DISTINCT`);
    return t.UNKNOWN;
  }
  typer.insideAggregate = true;
  const operands = call.args.map((arg) => typer.operand(arg));
  operands.forEach((operand, i) => {
    operand.type = checkArgument(typer, call, operand, argumentKind(row, i));
  });
  typer.insideAggregate = false;
  return resultType(row, operands);
}

function aggregateType(
  typer: ExpressionTyper,
  call: Call,
  row: FunctionRow,
  arg: Expression,
  type: ValueType,
): ValueType {
  if (type.family === 'unknown') return row.returns === 'int' ? t.INT : t.UNKNOWN;
  const kind = row.args.kinds[0]!;
  const comparable = type.family !== 'other' && !t.isLegacyLob(type);
  const fits =
    type.family !== 'null' &&
    (kind === 'summed'
      ? type.family === 'number'
      : kind === 'ordered'
        ? comparable && type.family !== 'bool' && type.family !== 'binary'
        : !t.isLegacyLob(type) && (comparable || !call.distinct));
  if (!fits) {
    const advice = type.family === 'bool' ? '; write SUM(CASE WHEN x = 1 THEN 1 ELSE 0 END)' : '';
    typer.problems.add('invalid-operand-type', arg, `${call.name} does not work on ${type.base}${advice}`);
    return t.UNKNOWN;
  }
  return row.returns === 'sum' ? t.sumType(type) : resultType(row, [{ node: arg, type }]);
}

function checkArity(typer: ExpressionTyper, call: Call, row: FunctionRow): boolean {
  const extra = row.datepart ? 1 : 0;
  const count = call.args.length + (call.datepart ? 1 : 0);
  const [min, max] = [row.args.min + extra, row.args.max + extra];
  if (count >= min && count <= max) return true;
  const wanted = min === max ? `${min}` : `${min} to ${max}`;
  const message = `${call.name} takes ${wanted} argument${wanted === '1' ? '' : 's'}, not ${count}`;
  typer.problems.add(row.keyword ? 'syntax' : min === max ? 'wrong-arity' : 'arity-range', call, message);
  return false;
}

function checkDatepart(typer: ExpressionTyper, call: Call, row: FunctionRow): Datepart | undefined {
  const written = call.datepart!;
  const part = datepartNamed(written.text);
  if (part !== undefined && row.datepart !== 'read' && DATEPARTS[part].step === undefined) {
    const message = `${call.name} does not take ${part}; write week`;
    typer.problems.add('datepart-for-function', written, message);
    return undefined;
  }
  if (part === undefined) {
    const hint = didYouMean(written.text, datepartNames());
    typer.problems.add('unknown-datepart', written, `${call.name} has no datepart '${written.text}'${hint}`);
    return undefined;
  }
  return part;
}

function checkDatepartType(
  typer: ExpressionTyper,
  call: Call,
  part: Datepart,
  operands: readonly Operand[],
): void {
  const { type } = operands.at(-1)!;
  const isTime = DATEPARTS[part].isTime === true;
  const clash = type.base === 'date' ? isTime : type.base === 'time' && !isTime;
  if (!clash) return;
  const message = `${call.name} cannot use ${part} here: a ${type.base} has no ${part}`;
  typer.problems.add('datepart-for-type', call.datepart!, message);
}

function bindAlternatives(typer: ExpressionTyper, call: Call, operands: Operand[]): ValueType {
  const { problems, placeholders } = typer;
  if (call.name !== 'NULLIF' && operands.every((operand) => operand.type.family === 'null')) {
    // SQL Server would run ISNULL(NULL, NULL), as an int.
    const code = call.name === 'ISNULL' ? 'null-comparison' : 'null-arguments-only';
    problems.add(code, call, `every argument of ${call.name} is NULL; one of them must be a value`);
    return t.UNKNOWN;
  }
  if (call.name === 'COALESCE') return reconcileAll(problems, placeholders, operands);
  const [first, second] = operands as [Operand, Operand];
  if (call.name === 'NULLIF') {
    if (first.type.family === 'null') {
      problems.add('null-first-argument', first.node, 'the first argument of NULLIF cannot be NULL itself');
      return t.UNKNOWN;
    }
    reconcile(problems, placeholders, first, second, 'compared', { relation: '=' });
    return settledType(first, second);
  }
  const common = reconcile(problems, placeholders, first, second, 'combined');
  return common.family === 'unknown' ? common : settledType(first, second);
}

/** The type of ISNULL and NULLIF: that of the first argument, or of the second if the first has none. */
function settledType(first: Operand, second: Operand): ValueType {
  if (first.type.family === 'open' || first.type.family === 'null') {
    return second.type.family === 'open' ? t.UNKNOWN : second.type;
  }
  return first.type;
}

/** Reports constants that would make the call fail in every row: a negative length, a day that does not exist. */
function checkConstants(typer: ExpressionTyper, call: Call, row: FunctionRow): void {
  const constants = call.args.map((arg) => typer.constants.of(arg));
  for (const [i, value] of constants.entries()) {
    const kind = argumentKind(row, i);
    if (value === undefined || !(kind === 'whole' || kind === 'position' || kind === 'length')) continue;
    if (isInRange(String(value), 'int')) continue;
    const message = `this number is out of range; ${call.name} takes an int here`;
    typer.problems.add('arithmetic-overflow', call.args[i]!, message);
    return;
  }
  for (const [i, value] of constants.entries()) {
    if (argumentKind(row, i) !== 'length' || (value ?? 0n) >= 0n) continue;
    typer.problems.add('negative-length', call.args[i]!, `${call.name} takes no negative length`);
  }
  if (call.name !== 'DATEFROMPARTS') return;
  const [year = 2000n, month = 1n, day = 1n] = constants;
  if (year <= 9999n && isCalendarDay(Number(year), Number(month), Number(day))) return;
  typer.problems.add('no-such-date', call, 'there is no such day: DATEFROMPARTS fails on these numbers');
}

function resultType({ returns }: FunctionRow, operands: readonly Operand[]): ValueType {
  switch (returns) {
    case 'text':
      return operands.some((operand) => t.isNational(operand.type)) ? t.NVARCHAR : t.VARCHAR;
    case 'last':
      return operands.at(-1)!.type;
    case 'first':
    case 'widest':
    case 'sum':
      return operands[0]?.type ?? t.UNKNOWN;
    default:
      return t.typeNamed(returns);
  }
}
