import { readFileSync } from 'node:fs';
import {
  rotaryTables,
  unpack,
  type Engine,
  type Prepared,
  type Problem,
  type TrainingProblem,
} from './problem.js';

type Jax = typeof import('@jax-js/jax');
type Array = import('@jax-js/jax').Array;
type JsTree = import('@jax-js/jax').JsTree<Array>;
type Tree = { [name: string]: Array };

/** jax-js on its WebGPU backend: every op and the whole training step are compiled with `jit`. */
export async function jax(): Promise<Engine> {
  addIteratorHelpers();
  const jax = await import('@jax-js/jax');
  if (!(await jax.init('webgpu')).includes('webgpu'))
    throw new Error('jax-js: the WebGPU backend did not start');
  jax.defaultDevice('webgpu');
  const file = new URL('../../node_modules/@jax-js/jax/package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
  return {
    name: 'jax-js',
    version,
    async prepare(problem) {
      return problem.kind === 'training' ? prepareTraining(jax, problem) : prepareOp(jax, problem);
    },
  };
}

/** jax-js calls `map` on iterators, which Node 20 lacks. */
function addIteratorHelpers(): void {
  const prototype = Object.getPrototypeOf(Object.getPrototypeOf([].values())) as Record<string, unknown>;
  prototype.map ??= function* (this: Iterable<unknown>, change: (value: unknown) => unknown) {
    for (const value of this) yield change(value);
  };
  prototype.filter ??= function* (this: Iterable<unknown>, keep: (value: unknown) => boolean) {
    for (const value of this) if (keep(value)) yield value;
  };
}

/** `blockUntilReady` submits pending work, but can return before the GPU has finished it. */
async function settle(jax: Jax, results: JsTree): Promise<void> {
  await jax.blockUntilReady(results);
  await jax.getWebGPUDevice().queue.onSubmittedWorkDone();
}

function prepareOp(jax: Jax, problem: Exclude<Problem, TrainingProblem>): Prepared {
  const { inputs, op } = opOf(jax, problem);
  const compiled = jax.jit(op);
  let output: Array | undefined;
  return {
    run() {
      output?.dispose();
      output = compiled(...inputs.map((input) => input.ref));
    },
    settle: () => settle(jax, output!),
    result: async () => (await output!.ref.data()) as Float32Array,
    dispose() {
      output?.dispose();
      inputs.forEach((input) => input.dispose());
      compiled.dispose();
    },
  };
}

function opOf(
  { numpy: np, nn }: Jax,
  problem: Exclude<Problem, TrainingProblem>,
): { inputs: Array[]; op: (...inputs: Array[]) => Array } {
  const array = (values: Float32Array, shape: number[]): Array =>
    np.array(values as Float32Array<ArrayBuffer>).reshape(shape);
  if (problem.kind === 'matmul') {
    const { size, a, b } = problem;
    const inputs = [array(a, [size, size]), array(b, [size, size])];
    return { inputs, op: (x, y) => np.matmul(x!, y!) };
  }
  if (problem.kind === 'layernorm') {
    const { N, C, x, gamma, beta } = problem;
    const inputs = [array(x, [N, C]), array(gamma, [C]), array(beta, [C])];
    return {
      inputs,
      op: (x, gamma, beta) => nn.standardize(x!, -1, { epsilon: 1e-5 }).mul(gamma!).add(beta!),
    };
  }
  const { B, T, nHead, headDim } = problem;
  const shape = [B, T, nHead, headDim];
  const inputs = ([0, 1, 2] as const).map((part) => array(unpack(problem, part), shape));
  return { inputs, op: (q, k, v) => nn.dotProductAttention(q!, k!, v!, { isCausal: true }) };
}

function prepareTraining(jax: Jax, problem: TrainingProblem): Prepared {
  const { numpy: np, nn, tree } = jax;
  const { config, B, T, weights, batch, optimizer } = problem;
  const { nLayer, nHead, width: C, vocabSize: V } = config;
  const headDim = C / nHead;
  const { beta1, beta2, eps, weightDecay, clipNorm, learningRate } = optimizer;
  const floats = (values: Float32Array, shape: readonly number[]): Array =>
    np.array(values as Float32Array<ArrayBuffer>).reshape([...shape]);
  const names = [...weights.keys()];
  let parameters: Tree = {};
  let m: Tree = {};
  let v: Tree = {};
  for (const [name, { shape, values }] of weights) {
    parameters[name] = floats(values, shape);
    m[name] = np.zeros([...shape]);
    v[name] = np.zeros([...shape]);
  }
  const tokens = np.array(Int32Array.from(batch.inputs));
  const targets = np.array(Int32Array.from(batch.targets));
  const tables = rotaryTables(T, headDim);
  const [cos, sin] = [tables.cos, tables.sin].map((values) => floats(values, [1, T, 1, headDim / 2]));

  const linear = (x: Array, weight: Array): Array => np.matmul(x, weight.transpose());
  const norm = (p: Tree, x: Array, name: string): Array =>
    nn.standardize(x, -1, { epsilon: 1e-5 }).mul(p[`${name}.gamma`]!.ref).add(p[`${name}.beta`]!.ref);
  const rotate = (x: Array): Array => {
    const [near, far] = np.split(x, 2, -1);
    return np.concatenate(
      [near!.ref.mul(cos!.ref).sub(far!.ref.mul(sin!.ref)), far!.mul(cos!.ref).add(near!.mul(sin!.ref))],
      -1,
    );
  };
  const loss = (p: Tree): Array => {
    let x = np.take(p.embed!.ref, tokens.ref, 0);
    for (let layer = 0; layer < nLayer; layer++) {
      const at = `layers.${layer}`;
      const qkv = linear(norm(p, x.ref, `${at}.attention_norm`), p[`${at}.qkv`]!.ref);
      const [q, k, v] = np.split(qkv, 3, -1).map((part) => part.reshape([B, T, nHead, headDim]));
      const mixed = nn.dotProductAttention(rotate(q!), rotate(k!), v!, { isCausal: true });
      x = x.add(linear(mixed.reshape([B * T, C]), p[`${at}.attention_out`]!.ref));
      const gateUp = linear(norm(p, x.ref, `${at}.mlp_norm`), p[`${at}.gate_up`]!.ref);
      const [gate, up] = np.split(gateUp, 2, -1);
      x = x.add(linear(nn.silu(gate!).mul(up!), p[`${at}.down`]!.ref));
    }
    const logits = linear(norm(p, x, 'norm'), p[config.tiedHead ? 'embed' : 'head']!.ref);
    const picked = nn.logSoftmax(logits).mul(nn.oneHot(targets.ref, V));
    const mean = picked.sum().mul(-1 / (B * T));
    tree.dispose(p);
    return mean;
  };

  const step = jax.jit((p: Tree, m: Tree, v: Tree, corrections: Array): [Array, Tree, Tree, Tree] => {
    const [value, grads] = jax.valueAndGrad(loss)(tree.ref(p)) as [Array, Tree];
    const norms = names.map((name) => np.square(grads[name]!.ref).sum());
    const total = np.sqrt(norms.reduce((sum, one) => sum.add(one)));
    const factor = np.minimum(1, np.reciprocal(total).mul(clipNorm));
    const [correction1, correction2] = np.split(corrections, 2, 0);
    const [p1, m1, v1]: [Tree, Tree, Tree] = [{}, {}, {}];
    for (const name of names) {
      const grad = grads[name]!.mul(factor.ref);
      m1[name] = m[name]!.mul(beta1).add(grad.ref.mul(1 - beta1));
      v1[name] = v[name]!.mul(beta2).add(np.square(grad).mul(1 - beta2));
      const direction = m1[name].ref
        .mul(correction1!.ref)
        .div(np.sqrt(v1[name].ref.mul(correction2!.ref)).add(eps));
      const decay = weights.get(name)!.decay ? weightDecay : 0;
      p1[name] = p[name]!.mul(1 - learningRate * decay).sub(direction.mul(learningRate));
    }
    [factor, correction1!, correction2!].forEach((used) => used.dispose());
    return [value, p1, m1, v1];
  });

  let done = 0;
  let last: Array | undefined;
  return {
    run() {
      done++;
      last?.dispose();
      const corrections = np.array(Float32Array.of(1 / (1 - beta1 ** done), 1 / (1 - beta2 ** done)));
      [last, parameters, m, v] = step(parameters, m, v, corrections) as [Array, Tree, Tree, Tree];
    },
    settle: () => settle(jax, [last!, parameters, m, v]),
    result: async () => (await last!.ref.data()) as Float32Array,
    async gradients() {
      // The first moments began at 0.
      const gradients = new Map<string, Float32Array>();
      for (const name of names) {
        gradients.set(
          name,
          ((await m[name]!.ref.data()) as Float32Array).map((value) => value / (1 - beta1)),
        );
      }
      return gradients;
    },
    dispose() {
      last?.dispose();
      [parameters, m, v].forEach((held) => tree.dispose(held));
      [tokens, targets, cos!, sin!].forEach((held) => held.dispose());
      step.dispose();
    },
  };
}
