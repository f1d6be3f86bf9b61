import { join } from 'node:path';
import type { Gpu } from '../engine/gpu/device.js';
import { runHeader, type RunHeader } from '../engine/bench/report.js';
import { summarise, type Timing } from '../engine/bench/statistics.js';
import type { Recompute } from '../engine/nn/block.js';
import { preset } from '../engine/nn/config.js';
import { Decoder } from '../engine/nn/decoder.js';
import { ADAMW_DEFAULTS } from '../engine/train/adamw.js';
import type { Batch, CountedBatch } from '../engine/train/batch.js';
import { decoderStep } from '../engine/train/decoder-step.js';
import type { TrainStep } from '../engine/train/step.js';
import { TOKENIZER_FILE } from './corpus/files.js';
import { BatchReader } from './shards/batch-reader.js';
import { openShards } from './shards/reader.js';
import { Tokenizer } from './tokenizer/tokenizer.js';
import { paddedVocabulary } from './training-settings.js';

/** What one way of filling rows makes of a step. */
export interface RowsBenchmark extends Timing {
  /** Processor time of all threads per step: on a software adapter, the measure that a busy machine does not change. */
  cpuMs: number;
  /** Share of the positions that are tokens. */
  full: number;
  /** Positions that the head reads. */
  headRows: number;
  tokensPerSecond: number;
  learnedPerSecond: number;
  tokensPerCoreSecond: number;
}

export interface PackingBenchmark extends RunHeader {
  kind: 'packing';
  shape: { preset: string; B: number; T: number; recompute: Recompute };
  /** Records of the corpus, and those that are too long. */
  corpus: { records: number; dropped: number };
  packed: RowsBenchmark;
  /** One record per row, the head reading every position. */
  unpacked: RowsBenchmark;
  /** Packed over unpacked. */
  gain: { tokensPerSecond: number; tokensPerCoreSecond: number };
}

export interface PackingBenchOptions {
  /** A corpus as `buildCorpus` leaves it. */
  corpus: string;
  preset: string;
  batchSize: number;
  context: number;
  /** See `BlockOptions.recompute` (default `none`). */
  recompute?: Recompute | undefined;
  /** Timed steps of each way (default 5). */
  steps?: number | undefined;
  onProgress?: ((line: string) => void) | undefined;
}

/**
 * Times training steps on a corpus with packed rows and with one record per row, in turn.
 *
 * @throws DataError if the corpus is missing or damaged, or no record fits
 */
export async function benchPacking(gpu: Gpu, options: PackingBenchOptions): Promise<PackingBenchmark> {
  const { batchSize, context, recompute = 'none', steps = 5, onProgress = () => {} } = options;
  const tokenizer = await Tokenizer.load(join(options.corpus, TOKENIZER_FILE));
  const shards = await openShards(options.corpus);
  const runners: StepRunner[] = [];
  try {
    const shape = preset(options.preset);
    const config = {
      ...shape,
      vocabSize: paddedVocabulary(tokenizer.vocabSize),
      context: Math.max(shape.context, context),
    };
    const readers = [true, false].map(
      (packed) => new BatchReader(shards, { batchSize, context, padId: tokenizer.padId, seed: 1, packed }),
    );
    for (const reader of readers) {
      const { learnedRows, isPacked: packed } = reader;
      const decoder = new Decoder(gpu, config, { seed: 1, recompute });
      const kind = packed ? { packed, learnedRows } : {};
      const step = await decoderStep(decoder, ADAMW_DEFAULTS, {
        batchSize,
        context,
        microBatches: 1,
        ...kind,
      });
      runners.push(new StepRunner(gpu, decoder, step, reader));
    }
    for (let i = 0; i <= steps; i++) {
      // The first steps allocate and warm up: they are not timed.
      for (const runner of runners) await runner.run(i > 0);
      onProgress(i === 0 ? 'warmed up' : `${i} of ${steps} steps, both ways`);
    }
    const [packed, unpacked] = runners.map((runner) => runner.summary(batchSize * context)) as [
      RowsBenchmark,
      RowsBenchmark,
    ];
    return {
      kind: 'packing',
      ...runHeader(gpu),
      shape: { preset: options.preset, B: batchSize, T: context, recompute },
      corpus: { records: shards.records, dropped: readers[0]!.dropped },
      packed,
      unpacked,
      gain: {
        tokensPerSecond: packed.tokensPerSecond / unpacked.tokensPerSecond,
        tokensPerCoreSecond: packed.tokensPerCoreSecond / unpacked.tokensPerCoreSecond,
      },
    };
  } finally {
    runners.forEach((runner) => runner.dispose());
    shards.close();
  }
}

class StepRunner {
  readonly #times: number[] = [];
  #cpuMs = 0;
  #tokens = 0;
  #learned = 0;

  constructor(
    private readonly gpu: Gpu,
    private readonly decoder: Decoder,
    private readonly step: TrainStep<Batch>,
    private readonly reader: BatchReader,
  ) {}

  async run(isTimed: boolean): Promise<void> {
    const started = performance.now();
    const cpu = process.cpuUsage();
    const batch: CountedBatch = this.reader.next();
    this.step.submit(batch, this.step.stepsDone, 3e-4);
    await this.gpu.idle();
    if (!isTimed) return;
    const { user, system } = process.cpuUsage(cpu);
    this.#times.push(performance.now() - started);
    this.#cpuMs += (user + system) / 1000;
    this.#tokens += batch.tokens;
    this.#learned += batch.lossTokens;
  }

  summary(positions: number): RowsBenchmark {
    const steps = this.#times.length;
    const timing = summarise(this.#times);
    const perSecond = (count: number): number => (1000 * count) / steps / timing.medianMs;
    return {
      ...timing,
      cpuMs: this.#cpuMs / steps,
      full: this.#tokens / steps / positions,
      headRows: this.reader.learnedRows,
      tokensPerSecond: perSecond(this.#tokens),
      learnedPerSecond: perSecond(this.#learned),
      tokensPerCoreSecond: (1000 * this.#tokens) / this.#cpuMs,
    };
  }

  dispose(): void {
    this.step.dispose();
    this.decoder.dispose();
  }
}
