import { TIME_UNITS, UNITS } from '../words.js';
import type { Line } from './line.js';

/** `40mg`, `100 units/mL`, `875-125 mg`, `1,000 IU`, `20 mEq in 100 mL`, `12.5 mg-25 mg`, `0.9%`. */
const AMOUNT =
  /(\d[\d.,]*(?:[-/]\d[\d.,]*)*) ?-?(%|[a-zµμ]{1,8})(?:\/(?:(\d[\d.]*) ?)?([a-z]{1,9}))?(?![\w])/iy;
/** The strengths of two drugs in one: `25-100`, `5/325`. */
const PAIR = /\d{1,4}(?:\.\d+)?[-/]\d{1,4}(?:\.\d+)?(?![-/.]?\w| ?(?:%|[a-zµμ]))/iy;
const IN_VOLUME = / in (?:\d[\d.]* ?(?:ml|l|cc)\b|(?:water|saline|normal saline|dextrose)\b)/iy;
/** Units in which a drug is dissolved or released, and no test is measured. */
const PER_DRUG =
  /^(?:(?:mg|mcg|ug|g|units?|iu|meq)\/(?:\d[\d.]* ?)?(?:ml|actuation|dose|hr|h|hour|spray|tablet|tab))$/i;
const DOSED = new Set('mg mcg ug µg μg g iu units unit meq ml gram grams milligram milligrams'.split(' '));

/**
 * The token after a dose that begins with token `i`, undefined if there is none.
 * @param isGiven whether the name before it was announced: otherwise an amount with a rate may be a test's result
 */
export function endOfDose(line: Line, i: number, isGiven: boolean): number | undefined {
  const token = line.tokens[i]!;
  const first = line.text.charCodeAt(token.start);
  if (first < 48 || first > 57) return undefined;
  if (line.parts[i] === 'taken' && line.coverOf(i)?.prefix !== 'ID') return undefined;
  if (isGiven) {
    PAIR.lastIndex = token.start;
    const pair = PAIR.exec(line.text);
    if (pair !== null) return endAt(line, i, token.start + pair[0].length);
  }
  AMOUNT.lastIndex = token.start;
  const match = AMOUNT.exec(line.text);
  if (match === null) return undefined;
  const [whole, , unit, , per] = match;
  const lower = unit!.toLowerCase();
  const isStrength = per === undefined ? lower !== '%' : PER_DRUG.test(whole.replace(/^[\d.,/ -]+/, ''));
  if (!isGiven && !isStrength) return undefined;
  if (!(DOSED.has(lower) || lower === '%')) return undefined;
  if (
    per !== undefined &&
    !(UNITS.has(per.toLowerCase()) || TIME_UNITS.has(per.toLowerCase()) || PER_DRUG.test(`mg/${per}`))
  )
    return undefined;
  let end = token.start + whole.length;
  if (isGiven) {
    IN_VOLUME.lastIndex = end;
    end += IN_VOLUME.exec(line.text)?.[0].length ?? 0;
  }
  return endAt(line, i, end);
}

function endAt(line: Line, i: number, end: number): number {
  let to = i;
  while (to < line.tokens.length && line.tokens[to]!.start < end) to++;
  return to;
}

/**
 * The token where an amount begins that stands before a name and belongs to it (`5% dextrose`, `24 hr creatinine`): the
 * name's own first token if there is none.
 */
export function startOfAmount(line: Line, from: number): number {
  const unit = line.word(from - 1);
  if (STRENGTH.test(unit) && line.isSpaced(from - 1)) {
    const isDecimal = /^\d+$/.test(line.word(from - 2)) && line.isJoined(from - 2, /^\.$/);
    const first = isDecimal ? from - 2 : from - 1;
    return isCompared(line, first, true) ? from : first;
  }
  const hasUnit = UNITS.has(unit) || TIME_UNITS.has(unit);
  const hasPercent = line.isJoined(from - 1, /^ ?% ?$/);
  let at = hasUnit ? from - 1 : from;
  if (!hasUnit && !hasPercent) return from;
  const last = at;
  while (at > 0 && (line.parts[at - 1] === 'amount' || line.parts[at - 1] === 'digits')) at--;
  // `an order for 20 mg bretol`: an amount right before a drug is its strength.
  const isStrength = hasPercent || UNIT_OF_STRENGTH.test(unit);
  return at === last || isCompared(line, at, isStrength) ? from : at;
}

/** Whether a drug's strength stands right before token `from`: `20 meq` of `20 meq potassium chloride`. */
export function isAfterStrength(line: Line, from: number): boolean {
  const unit = line.word(from - 1);
  const isStrength = STRENGTH.test(unit) || UNIT_OF_STRENGTH.test(unit) || line.isJoined(from - 1, /^ ?% ?$/);
  return isStrength && startOfAmount(line, from) < from;
}

const UNIT_OF_STRENGTH = /^(?:mg|mcg|ug|g|units?|ml|iu|meq)$/;

/** A drug's strength as one word: `500mcg`. */
const STRENGTH = /^[\d.]+(?:mg|mcg|ug|g|ml|iu|units?)$/;

const COMPARED =
  /^(?:than|over|under|above|below|least|most|exceeding|of|to|between|and|aged|last|past|within|for|after|every|is|was|are|were|top|first|next|exactly|about|around|stayed)$/;

function isCompared(line: Line, i: number, isStrength: boolean): boolean {
  const before = line.word(i - 1);
  const isGiven = isStrength && /^(?:for|of|to|and|was|were)$/.test(before);
  return (
    (COMPARED.test(before) && !isGiven && !(before === 'than' && line.word(i - 2) === 'other')) ||
    /[<>=≥≤]\s*$/.test(line.text.slice(0, line.tokens[i]!.start).slice(-3))
  );
}
