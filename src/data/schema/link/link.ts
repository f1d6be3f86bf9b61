import type { PlaceholderInfo } from '../../placeholder.js';
import type { SchemaIndex } from '../schema-index.js';
import type { SchemaSelection } from '../selection.js';
import { demandedBy } from './demands.js';
import { factsOf, type LinkFacts } from './facts.js';
import { LEAST_FOR_SKELETONS, Packer, wholeSchema, type LinkLimits } from './pack.js';
import { PEOPLE } from './lexicon.js';
import {
  ABOUT_AGE,
  essentialColumns,
  type LinkCandidate,
  rankCandidates,
  rankEvents,
  rankFillers,
  rankRest,
  traitColumns,
} from './rank.js';
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
  const pack = (from: number): void => {
    for (const { table, column, isKey, score } of candidates) {
      if (isKey !== true && score >= from) packer.tryTable(table);
      if (packer.hasTable(table)) {
        const known = options.maxTables === undefined ? facts.catalogues[table]! : facts.naming[table]!;
        for (const other of [...known, ...facts.ways[table]!]) packer.tryTable(other);
      }
      if (column !== undefined && score >= leastColumn) packer.tryColumn(column);
    }
    for (const { column, score } of candidates)
      if (column !== undefined && score >= leastColumn) packer.tryColumn(column);
    essentials();
    for (const { column } of candidates) if (column !== undefined) packer.tryColumn(column);
    for (const column of traitColumns(facts, packer.tables, scores, IS_TRAIT.test(question)))
      packer.tryColumn(column);
    packer.tryJoins();
    for (const column of rankFillers(facts, packer.tables, scores)) packer.tryColumn(column);
  };
  const addRest = (): void => {
    for (const table of rankRest(facts, packer.tables, candidates)) packer.tryTable(table);
    packer.tryJoins();
    for (const column of rankFillers(facts, packer.tables, scores)) packer.tryColumn(column);
  };
  // A text may be what happened to a patient, whatever else the question names: where tables are few, likely events go before
  // faint hints.
  // An event is of no use without the names of what it is of, and the way to its patient.
  const withCompanions = (table: number): void => {
    const companions = [...facts.naming[table]!, ...facts.ways[table]!];
    const missing = [table, ...companions].filter((one) => !packer.hasTable(one));
    if (missing.length > packer.room) return;
    for (const one of missing) packer.tryTable(one);
    for (const encounter of facts.specialEncounters[table]!) packer.tryTable(encounter);
  };
  if (options.maxTables !== undefined) {
    for (const table of peopleAskedFor(facts, scores, candidates)) packer.tryTable(table);
    for (const { table, columns } of demandedBy(question, facts, placedTexts(options))) {
      withCompanions(table);
      for (const column of columns) packer.tryColumn(column);
    }
  }
  if (options.maxTables !== undefined && scores.kinds.has('TEXT')) {
    // Many tables have a time: it alone says nothing of which.
    const isTime = (column: number): boolean => /^(start|end|time)$/.test(facts.columnRoles[column]!);
    for (const { table, column, isKey, score } of candidates) {
      const isNamed = scores.tables[table]! > 0 || column === undefined || !isTime(column);
      if (isKey !== true && score >= leastTable && isNamed) withCompanions(table);
    }
    // Where people live may be a table of its own.
    for (const { table, column, isKey, score } of candidates)
      if (column !== undefined && isKey !== true && facts.tableRoles[table] === 'place' && score >= least / 3)
        packer.tryTable(table);
    if (IS_TRAIT.test(question))
      for (const one of traitCatalogues(facts, packer.tables)) packer.tryTable(one);
    for (const table of rankEvents(facts, candidates, scores, IS_COMPARED.test(question)))
      withCompanions(table);
  }
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

/** The patients' table if the question speaks of people, and the one that knows when they were born if it speaks of that. */
function peopleAskedFor(facts: LinkFacts, { words }: Scores, candidates: readonly LinkCandidate[]): number[] {
  const patients = facts.tables
    .map((_, table) => table)
    .filter((table) => facts.tableRoles[table] === 'patient');
  const named = candidates.find(({ table, isKey }) => isKey !== true && patients.includes(table))?.table;
  const first = named ?? patients[0];
  const asked = words.some((word) => PEOPLE_SAID.has(word)) && first !== undefined ? [first] : [];
  const aged = words.some((word) => ABOUT_AGE.has(word))
    ? patients.filter((table) => facts.births[table]!.length > 0).slice(0, 1)
    : [];
  return [...asked, ...aged];
}

const PEOPLE_SAID: ReadonlySet<string> = new Set([...PEOPLE].flatMap((word) => [word, `${word}s`]));

/** A text that tells of people: `__TEXT_1__ patients`, `who are __TEXT_1__`. */
const IS_TRAIT =
  /__TEXT_\d+__(-speaking)? (\w+ )?(patients?|people|persons?|individuals|subjects|clients|members|women|men)\b|\b(are|be|neither|nor|not) __TEXT_\d+__/i;
/** A text whose value is compared with a number. */
const IS_COMPARED =
  /__TEXT_\d+__ (\w+ ){0,3}(above|over|below|under|exceeding|greater|higher|lower|less|more|least|most|between) (than )?__NUM/i;
/** How many catalogues of traits are shown where tables are few. */
const MOST_TRAITS = 2;

/** The catalogues behind what the patients' table tells of people. */
function traitCatalogues(facts: LinkFacts, tables: readonly number[]): number[] {
  return tables
    .flatMap((table) =>
      facts.traits[table]!.flatMap((column) =>
        facts.joins[table]!.filter(({ key, to }) => key === column && facts.tableRoles[to] === 'catalogue'),
      ),
    )
    .map(({ to }) => to)
    .slice(0, MOST_TRAITS);
}

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
