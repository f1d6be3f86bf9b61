import { Random } from '../../base/random.js';
import type { Column, ForeignKey, JoinPath, SchemaBundle, Table } from '../schema/bundle.js';
import { foldName } from '../../tsql/identifier.js';
import { conceptsOf, type AttributeType, type Concept, type Domain } from './concepts.js';
import { columnName, drawStyle, saysItsWords, tableName, type NamingStyle } from './naming.js';

/** Number of tables in the smallest and the largest invented schema. */
export const SYNTHETIC_TABLES = [3, 60] as const;

/**
 * An invented schema: plausible tables, columns, keys and types in one naming style, so that a model must read the
 * schema in its prompt. The number determines the schema. It passes `checkBundle`, and foreign keys connect all of its
 * tables.
 */
export function syntheticSchema(n: number): SchemaBundle {
  const random = new Random(0x5eed5, n);
  const domain: Domain = random.chance(0.75) ? 'clinical' : 'operations';
  const [low, high] = SYNTHETIC_TABLES;
  // Sizes are uniform in their logarithm: many small schemas, a few large ones.
  const size = Math.round(low * (high / low) ** (random.int(1001) / 1000));
  const builder = new SchemaBuilder(random, drawStyle(random));
  for (const concept of chooseConcepts(random, domain, size)) builder.add(concept);
  builder.fillUpTo(size);
  return {
    name: `synthetic_${n}`,
    title: `Synthetic schema ${n}`,
    version: '1',
    source: 'invented by this project',
    licence: 'MIT',
    ...builder.finish(),
  };
}

/** Picks connected concepts: each new one refers to a chosen one, or a chosen one refers to it. */
function chooseConcepts(random: Random, domain: Domain, size: number): Concept[] {
  const all = conceptsOf(domain);
  const chosen = [domain === 'clinical' && random.chance(0.8) ? all[0]! : random.pick(all)];
  while (chosen.length < size) {
    const near = all.filter((one) => !chosen.includes(one) && chosen.some((other) => isLinked(one, other)));
    if (near.length === 0) break;
    chosen.push(random.pick(near));
  }
  return chosen;
}

function isLinked(a: Concept, b: Concept): boolean {
  const refers = (from: Concept, to: Concept): boolean =>
    from.references.some(({ concept }) => concept === to.noun);
  return refers(a, b) || refers(b, a);
}

interface Built {
  noun: string;
  table: Table;
}

class SchemaBuilder {
  private readonly built: Built[] = [];
  private readonly concepts: Concept[] = [];
  private readonly names = new Set<string>();
  private readonly keyType: string;
  private readonly dateType: string;
  private readonly textType: string;
  private readonly optionalShare: number;
  private readonly speaks: boolean;
  private readonly isUndeclared: boolean;

  constructor(
    private readonly random: Random,
    private readonly style: NamingStyle,
  ) {
    this.keyType = random.pick([
      'int',
      'int',
      'int',
      'bigint',
      'uniqueidentifier',
      'varchar(20)',
      'numeric(10)',
    ]);
    this.dateType = random.pick(['datetime', 'datetime2', 'datetime2', 'smalldatetime']);
    this.textType = random.pick(['varchar', 'nvarchar']);
    this.optionalShare = random.pick([0.4, 0.7, 1]);
    this.speaks = random.chance(0.7);
    this.isUndeclared = random.chance(0.06);
  }

  add(concept: Concept): void {
    this.concepts.push(concept);
    this.addTable(concept.noun, concept.synonyms);
  }

  /** Adds code tables, notes and histories, which real schemas are full of, until the size is reached. */
  fillUpTo(size: number): void {
    this.concepts.forEach((concept, i) => this.fill(concept, this.built[i]!));
    const kinds = ['note', 'history', 'attachment', 'status change', 'audit entry', 'tag', 'contact'];
    const pairs = this.concepts.flatMap((_, i) => kinds.map((kind) => [this.built[i]!, kind] as const));
    for (const [owner, kind] of this.random.sample(pairs, pairs.length)) {
      if (this.built.length >= size) return;
      this.addSatellite(owner, kind);
    }
  }

  finish(): Pick<SchemaBundle, 'tables' | 'joins'> {
    const tables = this.built.map(({ table }) => table);
    if (!this.isUndeclared) return { tables };
    const joins: JoinPath[] = [];
    for (const table of tables) {
      for (const { columns, references } of table.foreignKeys) {
        if (columns.length > 1) continue;
        joins.push({
          from: `${table.name}.${columns[0]}`,
          to: `${references.table}.${references.columns[0]}`,
        });
      }
      table.foreignKeys = table.foreignKeys.filter(({ columns }) => columns.length > 1);
    }
    return joins.length === 0 ? { tables } : { tables, joins };
  }

  private addTable(noun: string, synonyms: readonly string[]): Built {
    const name = this.unused(tableName(noun, this.style));
    const known = [noun, ...(this.speaks ? synonyms : [])].filter(
      (_, i) => i > 0 || !saysItsWords(name, noun),
    );
    const key = this.key(noun);
    const table: Table = {
      name,
      description: `One row for each ${noun}.`,
      ...(known.length === 0 ? {} : { synonyms: known }),
      primaryKey: [key.name],
      columns: [key],
      foreignKeys: [],
    };
    const built = { noun, table };
    this.built.push(built);
    return built;
  }

  private unused(name: string): string {
    let free = name;
    for (let n = 2; this.names.has(foldName(free)); n++) free = `${name}${n}`;
    this.names.add(foldName(free));
    return free;
  }

  private key(noun: string): Column {
    const words = this.style.key.replace('noun', noun);
    return { name: columnName(words, noun, this.style), type: this.keyType, nullable: false };
  }

