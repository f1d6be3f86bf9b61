import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { CORPUS_SPLIT, type CorpusBuild } from '../../../../src/data/corpus/build/build.js';
import { loadKnobs, withoutSynthetic } from '../../../../src/data/corpus/knobs.js';
import { SampleSource } from '../../../../src/data/corpus/sample.js';
import { SchemaIndex } from '../../../../src/data/schema/schema-index.js';
import { miniBundle, miniIndex } from '../mini-bundle.js';

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'build-'));
  folders.push(folder);
  return folder;
}

const other = new SchemaIndex({ ...miniBundle, name: 'other' });

/** Options for a corpus of 600 records over a small schema, with small held-out sets. */
export function smallBuild(folder: string, change: Partial<CorpusBuild> = {}): CorpusBuild {
  return {
    folder,
    source: new SampleSource([miniIndex, other], withoutSynthetic(loadKnobs('configs/corpus.json'))),
    split: { ...CORPUS_SPLIT, heldOutSchemas: ['other'] },
    seed: 3,
    count: 600,
    heldOut: 20,
    tokenizer: { vocabSize: 1000, records: 400 },
    workers: 0,
    block: 128,
    ...change,
  };
}

/** The content of every file in a folder. */
export async function contents(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).sort();
  const entries = await Promise.all(
    names.map(async (name) => [name, (await readFile(join(folder, name))).toString('base64')]),
  );
  return Object.fromEntries(entries) as Record<string, string>;
}
