import type { Draft } from '../statement/draft.js';
import type { SampleDraw, Style } from '../draw.js';
import type { Phrase } from '../question/phrase.js';
import type { Topic } from '../topics/topics.js';

/**
 * An intent is what a question asks for: a count, some columns, an average per group. It builds the statement's
 * SELECT, GROUP BY and ORDER BY, and has frames: whole questions with holes for names and conditions.
 */
export interface Intent<Parts = Record<string, Phrase | string | number>> {
  name: string;
  /** True if the question names its row and takes no conditions. */
  isWhole?: boolean | undefined;
  /** True if something is said of the rows after the conditions, which must not speak of other rows then. */
  isOfRows?: boolean | undefined;
  /** Fills the draft; undefined if the topic lacks something that the intent needs. */
  compose(draw: SampleDraw, topic: Topic, draft: Draft): Parts | undefined;
  /** From the plainest to the rarest. */
  frames: Record<Style, Frame<Parts>[]>;
}

export type Frame<Parts> = (parts: Parts & Nouns) => Phrase;

export interface Nouns {
  /** The entity's noun: `visit`, `visits`. */
  one: Phrase;
  many: Phrase;
  /** The conditions, starting with a space, or nothing. Goes right after a noun. */
  when: Phrase;
}

/** Checks the frames' holes against the type that `compose` returns, then hides that type from callers. */
export function intent<Parts extends object>(definition: Intent<Parts>): Intent<object> {
  return definition as unknown as Intent<object>;
}
