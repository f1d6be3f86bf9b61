import type { ForeignKey, SchemaBundle, Table } from '../../schema/bundle.js';
import type { SchemaIndex } from '../../schema/schema-index.js';
import { rolesOf } from '../../schema/roles/infer.js';
import { wordsOf } from '../../schema/words/derive.js';
import { bareTableName, foldTableName, splitTableName } from '../../../tsql/identifier.js';
import { isAdministrativeTable, isPlumbing } from './administrative.js';
import {
  attributesOf,
  isOnlyKeyTo,
  type Attribute,
  type AttributeSource,
  type EntityNoun,
} from './attributes.js';
import { Claims } from './claims.js';
import { speechByName, type Speech } from './speech.js';
import { isPlainNoun } from './plain.js';
import { pluralise, singularise, spokenWords } from './words.js';

export type { Attribute, AttributeKind } from './attributes.js';

/**
 * How the corpus talks about a schema. A table is an *entity* with nouns. An entity has *attributes*: its own columns
 * and those of the tables that its foreign keys reach, each with phrases that mean this attribute and no other. If
 * two attributes of an entity could claim a phrase, the nearer one gets it, or neither: no question uses an
 * ambiguous word.
 */
export class Entity {
  /** Tables that point here by exactly one key, so that `patients with visits` has one meaning. */
  readonly children: Child[] = [];
  private known: Attribute[] | undefined;

  /** @param nouns singular nouns with their plurals, the preferred one first; unique across the bundle */
  constructor(
    readonly table: Table,
    readonly nouns: EntityNoun[],
    private readonly source: AttributeSource,
    private readonly depth: number,
  ) {}

  /** Found when first asked for: most tables of an invented schema are never asked about. */
  get attributes(): Attribute[] {
    return (this.known ??= attributesOf(this.table, this.source, this.depth));
  }
}

export interface Child {
  entity: Entity;
  key: ForeignKey;
}

export interface EntityGraph {
  bundle: SchemaBundle;
  /** The tables that people ask about. */
  entities: Entity[];
  byTable: Map<string, Entity>;
}

/**
 * The entities of a bundle, with attributes up to `depth` foreign keys away (0: own columns only).
 * @param speech what people call its tables and columns; by default the words of their names
 */
export function buildEntityGraph(
  index: SchemaIndex,
  depth: number,
  speech: Speech = speechByName(index.bundle),
): EntityGraph {
  const { bundle } = index;
  const words = wordsOf(bundle);
  const roles = rolesOf(bundle);
  const nouns = nounsOfTables(bundle, speech);
  const byTable = new Map<string, Entity>();
  const source: AttributeSource = { index, speech, byTable };
  for (const table of bundle.tables) {
    const known = nouns.get(table)!;
    if (known.length > 0) byTable.set(foldTableName(table.name), new Entity(table, known, source, depth));
  }
  const entities = [...byTable.values()].filter(
    ({ table }) => !isAdministrativeTable(words.ofTable(table).words),
  );
  for (const entity of entities) {
    for (const key of entity.table.foreignKeys) {
      const target = index.table(key.references.table);
      const isCode = target !== undefined && roles.ofTable(target).role === 'catalogue';
      if (!isOnlyKeyTo(entity.table, key) || isCode || index.graph.isLookup(key.references.table)) continue;
      byTable.get(foldTableName(key.references.table))?.children.push({ entity, key });
    }
  }
  return { bundle, entities, byTable };
}

