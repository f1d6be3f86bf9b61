import type { PlaceholderType } from '../../data/placeholder.js';

const INT_MAX = 2_147_483_647;

/**
 * SQL-side type of an ID or a number by its spelling alone: canonical digits are `int` within SQL Server's range
 * and `bigint` up to 18 digits; leading zeros, letters and longer digits can only be kept exact as `varchar`.
 */
export function typeOfSpelling(value: string): PlaceholderType {
  if (/^-?(?:0|[1-9][0-9]{0,17})$/.test(value)) return Math.abs(Number(value)) <= INT_MAX ? 'int' : 'bigint';
  if (/^-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,18}$/.test(value)) return 'decimal';
  return 'varchar';
}

/** As `typeOfSpelling`, for an ID: `250.00` is a code and no number. */
export function typeOfId(value: string): PlaceholderType {
  const type = typeOfSpelling(value);
  return type === 'decimal' || value.startsWith('-') ? 'varchar' : type;
}
