import type { Column, ForeignKey, Table } from '../../schema/bundle.js';
import type { SchemaIndex } from '../../schema/schema-index.js';
import { rolesOf } from '../../schema/roles/infer.js';
import type { ColumnRole, TableRole } from '../../schema/roles/roles.js';
import { wordsOf } from '../../schema/words/derive.js';
import { foldTableName } from '../../../tsql/identifier.js';
import { parseSqlType } from '../../../tsql/types.js';
import { isAdministrative } from './administrative.js';
import { Claims } from './claims.js';
import { joinWords, natural, noteRow, noteRows } from './naming.js';
import { isPlainPhrase } from './plain.js';
import type { Speech } from './speech.js';

/** `ordinal`: a number that names or orders things. `opaque`: a type that can only be shown. */
export type AttributeKind =
  'id' | 'date' | 'datetime' | 'number' | 'year' | 'ordinal' | 'text' | 'flag' | 'opaque';

export interface Attribute {
  /** Foreign keys to follow from the entity's table; empty for its own columns. */
  path: ForeignKey[];
  table: Table;
  column: Column;
  kind: AttributeKind;
  role: ColumnRole;
  /** The column's readable words, abbreviations expanded. */
  words: string;
  isPrimaryKey: boolean;
  /** True if the column is a foreign key to a catalogue: people ask for the label behind it. */
  isCatalogueKey: boolean;
  /** True if the column is a label or code of a catalogue one key away: it belongs to the row as its own columns do. */
  isLabel: boolean;
  /** The role of the column's own table; of what a code stands for, that of the table that has the code. */
  of: TableRole;
  isOfCatalogue: boolean;
  /** True if the rows that are asked about are events. */
  ofEvent: boolean;
  /** The preferred phrase first. */
  phrases: string[];
  /** By phrase: what it calls the joined row, and what of that row: `patient` and `home town`. */
  ofRow: Map<string, { row: string; tail: string }>;
  /** Nouns of the row that a foreign key points to, if no other key of the entity points there. */
  referenceNouns: string[];
  /** Nouns of the tables that lead to the column, or that it leads to: a phrase may begin with one. */
  rows: RowNouns[];
  /** What the row is that the column refers to; undefined if it refers to none, or to one of its own table. */
  target: TableRole | undefined;
  /** The preferred noun of the column's own table. */
  subject: string;
}

export interface RowNouns {
  /** The folded name of the table. */
  table: string;
  nouns: readonly string[];
}

/** What attributes are read from. */
export interface AttributeSource {
  index: SchemaIndex;
  speech: Speech;
  /** Nouns of the tables that have any, by folded name. */
  byTable: ReadonlyMap<string, Named>;
}

export interface EntityNoun {
  one: string;
  many: string;
}

interface Named {
  nouns: readonly EntityNoun[];
}

/**
 * Roles of joined columns that people ask about from the row that refers to them: of a diagnosis they ask when its
 * patient was born, and not when its doctor was.
 */
const FAR: Record<TableRole, readonly ColumnRole[]> = {
  patient: ['code', 'name', 'status', 'time'],
  encounter: ['code', 'status'],
  event: [],
  catalogue: ['code', 'name'],
  person: ['name', 'code'],
  place: ['name'],
  other: ['name'],
};
/** The time of a life that people ask about from afar. */
/** What some tables of stays say of the patient. */
const OF_A_PERSON = /\b(sex|gender|race|ethnicity|language|marital|religion)\b/;
const BIRTH = /\b(birth|born|dob|birthday)\b/;

