import { isUsualYear } from './calendar.js';
import { wordBefore } from './context.js';
import { isDigitAt } from './lexer.js';
import { typeOfId } from './numbers.js';
import { matchAt } from './text.js';
import { udiAt } from './udi.js';
import type { Found, Match, Scan } from './types.js';
import { isKnownTerm, TIME_UNITS, UNITS } from './words.js';

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-z])/iy;
const EMAIL = /[^@/]{1,64}@(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24}(?![\p{L}\p{N}_])/uy;
export const UUID_LENGTH = 36;

/** UUIDs, UDIs and e-mail addresses: their shape alone is proof. */
export function matchAddress(scan: Scan, i: number): Found | undefined {
  const { text } = scan;
  const { start, chunk } = scan.tokens[i]!;
  const length = chunk.end - start;
  const udi = udiAt(text, start - 1);
  if (udi !== undefined && start > scan.from) return { matches: [udi], end: udi.end };
  if (length >= UUID_LENGTH && text[start + 8] === '-' && matchAt(UUID, text, start) !== null) {
    return key(text, start, start + UUID_LENGTH, 'uuid');
  }
  const isFirst = start === chunk.start;
  // `Patient/550e8400-…`: the UUID at the end of a path.
  const tail = chunk.end - UUID_LENGTH;
  if (isFirst && tail > start && text[tail - 1] === '/' && matchAt(UUID, text, tail) !== null) {
    return key(text, tail, chunk.end, 'uuid');
  }
  if (!chunk.address || !(isFirst || text[start - 1] === '/') || length > 300) return undefined;
  const email = matchAt(EMAIL, text, start);
  return email === null ? undefined : key(text, start, start + email[0].length, 'email');
}

/** Whether a text is a UUID. That outranks the noun before it: a UUID column can be compared with nothing else. */
export function isUuid(text: string): boolean {
  return text.length === UUID_LENGTH && matchAt(UUID, text, 0) !== null;
}

/** IDs without a label, by their form: `AB-1234-X`, `#42`, `00123456`, `12345`, `1.2.840`, digits of other scripts. */
export function matchKey(scan: Scan, i: number): Found | undefined {
  const { text } = scan;
  const { start, chunk } = scan.tokens[i]!;
  if (start !== chunk.start && start !== scan.from) return undefined;
  if (chunk.unusual) return unusualKey(text, start, chunk.end);
  if (chunk.digits === 0) return undefined;
  if (text[start - 1] === '#') return key(text, start, chunk.end, 'key');
  if (chunk.digits < 3) return isProcedureCode(scan, i) ? key(text, start, chunk.end, 'icd10') : undefined;
  const spelled = text.slice(start, chunk.end);
  const isKey = chunk.letters === 0 ? isDigitKey(spelled) : isMixedKey(spelled);
  return isKey ? key(text, start, chunk.end, kindByPrefix(spelled)) : undefined;
}

/** ICD-10-PCS: seven digits or capitals, without I and O; the first names the section. */
const PROCEDURE_CODE = /[0-9BCDFGHX][0-9A-HJ-NP-Z]{6}(?![0-9A-Za-z])/y;
const PCS_LENGTH = 7;

/** `0DTJ4ZZ`: a code of a procedure with few digits, which no word before it has to announce. */
function isProcedureCode({ text, tokens }: Scan, i: number): boolean {
  const { start, chunk } = tokens[i]!;
  if (chunk.end - start !== PCS_LENGTH || chunk.digits === 0) return false;
  return isDigitAt(text, start) && matchAt(PROCEDURE_CODE, text, start) !== null;
}

