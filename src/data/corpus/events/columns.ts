import { foldName, foldTableName } from '../../../tsql/identifier.js';
import { parseSqlType } from '../../../tsql/types.js';
import type { Column, Table } from '../../schema/bundle.js';
import type { SchemaJoin } from '../../schema/join-graph.js';
import type { SchemaRoles } from '../../schema/roles/infer.js';
import type { SchemaIndex } from '../../schema/schema-index.js';
import type { SchemaWords } from '../../schema/words/derive.js';
import { isAdministrative } from '../topics/administrative.js';
import type { EventKind } from './kinds.js';
import { traitOf, traitWords, type TraitName } from './traits.js';

/** A column, and the joins that lead to it from the table it describes. */
export interface ColumnWay {
  joins: readonly SchemaJoin[];
  table: Table;
  column: Column;
}

/** Something that a person or a stay has, told by one column: a sex, a city, a kind of admission. */
export interface Trait extends ColumnWay {
  name: TraitName;
  /** The name that a catalogue has for the codes of the column. */
  label?: ColumnWay | undefined;
  /** What people call it when they ask for it; where two columns fit the word, the words of this one. */
  asked: readonly string[];
}

const AUDIT =
  /\b(created?|creation|modified|changed?|updated?|void(ed)?|retired?|deleted?|audit|upload|download|import|raw|source value|store|stored|entered|verified)\b/;

/** Finds the columns that say what an event is of, and what a table tells of people and stays. */
export class EventColumns {
  readonly #roles: SchemaRoles;
  readonly #words: SchemaWords;

  constructor(
    readonly index: SchemaIndex,
    roles: SchemaRoles,
    words: SchemaWords,
  ) {
    this.#roles = roles;
    this.#words = words;
  }

  /** The words of a column; none if it records who changed a row. */
  tellingWords(column: Column): string {
    const words = this.#words.ofColumn(column).words;
    return AUDIT.test(words) || isAdministrative(words, column.type) ? '' : words;
  }

  label(table: Table, kind: EventKind): ColumnWay | undefined {
    const own = this.#bestName(table, kind);
    const ways = this.index
      .joinsFrom(table.name)
      .filter((join) => join.to.unique && this.#namesWhat(table, join, kind))
      .map((join) => ({
        join,
        label: this.#catalogueName(this.index.table(join.to.table)!),
        length: join.from.columns[0]!.length,
      }))
      .filter((way) => way.label !== undefined);
    // `Drug concept` before `drug form concept`: what says least says what the event is of.
    const [best] = ways.sort((a, b) => a.length - b.length);
    if (own !== undefined && (own.score > 2 || best === undefined)) {
      return { joins: [], table, column: own.column };
    }
    return best && { joins: [best.join], table: this.index.table(best.join.to.table)!, column: best.label! };
  }

  /** Whether the key says what the event is of, and not who did it, where, or in which state it is. */
  #namesWhat(table: Table, join: SchemaJoin, kind: EventKind): boolean {
    const target = this.index.table(join.to.table)!;
    const { role } = this.#roles.ofTable(target);
    if (role !== 'catalogue' && role !== 'other') return false;
    const words = join.from.columns.map((name) => {
      const column = this.index.column(table.name, name);
      return column === undefined ? '' : this.#words.ofColumn(column.column).words;
    });
    const text = words.join(' ');
    // Of words that are run together, `administrationstatus` is no administration.
    if (OTHER_KEYS.test(text) || /status|route|reason|outcome/.test(text)) return false;
    const subject = this.#words.subjectOf(table).split(' ');
    return (
      subject.some((word) => text.split(' ').includes(word)) ||
      kind.pattern.test(text) ||
      /^(concept|item|code|icd|event|type|service|test|term|cause|organism|germ|bacterium)\b/.test(text)
    );
  }

