import type { Call, Expression } from './ast.js';
import {
  datepartNamed,
  datepartNames,
  isTimePart,
  signatureOf,
  type Param,
  type Signature,
} from './functions.js';
import { stringFault } from './literals.js';
import { reconcile, reconcileAll, settleOpen, type Operand } from './operands.js';
import { didYouMean } from './suggest.js';
import type { Typer } from './typing.js';
import * as t from './types.js';
import type { ValueType } from './types.js';

/** Type of a function call after checking its place, its arity and its arguments. */
export function bindCall(typer: Typer, call: Call): ValueType {
  const signature = signatureOf(call.name);
  if (call.distinct && signature.aggregate !== true) {
    typer.problems.add('syntax', call, `DISTINCT stands only in aggregates, not in ${call.name}`);
  }
  if (signature.aggregate === true) return bindAggregate(typer, call, signature);
  if (!checkArity(typer, call, signature)) {
    for (const arg of call.args) typer.settled(arg);
    return t.UNKNOWN;
  }
  const part = signature.datepart ? checkDatepart(typer, call) : undefined;
  const operands = call.args.map((arg) => typer.operand(arg));
  if (call.name === 'COALESCE' || call.name === 'ISNULL' || call.name === 'NULLIF') {
    return bindAlternatives(typer, call, operands);
  }
  operands.forEach((operand, i) => {
    const param = signature.params[Math.min(i, signature.params.length - 1)]!;
    operand.type = checkArgument(typer, call, operand, param);
  });
  if (part !== undefined) checkDatepartType(typer, call, part, operands);
  return resultType(signature, operands);
}

const PLACES_WITHOUT_AGGREGATES = {
  WHERE: ['aggregate_in_where', 'an aggregate cannot stand in WHERE, which looks at single rows'],
  ON: ['aggregate_in_on', 'an aggregate cannot stand in ON, which looks at single rows'],
  'GROUP BY': [
    'aggregate_in_group_by',
    'an aggregate cannot stand in GROUP BY; group by the columns themselves',
  ],
} as const;

function bindAggregate(typer: Typer, call: Call, signature: Signature): ValueType {
  const { clause } = typer;
  if (clause !== 'SELECT' && clause !== 'ORDER BY') {
    const [code, message] = PLACES_WITHOUT_AGGREGATES[clause];
    typer.problems.add(code, call, message);
    return t.UNKNOWN;
  }
  if (typer.insideAggregate) {
    typer.problems.add(
      'nested_aggregate',
      call,
      `${call.name} stands inside another aggregate, which is not allowed`,
    );
    return t.UNKNOWN;
  }
  if (call.star) return t.INT;
  if (!checkArity(typer, call, signature)) return t.UNKNOWN;
  const arg = call.args[0]!;
  typer.insideAggregate = true;
  const operand = typer.operand(arg);
  const type = settleOpen(typer.placeholders, operand);
  typer.insideAggregate = false;
  return aggregateType(typer, call, signature, arg, type);
}

function aggregateType(
  typer: Typer,
  call: Call,
  signature: Signature,
  arg: Expression,
  type: ValueType,
): ValueType {
  if (type.family === 'unknown') return signature.result === 'int' ? t.INT : t.UNKNOWN;
  const param = signature.params[0]!;
  const comparable = type.family !== 'other' && !t.isLegacyLob(type);
  const fits =
    type.family !== 'null' &&
    (param === 'summed'
      ? type.family === 'number'
      : param === 'ordered'
        ? comparable && type.family !== 'bool' && type.family !== 'binary'
        : !t.isLegacyLob(type) && (comparable || !call.distinct));
  if (!fits) {
    const advice = type.family === 'bool' ? '; write SUM(CASE WHEN x = 1 THEN 1 ELSE 0 END)' : '';
    typer.problems.add('invalid_operand_type', arg, `${type.base} is invalid for ${call.name}${advice}`);
    return t.UNKNOWN;
  }
  if (signature.result === 'sum') return t.sumType(type);
  return signature.result === 'int' ? t.INT : type;
}

function checkArity(typer: Typer, call: Call, signature: Signature): boolean {
  const extra = signature.datepart ? 1 : 0;
  const count = call.args.length + (call.datepart ? 1 : 0);
  const [min, max] = [signature.min + extra, signature.max + extra];
  if (count >= min && count <= max) return true;
  const wanted = min === max ? `${min}` : `${min} to ${max}`;
  const message = `${call.name} takes ${wanted} argument${wanted === '1' ? '' : 's'}, not ${count}`;
  typer.problems.add(min === max ? 'wrong_arity' : 'arity_range', call, message);
  return false;
}

function checkDatepart(typer: Typer, call: Call): string | undefined {
  const written = call.datepart!;
  const part = datepartNamed(written.text);
  if (part === undefined || (part === 'iso_week' && call.name !== 'DATEPART')) {
    const hint = didYouMean(written.text, datepartNames());
    typer.problems.add(
      'unknown_datepart',
      written,
      `'${written.text}' is no datepart of ${call.name}${hint}`,
    );
    return undefined;
  }
  return part;
}

