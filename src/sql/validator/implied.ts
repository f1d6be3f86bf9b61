import type { Expression, Logical } from '../../tsql/ast.js';
import { commonBounds, isNowhere, isWithin, type Bounds } from '../../tsql/bounds.js';
import { claimedValues, claimOf, subjectOf } from './claims.js';
import { saidBy } from './emptiness.js';
import { expressionKey } from './grouping.js';
import type { Problems } from './problems.js';
import type { Scope } from './scope.js';

/** What one condition says of its subject, as far as that is known from the values that it writes out. */
interface Claim {
  node: Expression;
  /** It is one of these values, or none of them, as `expressionKey` writes them. */
  is?: ReadonlySet<string> | undefined;
  isNot?: ReadonlySet<string> | undefined;
  /** Every number that meets the condition is within these. */
  bounds?: Bounds | undefined;
  /** Whether every number within the bounds meets it. */
  isWhole: boolean;
  /** Whether its subject has but two values: 0 and 1. */
  isOfTwo: boolean;
}

const BITS: Readonly<Record<string, string | undefined>> = { '0': '1', '1': '0' };
/** Conditions on one subject that are compared with each other; a person writes fewer. */
const MOST = 32;

/** Refuses a condition that another one makes idle: `x > 5 AND x > 3`, `x = 1 OR x IN (1, 2)`. */
export function checkImplied(
  kind: Logical['kind'],
  operands: readonly Expression[],
  scope: Scope,
  problems: Problems,
): void {
  const bySubject = new Map<string, Claim[]>();
  for (const operand of operands) {
    const of = subjectOf(operand);
    if (of === undefined) continue;
    const key = expressionKey(scope, of);
    const claims = bySubject.get(key) ?? [];
    if (claims.length < MOST) bySubject.set(key, [...claims, claimIn(operand, of, scope)]);
  }
  for (const claims of bySubject.values())
    claims.forEach((later, i) => {
      for (const earlier of claims.slice(0, i)) if (judge(kind, earlier, later, problems)) return;
    });
}

/** @returns whether the pair was refused */
function judge(kind: Logical['kind'], earlier: Claim, later: Claim, problems: Problems): boolean {
  const idle = (at: Claim): boolean => {
    problems.add('sense-idle', at.node, 'this decides nothing beside what else is said of the same value');
    return true;
  };
  if (kind === 'and') {
    if (neverBoth(earlier, later)) {
      problems.add('sense-empty', later.node, 'no value meets this and what else is said of it');
      return true;
    }
    if (implies(earlier, later)) return idle(later);
    return implies(later, earlier) && idle(earlier);
  }
  if (alwaysOne(earlier, later) || implies(later, earlier)) return idle(later);
  return implies(earlier, later) && idle(earlier);
}

function implies(one: Claim, other: Claim): boolean {
  if (one.is && other.is) return isSubset(one.is, other.is);
  if (one.isNot && other.isNot) return isSubset(other.isNot, one.isNot);
  return !!one.bounds && !!other.bounds && other.isWhole && isWithin(one.bounds, other.bounds);
}

function neverBoth(one: Claim, other: Claim): boolean {
  const [is, isNot] = [one.is ?? other.is, one.isNot ?? other.isNot];
  if (is && isNot) return isSubset(is, isNot);
  return !!one.bounds && !!other.bounds && isNowhere(commonBounds(one.bounds, other.bounds));
}

function alwaysOne(one: Claim, other: Claim): boolean {
  if (one.isOfTwo && one.is && other.is && !isSubset(other.is, one.is)) return true;
  const [is, isNot] = [one.is ?? other.is, one.isNot ?? other.isNot];
  return !!is && !!isNot && isSubset(isNot, is);
}

function isSubset(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return [...one].every((text) => other.has(text));
}

function claimIn(node: Expression, of: Expression, scope: Scope): Claim {
  const claim = claimOf(node);
  const values = claimedValues(node, of);
  const isWritten = values.every(({ kind }) => kind === 'number' || kind === 'string');
  const texts = claim && isWritten ? new Set(values.map((value) => expressionKey(scope, value))) : undefined;
  const said = claim === 'isNot' ? undefined : saidBy(node, scope);
  const isOfTwo = of.kind === 'column' && scope.resolved(of)?.column.type.base === 'bit';
  const [only] = texts?.size === 1 ? [...texts] : [];
  const other = isOfTwo && claim === 'isNot' ? BITS[only ?? ''] : undefined;
  return {
    node,
    isOfTwo,
    is: other ? new Set([other]) : claim === 'is' ? texts : undefined,
    isNot: claim === 'isNot' && !other ? texts : undefined,
    bounds: said?.bounds,
    isWhole: said?.isWhole === true,
  };
}
