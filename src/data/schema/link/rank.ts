import { splitColumnPath } from '../../../tsql/identifier.js';
import type { PlaceholderInfo } from '../../placeholder.js';
import type { LinkFacts } from './facts.js';
import { ASKING_FOR_TIME, ASKING_FOR_VALUE } from './lexicon.js';
import type { Scores } from './score.js';

/** Something the question may need: a table, or a column with its table. */
export interface LinkCandidate {
  table: number;
  column?: number | undefined;
  score: number;
  /** A key of its own table or to another: worth showing if the table is shown, but no reason to show it. */
  isKey?: boolean | undefined;
  /** It may hold a value of the question. */
  holds?: boolean | undefined;
}

/** Weight of a column if a better supported table has a column of the same name. */
const ELSEWHERE = 0.2;
/** Weight of a table named through a foreign key, relative to one named directly. */
const IMPLIED = 0.6;
/** Weight of a catalogue that an event names its rows by, and of the encounter that it belongs to. */
const CATALOGUE = 0.7;
const ENCOUNTER = 0.4;
/** Weight of the patient to whom an event happened. */
const PATIENT = 0.4;
/** Weight of the column with the names behind a foreign key. */
const LABEL = 0.8;
const NAME_OF_COLUMN = /(name|label|title|description)$/i;

/** Tables and columns that the question names, best first; ties in the bundle's order. */
export function rankCandidates(
  facts: LinkFacts,
  scores: Scores,
  placeholders: readonly PlaceholderInfo[],
): LinkCandidate[] {
  const tables = addCompanions(facts, impliedTables(facts, scores));
  const most = tables.reduce((a, b) => Math.max(a, b), 0);
  const bestTable = most || Number.MIN_VALUE;
  const candidates: LinkCandidate[] = [];
  tables.forEach((score, table) => {
    if (score > 0) candidates.push({ table, score: 1.5 * score });
  });
  const supportOfName = new Map<number, number>();
  facts.nameGroup.forEach((group, column) => {
    const support = tables[facts.tableOf[column]!]! / bestTable;
    if (support > (supportOfName.get(group) ?? 0)) supportOfName.set(group, support);
  });
  for (const column of scores.named) {
    const table = facts.tableOf[column]!;
    const support = tables[table]! / bestTable;
    // A column of the same name in a table that the question names is the better match.
    const best = supportOfName.get(facts.nameGroup[column]!) ?? 0;
    const score = scores.columns[column]! * (0.4 + support) * (support < best / 2 ? ELSEWHERE : 1);
    // A key only says whose row it is: every table of patients' data has the patient's.
    candidates.push({ table, column, score, isKey: facts.isRowKey[column] === 1 });
    const label = labelBehind(facts, column);
    if (label >= 0) candidates.push({ table: facts.tableOf[label]!, column: label, score: LABEL * score });
  }
  const sure = 2 * Math.max(most, ...candidates.map(({ score }) => score), 1);
  candidates.push(...holdersOf(facts, scores, placeholders, sure));
  const order = ({ table, column }: LinkCandidate): number => (column === undefined ? ~table : column);
  return candidates.sort((a, b) => b.score - a.score || order(a) - order(b));
}

/** The columns that hold the question's values, as far as the vault knows. */
function holdersOf(
  facts: LinkFacts,
  scores: Scores,
  placeholders: readonly PlaceholderInfo[],
  score: number,
): LinkCandidate[] {
  return placeholders.flatMap(({ columns = [] }) => {
    const found = columns.flatMap((path, i) => {
      const [tableName, columnName] = splitColumnPath(path);
      const table = facts.placeOf(tableName);
      const column = table < 0 ? -1 : facts.columnNamed(table, columnName);
      return column < 0 ? [] : [{ table, column, score: score / (i + 1), holds: true }];
    });
    const isOfPatients = found.some(({ table }) => facts.tableRoles[table] === 'patient');
    const isOfWhole = found.some(
      ({ table }) => facts.tableRoles[table] === 'encounter' && facts.isPartOfEncounter[table] === 0,
    );
    // A code that patients have too is a doctor's only if the question speaks of doctors.
    return found.filter(
      ({ table }) =>
        scores.tables[table]! > 0 ||
        !(
          (isOfPatients && facts.tableRoles[table] === 'person') ||
          (isOfWhole && facts.isPartOfEncounter[table] === 1)
        ),
    );
  });
}