  /** The column of an event that names what it is of. */
  #bestName(table: Table, kind: EventKind): { column: Column; score: number } | undefined {
    let best: { column: Column; score: number } | undefined;
    for (const column of table.columns) {
      const words = this.tellingWords(column);
      if (this.#roles.ofColumn(column) !== 'name' || !isText(column) || NOT_A_LABEL.test(words)) continue;
      const own = this.#words
        .subjectOf(table)
        .split(' ')
        .some((word) => words.split(' ').includes(word));
      const isBare = /^(name|title|label|description|long description|short description|long title)$/.test(
        words,
      );
      const names = kind.pattern.test(words) || kind.names.test(words);
      const score = (names ? 3 : 0) + (isBare ? 3 : 0) + (own ? 2 : 0) + 1;
      if (score > (best?.score ?? 1)) best = { column, score };
    }
    return best;
  }

  #catalogueName(table: Table): Column | undefined {
    const names = table.columns.filter((column) => {
      const words = this.tellingWords(column);
      return this.#roles.ofColumn(column) === 'name' && isText(column) && !/short|abbrev|synonym/.test(words);
    });
    return (
      names.find((column) => /long|label|name|title/.test(this.#words.ofColumn(column).words)) ?? names[0]
    );
  }

  codeBeside(table: Table, kind: EventKind): Column | undefined {
    return table.columns.find((column) => {
      const words = this.tellingWords(column);
      if (!isText(column) || column.codes !== undefined || !/\bcode\b|\bicd|\bcpt\b|\bndc\b/.test(words))
        return false;
      return /^(concept )?code$|^icd( \d+)?( code)?$/.test(words) || kind.pattern.test(words);
    });
  }

  route(table: Table): ColumnWay | undefined {
    const own = table.columns.find((c) => isText(c) && /\broute\b/.test(this.tellingWords(c)));
    if (own !== undefined) return { joins: [], table, column: own };
    return this.#lookups(table).find(({ words }) => /\broute\b/.test(words))?.way;
  }

  /** Every single-column key to a catalogue, with the words of the key's column. */
  #lookups(table: Table): { words: string; key: Column; way: ColumnWay }[] {
    return this.index.joinsFrom(table.name).flatMap((join) => {
      const [name, ...more] = join.from.columns;
      const target = this.index.table(join.to.table)!;
      const column =
        more.length === 0 ? table.columns.find((c) => foldName(c.name) === foldName(name!)) : undefined;
      if (column === undefined || !join.to.unique || foldTableName(target.name) === foldTableName(table.name))
        return [];
      const { role } = this.#roles.ofTable(target);
      const label = role === 'catalogue' || role === 'other' ? this.#catalogueName(target) : undefined;
      const telling = this.tellingWords(column);
      const words = /\btype concept\b/.test(telling) ? '' : withoutKey(telling);
      if (label === undefined) return [];
      return [{ words, key: column, way: { joins: [join], table: target, column: label } }];
    });
  }

