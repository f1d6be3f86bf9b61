/**
 * A corpus on disk: a folder of shards and an index.
 *
 *     shard-00000.bin   the tokens of its records, concatenated (uint16, or uint32 if the vocabulary is larger than
 *                       65,536), zero-padded to a multiple of 4 bytes; then two uint32 per record: its length in
 *                       tokens, and the index of the first token that is learned (the one after `SQL:`)
 *     shard-00001.bin   …
 *     origins-00000.bin where the records come from: see origins.ts
 *     held-out-….jsonl  the questions of one held-out set, one JSON object per line
 *     corpus-schemas.jsonl   the schemas that the corpus was built from, one bundle per line
 *     tokenizer.json
 *     index.json        the list of shards with their lengths and SHA-256; written last, so a folder without it is
 *                       an unfinished corpus
 *
 * All numbers are little-endian.
 */
import { endianness } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

export const INDEX_FILE = 'index.json';
export const FORMAT_VERSION = 1;

export type TokenDtype = 'uint16' | 'uint32';
export type TokenArray = Uint16Array | Uint32Array;

const count = z.int().nonnegative();
const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/);

const shardEntrySchema = z.strictObject({
  file: z.string().regex(/^shard-\d{5,}\.bin$/),
  records: count,
  tokens: count,
  bytes: count,
  sha256: sha256Hex,
});

/** A file next to the shards, with its checksum. */
const partSchema = z.strictObject({ file: z.string(), bytes: count, sha256: sha256Hex });

export const shardIndexSchema = z.strictObject({
  format: z.literal('openward-shards'),
  version: z.literal(FORMAT_VERSION),
  tokenDtype: z.enum(['uint16', 'uint32']),
  vocabSize: z.int().positive(),
  /** SHA-256 of the `tokenizer.json` that made the tokens. */
  tokenizer: sha256Hex,
  seed: z.int(),
  /** The settings that the corpus was built with. */
  config: z.json(),
  records: count,
  tokens: count,
  /** Tokens of the longest record. */
  longest: count,
  shards: z.array(shardEntrySchema),
  /** The names that the rows of the origin files refer to by index, and those files. */
  origins: z
    .strictObject({
      families: z.array(z.string()),
      phrasings: z.array(z.string()),
      schemas: z.array(z.string()),
      files: z.array(partSchema),
    })
    .exactOptional(),
  heldOut: z.array(partSchema.extend({ name: z.string(), questions: count })).exactOptional(),
  schemas: partSchema.exactOptional(),
  /** Records whose prompt shows what the linker had missed. */
  mendedPrompts: count.exactOptional(),
});

export type CorpusPart = z.infer<typeof partSchema>;

/** A shard's entry in the index. */
export type ShardEntry = z.infer<typeof shardEntrySchema>;
export type ShardIndex = z.infer<typeof shardIndexSchema>;
/** The optional parts of a corpus besides its shards. */
export type CorpusParts = Pick<ShardIndex, 'origins' | 'heldOut' | 'schemas' | 'mendedPrompts'>;

export function shardPath(folder: string, shard: number): string {
  return join(folder, shardFile(shard));
}

export function shardFile(shard: number): string {
  return `shard-${String(shard).padStart(5, '0')}.bin`;
}

export function tokenDtypeFor(vocabSize: number): TokenDtype {
  return vocabSize <= 0x1_0000 ? 'uint16' : 'uint32';
}

export function bytesPerToken(dtype: TokenDtype): number {
  return dtype === 'uint16' ? 2 : 4;
}

/** Byte offset of a shard's record table: after the tokens, at a multiple of 4. */
export function tableOffset(tokens: number, dtype: TokenDtype): number {
  return Math.ceil((tokens * bytesPerToken(dtype)) / 4) * 4;
}

export const TABLE_ROW_BYTES = 8;

/** Arrays are written and read in memory order, so the machine must be little-endian. */
export function assertLittleEndian(): void {
  if (endianness() !== 'LE') throw new Error('shards need a little-endian machine');
}
