import type { HeldOutName } from './split/held-out.js';

/** Beside the shards of a corpus, and in the folder of every model trained on it. */
export const TOKENIZER_FILE = 'tokenizer.json';

/** One schema bundle per line: those that the corpus was built from. */
export const SCHEMAS_FILE = 'corpus-schemas.jsonl';

export function heldOutFile(set: HeldOutName): string {
  return `held-out-${set}.jsonl`;
}
