import { readFileSync } from 'node:fs';
import type { Gpu } from '../../src/engine/gpu/device.js';
import { record } from '../../src/engine/gpu/program.js';
import { Decoder } from '../../src/engine/nn/decoder.js';
import { attention } from '../../src/engine/ops/attention/attention.js';
import { layernorm } from '../../src/engine/ops/layernorm.js';
import { matmul } from '../../src/engine/ops/matmul/matmul.js';
import type { Tensor } from '../../src/engine/tensor/tensor.js';
import { decoderStep } from '../../src/engine/train/decoder-step.js';
import type { Engine, Prepared, Problem, TrainingProblem } from './problem.js';

/** This engine: f32, recorded programs. */
export function ours(gpu: Gpu): Engine {
  const file = new URL('../../package.json', import.meta.url);
  const { name, version } = JSON.parse(readFileSync(file, 'utf8')) as { name: string; version: string };
  return {
    name,
    version,
    prepare: (problem) =>
      problem.kind === 'training' ? prepareTraining(gpu, problem) : prepareOp(gpu, problem),
  };
}

async function prepareOp(gpu: Gpu, problem: Exclude<Problem, TrainingProblem>): Promise<Prepared> {
  const { inputs, op } = opOf(gpu, problem);
  const program = await record(gpu, () => op());
  return {
    run: () => program.run(),
    settle: () => gpu.idle(),
    result: () => program.outputs.read(),
    dispose() {
      program.dispose();
      inputs.forEach((input) => input.dispose());
      gpu.buffers.trim();
    },
  };
}

function opOf(gpu: Gpu, problem: Exclude<Problem, TrainingProblem>): { inputs: Tensor[]; op: () => Tensor } {
  if (problem.kind === 'matmul') {
    const { size, a, b } = problem;
    const inputs = [gpu.tensor([size, size], a), gpu.tensor([size, size], b)];
    return { inputs, op: () => matmul(inputs[0]!, inputs[1]!) };
  }
  if (problem.kind === 'layernorm') {
    const { N, C, x, gamma, beta } = problem;
    const inputs = [gpu.tensor([N, C], x), gpu.tensor([C], gamma), gpu.tensor([C], beta)];
    return { inputs, op: () => layernorm(inputs[0]!, inputs[1]!, inputs[2]!) };
  }
  const { B, T, nHead, headDim, qkv } = problem;
  const inputs = [gpu.tensor([B, T, 3 * nHead * headDim], qkv)];
  return { inputs, op: () => attention(inputs[0]!, { nHead }) };
}

async function prepareTraining(gpu: Gpu, problem: TrainingProblem): Promise<Prepared> {
  const { config, B, T, weights, batch, optimizer } = problem;
  const decoder = new Decoder(gpu, config, { trainable: true });
  for (const [name, { values }] of weights) decoder.parameters.get(name).write(values);
  const shape = { batchSize: B, context: T, microBatches: 1 };
  const step = await decoderStep(decoder, optimizer, shape);
  let done = 0;
  return {
    run: () => step.submit([batch], done++, optimizer.learningRate),
    settle: () => gpu.idle(),
    result: () => step.lossTensor.read(),
    async gradients() {
      // The factor clips, and undoes the scale of the loss.
      const factor = (await step.optimizer.clip.read())[1]!;
      const gradients = new Map<string, Float32Array>();
      for (const name of weights.keys()) {
        const gradient = await decoder.parameters.get(name).grad!.read();
        gradients.set(
          name,
          gradient.map((value) => value * factor),
        );
      }
      return gradients;
    },
    dispose() {
      step.dispose();
      decoder.dispose();
      gpu.buffers.trim();
    },
  };
}
