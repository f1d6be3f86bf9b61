import { singularOf } from '../../../data/values/fold.js';
import { words } from './cue-words.js';
import type { Line } from './line.js';
import { WORD } from './word-class.js';

/** What is given, found or done, by its class: where the schema keeps no such rows, a value of those that it keeps. */
const CLASSES = words('vaccine vaccination immunization immunisation allergy imaging screening');
/** A class after one of these is what was given, found or done. */
const HAD = words(
  'given gave got gets get had has have having received receive receives receiving took taken taking underwent undergo undergone with without',
);
const BETWEEN = words('a an any some the no known more drug food medication latex');

/**
 * Opens a class that stands where a value stands: `given vaccine`, `had imaging`. `No known allergies` is what a record
 * says, with all its words.
 */
export function openClasses(line: Line): void {
  for (let i = 1; i < line.tokens.length; i++) {
    if (line.parts[i] !== 'word' || !line.has(i, WORD.head) || line.has(i, WORD.schema)) continue;
    if (!CLASSES.has(singularOf(line.word(i)))) continue;
    let from = i;
    while (from > i - 4 && line.parts[from - 1] !== 'taken' && BETWEEN.has(line.word(from - 1))) from--;
    if (!HAD.has(line.word(from - 1)) || !line.isJoined(i - 1, /^ $/)) continue;
    const known = line.word(from) === 'no' && line.word(from + 1) === 'known';
    line.open(known ? from : i, i + 1);
  }
}
