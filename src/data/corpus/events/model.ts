import type { Column, Table } from '../../schema/bundle.js';
import type { SchemaJoin } from '../../schema/join-graph.js';
import { rolesOf, type SchemaRoles } from '../../schema/roles/infer.js';
import type { SchemaIndex } from '../../schema/schema-index.js';
import { wordsOf, type SchemaWords } from '../../schema/words/derive.js';
import type { Entity } from '../topics/entities.js';
import { singularise } from '../topics/words.js';
import { EventNouns } from './nouns.js';
import { nounOfVerb } from './verbs.js';
import {
  EventColumns,
  holdsVisits,
  isDate,
  isNumberColumn,
  isText,
  type ColumnWay,
  type Trait,
} from './columns.js';
import {
  besideLab,
  encounterKindOf,
  eventKindOf,
  kindNamedBy,
  type EncounterKind,
  type EventKind,
} from './kinds.js';

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
  /** What the event is of, and the event itself, in words that no other table has for its own: `drug`, `prescription`. */
  things: readonly [one: string, many: string][];
  acts: readonly [one: string, many: string][];
  /** What the event is of: the drug, the diagnosis, the test. */
  label: ColumnWay | undefined;
  /** The code of the label, in the same row as the label. */
  code: Column | undefined;
  value: Column | undefined;
  unit: Column | undefined;
  dose: Column | undefined;
  route: ColumnWay | undefined;
  encounter: { joins: readonly SchemaJoin[]; of: EncounterTable } | undefined;
  /** True if one event has several rows, as a culture has one for each antibiotic: its rows are not counted. */
  isSplit: boolean;
}

export interface EncounterTable extends Happening {
  kind: EncounterKind;
  /** Holds the length of the stay in days. */
  days: Column | undefined;
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
  /** Holds a year of birth. */
  birthYear: Column | undefined;
  death: Column | undefined;
  first: Column | undefined;
  last: Column | undefined;
  fullName: Column | undefined;
}

const PATIENT_KEY = /^(patient|subject|person|client|member|individual) (id|key|number|uid|sk)$/;
/** Who, what and when of one schema, from the roles of its tables and columns. */
export class EventModel {
  readonly patient: PatientTable | undefined;
  readonly encounters: EncounterTable[] = [];
  readonly events: EventTable[] = [];
  readonly #roles: SchemaRoles;
  readonly #words: SchemaWords;
  readonly #columns: EventColumns;
  readonly #nouns: EventNouns;

