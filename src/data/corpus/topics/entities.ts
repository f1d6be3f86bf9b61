import type { Column, ForeignKey, SchemaBundle, Table } from '../../schema/bundle.js';
import type { JoinGraph } from '../../schema/join-graph.js';
import type { SchemaIndex } from '../../schema/schema-index.js';
import { bareTableName, foldTableName, splitTableName } from '../../../tsql/identifier.js';
import { parseSqlType } from '../../../tsql/types.js';
import { pluralise, singularise, spokenWords } from './words.js';

/**
 * How the corpus talks about a schema. A table is an *entity* with nouns. An entity has *attributes*: its own columns
 * and those of the tables that its foreign keys reach, each with phrases that mean this attribute and no other. If
 * two attributes of an entity could claim a phrase, the nearer one gets it, or neither: no question uses an
 * ambiguous word.
 */
export interface Entity {
  table: Table;
  /** Singular nouns with their plurals, the preferred one first. Unique across the bundle. */
  nouns: EntityNoun[];
  attributes: Attribute[];
  /** Tables that point here by exactly one key, so that `patients with visits` has one meaning. */
  children: Child[];
}

export interface EntityNoun {
  one: string;
  many: string;
}

/** `ordinal`: a number that names or orders things. `opaque`: a type that can only be shown. */
export type AttributeKind =
  'id' | 'date' | 'datetime' | 'number' | 'year' | 'ordinal' | 'text' | 'flag' | 'opaque';

export interface Attribute {
  /** Foreign keys to follow from the entity's table; empty for its own columns. */
  path: ForeignKey[];
  table: Table;
  column: Column;
  kind: AttributeKind;
  isPrimaryKey: boolean;
  /** The preferred phrase first. */
  phrases: string[];
  /** Nouns of the row that a foreign key points to, if no other key of the entity points there. */
  referenceNouns: string[];
}

export interface Child {
  entity: Entity;
  key: ForeignKey;
}

export interface EntityGraph {
  bundle: SchemaBundle;
  entities: Entity[];
  byTable: Map<string, Entity>;
}

/** The entities of a bundle, with attributes up to `depth` foreign keys away (0: own columns only). */
export function buildEntityGraph(index: SchemaIndex, depth: number): EntityGraph {
  const { bundle } = index;
  const tables = new Map(bundle.tables.map((table) => [foldTableName(table.name), table]));
  const nouns = nounsOfTables(bundle.tables);
  const entities = bundle.tables
    .filter((table) => nouns.get(table)!.length > 0)
    .map((table): Entity => ({ table, nouns: nouns.get(table)!, attributes: [], children: [] }));
  const byTable = new Map(entities.map((entity) => [foldTableName(entity.table.name), entity]));
  for (const entity of entities) {
    entity.attributes = attributesOf(entity.table, tables, byTable, index.graph, depth);
    for (const key of entity.table.foreignKeys) {
      if (!isOnlyKeyTo(entity.table, key) || index.graph.isLookup(key.references.table)) continue;
      byTable.get(foldTableName(key.references.table))?.children.push({ entity, key });
    }
  }
  return { bundle, entities, byTable };
}

/** A table's own name beats another table's synonym. A synonym that two tables share belongs to neither. */
function nounsOfTables(tables: readonly Table[]): Map<Table, EntityNoun[]> {
  const claims = new Claims<Table>();
  const prefix = commonPrefix(tables);
  const bare = tables.map((table) => foldTableName(bareTableName(table.name)));
  const shared = new Set(bare.filter((name, i) => bare.indexOf(name) !== i));
  for (const table of tables) {
    claims.claim(ownNoun(table, prefix), table, 0);
    // Of two tables of one name, each is called by its schema too.
    const { schema } = splitTableName(table.name);
    if (schema !== undefined && shared.has(foldTableName(bareTableName(table.name)))) {
      claims.claim(`${spokenWords(schema).join(' ')} ${ownNoun(table, prefix)}`, table, 2);
    }
    for (const synonym of table.synonyms ?? []) claims.claim(singularise(synonym.toLowerCase()), table, 1);
  }
  return new Map(
    tables.map((table) => {
      const own = ownNoun(table, prefix);
      const nouns = claims.of(table).filter((noun) => noun !== own);
      // People say `visit` more readily than `visit occurrence`.
      if (claims.of(table).includes(own)) nouns.splice(1, 0, own);
      return [table, nouns.map((one) => ({ one, many: pluralise(one) }))];
    }),
  );
}

function ownNoun(table: Table, prefix: string | undefined): string {
  const words = spokenWords(bareTableName(table.name));
  return singularise((words.length > 1 && words[0] === prefix ? words.slice(1) : words).join(' '));
}

/** The word that every table name begins with (`tbl_`, `hc_`): nobody says it aloud. */
function commonPrefix(tables: readonly Table[]): string | undefined {
  const firsts = new Set(tables.map((table) => spokenWords(bareTableName(table.name))[0]));
  const isPrefix = tables.length > 2 && firsts.size === 1;
  return isPrefix && tables.every((table) => spokenWords(bareTableName(table.name)).length > 1)
    ? [...firsts][0]
    : undefined;
}

