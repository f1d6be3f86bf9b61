import type { Bounds } from '../../tsql/bounds.js';

/** `is`: x equals a value, or one of a list; `isNot`: it differs from them. */
export type Claim = 'is' | 'isNot';

/** A condition that was written, and the one that holds where it does not, NULL aside. */
export interface SaidCondition {
  text: string;
  /** What it is about: a column, or what is computed of one. */
  left: string;
  /** `x IS NULL` leaves nothing else to say of x. */
  isEmpty: boolean;
  /** Whether it says that x is one of some values, or none of them. */
  claim: Claim | undefined;
  /** Its text, and others that mean the same. */
  same: readonly string[];
  /** Whether it names several values. */
  isList: boolean;
  /** Conditions that decide nothing beside it, or never hold with it, as text. */
  excluded: readonly string[];
  /** Further ones that OR may not join to it. */
  excludedEither: readonly string[];
  /** The numbers that it leaves, where it compares with written ones. */
  bounds?: Bounds | undefined;
  /** Whether all those numbers meet it. */
  isWhole?: boolean | undefined;
  /** The conditions that OR joins to it. */
  parts?: readonly SaidCondition[] | undefined;
  /** Whether it holds only of the rows that a LEFT JOIN finds. */
  isOptional?: boolean | undefined;
  /** Two columns that it says are equal. */
  equated?: readonly string[] | undefined;
  /** Two columns that it compares. */
  related?: readonly [string, string] | undefined;
}
