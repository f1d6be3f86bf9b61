import type { SchemaColumn, SchemaIndex } from '../schema-index.js';
import { rolesOf } from './infer.js';
import type { TableRole } from './roles.js';
import { splitWords } from '../words.js';
import { wordsOf } from '../words/derive.js';
import { isApproximate, isWholeNumber } from '../../../tsql/value-type.js';
import type { Datepart } from '../../../tsql/dateparts.js';
import { datePartNamed } from './date-part.js';
import {
  domainOfColumn,
  domainOfTable,
  idClassOf,
  isOfPerson,
  mayCount,
  mayEqual,
  mayHold,
  type ColumnDomain,
} from './domain.js';
import { foldName, foldTableName, splitColumnPath } from '../../../tsql/identifier.js';

/**
 * What the values of a column are, as far as sense is concerned:
 *
 * - `key`: numbers or texts that identify rows, of this table or of another
 * - `code`: values of a code system or a classification; `place`: coordinates and postal codes
 * - `order`: the place of a row among others, as `seq_num` has it
 * - `amount`: measures, counts, money and flags, which identify nothing
 * - `other`
 */
export type ColumnMeaning = 'key' | 'code' | 'place' | 'order' | 'amount' | 'other';

export interface ColumnSense {
  meaning: ColumnMeaning;
  /** Of a key: the table whose rows it identifies, folded; undefined if no key is declared. */
  entity: string | undefined;
  /** Of a whole number: the part of a date that it is. */
  part?: Datepart | undefined;
  /** Of a text or a key: what kind of thing it names, where its name says so. */
  domain?: ColumnDomain | undefined;
  /** Of a coordinate, where its name says so: the one that it is. */
  axis?: Axis | undefined;
}

export type Axis = 'latitude' | 'longitude';

const PLACE_WORDS: ReadonlySet<string> = new Set('latitude longitude zip zipcode postal postcode'.split(' '));
/** Names of coordinates. The abbreviations mean one only as the name of a number: a `long title` is none. */
const COORDINATES: Readonly<Record<string, Axis | undefined>> = {
  latitude: 'latitude',
  lat: 'latitude',
  longitude: 'longitude',
  lon: 'longitude',
  long: 'longitude',
  lng: 'longitude',
};
/** Numbers that things bear: they count nothing. */
const NUMBERED: ReadonlySet<string> = new Set('serial lot batch barcode'.split(' '));
const ORDINALS: ReadonlySet<string> = new Set('sequence seq ordinal instance'.split(' '));

const known = new WeakMap<SchemaIndex, SenseOfSchema>();

/** What the columns of a schema mean; computed once per index. */
export function senseOf(index: SchemaIndex): SenseOfSchema {
  let sense = known.get(index);
  if (sense === undefined) known.set(index, (sense = new SenseOfSchema(index)));
  return sense;
}

export class SenseOfSchema {
  readonly #columns = new Map<SchemaColumn['column'], ColumnSense>();
  /** Columns that a declared key refers to, by column path, folded. */
  readonly #targets = new Map<string, Set<string>>();
  readonly #entities = new Map<string, string | undefined>();
  readonly #kinds = new Map<string, ReadonlySet<string>>();

  constructor(readonly index: SchemaIndex) {
    for (const table of index.tables) {
      for (const { columns, references } of table.foreignKeys)
        columns.forEach((column, i) => {
          this.#addTarget(pathOf(table.name, column), pathOf(references.table, references.columns[i]!));
        });
    }
    for (const { from, to } of index.bundle.joins ?? []) {
      this.#addTarget(pathOf(...splitColumnPath(from)), pathOf(...splitColumnPath(to)));
    }
  }

  of(column: SchemaColumn): ColumnSense {
    let sense = this.#columns.get(column.column);
    if (sense === undefined) this.#columns.set(column.column, (sense = this.#describe(column)));
    return sense;
  }

  /**
   * Whether values of the two columns can name the same thing: not keys of different tables, nor a key and an amount, nor
   * a month and a year.
   */
  areComparable(a: SchemaColumn, b: SchemaColumn): boolean {
    const [first, second] = [this.of(a), this.of(b)];
    const isAlike = areAlike(first, second);
    if (isAlike && (first.entity === undefined || second.entity === undefined)) return true;
    if (isAlike && first.entity === second.entity) return true;
    const [from, to] = [a, b].map(({ table, column }) => pathOf(table.name, column.name)) as [string, string];
    return this.#targets.get(from)?.has(to) === true || this.#targets.get(to)?.has(from) === true;
  }

