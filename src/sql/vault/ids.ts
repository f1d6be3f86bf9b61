import { isUsualYear, isYear } from './calendar.js';
import { isCodeKind, readCode } from './codes.js';
import { isGap, tokenAfter, whatFollows, wordBefore } from './context.js';
import { looksLikeDate } from './dates.js';
import { isUuid, UNUSUAL_CHARACTERS } from './keys.js';
import { isDigitAt } from './lexer.js';
import { isLetterKey, isLetterList, isListedLetterKey, isSmallLetterKey } from './letter-keys.js';
import type { QuestionToken } from './lexer.js';
import { DOTTED_NOUNS, BETWEEN, LABELS, LINKS, nounOf, phraseAt, systemParts } from './nouns.js';
import { typeOfId } from './numbers.js';
import { isPeriod } from './periods.js';
import { readQuotation } from './quoted.js';
import { endsClean, matchAt } from './text.js';
import { udiAt } from './udi.js';
import type { Found, Match, Scan } from './types.js';
import { isKnownTerm, TIME_UNITS, UNITS } from './words.js';

/** The words before a value that say what it identifies. */
interface Label {
  kind: string;
  plural: boolean;
  /** `patient id`, `MRN`, `visit #` announce a value. After a bare noun, the value itself must look like an ID. */
  strong: boolean;
  end: number;
  /** Index of the token after the label. */
  next: number;
}

/** IDs labelled by the words before them: `patient 12345`, `MRN: 00123456`, `person_id = 17`, `patients 12, 15 and 19`. */
export function matchLabelled(scan: Scan, i: number): Found | undefined {
  const label = readLabel(scan, i);
  if (label === undefined) return undefined;
  const first = readValue(scan, label, label.end, label.next);
  if (first === undefined) return undefined;
  const matches = [first.match];
  let last = first;
  for (;;) {
    const next = readListed(scan, label, last);
    if (next === undefined) break;
    matches.push(next.match);
    last = next;
  }
  // `visits 2023`, `claims 2019, 2020 and 2021`, `cost per visit 2023` mean years.
  const isKindOf = label.plural || PER.test(wordBefore(scan, i));
  if (!label.strong && isKindOf && matches.every((match) => isUsualYear(Number(match.value))))
    return undefined;
  return { matches, end: last.match.end };
}

const PER = /^(?:per|each|every|by)$/;

function readLabel(scan: Scan, i: number): Label | undefined {
  const { text, tokens } = scan;
  const token = tokens[i]!;
  const phrase = phraseAt(token.word);
  if (phrase !== undefined) return readPhrase(scan, i, phrase);
  const noun = nounOf(token.word);
  if (noun === undefined) return undefined;
  const { kind, plural, label: strong } = noun;
  let label: Label = { kind, plural, strong, end: afterDot(text, token), next: i + 1 };
  const parts = systemParts(kind);
  if (parts !== undefined) label = withSystemParts(scan, label, parts);
  let end = label.end;
  for (let j = label.next; j < label.next + 4 && j < i + 7; j++) {
    const word = tokens[j];
    if (word === undefined || !isGap(text, end, word.start, ' \t-')) break;
    end = word.end;
    if (LABELS.has(word.word)) {
      const kind = word.word.startsWith('mrn') ? 'mrn' : label.kind;
      const plural = label.plural || word.word.endsWith('s');
      label = { kind, plural, strong: true, end: afterDot(text, word), next: j + 1 };
    } else if (!BETWEEN.has(word.word)) break;
  }
  // `National Provider Identifier (NPI) 1234567893`
  return label.strong && text[label.end] === ')' ? { ...label, end: label.end + 1 } : label;
}

/** End of a token, including the dot of an abbreviation. */
function afterDot(text: string, { word, end }: QuestionToken): number {
  return text[end] === '.' && DOTTED_NOUNS.has(word) ? end + 1 : end;
}

/** Extends the label over the rest of a system's name: `ICD-10-CM`, `ICD 9`, `SNOMED CT`. */
function withSystemParts(scan: Scan, label: Label, parts: ReadonlySet<string>): Label {
  let { kind, end, next } = label;
  for (let part = tokenAfter(scan, end, next); part !== undefined; part = tokenAfter(scan, end, next)) {
    if (!parts.has(part.word)) break;
    if (kind === 'icd')
      kind = part.word.startsWith('9') ? 'icd9' : part.word.startsWith('10') ? 'icd10' : kind;
    end = part.end;
    next++;
  }
  return { ...label, kind, end, next };
}

