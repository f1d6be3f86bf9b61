import type { Phrase } from '../question/phrase.js';
import type { QueryPredicate } from '../statement/program.js';
import type { EventQuery, Happening } from './query.js';

/** Something that a question says of patients: `female`, `older than 60`, `who were prescribed …`. */
export interface Fact {
  /** The table whose row it is about; the patient's own if undefined. */
  of: Happening | undefined;
  /** What it tells; two facts about one topic would repeat or contradict each other. */
  topic: string;
  /** Patients who have no such row. */
  isWithout: boolean;
  /** Says what patients are not, without a row that must not be: `are not married`. */
  isNegative?: boolean | undefined;
  /** True if it says when something happened. */
  isDated?: boolean | undefined;
  /** Instead of the noun (`women`), before it (`female`), after it (`older than 60`), as a verb (`are female`). */
  noun?: Phrase | undefined;
  adjective?: Phrase | undefined;
  modifier?: Phrase | undefined;
  verb: Phrase;
  /** The predicates on the row of `of`, or of the patient. */
  predicates(query: EventQuery, at: number): QueryPredicate[];
}
