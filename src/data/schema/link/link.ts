import type { PlaceholderInfo } from '../../placeholder.js';
import type { SchemaIndex } from '../schema-index.js';
import type { SchemaSelection } from '../selection.js';
import { factsOf, type LinkFacts } from './facts.js';
import { Packer, wholeSchema, type LinkOptions as Limits } from './pack.js';
import { rankCandidates, rankFillers, rankRest } from './rank.js';
import { LinkScorer } from './score.js';

export interface LinkOptions extends Limits {
  /** The question's values: those with `columns` bring the columns that hold them. */
  placeholders?: readonly PlaceholderInfo[] | undefined;
}

const scorers = new WeakMap<SchemaIndex, LinkScorer>();

/** The scorer of a schema, cached per index. */
export function scorerOf(index: SchemaIndex): LinkScorer {
  const scorer = scorers.get(index) ?? new LinkScorer(index);
  scorers.set(index, scorer);
  return scorer;
}

/**
 * Picks the tables and columns that a question is about. If the whole schema fits in the tokens, all of it is shown.
 * Otherwise names and synonyms are compared with the question word by word; rare words count for more, typos and
 * abbreviations for less. Verbs of the field stand for what they are about, an event comes with its catalogue and its
 * encounter, and values come with the columns that hold them. The best candidates are added until a limit is reached,
 * each with its primary key and the joins that connect it. Remaining room goes to more columns of the picked tables,
 * then to more tables, most likely first. Deterministic.
 *
 * With a token budget, the rendered selection fits in it; but one table with its key is always included.
 *
 * @param question with placeholders for its values
 */
export function linkSchema(question: string, index: SchemaIndex, options: LinkOptions = {}): SchemaSelection {
  const whole = wholeSchema(index, options);
  if (whole) return whole;
  const facts = factsOf(index);
  const scores = scorerOf(index).score(question);
  const packer = new Packer(facts, options);
  const candidates = rankCandidates(facts, scores, options.placeholders ?? []);
  // If the question names nothing, start from the table with the most joins.
  packer.start(candidates[0]?.table ?? centralTable(facts));
  const pack = (): void => {
    for (const { table, column } of candidates) {
      packer.tryTable(table);
      if (column !== undefined) packer.tryColumn(column);
    }
    for (const column of rankFillers(facts, packer.tables, scores)) packer.tryColumn(column);
  };
  pack();
  if (packer.mayGrow) {
    packer.liftDefaults();
    pack();
    for (const table of rankRest(facts, packer.tables, candidates)) packer.tryTable(table);
    for (const column of rankFillers(facts, packer.tables, scores)) packer.tryColumn(column);
  }
  return packer.finish();
}

function centralTable(facts: LinkFacts): number {
  const degree = (table: number): number => (facts.isLookup[table] ? 0 : facts.joins[table]!.length);
  return facts.tables.reduce((best, _, table) => (degree(table) > degree(best) ? table : best), 0);
}
