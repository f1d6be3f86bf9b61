import { formatPrompt } from '../record.js';
import { normaliseQuestion } from './phrase.js';
import type { Sample } from './sample.js';
import { pairKey } from './split.js';

export interface Spread {
  min: number;
  mean: number;
  max: number;
}

export interface CorpusStatistics {
  samples: number;
  /** Sorted by name. */
  perFamily: Record<string, number>;
  perSchema: Record<string, number>;
  perPhrasing: Record<string, number>;
  distinctQuestions: number;
  distinctStatements: number;
  questionSkeletons: number;
  sqlSkeletons: number;
  skeletonPairs: number;
  /** How many samples join 0, 1, 2, … tables to the first. */
  joins: number[];
  /** Characters. */
  questionLength: Spread;
  promptLength: Spread;
  sqlLength: Spread;
}

/** Counts of one corpus, in one pass. */
export function buildStatistics(samples: Iterable<Sample>): CorpusStatistics {
  const families = new Map<string, number>();
  const schemas = new Map<string, number>();
  const phrasings = new Map<string, number>();
  const distinct = {
    questions: new Set(),
    statements: new Set(),
    asked: new Set(),
    said: new Set(),
    pairs: new Set(),
  };
  const joins: number[] = [];
  const question = new SpreadCounter();
  const prompt = new SpreadCounter();
  const sql = new SpreadCounter();
  for (const sample of samples) {
    add(families, sample.family);
    add(schemas, sample.schemaName);
    add(phrasings, `${sample.family}: ${sample.phrasing}`);
    distinct.questions.add(normaliseQuestion(sample.record.question));
    distinct.statements.add(sample.record.sql);
    distinct.asked.add(sample.questionSkeleton);
    distinct.said.add(sample.sqlSkeleton);
    distinct.pairs.add(pairKey(sample));
    const depth = sample.program.from.length - 1;
    while (joins.length <= depth) joins.push(0);
    joins[depth]!++;
    question.add(sample.record.question.length);
    prompt.add(formatPrompt(sample.record).length);
    sql.add(sample.record.sql.length);
  }
  return {
    samples: question.count,
    perFamily: sorted(families),
    perSchema: sorted(schemas),
    perPhrasing: sorted(phrasings),
    distinctQuestions: distinct.questions.size,
    distinctStatements: distinct.statements.size,
    questionSkeletons: distinct.asked.size,
    sqlSkeletons: distinct.said.size,
    skeletonPairs: distinct.pairs.size,
    joins,
    questionLength: question.spread(),
    promptLength: prompt.spread(),
    sqlLength: sql.spread(),
  };
}

class SpreadCounter {
  count = 0;
  private sum = 0;
  private min = Infinity;
  private max = 0;

  add(value: number): void {
    this.count++;
    this.sum += value;
    this.min = Math.min(this.min, value);
    this.max = Math.max(this.max, value);
  }

  spread(): Spread {
    if (this.count === 0) return { min: 0, mean: 0, max: 0 };
    return { min: this.min, mean: this.sum / this.count, max: this.max };
  }
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function sorted(counts: Map<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