function attributesOf(
  table: Table,
  tables: Map<string, Table>,
  byTable: Map<string, Entity>,
  lookups: JoinGraph,
  depth: number,
): Attribute[] {
  const attributes: Attribute[] = [];
  const claims = new Claims<Attribute>();

  const visit = (at: Table, path: ForeignKey[], prefix: string): void => {
    const rank = 10 * path.length;
    for (const column of at.columns) {
      const key = at.foreignKeys.find((k) => k.columns.length === 1 && k.columns[0] === column.name);
      // The referenced column equals the foreign key, which the entity already has.
      if (path[path.length - 1]?.references.columns.includes(column.name) === true) continue;
      const isPrimaryKey = at.primaryKey.length === 1 && at.primaryKey[0] === column.name;
      const attribute: Attribute = {
        path,
        table: at,
        column,
        kind: kindOf(column, key !== undefined || at.primaryKey.includes(column.name)),
        isPrimaryKey,
        phrases: [],
        referenceNouns: [],
      };
      if (path.length > 0 && lookups.isLookup(at.name) && attribute.kind !== 'text') continue;
      const words = spokenWords(column.name).join(' ');
      // A referenced row is named after the key's role: `gender concept name`, not `concept name`.
      const own = path.length === 0;
      const short = stripTableWords(words, byTable.get(foldTableName(at.name)));
      const tail = HAS_NUMBER.test(short) ? words : short;
      if (own) claims.claim(words, attribute, rank);
      else claims.claim(`${prefix} ${tail}`, attribute, rank);
      for (const synonym of column.synonyms ?? []) {
        claims.claim(joinWords(prefix, synonym.toLowerCase()), attribute, rank + 1);
      }
      if (own && short !== words && !HAS_NUMBER.test(short)) claims.claim(short, attribute, rank + 2);
      if (own && isPrimaryKey) {
        for (const noun of byTable.get(foldTableName(at.name))?.nouns ?? []) {
          claims.claim(`${noun.one} id`, attribute, rank + 3);
        }
      }
      if (own && key !== undefined && isOnlyKeyTo(at, key) && !lookups.isLookup(key.references.table)) {
        const target = byTable.get(foldTableName(key.references.table));
        attribute.referenceNouns = target?.nouns.map((noun) => noun.one) ?? [];
        for (const noun of attribute.referenceNouns) claims.claim(`${noun} id`, attribute, rank + 4);
      }
      attributes.push(attribute);
    }
    // Questions ask for a lookup row's name or code, never for anything beyond it.
    if (path.length === depth || (path.length > 0 && lookups.isLookup(at.name))) return;
    for (const key of at.foreignKeys) {
      const target = tables.get(foldTableName(key.references.table));
      if (target === undefined) continue;
      visit(target, [...path, key], joinWords(prefix, roleOf(key)));
    }
  };

  visit(table, [], '');
  for (const attribute of attributes) attribute.phrases = claims.of(attribute);
  return attributes.filter((attribute) => attribute.phrases.length > 0);
}

/** `id 1`, `2`: without the table's name such a column reads like a value. */
const HAS_NUMBER = /(^| )[0-9]+( |$)/;

function joinWords(prefix: string, words: string): string {
  return prefix === '' ? words : `${prefix} ${words}`;
}

/** Only then is `for patient 12` unambiguous. A key into the same table has a role of its own. */
function isOnlyKeyTo(table: Table, key: ForeignKey): boolean {
  const target = foldTableName(key.references.table);
  if (target === foldTableName(table.name)) return false;
  return table.foreignKeys.filter((k) => foldTableName(k.references.table) === target).length === 1;
}

/** What the key's column calls the row it points to: `gender_concept_id` → gender concept. */
function roleOf(key: ForeignKey): string {
  const words = [...spokenWords(key.columns[0]!)];
  while (words.length > 1 && /^(id|uid|key|sk|fk|code|number|uuid)$/.test(words[words.length - 1]!))
    words.pop();
  return words.join(' ');
}

/** `visit start date` of a visit → `start date`. A column named exactly like the table keeps its words. */
function stripTableWords(words: string, entity: Entity | undefined): string {
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

// Numbers that name or order things: sums and thresholds over them are meaningless.
const NOT_A_QUANTITY = /^(month|day|hour|code|flag|npi|zip|ssn|phone|sequence|concept|order|line|version)$/;

function kindOf(column: Column, isKey: boolean): AttributeKind {
  const type = parseSqlType(column.type);
  const words = spokenWords(column.name);
  const last = words[words.length - 1] ?? '';
  if (type?.family === 'date') return type.base === 'date' ? 'date' : 'datetime';
  if (isKey || /^(id|uid|key|sk|uuid|identifier)$/.test(last) || type?.family === 'uuid') return 'id';
  if (type?.family === 'bool') return 'flag';
  if (type?.family === 'number') {
    if (words.includes('year') && type.base.endsWith('int')) return 'year';
    if (last === 'number' && type.base.endsWith('int')) return words.includes('sequence') ? 'ordinal' : 'id';
    return NOT_A_QUANTITY.test(last) || words.includes('birth') ? 'ordinal' : 'number';
  }
  // SQL Server cannot compare or group the legacy types text and ntext.
  return type?.family === 'string' && !/^n?text$/.test(type.base) ? 'text' : 'opaque';
}

/** Decides who may use a phrase: the lowest rank wins, and on a tie nobody does. */
class Claims<T> {
  private readonly best = new Map<string, { owner: T | undefined; rank: number }>();
  private readonly byOwner = new Map<T, { phrase: string; rank: number }[]>();

  claim(phrase: string, owner: T, rank: number): void {
    const list = this.byOwner.get(owner) ?? [];
    this.byOwner.set(owner, list);
    if (list.some((entry) => entry.phrase === phrase)) return;
    list.push({ phrase, rank });
    const current = this.best.get(phrase);
    if (current === undefined || rank < current.rank) this.best.set(phrase, { owner, rank });
    else if (rank === current.rank && current.owner !== owner) current.owner = undefined;
  }

  /** The phrases that belong to this owner alone, by rank. */
  of(owner: T): string[] {
    return (this.byOwner.get(owner) ?? [])
      .filter(({ phrase }) => this.best.get(phrase)?.owner === owner)
      .sort((a, b) => a.rank - b.rank)
      .map(({ phrase }) => phrase);
  }
}