  /** What a table tells of its rows; the places that patients refer to are where they live. */
  traits(table: Table, isOfPatients = false): Trait[] {
    const traits: Trait[] = [];
    const add = (words: string, way: ColumnWay): void => {
      const name = traitOf(words);
      if (name === undefined || traits.some((trait) => trait.name === name)) return;
      traits.push({ ...way, name, asked: this.#asked(table, name, words) });
    };
    const own = table.columns.filter((column) => !this.isKey(column) || column.codes !== undefined);
    for (const column of own) {
      const words = this.tellingWords(column);
      const isWord = column.codes !== undefined || (isText(column) && holdsWords(column, traitOf(words)));
      const isCodedKey = column.codes !== undefined && traitOf(words) === undefined;
      if (isWord) add(isCodedKey ? withoutKey(words) : words, { joins: [], table, column });
    }
    for (const { words, key, way } of this.#lookups(table)) {
      const coded = traits.find(({ column }) => column === key);
      if (coded === undefined) add(words, way);
      else coded.label = way;
    }
    if (isOfPatients) for (const { words, way } of this.#places(table)) add(words, way);
    return traits;
  }

  #asked(table: Table, name: TraitName, words: string): readonly string[] {
    const { asked, fits = /(?!)/ } = traitWords(name);
    if (
      (name === 'source' || name === 'destination') &&
      / (location|source|disposition|destination)$/.test(words)
    )
      return [words.replace(/^admit(ting|ted)?\b/, 'admission')];
    // The type of an encounter is no encounter.
    const own = (name === 'type' ? typeWords(words) : withoutCode(words)).replace(
      /^(.+) (primary|secondary)$/,
      '$2 $1',
    );
    // `The type of patient 12's visit` reads wrongly.
    if (name === 'type') return [own];
    const hasRival = table.columns.some((column) => {
      const other = withoutCode(this.tellingWords(column));
      return fits.test(other) && other !== own;
    });
    return hasRival ? [own] : asked;
  }

  /** Where people live, a key away. */
  #places(table: Table): { words: string; way: ColumnWay }[] {
    return this.index.joinsFrom(table.name).flatMap((join) => {
      const target = this.index.table(join.to.table)!;
      if (!join.to.unique || this.#roles.ofTable(target).role !== 'place') return [];
      return target.columns
        .filter((column) => isText(column) && /^(city|town|city village)$/.test(this.tellingWords(column)))
        .map((column) => ({ words: 'city', way: { joins: [join], table: target, column } }));
    });
  }

  isKey(column: Column): boolean {
    const role = this.#roles.ofColumn(column);
    return role === 'key' || role === 'foreign-key';
  }
}

const OTHER_KEYS =
  /\b(status|state|stage|outcome|priority|category|method|site|laterality|interpretation|indication|source|unit|units|modifier|value|route|reason|class|severity|parent|qualifier|operator|anatomic|visit|gender|provider|location|frequency|by|creator|version|previous|order|pharmacy|encounter|patient|person|specimen|form|payer|enrollment)\b|\btype concept\b/;
const NOT_A_LABEL =
  /\b(reason|status|other|modifier|provider|note|reaction|antibiotic|antibacterial|description 2|dispense|subtype|field|owner|route|unit|form|title of|gap)\b/;

/** `gender concept id` → gender */
function withoutKey(words: string): string {
  return words.replace(/ (concept )?(id|key|uid|sk)$/, '');
}

/** `visit concept id` → visit type, `enc type` → encounter type */
function typeWords(words: string): string {
  const own = withoutKey(words)
    .replace(/ code$/, '')
    .replace(/ concept$/, ' type');
  const spoken = own.replace(/^enc(?= )/, 'encounter').replace(/^encounterclass$/, 'encounter class');
  return /(type|class)$/.test(spoken) ? spoken : `${spoken} type`;
}

/** `sex code` → sex */
function withoutCode(words: string): string {
  return withoutKey(words).replace(/ (code|concept|type|name|description|label)$/, '');
}

export function isDate(column: Column): boolean {
  return parseSqlType(column.type)?.family === 'date';
}

export function isNumberColumn(column: Column): boolean {
  return parseSqlType(column.type)?.family === 'number';
}

/** A string that can be compared: not the legacy types text and ntext. */
export function isText(column: Column): boolean {
  const type = parseSqlType(column.type);
  return type?.family === 'string' && !/^n?text$/.test(type.base);
}

/** How many characters a column holds. */
export function roomIn(column: Column): number {
  const length = parseSqlType(column.type)?.length;
  return typeof length === 'number' ? length : Infinity;
}

/** Room for `Emergency room`; shorter columns hold codes that nobody says. */
const ROOM_FOR_WORDS = 16;

/** Whether the column's own values are words that people say; a sex is one letter, which everybody can tell. */
function holdsWords(column: Column, name: TraitName | undefined): boolean {
  return name === 'gender' || roomIn(column) >= ROOM_FOR_WORDS;
}

/** Whether a column's codes tell outpatient visits from stays. */
export function holdsVisits({ codes }: Column): boolean {
  return (
    codes?.some(({ words }) =>
      words.some((word) => /^(ambulatory|outpatient)( (visit|care|stay))?$/.test(word)),
    ) === true
  );
}
