import type { HeldOutCandidate, HeldOutKeys } from '../split/held-out.js';
import type { CorpusKnobs } from '../knobs.js';
import type { SplitOptions } from '../split/split.js';
import type { SchemaBundle } from '../../schema/bundle.js';
import type { RecordOrigin } from '../../shards/origins.js';

/** What every worker of a build has to know from the start; plain data, as it crosses to another thread. */
export interface BuildPlan {
  bundles: SchemaBundle[];
  knobs: CorpusKnobs;
  split: SplitOptions;
  seed: number;
}

/** Candidates: numbers of samples, whether they may be trained on or not. */
export interface Range {
  start: number;
  count: number;
}

/** What may be asked of a worker. Jobs after `keepOut` and `useTokenizer` know what these told. */
export type Job =
  | ({ kind: 'heldOut'; from: 'known' | 'unknown' } & Range)
  | { kind: 'keepOut'; keys: HeldOutKeys }
  | ({ kind: 'pieces'; most: number } & Range)
  | { kind: 'useTokenizer'; json: string }
  | ({ kind: 'encode' } & Range);

export interface Pieces {
  /** Records that the pieces are of. */
  records: number;
  counts: Map<string, number>;
}

/** Training records in the order of their numbers. */
export interface EncodedBlock {
  /** Tokens of all records, one after the other, and the length of each. */
  tokens: Uint32Array;
  lengths: Uint32Array;
  lossStarts: Uint32Array;
  origins: RecordOrigin[];
}

export interface Results {
  heldOut: HeldOutCandidate[];
  keepOut: undefined;
  pieces: Pieces;
  useTokenizer: undefined;
  encode: EncodedBlock;
}

/** Runs the jobs of a build, in this thread or in others. */
export interface Runner {
  /** Jobs that are worth having under way at one time. */
  readonly ahead: number;
  run<K extends Job['kind']>(job: Extract<Job, { kind: K }>): Promise<Results[K]>;
  /** Told to every worker before any later job. */
  tell(job: Extract<Job, { kind: 'keepOut' | 'useTokenizer' }>): Promise<void>;
  /** Ends all workers, whatever they do. */
  close(): Promise<void>;
}
