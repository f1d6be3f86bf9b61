import { withFiscalNote } from './fiscal.js';
import { addMentions } from './mentions/find-mentions.js';
import type { Misspelled } from './mentions/line.js';
import { addUnread } from './unread.js';
import { UNUSUAL_CHARACTERS, UUID_LENGTH } from './keys.js';
import { withParts } from './parts-of-text.js';
import { ANY_DASH, withHyphens } from './dashes.js';
import { tokenizeQuestion } from './lexer.js';
import type { QuestionToken } from './lexer.js';
import { numberPlace } from './number-places.js';
import { RECOGNISERS_AT, RECOGNISERS_OF, RECOGNISERS_OF_NUMBER } from './recognisers.js';
import type { Place } from './recognisers.js';
import { hasOtherDigits, withPlainBlanks, withPlainDigits } from './text.js';
import type { Found, Match, Recognise, Scan, VaultOptions } from './types.js';

type ScanOptions = Pick<VaultOptions, 'dateOrder' | 'names' | 'knowledge'>;

/** What is not printable ASCII. Few questions have any, and one look finds that there is nothing to replace. */
const UNUSUAL = /[^ -~]/;

/** Finds all values of a text, in reading order and without overlap. One pass, linear in the text's length. */
export function scanText(written: string, options: ScanOptions): readonly Match[] {
  return scanQuestion(written, options).matches;
}

/** All values of a question, and the words that were read as misspelled. */
export function scanQuestion(
  written: string,
  { dateOrder, names: given, knowledge }: ScanOptions,
): { matches: readonly Match[]; misspelled: readonly Misspelled[] } {
  const names = given ?? knowledge?.names;
  const text = UNUSUAL.test(written) ? withHyphens(withPlainDigits(withPlainBlanks(written))) : written;
  const tokens = tokenizeQuestion(text);
  const scan: Scan = {
    text,
    written,
    tokens,
    dateOrder,
    from: 0,
    unclosed: '',
    digitsAt: -1,
    ranked: undefined,
    names,
  };
  const matches: Match[] = [];
  for (let i = 0; i < scan.tokens.length; i++) {
    if (scan.tokens[i]!.start < scan.from) continue;
    const found = recognise(scan, i);
    if (found === undefined) continue;
    for (const match of found.matches)
      matches.push(
        match.kind === 'quoted'
          ? insideQuotes(match, { dateOrder, names })
          : withFiscalNote(withDashNote(match, written), text),
      );
    scan.from = found.end;
  }
  const { matches: all, misspelled } =
    knowledge === undefined ? { matches, misspelled: [] } : addMentions(text, tokens, matches, knowledge);
  const read = addUnread(text, tokens, all, knowledge);
  const parted = withParts(text, read);
  return {
    matches: text === written ? parted : parted.map((match) => withOtherDigits(match, written)),
    misspelled,
  };
}

const READ_AS_HYPHENS = {
  code: 'unusual-digits',
  message: 'has dashes in place of hyphens; it was read with hyphens',
} as const;

/** Notes an ID with a dash that a word processor put in place of its hyphen. */
function withDashNote(match: Match, written: string): Match {
  if (match.prefix !== 'ID' || match.notes !== undefined) return match;
  if (ANY_DASH.test(match.value)) return { ...match, notes: [UNUSUAL_CHARACTERS] };
  return ANY_DASH.test(written.slice(match.start, match.end))
    ? { ...match, notes: [READ_AS_HYPHENS] }
    : match;
}

const READ_AS_DIGITS = {
  code: 'unusual-digits',
  message: 'has digits of another script; it was read as the number that they write',
} as const;

/** An ID or a text in digits of another script stays as it is written; an amount or a date is what they write. */
function withOtherDigits(match: Match, written: string): Match {
  const spelled = written.slice(match.start, match.end);
  if (match.kind === 'quoted' || !hasOtherDigits(spelled)) return match;
  const isRead = match.prefix === 'NUM' || match.prefix === 'DATE' || match.kind === 'time';
  const notes = [...(match.notes ?? []), isRead ? READ_AS_DIGITS : UNUSUAL_CHARACTERS];
  return isRead ? { ...match, notes } : { ...match, notes, type: 'varchar', value: spelled };
}

function recognise(scan: Scan, i: number): Found | undefined {
  const token = scan.tokens[i]!;
  const candidates = recognisersFor(scan.text, token);
  for (let k = 0; k < candidates.length; k++) {
    const found = candidates[k]!(scan, i);
    if (found !== undefined) return found;
  }
  return undefined;
}

function recognisersFor(text: string, token: QuestionToken): readonly Recognise[] {
  const place = placeOf(token);
  if (place === 'number') {
    const at = numberPlace(text, token);
    if (at >= 0) return RECOGNISERS_OF_NUMBER[at]!;
  }
  return place === 'opener' ? RECOGNISERS_OF[token.known.number]! : RECOGNISERS_AT[place];
}

/** Decides which recognisers may start at a token. */
export function placeOf({ kind, start, chunk, known }: QuestionToken): Place {
  if (kind !== 'word' || chunk.digits > 0) return kind;
  if (chunk.address || chunk.unusual || chunk.end - start >= UUID_LENGTH) return 'plain';
  if (!known.opens) return 'filler';
  return known.number >= 0 && known.number < RECOGNISERS_OF.length ? 'opener' : 'plain';
}

/** `'2024-03-05'`, `"E11.9"`: a quotation that contains only an ID or a date is that ID or date. */
function insideQuotes(quoted: Match, options: ScanOptions): Match {
  if (!/[\d@]/.test(quoted.value) || quoted.value.length > 64) return quoted;
  const inner = scanText(quoted.value, options);
  const only = inner[0];
  if (only === undefined || inner.length > 1 || only.start !== 0 || only.end !== quoted.value.length)
    return quoted;
  if (only.prefix !== 'ID' && only.prefix !== 'DATE') return quoted;
  return { ...only, start: quoted.start, end: quoted.end };
}