/** Known terms with digits stay in the question: `COVID-19`, `HbA1c`, `CA-125`. */
export function matchKnownTerm(scan: Scan, i: number): Found | undefined {
  const { text } = scan;
  const { start, end, chunk, word } = scan.tokens[i]!;
  if (chunk.digits === 0) return undefined;
  if (chunk.letters === 0) {
    // `CA 19-9`
    const term = chunk.digits <= 3 ? wordBefore(scan, i) + text.slice(start, chunk.end) : '';
    return term !== '' && start === chunk.start && isKnownTerm(term)
      ? { matches: [], end: chunk.end }
      : undefined;
  }
  // `mL/min/1.73m2`: the whole chunk is a unit.
  // `last month/27` has a day.
  if ((UNITS.has(word) || TIME_UNITS.has(word)) && word !== 'month' && text[end] === '/' && chunk.digits <= 4)
    return { matches: [], end: chunk.end };
  if (chunk.end - start <= 16 && isKnownTerm(text.slice(start, chunk.end).toLowerCase())) {
    return { matches: [], end: chunk.end };
  }
  // `CA-125-positive`: only the start of the chunk is a term.
  return isKnownTerm(word) ? { matches: [], end } : undefined;
}

const PAIR = /^(\d{1,4}(?:\.\d+)?)([-/:])(\d{1,4}(?:\.\d+)?)$/;
/** `120-130/80-85`: blood pressures */
const TWO_RANGES = /^\d{2,3}-\d{2,3}\/\d{2,3}-\d{2,3}$/;
const DECIMAL = /^\d+\.\d+$/;

/** Digits joined by signs that are not a decimal, a range (`10-20`) or a ratio (`140/90`). */
function isDigitKey(spelled: string): boolean {
  if (/^\d+$/.test(spelled) || DECIMAL.test(spelled) || TWO_RANGES.test(spelled)) return false;
  const pair = PAIR.exec(spelled);
  return pair === null || (pair[2] === '-' && Number(pair[1]) >= Number(pair[3]));
}

/** `1.5e3` */
export const SCIENTIFIC = /^(\d(?:\.\d{1,9})?)e([+-]?\d{1,2})$/i;
const YEAR_AND_WORD = /^(?:[a-z]{2,}-)*(\d{4})(?:-[a-z]{2,})*$/;
const QUANTITY = /^\d+(?:\.\d+)?(?:(?:[-/]|-to-)\d+(?:\.\d+)?)?-?([a-zµμ]{1,8})(?![a-z0-9])/i;

function isMixedKey(spelled: string): boolean {
  const year = YEAR_AND_WORD.exec(spelled);
  if (year !== null && isUsualYear(Number(year[1]))) return false;
  if (/^(?:1[89]|2[0-2])\d0s$/i.test(spelled) || /^(?:fy|cy)[-_]?(?:19|20)\d\d$/i.test(spelled)) return false;
  if (/^\d{1,3}(?:st|nd|rd|th)$/i.test(spelled) || SCIENTIFIC.test(spelled)) return false;
  if (!isDigitAt(spelled, 0)) return true;
  const quantity = QUANTITY.exec(spelled);
  return quantity === null || !isUnit(quantity[1]!.toLowerCase());
}

/** Whether a word can be joined to an amount: a unit, or a word such as `fold` and `lead`. */
function isUnit(word: string): boolean {
  return (
    UNITS.has(word) ||
    TIME_UNITS.has(word) ||
    /^(?:fold|lead|item|point|bed|drug|dose|way|hour|x|k|yo)$/.test(word)
  );
}

function kindByPrefix(spelled: string): string {
  return /^mrn[-:_]?\d/i.test(spelled) ? 'mrn' : 'key';
}

export const UNUSUAL_CHARACTERS = {
  code: 'unusual-digits',
  message:
    'contains look-alike or invisible characters or digits of another script; it was kept exactly as written',
} as const;
const DIGIT_OF_ANY_SCRIPT = /\p{Nd}/u;

/** Digits of another script, or mixed with invisible characters: kept byte for byte, with a note. */
function unusualKey(text: string, start: number, end: number): Found | undefined {
  const spelled = text.slice(start, end);
  if (!DIGIT_OF_ANY_SCRIPT.test(spelled)) return undefined;
  const match: Match = { ...keyOf(text, start, end, 'key'), type: 'varchar' };
  return { matches: [{ ...match, notes: [UNUSUAL_CHARACTERS] }], end };
}

function keyOf(text: string, start: number, end: number, kind: string): Match {
  const value = text.slice(start, end);
  return { start, end, prefix: 'ID', kind, type: typeOfId(value), value };
}

function key(text: string, start: number, end: number, kind: string): Found {
  return { matches: [keyOf(text, start, end, kind)], end };
}