/** A table's own name beats another table's synonym. A synonym that two tables share belongs to neither. */
function nounsOfTables(bundle: SchemaBundle, speech: Speech): Map<Table, EntityNoun[]> {
  const { tables } = bundle;
  const words = wordsOf(bundle);
  const roles = rolesOf(bundle);
  const claims = new Claims<Table>();
  const bare = tables.map((table) => foldTableName(bareTableName(table.name)));
  const shared = new Set(bare.filter((name, i) => bare.indexOf(name) !== i));
  for (const table of tables) {
    if (speech.noun(table) === '') continue;
    claims.claim(speech.noun(table), table, 0);
    // Of two tables of one name, each is called by its schema too.
    const { schema } = splitTableName(table.name);
    if (schema !== undefined && shared.has(foldTableName(bareTableName(table.name)))) {
      claims.claim(`${spokenWords(schema).join(' ')} ${speech.noun(table)}`, table, 2);
    }
    for (const other of speech.otherNouns(table)) claims.claim(other, table, 1);
  }
  // What the reader of a question sees of the other tables counts too.
  const answering = new Map<string, Table[]>();
  for (const table of tables) {
    for (const { text } of words.ofTable(table).synonyms) {
      const noun = singularise(text.toLowerCase());
      answering.set(noun, [...(answering.get(noun) ?? []), table]);
    }
  }
  const isOfOther = (noun: string, table: Table): boolean =>
    answering.get(noun)?.some((other) => other !== table) === true;
  // ED diagnoses are diagnoses too: the rows of a table beside theirs are hospital diagnoses.
  const isPartElsewhere = (noun: string, table: Table): boolean =>
    tables.some(
      (other) =>
        other !== table &&
        roles.ofTable(other).role === 'event' &&
        !isPlumbing(words.ofTable(other).words) &&
        !other.foreignKeys.some(
          ({ references }) => foldTableName(references.table) === foldTableName(table.name),
        ) &&
        claims.of(other).some((one) => one.endsWith(` ${noun}`) && !/ of /.test(one) && isPlainNoun(one)),
    );
  return new Map(
    tables.map((table) => {
      const own = speech.noun(table);
      const nouns = claims.of(table).filter((noun) => noun !== own);
      // People say `visit` more readily than `visit occurrence`.
      if (claims.of(table).includes(own)) nouns.splice(1, 0, own);
      const isOfEvents = roles.ofTable(table).role === 'event';
      const unshared = nouns.filter(
        (noun) => (noun === own || !isOfOther(noun, table)) && !(isOfEvents && DRUG.test(noun)),
      );
      const whole = unshared.filter((noun) => !(isOfEvents && isPartElsewhere(noun, table)));
      const left = whole.length > 0 ? whole : unshared.length > 0 ? unshared : nouns;
      return [table, exact(left, nouns).map((one) => ({ one, many: pluralise(one) }))];
    }),
  );
}

/** A prescription is not a drug: whose rows are counted so, counts prescriptions. */
const DRUG = /^((prescribed|dispensed|administered|given) )?(drug|medication|medicine)$/;

/** Nouns of a part of what a table holds, each with the nouns of the whole. */
const NARROWER: readonly [RegExp, RegExp][] = [
  [/^(admission|hospital (stay|visit)|inpatient stay|hospitalization|appointment)$/, /^(patient )?(visit|encounter)$/],
  [/^(vital|vital sign|lab|lab (test|result)|laboratory (test|result)|test result)$/, /^(observation|measurement|finding)$/],
  [/^(vital|vital sign)$/, /^lab (test|result)$/],
  [/^(measurement|finding|clinical observation|survey answer|social history item)$/, /^observation$/],
  [/^(implant|medical supply)$/, /^(medical )?device$/],
  [/^image$/, /^imaging study$/],
  [/^(intolerance|allergic reaction)$/, /^allergy$/],
  [/^(side effect|complication)$/, /^adverse event$/],
  [/^(urine output)$/, /^fluid output$/],
  [/^(iv infusion|drip)$/, /^infusion$/],
  [/^survey answer$/, /^(questionnaire response|questionnaire answer|completed survey)$/],
  [/^document$/, /\bnote$/],
  [/^consult request$/, /^referral( request)?$/],
  [/^(nurse|doctor|physician|midwife)$/, /^(provider|clinician|practitioner|care provider)$/],
  [/^stay$/, /^(patient )?(visit|encounter)$/],
  [/^(ward|hospital|clinic|department|unit)$/, /^(location|facility|place|care site|site)$/],
  [/^(surgery|operation)$/, /^procedure$/],
]; // prettier-ignore
/**
 * The nouns that mean the rows of this table, all of them and no others. Where no noun is left, the first stays: a table
 * needs one.
 */
function exact(nouns: readonly string[], all: readonly string[] = nouns): string[] {
  const isExact = (noun: string): boolean =>
    isPlainNoun(noun) &&
    !NARROWER.some(([part, whole]) => part.test(noun) && all.some((other) => whole.test(other)));
  const kept = nouns.filter(isExact);
  return kept.length > 0 ? kept : nouns.slice(0, 1);
}