/** `medical record number`, `social security no.`, `national provider identifier`. */
function readPhrase(
  scan: Scan,
  i: number,
  phrase: { rest: readonly string[]; kind: string },
): Label | undefined {
  let j = i + 1;
  for (const word of phrase.rest) if (scan.tokens[j++]?.word !== word) return undefined;
  const label = scan.tokens[j];
  if (label === undefined || !LABELS.has(label.word)) return undefined;
  const end = afterDot(scan.text, label);
  return { kind: phrase.kind, plural: label.word.endsWith('s'), strong: true, end, next: j + 1 };
}

interface Value {
  match: Match;
  /** Index of the token at or after the value's end. */
  next: number;
}

/** Reads the value after a label, skipping links: `is`, `is not`, `other than`, `=`, `<>`, `:`, `#`, an opening bracket. */
function readValue(scan: Scan, label: Label, labelEnd: number, from: number): Value | undefined {
  const { text, tokens } = scan;
  let end = labelEnd;
  let j = from;
  for (let link = tokens[j]; link !== undefined && j < from + MAX_LINKS; link = tokens[++j]) {
    if (!LINKS.has(link.word) || !isGap(text, end, link.start, ' \t')) break;
    end = link.end;
  }
  const link = j > from ? tokens[j - 1]!.word : undefined;
  const token = tokens[j];
  if (token === undefined) return undefined;
  // `visits of 12345`, `claims between 1000 and 5000`: after these links a number does not identify a bare noun.
  const named = label.strong || isCodeKind(label.kind);
  if (link !== undefined && !named && FOREIGN_LINKS.test(link)) return undefined;
  // `the visit is exactly 6519569`: after a bare noun and a link, accept only what cannot be a count.
  if (link !== undefined && !label.strong && !isCodeKind(label.kind) && !isUnmistakable(token))
    return undefined;
  // Fast rejection of `patients with …`: a space and a plain word.
  if (token.kind === 'word' && token.chunk.digits === 0 && isGap(text, end, token.start, ' \t'))
    return isLetterKey(label, link, token, text) || isLetterList(scan, label, link, j)
      ? value(scan, j, token.chunk.end, label.kind)
      : undefined;
  const gap = text.slice(end, token.start);
  if (gap.length > 4 || !GAP.test(gap)) return undefined;
  const hash = gap.includes('#');
  const sign = /[:=<]/.test(gap);
  // `visits = 3`, `claims: 5` are counts.
  if (sign && !label.strong && label.plural) return undefined;
  const strong = label.strong || hash || sign;
  const found = valueAt(scan, { ...label, strong }, j, sign || (hash && label.strong));
  if (found === undefined) return undefined;
  if (link === 'between' && isYearsOrGrouped(scan, found)) return undefined;
  const preposition = /^(?:in|of|from)$/.test(link ?? '') && !gap.includes('(');
  return preposition && isPhrase(scan, found) ? undefined : found;
}

/** The beginning of a range within a list of IDs: `visits 1001, 1005-1008`. */
function rangeListed(scan: Scan, label: Label, j: number): Value | undefined {
  const token = scan.tokens[j]!;
  if (!label.plural || token.kind !== 'number' || isCodeKind(label.kind)) return undefined;
  const length = firstOfRange(scan, label, token);
  return token.start + length < token.chunk.end
    ? value(scan, j, token.start + length, label.kind)
    : undefined;
}

const FOREIGN_LINKS = /^(?:in|of|from|to|between|like|as)$/;

/** `ids between 2019 and 2021` may be years; `between 1,000 and 2,000` is an amount. */
function isYearsOrGrouped({ text }: Scan, { match }: Value): boolean {
  return isYear(Number(match.value)) || /^,\d{3}/.test(text.slice(match.end, match.end + 4));
}

/** Whether a token has too many digits, or digits with letters, to be a count. `20240305` may be a day. */
function isUnmistakable({ chunk, word }: QuestionToken): boolean {
  if (chunk.letters > 0) return chunk.digits >= 3 && chunk.letters <= chunk.digits;
  return chunk.digits >= 5 && !(word.length === 8 && isYear(Number(word.slice(0, 4))));
}

