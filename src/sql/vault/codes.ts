import { wordBefore } from './context.js';
import { isLetterAt, isWordAt } from './lexer.js';
import { endsClean, matchAt } from './text.js';
import { typeOfId } from './numbers.js';
import type { Found, Match, Scan } from './types.js';
import { isKnownTerm, KEEP_AFTER, TIME_UNITS, UNITS } from './words.js';

/** A hyphen, or what word processors write for one: U+2010, U+2011, an en dash. */
const DASH = '[-\u2010\u2011–]';
const EXTENSION = '(?:,?[ ]?(?:x|ext\\.?|extension)[ ]?\\d{1,6})?';

/** Spellings of a code after a word that names its system: `ICD-10 e119`, `CPT 99213`. */
const SPELLING: Record<string, RegExp> = {
  icd10: /[A-Z]\d[0-9AB](?:\.?[0-9A-Z]{0,3}[0-9A-WYZ])?|(?=\d{0,6}[A-Z])(?=[A-Z]{0,6}\d)[0-9A-HJ-NP-Z]{7}/iy,
  icd9: /(?:V\d{2}|E\d{3}|\d{2,3})(?:\.\d{1,2})?/iy,
  cpt: /(?:\d{4}[0-9FTUMA]|[A-V]\d{4})(?:-[0-9A-Z]{2}(?![0-9A-Z]))?/iy,
  loinc: /(?:L[AGP])?\d{1,7}-\d/iy,
  ndc: /\d{4,5}-\d{3,4}(?:-\d{1,2})?|\d{4,5} \d{3,4} \d{1,2}|\d{8,11}/y,
  snomed: /\d{6,18}/y,
  rxnorm: /\d{1,8}/y,
  atc: /[A-Z]\d{2}(?:[A-Z]{1,2}(?:\d{2})?)?/iy,
  npi: /\d{10}/y,
  ssn: /\d{3}[-\u2010\u2011–]\d{2}[-\u2010\u2011–]\d{4}|\d{3} \d{2} \d{4}|\d{9}/y,
  phone: new RegExp(
    `\\+?\\(?\\d[\\d().-]{0,4}(?:(?: |\\.|${DASH})?\\(?\\d{2,4}\\)?){1,5}(?!\\d)${EXTENSION}`,
    'iy',
  ),
  diagnosis9: /(?:V\d{2}|E\d{3}|\d{3})\.\d{1,2}|0\d\d/iy,
  procedure: /\d{5}|\d{4}[FTU]|[A-EGHJ-MP-V]\d{4}/iy,
};

/** Words that stand for several systems: the spellings that may follow them, tried in order. */
const FAMILIES: Record<string, readonly (readonly [kind: string, spelling: string])[]> = {
  icd: [
    ['icd10', 'icd10'],
    ['icd9', 'icd9'],
  ],
  diagnosis: [
    ['icd10', 'icd10'],
    ['icd9', 'diagnosis9'],
  ],
  procedure: [['cpt', 'procedure']],
  code: [
    ['icd10', 'icd10'],
    ['loinc', 'loinc'],
    ['atc', 'atc'],
    ['icd9', 'diagnosis9'],
  ],
};

/** Whether values of this kind have a specific spelling. */
export function isCodeKind(kind: string): boolean {
  return SPELLING[kind] !== undefined || FAMILIES[kind] !== undefined;
}

/** Reads a whole code at `at`, after a word that names its system or family. */
export function readCode(kind: string, text: string, at: number): { kind: string; end: number } | undefined {
  for (const [name, spelling] of FAMILIES[kind] ?? [[kind, kind] as const]) {
    const match = matchAt(SPELLING[spelling]!, text, at);
    if (match === null) continue;
    const end = at + match[0].length;
    if (endsCode(text, end) || isRange(SPELLING[spelling]!, text, at, end)) return { kind: name, end };
  }
  return undefined;
}