  /** Whether the column can hold an ID of that kind: it is no amount, and no key of another kind of thing. */
  holdsId(kind: string, column: SchemaColumn): boolean {
    const { meaning, entity, part, domain, axis } = this.of(column);
    if (meaning === 'amount' || meaning === 'order' || part !== undefined || axis !== undefined) return false;
    const idClass = idClassOf(kind);
    if (!mayHold(idClass, domain) || hasFractions(column)) return false;
    const roles = ROLES_OF_KIND[kind];
    if (meaning === 'code' && domain === undefined && isOfPerson(idClass)) {
      const { role } = rolesOf(this.index.bundle).ofTable(column.table);
      return roles?.includes(role) === true;
    }
    if (roles === undefined || entity === undefined) return true;
    const entities = roles.map((role) => this.#entitiesOf(role));
    return entities.every(({ size }) => size === 0) || entities.some((one) => one.has(entity));
  }

  /** Whether values of the column agree by chance: amounts, places in an order, coordinates and parts of dates. */
  agreesByChance(column: SchemaColumn): boolean {
    const { meaning, part, axis } = this.of(column);
    return meaning === 'amount' || meaning === 'order' || part !== undefined || axis !== undefined;
  }

  /** Whether the column identifies something in every row of its table. */
  isAlwaysFilled(column: SchemaColumn): boolean {
    return column.isPrimaryKey || (!column.column.nullable && this.of(column).meaning === 'key');
  }

  #entitiesOf(role: TableRole): ReadonlySet<string> {
    let found = this.#kinds.get(role);
    if (found === undefined) {
      const roles = rolesOf(this.index.bundle);
      const tables = this.index.tables.filter((table) => roles.ofTable(table).role === role);
      const keys = tables.flatMap(({ name, primaryKey }) =>
        primaryKey.length === 1 ? [this.#entityOf(pathOf(name, primaryKey[0]!)) ?? foldTableName(name)] : [],
      );
      this.#kinds.set(role, (found = new Set(keys)));
    }
    return found;
  }

  #addTarget(from: string, to: string): void {
    const targets = this.#targets.get(from);
    if (targets === undefined) this.#targets.set(from, new Set([to]));
    else targets.add(to);
  }