  constructor(
    readonly index: SchemaIndex,
    entities: readonly Entity[],
  ) {
    this.#roles = rolesOf(index.bundle);
    this.#words = wordsOf(index.bundle);
    this.#columns = new EventColumns(index, this.#roles, this.#words);
    this.#nouns = new EventNouns(index, this.#roles, this.#words, entities);
    const patients = entities.find(({ table }) => this.#roles.ofTable(table).role === 'patient');
    this.patient = patients && this.#patientTable(patients);
    // A table that shares every noun with others cannot be spoken of.
    const spoken = entities.filter(({ nouns }) => nouns.length > 0);
    for (const entity of spoken) {
      const { role } = this.#roles.ofTable(entity.table);
      if (role === 'encounter') this.#addEncounter(entity);
    }
    if (this.patient?.repeats === true) this.#addRepeatedStays(patients!);
    for (const entity of spoken) {
      if (this.#roles.ofTable(entity.table).role === 'event') this.#addEvent(entity);
    }
  }

  wordsOfColumn(column: Column): string {
    return this.#words.ofColumn(column).words;
  }

  /** Whether the words of a column or one of its synonyms match. */
  isCalled(column: Column, pattern: RegExp): boolean {
    const { words, synonyms } = this.#words.ofColumn(column);
    return [words, ...synonyms.map(({ text }) => text.toLowerCase())].some((text) => pattern.test(text));
  }

  /** The words of a column without the prefix that the columns of its table share. */
  ownWords(table: Table, column: Column): string {
    return this.#words.columnWordsWithoutPrefix(table)[table.columns.indexOf(column)]!.join(' ');
  }

  /** The table of deaths, where no column of the patients has the date. */
  get deaths(): EventTable | undefined {
    if (this.patient === undefined || this.patient.death !== undefined) return undefined;
    return this.events.find(({ kind, patient }) => kind.name === 'death' && patient?.joins.length === 0);
  }

  /** Whether the rows of another table are called so: of `persons`, some are no patients. */
  isTaken(people: string): boolean {
    const one = people === 'people' ? 'person' : people.replace(/s$/, '');
    const { patient } = this;
    return this.index.bundle.tables.some(
      (table) =>
        table !== patient?.table &&
        one !== 'patient' &&
        (new RegExp(`\\b(${one}|${one.slice(0, 4)})s?$`).test(this.#words.subjectOf(table)) ||
          this.#words.ofTable(table).synonyms.some(({ text }) => singularise(text.toLowerCase()) === one)),
    );
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
        column !== own && this.#columns.isKey(column) && PATIENT_KEY.test(this.#words.ofColumn(column).words),
    );
    const isStay = ['start', 'end'].every((role) =>
      table.columns.some((column) => this.#roles.ofColumn(column) === role && isDate(column)),
    );
    const key = isStay ? (repeated ?? own) : own;
    if (key === undefined) return undefined;
    const named = (pattern: RegExp): Column | undefined =>
      table.columns.find((column) => pattern.test(this.#columns.tellingWords(column)));
    const dated = (pattern: RegExp): Column | undefined =>
      table.columns.find((c) => isDate(c) && pattern.test(this.#columns.tellingWords(c)));
    return {
      table,
      key,
      repeats: key !== own,
      nouns,
      traits: this.#columns.traits(table, true),
      birth: dated(/\bbirth/),
      age: table.columns.find((c) => isNumberColumn(c) && /\bage\b/.test(this.#columns.tellingWords(c))),
      birthYear: table.columns.find(
        (c) => isNumberColumn(c) && /^(year of birth|birth year)$/.test(this.#columns.tellingWords(c)),
      ),
      death: dated(/\bdea(th|d)|deceased/),
      first: named(/^(first|given)( name)?$|\b(first|given) name\b/),
      last: named(/^(last|family)( name)?$|\b(last|family) name\b|^surname$/),
      fullName: named(/^((patient|person|full) )?name$/),
    };
  }

  #happening({ table, nouns }: Entity): Happening {
    const roles = this.#roles.ofTable(table);
    const telling = table.columns.filter((column) => this.#columns.tellingWords(column) !== '');
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
      time: [time, start, dated('time')].find(
        (one) =>
          one !== undefined &&
          isDate(one) &&
          (!EXPECTED.test(this.wordsOfColumn(one)) || /\bdeaths?\b/.test(this.#subject(table))),
      ),
      traits: this.#columns.traits(table),
      figures: telling.filter((column) => this.#roles.ofColumn(column) === 'value' && isNumberColumn(column)),
      money: telling.find((column) => this.#roles.ofColumn(column) === 'money' && isNumberColumn(column)),
    };
  }

  /** Only the first table of a kind is asked about: a visit is not a detail of a visit. */
  #addEncounter(entity: Entity): void {
    const named = encounterKindOf(this.#subject(entity.table));
    // Whose stays may be outpatient ones holds visits.
    const isOfAll = named.name === 'admission' && entity.table.columns.some(holdsVisits);
    const kind = isOfAll ? encounterKindOf('visit') : named;
    if (this.encounters.some((other) => other.kind.name === kind.name)) return;
    const { table } = entity;
    const days = table.columns.find((c) => isNumberColumn(c) && DAYS_OF_STAY.test(this.wordsOfColumn(c)));
    this.encounters.push({ ...this.#happening(entity), kind: this.#ownStay(kind, entity), days });
  }

  /** The words of a stay that mean this table: visits may have another one than encounters. */
  #ownStay(kind: EncounterKind, { table, nouns }: Entity): EncounterKind {
    const isOwn = (one: string): boolean => !this.#nouns.isElsewhere(one, table);
    const acts = kind.acts.filter(([one]) => isOwn(one));
    return {
      ...kind,
      acts: acts.length > 0 ? acts : nouns.map(({ one, many }) => [one, many] as const),
      verbs: kind.verbs.filter((verb) => isOwn(nounOfVerb(verb))),
    };
  }

  /** The rows of repeated patients are their stays. */
  #addRepeatedStays(entity: Entity): void {
    const happening = this.#happening(entity);
    if (happening.start === undefined) return;
    const patient = { joins: [], column: this.patient!.key.name };
    this.encounters.push({
      ...happening,
      patient,
      traits: [],
      days: undefined,
      kind: encounterKindOf('admission'),
    });
  }

  #addEvent(entity: Entity): void {
    const { table } = entity;
    const subject = this.#subject(table);
    const ofTable = eventKindOf(subject);
    const happening = this.#happening(entity);
    const label = this.#columns.label(table, ofTable);
    const named = kindNamedBy(ofTable, label === undefined ? '' : this.#naming(table, label));
    const isNoted = named.name === 'observation' && !/\bchart/.test(subject) && this.#hasLab;
    const spoken = isNoted ? besideLab(named) : named;
    const bareVerbs = spoken.bareVerbs.filter((verb) => !this.#nouns.hasRival(nounOfVerb(verb), table));
    const kind = { ...spoken, bareVerbs };
    const value = happening.figures.find((column) =>
      /^(value( as)?( num\w*)?|valuenum|(test |lab )?result( value| num\w*)?|numeric value|measured value|amount|volume|value numeric|nval num)$/.test(this.wordsOfColumn(column)),
    ); // prettier-ignore
    const string = (pattern: RegExp): Column | undefined =>
      table.columns.find((column) => isText(column) && pattern.test(this.#columns.tellingWords(column)));
    const dose = happening.figures.find((column) => isDose(this.wordsOfColumn(column)));
    const encounter = this.encounters
      .filter(({ patient }) => patient !== undefined)
      .map((of) => ({ of, joins: this.#joinTo(table, of.table) }))
      .find((link) => link.joins !== undefined);
    const leader = this.events.find((other) => other.kind.name === kind.name && other.leads);
    const leads =
      leader === undefined || (kind.first.test(subject) && !kind.first.test(this.#subject(leader.table)));
    if (leader !== undefined && leads) leader.leads = false;
    this.events.push({
      ...happening,
      kind,
      leads,
      // An allergy lasts: its date is that of the record.
      time: kind.name === 'allergy' ? undefined : this.#timeOf(table, kind, happening.time),
      things: this.#nouns.own(kind.things, table),
      acts: this.#nouns.own(kind.acts, table).filter(([one]) => !this.#nouns.hasRival(one, table)),
      label,
      code: label && this.#columns.codeBeside(label.table, kind),
      value: isNoted ? undefined : value,
      unit: isNoted ? undefined : string(/^(?!.*(duration|quantity|expiration|care)).*(\bunits?\b|\buom\b)/),
      dose,
      route: this.#columns.route(table),
      encounter: encounter && { of: encounter.of, joins: encounter.joins! },
      figures: happening.figures.filter((column) => column !== value && column !== dose),
      isSplit:
        kind.name === 'microbiology' && table.columns.some((c) => PER_DRUG.test(this.wordsOfColumn(c))),
    });
  }

  /** Whether a table holds laboratory results. */
  get #hasLab(): boolean {
    return this.index.bundle.tables.some(
      (table) =>
        this.#roles.ofTable(table).role === 'event' &&
        eventKindOf(this.#subject(table)).name === 'lab' &&
        table.columns.some((column) => this.#roles.ofColumn(column) === 'value' && isNumberColumn(column)),
    );
  }

  /** The time that the verbs of the kind speak of: of two dates a drug is dispensed on its dispense date. */
  #timeOf(table: Table, { done }: EventKind, time: Column | undefined): Column | undefined {
    const isOfVerb = (column: Column): boolean => this.isCalled(column, done);
    if (time === undefined || isOfVerb(time)) return time;
    const verbal = table.columns.filter(
      (column) =>
        isDate(column) &&
        this.#columns.tellingWords(column) !== '' &&
        this.#roles.ofColumn(column) !== 'end' &&
        !/\b(end|stop)\b/.test(this.wordsOfColumn(column)) &&
        !EXPECTED.test(this.wordsOfColumn(column)) &&
        isOfVerb(column),
    );
    return verbal[0] ?? time;
  }

  #subject(table: Table): string {
    return `${this.#words.subjectOf(table)} ${this.#words.ofTable(table).words}`;
  }

  /** The words of the column that names an event; behind a key those of the key too. */
  #naming(table: Table, { joins, column }: ColumnWay): string {
    const keys = joins[0]?.from.columns ?? [];
    const own = table.columns.filter(({ name }) => keys.includes(name));
    return [...own, column].map((one) => this.wordsOfColumn(one)).join(' ');
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
}

/** A day on which something else is expected or happened is not the day of the event. */
const EXPECTED =
  /\b(due|expected|estimated|planned|anticipated|expir\w*|relapse|recurrence|withdrawal|withdrawn|next|birth|death)\b/;
/** Columns of a culture that has a row for each antibiotic. */
const PER_DRUG =
  /\b(antibiotic|antibacterial|antimicrobial|susceptibility|sensitivity|resistance|interpretation|interp)\b/;
const DAYS_OF_STAY =
  /^((icu|hospital|visit|encounter) )?(los|length of stay|days of stay|stay( in)? days|days in (the )?hospital|stay (length|duration)|days stayed|stay)( in)?( days)?$/;

function isDose(words: string): boolean {
  return (
    /\bdose\b/.test(words) &&
    !/\b(number|no|unit|units|sequence|ordinal|frequency|form|count|series)\b/.test(words)
  );
}
