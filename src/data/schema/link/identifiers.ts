import { foldName } from '../../../tsql/identifier.js';
import { parseSqlType, type TypeFamily } from '../../../tsql/types.js';
import { singularOf } from '../../values/fold.js';
import type { Column, SchemaBundle, Table } from '../bundle.js';
import { rolesOf } from '../roles/infer.js';
import type { TableRole } from '../roles/roles.js';
import { splitWords } from '../words.js';
import { wordsOf } from '../words/derive.js';

/** The columns that say which patient, visit or other thing a row is, as `table.column`. */
export interface Identifiers {
  /** The keys of the tables whose rows are such things. */
  keys: readonly string[];
  /** Whether a key can hold an ID with letters or leading zeros. */
  keysHoldText: boolean;
  /** Other columns with an ID from outside, which are texts: a medical record number. */
  texts: readonly string[];
}

/** What people call the rows of tables whose role is known, whatever the tables are called. */
const ROLE_OF: ReadonlyMap<string, TableRole> = new Map([
  ...'patient person pt mrn'.split(' ').map((noun) => [noun, 'patient'] as const),
  ...'visit encounter admission stay hospitalization hadm'
    .split(' ')
    .map((noun) => [noun, 'encounter'] as const),
]);

/** How the name of an ID from outside ends: what stands before says whose it is. */
const ENDS_AS_ID =
  /(?:^| )(?:identifier|mrn|ide|id|record (?:number|no|nbr)|number|nbr)$|^(?!uuid$|guid$)[a-z]{1,7}id$/;
/** What may stand before, besides the thing's own name. */
const QUALIFIERS: ReadonlySet<string> = new Set(
  'unique external internal source medical health hospital chart accession public national'.split(' '),
);
/** Tables whose rows people name by IDs; what they call the ID of a diagnosis is its code. */
const WITH_IDS: readonly TableRole[] = ['patient', 'encounter', 'person', 'place'];
/** Tables that give things of another table their IDs. */
const MAPS = /\b(?:identifiers?|mapping|map|alias|crosswalk|xref|mrn)\b/;
/** In these tables a source value is an ID; in those of events it is a code. */
const ROLES_WITH_SOURCE: readonly TableRole[] = ['patient', 'person', 'place'];

const known = new WeakMap<SchemaBundle, Map<string, Identifiers>>();

/**
 * Where an ID may stand that a question says is a patient's, a visit's, an order's.
 *
 * @param noun what the ID identifies, in the singular: `patient`
 */
export function identifiersOf(bundle: SchemaBundle, noun: string): Identifiers {
  let found = known.get(bundle);
  if (!found) known.set(bundle, (found = new Map<string, Identifiers>()));
  let identifiers = found.get(noun);
  if (!identifiers) {
    if (found.size >= MOST_REMEMBERED) found.clear();
    found.set(noun, (identifiers = find(bundle, noun)));
  }
  return identifiers;
}

const MOST_REMEMBERED = 256;

/** The columns where an ID with letters or leading zeros stands, if its table's own key holds numbers only. */
export function columnsForTextId(bundle: SchemaBundle, noun: string): readonly string[] {
  const { keys, keysHoldText, texts } = identifiersOf(bundle, noun);
  return keys.length === 0 || keysHoldText ? [] : texts;
}

function find(bundle: SchemaBundle, noun: string): Identifiers {
  const words = wordsOf(bundle);
  const roles = rolesOf(bundle);
  const role = ROLE_OF.get(noun);
  const own = bundle.tables.filter((table) => {
    const is = roles.ofTable(table).role;
    return role === undefined ? WITH_IDS.includes(is) && isCalled(table, noun, bundle) : is === role;
  });
  const keys = own.flatMap((table) => {
    const foreign = table.foreignKeys.flatMap(({ columns }) => columns.map(foldName));
    const names = table.primaryKey.map(foldName);
    // An event's key may be of its order; a visit's of several columns has its own number first.
    const name = names.length === 1 ? names[0] : role && names.find((one) => !foreign.includes(one));
    const column = table.columns.find((one) => foldName(one.name) === name);
    return column === undefined ? [] : [{ table, column }];
  });
  const isText = ({ type }: Column): boolean => FAMILIES.has(parseSqlType(type)?.family ?? 'other');
  const subjects = new Set([noun, ...own.map((table) => words.subjectOf(table))]);
  const texts: string[] = [];
  for (const table of bundle.tables) {
    const isOwn = own.includes(table);
    const said = splitWords(table.name).join(' ');
    const maps =
      MAPS.test(said) && !/\btypes?\b/.test(said) && said.split(' ').some((word) => subjects.has(word));
    if (!isOwn && !maps) continue;
    for (const column of table.columns) {
      const spoken = splitWords(column.name).join(' ');
      const isSource =
        isOwn &&
        ROLES_WITH_SOURCE.includes(roles.ofTable(table).role) &&
        [...subjects].some((subject) => spoken === `${subject} source value`);
      const isKey = table.foreignKeys.some((key) => key.columns.includes(column.name));
      if (isText(column) && !isKey && (isSource || isIdOf(spoken, subjects)))
        texts.push(`${table.name}.${column.name}`);
    }
  }
  return {
    keys: keys.map(({ table, column }) => `${table.name}.${column.name}`),
    keysHoldText: keys.some(({ column }) => isText(column)),
    texts,
  };
}

const FAMILIES: ReadonlySet<TypeFamily> = new Set<TypeFamily>(['string', 'uuid']);

function isIdOf(spoken: string, subjects: ReadonlySet<string>): boolean {
  const ending = ENDS_AS_ID.exec(spoken);
  if (ending === null) return false;
  const before = spoken
    .slice(0, ending.index)
    .split(' ')
    .filter((word) => word !== '');
  return before.every((word) => subjects.has(word) || QUALIFIERS.has(word));
}

function isCalled(table: Table, noun: string, bundle: SchemaBundle): boolean {
  const words = wordsOf(bundle);
  const { words: name, synonyms } = words.ofTable(table);
  return [name, words.subjectOf(table), ...synonyms.map(({ text }) => text)].some(
    (text) => singularOf(text) === noun,
  );
}
