import { HELD_OUT_NAMES, type HeldOutName, type HeldOutSets } from './held-out.js';
import { normaliseQuestion } from '../question/phrase.js';
import { unitKey, type HeldAgainst, type SplitUnit } from './split.js';

/** Something that a training record shares with a held-out set. */
export interface Leak {
  set: HeldOutName;
  /** Whether they share the normalised question, the skeleton pair, or the statement. */
  shared: 'question' | SplitUnit;
  /** The shared text. */
  text: string;
}

/**
 * Compares training records with the held-out sets. Only the held-out sets are kept in memory, so the training set
 * may have any size.
 */
export class LeakChecker {
  private readonly questions = new Map<string, HeldOutName>();
  private readonly units = new Map<string, { set: HeldOutName; text: string }>();

  /** @param keyOf two samples share a unit if their keys are equal; callers that only have hashes pass their own */
  constructor(
    sets: HeldOutSets,
    private readonly unit: SplitUnit,
    private readonly keyOf: (sample: HeldAgainst) => string = (sample) => unitKey(sample, unit),
  ) {
    for (const set of HELD_OUT_NAMES) {
      for (const sample of sets[set]) {
        this.questions.set(normaliseQuestion(sample.record.question), set);
        this.units.set(keyOf(sample), { set, text: unitKey(sample, unit) });
      }
    }
  }

  /** What the training sample shares with the held-out sets; empty if nothing leaks. */
  check(training: HeldAgainst): Leak[] {
    return this.checkKeys(training.record.question, this.keyOf(training));
  }

  /** The same, for a caller that already has the unit's key. */
  checkKeys(question: string, unit: string): Leak[] {
    const leaks: Leak[] = [];
    const text = normaliseQuestion(question);
    const set = this.questions.get(text);
    if (set !== undefined) leaks.push({ set, shared: 'question', text });
    const shared = this.units.get(unit);
    if (shared !== undefined) leaks.push({ ...shared, shared: this.unit });
    return leaks;
  }
}
