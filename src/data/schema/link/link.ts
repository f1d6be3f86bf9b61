import type { SchemaColumn, SchemaIndex } from '../schema-index.js';
import type { SchemaSelection } from '../selection.js';
import { Packer, type LinkOptions } from './pack.js';
import { LinkScorer, type Scores } from './score.js';

export type { LinkOptions } from './pack.js';

/** Something the question may need: a table, or a column with its table. */
interface Candidate {
  table: string;
  ref?: SchemaColumn | undefined;
  score: number;
}

const scorers = new WeakMap<SchemaIndex, LinkScorer>();

/** The scorer of a schema, cached per index. */
export function scorerOf(index: SchemaIndex): LinkScorer {
  const scorer = scorers.get(index) ?? new LinkScorer(index);
  scorers.set(index, scorer);
  return scorer;
}

/**
 * Picks the tables and columns that a question is about, from its words alone. Names and synonyms are compared word by
 * word; rare words count for more, typos and abbreviations for less. The best candidates are added until a limit is
 * reached, each with its primary key and the joins that connect it. Remaining room goes to more columns of the picked
 * tables, most likely first. Deterministic.
 *
 * With a token budget, the rendered selection fits in it; but one table with its key is always included.
 *
 * @param question with placeholders for its values
 */
export function linkSchema(question: string, index: SchemaIndex, options: LinkOptions = {}): SchemaSelection {
  const scores = scorerOf(index).score(question);
  const packer = new Packer(index, options);
  const candidates = rankCandidates(index, scores);
  // If the question names nothing, start from the table with the most joins.
  packer.start(candidates[0]?.table ?? centralTable(index));
  for (const { table, ref } of candidates) {
    packer.tryTable(table);
    if (ref) packer.tryColumn(ref);
  }
  for (const ref of rankFillers(index, packer.tableNames, scores)) packer.tryColumn(ref);
  return packer.finish();
}

/** Tables and columns that the question names, best first; ties in the bundle's order. */
function rankCandidates(index: SchemaIndex, scores: Scores): Candidate[] {
  const tables = impliedTables(index, scores);
  const bestTable = Math.max(...tables.values(), Number.MIN_VALUE);
  const support = (ref: SchemaColumn): number => (tables.get(ref.table.name) ?? 0) / bestTable;
  const candidates: Candidate[] = [];
  for (const { name } of index.tables) {
    const score = tables.get(name) ?? 0;
    if (score > 0) candidates.push({ table: name, score: 1.5 * score });
    for (const ref of index.columns(name)) {
      const named = scores.columns.get(ref) ?? 0;
      if (named === 0) continue;
      // A column of the same name in a table that the question names is the better match.
      const best = Math.max(...index.columnsNamed(ref.column.name).map(support));
      const own = named * (0.4 + support(ref)) * (support(ref) < best / 2 ? ELSEWHERE : 1);
      candidates.push({ table: name, ref, score: own });
      const label = labelBehind(index, ref);
      if (label) candidates.push({ table: label.table.name, ref: label, score: 0.8 * own });
    }
  }
  return candidates.sort((a, b) => b.score - a.score);
}

/** Weight of a column if a better supported table has a column of the same name. */
const ELSEWHERE = 0.2;

/** Weight of a table named through a foreign key, relative to one named directly. */
const IMPLIED = 0.6;

/**
 * Table scores that also count tables named through a foreign key of a named table: "visits by ward" means the table
 * behind `visit.ward_id`, whatever it is called. Up to two keys in a row are followed.
 */
function impliedTables(index: SchemaIndex, scores: Scores): Map<string, number> {
  const once = addImplied(index, scores, scores.tables);
  return addImplied(index, scores, once);
}

function addImplied(
  index: SchemaIndex,
  scores: Scores,
  named: ReadonlyMap<string, number>,
): Map<string, number> {
  const tables = new Map(named);
  const best = Math.max(...tables.values(), Number.MIN_VALUE);
  for (const { name } of index.tables) {
    const support = (named.get(name) ?? 0) / best;
    if (support === 0) continue;
    for (const { from, to } of index.joinsFrom(name)) {
      const key =
        from.columns.length === 1 && !from.unique ? index.column(name, from.columns[0]!) : undefined;
      const implied = IMPLIED * support * ((key && scores.columns.get(key)) ?? 0);
      if (implied > (tables.get(to.table) ?? 0)) tables.set(to.table, implied);
    }
  }
  return tables;
}

/** The column with the name for a foreign key's code: `gender_concept_id` → `concept.concept_name`. */
function labelBehind(index: SchemaIndex, ref: SchemaColumn): SchemaColumn | undefined {
  if (!ref.isForeignKey) return undefined;
  const join = index
    .joinsFrom(ref.table.name)
    .find(
      ({ from, declared }) => declared && from.columns.length === 1 && from.columns[0] === ref.column.name,
    );
  if (!join || !index.graph.isLookup(join.to.table)) return undefined;
  return index
    .columns(join.to.table)
    .find(
      ({ column, type }) => type.family === 'string' && /(name|label|title|description)$/i.test(column.name),
    );
}

/** The columns of the picked tables, in the order in which they fill the remaining room. */
function rankFillers(index: SchemaIndex, tables: readonly string[], scores: Scores): SchemaColumn[] {
  const strength = (ref: SchemaColumn): number => {
    const { family } = ref.type;
    const named = /name|label|title/i.test(ref.column.name) ? 2 : 0;
    const asked =
      (family === 'date' && scores.kinds.has('DATE')) ||
      (family === 'number' && scores.kinds.has('NUM') && !ref.isForeignKey) ||
      (family === 'string' && (scores.kinds.has('TEXT') || scores.kinds.has('ID')))
        ? 3
        : 0;
    const usual = family === 'date' ? 1.5 : ref.isForeignKey ? 0 : 0.5;
    const known = (ref.column.synonyms?.length ?? 0) > 0 ? 1 : 0;
    return named + asked + usual + known + (scores.tables.get(ref.table.name) ?? 0);
  };
  return tables
    .flatMap((table) => index.columns(table))
    .map((ref) => ({ ref, score: strength(ref) }))
    .sort((a, b) => b.score - a.score)
    .map(({ ref }) => ref);
}

function centralTable(index: SchemaIndex): string {
  const degree = (name: string): number => (index.graph.isLookup(name) ? 0 : index.joinsFrom(name).length);
  return index.tables.reduce(
    (best, table) => (degree(table.name) > degree(best) ? table.name : best),
    index.tables[0]!.name,
  );
}
