import { join } from 'node:path';
import { packageRoot } from '../../base/paths.js';
import { CORPUS_SPLIT } from '../../data/corpus/build/build.js';
import { loadKnobs } from '../../data/corpus/knobs.js';
import { SampleSource } from '../../data/corpus/sample.js';
import { DEMO_SPLIT } from '../../data/corpus/split/demo.js';
import { loadBundle } from '../../data/schema/load.js';
import { SchemaIndex } from '../../data/schema/schema-index.js';
import { bundleFiles, UNSEEN_SCHEMA } from '../../data/schema/shipped.js';
import type { ModelCard } from '../model-card.js';
import { heldOutSet, SET_NAMES, type SetQuestion } from './question-set.js';

/**
 * The held-out questions of a model that ships, by set: those that its corpus kept from training.
 *
 * @param skip questions of each set that are left out at its beginning
 */
export function setsOfCard(
  { schemas, corpus }: Pick<ModelCard, 'schemas' | 'corpus'>,
  { size, skip = 0 }: { size: number; skip?: number | undefined },
): Map<string, SetQuestion[]> {
  const indexes = (schemas ?? bundleFiles()).map((file) => new SchemaIndex(loadBundle(file)));
  const source = new SampleSource(indexes, loadKnobs(join(packageRoot, corpus.knobs)));
  const heldOutSchemas = schemas === undefined ? [UNSEEN_SCHEMA] : [];
  const split = { ...(corpus.holdOut === 'statements' ? DEMO_SPLIT : CORPUS_SPLIT), heldOutSchemas };
  const sets = new Map<string, SetQuestion[]>();
  for (const name of SET_NAMES) {
    if (name === 'schemas' && schemas !== undefined) continue;
    const drawn = heldOutSet(name, source, { seed: corpus.seed, split, size: skip + size });
    if (drawn.length > skip) sets.set(name, drawn.slice(skip));
  }
  return sets;
}
