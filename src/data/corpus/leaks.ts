import { normaliseQuestion } from './phrase.js';
import type { Sample } from './sample.js';
import { pairKey } from './split.js';

type Checked = Pick<Sample, 'questionSkeleton' | 'sqlSkeleton'> & { record: { question: string } };

export interface LeakReport {
  /** Held-out samples that were looked at. */
  checked: number;
  /** Normalised questions of held-out samples that training holds too. */
  questions: string[];
  /** (question skeleton, statement skeleton) pairs of held-out samples that training holds too. */
  pairs: string[];
}

/** What training has seen, so that held-out samples can be held against it. */
export class LeakChecker {
  private readonly questions = new Set<string>();
  private readonly pairs = new Set<string>();

  addTraining(sample: Checked): void {
    this.questions.add(normaliseQuestion(sample.record.question));
    this.pairs.add(pairKey(sample));
  }

  /** A corpus without leaks gives two empty lists. */
  check(heldOut: Iterable<Checked>): LeakReport {
    const report: LeakReport = { checked: 0, questions: [], pairs: [] };
    for (const sample of heldOut) {
      report.checked++;
      const question = normaliseQuestion(sample.record.question);
      if (this.questions.has(question)) report.questions.push(question);
      const pair = pairKey(sample);
      if (this.pairs.has(pair)) report.pairs.push(pair);
    }
    return report;
  }
}