  #describe(ref: SchemaColumn): ColumnSense {
    const sense = this.#meaningOf(ref);
    const domain = this.#domainOf(ref, sense);
    return domain === undefined ? sense : { ...sense, domain };
  }

  #domainOf(
    { column, type }: SchemaColumn,
    { meaning, entity, part }: ColumnSense,
  ): ColumnDomain | undefined {
    const isNamed = type.family === 'number' ? meaning === 'key' : /string|uuid/.test(type.family);
    if (part !== undefined || !isNamed) return undefined;
    const words = wordsOf(this.index.bundle);
    const roles = rolesOf(this.index.bundle);
    const own = domainOfColumn(words.ofColumn(column).words, roles.ofColumn(column));
    const target = meaning === 'key' && entity !== undefined ? this.index.table(entity) : undefined;
    if (target === undefined) return own;
    return domainOfTable(words.ofTable(target).words, roles.ofTable(target).role) ?? own;
  }

  #meaningOf(ref: SchemaColumn): ColumnSense {
    const { table, column, type } = ref;
    const role = rolesOf(this.index.bundle).ofColumn(column);
    const path = pathOf(table.name, column.name);
    const isDeclared = this.#targets.has(path) || (ref.isPrimaryKey && table.primaryKey.length === 1);
    if (isDeclared || role === 'key' || role === 'foreign-key') {
      const isDate = type.family === 'date' || type.family === 'time';
      return isDate ? OTHER : { meaning: 'key', entity: this.#entityOf(path) };
    }
    const part = column.codes === undefined && role !== 'flag' ? this.#partOf(ref) : undefined;
    if (part !== undefined) return { ...OTHER, part };
    const words = splitWords(column.name);
    const axis = type.family === 'number' ? words.map((word) => COORDINATES[word]).find(Boolean) : undefined;
    if (axis !== undefined) return { ...PLACE, axis };
    if (words.some((word) => PLACE_WORDS.has(word))) return PLACE;
    if (type.family === 'number' && words.some((word) => NUMBERED.has(word)))
      return { meaning: 'key', entity: undefined };
    if (role === 'other' && isWholeNumber(type) && words.some((word) => ORDINALS.has(word))) return ORDER;
    if (role === 'code') return CODE;
    // The number of a room counts nothing.
    const isNumber = /bool|number/.test(type.family) && words.at(-1) !== 'number';
    return isNumber && (role === 'money' || role === 'value' || role === 'flag') ? AMOUNT : OTHER;
  }

  #partOf({ table, column, type }: SchemaColumn): Datepart | undefined {
    if (!isWholeNumber(type) && !(type.family === 'number' && type.scale === 0)) return undefined;
    const words = wordsOf(this.index.bundle);
    const wordsIn = (one: SchemaColumn['column']): string[] => words.ofColumn(one).words.split(' ');
    const isYear = (one: SchemaColumn['column']): boolean => datePartNamed(wordsIn(one)) === 'year';
    return datePartNamed(
      wordsIn(column),
      table.columns.some((other) => other !== column && isYear(other)),
    );
  }

  /** The table whose rows a key identifies; undefined if that is not declared, or if it is several. */
  #entityOf(path: string): string | undefined {
    if (!this.#entities.has(path)) {
      this.#entities.set(path, undefined); // a circle of keys identifies nothing
      this.#entities.set(path, this.#findEntity(path));
    }
    return this.#entities.get(path);
  }

  #findEntity(path: string): string | undefined {
    const targets = [...(this.#targets.get(path) ?? [])].filter((target) => target !== path);
    if (targets.length > 0) {
      const entities = new Set(targets.map((target) => this.#entityOf(target)));
      return entities.size === 1 ? [...entities][0] : undefined;
    }
    const [tableName, columnName] = splitColumnPath(path);
    const table = this.index.table(tableName);
    const [key, ...more] = table?.primaryKey ?? [];
    const isKey = key !== undefined && more.length === 0 && foldName(key) === columnName;
    return isKey ? foldTableName(tableName) : undefined;
  }
}

type Alike = Pick<ColumnSense, 'meaning' | 'part' | 'domain' | 'axis'>;

/**
 * Whether neither is a key beside a measure, neither another part of dates or another coordinate than the other, and
 * neither names another kind of thing.
 */
export function areAlike(a: Alike, b: Alike): boolean {
  if (!mayEqual(a.domain, b.domain)) return false;
  if (a.part !== undefined && b.part !== undefined) return a.part === b.part;
  if (a.axis !== b.axis && a.meaning !== 'other' && b.meaning !== 'other') return false;
  const isMeasure = ({ meaning, part, axis }: Alike): boolean =>
    meaning === 'amount' || meaning === 'order' || part !== undefined || axis !== undefined;
  return !(a.meaning === 'key' && isMeasure(b)) && !(b.meaning === 'key' && isMeasure(a));
}

/** Whether an amount may be written beside a column: it is no key, and neither names nor numbers a thing. */
export function holdsAmounts({
  meaning,
  domain,
  axis,
}: Pick<ColumnSense, 'meaning' | 'domain' | 'axis'>): boolean {
  return meaning !== 'key' && (meaning !== 'place' || axis !== undefined) && mayCount(domain);
}

const PLACE: ColumnSense = { meaning: 'place', entity: undefined };
const ORDER: ColumnSense = { meaning: 'order', entity: undefined };
const CODE: ColumnSense = { meaning: 'code', entity: undefined };
const AMOUNT: ColumnSense = { meaning: 'amount', entity: undefined };
const OTHER: ColumnSense = { meaning: 'other', entity: undefined };

/** What the rows are that kinds of ID name; IDs of other kinds may be compared with any key. */
const ROLES_OF_KIND: Readonly<Record<string, readonly TableRole[] | undefined>> = {
  patient: ['patient'],
  mrn: ['patient'],
  ssn: ['patient', 'person'],
  npi: ['person'],
  visit: ['encounter'],
  encounter: ['encounter'],
};

/** No ID is a number that may have a fraction. */
function hasFractions({ type }: SchemaColumn): boolean {
  return type.family === 'number' && !isWholeNumber(type) && (isApproximate(type) || (type.scale ?? 0) > 0);
}

function pathOf(table: string, column: string): string {
  return `${foldTableName(table)}.${foldName(column)}`;
}