function checkDatepartType(typer: Typer, call: Call, part: string, operands: readonly Operand[]): void {
  if (call.name === 'DATEDIFF') return;
  const { type } = operands.at(-1)!;
  const clash = type.base === 'date' ? isTimePart(part) : type.base === 'time' && !isTimePart(part);
  if (!clash) return;
  const message = `a ${type.base} has no ${part}; ${call.name} cannot use it`;
  typer.problems.add('datepart_for_type', call.datepart!, message);
}

function bindAlternatives(typer: Typer, call: Call, operands: Operand[]): ValueType {
  const { problems, placeholders } = typer;
  if (operands.every((operand) => operand.type.family === 'null')) {
    problems.add(
      'null_results_only',
      call,
      `every argument of ${call.name} is NULL; one of them must be a value`,
    );
    return t.UNKNOWN;
  }
  if (call.name === 'COALESCE') return reconcileAll(problems, placeholders, operands);
  const [first, second] = operands as [Operand, Operand];
  if (call.name === 'NULLIF') {
    reconcile(problems, placeholders, first, second, 'compared');
    return settledType(first, second);
  }
  const common = reconcile(problems, placeholders, first, second, 'combined');
  return common.family === 'unknown' ? common : settledType(first, second);
}

/** ISNULL and NULLIF give the type of their first argument, or of the second where the first has none. */
function settledType(first: Operand, second: Operand): ValueType {
  if (first.type.family === 'open' || first.type.family === 'null') {
    return second.type.family === 'open' ? t.UNKNOWN : second.type;
  }
  return first.type;
}

/** The type that an argument has after the check; UNKNOWN after a fault. */
function checkArgument(typer: Typer, call: Call, operand: Operand, param: Param): ValueType {
  const { node, type } = operand;
  if (type.family === 'unknown' || type.family === 'null') return type;
  if (node.kind === 'placeholder' && type.family === 'open') {
    if (param === 'any') return typer.placeholders.settle(node);
    const wanted = PARAM_TYPES[param];
    typer.placeholders.meet(node, wanted);
    return wanted;
  }
  if (param === 'any') return type;
  if (node.kind === 'string' && param !== 'string')
    return checkStringArgument(typer, node, PARAM_TYPES[param]);
  const isOldText = param === 'string' && t.isLegacyLob(type) && call.name !== 'SUBSTRING';
  const isFraction = param === 'int' && t.isApproximate(type);
  if (PARAM_FAMILIES[param].includes(type.family) && !isOldText && !isFraction) return type;
  const converts = type.family === 'string' && (param === 'date' || param === 'dateOrTime');
  const advice =
    param === 'string'
      ? '; write CONVERT(varchar(30), x, 120)'
      : type.family === 'string'
        ? '; CAST it first'
        : '';
  const message = `${type.base} is no argument for ${call.name} where ${PARAM_NAMES[param]} is wanted${advice}`;
  typer.problems.add(converts ? 'date_conversion_failed' : 'invalid_argument_type', node, message);
  return t.UNKNOWN;
}

function checkStringArgument(
  typer: Typer,
  node: Expression & { kind: 'string' },
  wanted: ValueType,
): ValueType {
  const fault = stringFault(node, wanted);
  if (fault === undefined) return wanted;
  typer.problems.add(fault.code, node, fault.message);
  return t.UNKNOWN;
}

/** What a placeholder or a literal becomes as an argument; a literal date is a datetime to SQL Server. */
const PARAM_TYPES: Record<Exclude<Param, 'any'>, ValueType> = {
  number: t.DECIMAL,
  int: t.INT,
  string: t.VARCHAR,
  date: t.DATETIME,
  dateOrTime: t.DATETIME,
  summed: t.DECIMAL,
  ordered: t.DECIMAL,
};

const PARAM_FAMILIES: Record<Exclude<Param, 'any'>, readonly ValueType['family'][]> = {
  number: ['number'],
  int: ['number', 'bool'],
  string: ['string', 'number', 'uuid'],
  date: ['date'],
  dateOrTime: ['date', 'time'],
  summed: ['number'],
  ordered: ['number', 'string', 'date', 'time', 'uuid'],
};

const PARAM_NAMES: Record<Exclude<Param, 'any'>, string> = {
  number: 'a number',
  int: 'a whole number',
  string: 'text',
  date: 'a date',
  dateOrTime: 'a date or time',
  summed: 'a number',
  ordered: 'a value',
};

function resultType(signature: Signature, operands: readonly Operand[]): ValueType {
  switch (signature.result) {
    case 'int':
      return t.INT;
    case 'bigint':
      return t.BIGINT;
    case 'date':
      return t.DATE;
    case 'datetime':
      return t.DATETIME;
    case 'string':
      return operands.some((operand) => t.isNational(operand.type)) ? t.NVARCHAR : t.VARCHAR;
    case 'firstDate':
      return operands.at(-1)!.type;
    default:
      return operands[0]?.type ?? t.UNKNOWN;
  }
}
