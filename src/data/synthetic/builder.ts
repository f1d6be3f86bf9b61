import type { Random } from '../../base/random.js';
import { foldName } from '../../tsql/identifier.js';
import { defaultDescription } from '../schema/ddl/import.js';
import { singularise } from '../corpus/topics/words.js';
import type { CodedValue, Column, ForeignKey, JoinPath, SchemaBundle, Table } from '../schema/bundle.js';
import type { ColumnRole } from '../schema/roles/roles.js';
import { AUDITS } from './audits.js';
import { codesFor, YES_NO, type CodeSpelling } from './codes.js';
import {
  ATTRIBUTE_ROLES,
  meansAnother,
  type AttributeType,
  type Concept,
  type ConceptAttribute,
  type ConceptReference,
} from './concepts.js';
import { Namer, type Nameable, type NamingStyle } from './naming.js';
import { InventedSpeech } from './speech.js';
import { otherPhrasesOf } from './stock.js';
import type { Coding, Structure } from './structures.js';
import { isPatientOrEncounter, roleOfTable, type TableKind } from './table-role.js';
import { ColumnTypes } from './types.js';

/** Most tables of one schema, code tables included. */
const MOST_TABLES = 60;

interface Built {
  /** What it is in concepts.ts, and what this schema calls it. */
  noun: string;
  phrase: string;
  table: Table;
  kind: TableKind;
}

/** What is known of a column besides its name and type. */
interface Told {
  /** What people call it; empty for a column that nobody speaks of. */
  said: string;
  others?: readonly string[];
  role?: ColumnRole;
  nullable?: boolean;
  codes?: CodedValue[] | undefined;
}

export class SchemaBuilder {
  readonly speech = new InventedSpeech();
  private readonly built: Built[] = [];
  private readonly concepts: Concept[] = [];
  private readonly names = new Set<string>();
  private readonly namer: Namer;
  private readonly types: ColumnTypes;
  private readonly coding: Coding;
  private readonly spelling: CodeSpelling;
  private readonly prefixes: Record<TableKind, string>;
  private readonly audit: (typeof AUDITS)[number];
  private readonly optionalShare: number;
  private readonly isUndeclared: boolean;

  constructor(
    private readonly random: Random,
    private readonly structure: Structure,
    private readonly style: NamingStyle,
  ) {
    this.namer = new Namer(style, random);
    this.types = new ColumnTypes(random);
    this.coding = random.pick(structure.coding);
    this.spelling = random.pick(['short', 'short', 'word', 'number']);
    const { event = [''], other = [''], catalogue } = structure.prefixes;
    this.prefixes = {
      event: random.pick(event),
      other: random.pick(other),
      catalogue: random.pick(catalogue),
    };
    this.audit = random.chance(0.45) ? random.pick(AUDITS) : [];
    this.optionalShare = random.pick([0.4, 0.7, 1]);
    this.isUndeclared = random.chance(0.04);
  }

  add(concept: Concept): void {
    this.concepts.push(concept);
    const kind = concept.references.some(({ concept: target }) => target === 'patient' || target === 'visit')
      ? 'event'
      : 'other';
    this.addTable(concept, kind);
  }

