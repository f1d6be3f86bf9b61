import type { Phrase } from '../question/phrase.js';
import type { Frames } from './ask.js';

/** Begins of what says when. */
export const TIMED =
  /^ (since|on|up to|until|by the end|before|prior|after|between|from|in|during|within|over|last|yesterday|today|more than)\b/;

/** The words of a phrase, without its values. */
export function bareWords(phrase: Phrase): string {
  return phrase.map((piece) => (typeof piece === 'string' ? piece : '')).join('');
}

/** Of a time that is past, what was: `how many were there in the last 9 years`. Frames of no time stay as they are. */
export function inPast(frames: Frames, when: Phrase): Frames {
  const said = bareWords(when);
  if (!TIMED.test(said) || /\b(this|current) (year|month)\b/.test(said)) return frames;
  const put = (frame: string): string =>
    frame
      .replace(/\(What is\|[^)]*\)/, 'What was')
      .replace(/\(do\|did\)/, 'did')
      .replace(
        /\b(W|w)hat (is|are)\b/g,
        (_, w: string, is: string) => `${w}hat ${is === 'is' ? 'was' : 'were'}`,
      )
      .replace(/\bare there\b/g, 'were there')
      .replace(/\bthere are\b/g, 'there were')
      .replace(/\bhave been recorded\b/g, 'were recorded')
      .replace(/\bdo (?=we\b|\{)/g, 'did ')
      .replace(/\bdoes (?=the\b)/g, 'did ')
      .replace(/\blast on average\b(?=[.])/, 'lasted on average');
  return Object.fromEntries(Object.entries(frames).map(([style, list]) => [style, list.map(put)]));
}

/**
 * The frames that name the key before the rows: after a clause it would belong to that, as in `women who never had a test
 * per religion`. All frames if there is no clause.
 */
export function keyFirst(hasClause: boolean, key: string, rows: string, frames: Frames): Frames {
  if (!hasClause) return frames;
  return Object.fromEntries(
    Object.entries(frames).map(([style, list]) => [
      style,
      list.filter((frame) => frame.indexOf(key) < frame.indexOf(rows)),
    ]),
  );
}
