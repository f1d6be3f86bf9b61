import {
  CLINICAL_CUES,
  CLINICAL_ALONE,
  CLINICAL_NOUNS,
  FLAGGED,
  MOVED,
  PLAIN,
  STATED_BY,
  STATE_NOUNS,
  STATES,
  TO_PLACES,
  words,
} from './cue-words.js';
import { STATUS_WORDS } from './english.js';
import { DEATH } from './meanings.js';
import type { Line } from './line.js';
import { WORD } from './word-class.js';

/**
 * What announces a value. `clinical`: a diagnosis or a procedure, or a noun and a capital; the name may hold prepositions and
 * commas. `plain`: any other name; it ends at a preposition. `stated`: a column is named and its value follows: plain words
 * count. `place`: where somebody came from or went; nouns of the schema count if an adjective stands before them. `state`: the next
 * word alone is the value. `loose`: no cue, only a word that nothing explains.
 */
export type CueKind = 'clinical' | 'plain' | 'stated' | 'place' | 'state' | 'loose';

/** Words that may stand between a cue and its value. */
const SKIPPED =
  words(`a an the some any his her their its this that these kind of type drug drugs medication medications
  medicine medicines procedure procedures intervention interventions treatment diagnosis condition disease name by route with called named either both
  been primary secondary`);

/** Whether a word may stand between a cue and its value. `Drug` can begin a diagnosis. */
export function isSkipped(word: string, cue: CueKind): boolean {
  return SKIPPED.has(word) && !(cue === 'clinical' && /^(?:drug|medication|medicine)s?$/.test(word));
}

const NEW_CUE =
  words(`prescribed given taking took received receiving administered named surnamed called titled labelled labeled
  entitled`);

/** Whether a word opens a name of its own, wherever it stands. */
export function isNewCue(word: string): boolean {
  return NEW_CUE.has(word);
}

/** The cue that ends with token `i`. */
export function cueAt(line: Line, i: number): CueKind | undefined {
  if (line.parts[i] !== 'word') return undefined;
  if (!line.has(i, WORD.cue)) return line.has(i, WORD.schema | WORD.head) ? columnCue(line, i) : undefined;
  const word = line.word(i);
  const before = line.word(i - 1);
  if (CLINICAL_CUES.get(word)?.has(before) || CLINICAL_ALONE.has(word)) return 'clinical';
  if (FLAGGED.has(word) && STATUS_WORDS.has(line.word(i + 1))) return 'stated';
  if (word === 'as' && STATED_BY.has(before)) return 'stated';
  if (STATES.has(word) && isColumn(line, i - 1)) return 'stated';
  if (TO_PLACES.has(word) && (MOVED.has(before) || isFurtherPlace(line, i))) return 'place';
  if (/^(?:discharged|sent|went|go|goes)$/.test(word) && line.word(i + 1) === 'home') return 'place';
  if (CLINICAL_NOUNS.has(word) && line.parts[i + 1] === 'open' && line.isSpaced(i)) return 'clinical';
  if (STATE_NOUNS.has(word) && isColumn(line, i) && isStateNext(line, i)) return 'state';
  if (PLAIN.has(word)) return 'plain';
  return columnCue(line, i);
}

/** The second `to` of `discharged to home or to a clinic`. */
function isFurtherPlace(line: Line, i: number): boolean {
  return /^n?or$/.test(line.word(i - 1)) && line.parts[i - 2] === 'taken' && MOVED.has(line.word(i - 4));
}

/** A column's name before its value: `status: open`, `payer Blue Cross`. */
function columnCue(line: Line, i: number): CueKind | undefined {
  if (line.isName(i + 1)) {
    const isCue = !line.isCapital(i) && line.isJoined(i, /^[ \t]$/) && isColumn(line, i);
    return isCue ? 'clinical' : undefined;
  }
  const { text } = line;
  const { end } = line.tokens[i]!;
  const sign = text[end] === ' ' ? text[end + 1] : text[end];
  if (sign !== ':' && sign !== '=') return undefined;
  return line.isJoined(i, /^[ \t]?[:=][ \t]?$/) && isColumn(line, i) ? 'stated' : undefined;
}

/** Whether a status and no more follows: `with discharge status expired`, but not `by status` or `status open since`. */
function isStateNext(line: Line, i: number): boolean {
  const { text, tokens } = line;
  const next = tokens[i + 1];
  if (next === undefined || line.parts[i + 1] !== 'word' || !line.isSpaced(i)) return false;
  const isLast = i + 2 === tokens.length || !line.isSpaced(i + 1) || line.has(i + 2, WORD.function);
  if (!isLast) return false;
  const said = text.slice(next.start, next.end);
  return (
    DEATH.test(next.word) ||
    STATUS_WORDS.has(next.word) ||
    (/^[A-Z]{1,3}$/.test(said) && said !== 'I' && !line.isCapital(i))
  );
}

function isColumn(line: Line, i: number): boolean {
  if (i < 0 || line.parts[i] !== 'word' || line.has(i, WORD.function | WORD.construct | WORD.time))
    return false;
  return line.has(i, WORD.schema | WORD.head);
}
