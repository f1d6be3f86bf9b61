import { demandedBy } from './demands.js';
import type { LinkFacts } from './facts.js';
import { PEOPLE } from './lexicon.js';
import type { Packer } from './pack.js';
import { ABOUT_AGE, rankEvents, type LinkCandidate } from './rank.js';
import type { Scores } from './score.js';

/** What is known of a question before tables are picked. */
interface Asked {
  question: string;
  facts: LinkFacts;
  scores: Scores;
  candidates: readonly LinkCandidate[];
  /** The texts whose columns are known. */
  placed: ReadonlySet<string>;
  /** Below this score, a table is hardly named. */
  leastTable: number;
  /** The same for anything. */
  least: number;
}

/**
 * Picks tables where few are allowed: the people asked about, what phrases need, what is named. A text may be what
 * happened to a patient, whatever else the question names, so likely events go before faint hints.
 */
export function packFew(packer: Packer, asked: Asked): void {
  const { question, facts, scores, candidates, leastTable, least } = asked;
  // An event is of no use without the names of what it is of, and the way to its patient.
  const withCompanions = (table: number): void => {
    if (packer.room === 0) return;
    const missing = [table, ...facts.naming[table]!, ...facts.ways[table]!].filter(
      (one) => !packer.hasTable(one),
    );
    if (missing.length > packer.room) return;
    for (const one of missing) packer.tryTable(one);
    for (const encounter of facts.specialEncounters[table]!) packer.tryTable(encounter);
  };
  for (const table of peopleAskedFor(facts, scores, candidates)) packer.tryTable(table);
  for (const { table, columns } of demandedBy(question, facts, asked.placed)) {
    withCompanions(table);
    for (const column of columns) packer.tryColumn(column);
  }
  if (!scores.kinds.has('TEXT')) return;
  const named = candidates.filter(({ isKey }) => isKey !== true);
  for (const { table, column, score } of named) {
    // Many tables have a time: it alone says nothing of which.
    const isNamed =
      column === undefined || scores.tables[table]! > 0 || !TIMES.has(facts.columnRoles[column]!);
    if (score >= leastTable && isNamed) withCompanions(table);
  }
  // Where people live may be a table of its own.
  for (const { table, column, score } of named)
    if (column !== undefined && facts.tableRoles[table] === 'place' && score >= least / 3)
      packer.tryTable(table);
  if (IS_TRAIT.test(question)) for (const one of traitCatalogues(facts, packer.tables)) packer.tryTable(one);
  if (packer.room === 0) return;
  for (const table of rankEvents(facts, candidates, scores, IS_COMPARED.test(question)))
    withCompanions(table);
}

const TIMES: ReadonlySet<string> = new Set(['start', 'end', 'time']);

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
export const IS_TRAIT =
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
