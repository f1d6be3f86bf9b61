import type { Call, Expression, Placeholder } from './ast.js';
import {
  datepartNamed,
  datepartNames,
  isTimePart,
  signatureOf,
  type Param,
  type Signature,
} from './functions.js';
import { isCalendarDay, isInRange, stringFault } from './literals.js';
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
    operand.type = checkArgument(typer, call, operand, paramAt(signature, i), part);
  });
  checkConstants(typer, call);
  if (part !== undefined) checkDatepartType(typer, call, part, operands);
  return typer.days.fold(call, resultType(signature, operands));
}

const PLACES_WITHOUT_AGGREGATES = {
  WHERE: ['aggregate-in-where', 'an aggregate cannot stand in WHERE, which looks at single rows'],
  ON: ['aggregate-in-on', 'an aggregate cannot stand in ON, which looks at single rows'],
  'GROUP BY': [
    'aggregate-in-group-by',
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
      'nested-aggregate',
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
    typer.problems.add('invalid-operand-type', arg, `${type.base} is invalid for ${call.name}${advice}`);
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
  // COALESCE and NULLIF are keywords to SQL Server: their arguments are a matter of its grammar.
  const isKeyword = call.name === 'COALESCE' || call.name === 'NULLIF';
  typer.problems.add(isKeyword ? 'syntax' : min === max ? 'wrong-arity' : 'arity-range', call, message);
  return false;
}

function checkDatepart(typer: Typer, call: Call): string | undefined {
  const written = call.datepart!;
  const part = datepartNamed(written.text);
  if (part === 'iso_week' && call.name !== 'DATEPART') {
    const message = `${call.name} does not count in ${part}; write week`;
    typer.problems.add('datepart-for-function', written, message);
    return undefined;
  }
  if (part === undefined) {
    const hint = didYouMean(written.text, datepartNames());
    typer.problems.add(
      'unknown-datepart',
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
  typer.problems.add('datepart-for-type', call.datepart!, message);
}

function bindAlternatives(typer: Typer, call: Call, operands: Operand[]): ValueType {
  const { problems, placeholders } = typer;
  if (call.name !== 'NULLIF' && operands.every((operand) => operand.type.family === 'null')) {
    // ISNULL(NULL, NULL) is an int to SQL Server, and NULL.
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

/** ISNULL and NULLIF give the type of their first argument, or of the second where the first has none. */
function settledType(first: Operand, second: Operand): ValueType {
  if (first.type.family === 'open' || first.type.family === 'null') {
    return second.type.family === 'open' ? t.UNKNOWN : second.type;
  }
  return first.type;
}

/** The type that an argument has after the check; UNKNOWN after a fault. */
function checkArgument(typer: Typer, call: Call, operand: Operand, param: Param, part?: string): ValueType {
  const { node, type } = operand;
  if (type.family === 'unknown') return type;
  if (type.family === 'null') return checkNullArgument(typer, call, node, param);
  if (node.kind === 'placeholder' && type.family === 'open') {
    if (param === 'any' || param === 'written') return typer.placeholders.settle(node);
    return meetParam(typer, call, node, param, part);
  }
  if (param === 'any') return type;
  if (node.kind === 'string' && (param === 'number' || param === 'date' || param === 'dateOrTime'))
    return checkStringArgument(typer, node, PARAM_TYPES[param]);
  const isOldText = param === 'string' && t.isLegacyLob(type);
  const isFraction =
    (param === 'int' && t.isApproximate(type)) || (param === 'position' && !t.isWholeNumber(type));
  const isUncounted = call.name === 'LEN' && type.family === 'uuid';
  if (PARAM_FAMILIES[param].includes(type.family) && !isOldText && !isFraction && !isUncounted) {
    return type;
  }
  const converts = type.family === 'string' && (param === 'date' || param === 'dateOrTime');
  const advice =
    param === 'string' || param === 'cuttable' || param === 'written'
      ? '; write CONVERT(varchar(30), x, 120)'
      : type.family === 'string'
        ? '; CAST it first'
        : '';
  const message = `${type.base} is no argument for ${call.name} where ${PARAM_NAMES[param]} is wanted${advice}`;
  const code = converts
    ? 'date-conversion-failed'
    : isConvertedSilently(type, param)
      ? 'implicit-conversion'
      : 'invalid-argument-type';
  typer.problems.add(code, node, message);
  return t.UNKNOWN;
}

/**
 * A bare string would be a datetime to DATEADD, and make one of every `date` that it is compared with, which years
 * before 1753 do not survive. A day is therefore written with its type, unless hours are added to it or asked of it.
 */
function meetParam(
  typer: Typer,
  call: Call,
  node: Placeholder,
  param: keyof typeof PARAM_TYPES,
  part: string | undefined,
): ValueType {
  const isDate = param === 'date' || param === 'dateOrTime';
  const asksTime = part !== undefined && isTimePart(part) && call.name !== 'DATEDIFF';
  const isTyped = isDate && !asksTime && typer.placeholders.isDay(node.name);
  const type = isTyped ? t.DATE : PARAM_TYPES[param];
  typer.placeholders.meet(node, type, isTyped ? { typed: true } : {});
  return type;
}

/** What SQL Server would make fit without a word: 1990 as a date, a date as text, text as a number. */
function isConvertedSilently(type: ValueType, param: Param): boolean {
  if (t.isLegacyLob(type)) return false;
  switch (param) {
    case 'date':
    case 'dateOrTime':
      return t.isNumeric(type);
    case 'number':
      return type.family === 'string' || type.family === 'bool';
    case 'string':
      return type.family === 'date' || type.family === 'time' || type.family === 'bool';
    default:
      return false;
  }
}

/** Most functions need to know the type of what they get, which the word NULL does not have (message 8116). */
function checkNullArgument(typer: Typer, call: Call, node: Expression, param: Param): ValueType {
  if (param === 'any' || param === 'written') return t.NULL;
  const message = `NULL is no argument for ${call.name}; leave the call out, or CAST(NULL AS type)`;
  typer.problems.add('invalid-argument-type', node, message);
  return t.UNKNOWN;
}

/** Constants for which the call would fail in every row: a negative length, a day that no calendar has. */
function checkConstants(typer: Typer, call: Call): void {
  const constants = call.args.map((arg) => typer.constants.of(arg));
  for (const [i, value] of constants.entries()) {
    const param = paramAt(signatureOf(call.name), i);
    if (value === undefined || (param !== 'int' && param !== 'position')) continue;
    if (isInRange(String(value), 'int')) continue;
    const message = `${value} is outside of int's range; ${call.name} takes an int here`;
    typer.problems.add('arithmetic-overflow', call.args[i]!, message);
    return;
  }
  const length =
    call.name === 'SUBSTRING' ? 2 : call.name === 'LEFT' || call.name === 'RIGHT' ? 1 : undefined;
  if (length !== undefined && (constants[length] ?? 0n) < 0n) {
    typer.problems.add('negative-length', call.args[length]!, `${call.name} takes no negative length`);
  }
  if (call.name !== 'DATEFROMPARTS') return;
  const [year = 2000n, month = 1n, day = 1n] = constants;
  if (year <= 9999n && isCalendarDay(Number(year), Number(month), Number(day))) return;
  typer.problems.add('no-such-date', call, 'DATEFROMPARTS of these numbers is no day of the calendar');
}

function paramAt(signature: Signature, i: number): Param {
  return signature.params[Math.min(i, signature.params.length - 1)]!;
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
const PARAM_TYPES: Record<Exclude<Param, 'any' | 'written'>, ValueType> = {
  number: t.DECIMAL,
  int: t.INT,
  position: t.INT,
  string: t.VARCHAR,
  cuttable: t.VARCHAR,
  date: t.DATETIME,
  dateOrTime: t.DATETIME,
  summed: t.DECIMAL,
  ordered: t.DECIMAL,
};

const PARAM_FAMILIES: Record<Exclude<Param, 'any'>, readonly ValueType['family'][]> = {
  written: ['string', 'number', 'bool', 'date', 'time', 'uuid'],
  number: ['number'],
  int: ['number', 'bool'],
  position: ['number'],
  string: ['string', 'number', 'uuid'],
  cuttable: ['string'],
  date: ['date'],
  dateOrTime: ['date', 'time'],
  summed: ['number'],
  ordered: ['number', 'string', 'date', 'time', 'uuid'],
};

const PARAM_NAMES: Record<Exclude<Param, 'any'>, string> = {
  written: 'text or a value that becomes text',
  number: 'a number',
  int: 'a whole number',
  position: 'a whole number',
  string: 'text',
  cuttable: 'text',
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
