import { Option, type Command } from 'commander';
import type { KernelPath } from '../engine/tensor/dtype.js';
import type { Gpu as Device } from '../engine/gpu/device.js';
import type { Recompute } from '../engine/nn/block.js';
import { formatCount } from './format.js';
import { kernelsOption, parseMemory, parseWholeNumber, recomputeOption } from './options.js';
import { printJson, printRows } from './output.js';

interface Options {
  preset?: string;
  kernels: KernelPath | 'auto';
  batchSize: number;
  config?: string;
  vram?: number;
  microBatches?: number;
  context?: number;
  vocab?: number;
  recompute?: Recompute;
  fit?: number;
  batch?: number;
  json?: true;
}

export function modelCommand(command: Command): void {
  command
    .option('--preset <name>', 'tiny, small, medium, carry, sanity, tier-a or tier-b (default: tiny)')
    .addOption(kernelsOption('auto is tensor'))
    .option('--config <file>', 'settings of engine train, whose shape and batch are planned')
    .option('--batch-size <rows>', 'rows per micro-batch (default: 8)', parseWholeNumber())
    .option('--micro-batches <count>', 'micro-batches per step (default: 1)', parseWholeNumber())
    .option('--context <tokens>', "tokens per row (default: the preset's)", parseWholeNumber())
    .option('--vocab <tokens>', "vocabulary size (default: the preset's)", parseWholeNumber())
    .addOption(recomputeOption())
    .addOption(
      new Option(
        '--vram <size>',
        'find the largest micro-batch whose memory is at most this, such as 22GB (or 22), 900MB or 20.5GiB',
      )
        .argParser(parseMemory)
        .conflicts(['batchSize', 'batch']),
    )
    .addOption(
      new Option('--batch <rows>', 'older name of --batch-size').argParser(parseWholeNumber()).hideHelp(),
    )
    .addOption(
      new Option('--fit <size>', 'older name of --vram')
        .argParser(parseMemory)
        .conflicts(['batchSize', 'batch'])
        .hideHelp(),
    )
    .option('--json', 'print JSON')
    .action(run);
}

async function run(options: Options): Promise<void> {
  const { parameterCount, trainingFlopsPerToken } = await import('../engine/nn/config.js');
  const { DeviceError } = await import('../engine/errors.js');
  const { RECOMPUTE } = await import('../engine/nn/block.js');
  const { namedShape } = await import('../data/training-settings.js');
  const { Gpu } = await import('../engine/gpu/device.js');
  const { largestBatch } = await import('../engine/train/largest-batch.js');
  const { planStep } = await import('../engine/train/decoder-step.js');
  const { formatBytes } = await import('../base/format-bytes.js');
  const settings = await settingsOf(options);
  const named = namedShape(settings);
  const { context = named.context, microBatches } = settings;
  const config = { ...named, context, vocabSize: options.vocab ?? named.vocabSize };
  const parameters = parameterCount(config);
  const flopsPerToken = trainingFlopsPerToken(config);
  // No adapter decides here, so `auto` is the path of GPUs with matrix units.
  const kernels = options.kernels === 'auto' ? 'tensor' : options.kernels;
  const bytes = options.vram ?? options.fit;
  const planner = (): Device => Gpu.planning({}, 'gpu', kernels);
  const largest: { recompute: Recompute; batchSize: number }[] = [];
  let fault: unknown;
  for (const part of options.recompute === undefined ? RECOMPUTE : [options.recompute]) {
    if (bytes === undefined) break;
    try {
      const batchSize = largestBatch(config, { microBatches, context }, bytes, planner, part);
      largest.push({ recompute: part, batchSize });
    } catch (error) {
      if (!(error instanceof DeviceError) || error.code !== 'too-little-memory') throw error;
      fault = error;
    }
  }
  if (bytes !== undefined && largest.length === 0) throw fault;
  // Recomputing takes time, so the least of it is taken with which a row fits.
  const { recompute, batchSize } = largest[0] ?? settings;
  const shape = { batchSize, microBatches, context };
  const { flops, recomputedFlops, ...memory } = planStep(config, shape, planner(), recompute);
  const name = settings.model === undefined ? settings.preset : options.config!;
  if (options.json) {
    return printJson({
      preset: name,
      kernels,
      recompute,
      batchSize,
      ...(bytes !== undefined && { largest }),
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
    ['model', `${name}: ${nLayer} layers, ${nHead} heads, width ${width}, MLP ${mlpWidth}`],
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
    ...largest.map(({ recompute, batchSize }, i): [string, string] => [
      i === 0 ? 'fits' : '',
      `micro-batches of ${batchSize} rows with --recompute ${recompute}`,
    ]),
    ['FLOPs per token', `${formatCount(flopsPerToken)} in training, forward and backward`],
    ['FLOPs per step', formatCount(flops)],
    ...recomputed,
  ]);
}

/** Shape and batch of a settings file, under the options. */
async function settingsOf({ config, preset, batchSize, batch, microBatches, context, recompute }: Options) {
  const { overrideSettings, parseSettings, readSettings } = await import('../data/training-settings.js');
  const given = config === undefined ? {} : await readSettings(config);
  const overrides = { preset, batchSize: batchSize ?? batch, microBatches, context, recompute };
  return parseSettings(overrideSettings(given, overrides), config);
}
