import { foldName, foldTableName } from '../../../tsql/identifier.js';
import { parseSqlType } from '../../../tsql/types.js';
import type { Column, Table } from '../../schema/bundle.js';
import type { SchemaJoin } from '../../schema/join-graph.js';
import { rolesOf, type SchemaRoles } from '../../schema/roles/infer.js';
import type { SchemaIndex } from '../../schema/schema-index.js';
import { wordsOf, type SchemaWords } from '../../schema/words/derive.js';
import { isAdministrative } from '../topics/administrative.js';
import type { Entity } from '../topics/entities.js';
import { encounterKindOf, eventKindOf, type EncounterKind, type EventKind } from './kinds.js';
import { traitOf, type TraitName } from './traits.js';

/** A column, and the joins that lead to it from the table it describes. */
export interface ColumnWay {
  joins: readonly SchemaJoin[];
  table: Table;
  column: Column;
}

/** Something that a person or a stay has, told by one column: a sex, a city, a kind of admission. */
export interface Trait extends ColumnWay {
  name: TraitName;
}

interface Happening {
  table: Table;
  /** Singular nouns with their plurals, unique in the schema. */
  nouns: Entity['nouns'];
  /** The column that holds the patient's key, and the joins to its table; undefined if patients cannot be reached. */
  patient: { joins: readonly SchemaJoin[]; column: string } | undefined;
  time: Column | undefined;
  start: Column | undefined;
  end: Column | undefined;
  traits: Trait[];
  /** Numbers with names of their own: `heart_rate`. */
  figures: Column[];
  money: Column | undefined;
}

/** A table of things that happen to patients: a prescription, a diagnosis, a laboratory result. */
export interface EventTable extends Happening {
  kind: EventKind;
  /** True for the first table of its kind: the others are asked about by their own nouns only. */
  leads: boolean;
  /** What the event is of: the drug, the diagnosis, the test. */
  label: ColumnWay | undefined;
  /** The code of the label, in the same row as the label. */
  code: Column | undefined;
  value: Column | undefined;
  unit: Column | undefined;
  dose: Column | undefined;
  route: ColumnWay | undefined;
  encounter: { joins: readonly SchemaJoin[]; of: EncounterTable } | undefined;
}

export interface EncounterTable extends Happening {
  kind: EncounterKind;
}

export interface PatientTable {
  table: Table;
  key: Column;
  /** True if the table has a row for each stay, so that a patient may have several. */
  repeats: boolean;
  nouns: Entity['nouns'];
  traits: Trait[];
  birth: Column | undefined;
  /** Holds an age in years. */
  age: Column | undefined;
  death: Column | undefined;
  first: Column | undefined;
  last: Column | undefined;
  fullName: Column | undefined;
}

const PATIENT_KEY = /^(patient|subject|person|client|member|individual) (id|key|number|uid|sk)$/;
const AUDIT =
  /\b(created?|creation|modified|changed?|updated?|void(ed)?|retired?|deleted?|audit|upload|download|import|raw|source value|store|stored|entered|verified)\b/;

/** Who, what and when of one schema, from the roles of its tables and columns. */
export class EventModel {
  readonly patient: PatientTable | undefined;
  readonly encounters: EncounterTable[] = [];
  readonly events: EventTable[] = [];
  readonly #roles: SchemaRoles;
  readonly #words: SchemaWords;

