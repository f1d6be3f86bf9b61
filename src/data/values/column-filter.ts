import { isLabelName } from './value-column.js';

/** Different values of a column that are looked at before it is decided whether the column is taken. */
const SAMPLE = 1000;
const LONGEST_VALUE = 200;
const MOST_WORDS = 24;
/** In characters: above these a column's values are prose, whatever its name; unless its name says label. */
const PROSE_LENGTH = 120;
const LONG_LENGTH = 50;

const LETTER = /\p{L}/u;
const NOT_PLAIN = /[^ -~]/;
const UNUSABLE = /[\p{Cc}\p{Cs}\p{Co}]/u;
const UUID = /^\{?[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\}?$/i;
const DATE =
  /^(?:\d{4}-?\d\d-?\d\d[T ]|\d{1,2}[- ](?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[- ]\d{2,4})/i;

/** Why a column is left out. */
export type LeftOut = 'numbers, dates or identifiers' | 'free text' | 'no values';

/**
 * Whether the index takes a value: it has a letter, is no date and no UUID, has at most 200 characters and no control
 * characters. Numbers and dates of a question are found by their form.
 */
export function isIndexable(value: string): boolean {
  if (value.length > LONGEST_VALUE || !LETTER.test(value)) return false;
  if (NOT_PLAIN.test(value) && UNUSABLE.test(value)) return false;
  const first = value.charCodeAt(0);
  const mayBeNumeric = first <= 0x39 || first === 0x7b || value.length === 36 || value.length === 32;
  return !mayBeNumeric || !(UUID.test(value) || DATE.test(value));
}

/** Whether a value with that many words is a label rather than a sentence. */
export function isShort(words: readonly string[]): boolean {
  return words.length > 0 && words.length <= MOST_WORDS;
}

/**
 * Decides by the first values of a column whether it is taken. Until then the values wait.
 *
 * Left out are columns in which fewer than a tenth of the different values are indexable; whose values are nearly all
 * different and single words with four digits or more (unless the name says code or label); and prose: values of more
 * than 120 characters in the mean, or more than 50 where nearly every row has its own (unless the name says label).
 */
export class ColumnFilter {
  #waiting: Set<string> | undefined = new Set();
  #rows = 0;
  #indexable = 0;
  reason: LeftOut | undefined;

  constructor(private readonly name: string) {}

  /** Takes one value that is not empty; passes on what is known to belong to the index. */
  add(value: string, pass: (value: string) => void): void {
    if (this.reason !== undefined) return;
    const fits = isIndexable(value);
    if (this.#waiting === undefined) {
      if (fits) pass(value);
      return;
    }
    this.#rows++;
    if (this.#waiting.has(value)) return;
    this.#waiting.add(ownCopy(value));
    if (fits) this.#indexable++;
    if (this.#waiting.size >= SAMPLE) this.end(pass);
  }

  /** Decides on a column that has fewer values than the sample. */
  end(pass: (value: string) => void): void {
    const values = this.#waiting;
    if (values === undefined) return;
    this.#waiting = undefined;
    this.reason = this.#decide([...values]);
    if (this.reason !== undefined) return;
    for (const value of values) if (isIndexable(value)) pass(value);
  }

  #decide(values: string[]): LeftOut | undefined {
    if (values.length === 0) return 'no values';
    const share = (of: number): number => of / values.length;
    const isMostlyOwn = values.length >= 20 && values.length >= 0.95 * this.#rows;
    const isLabel = isLabelName(this.name);
    const mean = share(values.reduce((sum, value) => sum + value.length, 0));
    if (mean > PROSE_LENGTH || (mean > LONG_LENGTH && isMostlyOwn && !isLabel)) return 'free text';
    if (share(this.#indexable) < 0.1) return 'numbers, dates or identifiers';
    const identifiers = values.filter((value) => !value.includes(' ') && /(?:\d\D*){4}/.test(value)).length;
    if (isMostlyOwn && !isLabel && share(identifiers) > 0.95) return 'numbers, dates or identifiers';
    return undefined;
  }
}

/** A part of a long string keeps all of it in memory; this copy does not. */
function ownCopy(part: string): string {
  return ` ${part}`.slice(1);
}
