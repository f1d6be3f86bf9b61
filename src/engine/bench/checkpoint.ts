import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Gpu } from '../gpu/device.js';
import { checkpointFolder } from '../nn/model-folder.js';
import { parameterCount } from '../nn/config.js';
import { Decoder } from '../nn/decoder.js';
import { ADAMW_DEFAULTS, AdamW } from '../train/adamw.js';
import { saveCheckpoint } from '../train/checkpoint.js';
import { stateTensors } from '../train/run-state.js';
import { snapshot } from '../train/saver.js';
import type { BenchShape } from './cases.js';
import { runHeader, type RunHeader } from './report.js';
import { quantile } from './statistics.js';

/** Milliseconds that passed, and those of all threads of this process. */
interface Spent {
  elapsed: number;
  processor: number;
}

/** How long a training waits for a checkpoint. */
export interface CheckpointBenchmark extends RunHeader {
  kind: 'checkpoint';
  preset: string;
  parameters: number;
  /** Of a checkpoint: weights and moments. */
  bytes: number;
  /** Whether it was copied to the host's memory and then written in the background. */
  isHeld: boolean;
  /** Medians: how long training waits, and how long it takes until the checkpoint is whole. */
  wait: Spent;
  whole: Spent;
  rounds: number;
}

/**
 * Saves a model and its moments as a training does, in a temporary folder inside `folder`, and times it. The step itself
 * is not run, so any preset fits that has room for weights and moments.
 */
export async function benchCheckpoint(
  gpu: Gpu,
  { preset, config }: BenchShape,
  { folder, rounds = 5 }: { folder: string; rounds?: number | undefined },
): Promise<CheckpointBenchmark> {
  const decoder = new Decoder(gpu, config, { trainable: true });
  const run = await mkdtemp(join(folder, '.bench-checkpoint-'));
  try {
    decoder.parameters.initialise(1);
    const optimizer = new AdamW(gpu, decoder.parameters, ADAMW_DEFAULTS);
    const tensors = stateTensors(decoder, { optimizer });
    const bytes = [...tensors.values()].reduce((sum, tensor) => sum + tensor.bytes, 0);
    await gpu.idle();
    const [waits, wholes]: [Spent[], Spent[]] = [[], []];
    let isHeld = true;
    // The first round is not timed: buffers for reading back are made in it.
    for (let step = 0; step <= rounds; step++) {
      const spent = stopwatch();
      const { sources, ...taken } = await snapshot(tensors);
      const waited = spent();
      await saveCheckpoint(checkpointFolder(run), step, { tensors: sources, meta: {} });
      const whole = spent();
      if (step === 0) continue;
      ({ isHeld } = taken);
      waits.push(isHeld ? waited : whole);
      wholes.push(whole);
    }
    const measured = { isHeld, wait: medianOf(waits), whole: medianOf(wholes), rounds };
    const parameters = parameterCount(config);
    optimizer.dispose();
    return { kind: 'checkpoint', ...runHeader(gpu), preset, parameters, bytes, ...measured };
  } finally {
    await rm(run, { recursive: true, force: true });
    decoder.dispose();
  }
}

function stopwatch(): () => Spent {
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return { elapsed: performance.now() - began, processor: (user + system) / 1000 };
  };
}

function medianOf(rounds: readonly Spent[]): Spent {
  const median = (field: keyof Spent): number =>
    quantile(
      rounds.map((one) => one[field]).sort((a, b) => a - b),
      0.5,
    );
  return { elapsed: median('elapsed'), processor: median('processor') };
}
