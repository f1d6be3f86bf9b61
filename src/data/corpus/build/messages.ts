import type { HeldOutCandidate, HeldOutKeys } from '../split/held-out.js';
import type { CorpusKnobs } from '../knobs.js';
import type { SplitOptions } from '../split/split.js';
import type { SchemaBundle } from '../../schema/bundle.js';
import type { RecordOrigin } from '../../shards/origins.js';

/** What every worker of a build needs from the start. Plain data, because it is sent to other threads. */
export interface BuildPlan {
  bundles: SchemaBundle[];
  knobs: CorpusKnobs;
  split: SplitOptions;
  seed: number;
}

/** A range of sample numbers, trainable or not. */
export interface Range {
  start: number;
  count: number;
}

/** The jobs of a worker. `keepOut` and `useTokenizer` set state that later jobs use. */
export type Job =
  | ({ kind: 'heldOut'; from: 'known' | 'unknown' } & Range)
  | { kind: 'keepOut'; keys: HeldOutKeys }
  | ({ kind: 'pieces'; most: number } & Range)
  | { kind: 'useTokenizer'; json: string }
  | ({ kind: 'encode' } & Range);

export interface Pieces {
  /** How many records were counted. */
  records: number;
  counts: Map<string, number>;
}

/** The training records of a block, in order. */
export interface EncodedBlock {
  /** The tokens of all records, concatenated, and the length of each record. */
  tokens: Uint32Array;
  lengths: Uint32Array;
  lossStarts: Uint32Array;
  origins: RecordOrigin[];
  /** Whether a record's prompt was mended, 0 or 1. */
  mended: Uint32Array;
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
  /** How many jobs to keep running at once. */
  readonly ahead: number;
  run<K extends Job['kind']>(job: Extract<Job, { kind: K }>): Promise<Results[K]>;
  /** Sends the job to every worker, ahead of any later job. */
  tell(job: Extract<Job, { kind: 'keepOut' | 'useTokenizer' }>): Promise<void>;
  /** Ends all workers at once. */
  close(): Promise<void>;
}
