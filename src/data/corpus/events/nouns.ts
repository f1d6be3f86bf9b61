import type { Table } from '../../schema/bundle.js';
import type { SchemaRoles } from '../../schema/roles/infer.js';
import type { SchemaIndex } from '../../schema/schema-index.js';
import type { SchemaWords } from '../../schema/words/derive.js';
import type { Entity } from '../topics/entities.js';
import { singularise } from '../topics/words.js';
import type { EventKind } from './kinds.js';

/** Which nouns mean the events of one table, and of no other. */
export class EventNouns {
  readonly #roles: SchemaRoles;
  readonly #words: SchemaWords;
  readonly #entities: readonly Entity[];

  constructor(
    readonly index: SchemaIndex,
    roles: SchemaRoles,
    words: SchemaWords,
    entities: readonly Entity[],
  ) {
    this.#roles = roles;
    this.#words = words;
    this.#entities = entities;
  }

  /** The nouns of a kind that no other table answers to; its first ones where none would be left. */
  own(nouns: EventKind['acts'], table: Table): EventKind['acts'] {
    const free = nouns.filter(([, many]) => !this.isElsewhere(many, table));
    const own = free.filter(([one]) => !this.#isSynonym(one, table));
    return own.length > 0 ? own : free;
  }

  /** Whether another table of events holds some of what the noun means: ED diagnoses are diagnoses too. */
  hasRival(noun: string, table: Table): boolean {
    return (
      noun !== '' &&
      !DRUG.test(noun) &&
      this.#entities.some(
        (other) =>
          other.table !== table &&
          this.#roles.ofTable(other.table).role === 'event' &&
          other.nouns.some(({ one }) => one === noun || (one.endsWith(` ${noun}`) && !/ of /.test(one))),
      )
    );
  }

  /** Whether another table of events bears the noun as a synonym, or is a test where a bare `test` is said. */
  #isSynonym(one: string, table: Table): boolean {
    return this.index.bundle.tables.some(
      (other) =>
        other !== table &&
        /^(event|encounter)$/.test(this.#roles.ofTable(other).role) &&
        this.#words.ofTable(other).synonyms.some(({ text }) => {
          const noun = singularise(text.toLowerCase());
          return (noun === one && !DRUG.test(one)) || (one === 'test' && / test$/.test(noun));
        }),
    );
  }

  /** Whether the noun, or its plural, is what people call the rows of another table. */
  isElsewhere(noun: string, table: Table): boolean {
    return this.#entities.some(
      (other) => other.table !== table && other.nouns.some(({ one, many }) => one === noun || many === noun),
    );
  }
}

/** What several tables are of: verbs tell them apart. */
const DRUG = /^(drug|medication|medicine)$/;