  /** Adds columns and code tables; then notes and histories, which real schemas are full of, up to the size. */
  fillUpTo(size: number): void {
    this.concepts.forEach((concept, i) => this.fill(concept, this.built[i]!));
    const kinds = ['attachment', 'status change', 'audit entry', 'tag', 'contact', 'message', 'reminder'];
    const pairs = this.concepts.flatMap((_, i) => kinds.map((kind) => [this.built[i]!, kind] as const));
    for (const [owner, kind] of this.random.sample(pairs, pairs.length)) {
      if (this.built.length >= size) break;
      this.addSatellite(owner, kind);
    }
    for (const built of this.built) {
      this.addAudit(built);
      const role = roleOfTable(built.noun, built.kind, this.isAboutPatient(built));
      if (role !== undefined) built.table.role = role;
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

  private addTable(
    what: Pick<Concept, 'noun' | 'synonyms' | 'names'>,
    kind: TableKind,
    said: string = what.noun,
  ): Built {
    const { noun } = what;
    const isTaken = (other: string): boolean => meansAnother(this.structure.domain, noun, other);
    const phrase =
      this.ownWord(noun) ??
      this.namer.phraseOf({ words: noun, synonyms: what.synonyms, names: what.names, isTaken });
    const name = this.unused(this.namer.table(phrase, this.prefixes[kind]), kind);
    const key = this.keyWords(phrase);
    const column: Column = {
      name: this.namer.column(key, phrase, ''),
      type: this.types.key,
      nullable: false,
      role: 'key',
    };
    const table: Table = {
      name,
      description: defaultDescription(name),
      primaryKey: [column.name],
      columns: [column],
      foreignKeys: [],
    };
    const built = { noun, phrase, table, kind };
    this.built.push(built);
    const more = otherPhrasesOf(noun, this.style.stock).filter((other) => !isTaken(other));
    const others = [...what.synonyms, ...this.aFew(more)];
    this.speech.tellTable(name, said, [...new Set(others.map(singularise))]);
    this.speech.tellColumn(name, column.name, `${noun} id`, []);
    return built;
  }

  /** A word that this way of building uses for a noun or an attribute. */
  private ownWord(words: string): string | undefined {
    const own = this.structure.words?.[words];
    return own === undefined
      ? undefined
      : this.namer.phraseOf({ words: own[0]!, synonyms: [], names: own.slice(1) });
  }

  private aFew(phrases: readonly string[]): string[] {
    return this.random.chance(0.4) ? this.random.sample(phrases, 2) : [];
  }

  private unused(name: string, kind: TableKind): string {
    const { schemas } = this.style;
    const schema = kind === 'catalogue' ? schemas.at(-1) : schemas[0];
    const full = schema === undefined ? name : `${schema}.${name}`;
    let free = full;
    for (let n = 2; this.names.has(foldName(free)); n++) free = `${full}${n}`;
    this.names.add(foldName(free));
    return free;
  }

  private keyWords(noun: string): string {
    return this.style.key.replace('noun', noun);
  }

  private fill(concept: Concept, built: Built): void {
    const attributes = [...concept.attributes];
    const isKept = (one: ConceptAttribute): boolean =>
      'qADZEn'.includes(one.type) || this.random.chance(0.85);
    concept.references.forEach((reference) => this.addReference(concept, built, reference));
    if (built.table.foreignKeys.length > 0 && this.random.chance(0.06)) this.makeComposite(built);
    for (const attribute of attributes) if (isKept(attribute)) this.addAttribute(built, attribute);
    if (built.table.columns.length === 1) this.addColumn(built, 'remark', 'x', { said: 'remark' });
  }

  private addReference(
    concept: Concept,
    built: Built,
    { concept: target, role, optional }: ConceptReference,
  ): void {
    const to = this.built.find(({ noun }) => noun === target);
    const isKept = !optional || this.holdsTogether(concept, target) || this.random.chance(this.optionalShare);
    if (to === undefined || !isKept) return;
    // `attending provider` keeps its first word and takes the schema's word for a provider.
    const named = role.endsWith(target) ? role.slice(0, -target.length) + to.phrase : role;
    const synonyms = role === target ? this.conceptOf(target).synonyms : [];
    this.refer(built, to, named, role, synonyms, optional);
  }

  private conceptOf(noun: string): Concept {
    return this.concepts.find((concept) => concept.noun === noun)!;
  }

  /** True if this reference is what brought the later of the two concepts into the schema. */
  private holdsTogether(concept: Concept, target: string): boolean {
    const [a, b] = [concept.noun, target].map((noun) =>
      this.concepts.findIndex((one) => one.noun === noun),
    ) as [number, number];
    const later = this.concepts[Math.max(a, b)]!;
    const linked = (one: Concept): boolean =>
      [
        ...one.references.map(({ concept: c }) => c === later.noun),
        ...later.references.map(({ concept: c }) => c === one.noun),
      ].includes(true);
    return this.concepts.findIndex((one) => one !== later && linked(one)) === Math.min(a, b);
  }

  private addAttribute(built: Built, attribute: ConceptAttribute): void {
    const { words, type } = attribute;
    const phrase = this.ownWord(words) ?? this.namer.phraseOf(attribute);
    const others = [...attribute.synonyms, ...this.aFew(otherPhrasesOf(words, this.style.stock))];
    if (type === 'q') return this.addCoded(built, phrase, words, others);
    const isCode = type === 'c' || type === 'S';
    if (isCode && this.random.chance(this.structure.lookups)) {
      if (this.addCatalogueKey(built, phrase, words, others)) return;
    }
    const role = ATTRIBUTE_ROLES[type];
    const codes = isCode && this.random.chance(0.7) ? codesFor(words, this.spelling, this.random) : undefined;
    const told: Told = { said: words, others, role, codes };
    if (type === 'b' && this.random.chance(0.2)) {
      this.addColumn(built, phrase, type, { ...told, codes: [...YES_NO] }, 'char(1)');
    } else this.addColumn(built, phrase, type, told, codes && this.types.ofCodes(codes));
    if ('dtAZDE'.includes(type) && this.random.chance(0.07)) {
      const first = this.random.pick(['planned', 'expected', 'original', 'reported', 'confirmed']);
      this.addColumn(built, `${first} ${phrase}`, type, { said: `${first} ${words}`, role: 'time' });
    }
  }

  /** What happened to the patient, kept as this schema keeps codes. */
  private addCoded(built: Built, phrase: string, words: string, others: readonly string[]): void {
    switch (this.coding) {
      case 'label':
        this.addColumn(built, this.random.chance(0.5) ? phrase : `${phrase} name`, 's', {
          said: words,
          others: [...others, `${words} name`],
          role: 'name',
        });
        return;
      case 'code':
        this.addColumn(built, `${phrase} code`, 'c', { said: `${words} code`, role: 'code' });
        return;
      case 'pair': {
        const label = this.random.pick(['name', 'description', 'display', 'label']);
        this.addColumn(built, `${phrase} code`, 'c', { said: `${words} code`, role: 'code' });
        this.addColumn(built, `${phrase} ${label}`, 's', {
          said: words,
          others: [...others, `${words} name`],
          role: 'name',
        });
        return;
      }
      default:
        if (!this.addCatalogueKey(built, phrase, words, others)) {
          this.addColumn(built, `${phrase} name`, 's', { said: words, others, role: 'name' });
        }
    }
  }

  /** A key to the catalogue of such codes; false if the table has such a column, or the schema no place. */
  private addCatalogueKey(built: Built, phrase: string, words: string, others: readonly string[]): boolean {
    const isShared = this.coding === 'concept' || (this.coding === 'dictionary' && built.kind === 'event');
    const noun = isShared
      ? this.coding === 'concept'
        ? 'concept'
        : 'item'
      : `${words.replace(/ code$/, '')} type`;
    const known = this.built.find((one) => one.noun === noun && one.kind === 'catalogue');
    if (known === undefined && this.built.length >= MOST_TABLES) return false;
    const ending = this.style.key === 'id' ? 'id' : this.style.key.replace('noun ', '');
    const named = this.coding === 'concept' ? `${phrase} concept` : phrase;
    if (this.hasColumn(built, `${named} ${ending}`)) return false;
    const to = known ?? this.addCatalogue(noun, phrase, isShared);
    this.refer(built, to, named, words, others, this.random.chance(0.5));
    return true;
  }

  private addCatalogue(noun: string, phrase: string, isShared: boolean): Built {
    const names = isShared ? [] : [`${phrase} code`, `${phrase} lookup`, `${phrase} catalogue`];
    const named: Nameable = { words: isShared ? noun : phrase, synonyms: [], names };
    const built = this.addTable({ noun, synonyms: [], names: named.names as string[] }, 'catalogue');
    const label = this.random.pick(['name', 'label', 'description', 'title', 'long title', 'display']);
    const start = isShared && this.random.chance(0.5) ? `${noun} ` : '';
    this.addColumn(built, `${start}${label}`, 's', { said: `${noun} name`, role: 'name', nullable: false });
    if (isShared || this.random.chance(0.6)) {
      this.addColumn(built, `${start}code`, 'c', { said: `${noun} code`, role: 'code' });
    }
    if (isShared) {
      this.addColumn(built, this.random.pick(['domain', 'category', `${noun} class`]), 'c', {
        said: `${noun} category`,
        role: 'code',
      });
      if (this.random.chance(0.6))
        this.addColumn(built, 'vocabulary', 'c', { said: 'vocabulary', role: 'code' });
    } else if (this.random.chance(0.3))
      this.addColumn(built, 'active flag', 'b', { said: 'active flag', role: 'flag' });
    return built;
  }

  private addSatellite(owner: Built, kind: string): void {
    if (owner.table.primaryKey.length !== 1) return;
    // Nobody asks about these: they are here to distract.
    const built = this.addTable({ noun: `${owner.noun} ${kind}`, synonyms: [], names: [] }, 'other', '');
    this.refer(built, owner, owner.phrase, owner.noun, [], false);
    this.addColumn(built, 'recorded time', 't', { said: 'recorded time', others: ['time of record'] });
    const text = `${kind.split(' ')[0]} text`;
    this.addColumn(built, text, 'x', { said: text });
    this.addColumn(built, 'version number', 'o', { said: 'version number' });
  }

  private isAboutPatient({ table }: Built): boolean {
    const targets = table.foreignKeys.map(({ references }) => references.table);
    return this.built.some((one) => isPatientOrEncounter(one.noun) && targets.includes(one.table.name));
  }

  private addAudit(built: Built): void {
    if (built.kind === 'catalogue') return;
    for (const [phrase, type] of this.audit) this.addColumn(built, phrase, type, { said: '' });
  }

  private hasColumn({ phrase, table }: Built, words: string, type = ''): boolean {
    const name = foldName(this.namer.column(words, phrase, type));
    return table.columns.some((column) => foldName(column.name) === name);
  }

  private addColumn(
    built: Built,
    phrase: string,
    type: AttributeType | '',
    told: Told,
    sqlType: string = this.types.of(type as AttributeType),
  ): Column | undefined {
    if (this.hasColumn(built, phrase, type)) return undefined;
    const { said, others = [], role, codes } = told;
    const column: Column = {
      name: this.namer.column(phrase, built.phrase, type),
      type: sqlType,
      nullable: told.nullable ?? this.random.chance(0.6),
      ...(role && { role }),
      ...(codes && { codes }),
    };
    built.table.columns.push(column);
    if (said !== '') this.speech.tellColumn(built.table.name, column.name, said, others);
    return column;
  }

  /** @param named what the schema calls the referenced row here; @param said what people call it */
  private refer(
    built: Built,
    to: Built,
    named: string,
    said: string,
    synonyms: readonly string[],
    nullable: boolean,
  ): void {
    const target = to.table;
    // A composite key would need several referring columns, which are not generated.
    if (target.primaryKey.length !== 1) return;
    const { type } = target.columns.find(({ name }) => name === target.primaryKey[0])!;
    const ending = this.style.key === 'id' ? 'id' : this.style.key.replace('noun ', '');
    const others = to.kind === 'catalogue' ? [said, ...synonyms] : synonyms.map((other) => `${other} id`);
    const told: Told = { said: `${said} id`, others, role: 'foreign-key', nullable };
    const column = this.addColumn(built, `${named} ${ending}`, '', told, type);
    if (column === undefined) return;
    const key: ForeignKey = {
      columns: [column.name],
      references: { table: target.name, columns: [target.primaryKey[0]!] },
    };
    built.table.foreignKeys.push(key);
  }

  /** Replaces the table's key by its parent's key and a number. Skipped if any concept refers to the table. */
  private makeComposite({ noun, phrase, table }: Built): void {
    const isReferred = this.concepts.some(({ references }) =>
      references.some(({ concept }) => concept === noun),
    );
    const [parent = ''] = table.foreignKeys[0]?.columns ?? [];
    const column = table.columns.find(({ name }) => name === parent);
    if (isReferred || column === undefined) return;
    column.nullable = false;
    const name = this.namer.column('sequence number', phrase, '');
    if (table.columns.some((one) => foldName(one.name) === foldName(name))) return;
    table.columns.splice(0, 1, { name, type: 'int', nullable: false, role: 'other' });
    table.primaryKey = [parent, name];
  }
}
