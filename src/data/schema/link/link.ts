import type { PlaceholderInfo } from '../../placeholder.js';
import type { SchemaIndex } from '../schema-index.js';
import type { SchemaSelection } from '../selection.js';
import { factsOf, type LinkFacts } from './facts.js';
import { IS_TRAIT, packFew } from './few.js';
import { LEAST_FOR_SKELETONS, Packer, wholeSchema, type LinkLimits } from './pack.js';
import { essentialColumns, rankCandidates, rankFillers, rankRest, traitColumns } from './rank.js';
import { LinkScorer, type Scores } from './score.js';

export interface LinkOptions extends LinkLimits {
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
  const scorer = scorerOf(index);
  question = scorer.respell(question);
  const scores = scorer.score(question);
  const packer = new Packer(facts, options);
  const candidates = rankCandidates(facts, scores, options.placeholders ?? []);
  // If the question names nothing, start from the table with the most joins.
  packer.start(candidates[0]?.table ?? centralTable(facts));
  const least = WORTH * (candidates[0]?.score ?? 0);
  const bestOf = (isColumn: boolean): number =>
    Math.max(
      0,
      ...candidates
        .filter((one) => (one.column !== undefined) === isColumn && !one.holds)
        .map(({ score }) => score),
    );
  // Where no table is named, faint hints at times and ages bring none.
  const leastTable = WORTH * bestOf(false) || 2 * least;
  const leastColumn = WORTH_COLUMN * bestOf(true);
  // Where columns are few, times and values go before what is hardly named.
  const essentials = (): void => {
    if (!((options.maxColumnsPerTable ?? 0) >= LEAST_FOR_SKELETONS)) return;
    for (const column of essentialColumns(facts, packer.tables, scores)) packer.tryColumn(column);
  };
  const isFew = options.maxTables !== undefined;
  const isTrait = IS_TRAIT.test(question);
  const pack = (from: number): void => {
    for (const { table, column, isKey, score } of candidates) {
      if (isKey !== true && score >= from) packer.tryTable(table);
      if (packer.hasTable(table)) {
        for (const other of (isFew ? facts.naming : facts.catalogues)[table]!) packer.tryTable(other);
        for (const other of facts.ways[table]!) packer.tryTable(other);
      }
      if (column !== undefined && score >= leastColumn) packer.tryColumn(column);
    }
    for (const { column, score } of candidates)
      if (column !== undefined && score >= leastColumn) packer.tryColumn(column);
    essentials();
    for (const { column } of candidates) if (column !== undefined) packer.tryColumn(column);
    for (const column of traitColumns(facts, packer.tables, scores, isTrait)) packer.tryColumn(column);
    packer.tryJoins();
    for (const column of rankFillers(facts, packer.tables, scores)) packer.tryColumn(column);
  };
  const addRest = (): void => {
    for (const table of rankRest(facts, packer.tables, candidates)) packer.tryTable(table);
    packer.tryJoins();
    for (const column of rankFillers(facts, packer.tables, scores)) packer.tryColumn(column);
  };
  if (isFew)
    packFew(packer, { question, facts, scores, candidates, placed: placedTexts(options), leastTable, least });
  pack(0);
  if (packer.mayGrow) {
    packer.liftDefaults();
    pack(least);
  }
  if (packer.mayGrow || index.tables.length <= packer.maxTables || isUnplaced(scores, options)) addRest();
  return packer.finish();
}

/** Below this share of the best score, a table waits until the columns of better ones are shown. */
const WORTH = 0.25;
/** Below this share of the best column's, a column waits until times and values are shown. */
const WORTH_COLUMN = 0.4;

/** Whether a text of the question may stand in any column: nothing says which table it needs. */
function isUnplaced({ kinds }: Scores, { placeholders }: LinkOptions): boolean {
  if (!kinds.has('TEXT')) return false;
  return (placeholders ?? []).every(({ name, columns }) => !name.startsWith('__TEXT_') || !columns?.length);
}

/** The texts whose columns are known. */
function placedTexts({ placeholders }: LinkOptions): Set<string> {
  return new Set((placeholders ?? []).flatMap(({ name, columns }) => (columns?.length ? [name] : [])));
}

function centralTable(facts: LinkFacts): number {
  const degree = (table: number): number => (facts.isLookup[table] ? 0 : facts.joins[table]!.length);
  return facts.tables.reduce((best, _, table) => (degree(table) > degree(best) ? table : best), 0);
}
