import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { ShardWriter, type CorpusDescription } from '../../../src/data/shards/writer.js';
import type { ShardIndex } from '../../../src/data/shards/format.js';

export interface PlainRecord {
  tokens: number[];
  lossStart: number;
}

export const description: CorpusDescription = {
  vocabSize: 1000,
  tokenizer: 'a'.repeat(64),
  seed: 1,
  config: { families: ['count'] },
};

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'shards-'));
  folders.push(folder);
  return folder;
}

/** Record i has 3 + i % 9 tokens and starts with token i, which identifies it. */
export function numberedRecords(count: number): PlainRecord[] {
  return Array.from({ length: count }, (_, i) => {
    const length = 3 + (i % 9);
    return {
      tokens: [i, ...Array.from({ length: length - 1 }, (_, k) => 500 + k)],
      lossStart: 1 + (i % (length - 1)),
    };
  });
}

export async function writeCorpus(
  folder: string,
  records: readonly PlainRecord[],
  recordsPerShard = 7,
  about: CorpusDescription = description,
): Promise<ShardIndex> {
  const writer = await ShardWriter.create(folder, about, recordsPerShard);
  for (const { tokens, lossStart } of records) await writer.add(tokens, lossStart);
  return writer.finish();
}