/** `99213-99215`, `250-259`: a code of the same spelling and length follows the hyphen. */
function isRange(spelling: RegExp, text: string, at: number, end: number): boolean {
  if (text[end] !== '-') return false;
  const other = matchAt(spelling, text, end + 1);
  return other !== null && other[0].length === end - at && endsClean(text, end + 1 + other[0].length);
}

// No code ends with an X: a final X is a wild card, as in `I21.X` and `E11.6x`.
const ICD10_DOTTED = /[A-Z]\d[0-9AB]\.[0-9A-Z]{0,3}[0-9A-WYZ]|[a-uw-z]\d\d\.\d(?:[0-9a-z]{0,2}[0-9a-wyz])?/y;
const ICD10_CATEGORY = /[A-Z]\d\d/y;
const ICD9_EXTERNAL = /E\d{3}\.\d/y;
const ATC = /[A-Z]\d{2}[A-Z]{2}\d{2}/iy;
const HCPCS = /[A-EGHJ-MP-V]\d{4}(?:-[0-9A-Z]{2}(?![0-9A-Za-z]))?/y;

/** Codes that begin with a letter and reveal their system by their shape: E11.9, I10, A10BA02, J1100. */
export function matchLetterCode(scan: Scan, i: number): Found | undefined {
  const { text } = scan;
  const token = scan.tokens[i]!;
  // Fast rejection: at most seven characters, the first a letter.
  if (token.kind !== 'mixed' || token.end - token.start > 7 || !isLetterAt(text, token.start))
    return undefined;
  return (
    postcode(text, token.start) ??
    code(text, token.start, ICD9_EXTERNAL, 'icd9') ??
    code(text, token.start, ICD10_DOTTED, 'icd10') ??
    category(scan, i) ??
    code(text, token.start, ATC, 'atc') ??
    code(text, token.start, HCPCS, 'cpt')
  );
}

/** Of Britain and of Canada, in two parts: `EC1A 1BB`, `K1A 0B1`. */
const POSTCODE = /[A-Z]{1,2}\d[A-Z\d]? \d([A-Z]{2})(?![0-9A-Za-z])|[A-Z]\d[A-Z] \d[A-Z]\d(?![0-9A-Za-z])/y;

/** A postcode, which a dose may look like (`B12 5MG`). */
function postcode(text: string, start: number): Found | undefined {
  const match = matchAt(POSTCODE, text, start);
  if (match === null) return undefined;
  const last = match[1]?.toLowerCase();
  if (last !== undefined && (UNITS.has(last) || TIME_UNITS.has(last) || /^(?:st|nd|rd|th)$/.test(last)))
    return undefined;
  return found({ start, end: start + match[0].length, ...id('key', match[0]) });
}

/** A three-character ICD-10 category. `vitamin B12` and other terms of that shape stay in the question. */
function category(scan: Scan, i: number): Found | undefined {
  const token = scan.tokens[i]!;
  if (token.end - token.start !== 3 || isKnownTerm(token.word) || KEEP_AFTER.has(wordBefore(scan, i)))
    return undefined;
  return code(scan.text, token.start, ICD10_CATEGORY, 'icd10');
}

function code(text: string, start: number, pattern: RegExp, kind: string): Found | undefined {
  const match = matchAt(pattern, text, start);
  if (match === null) return undefined;
  const end = start + match[0].length;
  return endsCode(text, end) ? found({ start, end, ...id(kind, match[0]) }) : undefined;
}

const SSN = new RegExp(`\\d{3}(${DASH})\\d{2}\\1\\d{4}(?!\\d)`, 'y');
const NDC = /(?:\d{4}-\d{4}-\d{2}|\d{5}-\d{3}-\d{2}|\d{5}-\d{4}-\d{1,2})(?!\d)/y;
const LOINC = /(\d{3,5})-(\d)(?!\d)/y;

