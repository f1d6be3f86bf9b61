import { HELD_OUT_NAMES, type HeldOutName, type HeldOutSets } from './held-out.js';
import { normaliseQuestion } from '../question/phrase.js';
import { unitKey, type HeldAgainst, type SplitUnit } from './split.js';

/** A training record that a held-out set holds, too. */
export interface Leak {
  set: HeldOutName;
  /** The question in its normal form, or the pair of skeletons, or the statement. */
  shared: 'question' | SplitUnit;
  /** What both hold. */
  text: string;
}

/**
 * Holds training records against the held-out sets. The sets are what is remembered: they are small, and training
 * may be of any size.
 */
export class LeakChecker {
  private readonly questions = new Map<string, HeldOutName>();
  private readonly units = new Map<string, { set: HeldOutName; text: string }>();

  /** @param keyOf two samples share a unit when their keys are equal; a caller may know no more than hashes */
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

  /** What the training sample shares with held-out ones; nothing, unless something leaks. */
  check(training: HeldAgainst): Leak[] {
    return this.checkKeys(training.record.question, this.keyOf(training));
  }

  /** The same for a caller that has the key of the unit already. */
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
