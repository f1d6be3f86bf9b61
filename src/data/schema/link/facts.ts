import { foldName } from '../../../tsql/identifier.js';
import type { Table } from '../bundle.js';
import type { SchemaJoin } from '../join-graph.js';
import { rolesOf } from '../roles/infer.js';
import { wordsOf, type SchemaWords } from '../words/derive.js';
import type { ColumnRole, TableRole } from '../roles/roles.js';
import type { SchemaColumn, SchemaIndex } from '../schema-index.js';

/** A join as numbers. */
export interface FactJoin {
  from: number;
  to: number;
  /** Columns of both sides, which the join needs. */
  columns: readonly number[];
  /** The foreign key's only column, if the join leaves the table through one. */
  key: number | undefined;
  isDeclared: boolean;
}

/** A table of what happens to patients. */
export interface FactEvent {
  table: number;
  /** How likely people mean it, before the question is read. */
  usual: number;
  /** Whether its rows are readings. They are taken at one moment; an order, which ends, has amounts seldom asked for. */
  holdsValues: boolean;
}

/**
 * A schema as the linker works on it: tables and columns are numbers, in the bundle's order, and what every question
 * needs is looked up once.
 */
export class LinkFacts {
  readonly tables: readonly Table[];
  readonly columns: readonly SchemaColumn[];
  /** The first column of each table, and the number of columns at the end. */
  readonly firstColumn: Int32Array;
  readonly columnsOf: readonly (readonly number[])[];
  readonly tableOf: Int32Array;
  /** The columns of each table's primary key. */
  readonly keys: readonly (readonly number[])[];
  readonly joins: readonly (readonly FactJoin[])[];
  /** Columns of one name share a number. */
  readonly nameGroup: Int32Array;
  readonly tableRoles: readonly TableRole[];
  readonly columnRoles: readonly ColumnRole[];
  /** Whether other tables point to a table with several keys: a code list, a list of users. */
  readonly isLookup: readonly boolean[];
  /** The columns that say when, to whom and in which encounter a row happened. */
  readonly skeletons: readonly (readonly number[])[];
  /** The catalogues that name what an event is about. */
  readonly catalogues: readonly (readonly number[])[];
  /** The catalogues of an event that say what it is of, and not in which state or by which route. */
  readonly naming: readonly (readonly number[])[];
  /** The tables between an event and its patient: the order behind an order of a drug. */
  readonly ways: readonly (readonly number[])[];
  /** 1 for an event that people mean first: a diagnosis before a condition, a prescription before what is dispensed. */
  readonly isUsual: Uint8Array;
  /** What happens to patients, where rows say to whom or when. */
  readonly events: readonly FactEvent[];
  /** The columns of a patients' table that say when they were born. */
  readonly births: readonly (readonly number[])[];
  /** The columns of a patients' table that tell of people: sex, race, language. */
  readonly traits: readonly (readonly number[])[];
  /** 1 for an encounter that is a part of another one, and that all events name with it: it adds nothing to say where. */
  readonly isPartOfEncounter: Uint8Array;
  /** The encounters behind an event that only some events have: a stay in intensive care, beside the admission. */
  readonly specialEncounters: readonly (readonly number[])[];
  /** Whether a column says whose row it is, or which: the table's own key, or a key to anything but a catalogue. */
  readonly isRowKey: Uint8Array;
  /** How likely a question needs a column of a table that it names, whatever it asks. */
  readonly fillerStrength: Float64Array;
  readonly #places = new Map<string, number>();
  readonly #paths = new Map<number, readonly FactJoin[] | null>();

