import type { SchemaIndex } from '../schema/schema-index.js';
import { buildEntityGraph, type Attribute, type Entity, type EntityGraph } from './entities.js';
import type { CorpusKnobs } from './knobs.js';

/**
 * What may be asked about one schema under one set of knobs: entities with the attributes that the knobs leave,
 * sorted by use. Built once per schema; the generator only picks from it.
 */
export class Topics {
  readonly graph: EntityGraph;
  readonly all: Topic[];

  constructor(
    readonly index: SchemaIndex,
    knobs: Pick<CorpusKnobs, 'tables' | 'joinDepth'>,
  ) {
    this.graph = buildEntityGraph(index, knobs.joinDepth);
    this.all = this.graph.entities
      .filter((entity) => knobs.tables === undefined || entity.table.name in knobs.tables)
      .map((entity) => {
        const named = knobs.tables?.[entity.table.name] ?? null;
        // The list limits the entity's own columns; what lies across a key is limited by the target's own list.
        const attributes = entity.attributes.filter((attribute) => {
          if (attribute.path.length === 0) return named === null || named.includes(attribute.column.name);
          if (knobs.tables === undefined) return true;
          const target = knobs.tables[attribute.table.name];
          return target === null || (target?.includes(attribute.column.name) ?? false);
        });
        return new Topic(entity, attributes);
      })
      .filter((topic) => topic.attributes.length > 0);
  }

  topicOf(entity: Entity): Topic | undefined {
    return this.all.find((topic) => topic.entity === entity);
  }
}

/** Attributes of one use: the entity's own columns, and those of other tables. */
export interface Pool {
  own: Attribute[];
  joined: Attribute[];
}

export class Topic {
  private readonly pools = new Map<string, Pool>();

  constructor(
    readonly entity: Entity,
    readonly attributes: readonly Attribute[],
  ) {}

  /** The attributes for which `fits` holds; remembered under `use`, so `use` has to name the test. */
  pool(use: string, fits: (attribute: Attribute) => boolean): Pool {
    let pool = this.pools.get(use);
    if (pool === undefined) {
      const fitting = this.attributes.filter(fits);
      pool = {
        own: fitting.filter((attribute) => attribute.path.length === 0),
        joined: fitting.filter((attribute) => attribute.path.length > 0),
      };
      this.pools.set(use, pool);
    }
    return pool;
  }
}
