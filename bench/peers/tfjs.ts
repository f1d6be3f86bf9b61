import { createRequire } from 'node:module';
import type { Tensor, Tensor2D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import {
  rotaryTables,
  unpack,
  type Engine,
  type Prepared,
  type Problem,
  type TrainingProblem,
} from './problem.js';

type Tf = typeof import('@tensorflow/tfjs-core');
/** Untyped parts of the backend: recorded commands that have not been submitted. */
interface Backend {
  commandEncoder: GPUCommandEncoder | null;
  endComputePassEncoder(): void;
  submitQueue(): void;
  queue: GPUQueue;
}

/** TensorFlow.js on its WebGPU backend: eager ops, `variableGrads`, and a hand-written AdamW, since TensorFlow.js has none. */
export async function tfjs(): Promise<Engine> {
  const tf = await import('@tensorflow/tfjs-core');
  const require = createRequire(import.meta.url);
  // The package's main file for Node does not register gradients. The registry is global.
  require('@tensorflow/tfjs-core/dist/register_all_gradients.js');
  await import('@tensorflow/tfjs-backend-webgpu');
  if (!(await tf.setBackend('webgpu'))) throw new Error('tfjs: the WebGPU backend did not start');
  await tf.ready();
  return {
    name: 'tfjs',
    version: tf.version_core,
    async prepare(problem) {
      return problem.kind === 'training' ? prepareTraining(tf, problem) : prepareOp(tf, problem);
    },
  };
}

async function settle(tf: Tf): Promise<void> {
  const backend = tf.backend() as unknown as Backend;
  if (backend.commandEncoder) {
    backend.endComputePassEncoder();
    backend.submitQueue();
  }
  await backend.queue.onSubmittedWorkDone();
}

function prepareOp(tf: Tf, problem: Exclude<Problem, TrainingProblem>): Prepared {
  const { inputs, op } = opOf(tf, problem);
  let output: Tensor | undefined;
  return {
    run() {
      output?.dispose();
      output = tf.tidy(op);
    },
    settle: () => settle(tf),
    result: async () => (await output!.data()) as Float32Array,
    dispose: () => tf.dispose([...inputs, ...(output ? [output] : [])]),
  };
}

function opOf(tf: Tf, problem: Exclude<Problem, TrainingProblem>): { inputs: Tensor[]; op: () => Tensor } {
  if (problem.kind === 'matmul') {
    const { size, a, b } = problem;
    const [x, y] = [tf.tensor2d(a, [size, size]), tf.tensor2d(b, [size, size])];
    return { inputs: [x, y], op: () => tf.matMul(x, y) };
  }
  if (problem.kind === 'layernorm') {
    const { N, C } = problem;
    const x = tf.tensor2d(problem.x, [N, C]);
    const [gamma, beta] = [tf.tensor1d(problem.gamma), tf.tensor1d(problem.beta)];
    return { inputs: [x, gamma, beta], op: () => layernorm(tf, x, gamma, beta) };
  }
  const { B, T, nHead, headDim } = problem;
  const [q, k, v] = ([0, 1, 2] as const).map((part) =>
    tf.tensor4d(unpack(problem, part), [B, T, nHead, headDim]),
  );
  const mask = causalMask(tf, T);
  return { inputs: [q!, k!, v!, mask], op: () => attention(tf, q!, k!, v!, mask) };
}

function layernorm(tf: Tf, x: Tensor, gamma: Tensor, beta: Tensor): Tensor {
  const { mean, variance } = tf.moments(x, -1, true);
  const normal = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5)));
  return tf.add(tf.mul(normal, gamma), beta);
}

/** A causal mask [T, T]: 0 for visible keys, a large negative number for hidden ones. */
function causalMask(tf: Tf, T: number): Tensor {
  return tf.tidy(() => tf.mul(tf.sub(tf.linalg.bandPart(tf.ones<any>([T, T]), -1, 0), 1), 1e9)); // eslint-disable-line @typescript-eslint/no-explicit-any
}

/** q, k, v [B, T, nHead, headDim] to [B, T, nHead · headDim]. */
function attention(tf: Tf, q: Tensor4D, k: Tensor4D, v: Tensor4D, mask: Tensor): Tensor {
  const [B, T, nHead, headDim] = q.shape;
  const [qh, kh, vh] = [q, k, v].map((x) => tf.transpose(x, [0, 2, 1, 3]));
  const scores = tf.add(tf.mul(tf.matMul(qh!, kh!, false, true), 1 / Math.sqrt(headDim)), mask);
  const mixed = tf.matMul(tf.softmax(scores), vh!);
  return tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [B, T, nHead * headDim]);
}