/**
 * Table scores that also count tables named through a foreign key of a named table: "visits by ward" means the table
 * behind `visit.ward_id`, whatever it is called. Up to two keys in a row are followed.
 */
function impliedTables(facts: LinkFacts, scores: Scores): Float64Array {
  return addImplied(facts, scores, addImplied(facts, scores, scores.tables));
}

function addImplied(facts: LinkFacts, scores: Scores, named: Float64Array): Float64Array {
  const tables = Float64Array.from(named);
  const best = named.reduce((a, b) => Math.max(a, b), 0) || Number.MIN_VALUE;
  named.forEach((score, table) => {
    if (score === 0) return;
    for (const { to, key } of facts.joins[table]!) {
      const implied = key === undefined ? 0 : IMPLIED * (score / best) * scores.columns[key]!;
      if (implied > tables[to]!) tables[to] = implied;
    }
  });
  return tables;
}

/** An event comes with the catalogue that names its rows, with its patient, and with its encounter: not with a part of one. */
function addCompanions(facts: LinkFacts, named: Float64Array): Float64Array {
  const tables = Float64Array.from(named);
  named.forEach((score, table) => {
    if (score === 0 || facts.tableRoles[table] !== 'event') return;
    for (const { to, key } of facts.joins[table]!) {
      if (key === undefined) continue;
      const role = facts.tableRoles[to];
      const isEncounter = role === 'encounter' && facts.isPartOfEncounter[to] === 0;
      const weight =
        role === 'catalogue' ? CATALOGUE : role === 'patient' ? PATIENT : isEncounter ? ENCOUNTER : 0;
      if (weight * score > tables[to]!) tables[to] = weight * score;
    }
  });
  return tables;
}

/**
 * The tables of what happens to patients, likely ones first: those that name what the question's values are, those that
 * people mean first, with a number in the question those that hold values.
 * @param isCompared whether a text's value is compared with a number
 */
export function rankEvents(
  facts: LinkFacts,
  candidates: readonly LinkCandidate[],
  { kinds, words }: Scores,
  isCompared: boolean,
): number[] {
  const holders = new Set<number>();
  for (const { table, holds } of candidates)
    if (holds && facts.tableRoles[table] === 'catalogue') holders.add(table);
  // Every event has a patient's key.
  const scores = scoresOfTables(candidates.filter(({ isKey }) => isKey !== true));
  const asksForValue = kinds.has('NUM') || words.some((word) => ASKING_FOR_VALUE.has(word));
  const forValue = isCompared ? 3 : asksForValue ? 1 : 0;
  const best = Math.max(Number.MIN_VALUE, ...facts.events.map(({ table }) => scores.get(table) ?? 0));
  return facts.events
    .map(({ table, usual, holdsValues }) => {
      const isOfHolder =
        holders.size > 0 && facts.joins[table]!.some(({ to, key }) => key !== undefined && holders.has(to));
      const hint = (3 * (scores.get(table) ?? 0)) / best;
      return { table, score: usual + hint + (holdsValues ? forValue : 0) + (isOfHolder ? 4 : 0) };
    })
    .sort((a, b) => b.score - a.score || a.table - b.table)
    .map(({ table }) => table);
}

/** The columns that many questions need of a table without naming them: the first that say when and how much. */
export function essentialColumns(
  facts: LinkFacts,
  tables: readonly number[],
  { kinds, words }: Scores,
): number[] {
  return tables.flatMap((table) => {
    const columns = facts.columnsOf[table]!;
    if (facts.tableRoles[table] === 'patient') {
      const isDated = kinds.has('NUM') || kinds.has('DATE');
      const asked = words.some((word) => ABOUT_AGE.has(word)) ? facts.births[table]!.slice(0, 2) : [];
      const dated = columns.filter((column) => facts.columnRoles[column] === 'time');
      const date = dated.find((column) => facts.columns[column]!.type.family === 'date') ?? dated[0];
      return [...(isDated && date !== undefined ? [date] : []), ...asked];
    }
    const usual = ESSENTIAL.flatMap((role) => {
      const those = columns.filter((column) => facts.columnRoles[column] === role);
      const family = role === 'value' ? 'number' : 'date';
      // A whole date says more than its year alone, and a number more than its text.
      const best = those.find((column) => facts.columns[column]!.type.family === family);
      return best === undefined ? those.slice(0, 1) : [best];
    });
    const names =
      facts.tableRoles[table] === 'event' && facts.naming[table]!.length === 0
        ? columns.filter((column) => facts.columnRoles[column] === 'name').slice(0, 1)
        : [];
    return [...names, ...usual];
  });
}

