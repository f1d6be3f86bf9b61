import type { Command } from 'commander';
import type { KernelPath } from '../engine/tensor/dtype.js';
import { kernelsOption, wholeNumber } from './options.js';
import { printJson, printLine } from './output.js';
import { formatCount } from './format.js';

interface Options {
  preset: string;
  kernels: KernelPath | 'auto';
  batch: number;
  microBatches: number;
  context?: number;
  vocab?: number;
  json?: true;
}

export function register(program: Command): void {
  program
    .command('model')
    .description("print a model's parameters, memory in training and FLOPs, without a GPU")
    .option('--preset <name>', 'tiny, sanity, tier-a, tier-b', 'tiny')
    .addOption(kernelsOption())
    .option('--batch <rows>', 'rows of a micro-batch', wholeNumber(), 8)
    .option('--micro-batches <count>', 'micro-batches of a step', wholeNumber(), 1)
    .option('--context <tokens>', "tokens of a row (default: the preset's)", wholeNumber())
    .option('--vocab <tokens>', "size of the vocabulary (default: the preset's)", wholeNumber())
    .option('--json', 'print JSON')
    .action(run);
}

async function run(options: Options): Promise<void> {
  const { preset, parameterCount, trainingFlopsPerToken } = await import('../engine/nn/config.js');
  const { Gpu } = await import('../engine/gpu/device.js');
  const { planStep } = await import('../engine/train/decoder-step.js');
  const { formatBytes } = await import('../base/format-bytes.js');
  const named = preset(options.preset);
  const context = options.context ?? named.context;
  const config = { ...named, context, vocabSize: options.vocab ?? named.vocabSize };
  const parameters = parameterCount(config);
  const flopsPerToken = trainingFlopsPerToken(config);
  // There is no adapter to go by: what GPUs with matrix units take.
  const kernels = options.kernels === 'auto' ? 'tensor' : options.kernels;
  const shape = { batchSize: options.batch, microBatches: options.microBatches, context };
  const { flops, ...memory } = planStep(config, shape, Gpu.planning({}, 'gpu', kernels));
  if (options.json) {
    return printJson({
      preset: options.preset,
      kernels,
      config,
      parameters,
      memory,
      flopsPerToken,
      flopsPerStep: flops,
    });
  }
  const { vocabSize, nLayer, nHead, width, mlpWidth, tiedHead } = config;
  const rows: [string, string][] = [
    ['model', `${options.preset}: ${nLayer} layers, ${nHead} heads, width ${width}, MLP ${mlpWidth}`],
    ['', `vocabulary ${vocabSize}, context ${context}, ${tiedHead ? 'tied' : 'untied'} head`],
    ['parameters', `${formatCount(parameters)} (${parameters})`],
    [
      'training memory',
      `${formatBytes(memory.total)} at batch ${options.batch} × ${context} tokens, kernels ${kernels}`,
    ],
    ['  weights', formatBytes(memory.weights)],
    ['  f16 copies', formatBytes(memory.halves)],
    ['  gradients', formatBytes(memory.gradients)],
    ['  moments', formatBytes(memory.moments)],
    ['  activations', formatBytes(memory.activations)],
    ['  inputs', formatBytes(memory.inputs)],
    ['FLOPs per token', `${formatCount(flopsPerToken)} in training, forward and backward`],
    ['FLOPs per step', formatCount(flops)],
  ];
  for (const [name, value] of rows) await printLine(`${name.padEnd(16)} ${value}`);
}
