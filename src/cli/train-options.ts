import type { KernelPath } from '../engine/tensor/dtype.js';

/** Where `--ui` serves its page. */
export const UI_PORT = 6007;

/** Options of `engine train` that are no settings of the run. */
export interface TrainCommandOptions {
  adapter: string;
  kernels: KernelPath | 'auto';
  model: string;
  corpus?: string;
  text?: string[];
  tokenizer?: 'characters' | 'bpe';
  vocabSize?: number;
  sample?: number;
  pairs?: string;
  schema?: string;
  overlay?: string;
  config?: string;
  set?: string[];
  microBatch?: number | 'auto';
  vram?: number;
  checkFinite?: boolean;
  profile?: string | true;
  initFrom?: string;
  maxTime?: number;
  mirror?: string;
  checkpointTime?: number;
  for?: number;
  ui?: true;
  uiPort?: number;
  tensorboard?: string | true;
}

/** With the settings, under their own names. */
export type AllTrainOptions = TrainCommandOptions & Record<string, unknown>;