/** Codes and numbers of only digits and hyphens: SSN, NDC, LOINC (verified by its check digit). */
export function matchDigitCode(scan: Scan, i: number): Found | undefined {
  const { text } = scan;
  const token = scan.tokens[i]!;
  const length = token.end - token.start;
  if (token.kind !== 'number' || length < 3 || length > 5) return undefined;
  const { start } = token;
  if (text[token.end] !== '-') return length === 3 ? code(text, start, SSN, 'ssn') : undefined;
  const loinc = matchAt(LOINC, text, start);
  if (loinc !== null) {
    const end = start + loinc[0].length;
    const valid = checkDigit(loinc[1]!) === Number(loinc[2]) && endsCode(text, end);
    return valid ? found({ start, end, ...id('loinc', loinc[0]) }) : undefined;
  }
  return code(text, start, SSN, 'ssn') ?? code(text, start, NDC, 'ndc');
}

/** LOINC's check digit: the Luhn digit, mod 10. */
function checkDigit(digits: string): number {
  let sum = 0;
  for (let k = 0; k < digits.length; k++) {
    const digit = Number(digits[digits.length - 1 - k]);
    const doubled = k % 2 === 0 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return (10 - (sum % 10)) % 10;
}

const NANP = new RegExp(
  `(?:\\+?1[ .-]?)?(?:(?:\\(\\d{3}\\)[ .-]?|\\d{3}[ .-])\\d{3}[ .-]|\\d{3}(${DASH})\\d{3}\\1)\\d{4}(?!\\d)${EXTENSION}`,
  'iy',
);
const INTERNATIONAL = new RegExp(`\\+\\d{1,3}(?:[ .-]?\\(?\\d{1,4}\\)?){2,5}(?!\\d)${EXTENSION}`, 'iy');
/** ITU-T E.164: at most 15 digits. */
const UNBROKEN = new RegExp(`\\+\\d{7,15}(?!\\d)${EXTENSION}`, 'iy');

/** `(555) 123-4567`, `555-123-4567`, `+1 555 123 4567`, `+49 30 1234567`, `+15551234567`, `555-123-4567 ext. 8`. */
export function matchPhone(scan: Scan, i: number): Found | undefined {
  const { text } = scan;
  const token = scan.tokens[i]!;
  if (token.kind !== 'number') return undefined;
  if (token.end - token.start > 4) {
    return text[token.start - 1] === '+' && !isWordAt(text, token.start - 2)
      ? code(text, token.start - 1, UNBROKEN, 'phone')
      : undefined;
  }
  let start = token.start;
  while (start > scan.from && token.start - start < 2 && '(+'.includes(text[start - 1]!)) start--;
  // Without a bracket or a plus before it, only an area code or North America's 1 can come first.
  if (start === token.start && token.end - start !== 3 && text[start] !== '1') return undefined;
  for (const pattern of text[start] === '+' ? [NANP, INTERNATIONAL] : [NANP]) {
    const match =
      matchAt(pattern, text, start) ?? (start === token.start ? null : matchAt(pattern, text, token.start));
    if (match === null) continue;
    const end = match.index + match[0].length;
    if (endsClean(text, end)) return found({ start: match.index, end, ...id('phone', match[0]) });
  }
  return undefined;
}

const AFTER_CODE = /(?:\.?(?:x{1,4}|X{1,4})|s|-[a-z]{3,20})(?![0-9A-Za-z])/y;

/**
 * Whether a code may end at `end`: nothing joined follows, or a wild card (`E11.x`), a suffix (`E11.9-related`,
 * `E11.9s`) or another code (`E10-E14`, `E11.9/I10`).
 */
function endsCode(text: string, end: number): boolean {
  if (endsClean(text, end) || text[end] === '/' || matchAt(AFTER_CODE, text, end) !== null) return true;
  return text[end] === '-' && matchAt(ICD10_CATEGORY, text, end + 1) !== null;
}

function id(kind: string, value: string): Omit<Match, 'start' | 'end'> {
  return { prefix: 'ID', kind, type: typeOfId(value), value };
}

function found(match: Match): Found {
  return { matches: [match], end: match.end };
}
