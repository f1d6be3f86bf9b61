import { readdirSync } from 'node:fs';
import { loadKnobs } from '../../../src/data/corpus/knobs.js';
import { columnsOf } from '../../../src/data/corpus/statement/program.js';
import { generateSamples, type Sample } from '../../../src/data/corpus/sample.js';
import type { PlaceholderInfo } from '../../../src/data/placeholder.js';
import { formatRecord } from '../../../src/data/record.js';
import { loadBundle } from '../../../src/data/schema/load.js';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';
import { SelectionBuilder, type SchemaSelection } from '../../../src/data/schema/selection.js';
import type { Tokenizer } from '../../../src/data/tokenizer/tokenizer.js';
import { trainTokenizer } from '../../../src/data/tokenizer/train.js';
import { validate } from '../../../src/sql/validator/validate.js';
import type { StatementMask } from '../../../src/sql/grammar/index.js';

/** Names of all published bundles. */
export const BUNDLES = readdirSync('schemas')
  .filter((file) => file.endsWith('.json') && file !== 'bundle.schema.json')
  .map((file) => file.replace('.json', ''));

export function bundleIndex(name: string): SchemaIndex {
  return new SchemaIndex(loadBundle(`schemas/${name}.json`));
}

export function corpusSamples(index: SchemaIndex, count: number, seed: number, knobs = 'corpus'): Sample[] {
  const own = { ...loadKnobs(`configs/${knobs}.json`), syntheticShare: 0, format: undefined };
  return [...generateSamples({ schemas: [index], knobs: own, seed, count })];
}

export function tokenizerOf(samples: readonly Sample[], vocabSize = 1500): Tokenizer {
  return trainTokenizer(
    samples.map(({ record }) => formatRecord(record)),
    { vocabSize },
  );
}

/** The tables and columns of the sample's statement with keys and joins, as a perfect linker would show them. */
export function selectionOf(index: SchemaIndex, sample: Sample): SchemaSelection {
  const builder = new SelectionBuilder(index);
  for (const [table, columns] of columnsOf(sample.program)) {
    builder.addTable(table);
    for (const column of columns) builder.addColumn(table, column);
  }
  builder.connect();
  return builder.build();
}

export function isAllowed(mask: Uint32Array, token: number): boolean {
  return ((mask[token >>> 5]! >>> (token & 31)) & 1) === 1;
}

export function allowedTokens(mask: Uint32Array): number[] {
  const tokens: number[] = [];
  for (let token = 0; token < mask.length * 32; token++) if (isAllowed(mask, token)) tokens.push(token);
  return tokens;
}

/** Walks a text through the mask: `complete`, `incomplete`, or the text up to the token that was refused. */
export function walk(mask: StatementMask, tokenizer: Tokenizer, sql: string): string {
  let written = '';
  for (const token of tokenizer.encode(` ${sql}`)) {
    const piece = tokenizer.decode([token]);
    if (!isAllowed(mask.allowed(), token)) return `${written}⟨${piece}⟩`;
    mask.advance(token);
    written += piece;
  }
  return mask.isComplete ? 'complete' : 'incomplete';
}

/** The first fault that the validator finds, with the statement; undefined if it accepts the statement. */
export function faultOf(
  sql: string,
  index: SchemaIndex,
  placeholders: readonly PlaceholderInfo[],
): string | undefined {
  const verdict = validate(sql, index, new Map(placeholders.map((info) => [info.name, info])));
  return verdict.ok ? undefined : `${verdict.errors[0]!.code}: ${sql}`;
}
