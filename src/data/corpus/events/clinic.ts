import { Random } from '../../../base/random.js';
import { foldName } from '../../../tsql/identifier.js';
import type { CodedValue, Column, JoinPath, SchemaBundle, Table } from '../../schema/bundle.js';
import type { ColumnRole, TableRole } from '../../schema/roles/roles.js';
import { columnName, drawStyle, tableName, type NamingStyle } from '../../synthetic/naming.js';

/**
 * Invented schemas of clinics: patients, stays, and what happens to them, with or without catalogues. They have the
 * shapes that databases of this field have: events that hang on the patient, on the stay or on both; names in the event
 * or in a catalogue; one catalogue for each kind or one for all; no table of patients, but stays that repeat them.
 */
export function inventedClinic(n: number): SchemaBundle {
  return new ClinicBuilder(new Random(0xc11c, n)).build(n);
}

type Kind = 'key' | 'date' | 'time' | 'name' | 'code' | 'number' | 'whole' | 'money' | 'flag' | 'text';

interface Extra {
  words: readonly string[];
  kind: Kind;
  role: ColumnRole;
  /** How often the column is there. */
  share: number;
  codes?: readonly CodedValue[];
}

const extra = (words: string, kind: Kind, role: ColumnRole, share = 0.7): Extra => ({
  words: words.split('|'),
  kind,
  role,
  share,
});

const coded = (...values: string[]): CodedValue[] =>
  values.map((text) => {
    const [value = '', ...words] = text.split('=');
    return { value, words: words.join('').split('/') };
  });

const SEXES = [
  coded('M=male/man', 'F=female/woman'),
  coded('1=male/man', '2=female/woman'),
  coded('MALE=male/man', 'FEMALE=female/woman'),
];
const STAY_TYPES = [
  coded('E=emergency', 'U=urgent', 'L=elective/planned', 'N=newborn'),
  coded('IP=inpatient', 'OP=outpatient', 'ER=emergency'),
  coded('1=inpatient', '2=outpatient', '3=emergency', '4=day care'),
];
const MARITAL = [coded('M=married', 'S=single/unmarried', 'D=divorced', 'W=widowed')];

const PERSON: Extra[] = [
  extra('birth date|date of birth|dob', 'date', 'time', 0.85),
  extra('death date|date of death|dod', 'date', 'time', 0.45),
  extra('age|age years', 'whole', 'value', 0.25),
  extra('race', 'code', 'code', 0.45),
  extra('ethnicity', 'code', 'code', 0.25),
  extra('marital status', 'code', 'code', 0.5),
  extra('language|preferred language', 'code', 'code', 0.4),
  extra('religion', 'code', 'code', 0.3),
  extra('city', 'name', 'name', 0.5),
];
const STAY: Extra[] = [
  extra('admission location|admission source', 'code', 'code', 0.5),
  extra('discharge location|discharge destination', 'code', 'code', 0.5),
  extra('insurance|payer', 'code', 'code', 0.5),
  extra('care unit|ward|department', 'code', 'code', 0.4),
  extra('age', 'whole', 'value', 0.15),
];

interface Event {
  nouns: readonly string[];
  labels: readonly string[];
  catalogues: readonly string[];
  time: 'span' | 'moment';
  share: number;
  extras: readonly Extra[];
}

