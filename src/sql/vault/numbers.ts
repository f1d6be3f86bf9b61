import type { PlaceholderType } from '../../data/placeholder.js';

const INT_MAX = 2_147_483_647;

/**
 * SQL type of a number, by its spelling. Canonical digits are `int` within SQL Server's range and `bigint` up to 18
 * digits. Leading zeros, letters and longer digits stay exact only as `varchar`.
 */
export function typeOfNumber(value: string): PlaceholderType {
  if (/^-?(?:0|[1-9][0-9]{0,17})$/.test(value)) return Math.abs(Number(value)) <= INT_MAX ? 'int' : 'bigint';
  if (/^-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,18}$/.test(value)) return 'decimal';
  return 'varchar';
}

/** SQL type of an ID, by its spelling: like `typeOfNumber`, but `250.00` is a code and -5 is not an ID. */
export function typeOfId(value: string): PlaceholderType {
  const type = typeOfNumber(value);
  return type === 'decimal' || value.startsWith('-') ? 'varchar' : type;
}

/** Moves a number's decimal point to the right, or to the left if `places` is negative. Exact: `1.5` by 3 is `1500`. */
export function shiftPoint(number: string, places: number): string {
  const [whole = '', fraction = ''] = number.split('.');
  const digits = '0'.repeat(Math.max(0, -places)) + whole + fraction + '0'.repeat(Math.max(0, places));
  const at = Math.max(0, -places) + whole.length + places;
  const trimmed = digits.slice(at).replace(/0+$/, '');
  const integer = digits.slice(0, at).replace(/^0+(?=\d)/, '') || '0';
  return trimmed === '' ? integer : `${integer}.${trimmed}`;
}
