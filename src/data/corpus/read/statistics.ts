import { PLACEHOLDER_PATTERN } from '../../placeholder.js';
import { formatPrompt, type TrainingRecord } from '../../record.js';
import type { BuiltCorpus } from './built-corpus.js';
import { DistinctCounter, SpreadCounter, Tally, type Spread } from './counters.js';
import { hash48 } from '../../../base/hash.js';
import { normaliseQuestion } from '../question/phrase.js';
import type { Sample } from '../sample.js';

export interface CorpusStatistics {
  samples: number;
  /** Sorted by name. */
  perFamily: Record<string, number>;
  perSchema: Record<string, number>;
  perPhrasing: Record<string, number>;
  /** Imperative, question, telegraphic. */
  perStyle: Record<string, number>;
  /** Statements with a construct: `GROUP BY`, `TOP`, `LEFT JOIN`, … */
  perConstruct: Record<string, number>;
  /** Questions with 0, 1, 2, … placeholders. */
  placeholders: number[];
  /** Distinct normalised questions and distinct statements, both with placeholders. */
  distinctQuestions: number;
  distinctStatements: number;
  questionSkeletons: number;
  sqlSkeletons: number;
  skeletonPairs: number;
  /** Samples that join 0, 1, 2, … tables to the first. */
  joins: number[];
  /** Prompts that show 0, 1, 2, … tables. */
  tables: number[];
  /** Characters. */
  questionLength: Spread;
  promptLength: Spread;
  sqlLength: Spread;
  /** Tokens of the whole record, if known. */
  tokens: Spread;
}

/** What the statistics count of a record. */
export interface Counted {
  record: TrainingRecord;
  family: string;
  phrasing: string;
  schema: string;
  joins: number;
  /** `hash48` of the skeletons. */
  questionSkeleton: number;
  sqlSkeleton: number;
  tokens?: number | undefined;
}

/** Patterns that detect constructs. They rely on the corpus's one style of statement. */
const CONSTRUCTS: readonly [name: string, RegExp][] = [
  ['DISTINCT', /^SELECT DISTINCT/],
  ['TOP', /\bTOP \(/],
  ['INNER JOIN', /\bINNER JOIN\b/],
  ['LEFT JOIN', /\bLEFT JOIN\b/],
  ['WHERE', /\bWHERE\b/],
  ['AND', / AND /],
  ['OR', / OR /],
  ['BETWEEN', /\bBETWEEN\b/],
  ['IN', /\bIN \(/],
  ['LIKE', /\bLIKE\b/],
  ['IS NULL', /\bIS (NOT )?NULL\b/],
  ['COUNT', /\bCOUNT\((?!DISTINCT)/],
  ['COUNT DISTINCT', /\bCOUNT\(DISTINCT/],
  ['SUM, AVG', /\b(SUM|AVG)\((?!CASE)/],
  ['MIN, MAX', /\b(MIN|MAX)\(/],
  ['CASE', /\bCASE\b/],
  ['GROUP BY', /\bGROUP BY\b/],
  ['ORDER BY', /\bORDER BY\b/],
  ['date functions', /\b(DATEADD|DATEDIFF|DATEPART|YEAR|MONTH|DAY|GETDATE)\(/],
];

/** Counts records one by one, with about 40 bytes of memory per record. */
export class StatisticsCounter {
  private readonly families = new Tally();
  private readonly schemas = new Tally();
  private readonly phrasings = new Tally();
  private readonly styles = new Tally();
  private readonly constructs = new Tally();
  private readonly questions = new DistinctCounter();
  private readonly statements = new DistinctCounter();
  private readonly asked = new DistinctCounter();
  private readonly said = new DistinctCounter();
  private readonly pairs = new DistinctCounter();
  private readonly joins: number[] = [];
  private readonly tables: number[] = [];
  private readonly placeholders: number[] = [];
  private readonly questionLength = new SpreadCounter(20);
  private readonly promptLength = new SpreadCounter(200);
  private readonly sqlLength = new SpreadCounter(40);
  private readonly tokens = new SpreadCounter(32);

  add({ record, family, phrasing, schema, joins, questionSkeleton, sqlSkeleton, tokens }: Counted): void {
    this.families.add(family);
    this.schemas.add(schema);
    this.phrasings.add(`${family}: ${phrasing}`);
    this.styles.add(phrasing.split('/')[1] ?? phrasing);
    for (const [name, pattern] of CONSTRUCTS) if (pattern.test(record.sql)) this.constructs.add(name);
    this.questions.add(normaliseQuestion(record.question));
    this.statements.add(record.sql);
    this.asked.addHash(questionSkeleton);
    this.said.addHash(sqlSkeleton);
    this.pairs.add(`${questionSkeleton}/${sqlSkeleton}`);
    increment(this.joins, joins);
    increment(this.tables, record.schema.split('\n').length);
    increment(this.placeholders, new Set(record.question.match(PLACEHOLDER_PATTERN)).size);
    this.questionLength.add(record.question.length);
    this.promptLength.add(formatPrompt(record).length);
    this.sqlLength.add(record.sql.length);
    if (tokens !== undefined) this.tokens.add(tokens);
  }

  result(): CorpusStatistics {
    return {
      samples: this.questionLength.count,
      perFamily: this.families.toRecord(),
      perSchema: this.schemas.toRecord(),
      perPhrasing: this.phrasings.toRecord(),
      perStyle: this.styles.toRecord(),
      perConstruct: this.constructs.toRecord(),
      placeholders: this.placeholders,
      distinctQuestions: this.questions.count(),
      distinctStatements: this.statements.count(),
      questionSkeletons: this.asked.count(),
      sqlSkeletons: this.said.count(),
      skeletonPairs: this.pairs.count(),
      joins: this.joins,
      tables: this.tables,
      questionLength: this.questionLength.spread(),
      promptLength: this.promptLength.spread(),
      sqlLength: this.sqlLength.spread(),
      tokens: this.tokens.spread(),
    };
  }
}

/** The statistics of drawn samples. */
export function buildStatistics(samples: Iterable<Sample>): CorpusStatistics {
  const counter = new StatisticsCounter();
  for (const sample of samples) {
    counter.add({
      record: sample.record,
      family: sample.family,
      phrasing: sample.phrasing,
      schema: sample.schemaName,
      joins: sample.program.from.length - 1,
      questionSkeleton: hash48(sample.questionSkeleton),
      sqlSkeleton: hash48(sample.sqlSkeleton),
    });
  }
  return counter.result();
}

/** The statistics of a corpus on disk. @throws DataError as `BuiltCorpus.records` */
export async function statisticsOfCorpus(
  corpus: BuiltCorpus,
  onProgress?: (done: number) => void,
): Promise<CorpusStatistics> {
  const counter = new StatisticsCounter();
  for await (const { number, record, tokens, origin } of corpus.records()) {
    counter.add({ ...origin, record, tokens });
    if (number % 1000 === 0) onProgress?.(number);
  }
  onProgress?.(corpus.index.records);
  return counter.result();
}

function increment(counts: number[], value: number): void {
  while (counts.length <= value) counts.push(0);
  counts[value]!++;
}