  private fill(concept: Concept, built: Built): void {
    for (const { concept: target, role, optional } of concept.references) {
      const to = this.built.find(({ noun }) => noun === target);
      const isKept =
        !optional || this.holdsTogether(concept, target) || this.random.chance(this.optionalShare);
      if (to !== undefined && isKept) this.refer(built, to, role, optional);
    }
    if (built.table.foreignKeys.length > 0 && this.random.chance(0.1)) this.makeComposite(built);
    for (const { words, type, synonyms } of concept.attributes) {
      if (!this.random.chance(0.85)) continue;
      if (type === 'c' && this.random.chance(0.25)) {
        const code = words.replace(/ code$/, '');
        const known = this.built.find(({ noun }) => noun === `${code} lookup`);
        const isFree = !this.hasColumn(built, this.referenceWords(code));
        if (isFree && (known !== undefined || this.built.length < SYNTHETIC_TABLES[1])) {
          this.refer(built, known ?? this.addLookup(code), code, true);
          continue;
        }
      }
      this.addColumn(built, words, this.typeOf(type), synonyms);
    }
    if (built.table.columns.length === 1) this.addColumn(built, 'remark', this.typeOf('s'), ['comment']);
  }

  /** True if this reference is what brought the later of the two concepts into the schema. */
  private holdsTogether(concept: Concept, target: string): boolean {
    const [a, b] = [concept.noun, target].map((noun) =>
      this.concepts.findIndex((one) => one.noun === noun),
    ) as [number, number];
    const later = this.concepts[Math.max(a, b)]!;
    return this.concepts.findIndex((one) => one !== later && isLinked(one, later)) === Math.min(a, b);
  }

  private referenceWords(role: string): string {
    return `${role} ${this.style.key === 'id' ? 'id' : this.style.key.replace('noun ', '')}`;
  }

  private hasColumn({ noun, table }: Built, words: string): boolean {
    const name = foldName(columnName(words, noun, this.style));
    return table.columns.some((column) => foldName(column.name) === name);
  }

  private addColumn(
    built: Built,
    words: string,
    type: string,
    synonyms: readonly string[],
    nullable?: boolean,
  ): Column | undefined {
    const name = columnName(words, built.noun, this.style);
    if (this.hasColumn(built, words)) return undefined;
    const known = [words, ...(this.speaks ? synonyms : [])].filter(
      (_, i) => i > 0 || !saysItsWords(name, words),
    );
    const column: Column = {
      name,
      type,
      nullable: nullable ?? this.random.chance(0.6),
      ...(known.length === 0 ? {} : { synonyms: known }),
    };
    built.table.columns.push(column);
    return column;
  }

  private refer(built: Built, to: Built, role: string, optional: boolean): void {
    const target = to.table;
    // A composite key would need several referring columns, which are not generated.
    if (target.primaryKey.length !== 1) return;
    const type = target.columns.find(({ name }) => name === target.primaryKey[0])!.type;
    const column = this.addColumn(built, this.referenceWords(role), type, [], optional);
    if (column === undefined) return;
    const key: ForeignKey = {
      columns: [column.name],
      references: { table: target.name, columns: [target.primaryKey[0]!] },
    };
    built.table.foreignKeys.push(key);
  }

  /** Replaces the table's key by its parent's key and a number. Skipped if any concept refers to the table. */
  private makeComposite({ noun, table }: Built): void {
    const isReferred = this.concepts.some(({ references }) =>
      references.some(({ concept }) => concept === noun),
    );
    const [parent = ''] = table.foreignKeys[0]?.columns ?? [];
    const column = table.columns.find(({ name }) => name === parent);
    if (isReferred || column === undefined) return;
    column.nullable = false;
    const name = columnName('sequence number', noun, this.style);
    table.columns.splice(0, 1, { name, type: 'int', nullable: false });
    table.primaryKey = [parent, name];
  }

  private addLookup(code: string): Built {
    const built = this.addTable(`${code} lookup`, [`${code} code`]);
    this.addColumn(built, 'name', `${this.textType}(100)`, ['label'], false);
    if (this.random.chance(0.4)) this.addColumn(built, 'active flag', 'bit', [], false);
    return built;
  }

  private addSatellite(owner: Built, kind: string): void {
    if (owner.table.primaryKey.length !== 1) return;
    const built = this.addTable(`${owner.noun} ${kind}`, []);
    this.refer(built, owner, owner.noun, false);
    this.addColumn(built, 'recorded time', this.dateType, ['time of record']);
    this.addColumn(built, `${kind.split(' ')[0]} text`, `${this.textType}(400)`, []);
    this.addColumn(built, 'version number', 'int', []);
  }

  private typeOf(type: AttributeType): string {
    const { random } = this;
    switch (type) {
      case 'd':
        return random.chance(0.8) ? 'date' : this.dateType;
      case 't':
        return this.dateType;
      case 's':
        return `${this.textType}(${random.pick([40, 50, 80, 100, 200])})`;
      case 'c':
        return `${random.pick(['varchar', 'varchar', 'char', 'nvarchar'])}(${random.pick([4, 10, 20])})`;
      case 'b':
        return 'bit';
      case 'i':
        return random.pick(['int', 'int', 'smallint']);
      case 'n':
        return random.pick(['decimal(9,2)', 'decimal(18,4)', 'numeric(10,3)', 'float']);
      case 'm':
        return random.pick(['money', 'decimal(12,2)', 'decimal(18,2)']);
      case 'x':
        return `${this.textType}(max)`;
      case 'y':
        return random.pick(['int', 'smallint']);
    }
  }
}