  constructor(readonly index: SchemaIndex) {
    const roles = rolesOf(index.bundle);
    this.tables = index.tables;
    this.columns = index.tables.flatMap((table) => index.columns(table.name));
    this.firstColumn = new Int32Array(this.tables.length + 1);
    this.tableOf = new Int32Array(this.columns.length);
    this.nameGroup = new Int32Array(this.columns.length);
    const groups = new Map<string, number>();
    const placeOf = new Map(this.tables.map((table, place) => [table, place]));
    let at = 0;
    this.tables.forEach((table, place) => {
      this.#places.set(table.name, place);
      this.firstColumn[place] = at;
      at += table.columns.length;
    });
    this.firstColumn[this.tables.length] = at;
    this.columnsOf = this.tables.map(({ columns }, place) =>
      columns.map((_, i) => this.firstColumn[place]! + i),
    );
    this.columns.forEach(({ table, column }, i) => {
      const name = foldName(column.name);
      if (!groups.has(name)) groups.set(name, groups.size);
      this.nameGroup[i] = groups.get(name)!;
      this.tableOf[i] = placeOf.get(table)!;
    });
    this.keys = this.tables.map((table, place) =>
      table.primaryKey.map((name) => this.columnNamed(place, name)),
    );
    this.joins = this.tables.map(({ name }) => index.joinsFrom(name).map((join) => this.#join(join)));
    this.tableRoles = this.tables.map((table) => roles.ofTable(table).role);
    this.columnRoles = this.columns.map(({ column }) => roles.ofColumn(column));
    this.skeletons = this.tables.map((table, place) => {
      const { time, patient, encounter } = roles.ofTable(table);
      return [patient, encounter, time].flatMap((name) =>
        name === undefined ? [] : [this.columnNamed(place, name)],
      );
    });
    this.catalogues = this.joins.map((joins, place) =>
      this.tableRoles[place] !== 'event'
        ? []
        : joins
            .filter(({ to, key }) => key !== undefined && this.tableRoles[to] === 'catalogue')
            .map(({ to }) => to),
    );
    const words = wordsOf(index.bundle);
    this.naming = this.joins.map((joins, place) => this.#naming(joins, place, words));
    this.ways = this.joins.map((joins, place) => {
      if (this.tableRoles[place] !== 'event' || roles.ofTable(this.tables[place]!).patient !== undefined)
        return [];
      const way = joins.find(
        ({ to, key }) =>
          this.tableRoles[to] !== 'patient' &&
          roles.ofTable(this.tables[to]!).patient !== undefined &&
          (key !== undefined || this.keys[to]!.length === 1),
      );
      return way === undefined ? [] : [way.to];
    });
    const told = (pattern: RegExp): number[][] =>
      this.tables.map((table, place) =>
        this.tableRoles[place] !== 'patient'
          ? []
          : table.columns.flatMap((column, i) =>
              pattern.test(words.ofColumn(column).words) ? [this.firstColumn[place]! + i] : [],
            ),
      );
    const isDate = (column: number): boolean => this.columns[column]!.type.family === 'date';
    this.births = told(BIRTH).map((columns) =>
      columns
        .filter((column) => this.columns[column]!.type.family !== 'string')
        .sort((a, b) => Number(isDate(b)) - Number(isDate(a)) || a - b),
    );
    this.traits = told(TRAIT);
    this.isUsual = Uint8Array.from(this.tables, (table) => {
      const { words: name, synonyms } = words.ofTable(table);
      return [name, ...synonyms.map(({ text }) => text.toLowerCase())].some((one) => USUAL_EVENT.test(one))
        ? 1
        : 0;
    });
    this.events = this.tables.flatMap((_, table) => this.#event(table));
    const parts = this.#partsOfEncounters();
    this.isPartOfEncounter = Uint8Array.from(this.tables, (_, place) => (parts.get(place) === true ? 1 : 0));
    this.specialEncounters = this.joins.map((joins, place) =>
      this.tableRoles[place] !== 'event'
        ? []
        : joins.filter(({ to, key }) => key !== undefined && parts.get(to) === false).map(({ to }) => to),
    );
    this.isLookup = this.tables.map(({ name }) => index.graph.isLookup(name));
    this.isRowKey = Uint8Array.from(this.columns, (_, column) => (this.#isRowKey(column) ? 1 : 0));
    this.fillerStrength = Float64Array.from(this.columns, (ref, i) =>
      fillerStrength(ref, this.columnRoles[i]!),
    );
  }

  #event(table: number): FactEvent[] {
    if (this.tableRoles[table] !== 'event') return [];
    const skeleton = Math.max(...[table, ...this.ways[table]!].map((one) => this.skeletons[one]!.length));
    if (skeleton === 0) return [];
    const has = (role: ColumnRole): boolean =>
      this.columnsOf[table]!.some((column) => this.columnRoles[column] === role);
    const isNamed = this.catalogues[table]!.length > 0;
    return [
      {
        table,
        usual: skeleton + (isNamed ? 1 : 0) + (this.isUsual[table] === 1 ? 2 : 0),
        holdsValues: has('value') && !has('end'),
      },
    ];
  }

  /** The catalogues behind the keys that are named after the event or after nothing in particular. */
  #naming(joins: readonly FactJoin[], place: number, words: SchemaWords): number[] {
    if (this.tableRoles[place] !== 'event') return [];
    const subject = words.subjectOf(this.tables[place]!).split(' ');
    return joins
      .filter(({ to, key }) => {
        if (key === undefined || !/^(catalogue|other)$/.test(this.tableRoles[to]!)) return false;
        const said = words.ofColumn(this.columns[key]!.column).words;
        if (NOT_NAMING.test(said) || !this.#hasName(to, words)) return false;
        return NAMING.test(said) || subject.some((word) => said.split(' ').includes(word));
      })
      .sort((a, b) => this.#nameLength(a.key!) - this.#nameLength(b.key!))
      .slice(0, 1)
      .map(({ to }) => to);
  }

  #nameLength(column: number): number {
    return this.columns[column]!.column.name.length;
  }

  /** Whether a column of the table names its rows in full. */
  #hasName(table: number, words: SchemaWords): boolean {
    return this.tables[table]!.columns.some(
      (column, i) =>
        this.columnRoles[this.firstColumn[table]! + i] === 'name' &&
        !/short|abbrev|synonym/.test(words.ofColumn(column).words),
    );
  }

  /** The encounters that are parts of another one; true if every event that names the whole names the part too. */
  #partsOfEncounters(): Map<number, boolean> {
    const places = this.tables.map((_, place) => place);
    const encounters = places.filter((place) => this.tableRoles[place] === 'encounter');
    const events = places.filter((place) => this.tableRoles[place] === 'event');
    const names = (table: number, other: number): boolean =>
      this.joins[table]!.some(({ to, key }) => key !== undefined && to === other);
    const parts = new Map<number, boolean>();
    for (const part of encounters) {
      const wholes = encounters.filter((whole) => whole !== part && names(part, whole));
      if (wholes.length === 0) continue;
      const addsNothing = (whole: number): boolean =>
        events.every((event) => !names(event, whole) || names(event, part));
      parts.set(part, wholes.some(addsNothing));
    }
    return parts;
  }

  #isRowKey(column: number): boolean {
    const role = this.columnRoles[column]!;
    if (role !== 'key' && role !== 'foreign-key') return false;
    const joins = this.joins[this.tableOf[column]!]!.filter(({ key }) => key === column);
    return joins.every(({ to }) => this.tableRoles[to] !== 'catalogue');
  }

  placeOf(table: string): number {
    return this.#places.get(table) ?? this.#places.get(this.index.table(table)?.name ?? '') ?? -1;
  }

  /** The column of that name in any case; -1 if there is none. */
  columnNamed(table: number, name: string): number {
    const column = this.index.column(this.tables[table]!.name, name)?.column;
    return column === undefined ? -1 : this.firstColumn[table]! + this.tables[table]!.columns.indexOf(column);
  }

  /** The most natural way from the nearest of the tables to another; undefined if there is none. */
  path(from: readonly number[], to: number): readonly FactJoin[] | undefined {
    const { graph } = this.index;
    let best: number | undefined;
    let least = Infinity;
    for (const table of from) {
      const distance = graph.distance(this.tables[table]!.name, this.tables[to]!.name);
      if (distance < least || (distance === least && best !== undefined && table < best))
        [best, least] = [table, distance];
    }
    return best === undefined ? undefined : this.#path(best, to);
  }

  #path(from: number, to: number): readonly FactJoin[] | undefined {
    const key = from * this.tables.length + to;
    let path = this.#paths.get(key);
    if (path === undefined) {
      const joins = this.index.graph.path([this.tables[from]!.name], this.tables[to]!.name);
      this.#paths.set(key, (path = joins?.map((join) => this.#join(join)) ?? null));
    }
    return path ?? undefined;
  }

  #join({ from, to, declared }: SchemaJoin): FactJoin {
    const [source, target] = [this.placeOf(from.table), this.placeOf(to.table)];
    const columns = [
      ...from.columns.map((name) => this.columnNamed(source, name)),
      ...to.columns.map((name) => this.columnNamed(target, name)),
    ];
    const isKey = from.columns.length === 1 && !from.unique;
    return {
      from: source,
      to: target,
      columns,
      key: isKey ? columns[0] : undefined,
      isDeclared: declared,
    };
  }
}

