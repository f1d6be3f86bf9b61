import { type Expression } from '../../tsql/ast.js';
import { isBeyond, type Day } from './constant-days.js';
import { conversionCode, mixedCode, stringFault } from './literals.js';
import type { Meeting, PlaceholderCheck } from './placeholders.js';
import type { Problems } from './problems.js';
import {
  isLegacyLob,
  isNumeric,
  isOldDate,
  NULL,
  UNKNOWN,
  widest,
  type ValueType,
} from '../../tsql/value-type.js';
import { incomparable } from './type-faults.js';

type What = 'compared' | 'combined';

export interface Operand {
  node: Expression;
  type: ValueType;
  /** If it is a constant. */
  day?: Day | undefined;
}

/**
 * Finds the common type of two values: the sides of a comparison, the branches of CASE. Placeholders and string literals
 * take the type of their neighbour. A silent conversion of a column that could fail in some row is a fault.
 * @param what happens to them, for messages
 * @returns the common type; UNKNOWN after a fault
 */
export function reconcile(
  problems: Problems,
  placeholders: PlaceholderCheck,
  a: Operand,
  b: Operand,
  what: What,
  meeting: Meeting = {},
): ValueType {
  if (a.type.family === 'unknown' || b.type.family === 'unknown') {
    settleOpen(placeholders, a);
    settleOpen(placeholders, b);
    return UNKNOWN;
  }
  if (a.node.kind === 'placeholder' && a.type.family === 'open')
    return reconcileOpen(problems, placeholders, a, b, what, turned(meeting));
  if (b.node.kind === 'placeholder' && b.type.family === 'open')
    return reconcileOpen(problems, placeholders, b, a, what, meeting);
  if (a.type.family === 'null') return b.type;
  if (b.type.family === 'null') return a.type;
  if (a.type.family === b.type.family || (isNumeric(a.type) && isNumeric(b.type))) {
    return reconcileFamily(problems, a, b, what);
  }
  return reconcileFamilies(problems, a, b, what);
}

const TURNED = { '=': '=', '<>': '<>', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const;

/** The meeting, seen from the other side. */
function turned(meeting: Meeting): Meeting {
  return meeting.relation === undefined ? meeting : { ...meeting, relation: TURNED[meeting.relation] };
}

/** A placeholder without a typed neighbour takes the type of its value. */
export function settleOpen(placeholders: PlaceholderCheck, operand: Operand): ValueType {
  if (operand.type.family !== 'open' || operand.node.kind !== 'placeholder') return operand.type;
  return placeholders.settle(operand.node);
}

function reconcileOpen(
  problems: Problems,
  placeholders: PlaceholderCheck,
  open: Operand,
  other: Operand,
  what: What,
  meeting: Meeting,
): ValueType {
  const { node } = open;
  if (node.kind !== 'placeholder') return UNKNOWN;
  const type = settleOpen(placeholders, other);
  if (type.family === 'null' || type.family === 'unknown') return placeholders.settle(node);
  if (refuseUnfit(problems, { node: other.node, type }, what)) return UNKNOWN;
  placeholders.meet(node, type, { ...meeting, column: meeting.column ?? placeholders.columnOf(other.node) });
  return type;
}

function reconcileFamily(problems: Problems, a: Operand, b: Operand, what: What): ValueType {
  if (refuseUnfit(problems, a, what) || refuseUnfit(problems, b, what)) return UNKNOWN;
  const type = widest(a.type, b.type);
  for (const { node, day } of [a, b]) {
    if (day === undefined || !isBeyond(day, type)) continue;
    problems.add(
      'date-out-of-range',
      node,
      `this day is ${what} with ${type.base}, whose years do not include it`,
    );
    return UNKNOWN;
  }
  return type;
}

/** Reports a value that can be neither compared nor combined with any other. */
function refuseUnfit(problems: Problems, { node, type }: Operand, what: What): boolean {
  const code = isLegacyLob(type)
    ? what === 'compared'
      ? 'incompatible-types'
      : 'outside-of-shape'
    : incomparable(type, 'compared');
  if (code === undefined) return false;
  const advice = isLegacyLob(type) ? '; write CAST(… AS varchar(8000)) or LIKE' : '';
  problems.add(code, node, `${type.base} cannot be ${what}${advice}`);
  return true;
}

function reconcileFamilies(problems: Problems, a: Operand, b: Operand, what: What): ValueType {
  for (const [literal, other] of [
    [a, b],
    [b, a],
  ] as const) {
    if (literal.node.kind !== 'string') continue;
    const fault = stringFault(literal.node, other.type);
    if (fault === undefined) return other.type;
    problems.add(fault.code, literal.node, `${fault.message}; it is ${what} with ${other.type.base}`);
    return UNKNOWN;
  }
  const families = new Set(
    [a.type.family, b.type.family].map((family) => (family === 'bool' ? 'number' : family)),
  );
  const pair = `${a.type.base} and ${b.type.base}`;
  if (families.has('string') && families.has('number')) {
    const number = isNumeric(a.type) ? a : b;
    const advice =
      number.node.kind === 'number' ? 'write the number in quotes' : 'CAST the number to varchar';
    const message = `${pair} are ${what}: the server would convert every string to a number and fail on the first that is not one; ${advice}`;
    problems.add(conversionCode(number.type.base), b.node, message);
  } else if (families.has('string') && (families.has('date') || families.has('time'))) {
    const message = `${pair} are ${what}: the server would convert every string to a date or time and fail on the first that is not one; CAST it`;
    problems.add('date-conversion-failed', b.node, message);
  } else if (families.has('string') && families.has('uuid')) {
    const message = `${pair} are ${what}: the server would convert every string and fail on the first that is not a uniqueidentifier; CAST the uniqueidentifier to varchar(36)`;
    problems.add('uuid-conversion-failed', b.node, message);
  } else if (families.has('date') && families.has('time')) {
    problems.add('incompatible-types', b.node, `${pair} cannot be ${what}`);
  } else {
    const odd = [a.type, b.type].find((type) => type.family === 'binary' || type.family === 'other');
    const isConverted = families.has('number') && (isOldDate(a.type) || isOldDate(b.type));
    const code = odd ? mixedCode(odd) : isConverted ? 'implicit-conversion' : 'operand-type-clash';
    const advice =
      families.has('date') && families.has('number') ? '; write DATEADD, DATEDIFF or YEAR(…)' : '';
    problems.add(code, b.node, `${pair} cannot be ${what}${advice}`);
  }
  return UNKNOWN;
}

/** The common type of several values (CASE branches, COALESCE arguments); NULL when all are NULL. */
export function reconcileAll(
  problems: Problems,
  placeholders: PlaceholderCheck,
  operands: readonly Operand[],
): ValueType {
  const typed = operands.find(
    (one) => one.type.family !== 'open' && one.type.family !== 'null' && one.node.kind !== 'string',
  );
  const first =
    typed ?? operands.find((one) => one.type.family !== 'open' && one.type.family !== 'null') ?? operands[0]!;
  let common: Operand = { ...first, type: settleOpen(placeholders, first) };
  for (const operand of operands) {
    if (operand === first) continue;
    const type = reconcile(problems, placeholders, common, operand, 'combined');
    if (type.family !== 'null') common = { node: common.node, type };
  }
  return common.type.family === 'open' ? NULL : common.type;
}