/** The attributes of a table, up to `depth` foreign keys away (0: own columns only). */
export function attributesOf(table: Table, source: AttributeSource, depth: number): Attribute[] {
  const { index, speech, byTable } = source;
  const roles = rolesOf(index.bundle);
  const words = wordsOf(index.bundle);
  const attributes: Attribute[] = [];
  const claims = new Claims<Attribute>();

  /** @param prefixes what a phrase begins with, the preferred one first; @param moved synonyms of the key that led here */
  const visit = (
    at: Table,
    path: ForeignKey[],
    prefixes: readonly string[],
    moved: readonly string[],
    parent: Table,
  ): void => {
    const rank = 10 * path.length;
    const own = path.length === 0;
    const isCatalogue = !own && isCatalogueTable(index, at);
    const label = isCatalogue ? labelOf(at, index) : undefined;
    for (const column of at.columns) {
      const key = at.foreignKeys.find((k) => k.columns.length === 1 && k.columns[0] === column.name);
      // The referenced column equals the foreign key, which the entity already has.
      if (path[path.length - 1]?.references.columns.includes(column.name) === true) continue;
      const readable = words.ofColumn(column).words;
      const spoken = speech.words(at, column);
      if (spoken === '' || isAdministrative(readable, column.type)) continue;
      const role = roles.ofColumn(column);
      const inKey = key !== undefined || at.primaryKey.includes(column.name);
      const target = key && index.table(key.references.table);
      const attribute: Attribute = {
        path,
        table: at,
        column,
        kind: kindOf(column, inKey, role, readable),
        role,
        words: readable,
        isPrimaryKey: at.primaryKey.length === 1 && at.primaryKey[0] === column.name,
        isCatalogueKey: target !== undefined && isCatalogueTable(index, target),
        isLabel: isCatalogue && path.length === 1,
        of: roles.ofTable(isCatalogue && path.length === 2 ? parent : at).role,
        ofEvent: /^(event|encounter)$/.test(roles.ofTable(table).role),
        isOfCatalogue: isCatalogue,
        phrases: [],
        ofRow: new Map(),
        referenceNouns: [],
        target: target && target !== at ? roles.ofTable(target).role : undefined,
        rows: rowsOf(
          path,
          own && at.primaryKey.length === 1 && at.primaryKey[0] === column.name ? [table.name] : key,
          source,
        ),
        subject: byTable.get(foldTableName(at.name))?.nouns[0]?.one ?? words.ofTable(at).words,
      };
      const named = completed(spoken, attribute.kind);
      if (!own && !isAskedFromAfar(attribute, roles.ofTable(at).role)) continue;
      if (isCatalogue && column !== label && (path.length > 1 || !IS_CODE.test(readable))) continue;
      if (column === label) {
        // People name what a code stands for by the key's words: the gender of a patient is its label.
        const [first] = prefixes;
        for (const phrase of moved) claims.claim(phrase, attribute, 10 * (path.length - 1) + 1);
        if (first !== undefined) claims.claim(withoutFiller(first), attribute, 10 * (path.length - 1) + 1);
      }
      // A referenced row is named after the key's role: `gender concept name`, not `concept name`.
      const withoutRow = (phrase: string): string =>
        stripTableWords(phrase, byTable.get(foldTableName(at.name)));
      const short = completed(withoutRow(named), attribute.kind);
      const tail = HAS_NUMBER.test(short) ? named : short;
      if (own) claims.claim(named, attribute, rank);
      else
        prefixes.forEach((prefix, i) => {
          claims.claim(joinWords(prefix, tail), attribute, rank + i);
          noteRow(attribute, prefix, tail);
        });
      if (!attribute.isCatalogueKey) {
        for (const more of speech.otherWords(at, column)) {
          const other = completed(own ? more : withoutRow(more), attribute.kind);
          for (const prefix of own ? [''] : prefixes) {
            claims.claim(joinWords(prefix, other), attribute, rank + 1);
            noteRow(attribute, prefix, other);
          }
        }
      }
      if (own && short !== named && !HAS_NUMBER.test(short)) claims.claim(short, attribute, rank + 2);
      if (own && attribute.isPrimaryKey) {
        for (const noun of byTable.get(foldTableName(at.name))?.nouns ?? []) {
          claims.claim(`${noun.one} id`, attribute, rank + 3);
        }
      }
      // The owner of a policy is not asked for as a worker.
      const isCalledAfter = !ROLE_OF_ITS_OWN.test(readable);
      if (own && key !== undefined && isReference(at, key) && !attribute.isCatalogueKey && isCalledAfter) {
        const referred = byTable.get(foldTableName(key.references.table));
        attribute.referenceNouns = referred?.nouns.map((noun) => noun.one) ?? [];
        for (const noun of attribute.referenceNouns) claims.claim(`${noun} id`, attribute, rank + 4);
      }
      attributes.push(attribute);
    }
    // Questions ask for a catalogue's label or code, never for anything beyond it.
    if (path.length === depth || isCatalogue) return;
    for (const key of at.foreignKeys) {
      const target = index.table(key.references.table);
      const column = at.columns.find(({ name }) => name === key.columns[0]);
      if (target === undefined || column === undefined) continue;
      if (isAdministrative(words.ofColumn(column).words, column.type)) continue;
      // The patient of a visit's patient is the visit's: only the short way is said.
      if (!own && isOnlyTarget(table, target)) continue;
      const isCode = isCatalogueTable(index, target);
      const isPatient = roles.ofTable(target).role === 'patient';
      // Two keys away people know the patient, and what a code stands for.
      if (!isCode && (own ? foldTableName(target.name) === foldTableName(table.name) : !isPatient)) continue;
      const roleNames = roleNamesOf(at, key, column, source);
      const next =
        own || (isPatient && isOnlyKeyTo(at, key))
          ? roleNames
          : prefixes
              .flatMap((prefix) => roleNames.map((role) => joinWords(prefix, role)))
              .slice(0, MOST_PREFIXES);
      const other = speech.otherWords(at, column).filter((phrase) => !ENDS_LIKE_KEY.test(phrase));
      const movedOn =
        prefixes.length === 0 ? other : other.flatMap((one) => prefixes.map((p) => joinWords(p, one)));
      visit(target, [...path, key], next, movedOn, at);
    }
  };

  visit(table, [], [], [], table);
  const ownNouns = byTable.get(foldTableName(table.name))?.nouns ?? [];
  for (const attribute of attributes) {
    attribute.phrases = natural(attribute, claims.of(attribute), ownNouns).filter(
      (phrase) => !/\bdischarge\b/.test(phrase) || /\bdischarge\b/.test(attribute.words),
    );
    noteRows(attribute);
  }
  return attributes.filter((attribute) => attribute.phrases.length > 0);
}

