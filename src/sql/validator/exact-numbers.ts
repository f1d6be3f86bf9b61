import type { Arithmetic } from '../../tsql/ast.js';

/** A number that a statement spells out, or computes from such numbers: `digits / 10^scale`. */
export interface ExactNumber {
  digits: bigint;
  scale: number;
  /** Whether nothing was rounded away. The server rounds floats and quotients elsewhere, so these are only near. */
  isExact: boolean;
}

/** Digits after the point, and the largest exponents that are kept: more than a float has. */
const MAX_SCALE = 400;

const NUMBER = /^(\d*)(?:\.(\d*))?(?:e([-+]?\d+))?$/i;

/** The value of a number as T-SQL spells it: `12`, `0.5`, `1e-3`. Larger exponents than a float's stay out of its range. */
export function readNumber(text: string): ExactNumber | undefined {
  const [, whole = '', fraction = '', exponent] = NUMBER.exec(text) ?? [];
  if (whole === '' && fraction === '') return undefined;
  const power = Math.max(-MAX_SCALE, Math.min(Number(exponent ?? 0), MAX_SCALE));
  const digits = BigInt(whole + fraction);
  const scale = fraction.length - power;
  const isExact = exponent === undefined;
  return rounded(
    scale < 0 ? { digits: digits * 10n ** BigInt(-scale), scale: 0, isExact } : { digits, scale, isExact },
  );
}

function rounded({ digits, scale, isExact }: ExactNumber): ExactNumber {
  if (scale <= MAX_SCALE) return { digits, scale, isExact };
  return { digits: digits / 10n ** BigInt(scale - MAX_SCALE), scale: MAX_SCALE, isExact: false };
}

export function withOtherSign(value: ExactNumber): ExactNumber {
  return { ...value, digits: -value.digits };
}

/** The value without what stands after the point. */
export function truncated({ digits, scale }: ExactNumber): bigint {
  return scale === 0 ? digits : digits / 10n ** BigInt(scale);
}

/** The value times `10^places`, rounded to a whole number. */
export function roundedTo({ digits, scale }: ExactNumber, places: number): bigint {
  if (places === scale) return digits;
  if (places > scale) return digits * 10n ** BigInt(places - scale);
  const unit = 10n ** BigInt(scale - places);
  return (digits + (digits < 0n ? -unit : unit) / 2n) / unit;
}

/**
 * @param inWhole whether the result is of a whole-number type: 7 / 2 is 3
 * @returns undefined for a division by 0, and for a remainder of fractions
 */
export function computed(
  operator: Arithmetic['operator'],
  left: ExactNumber,
  right: ExactNumber,
  inWhole: boolean,
): ExactNumber | undefined {
  const scale = Math.max(left.scale, right.scale);
  const isExact = left.isExact && right.isExact;
  const [a, b] = [roundedTo(left, scale), roundedTo(right, scale)];
  switch (operator) {
    case '+':
      return { digits: a + b, scale, isExact };
    case '-':
      return { digits: a - b, scale, isExact };
    case '*':
      return rounded({ digits: left.digits * right.digits, scale: left.scale + right.scale, isExact });
    case '/':
      if (b === 0n) return undefined;
      if (inWhole) return { digits: a / b, scale: 0, isExact };
      return { digits: (a * 10n ** BigInt(MAX_SCALE)) / b, scale: MAX_SCALE, isExact: false };
    case '%':
      return b === 0n || scale > 0 ? undefined : { digits: a % b, scale, isExact };
  }
}
