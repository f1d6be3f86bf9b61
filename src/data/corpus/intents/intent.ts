import type { Draft } from '../statement/draft.js';
import type { SampleDraw, Style } from '../draw.js';
import type { Phrase } from '../question/phrase.js';
import type { Topic } from '../topics/topics.js';

/**
 * An intent is what a question asks for: a number of rows, some columns, an average per group. It builds the
 * statement's SELECT, GROUP BY and ORDER BY, and knows frames: whole questions with holes for names and conditions.
 */
export interface Intent<Parts = Record<string, Phrase | string | number>> {
  name: string;
  /** Fills the draft; undefined when the topic lacks what the intent needs. */
  compose(draw: SampleDraw, topic: Topic, draft: Draft): Parts | undefined;
  /** From the plainest to the rarest. */
  frames: Record<Style, Frame<Parts>[]>;
}

export type Frame<Parts> = (parts: Parts & Nouns) => Phrase;

export interface Nouns {
  /** The entity's noun: `visit`, `visits`. */
  one: Phrase;
  many: Phrase;
  /** The conditions with a blank in front, or nothing: stands right after a noun. */
  when: Phrase;
}

/** Keeps the frames' holes typed by what `compose` returns; callers treat all intents alike. */
export function intent<Parts extends object>(definition: Intent<Parts>): Intent<object> {
  return definition as unknown as Intent<object>;
}
