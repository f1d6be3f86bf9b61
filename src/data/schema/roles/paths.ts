import { foldName, foldTableName } from '../../../tsql/identifier.js';
import type { Table } from '../bundle.js';
import type { SchemaIndex } from '../schema-index.js';
import { wordsOf } from '../words/derive.js';
import { splitWords } from '../words.js';
import { rolesOf } from './infer.js';

/**
 * What a name in a catalogue says of a row that reaches it by a key:
 *
 * - `own`: what the row is about (`condition_concept_id` of a condition, or the only key to the catalogue)
 * - `trait`: something about a patient (`race_concept_id`)
 * - `side`: another aspect (`condition_type_concept_id`, `admitted_from_concept_id`)
 */
export interface KeySense {
  kind: 'own' | 'trait' | 'side';
  /** Words of which a question must say one, unless the key is the row's own: `admitted`, `from`. */
  words: readonly string[];
}

const OWN: KeySense = { kind: 'own', words: [] };
/** What every key to a catalogue is called. */
const USUAL: ReadonlySet<string> = new Set(
  'id key code concept value name number no identifier unique uid uuid source original from to of the in by at as for and'.split(
    ' ',
  ),
);
/** Words for an event and for what it is of: the drug of a prescription is the row's own. */
const KIN: readonly ReadonlySet<string>[] = [
  'prescription prescribed medication medicine drug dispensing administration',
  'diagnosis condition problem disease',
  'culture microbiology organism germ bacterium',
  'procedure surgery operation intervention',
  'lab laboratory test measurement analyte',
  'immunization vaccine vaccination',
  'allergy allergen',
  'device implant',
].map((words) => new Set(words.split(' ')));
const known = new WeakMap<SchemaIndex, Map<string, KeySense>>();

/**
 * The sense of a key from a table to the catalogue that it names values of; `own` for any other column.
 *
 * @param table as the bundle spells it
 */
export function keySense(index: SchemaIndex, table: string, column: string): KeySense {
  let senses = known.get(index);
  if (!senses) known.set(index, (senses = new Map()));
  const path = `${foldTableName(table)}.${foldName(column)}`;
  let sense = senses.get(path);
  if (sense === undefined) senses.set(path, (sense = describe(index, table, column)));
  return sense;
}

function describe(index: SchemaIndex, tableName: string, columnName: string): KeySense {
  const table = index.table(tableName);
  const key = table && targetOf(table, columnName);
  if (!table || key === undefined) return OWN;
  const rivals = table.foreignKeys.filter(({ references }) => foldTableName(references.table) === key);
  if (rivals.length < 2) return OWN;
  const roles = rolesOf(index.bundle);
  const target = index.table(key);
  if (!target || roles.ofTable(target).role !== 'catalogue') return OWN;
  const words = wordsOf(index.bundle);
  const column = table.columns.find(({ name }) => foldName(name) === foldName(columnName));
  if (!column) return OWN;
  const { words: name, synonyms } = words.ofColumn(column);
  const subject = new Set(`${words.ofTable(table).words} ${words.subjectOf(table)}`.split(' '));
  for (const kin of KIN)
    if ([...subject].some((word) => kin.has(word))) for (const word of kin) subject.add(word);
  const distinct = name.split(' ').filter((word) => !USUAL.has(word) && !subject.has(word));
  if (distinct.length === 0) return OWN;
  const spelled = splitWords(column.name).filter((word) => !USUAL.has(word) && !subject.has(word));
  const said = synonyms
    .flatMap(({ text }) => text.split(' '))
    .filter((word) => !USUAL.has(word) && !subject.has(word));
  const kind = roles.ofTable(table).role === 'patient' ? 'trait' : 'side';
  return { kind, words: [...new Set([...distinct, ...spelled, ...said])] };
}

function targetOf(table: Table, column: string): string | undefined {
  const key = table.foreignKeys.find(
    ({ columns }) => columns.length === 1 && foldName(columns[0]!) === foldName(column),
  );
  return key && foldTableName(key.references.table);
}

/** Letters that an inflected word shares with its stem: `admitted`, `admission`. */
const STEM = 5;

/** Who `died of` something had it as the cause. */
const DYING = /\b(?:die[sd]?|dying|deaths?|dead|killed|succumbed)\b/;

/** Whether a question, in lower case, says one of the words, in any form. */
export function saysOneOf(question: string, words: readonly string[]): boolean {
  if (words.includes('cause') && DYING.test(question)) return true;
  if (words.includes('language') && /\bspeak/.test(question)) return true;
  if (words.includes('route') && /\b(?:via|by) (?:the )?__text_/.test(question)) return true;
  return words.some((word) =>
    new RegExp(String.raw`\b${word.slice(0, STEM).replace(/\W/g, '.')}`).test(question),
  );
}
