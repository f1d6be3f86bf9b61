import type { Style } from '../draw.js';
import type { QueryPredicate, QueryProgram } from '../statement/program.js';
import type { Asking } from './plan.js';
import type { Slots } from './template.js';

/** Whole questions as templates, by style. A style may have none. */
export type Frames = Partial<Record<Style, readonly string[]>>;

/** A drawn question: its statement, and what fills the frames. */
export interface AskedOfEvents {
  program: QueryProgram;
  frames: Frames;
  /** Tells apart the sets of frames of one ask. */
  variant?: string | undefined;
  slots: Slots;
  /** Predicates that follow all others: the lowest value must be one. */
  last?: QueryPredicate[] | undefined;
}

/** Something that people ask of events. */
export interface EventAsk {
  name: string;
  weight: number;
  /** Undefined if the schema lacks something that it needs. */
  compose(asking: Asking): AskedOfEvents | undefined;
}
