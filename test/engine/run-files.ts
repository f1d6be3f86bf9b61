import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StepReport } from '../../src/engine/train/trainer.js';

/** The steps that a run's folder reports. */
export const metricsOf = (folder: string): StepReport[] =>
  readFileSync(join(folder, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as StepReport);

/** The bytes of a checkpoint's tensors. */
export const tensorsOf = (folder: string, step: number): Buffer =>
  readFileSync(join(folder, 'checkpoints', `checkpoint-${String(step).padStart(8, '0')}.safetensors`));