  constructor(
    readonly index: SchemaIndex,
    entities: readonly Entity[],
  ) {
    this.#roles = rolesOf(index.bundle);
    this.#words = wordsOf(index.bundle);
    const patients = entities.find(({ table }) => this.#roles.ofTable(table).role === 'patient');
    this.patient = patients && this.#patientTable(patients);
    for (const entity of entities) {
      const { role } = this.#roles.ofTable(entity.table);
      if (role === 'encounter') this.#addEncounter(entity);
    }
    if (this.patient?.repeats === true) this.#addRepeatedStays(patients!);
    for (const entity of entities) {
      if (this.#roles.ofTable(entity.table).role === 'event') this.#addEvent(entity);
    }
  }

  wordsOfColumn(column: Column): string {
    return this.#words.ofColumn(column).words;
  }

  /** The words of a column without the prefix that the columns of its table share. */
  ownWords(table: Table, column: Column): string {
    return this.#words.columnWordsWithoutPrefix(table)[table.columns.indexOf(column)]!.join(' ');
  }

  /** True if there is something to ask about. */
  get isUseful(): boolean {
    return this.events.some(({ patient }) => patient !== undefined) || this.encounters.length > 0;
  }

  #patientTable(entity: Entity): PatientTable | undefined {
    const { table, nouns } = entity;
    const own = table.columns.find(
      ({ name }) => table.primaryKey.length === 1 && name === table.primaryKey[0],
    );
    const repeated = table.columns.find(
      (column) =>
        column !== own && this.#isKey(column) && PATIENT_KEY.test(this.#words.ofColumn(column).words),
    );
    const isStay = ['start', 'end'].every((role) =>
      table.columns.some((column) => this.#roles.ofColumn(column) === role && isDate(column)),
    );
    const key = isStay ? (repeated ?? own) : own;
    if (key === undefined) return undefined;
    const named = (pattern: RegExp): Column | undefined =>
      table.columns.find((column) => pattern.test(this.#tellingWords(column)));
    const dated = (pattern: RegExp): Column | undefined =>
      table.columns.find((c) => isDate(c) && pattern.test(this.#tellingWords(c)));
    return {
      table,
      key,
      repeats: key !== own,
      nouns,
      traits: this.#traits(table),
      birth: dated(/\bbirth/),
      age: table.columns.find((c) => isNumberColumn(c) && /\bage\b/.test(this.#tellingWords(c))),
      death: dated(/\bdea(th|d)|deceased/),
      first: named(/^(first|given)( name)?$|\b(first|given) name\b/),
      last: named(/^(last|family)( name)?$|\b(last|family) name\b|^surname$/),
      fullName: named(/^((patient|person|full) )?name$/),
    };
  }

  #tellingWords(column: Column): string {
    const words = this.#words.ofColumn(column).words;
    return AUDIT.test(words) || isAdministrative(words, column.type) ? '' : words;
  }

  #happening({ table, nouns }: Entity): Happening {
    const roles = this.#roles.ofTable(table);
    const telling = table.columns.filter((column) => this.#tellingWords(column) !== '');
    const dated = (role: string): Column | undefined =>
      telling.find((column) => this.#roles.ofColumn(column) === role && isDate(column));
    const start = dated('start');
    const end = dated('end');
    const time = table.columns.find(({ name }) => name === roles.time);
    return {
      table,
      nouns,
      patient: this.#wayToPatient(table, roles.patient),
      start,
      end,
      time: time !== undefined && isDate(time) ? time : (start ?? dated('time')),
      traits: this.#traits(table),
      figures: telling.filter((column) => this.#roles.ofColumn(column) === 'value' && isNumberColumn(column)),
      money: telling.find((column) => this.#roles.ofColumn(column) === 'money' && isNumberColumn(column)),
    };
  }

  /** Only the first table of a kind is asked about: a visit is not a detail of a visit. */
  #addEncounter(entity: Entity): void {
    const kind = encounterKindOf(this.#subject(entity.table));
    if (this.encounters.some((other) => other.kind === kind)) return;
    this.encounters.push({ ...this.#happening(entity), kind });
  }

  /** The rows of repeated patients are their stays. */
  #addRepeatedStays(entity: Entity): void {
    const happening = this.#happening(entity);
    if (happening.start === undefined) return;
    const patient = { joins: [], column: this.patient!.key.name };
    this.encounters.push({ ...happening, patient, traits: [], kind: encounterKindOf('admission') });
  }

  #addEvent(entity: Entity): void {
    const { table } = entity;
    const kind = eventKindOf(this.#subject(table));
    const happening = this.#happening(entity);
    const label = this.#label(table, kind);
    const value = happening.figures.find((column) =>
      /^(value( as)?( num\w*)?|valuenum|(test |lab )?result( value| num\w*)?|numeric value|measured value|amount|volume|value numeric|nval num)$/.test(this.wordsOfColumn(column)),
    ); // prettier-ignore
    const string = (pattern: RegExp): Column | undefined =>
      table.columns.find((column) => isText(column) && pattern.test(this.#tellingWords(column)));
    const dose = happening.figures.find((column) => /\bdose\b/.test(this.wordsOfColumn(column)));
    const encounter = this.encounters
      .filter(({ patient }) => patient !== undefined)
      .map((of) => ({ of, joins: this.#joinTo(table, of.table) }))
      .find((link) => link.joins !== undefined);
    this.events.push({
      ...happening,
      kind,
      leads: !this.events.some((other) => other.kind === kind),
      label,
      code: label && this.#codeBeside(label.table, kind),
      value,
      unit: string(/^(?!.*(duration|quantity|expiration|care)).*(\bunits?\b|\buom\b)/),
      dose,
      route: this.#route(table),
      encounter: encounter && { of: encounter.of, joins: encounter.joins! },
      figures: happening.figures.filter((column) => column !== value && column !== dose),
    });
  }

  #subject(table: Table): string {
    return `${this.#words.subjectOf(table)} ${this.#words.ofTable(table).words}`;
  }

  #joinTo(table: Table, to: Table): SchemaJoin[] | undefined {
    const join = this.index.joinsBetween(table.name, to.name).find((one) => one.to.unique);
    return join && [join];
  }

  #wayToPatient(table: Table, column: string | undefined): Happening['patient'] {
    const { patient } = this;
    // Without a table of patients, what looks like one may be a member of staff.
    if (patient === undefined) return undefined;
    if (patient.repeats) {
      // What the roles call the patient is the stay here.
      const own = table.columns.find((one) => PATIENT_KEY.test(this.#words.ofColumn(one).words));
      return own && { joins: [], column: own.name };
    }
    if (column !== undefined) return { joins: [], column };
    const path = this.index.joinPath(table.name, patient.table.name);
    if (path === undefined || path.length > 3 || path.some((join) => !join.to.unique)) return undefined;
    const last = path.at(-1);
    if (last === undefined || last.from.columns.length > 1) return undefined;
    return { joins: path.slice(0, -1), column: last.from.columns[0]! };
  }

  #label(table: Table, kind: EventKind): ColumnWay | undefined {
    const own = this.#bestName(table, kind);
    const ways = this.index
      .joinsFrom(table.name)
      .filter((join) => join.to.unique && this.#namesWhat(table, join, kind))
      .map((join) => ({ join, label: this.#catalogueName(this.index.table(join.to.table)!) }))
      .filter((way) => way.label !== undefined);
    const best = ways[0];
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
      return column === undefined ? '' : this.wordsOfColumn(column.column);
    });
    const text = words.join(' ');
    if (OTHER_KEYS.test(text)) return false;
    const subject = this.#words.subjectOf(table).split(' ');
    return (
      subject.some((word) => text.split(' ').includes(word)) ||
      kind.pattern.test(text) ||
      /^(concept|item|code|icd|event|type|service|test|term)\b/.test(text)
    );
  }

  /** The column of an event that names what it is of. */
  #bestName(table: Table, kind: EventKind): { column: Column; score: number } | undefined {
    let best: { column: Column; score: number } | undefined;
    for (const column of table.columns) {
      const words = this.#tellingWords(column);
      if (this.#roles.ofColumn(column) !== 'name' || !isText(column) || NOT_A_LABEL.test(words)) continue;
      const own = this.#words
        .subjectOf(table)
        .split(' ')
        .some((word) => words.split(' ').includes(word));
      const isBare = /^(name|title|label|description|long description|short description|long title)$/.test(
        words,
      );
      const score = (kind.pattern.test(words) ? 3 : 0) + (isBare ? 3 : 0) + (own ? 2 : 0) + 1;
      if (score > (best?.score ?? 1)) best = { column, score };
    }
    return best;
  }

  #catalogueName(table: Table): Column | undefined {
    const names = table.columns.filter((column) => {
      const words = this.#tellingWords(column);
      return this.#roles.ofColumn(column) === 'name' && isText(column) && !/short|abbrev|synonym/.test(words);
    });
    return names.find((column) => /long|label|name|title/.test(this.wordsOfColumn(column))) ?? names[0];
  }

  #codeBeside(table: Table, kind: EventKind): Column | undefined {
    return table.columns.find((column) => {
      const words = this.#tellingWords(column);
      if (!isText(column) || column.codes !== undefined || !/\bcode\b|\bicd|\bcpt\b|\bndc\b/.test(words))
        return false;
      return /^(concept )?code$|^icd( \d+)?( code)?$/.test(words) || kind.pattern.test(words);
    });
  }

  #route(table: Table): ColumnWay | undefined {
    const own = table.columns.find((c) => isText(c) && /\broute\b/.test(this.#tellingWords(c)));
    if (own !== undefined) return { joins: [], table, column: own };
    return this.#lookups(table).find(({ words }) => /\broute\b/.test(words))?.way;
  }

  /** Every single-column key to a catalogue, with the words of the key's column. */
  #lookups(table: Table): { words: string; way: ColumnWay }[] {
    return this.index.joinsFrom(table.name).flatMap((join) => {
      const [name, ...more] = join.from.columns;
      const target = this.index.table(join.to.table)!;
      const column =
        more.length === 0 ? table.columns.find((c) => foldName(c.name) === foldName(name!)) : undefined;
      if (column === undefined || !join.to.unique || foldTableName(target.name) === foldTableName(table.name))
        return [];
      const { role } = this.#roles.ofTable(target);
      const label = role === 'catalogue' || role === 'other' ? this.#catalogueName(target) : undefined;
      const telling = this.#tellingWords(column);
      const words = /\btype concept\b/.test(telling)
        ? ''
        : telling.replace(/ (concept )?(id|key|uid|sk)$/, '');
      return label === undefined ? [] : [{ words, way: { joins: [join], table: target, column: label } }];
    });
  }

  #traits(table: Table): Trait[] {
    const traits: Trait[] = [];
    const add = (words: string, way: ColumnWay): void => {
      const name = traitOf(words);
      if (name !== undefined && !traits.some((trait) => trait.name === name)) traits.push({ ...way, name });
    };
    const own = table.columns.filter((column) => !this.#isKey(column) || column.codes !== undefined);
    for (const column of own) {
      const isWord = isText(column) || column.codes !== undefined;
      if (isWord) add(this.#tellingWords(column), { joins: [], table, column });
    }
    for (const { words, way } of this.#lookups(table)) add(words, way);
    return traits;
  }

  #isKey(column: Column): boolean {
    const role = this.#roles.ofColumn(column);
    return role === 'key' || role === 'foreign-key';
  }
}

const OTHER_KEYS =
  /\b(status|state|source|unit|units|modifier|value|route|reason|class|severity|parent|qualifier|operator|anatomic|visit|gender|provider|location|frequency|by|creator|version|previous|order|pharmacy|encounter|patient|person|specimen|form|payer|enrollment)\b|\btype concept\b/;
const NOT_A_LABEL =
  /\b(reason|status|other|modifier|provider|note|reaction|description 2|dispense|subtype|field|owner|route|unit|form|title of|gap)\b/;

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