const EVENTS: Event[] = [
  { nouns: ['prescription', 'medication order', 'drug order', 'medication', 'drug', 'prescribed drug'], labels: ['drug', 'drug name', 'medication', 'medication name', 'description', 'drug label'], catalogues: ['drug', 'medication', 'medication item', 'drug dictionary'], time: 'span', share: 0.95, extras: [extra('dose|dose value|dose val', 'number', 'value'), extra('dose unit|unit', 'code', 'unit', 0.6), extra('route', 'code', 'code'), extra('drug code|ndc', 'code', 'code', 0.3), extra('cost|base cost|price', 'money', 'money', 0.3)] },
  { nouns: ['diagnosis', 'condition', 'problem', 'diagnosis icd', 'patient diagnosis'], labels: ['diagnosis name', 'description', 'long title', 'diagnosis', 'condition name', 'short title'], catalogues: ['icd diagnosis', 'diagnosis code', 'diagnosis dictionary', 'disease', 'condition type'], time: 'moment', share: 0.95, extras: [extra('icd code|diagnosis code|code', 'code', 'code', 0.5), extra('severity', 'code', 'code', 0.25), extra('cost', 'money', 'money', 0.12)] },
  { nouns: ['procedure', 'operation', 'surgery', 'procedure icd', 'intervention'], labels: ['procedure name', 'description', 'long title', 'procedure', 'short title'], catalogues: ['icd procedure', 'procedure code', 'procedure type', 'procedure dictionary'], time: 'moment', share: 0.85, extras: [extra('procedure code|icd code|code', 'code', 'code', 0.4), extra('cost|base cost', 'money', 'money', 0.3), extra('status', 'code', 'status', 0.2)] },
  { nouns: ['lab', 'lab result', 'lab event', 'laboratory result', 'measurement', 'test result'], labels: ['test name', 'label', 'lab name', 'test', 'description', 'test label'], catalogues: ['lab item', 'lab test', 'test type', 'lab dictionary', 'measurement type'], time: 'moment', share: 0.9, extras: [extra('value|result value|value num|numeric value|result', 'number', 'value', 1), extra('unit|units|value unit|result unit', 'code', 'unit'), extra('flag|abnormal flag', 'code', 'code', 0.5), extra('fluid|specimen', 'code', 'code', 0.25), extra('cost', 'money', 'money', 0.15)] },
  { nouns: ['vital sign', 'observation', 'chart event', 'vital'], labels: ['label', 'vital name', 'observation name', 'description'], catalogues: ['chart item', 'observation type', 'vital type'], time: 'moment', share: 0.5, extras: [extra('value|value num|numeric value', 'number', 'value', 1), extra('unit|units', 'code', 'unit')] },
  { nouns: ['immunization', 'vaccination'], labels: ['vaccine', 'vaccine name', 'description'], catalogues: ['vaccine', 'vaccine type'], time: 'moment', share: 0.3, extras: [extra('cost|base cost', 'money', 'money', 0.3), extra('dose number', 'whole', 'other', 0.3)] },
  { nouns: ['allergy'], labels: ['allergen', 'description', 'allergy name', 'substance name'], catalogues: ['allergy type', 'allergen'], time: 'span', share: 0.3, extras: [extra('severity', 'code', 'code', 0.5)] },
  { nouns: ['microbiology', 'microbiology event', 'culture'], labels: ['specimen name', 'test name', 'specimen description', 'culture name'], catalogues: ['culture type', 'microbiology item'], time: 'moment', share: 0.3, extras: [extra('organism name', 'name', 'other', 0.5), extra('interpretation', 'code', 'code', 0.4)] },
  { nouns: ['drug administration', 'medication administration', 'infusion'], labels: ['drug', 'medication', 'drug name', 'description'], catalogues: ['infusion item', 'administered drug'], time: 'span', share: 0.35, extras: [extra('amount|dose', 'number', 'value'), extra('amount unit|dose unit', 'code', 'unit', 0.6), extra('route', 'code', 'code', 0.5)] },
  { nouns: ['output event', 'output'], labels: ['label', 'output name', 'description'], catalogues: ['output item', 'output type'], time: 'moment', share: 0.25, extras: [extra('value|volume|amount', 'number', 'value', 1), extra('unit', 'code', 'unit', 0.6)] },
  { nouns: ['device use', 'device'], labels: ['device name', 'description'], catalogues: ['device type'], time: 'span', share: 0.2, extras: [] },
  { nouns: ['care plan'], labels: ['description', 'plan name', 'care plan name'], catalogues: ['care plan type'], time: 'span', share: 0.2, extras: [] },
  { nouns: ['imaging study', 'scan'], labels: ['body site', 'description', 'body part name'], catalogues: ['imaging type'], time: 'moment', share: 0.2, extras: [extra('cost', 'money', 'money', 0.2)] },
]; // prettier-ignore

const PATIENTS = ['patient', 'patient', 'patient', 'person', 'client', 'member', 'individual'];
const STAYS = ['admission', 'admission', 'encounter', 'visit', 'hospital stay', 'inpatient stay', 'stay'];

class ClinicBuilder {
  readonly #random: Random;
  readonly #style: NamingStyle;
  readonly #tables: Table[] = [];
  readonly #names = new Set<string>();
  readonly #keyType: string;
  readonly #textType: string;
  readonly #timeType: string;
  readonly #sharesCatalogue: boolean;
  #shared: Table | undefined;

