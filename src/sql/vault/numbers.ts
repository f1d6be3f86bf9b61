import { typeOfSpelling, type PlaceholderType } from '../../data/placeholder.js';

/** SQL type of an ID, by its spelling: like `typeOfSpelling`, but `250.00` is a code and -5 is not an ID. */
export function typeOfId(value: string): PlaceholderType {
  const type = typeOfSpelling(value);
  return value.includes('.') || value.startsWith('-') ? 'varchar' : type;
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
