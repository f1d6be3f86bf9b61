import { foldName, foldTableName } from '../../../tsql/identifier.js';
import type { SchemaJoin } from '../../schema/join-graph.js';
import {
  column,
  type QueryExpression,
  type QueryPredicate,
  type QueryProgram,
} from '../statement/program.js';
import type { ColumnWay } from './columns.js';
import type { EncounterTable, EventModel, EventTable, PatientTable } from './model.js';

/** A table that happens to patients. */
export type Happening = EventTable | EncounterTable;

/** Builds a program over events. Joins are added in the order of first use, each once. */
export class EventQuery {
  readonly program: QueryProgram;
  readonly #sources = new Map<string, number>();

  constructor(
    readonly model: EventModel,
    root: string,
  ) {
    this.program = {
      distinct: false,
      select: [],
      from: [{ table: root }],
      where: [],
      groupBy: [],
      orderBy: [],
    };
  }

  /** The source at the end of the joins, which start at a source. */
  follow(from: number, joins: readonly SchemaJoin[], kind: 'INNER' | 'LEFT' = 'INNER'): number {
    let at = from;
    for (const join of joins) at = this.#step(at, join, kind);
    return at;
  }

  /** A column of the source, or of a table that its joins reach. */
  column(way: ColumnWay, from: number): QueryExpression {
    return column(this.follow(from, way.joins), way.column.name);
  }

  filter(...predicates: QueryPredicate[]): void {
    this.program.where.push(...predicates);
  }

  /** The key of the patient to whom the row of an event belongs. */
  patientKey(event: Happening, at: number): QueryExpression {
    const { joins, column: name } = event.patient!;
    return column(this.follow(at, joins), name);
  }

  /** The source of the patient of an event; undefined if no join leads there. */
  toPatient(event: Happening, at: number): number | undefined {
    const { patient } = this.model;
    const join = patient && patientJoin(this.model, event, patient);
    return join && this.follow(this.follow(at, event.patient!.joins), [join]);
  }

  /** Joins an event to its patient, who is a source; undefined if no join leads there. */
  fromPatient(event: Happening, patient: number): number | undefined {
    const link = this.model.patient && patientJoin(this.model, event, this.model.patient);
    if (link === undefined) return undefined;
    const back = [reversed(link), ...[...event.patient!.joins].reverse().map(reversed)];
    // Two events are two rows, on the way too: two drugs may come of two orders. What is one row is shared.
    const at = back.reduce(
      (last, join) => (join.to.unique ? this.#step(last, join, 'INNER') : this.#add(last, join, 'INNER')),
      patient,
    );
    // The row itself says that it happened: an order is a test if the table of tests has it.
    const { join } = this.program.from[at]!;
    if (join !== undefined) join.isSaid = true;
    return at;
  }

  /**
   * Left-joins the event of a patient and keeps the patients without one. The filter belongs to the event.
   * @returns undefined if the event is more than one join away
   */
  without(
    event: Happening,
    patient: number,
    where: (at: number) => QueryPredicate[],
  ): QueryPredicate | undefined {
    const link = this.model.patient && patientJoin(this.model, event, this.model.patient);
    if (link === undefined || event.patient!.joins.length > 0) return undefined;
    const at = this.#add(patient, reversed(link), 'LEFT');
    const filter = where(at);
    if (filter.length > 0) this.program.from[at]!.join!.where = filter;
    return { kind: 'null', of: column(at, link.from.columns[0]!), negated: false };
  }

  /** Left-joins the event of a patient, so that patients without one stay; undefined if no single join leads there. */
  beside(event: Happening, patient: number): number | undefined {
    const link = this.model.patient && patientJoin(this.model, event, this.model.patient);
    if (link === undefined || event.patient!.joins.length > 0) return undefined;
    return this.#add(patient, reversed(link), 'LEFT');
  }

  #step(from: number, join: SchemaJoin, kind: 'INNER' | 'LEFT'): number {
    const key = `${from} ${join.from.columns.join()} ${join.to.table} ${join.to.columns.join()}`;
    let at = this.#sources.get(key);
    if (at === undefined) this.#sources.set(key, (at = this.#add(from, join, kind)));
    return at;
  }

  #add(from: number, join: SchemaJoin, kind: 'INNER' | 'LEFT'): number {
    const at = this.program.from.length;
    const on = join.from.columns.map((name, i) => ({
      left: { source: from, column: name },
      right: { source: at, column: join.to.columns[i]! },
    }));
    this.program.from.push({ table: join.to.table, join: { kind, on } });
    return at;
  }
}

function reversed({ from, to, declared }: SchemaJoin): SchemaJoin {
  return { from: to, to: from, declared };
}

/** The join from the table that holds an event's patient to the patients. */
function patientJoin(model: EventModel, event: Happening, patient: PatientTable): SchemaJoin | undefined {
  const way = event.patient;
  if (way === undefined) return undefined;
  const holder = way.joins.at(-1)?.to.table ?? event.table.name;
  return model.index
    .joinsBetween(holder, patient.table.name)
    .find(
      (join) =>
        (patient.repeats && join.to.unique) ||
        (join.from.columns.length === 1 &&
          foldName(join.from.columns[0]!) === foldName(way.column) &&
          foldName(join.to.columns[0]!) === foldName(patient.key.name)),
    );
}

export function canReachPatient(model: EventModel, event: Happening): boolean {
  return model.patient !== undefined && patientJoin(model, event, model.patient) !== undefined;
}

export function isSameTable(a: { table: { name: string } }, b: { table: { name: string } }): boolean {
  return foldTableName(a.table.name) === foldTableName(b.table.name);
}

export const NOW: QueryExpression = { kind: 'now' };

export function isNull(of: QueryExpression, negated = false): QueryPredicate {
  return { kind: 'null', of, negated };
}
