/** Calendar facts: names of months and quarters, lengths of months, two-digit years. */

const MONTH_NAMES = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];

const MONTHS = new Map<string, number>();
MONTH_NAMES.forEach((name, index) => {
  MONTHS.set(name, index + 1);
  MONTHS.set(name.slice(0, 3), index + 1);
});
MONTHS.set('sept', 9);

/** 1 to 12 for an English month name or its abbreviation, in lower case. */
export function monthNumber(word: string): number | undefined {
  return MONTHS.get(word);
}

/** Every word that `monthNumber` accepts. */
export function monthWords(): Iterable<string> {
  return MONTHS.keys();
}

const ORDINALS = new Map([
  ['first', 1],
  ['1st', 1],
  ['second', 2],
  ['2nd', 2],
  ['third', 3],
  ['3rd', 3],
  ['fourth', 4],
  ['4th', 4],
]);

/** 1 to 4 for `first`, `1st`, … `fourth`, `4th`, in lower case. */
export function quarterOrdinal(word: string): number | undefined {
  return ORDINALS.get(word);
}

/** Every word that `quarterOrdinal` accepts. */
export function quarterWords(): Iterable<string> {
  return ORDINALS.keys();
}

/**
 * Whether a question can mean this year where only a date can stand. Years after 2100 are those of records whose dates
 * were shifted, such as MIMIC's. SQL Server's `date` itself starts at year 1.
 */
export function isYear(year: number): boolean {
  return year >= 1800 && year <= 2299;
}

/** Whether four digits mean this year even where they could be a number or an ID. */
export function isUsualYear(year: number): boolean {
  return year >= 1900 && year <= 2099;
}

/** Whether the day exists in the Gregorian calendar. */
export function isDay(year: number, month: number, day: number): boolean {
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const length = month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
  return day <= length;
}

/** SQL Server's default "two digit year cutoff": 00 to 49 are 2000 to 2049, 50 to 99 are 1950 to 1999. */
export function fullYear(twoDigits: number): number {
  return twoDigits <= 49 ? 2000 + twoDigits : 1900 + twoDigits;
}

export function isoDay(year: number, month: number, day: number): string {
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
}

export function isoMonth(year: number, month: number): string {
  return `${String(year).padStart(4, '0')}-${two(month)}`;
}

export function two(n: number): string {
  return String(n).padStart(2, '0');
}