const MAX_LINKS = 3;
// No lone hyphen: in `MRN-00123` the word before it is part of the key.
const GAP = /^[ \t]*(?:[:=]{1,2}|<>|!=|[#([{])?[ \t]*[#([{]?$/;

/** `ids in 2023`, `id of 5 observations`: whether the number after the preposition is a period or counts what follows. */
function isPhrase(scan: Scan, { match, next }: Value): boolean {
  if (isYear(Number(match.value)) || isPeriod(match.value)) return true;
  return match.value.length < 4 && tokenAfter(scan, match.end, next) !== undefined;
}

const SEPARATOR =
  /[ \t]{0,2}(?:,[ \t]{0,2}(?:and|or)(?=[ \t])|[,;&/–]|and|or|nor|to|through|thru)[ \t]{0,2}(?:(?:no|nr|nbr|num|number|id)\.?[ \t]{1,2})?#?|-|[ \t]{1,2}(?=\d)/iy;

/** Reads the next value of a list: `, 15`, ` and 19`. It must have the same form as the one before. */
function readListed(scan: Scan, label: Label, before: Value): Value | undefined {
  const { text, tokens } = scan;
  const separator = matchAt(SEPARATOR, text, before.match.end);
  if (separator === null) return undefined;
  // `MRNs 00123 00124 00125`: a space alone separates values of the same length.
  const blank = separator[0].trim() === '';
  if (blank && !label.plural) return undefined;
  const start = before.match.end + separator[0].length;
  let j = before.next;
  while (j < tokens.length && tokens[j]!.start < start) j++;
  const token = tokens[j];
  if (token === undefined || token.start !== start) return undefined;
  // `MRNs ABCDEF and GHIJKL`
  const { value: first } = before.match;
  const isList = label.plural || /,|or/i.test(separator[0]) || /[-/a-z]/.test(first);
  if (isList && /^[A-Za-z/-]+$/.test(first) && isListedLetterKey(label, token, text, first))
    return value(scan, j, token.chunk.end, label.kind);
  // `patients 12345 and 12,345`: the comma makes the second an amount.
  if (text[token.end] === ',' && matchAt(COMMAS, text, start) !== null) return undefined;
  const next = rangeListed(scan, label, j) ?? valueAt(scan, { ...label, plural: false }, j, false);
  if (next === undefined || !haveSameForm(before.match.value, next.match.value)) return undefined;
  // So does a dash: in `MRN 00123456 – 2023 visits` a year follows.
  const alike = next.match.value.length === before.match.value.length;
  if ((blank || /[-–]/.test(separator[0])) && !alike) return undefined;
  if (blank && (!/^\d+$/.test(next.match.value) || isUsualYear(Number(next.match.value)))) return undefined;
  // `patient 12345 and 3 days`: the second number belongs to what follows it.
  if (whatFollows(scan, next.match.end, next.next) !== 'none') return undefined;
  const after = tokenAfter(scan, next.match.end, next.next);
  return after !== undefined && nounOf(after.word) !== undefined ? undefined : next;
}

/** Whether both are plain digits or neither is. Long IDs may differ: `00574002 and LW997503`. */
function haveSameForm(a: string, b: string): boolean {
  const [plainA, plainB] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  return plainA === plainB || (isLongId(a) && isLongId(b));
}

function isLongId(value: string): boolean {
  return /^(?:[A-Z]{1,4}-?)?\d{5,}$/.test(value);
}

function valueAt(scan: Scan, label: Label, j: number, sign: boolean): Value | undefined {
  const token = scan.tokens[j]!;
  if (token.kind === 'quote') return quotedValue(scan, label, j);
  const udi = udiAt(scan.text, token.start - 1);
  if (udi !== undefined) return { match: udi, next: indexAt(scan, j, udi.end) };
  if (isCodeKind(label.kind)) {
    const code = readCode(label.kind, scan.text, phoneStart(scan, label.kind, token));
    if (code !== undefined) return value(scan, j, code.end, code.kind, phoneStart(scan, label.kind, token));
    if (!label.strong || label.kind === 'icd' || label.kind === 'procedure') return undefined;
  }
  const kind = label.kind === 'code' || label.kind === 'diagnosis' ? 'key' : label.kind;
  const grouped = label.strong && !label.plural ? matchAt(GROUPED, scan.text, token.start) : null;
  if (grouped !== null) return value(scan, j, token.start + grouped[0].length, kind);
  const thousands = token.kind === 'number' ? thousandsAt(scan, label, token) : null;
  if (thousands !== null) return wholeNumber(scan, j, thousands[0], kind);
  if (!isId(scan, label, j, sign)) return undefined;
  return value(scan, j, token.start + firstOfRange(scan, label, token), kind);
}

/** `943 476 5919`, `12 34 56`: groups of digits, accepted only after a label. */
const GROUPED = /\d{3} \d{3} \d{4}(?![0-9A-Za-z])|\d{2,3}(?: \d{2,3}){2,3}(?![0-9A-Za-z])/y;

/** `1'234'567`, and `12,345` where one ID must follow. */
const APOSTROPHES = /[1-9]\d{0,2}(?:['’]\d{3})+(?![0-9A-Za-z]|['’.,-]\d)/y;
const COMMAS = /[1-9]\d{0,2}(?:,\d{3})+(?![0-9A-Za-z]|['’.,-]\d)/y;

function thousandsAt({ text }: Scan, label: Label, { start, end }: QuestionToken): RegExpExecArray | null {
  const sign = text[end];
  if (sign === "'" || sign === '’') return matchAt(APOSTROPHES, text, start);
  const isOne = !label.plural && (label.strong || label.kind === 'patient');
  return sign === ',' && isOne ? matchAt(COMMAS, text, start) : null;
}

const ONE_NUMBER = { code: 'number-format', message: 'was read as one ID, without its separators' } as const;

function wholeNumber(scan: Scan, j: number, spelled: string, kind: string): Value {
  const { start } = scan.tokens[j]!;
  const digits = spelled.replace(/\D/g, '');
  const end = start + spelled.length;
  const match: Match = {
    start,
    end,
    prefix: 'ID',
    kind,
    type: typeOfId(digits),
    value: digits,
    notes: [ONE_NUMBER],
  };
  return { match, next: indexAt(scan, j, end) };
}

const RANGE = /^(([A-Za-z]{0,4})(\d{1,18}))[-/]\2(\d{1,18})$/;

/** Length of the first ID in `visits 1001-1005` and `MRNs A001/A002`, or of the whole chunk if it is one ID. */
function firstOfRange({ text }: Scan, label: Label, token: QuestionToken): number {
  const whole = text.slice(token.start, token.chunk.end);
  const range = label.plural ? RANGE.exec(whole) : null;
  if (range === null || range[3]!.length !== range[4]!.length) return whole.length;
  return range[3]! < range[4]! ? range[1]!.length : whole.length;
}

function phoneStart(scan: Scan, kind: string, token: QuestionToken): number {
  let start = token.start;
  if (kind === 'phone') while (start > scan.from && '(+'.includes(scan.text[start - 1]!)) start--;
  return start;
}

/** Whether the chunk at token `j` can be the ID that the label announces. */
function isId(scan: Scan, label: Label, j: number, sign: boolean): boolean {
  const { text } = scan;
  const token = scan.tokens[j]!;
  const { end, digits } = token.chunk;
  const spelled = text.slice(token.start, end);
  if (digits === 0) {
    if (!label.strong || !sign) return false;
    return /^[A-Z][A-Z0-9_-]{2,}$/.test(spelled) || (label.kind === 'mrn' && isSmallLetterKey(token));
  }
  const isPlain = token.kind === 'number' && end === token.end;
  // `MRN 12-31-99`, `order number 5550001.2`: after a label these are neither dates nor amounts.
  const isFiled = label.strong && FILED.test(spelled);
  if (!isPlain && !isFiled && isTermDateOrAmount(text, token, spelled.toLowerCase())) return false;
  if (/^,\d{3}(?!\d)/.test(text.slice(end, end + 5)) && !label.plural && !label.strong) return false;
  if (!label.strong && matchAt(DAYS, text, token.start) !== null) return false;
  // `claim id lastbilleddate2`: the next word is a name.
  if (/^[a-z]{3,}\d{1,2}$/.test(spelled) && !sign) return false;
  // `visits in 03/2024`, `claims FY2023`, `stays 2021/04-05`
  if (!label.strong && !isPlain && (isPeriod(spelled) || UNCLEAR_DATE.test(spelled))) return false;
  const after = whatFollows(scan, end, j + 1);
  // `a number of 3 or less` is a comparison, not an ID.
  if (label.strong) return after !== 'open-end';
  // A word with few digits after a bare noun is a separate term: `patient A1c`, `visit pre-2`.
  if (!isDigitAt(text, token.start) && digits < 2) return false;
  // `patient 3888067 most recently had`
  const isRanked = after === 'superlative' && !label.plural && digits >= LONG_ID;
  return (after === 'none' || isRanked) && !isAgeRange(scan, label, token);
}

/** `stays 12/30–1/2/2022` */
const DAYS = /\d{1,2}\/\d{1,2}(?:[ ]?[-–—][ ]?|[ ](?:to|through|until)[ ])\d{1,2}\/\d{1,2}(?!\d)/y;

/** Nobody asks for so many rows. */
const LONG_ID = 5;
const UNCLEAR_DATE =
  /^(?:(?:19|20)\d\d[-/]\d{1,2}[-/]\d{1,2}|\d{1,2}[-/]\d{1,2}[-/](?:19|20)\d\d|\d{1,2}\/(?:19|20)\d\d-\d{1,2}\/(?:19|20)\d\d)$/;
const FILED = /^(?:\d\d-\d\d-\d\d|\d{5,}\.\d+)$/;

/** `HbA1c`, `2024-03-05`, `3rd`, `5.4`, `10mg`: whether digits joined to something are not an ID. */
function isTermDateOrAmount(text: string, token: QuestionToken, lower: string): boolean {
  if (isKnownTerm(lower) || isKnownTerm(token.word) || looksLikeDate(text, token.start)) return true;
  if (ORDINAL_OR_DECIMAL.test(lower)) return true;
  const amount = AMOUNT.exec(lower);
  return amount !== null && (UNITS.has(amount[1]!) || TIME_UNITS.has(amount[1]!) || /^yo?$/.test(amount[1]!));
}

const ORDINAL_OR_DECIMAL = /^(?:\d{1,3}(?:st|nd|rd|th)|\d+\.\d+)$/;
const AMOUNT = /^\d+(?:\.\d+)?-?([a-zµμ]+)/;
const AGES = /(\d{1,3})(?:-|–|[ \t]to[ \t])(\d{1,3})(?!\d)/y;

/** `patients 18-65`, `patients 18 to 65`. */
function isAgeRange(scan: Scan, label: Label, token: QuestionToken): boolean {
  if (!label.plural || label.strong || label.kind !== 'patient') return false;
  const ages = matchAt(AGES, scan.text, token.start);
  if (ages === null || !endsClean(scan.text, token.start + ages[0].length)) return false;
  // From 100 on, patients are numbered more often than they are old.
  return Number(ages[1]) < Number(ages[2]) && Number(ages[2]) <= 120 && Number(ages[1]) < 100;
}

function quotedValue(scan: Scan, label: Label, j: number): Value | undefined {
  const quotation = readQuotation(scan, scan.tokens[j]!.start);
  if (quotation === undefined) return undefined;
  const { inner } = quotation;
  // A pattern (`codes like 'E11%'`), or text of several words, is not an ID.
  if (!/\d/.test(inner) || /[\s%*]/.test(inner) || looksLikeDate(inner, 0)) return undefined;
  const code = isCodeKind(label.kind) ? readCode(label.kind, inner, 0) : undefined;
  if (isCodeKind(label.kind) && !label.strong && code?.end !== inner.length) return undefined;
  const kind = code?.end === inner.length ? code.kind : label.kind === 'code' ? 'key' : label.kind;
  const start = scan.tokens[j]!.start;
  const match: Match = {
    start,
    end: quotation.end,
    prefix: 'ID',
    kind: isUuid(inner) ? 'uuid' : kind,
    type: typeOfId(inner),
    value: inner,
  };
  return { match, next: indexAt(scan, j, quotation.end) };
}

function value(scan: Scan, j: number, end: number, kind: string, start = scan.tokens[j]!.start): Value {
  const text = scan.text.slice(start, end);
  const own = isUuid(text) ? 'uuid' : kind;
  const match: Match = { start, end, prefix: 'ID', kind: own, type: typeOfId(text), value: text };
  if (scan.tokens[j]!.chunk.unusual) match.notes = [UNUSUAL_CHARACTERS];
  return { match, next: indexAt(scan, j, end) };
}

function indexAt(scan: Scan, from: number, end: number): number {
  let j = from;
  while (j < scan.tokens.length && scan.tokens[j]!.start < end) j++;
  return j;
}
