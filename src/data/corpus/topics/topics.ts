import { SchemaIndex } from '../../schema/schema-index.js';
import type { Table } from '../../schema/bundle.js';
import { rolesOf } from '../../schema/roles/infer.js';
import { isPlumbing } from './administrative.js';
import { buildEntityGraph, type Attribute, type Entity } from './entities.js';
import { EventModel } from '../events/model.js';
import type { CorpusKnobs } from '../knobs.js';
import { PromptSchemas } from '../prompt-schema.js';
import { restrictBundle } from './restrict.js';
import { isPlainNoun } from './plain.js';
import type { Speech } from './speech.js';

/**
 * What can be asked about one schema: entities with their attributes, grouped by use. Built once per schema; the
 * generator only picks from it.
 */
export class Topics {
  readonly index: SchemaIndex;
  /** The tables that questions begin with. */
  readonly all: Topic[];
  readonly prompts: PromptSchemas;
  readonly #entities: readonly Entity[];
  #events: EventModel | undefined;

  /** @param speech what people call its tables and columns; by default the words of their names */
  constructor(schema: SchemaIndex, knobs: Pick<CorpusKnobs, 'tables' | 'joinDepth'>, speech?: Speech) {
    this.index =
      knobs.tables === undefined ? schema : new SchemaIndex(restrictBundle(schema.bundle, knobs.tables));
    this.prompts = new PromptSchemas(this.index);
    const all = buildEntityGraph(this.index, knobs.joinDepth, speech).entities.map(
      (entity) => new Topic(entity),
    );
    // People ask about patients and what happens to them, and seldom about codes and what holds a schema together.
    const roles = rolesOf(this.index.bundle);
    const asked = all.filter(({ entity }) => {
      const { role } = roles.ofTable(entity.table);
      if (role === 'catalogue' || !isPlainNoun(entity.nouns[0]!.one)) return false;
      if (isSplit(entity.table)) return false;
      return !(/^(other|event)$/.test(role) && isPlumbing(entity.nouns[0]!.one));
    });
    this.all = asked.length > 0 ? asked : all;
    this.#entities = all.map(({ entity }) => entity);
  }

  /** Whether the schema moves its dates by a century to hide them. */
  get hasShiftedDates(): boolean {
    return this.index.bundle.tables.some(({ columns }) => columns.some(({ name }) => SHIFTS.test(name)));
  }

  /** Who, what and when of the schema; built on first use. */
  get events(): EventModel {
    return (this.#events ??= new EventModel(this.index, this.#entities));
  }
}

/** A culture may have a row for each antibiotic: its rows are not what people count. */
function isSplit({ name, columns }: Table): boolean {
  return /micro|cultur/i.test(name) && columns.some((column) => /antib|suscept|^ab_/i.test(column.name));
}

/** Columns that say by how much the dates of a patient are moved. */
const SHIFTS = /^(anchor_year(_group)?|date_shift|shift_days)$/i;

/** The attributes for one use: the entity's own columns, and columns of joined tables. */
export interface Pool {
  own: Attribute[];
  joined: Attribute[];
}

export class Topic {
  private readonly pools = new Map<string, Pool>();

  constructor(readonly entity: Entity) {}

  /** True if one of the entity's own columns is called by the phrase. */
  says(phrase: string): boolean {
    return this.entity.attributes.some(({ path, phrases }) => path.length === 0 && phrases.includes(phrase));
  }

  /** The attributes for which `fits` is true, cached under `use`: each predicate needs its own `use`. */
  pool(use: string, fits: (attribute: Attribute) => boolean): Pool {
    let pool = this.pools.get(use);
    if (pool === undefined) {
      const fitting = this.entity.attributes.filter(fits);
      pool = {
        own: fitting.filter((attribute) => attribute.path.length === 0),
        joined: fitting.filter((attribute) => attribute.path.length > 0),
      };
      this.pools.set(use, pool);
    }
    return pool;
  }
}
