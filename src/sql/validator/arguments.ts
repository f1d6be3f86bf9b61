import type { Call, Expression, Placeholder } from '../../tsql/ast.js';
import { DATEPARTS, type Datepart } from '../../tsql/dateparts.js';
import { functionNamed, type ArgumentKind } from '../../tsql/functions.js';
import * as t from '../../tsql/value-type.js';
import type { ValueType } from '../../tsql/value-type.js';
import { stringFault } from './literals.js';
import type { Operand } from './operands.js';
import type { ExpressionTyper } from './expression-typer.js';

/** What the validator lets through as an argument of a kind: less than SQL Server, which would convert silently. */
interface ArgumentRule {
  families: readonly ValueType['family'][];
  /** The type that a placeholder or a literal gets; a literal date is a datetime to SQL Server. */
  literal: ValueType;
  /** For messages. */
  name: string;
}

const RULES: Record<Exclude<ArgumentKind, 'any'>, ArgumentRule> = {
  written: {
    families: ['string', 'number', 'bool', 'date', 'time', 'uuid'],
    literal: t.VARCHAR,
    name: 'text or a value that becomes text',
  },
  number: { families: ['number'], literal: t.DECIMAL, name: 'a number' },
  whole: { families: ['number', 'bool'], literal: t.INT, name: 'a whole number' },
  position: { families: ['number'], literal: t.INT, name: 'a whole number' },
  length: { families: ['number'], literal: t.INT, name: 'a whole number' },
  text: { families: ['string', 'number', 'uuid'], literal: t.VARCHAR, name: 'text' },
  measured: { families: ['string', 'number'], literal: t.VARCHAR, name: 'text' },
  cuttable: { families: ['string'], literal: t.VARCHAR, name: 'text' },
  date: { families: ['date'], literal: t.DATETIME, name: 'a date' },
  dateOrTime: { families: ['date', 'time'], literal: t.DATETIME, name: 'a date or time' },
  summed: { families: ['number'], literal: t.DECIMAL, name: 'a number' },
  ordered: { families: ['number', 'string', 'date', 'time', 'uuid'], literal: t.DECIMAL, name: 'a value' },
  formatted: { families: ['number', 'date', 'time'], literal: t.DECIMAL, name: 'a number or a date' },
  pattern: { families: ['string'], literal: t.VARCHAR, name: 'a format in quotes' },
  separator: { families: ['string'], literal: t.VARCHAR, name: 'a text in quotes' },
};

/** The type of an argument after its check; UNKNOWN after a fault. */
export function checkArgument(
  typer: ExpressionTyper,
  call: Call,
  operand: Operand,
  kind: ArgumentKind,
  part?: Datepart,
): ValueType {
  const { node, type } = operand;
  if (type.family === 'unknown') return type;
  if ((kind === 'pattern' || kind === 'separator') && node.kind !== 'string') {
    typer.problems.add('invalid-argument-type', node, `${call.name} takes ${RULES[kind].name} here`);
    return t.UNKNOWN;
  }
  // Day 0 is 1900-01-01: DATEADD(month, DATEDIFF(month, 0, x), 0) is the first day of a month.
  if (kind === 'dateOrTime' && call.datepart && node.kind === 'number' && node.text === '0')
    return t.DATETIME;
  if (type.family === 'null') return checkNullArgument(typer, call, node, kind);
  if (node.kind === 'placeholder' && type.family === 'open') {
    if (kind === 'any' || kind === 'written') return typer.placeholders.settle(node);
    return meetArgument(typer, call, node, kind, part);
  }
  if (kind === 'any') return type;
  const { families, literal, name } = RULES[kind];
  if (node.kind === 'string' && (kind === 'number' || isDateKind(kind)))
    // SQL Server reads a text as a datetime in DATEADD, and as a datetime2 in what reads or counts parts.
    return checkStringArgument(
      typer,
      node,
      isDateKind(kind) && call.name !== 'DATEADD' ? t.DATETIME2 : literal,
    );
  if (families.includes(type.family) && !isUnfit(type, kind)) return type;
  const advice =
    isTextKind(kind) || kind === 'cuttable' || kind === 'written'
      ? '; write CONVERT(varchar(30), x, 120)'
      : type.family === 'string'
        ? '; CAST it first'
        : '';
  const message = `${call.name} takes ${name} here, not ${type.base}${advice}`;
  const code =
    type.family === 'string' && isDateKind(kind)
      ? 'date-conversion-failed'
      : isConvertedSilently(type, kind)
        ? 'implicit-conversion'
        : 'invalid-argument-type';
  typer.problems.add(code, node, message);
  return t.UNKNOWN;
}

function isDateKind(kind: ArgumentKind): boolean {
  return kind === 'date' || kind === 'dateOrTime';
}

function isTextKind(kind: ArgumentKind): boolean {
  return kind === 'text' || kind === 'measured';
}

/** Types of an accepted family that do not fit: old text types, and fractions where a whole number is counted. */
function isUnfit(type: ValueType, kind: ArgumentKind): boolean {
  if (isTextKind(kind)) return t.isLegacyLob(type);
  if (kind === 'whole') return t.isApproximate(type);
  return (kind === 'position' || kind === 'length') && !t.isWholeNumber(type);
}

/**
 * A placeholder for a day is written with its type, CAST('…' AS date), unless hours are added to it or read from it: a
 * bare string would be a datetime to DATEADD, and so would the result, which no `date` before 1753 could be compared
 * with.
 */
function meetArgument(
  typer: ExpressionTyper,
  call: Call,
  node: Placeholder,
  kind: keyof typeof RULES,
  part: Datepart | undefined,
): ValueType {
  const needsTime =
    part !== undefined && DATEPARTS[part].isTime === true && functionNamed(call.name).datepart !== 'counted';
  const isTyped = isDateKind(kind) && !needsTime && typer.placeholders.isDay(node.name);
  const type = isTyped ? t.DATE : RULES[kind].literal;
  typer.placeholders.meet(node, type, isTyped ? { typed: true } : {});
  return type;
}

/** Whether SQL Server would silently convert the value: 1990 to a date, a date to text, text to a number. */
function isConvertedSilently(type: ValueType, kind: ArgumentKind): boolean {
  if (t.isLegacyLob(type)) return false;
  switch (kind) {
    case 'date':
    case 'dateOrTime':
      return t.isNumeric(type);
    case 'number':
      return type.family === 'string' || type.family === 'bool';
    case 'text':
    case 'measured':
      return type.family === 'date' || type.family === 'time' || type.family === 'bool';
    default:
      return false;
  }
}

/** Most functions have to know the type of an argument, and the literal NULL has none (message 8116). */
function checkNullArgument(
  typer: ExpressionTyper,
  call: Call,
  node: Expression,
  kind: ArgumentKind,
): ValueType {
  if (kind === 'any' || kind === 'written') return t.NULL;
  const message = `${call.name} does not take NULL; leave the call out, or write CAST(NULL AS type)`;
  typer.problems.add('invalid-argument-type', node, message);
  return t.UNKNOWN;
}

function checkStringArgument(
  typer: ExpressionTyper,
  node: Expression & { kind: 'string' },
  wanted: ValueType,
): ValueType {
  const fault = stringFault(node, wanted);
  if (fault === undefined) return wanted;
  typer.problems.add(fault.code, node, fault.message);
  return t.UNKNOWN;
}