/** What the patients' table tells of people: a text may be a name or one of their traits. */
export function traitColumns(
  facts: LinkFacts,
  tables: readonly number[],
  { kinds, words }: Scores,
  isTrait: boolean,
): number[] {
  const isAsked = words.some((word) => ABOUT_AGE.has(word));
  const names = (table: number): number[] =>
    facts.tableRoles[table] === 'patient'
      ? facts.columnsOf[table]!.filter((column) => facts.columnRoles[column] === 'name')
      : [];
  return tables.flatMap((table) => [
    ...(isAsked ? facts.births[table]! : []),
    ...(kinds.has('TEXT') ? (isTrait ? facts.traits[table]! : names(table)) : []),
  ]);
}

/** Words that ask for an age or a birth. */
export const ABOUT_AGE: ReadonlySet<string> = new Set(
  `age aged old older oldest young younger youngest born birth birthday dob`.split(/\s+/),
);
const ESSENTIAL = ['time', 'start', 'end', 'value'] as const;

/** The column with the name for a foreign key's code: `gender_concept_id` → `concept.concept_name`; -1 if there is none. */
function labelBehind(facts: LinkFacts, column: number): number {
  const ref = facts.columns[column]!;
  if (!ref.isForeignKey) return -1;
  const table = facts.tableOf[column]!;
  const join = facts.joins[table]!.find(
    ({ columns, isDeclared }) => isDeclared && columns.length === 2 && columns[0] === column,
  );
  if (!join || !(facts.isLookup[join.to] || facts.tableRoles[join.to] === 'catalogue')) return -1;
  for (let i = facts.firstColumn[join.to]!; i < facts.firstColumn[join.to + 1]!; i++) {
    const other = facts.columns[i]!;
    if (other.type.family === 'string' && NAME_OF_COLUMN.test(other.column.name)) return i;
  }
  return -1;
}

/** The columns of the picked tables, in the order in which they fill the remaining room. */
export function rankFillers(facts: LinkFacts, tables: readonly number[], scores: Scores): number[] {
  const { kinds } = scores;
  const asksForTime = kinds.has('DATE') || scores.words.some((word) => ASKING_FOR_TIME.has(word));
  const asks = (family: string): boolean =>
    (family === 'date' && asksForTime) ||
    (family === 'number' && kinds.has('NUM')) ||
    (family === 'string' && (kinds.has('TEXT') || kinds.has('ID')));
  const strength = (column: number): number => {
    const { type, isForeignKey } = facts.columns[column]!;
    const asked = asks(type.family) && !(type.family === 'number' && isForeignKey) ? 3 : 0;
    return facts.fillerStrength[column]! + asked + scores.tables[facts.tableOf[column]!]!;
  };
  return tables
    .flatMap((table) => facts.columnsOf[table]!)
    .map((column) => ({ column, score: strength(column) }))
    .sort((a, b) => b.score - a.score)
    .map(({ column }) => column);
}

/** The other tables, likeliest first: those with a score, then by role, near ones first. */
export function rankRest(
  facts: LinkFacts,
  picked: readonly number[],
  candidates: readonly LinkCandidate[],
): number[] {
  const scores = scoresOfTables(candidates);
  const near = new Set(picked.flatMap((table) => facts.joins[table]!.map(({ to }) => to)));
  const usual = (table: number): number => USUAL[facts.tableRoles[table]!] + (near.has(table) ? 2 : 0);
  return facts.tables
    .map((_, table) => table)
    .filter((table) => !picked.includes(table))
    .sort((a, b) => (scores.get(b) ?? 0) - (scores.get(a) ?? 0) || usual(b) - usual(a) || a - b);
}

function scoresOfTables(candidates: readonly LinkCandidate[]): Map<number, number> {
  const scores = new Map<number, number>();
  for (const { table, score } of candidates) {
    if (score > (scores.get(table) ?? 0)) scores.set(table, score);
  }
  return scores;
}

const USUAL: Record<LinkFacts['tableRoles'][number], number> = {
  patient: 6, encounter: 5, event: 4, catalogue: 3, person: 2, place: 1, other: 0,
}; // prettier-ignore