const MOST_PREFIXES = 3;
/** Keys of rows that people name by what they are here, and not by their table. */
const ROLE_OF_ITS_OWN = /\b(owner|holder|mother|father|parent|assignee|reporter|handler|author|teacher)\b/;
/** What people know of a catalogue besides its labels. */
const IS_CODE = /\bcode$/;
const ENDS_LIKE_KEY = /\b(id|number|key|identifier|uid)$/;

/** A code list: questions name what its rows stand for. */
function isCatalogueTable(index: SchemaIndex, table: Table): boolean {
  return rolesOf(index.bundle).ofTable(table).role === 'catalogue' && labelOf(table, index) !== undefined;
}

/** The column of a catalogue that says what its row means. */
function labelOf(table: Table, index: SchemaIndex): Column | undefined {
  const roles = rolesOf(index.bundle);
  const words = wordsOf(index.bundle);
  const names = table.columns.filter(
    (column) =>
      roles.ofColumn(column) === 'name' && !isAdministrative(words.ofColumn(column).words, column.type),
  );
  return (
    names.find((column) => /\b(name|label|title|display|description)$/.test(words.ofColumn(column).words)) ??
    names[0]
  );
}

/** `id 1`, `2`: without the table's name such a column reads like a value. */
const HAS_NUMBER = /(^| )[0-9]+( |$)/;

/** `start` → start date, `start datetime` → start time, `in time` → arrival time, `value as number` → value. */
function completed(phrase: string, kind: AttributeKind): string {
  if (kind !== 'date' && kind !== 'datetime') return phrase.replace(/ as (number|string)$/, '');
  if (BARE_TIME.test(phrase) && !/^(date|time|day) of /.test(phrase))
    return `${phrase} ${kind === 'date' ? 'date' : 'time'}`;
  return phrase
    .replace(/\bbirth date ?time$/, 'birth date')
    .replace(/ date ?time$/, ' time')
    .replace(/(^| )in time$/, '$1arrival time')
    .replace(/(^| )out time$/, '$1departure time');
}

const BARE_TIME = /(^| )(start|end|stop|onset|admission|discharge|birth|death|arrival|departure)$/;

/** Nouns of the other rows that a phrase for the column may speak of. */
function rowsOf(
  path: readonly ForeignKey[],
  key: ForeignKey | string[] | undefined,
  { byTable }: AttributeSource,
): RowNouns[] {
  const own = Array.isArray(key) ? key : key === undefined ? [] : [key.references.table];
  return [...path.map(({ references }) => references.table), ...own].map((name) => {
    const table = foldTableName(name);
    return { table, nouns: byTable.get(table)?.nouns.map(({ one }) => one) ?? [] };
  });
}

