import { type Expression } from './ast.js';
import { stringFault } from './literals.js';
import type { Meeting, PlaceholderCheck } from './placeholders.js';
import type { Problems } from './problems.js';
import { isLegacyLob, isNumeric, NULL, UNKNOWN, widest, type ValueType } from './types.js';

export interface Operand {
  node: Expression;
  type: ValueType;
}

/**
 * Two values that must become one type: the sides of a comparison, the branches of CASE. Placeholders and string
 * literals take the type of their neighbour; a column is never converted silently where a row could fail.
 * @param what in an error: `compared`, `combined`.
 * @returns the common type; UNKNOWN after a fault.
 */
export function reconcile(
  problems: Problems,
  placeholders: PlaceholderCheck,
  a: Operand,
  b: Operand,
  what: 'compared' | 'combined',
  meeting: Meeting = {},
): ValueType {
  if (a.type.family === 'unknown' || b.type.family === 'unknown') {
    settleOpen(placeholders, a);
    settleOpen(placeholders, b);
    return UNKNOWN;
  }
  if (a.node.kind === 'placeholder' && a.type.family === 'open')
    return reconcileOpen(placeholders, a, b, meeting);
  if (b.node.kind === 'placeholder' && b.type.family === 'open')
    return reconcileOpen(placeholders, b, a, meeting);
  if (a.type.family === 'null') return b.type;
  if (b.type.family === 'null') return a.type;
  if (a.type.family === b.type.family || (isNumeric(a.type) && isNumeric(b.type))) {
    return reconcileFamily(problems, a, b, what);
  }
  return reconcileFamilies(problems, a, b, what);
}

/** A placeholder without a typed neighbour takes the type of its own value. */
export function settleOpen(placeholders: PlaceholderCheck, operand: Operand): ValueType {
  if (operand.type.family !== 'open' || operand.node.kind !== 'placeholder') return operand.type;
  return placeholders.settle(operand.node);
}

function reconcileOpen(
  placeholders: PlaceholderCheck,
  open: Operand,
  other: Operand,
  meeting: Meeting,
): ValueType {
  const { node } = open;
  if (node.kind !== 'placeholder') return UNKNOWN;
  const type = settleOpen(placeholders, other);
  if (type.family === 'null' || type.family === 'unknown') return placeholders.settle(node);
  placeholders.meet(node, type, meeting);
  return type;
}

function reconcileFamily(problems: Problems, a: Operand, b: Operand, what: string): ValueType {
  for (const one of [a, b]) {
    if (one.type.family === 'other') {
      const message = `${one.type.base} values cannot be ${what}`;
      problems.add('incompatible_types', one.node, message);
      return UNKNOWN;
    }
    if (isLegacyLob(one.type)) {
      const message = `${one.type.base} cannot be ${what}; write CAST(… AS varchar(8000)) or LIKE`;
      problems.add('not_comparable', one.node, message);
      return UNKNOWN;
    }
  }
  return widest(a.type, b.type);
}

function reconcileFamilies(problems: Problems, a: Operand, b: Operand, what: string): ValueType {
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
      number.node.kind === 'number' ? `write '${number.node.text}' in quotes` : 'CAST the number to varchar';
    const message = `${pair} are ${what}: the server would convert every string to a number and fail on the first that is none; ${advice}`;
    problems.add('conversion_failed', b.node, message);
  } else if (families.has('string') && families.has('date')) {
    const message = `${pair} are ${what}: the server would convert every string to a date and fail on the first that is none; CAST it`;
    problems.add('date_conversion_failed', b.node, message);
  } else if (families.has('date') && families.has('time')) {
    problems.add('incompatible_types', b.node, `${pair} cannot be ${what}`);
  } else {
    const advice =
      families.has('date') && families.has('number') ? '; write DATEADD, DATEDIFF or YEAR(…)' : '';
    problems.add('operand_type_clash', b.node, `${pair} cannot be ${what}${advice}`);
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
  let common: Operand = { node: first.node, type: settleOpen(placeholders, first) };
  for (const operand of operands) {
    if (operand === first) continue;
    const type = reconcile(problems, placeholders, common, operand, 'combined');
    if (type.family !== 'null') common = { node: common.node, type };
  }
  return common.type.family === 'open' ? NULL : common.type;
}