  constructor(random: Random) {
    this.#random = random;
    this.#style = drawStyle(random);
    this.#keyType = random.pick([
      'int',
      'int',
      'int',
      'bigint',
      'varchar(20)',
      'uniqueidentifier',
      'varchar(36)',
    ]);
    this.#textType = random.pick(['varchar', 'nvarchar']);
    this.#timeType = random.pick(['datetime', 'datetime2', 'datetime2', 'date']);
    this.#sharesCatalogue = random.chance(0.15);
  }

  build(n: number): SchemaBundle {
    const random = this.#random;
    const isFlat = random.chance(0.2);
    const person = random.pick(PATIENTS);
    const stayNoun = random.pick(STAYS);
    const patient = isFlat ? this.#flat(person, stayNoun) : this.#patient(person);
    const hasStays = !isFlat && random.chance(0.85);
    const stay = hasStays ? this.#stay(stayNoun, patient, person) : undefined;
    if (stay !== undefined && random.chance(0.35)) this.#unitStay(patient, person, stay, stayNoun);
    for (const event of EVENTS) {
      if (random.chance(event.share))
        this.#event(event, patient, person, isFlat ? undefined : stay, stayNoun, isFlat);
    }
    return {
      name: `clinic_${n}`,
      title: `Invented clinic ${n}`,
      version: '1',
      source: 'invented by this project',
      licence: 'MIT',
      ...this.#finish(),
    };
  }

  /** A small share of schemas declare no key: their joins are known from elsewhere. */
  #finish(): Pick<SchemaBundle, 'tables' | 'joins'> {
    const tables = this.#tables;
    if (!this.#random.chance(0.08)) return { tables };
    const joins: JoinPath[] = [];
    for (const table of tables) {
      for (const { columns, references } of table.foreignKeys) {
        joins.push({
          from: `${table.name}.${columns[0]}`,
          to: `${references.table}.${references.columns[0]}`,
        });
      }
      table.foreignKeys = [];
    }
    return joins.length === 0 ? { tables } : { tables, joins };
  }

  #table(noun: string, role: TableRole): Table {
    const words = this.#random.chance(0.08) ? `d ${noun}` : noun;
    let name = tableName(role === 'catalogue' ? words : noun, this.#style);
    for (let i = 2; this.#names.has(foldName(name)); i++) name = tableName(`${noun} ${i}`, this.#style);
    this.#names.add(foldName(name));
    const table: Table = {
      name,
      description: `One row for each ${noun}.`,
      role,
      synonyms: [noun],
      primaryKey: [],
      columns: [],
      foreignKeys: [],
    };
    this.#tables.push(table);
    return table;
  }

  #add(table: Table, words: string, kind: Kind, role: ColumnRole, nullable = true): Column {
    const noun = table.synonyms?.[0] ?? '';
    let name = columnName(words, noun, this.#style);
    for (let i = 2; table.columns.some((column) => foldName(column.name) === foldName(name)); i++)
      name = columnName(`${words} ${i}`, noun, this.#style);
    const column: Column = { name, type: this.#typeOf(kind), nullable, role };
    table.columns.push(column);
    return column;
  }

  #key(table: Table, noun: string): Column {
    const words = this.#style.key.replace('noun', noun);
    const column = this.#add(table, words, 'key', 'key', false);
    table.primaryKey = [column.name];
    return column;
  }

  #refer(table: Table, to: Table, noun: string, nullable = false): void {
    const target = to.columns.find(({ name }) => name === to.primaryKey[0])!;
    const words = this.#style.key === 'id' ? `${noun} id` : this.#style.key.replace('noun', noun);
    const column = this.#add(table, words, 'key', 'foreign-key', nullable);
    column.type = target.type;
    table.foreignKeys.push({
      columns: [column.name],
      references: { table: to.name, columns: [target.name] },
    });
  }

  #addAll(table: Table, extras: readonly Extra[]): void {
    for (const { words, kind, role, share } of extras) {
      if (this.#random.chance(share)) this.#add(table, this.#random.pick(words), kind, role);
    }
  }

  #person(table: Table): void {
    const random = this.#random;
    switch (random.int(3)) {
      case 0:
        this.#add(table, 'first name', 'name', 'name');
        this.#add(table, 'last name', 'name', 'name');
        break;
      case 1:
        this.#add(table, 'name', 'name', 'name');
    }
    const sex = this.#add(table, random.pick(['sex', 'gender']), 'code', 'code');
    if (random.chance(0.55)) this.#code(sex, random.pick(SEXES));
    this.#addAll(table, PERSON);
    const marital = table.columns.find(({ name }) => /marital/i.test(name));
    if (marital !== undefined && random.chance(0.3)) this.#code(marital, MARITAL[0]!);
  }

  #code(column: Column, codes: readonly CodedValue[]): void {
    column.codes = [...codes];
    if (codes.every(({ value }) => /^\d+$/.test(value)) && this.#random.chance(0.7)) column.type = 'int';
  }

  #patient(noun: string): Table {
    const table = this.#table(noun, 'patient');
    this.#key(table, noun);
    this.#person(table);
    return table;
  }

  /** One row for each stay, with the patient repeated. */
  #flat(person: string, stay: string): Table {
    const table = this.#table(this.#random.pick(['demographic', `${person} ${stay}`, person]), 'patient');
    const id = this.#add(table, `${person} id`, 'key', 'foreign-key', false);
    const key = this.#key(table, this.#style.key === 'id' ? 'row' : stay);
    if (foldName(key.name) === foldName(id.name)) key.name = `${key.name}2`;
    this.#person(table);
    this.#stayColumns(table);
    return table;
  }

  #stayColumns(table: Table): void {
    const random = this.#random;
    const [start, end] = random.pick([['admission time', 'discharge time'], ['start time', 'end time'], ['admit date', 'discharge date'], ['in time', 'out time'], ['start date', 'stop date']] as const); // prettier-ignore
    this.#add(table, start, 'time', 'start', false);
    this.#add(table, end, 'time', 'end');
    const type = this.#add(
      table,
      random.pick(['admission type', 'type', 'encounter class', 'visit type']),
      'code',
      'code',
    );
    if (random.chance(0.45)) this.#code(type, random.pick(STAY_TYPES));
    this.#addAll(table, STAY);
  }

  #stay(noun: string, patient: Table, person: string): Table {
    const table = this.#table(noun, 'encounter');
    this.#key(table, noun);
    this.#refer(table, patient, person);
    this.#stayColumns(table);
    return table;
  }

  #unitStay(patient: Table, person: string, stay: Table, stayNoun: string): void {
    const table = this.#table('icu stay', 'encounter');
    this.#key(table, 'icu stay');
    if (this.#random.chance(0.6)) this.#refer(table, patient, person);
    this.#refer(table, stay, stayNoun);
    this.#add(table, 'in time', 'time', 'start', false);
    this.#add(table, 'out time', 'time', 'end');
    this.#addAll(table, [extra('care unit', 'code', 'code', 0.6)]);
  }

  #event(
    event: Event,
    patient: Table,
    person: string,
    stay: Table | undefined,
    stayNoun: string,
    isFlat: boolean,
  ): void {
    const random = this.#random;
    const noun = random.pick(event.nouns);
    const table = this.#table(noun, 'event');
    if (random.chance(0.75)) this.#key(table, noun);
    if (isFlat) {
      const id = patient.columns[0]!;
      this.#add(table, `${person} id`, 'key', 'foreign-key', false).type = id.type;
      this.#refer(table, patient, this.#style.key === 'id' ? 'row' : stayNoun);
    } else {
      const toStay = stay !== undefined && random.chance(0.75);
      if (!toStay || random.chance(0.6)) this.#refer(table, patient, person);
      if (toStay) this.#refer(table, stay, stayNoun, random.chance(0.3));
    }
    if (this.#sharesCatalogue || random.chance(0.45)) {
      const catalogue = this.#catalogueOf(event);
      this.#refer(table, catalogue, this.#sharesCatalogue ? `${noun} concept` : catalogue.synonyms![0]!);
    } else this.#add(table, random.pick(event.labels), 'name', 'name');
    if (event.time === 'span') {
      const [start, end] = random.pick([['start date', 'stop date'], ['start time', 'end time'], ['start', 'stop']] as const); // prettier-ignore
      this.#add(table, start, 'time', 'start', false);
      this.#add(table, end, 'time', 'end');
    } else if (random.chance(0.9))
      this.#add(
        table,
        random.pick(['chart time', 'date', 'recorded time', `${noun.split(' ')[0]} date`, 'time']),
        'time',
        'time',
        false,
      );
    this.#addAll(table, event.extras);
  }

  /** The catalogue of an event's kind, or the one catalogue of the schema. */
  #catalogueOf(event: Event): Table {
    const random = this.#random;
    if (this.#sharesCatalogue && this.#shared !== undefined) return this.#shared;
    const noun = this.#sharesCatalogue ? random.pick(['concept', 'term']) : random.pick(event.catalogues);
    const table = this.#table(noun, 'catalogue');
    this.#key(table, noun);
    if (random.chance(0.5)) this.#add(table, this.#sharesCatalogue ? 'concept code' : 'code', 'code', 'code');
    this.#add(
      table,
      random.pick(['label', 'name', 'long title', 'description', `${noun} name`]),
      'name',
      'name',
      false,
    );
    if (random.chance(0.25)) this.#add(table, 'short title', 'name', 'other');
    if (random.chance(0.3)) this.#add(table, 'category', 'code', 'code');
    if (this.#sharesCatalogue) this.#shared = table;
    return table;
  }

  #typeOf(kind: Kind): string {
    const random = this.#random;
    switch (kind) {
      case 'key':
        return this.#keyType;
      case 'date':
        return random.chance(0.8) ? 'date' : 'datetime2';
      case 'time':
        return this.#timeType;
      case 'name':
        return `${this.#textType}(${random.pick([50, 100, 200, 255])})`;
      case 'code':
        return `${this.#textType}(${random.pick([10, 20, 50])})`;
      case 'number':
        return random.pick(['decimal(18,3)', 'float', 'numeric(10,2)', 'float']);
      case 'whole':
        return random.pick(['int', 'smallint']);
      case 'money':
        return random.pick(['money', 'decimal(12,2)', 'decimal(18,2)']);
      case 'flag':
        return 'bit';
      case 'text':
        return `${this.#textType}(max)`;
    }
  }
}
