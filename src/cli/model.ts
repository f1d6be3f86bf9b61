import { Option, type Command } from 'commander';
import type { KernelPath } from '../engine/tensor/dtype.js';
import type { Gpu as Device } from '../engine/gpu/device.js';
import type { Recompute } from '../engine/nn/block.js';
import { formatCount } from './format.js';
import { kernelsOption, parseMemory, parseWholeNumber, recomputeOption } from './options.js';
import { printJson, printRows } from './output.js';

interface Options {
  preset: string;
  kernels: KernelPath | 'auto';
  batch: number;
  microBatches: number;
  context?: number;
  vocab?: number;
  recompute?: Recompute;
  fit?: number;
  json?: true;
}

export function modelCommand(command: Command): void {
  command
    .option('--preset <name>', 'tiny, small, medium, carry, sanity, tier-a or tier-b', 'tiny')
    .addOption(kernelsOption('auto is tensor'))
    .option('--batch <rows>', 'rows per micro-batch', parseWholeNumber(), 8)
    .option('--micro-batches <count>', 'micro-batches per step', parseWholeNumber(), 1)
    .option('--context <tokens>', "tokens per row (default: the preset's)", parseWholeNumber())
    .option('--vocab <tokens>', "vocabulary size (default: the preset's)", parseWholeNumber())
    .addOption(recomputeOption())
    .addOption(
      new Option(
        '--fit <size>',
        'find the largest batch whose memory is at most this: 20GiB, 22GB or 22 (10^9 bytes)',
      )
        .argParser(parseMemory)
        .conflicts('batch'),
    )
    .option('--json', 'print JSON')
    .action(run);
}

async function run(options: Options): Promise<void> {
  const { preset, parameterCount, trainingFlopsPerToken } = await import('../engine/nn/config.js');
  const { Gpu } = await import('../engine/gpu/device.js');
  const { largestBatch } = await import('../engine/train/largest-batch.js');
  const { planStep } = await import('../engine/train/decoder-step.js');
  const { formatBytes } = await import('../base/format-bytes.js');
  const named = preset(options.preset);
  const context = options.context ?? named.context;
  const config = { ...named, context, vocabSize: options.vocab ?? named.vocabSize };
  const parameters = parameterCount(config);
  const flopsPerToken = trainingFlopsPerToken(config);
  // No adapter decides here, so `auto` is the path of GPUs with matrix units.
  const kernels = options.kernels === 'auto' ? 'tensor' : options.kernels;
  const { recompute = 'none', microBatches, fit } = options;
  const planner = (): Device => Gpu.planning({}, 'gpu', kernels);
  const batchSize =
    fit === undefined
      ? options.batch
      : largestBatch(config, { microBatches, context }, fit, planner, recompute);
  const shape = { batchSize, microBatches, context };
  const { flops, recomputedFlops, ...memory } = planStep(config, shape, planner(), recompute);
  if (options.json) {
    return printJson({
      preset: options.preset,
      kernels,
      recompute,
      batchSize,
      config,
      parameters,
      memory,
      flopsPerToken,
      flopsPerStep: flops,
      recomputedFlopsPerStep: recomputedFlops,
    });
  }
  const { vocabSize, nLayer, nHead, width, mlpWidth, tiedHead } = config;
  const added = (100 * recomputedFlops) / (flops - recomputedFlops);
  const recomputed: [string, string][] =
    recompute === 'none'
      ? []
      : [
          [
            '  recomputed',
            `${formatCount(recomputedFlops)}, ${added.toFixed(1)}% more than without --recompute`,
          ],
        ];
  await printRows([
    ['model', `${options.preset}: ${nLayer} layers, ${nHead} heads, width ${width}, MLP ${mlpWidth}`],
    ['', `vocabulary ${vocabSize}, context ${context}, ${tiedHead ? 'tied' : 'untied'} head`],
    ['parameters', `${formatCount(parameters)} (${parameters})`],
    [
      'training memory',
      `${formatBytes(memory.total)} at batch ${batchSize} × ${context} tokens, kernels ${kernels}, recompute ${recompute}`,
    ],
    ['', 'with a head that reads every position; engine train needs less, where few are learned'],
    ['  weights', formatBytes(memory.weights)],
    ['  f16 copies', formatBytes(memory.halves)],
    ['  gradients', formatBytes(memory.gradients)],
    ['  moments', formatBytes(memory.moments)],
    ['  activations', formatBytes(memory.activations)],
    ['  inputs', formatBytes(memory.inputs)],
    ['FLOPs per token', `${formatCount(flopsPerToken)} in training, forward and backward`],
    ['FLOPs per step', formatCount(flops)],
    ...recomputed,
  ]);
}
