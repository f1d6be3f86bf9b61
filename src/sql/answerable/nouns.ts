import { rolesOf } from '../../data/schema/roles/infer.js';
import { wordsOf } from '../../data/schema/words/derive.js';
import type { SchemaIndex } from '../../data/schema/schema-index.js';
import { splitWords } from '../../data/schema/words.js';
import { singularOf } from '../../data/values/fold.js';

/** What questions call the rows and the numbers of a schema, in the singular. */
export interface SchemaNouns {
  /** What a table's rows are called. */
  tables: ReadonlySet<string>;
  /** Those and what happens to patients, whether or not a table has it: `months with more than 40 discharges`. */
  counted: ReadonlySet<string>;
  /** What the rows of events, encounters and catalogues are called: what happens, and what is used for it. */
  events: ReadonlySet<string>;
  /** What columns of numbers are called. */
  numbers: ReadonlySet<string>;
  /** Those of them that no other table keeps as rows, or that the patient's table has: `encounters` of a provider is none. */
  patientNumbers: ReadonlySet<string>;
  /** What tables count in a column, by the noun of the table: `exposure` for `drug era`, with `drug_exposure_count`. */
  counts: ReadonlyMap<string, ReadonlySet<string>>;
}

const cache = new WeakMap<SchemaIndex, SchemaNouns>();

export function nounsOf(index: SchemaIndex): SchemaNouns {
  let nouns = cache.get(index);
  if (!nouns) {
    const words = wordsOf(index.bundle);
    const roles = rolesOf(index.bundle);
    const tables = new Set<string>([...PEOPLE, ...EVENTS]);
    const events = new Set<string>(EVENTS);
    const numbers = new Set<string>();
    const own = new Set<string>();
    const counts = new Map<string, Set<string>>();
    for (const table of index.tables) {
      const { words: name, synonyms } = words.ofTable(table);
      const isEvent = /^(?:event|encounter)$/.test(roles.ofTable(table).role);
      for (const text of [name, words.subjectOf(table), ...synonyms.map(({ text }) => text)]) {
        tables.add(singularOf(text));
        if (isEvent) events.add(singularOf(text));
      }
      // A row of `drug_exposure` is an exposure.
      const head = splitWords(table.name).at(-1)!;
      if (isEvent && !NO_ROW.test(head)) tables.add(singularOf(head));
      for (const { column, type, isForeignKey, isPrimaryKey } of index.columns(table.name)) {
        if (type.family !== 'number' || isForeignKey || isPrimaryKey) continue;
        const noun = singularOf(splitWords(column.name).join(' '));
        numbers.add(noun);
        const counted = COUNT_OF.exec(noun)
          ?.slice(1)
          .find((words) => words !== undefined);
        if (counted !== undefined) {
          const all = [counted, counted.split(' ').at(-1)!].map(singularOf);
          for (const text of [name, words.subjectOf(table)]) {
            const known = counts.get(singularOf(text)) ?? new Set();
            counts.set(singularOf(text), new Set([...known, ...all]));
          }
        }
        if (roles.ofTable(table).role === 'patient') own.add(noun);
      }
    }
    const patientNumbers = new Set([...numbers].filter((noun) => own.has(noun) || !events.has(noun)));
    const counted = new Set([...tables, ...HAPPENINGS]);
    cache.set(index, (nouns = { tables, counted, events, numbers, patientNumbers, counts }));
  }
  return nouns;
}

/** A column of counts, with what it counts. */
const COUNT_OF = /^(?:(.+) count|(?:number|num|nbr|count) of (.+)|(?:num|nbr) (.+))$/;

/** Ends of a table's name that are no word for a row of it. */
const NO_ROW = /^(?:dates?|days?|times?|years?|values?|icd|cm|hospital|history|details?|data|info|.{1,3})$/;

/** Things that every schema of a hospital counts, whatever its tables are called. */
const PEOPLE = 'patient person doctor'.split(' ');
const EVENTS =
  `visit stay admission encounter diagnosis procedure prescription medication drug test lab measurement
  order transfer claim condition hospitalization appointment surgery operation`.split(/\s+/);

const HAPPENINGS = 'discharge death birth arrival departure readmission'.split(' ');

/** The noun that a phrase begins with, of at most three words, if it is in the list: `hospital visits last year`. */
export function nounIn(phrase: string, list: ReadonlySet<string>): string | undefined {
  const words = phrase.toLowerCase().trim().split(/\s+/).slice(0, 3);
  const end = words.findIndex((word) => ENDS.test(word));
  const noun = end < 0 ? words : words.slice(0, end);
  const parts = noun.flatMap((_, i) => noun.slice(i).map((__, j) => noun.slice(i, i + j + 1).join(' ')));
  return parts.find((part) => list.has(singularOf(part)));
}

/** The head of a noun phrase stands before one of these. */
export const ENDS =
  /^(?:in|of|for|on|at|with|who|that|which|whose|during|since|until|and|or|per|to|by|from|as|each|every|their|his|her|is|are|was|were|have|has|had|do|does|did|can|will|where|when|last|recorded|made)$/;

/** `visits`, not `diagnosis`. */
export function isPlural(noun: string): boolean {
  return /(?:es|[^sius]s|people|children|men)$/.test(noun);
}

/** The noun of a table that a phrase is about, unless a column of numbers has that name. */
export function headOf(phrase: string, nouns: SchemaNouns): string | undefined {
  const noun = beforeEnd(phrase);
  const known = [noun, ...tails(noun)].find((part) => nouns.tables.has(oneOf(part)));
  return known !== undefined && !nouns.numbers.has(oneOf(known)) ? known : undefined;
}

function oneOf(noun: string): string {
  return noun === 'people' ? 'person' : singularOf(noun);
}

export function beforeEnd(phrase: string): string {
  const words = phrase.toLowerCase().split(' ');
  const end = words.findIndex((word) => ENDS.test(word));
  return (end < 0 ? words : words.slice(0, end)).join(' ');
}

/** `hospital visits` also ends as `visits`, and `visits` begins `visits last`. */
function tails(noun: string): string[] {
  const words = noun.split(' ');
  return words.flatMap((_, i) => [words.slice(i).join(' '), words.slice(0, i + 1).join(' ')]);
}
