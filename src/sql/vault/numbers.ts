import { typeOfSpelling, type PlaceholderType } from '../../data/placeholder.js';

/** As `typeOfSpelling`, for an ID: `250.00` is a code and no number. */
export function typeOfId(value: string): PlaceholderType {
  const type = typeOfSpelling(value);
  return type === 'decimal' || value.startsWith('-') ? 'varchar' : type;
}

/** A plain number with its point moved to the right (or left, where `places` is negative), exactly: `1.5` by 3 is `1500`. */
export function shiftPoint(number: string, places: number): string {
  const [whole = '', fraction = ''] = number.split('.');
  const digits = '0'.repeat(Math.max(0, -places)) + whole + fraction + '0'.repeat(Math.max(0, places));
  const at = Math.max(0, -places) + whole.length + places;
  const trimmed = digits.slice(at).replace(/0+$/, '');
  const integer = digits.slice(0, at).replace(/^0+(?=\d)/, '') || '0';
  return trimmed === '' ? integer : `${integer}.${trimmed}`;
}