function isAskedFromAfar({ kind, role, words }: Attribute, table: TableRole): boolean {
  if (kind === 'ordinal' || kind === 'opaque' || kind === 'year') return false;
  if (table === 'encounter' && OF_A_PERSON.test(words)) return false;
  if (table === 'patient' && role === 'time') return BIRTH.test(words);
  if (table === 'patient' && role === 'key') return !/\b(licence|license|ssn|social|passport)\b/.test(words);
  return FAR[table].includes(role);
}

/** `gender concept` → gender: the kind of catalogue is nobody's word. */
function withoutFiller(phrase: string): string {
  return phrase.replace(/ (concept|lookup|code|item|type code|dim)$/, '');
}

/** True if rows belong to what the key refers to: a key that is the row's own only adds to that row. */
function isReference(table: Table, key: ForeignKey): boolean {
  return (
    isOnlyKeyTo(table, key) && !(table.primaryKey.length === 1 && table.primaryKey[0] === key.columns[0])
  );
}

/** Only then is `for patient 12` unambiguous. A key into the same table has a role of its own. */
export function isOnlyKeyTo(table: Table, key: ForeignKey): boolean {
  const target = foldTableName(key.references.table);
  if (target === foldTableName(table.name)) return false;
  return table.foreignKeys.filter((k) => foldTableName(k.references.table) === target).length === 1;
}

/**
 * What people call the row behind a key: what the key's column calls it (`gender_concept_id` → gender concept), or a
 * noun of its table if no other key leads there.
 */
function roleNamesOf(
  table: Table,
  key: ForeignKey,
  column: Column,
  { speech, byTable }: AttributeSource,
): string[] {
  const words = speech.words(table, column).split(' ');
  while (words.length > 1 && /^(id|uid|key|sk|fk|code|number|uuid)$/.test(words[words.length - 1]!))
    words.pop();
  const role = words.join(' ');
  if (/^(to|from)\b/.test(role)) return [];
  if (!isOnlyKeyTo(table, key)) return [role];
  const nouns = byTable.get(foldTableName(key.references.table))?.nouns.map(({ one }) => one) ?? [];
  // The key of a catalogue names the column; any other key is called after the row.
  if (!isPlainPhrase(role) && !/ concept$/.test(role)) return nouns.slice(0, MOST_PREFIXES);
  return nouns.includes(role) ? [...new Set([role, ...nouns])].slice(0, MOST_PREFIXES) : [role];
}

/** True if one key of the table, and no other, leads to the target. */
function isOnlyTarget(table: Table, target: Table): boolean {
  const name = foldTableName(target.name);
  return (
    name === foldTableName(table.name) ||
    table.foreignKeys.filter((key) => foldTableName(key.references.table) === name).length === 1
  );
}

/** `visit start date` of a visit → `start date`. A column named exactly like the table keeps its words. */
function stripTableWords(words: string, entity: Named | undefined): string {
  for (const noun of entity?.nouns ?? []) {
    for (const prefix of [noun.one, firstWord(noun.one)]) {
      if (words.startsWith(`${prefix} `)) return words.slice(prefix.length + 1);
    }
  }
  return words;
}

function firstWord(phrase: string): string {
  return phrase.split(' ')[0]!;
}

function kindOf(column: Column, isKey: boolean, role: ColumnRole, words: string): AttributeKind {
  const type = parseSqlType(column.type);
  if (type?.family === 'date') return type.base === 'date' ? 'date' : 'datetime';
  if (isKey || role === 'key' || role === 'foreign-key' || type?.family === 'uuid') return 'id';
  if (type?.family === 'bool') return 'flag';
  if (type?.family === 'number') {
    if (/\byear\b/.test(words) && type.base.endsWith('int') && !/\byears\b/.test(words)) return 'year';
    if (role === 'flag' || /\b(flag|indicator)$/.test(words)) return 'flag';
    return role === 'value' || role === 'money' ? 'number' : 'ordinal';
  }
  // SQL Server cannot compare or group the legacy types text and ntext.
  return type?.family === 'string' && !/^n?text$/.test(type.base) ? 'text' : 'opaque';
}
