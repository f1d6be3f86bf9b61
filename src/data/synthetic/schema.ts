import { Random } from '../../base/random.js';
import type { SchemaBundle } from '../schema/bundle.js';
import { UNSEEN_SCHEMA } from '../schema/shipped.js';
import type { Speech } from '../corpus/topics/speech.js';
import { SchemaBuilder } from './builder.js';
import { conceptsOf, type Concept } from './concepts.js';
import { drawStyle, type NamingStyle } from './naming.js';
import type { Stock } from './stock.js';
import { drawStructure, STRUCTURES, type Structure } from './structures.js';

/** Number of tables in the smallest and the largest invented schema. */
export const SYNTHETIC_TABLES = [3, 60] as const;

/** An invented schema, and what people call its tables and columns. The bundle has no synonyms: strangers' have none. */
export interface InventedSchema {
  bundle: SchemaBundle;
  speech: Speech;
}

/**
 * An invented schema: plausible tables, columns, keys and types of one way to build a hospital's database, in one
 * naming style. Its names need not be the words of the question, so a model must read the schema in its prompt. The
 * number determines the schema. It passes `checkBundle`, and its keys connect all of its tables.
 */
export function inventedSchema(n: number): InventedSchema {
  const random = new Random(0x5eed5, n);
  return invent(`synthetic_${n}`, random, drawStructure(random), drawStyle(random, 'training'));
}

/** The bundle alone. */
export function syntheticSchema(n: number): SchemaBundle {
  return inventedSchema(n).bundle;
}

const HELD_OUT_COUNT = 6;

/** The names of the invented schemas that no training sees. */
export const HELD_OUT_INVENTED: readonly string[] = Array.from(
  { length: HELD_OUT_COUNT },
  (_, i) => `held_out_${i + 1}`,
);

/** The names of all schemas that no training sees by default: a real one, and invented ones. */
export const HELD_OUT_SCHEMAS: readonly string[] = [UNSEEN_SCHEMA, ...HELD_OUT_INVENTED];

/**
 * A schema for measuring: invented as the others are, with spellings, prefixes, abbreviations and synonyms that no
 * schema for training has (stock.ts), each in another way of building the database.
 * @param n from 1 to 6
 */
export function heldOutSchema(n: number): InventedSchema {
  if (!Number.isInteger(n) || n < 1 || n > HELD_OUT_COUNT) {
    throw new RangeError(`held-out schemas are numbered 1 to ${HELD_OUT_COUNT}, not ${n}`);
  }
  const random = new Random(0x4e1d, n);
  const stock: Stock = 'held-out';
  const style = drawStyle(random, stock);
  // Each is hard in its own way: rare spelling, abbreviations, or other words than the question's.
  const hard: NamingStyle = {
    ...style,
    case: n % 2 === 1 ? 'title snake' : style.case,
    columnPrefix: n % 2 === 0 ? 'short' : 'none',
    abbreviated: n % 2 === 0 ? 0.8 : style.abbreviated,
    replaced: n % 2 === 1 ? 0.9 : 0.4,
  };
  return invent(`held_out_${n}`, random, STRUCTURES[n - 1]!, hard, [8, 30]);
}

/** The invented schema of that name; undefined if the name is none of theirs. */
export function inventedByName(name: string): InventedSchema | undefined {
  const [, kind, number] = /^(synthetic|held_out)_(\d+)$/.exec(name) ?? [];
  if (kind === undefined) return undefined;
  if (kind === 'synthetic') return inventedSchema(Number(number));
  const n = Number(number);
  return n >= 1 && n <= HELD_OUT_COUNT ? heldOutSchema(n) : undefined;
}

function invent(
  name: string,
  random: Random,
  structure: Structure,
  style: NamingStyle,
  [low, high]: readonly [number, number] = SYNTHETIC_TABLES,
): InventedSchema {
  // Sizes are uniform in their logarithm: many small schemas, a few large ones.
  const size = Math.round(low * (high / low) ** (random.int(1001) / 1000));
  const keyed = structure.keys === undefined || style.stock === 'held-out';
  const builder = new SchemaBuilder(
    random,
    structure,
    keyed ? style : { ...style, key: random.pick(structure.keys!) },
  );
  for (const concept of chooseConcepts(random, structure, size)) builder.add(concept);
  builder.fillUpTo(size);
  const bundle: SchemaBundle = {
    name,
    title: `Invented schema ${name}`,
    version: '1',
    source: 'invented by this project',
    licence: 'MIT',
    ...builder.finish(),
  };
  return { bundle, speech: builder.speech };
}

/** Picks connected concepts: each new one refers to a chosen one, or a chosen one refers to it. */
function chooseConcepts(random: Random, structure: Structure, size: number): Concept[] {
  const { domain, concepts } = structure;
  const every = conceptsOf(domain);
  const all = concepts === undefined ? every : every.filter(({ noun }) => concepts.includes(noun));
  const patient = all.find(({ noun }) => noun === 'patient');
  const chosen = [patient !== undefined && random.chance(0.85) ? patient : random.pick(all)];
  // Code tables, notes and histories take the rest of the place.
  const most = Math.max(3, Math.round(size * random.pick([0.6, 0.8, 1])));
  while (chosen.length < most) {
    const near = all.filter((one) => !chosen.includes(one) && chosen.some((other) => isLinked(one, other)));
    if (near.length === 0) break;
    chosen.push(random.pick(near));
  }
  return chosen;
}

export function isLinked(a: Concept, b: Concept): boolean {
  const refers = (from: Concept, to: Concept): boolean =>
    from.references.some(({ concept }) => concept === to.noun);
  return refers(a, b) || refers(b, a);
}