/** Not the month or the day alone. */
const BIRTH =
  /\b(birth ?(date|day|year|datetime|time|timestamp|dt|dy)?|dob|born|age)$|\byear of birth\b|\bbirth date ?time\b/;
const USUAL_EVENT =
  /^((hospital |encounter )?diagnos[ei]s|prescriptions?|(medication|drug) (order|request)s?|lab(oratory)? (test|result)s?|procedures?)$/;
const TRAIT = /\b(sex|gender|marital|civil|race|ethnic\w*|language|religion)\b/;
/** Keys that say what an event is of. */
const NAMING =
  /^(concept|item|code|icd|event|type|service|test|term|cause|organism|germ|bacterium)\b|\b(drug|medic|diagnos|condition|procedure|vaccin|allergen|analyte|device|implant)/;
/** Keys that say who, where, how or in which state. */
const NOT_NAMING =
  /status|\b(state|stage|outcome|priority|category|method|site|reason|route|unit|units|modifier|value|class|severity|visit|gender|provider|location|frequency|by|creator|order|encounter|patient|person|specimen|form|payer|previous)\b|\btype concept\b/;

const known = new WeakMap<SchemaIndex, LinkFacts>();

export function factsOf(index: SchemaIndex): LinkFacts {
  let facts = known.get(index);
  if (!facts) known.set(index, (facts = new LinkFacts(index)));
  return facts;
}

const STRENGTH: Partial<Record<ColumnRole, number>> = {
  name: 2, time: 1.5, start: 1.5, end: 1.5, value: 1, money: 1, status: 1, code: 0.8, key: 0, 'foreign-key': 0,
}; // prettier-ignore

function fillerStrength({ column, type, isForeignKey }: SchemaColumn, role: ColumnRole): number {
  const named = /name|label|title/i.test(column.name) ? 1 : 0;
  const usual = isForeignKey ? 0 : (STRENGTH[role] ?? 0.5);
  return named + usual + (type.family === 'date' ? 0.2 : 0) + ((column.synonyms?.length ?? 0) > 0 ? 1 : 0);
}