function prepareTraining(tf: Tf, problem: TrainingProblem): Prepared {
  const { config, B, T, weights, batch, optimizer } = problem;
  const { nLayer, nHead, width: C, vocabSize: V } = config;
  const headDim = C / nHead;
  const parameters = new Map<string, Variable>();
  for (const [name, { shape, values }] of weights) {
    parameters.set(name, tf.variable(tf.tensor(values, [...shape]), true, name));
  }
  const of = (name: string): Variable => parameters.get(name)!;
  const tokens = tf.tensor1d(Int32Array.from(batch.inputs), 'int32');
  const labels = tf.oneHot(tf.tensor1d(Int32Array.from(batch.targets), 'int32'), V);
  const mask = causalMask(tf, T);
  const tables = rotaryTables(T, headDim);
  const [cos, sin] = [tables.cos, tables.sin].map((values) => tf.tensor(values, [1, T, 1, headDim / 2]));

  const linear = (x: Tensor, name: string): Tensor =>
    tf.matMul(x as Tensor2D, of(name) as unknown as Tensor2D, false, true);
  const norm = (x: Tensor, name: string): Tensor => layernorm(tf, x, of(`${name}.gamma`), of(`${name}.beta`));
  const rotate = (x: Tensor): Tensor4D => {
    const [near, far] = tf.split(x, 2, -1);
    return tf.concat(
      [tf.sub(tf.mul(near!, cos!), tf.mul(far!, sin!)), tf.add(tf.mul(far!, cos!), tf.mul(near!, sin!))],
      -1,
    ) as Tensor4D;
  };
  const loss = (): Tensor => {
    let x = tf.gather(of('embed'), tokens);
    for (let layer = 0; layer < nLayer; layer++) {
      const at = `layers.${layer}`;
      const qkv = linear(norm(x, `${at}.attention_norm`), `${at}.qkv`);
      const [q, k, v] = tf
        .split(qkv, 3, -1)
        .map((part) => tf.reshape(part, [B, T, nHead, headDim]) as Tensor4D);
      const mixed = attention(tf, rotate(q!), rotate(k!), v!, mask);
      x = tf.add(x, linear(tf.reshape(mixed, [B * T, C]), `${at}.attention_out`));
      const [gate, up] = tf.split(linear(norm(x, `${at}.mlp_norm`), `${at}.gate_up`), 2, -1);
      const gated = tf.mul(tf.mul(gate!, tf.sigmoid(gate!)), up!);
      x = tf.add(x, linear(gated, `${at}.down`));
    }
    const logits = linear(norm(x, 'norm'), config.tiedHead ? 'embed' : 'head');
    return tf.neg(tf.mean(tf.sum(tf.mul(labels, tf.logSoftmax(logits)), -1)));
  };

  const moments = new Map(
    [...parameters].map(([name, parameter]) => [
      name,
      { m: tf.variable(tf.zerosLike(parameter), false), v: tf.variable(tf.zerosLike(parameter), false) },
    ]),
  );
  const { beta1, beta2, eps, weightDecay, clipNorm, learningRate } = optimizer;
  let done = 0;
  const update = (grads: Record<string, Tensor>): void => {
    done++;
    const norms = Object.values(grads).map((grad) => tf.sum(tf.square(grad)));
    // `addN` would bind more buffers at once than an adapter allows.
    const total = norms.reduce((sum, one) => tf.add(sum, one));
    const factor = tf.minimum(1, tf.div(clipNorm, tf.sqrt(total)));
    for (const [name, parameter] of parameters) {
      const grad = tf.mul(grads[name]!, factor);
      const { m, v } = moments.get(name)!;
      m.assign(tf.add(tf.mul(m, beta1), tf.mul(grad, 1 - beta1)));
      v.assign(tf.add(tf.mul(v, beta2), tf.mul(tf.square(grad), 1 - beta2)));
      const direction = tf.div(
        tf.div(m, 1 - beta1 ** done),
        tf.add(tf.sqrt(tf.div(v, 1 - beta2 ** done)), eps),
      );
      const decay = weights.get(name)!.decay ? weightDecay : 0;
      const kept = tf.mul(parameter, 1 - learningRate * decay);
      parameter.assign(tf.sub(kept, tf.mul(direction, learningRate)));
    }
  };
  let last: Tensor | undefined;
  return {
    run() {
      last?.dispose();
      last = tf.tidy(() => {
        const { value, grads } = tf.variableGrads(loss as () => import('@tensorflow/tfjs-core').Scalar);
        update(grads);
        return value;
      });
    },
    settle: () => settle(tf),
    result: async () => (await last!.data()) as Float32Array,
    async gradients() {
      // The first moments began at 0.
      const gradients = new Map<string, Float32Array>();
      for (const [name, { m }] of moments) {
        gradients.set(
          name,
          ((await m.data()) as Float32Array).map((value) => value / (1 - beta1)),
        );
      }
      return gradients;
    },
    dispose() {
      last?.dispose();
      for (const { m, v } of moments.values()) tf.dispose([m, v]);
      for (const parameter of parameters.values()) parameter.dispose();
      tf.dispose([tokens, labels, mask, cos!, sin!]);
    },
  };
}
