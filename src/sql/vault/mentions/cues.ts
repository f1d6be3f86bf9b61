import type { Line } from './line.js';
import { WORD } from './word-class.js';

/**
 * What announces a value. `clinical`: a diagnosis or a procedure, or a noun and a capital; the name may hold prepositions and
 * commas. `plain`: any other name; it ends at a preposition. `stated`: a column is named and its value follows: plain words
 * count. `place`: where somebody came from or went; nouns of the schema count if an adjective stands before them. `loose`: no cue, only a word that nothing explains.
 */
export type CueKind = 'clinical' | 'plain' | 'stated' | 'place' | 'loose';

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}

/** Words after which a diagnosis or procedure is named, with the words of which one must precede them. */
const CLINICAL: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['with', words('diagnosed present presented presenting presents suffering infected afflicted associated')],
  ['as', words('diagnosed')],
  ['from', words('suffering suffer suffers suffered')],
  [
    'of',
    words(
      'diagnosis diagnoses history complaint complaints complaining complained symptoms case cases episode cost price',
    ),
  ],
  ['for', words('treated positive negative tested screened vaccinated')],
  ['to', words('allergic allergy intolerant sensitive')],
  ['against', words('vaccinated immunized immunised')],
  ['called', words('procedure disease diagnosis condition surgery operation')],
]);
const CLINICAL_NOUNS = words('procedure diagnosis disease condition surgery operation');
const MOVED = words('discharged transferred moved referred released sent admitted');
const TO_PLACES = words('to from at into via through');
const CLINICAL_ALONE = words('underwent undergo undergoing undergone undergoes');

const PLAIN =
  words(`prescribed prescribe given giving taking took taken take takes received receiving receive receives
  administered using used use uses named called titled labelled labeled entitled on via`);

/** After these a column's value follows. */
const STATES = words('as is was are were equals be being');
const STATED_BY = words(
  'described known categorized categorised classified listed recorded marked specified documented labeled',
);

/** Words that may stand between a cue and its value. */
const SKIPPED =
  words(`a an the some any his her their its this that these kind of type drug drugs medication medications
  medicine medicines procedure procedures treatment diagnosis condition disease name by route with called named either both
  been primary secondary`);

/** Whether a word may stand between a cue and its value. `Drug` can begin a diagnosis. */
export function isSkipped(word: string, cue: CueKind): boolean {
  return SKIPPED.has(word) && !(cue === 'clinical' && /^(?:drug|medication|medicine)s?$/.test(word));
}

const NEW_CUE =
  words(`prescribed given taking took received receiving administered named called titled labelled labeled
  entitled`);

/** Whether a word opens a name of its own, wherever it stands. */
export function isNewCue(word: string): boolean {
  return NEW_CUE.has(word);
}

/** The cue that ends with token `i`. */
export function cueAt(line: Line, i: number): CueKind | undefined {
  if (line.parts[i] !== 'word') return undefined;
  const word = line.word(i);
  const before = line.word(i - 1);
  if (CLINICAL.get(word)?.has(before) || CLINICAL_ALONE.has(word)) return 'clinical';
  if (word === 'as' && STATED_BY.has(before)) return 'stated';
  if (STATES.has(word) && isColumn(line, i - 1)) return 'stated';
  if (TO_PLACES.has(word) && MOVED.has(before)) return 'place';
  if (word === 'discharged' && line.word(i + 1) === 'home') return 'place';
  if (CLINICAL_NOUNS.has(word) && line.parts[i + 1] === 'open' && line.isJoined(i, /^ $/)) return 'clinical';
  if (PLAIN.has(word)) return 'plain';
  if (isColumn(line, i)) {
    if (line.isJoined(i, /^[ \t]?[:=][ \t]?$/)) return 'stated';
    if (line.isJoined(i, /^[ \t]$/) && line.isName(i + 1)) return 'clinical';
  }
  return undefined;
}

function isColumn(line: Line, i: number): boolean {
  if (i < 0 || line.parts[i] !== 'word' || line.has(i, WORD.function | WORD.construct | WORD.time))
    return false;
  return line.has(i, WORD.schema | WORD.head);
}
