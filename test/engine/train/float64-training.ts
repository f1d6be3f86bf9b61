/**
 * The training of a decoder in float64 on plain arrays: forward, backward, clip, AdamW and schedule, written from the
 * papers and from no code of the engine, whose curve it is to confirm. One record per row.
 */

/** Rows, one after another. */
export type Matrix = Float64Array;

export interface Shape {
  vocabSize: number;
  nLayer: number;
  nHead: number;
  width: number;
  mlpWidth: number;
  tiedHead: boolean;
}

export interface Hyper {
  steps: number;
  warmupSteps: number;
  learningRate: number;
  minLearningRate: number;
  beta1: number;
  beta2: number;
  eps: number;
  weightDecay: number;
  clipNorm: number;
}

export interface Rows {
  /** [B, T] */
  inputs: ArrayLike<number>;
  /** [B, T]; a number outside the vocabulary is not learned. */
  targets: ArrayLike<number>;
}

const NORM_EPS = 1e-5;
const ROTARY_BASE = 10_000;

const zeros = (like: ArrayLike<number>): Matrix => new Float64Array(like.length);
const sumOf = (values: ArrayLike<number>, of: (value: number, i: number) => number): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += of(values[i]!, i);
  return sum;
};

/** y[r] = W · x[r] for W [N, K] and rows of K. */
function linear(x: Matrix, W: Matrix, K: number): Matrix {
  const [R, N] = [x.length / K, W.length / K];
  const y = new Float64Array(R * N);
  for (let r = 0; r < R; r++)
    for (let n = 0; n < N; n++) for (let k = 0; k < K; k++) y[r * N + n]! += W[n * K + k]! * x[r * K + k]!;
  return y;
}

/** Adds dyᵀ · x to dW. @returns dx */
function linearBack(dy: Matrix, x: Matrix, W: Matrix, dW: Matrix, K: number): Matrix {
  const [R, N] = [x.length / K, W.length / K];
  const dx = zeros(x);
  for (let r = 0; r < R; r++)
    for (let n = 0; n < N; n++)
      for (let k = 0; k < K; k++) {
        dW[n * K + k]! += dy[r * N + n]! * x[r * K + k]!;
        dx[r * K + k]! += dy[r * N + n]! * W[n * K + k]!;
      }
  return dx;
}

interface Normed {
  y: Matrix;
  /** Centred and scaled, before gamma and beta. */
  unit: Matrix;
  /** 1 / standard deviation of each row. */
  inverse: Matrix;
}

function norm(x: Matrix, gamma: Matrix, beta: Matrix): Normed {
  const C = gamma.length;
  const [y, unit, inverse] = [zeros(x), zeros(x), new Float64Array(x.length / C)];
  for (let r = 0; r < inverse.length; r++) {
    const row = x.subarray(r * C, (r + 1) * C);
    const mean = sumOf(row, (value) => value) / C;
    inverse[r] = 1 / Math.sqrt(sumOf(row, (value) => (value - mean) ** 2) / C + NORM_EPS);
    for (let c = 0; c < C; c++) {
      unit[r * C + c] = (row[c]! - mean) * inverse[r]!;
      y[r * C + c] = unit[r * C + c]! * gamma[c]! + beta[c]!;
    }
  }
  return { y, unit, inverse };
}

function normBack(
  dy: Matrix,
  { unit, inverse }: Normed,
  gamma: Matrix,
  dGamma: Matrix,
  dBeta: Matrix,
): Matrix {
  const C = gamma.length;
  const dx = zeros(dy);
  for (let r = 0; r < inverse.length; r++) {
    const at = (c: number): number => r * C + c;
    const dUnit = Float64Array.from({ length: C }, (_, c) => dy[at(c)]! * gamma[c]!);
    const mean = sumOf(dUnit, (d) => d) / C;
    const along = sumOf(dUnit, (d, c) => d * unit[at(c)]!) / C;
    for (let c = 0; c < C; c++) {
      dGamma[c]! += dy[at(c)]! * unit[at(c)]!;
      dBeta[c]! += dy[at(c)]!;
      dx[at(c)] = inverse[r]! * (dUnit[c]! - mean - unit[at(c)]! * along);
    }
  }
  return dx;
}

/** Turns queries and keys of [R, 3C] by their positions; `direction` -1 turns them back. */
function turn(
  qkv: Matrix,
  { T, C, nHead }: { T: number; C: number; nHead: number },
  direction: 1 | -1,
): Matrix {
  const D = C / nHead;
  const turned = qkv.slice();
  for (let r = 0; r < qkv.length / (3 * C); r++)
    for (let head = 0; head < 2 * nHead; head++)
      for (let d = 0; d < D / 2; d++) {
        const angle = direction * (r % T) * ROTARY_BASE ** ((-2 * d) / D);
        const low = r * 3 * C + head * D + d;
        const [a, b] = [qkv[low]!, qkv[low + D / 2]!];
        turned[low] = a * Math.cos(angle) - b * Math.sin(angle);
        turned[low + D / 2] = a * Math.sin(angle) + b * Math.cos(angle);
      }
  return turned;
}

interface Heads {
  T: number;
  C: number;
  nHead: number;
}

/** Softmax weights of one head: query t over the keys 0 … t. */
function weightsOf(qkv: Matrix, { C, nHead }: Heads, first: number, head: number, t: number): Matrix {
  const D = C / nHead;
  const at = (part: number, row: number): number => (first + row) * 3 * C + part * C + head * D;
  const scores = Float64Array.from({ length: t + 1 }, (_, key) => {
    let dot = 0;
    for (let d = 0; d < D; d++) dot += qkv[at(0, t) + d]! * qkv[at(1, key) + d]!;
    return dot / Math.sqrt(D);
  });
  const highest = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - highest));
  const total = sumOf(powers, (power) => power);
  return powers.map((power) => power / total);
}

function attend(qkv: Matrix, heads: Heads): Matrix {
  const { T, C, nHead } = heads;
  const D = C / nHead;
  const out = new Float64Array(qkv.length / 3);
  for (let first = 0; first < out.length / C; first += T)
    for (let head = 0; head < nHead; head++)
      for (let t = 0; t < T; t++)
        weightsOf(qkv, heads, first, head, t).forEach((weight, key) => {
          for (let d = 0; d < D; d++)
            out[(first + t) * C + head * D + d]! +=
              weight * qkv[(first + key) * 3 * C + 2 * C + head * D + d]!;
        });
  return out;
}

function attendBack(dOut: Matrix, qkv: Matrix, heads: Heads): Matrix {
  const { T, C, nHead } = heads;
  const D = C / nHead;
  const dqkv = zeros(qkv);
  for (let first = 0; first < dOut.length / C; first += T)
    for (let head = 0; head < nHead; head++)
      for (let t = 0; t < T; t++) {
        const at = (part: number, row: number): number => (first + row) * 3 * C + part * C + head * D;
        const from = (first + t) * C + head * D;
        const weights = weightsOf(qkv, heads, first, head, t);
        const dWeights = weights.map((weight, key) => {
          let sum = 0;
          for (let d = 0; d < D; d++) {
            sum += dOut[from + d]! * qkv[at(2, key) + d]!;
            dqkv[at(2, key) + d]! += weight * dOut[from + d]!;
          }
          return sum;
        });
        const mean = sumOf(weights, (weight, key) => weight * dWeights[key]!);
        weights.forEach((weight, key) => {
          const dScore = (weight * (dWeights[key]! - mean)) / Math.sqrt(D);
          for (let d = 0; d < D; d++) {
            dqkv[at(0, t) + d]! += dScore * qkv[at(1, key) + d]!;
            dqkv[at(1, key) + d]! += dScore * qkv[at(0, t) + d]!;
          }
        });
      }
  return dqkv;
}

/** silu(gate) · up of [R, 2F], gates first. */
function gated(x: Matrix, F: number): Matrix {
  return Float64Array.from({ length: x.length / 2 }, (_, i) => {
    const at = Math.floor(i / F) * 2 * F + (i % F);
    return (x[at]! / (1 + Math.exp(-x[at]!))) * x[at + F]!;
  });
}

function gatedBack(dy: Matrix, x: Matrix, F: number): Matrix {
  const dx = zeros(x);
  dy.forEach((d, i) => {
    const at = Math.floor(i / F) * 2 * F + (i % F);
    const sigmoid = 1 / (1 + Math.exp(-x[at]!));
    dx[at] = d * x[at + F]! * sigmoid * (1 + x[at]! * (1 - sigmoid));
    dx[at + F] = d * x[at]! * sigmoid;
  });
  return dx;
}

const plus = (a: Matrix, b: Matrix): Matrix => a.map((value, i) => value + b[i]!);

/** Linear warm-up, then half a cosine, for a step counted from 0. */
function rateOf(step: number, { steps, warmupSteps, learningRate, minLearningRate }: Hyper): number {
  if (step < warmupSteps) return (learningRate * (step + 1)) / warmupSteps;
  const share = (step - warmupSteps) / (steps - warmupSteps);
  return minLearningRate + ((learningRate - minLearningRate) * (1 + Math.cos(Math.PI * share))) / 2;
}

export class Float64Training {
  readonly #weights: ReadonlyMap<string, Matrix>;
  readonly #moments: ReadonlyMap<string, { m: Matrix; v: Matrix }>;
  #gradients: ReadonlyMap<string, Matrix> = new Map();
  #done = 0;

  constructor(
    private readonly shape: Shape,
    private readonly hyper: Hyper,
    weights: ReadonlyMap<string, ArrayLike<number>>,
    /** Tokens per row. */
    private readonly T: number,
  ) {
    this.#weights = new Map([...weights].map(([name, values]) => [name, Float64Array.from(values)]));
    this.#moments = new Map(
      [...this.#weights].map(([name, values]) => [name, { m: zeros(values), v: zeros(values) }]),
    );
  }

  /** One update from the mean over all targets of the micro-batches. @returns that mean loss, before the update */
  step(microBatches: readonly Rows[]): number {
    this.#gradients = new Map([...this.#weights].map(([name, values]) => [name, zeros(values)]));
    const isLearned = (target: number): boolean => target < this.shape.vocabSize;
    const learned = microBatches.reduce(
      (sum, { targets }) => sum + sumOf(targets, (target) => Number(isLearned(target))),
      0,
    );
    const loss = microBatches.reduce((sum, rows) => sum + this.#passes(rows, learned), 0);
    this.#update();
    return loss;
  }

  #w(name: string): Matrix {
    return this.#weights.get(name)!;
  }

  #d(name: string): Matrix {
    return this.#gradients.get(name)!;
  }

  /** Forward and backward. @returns the batch's part of the mean loss */
  #passes({ inputs, targets }: Rows, learned: number): number {
    const { nLayer, width: C, nHead, mlpWidth: F, vocabSize: V, tiedHead } = this.shape;
    const heads = { T: this.T, C, nHead };
    const embed = this.#w('embed');
    let x: Matrix = Float64Array.from({ length: inputs.length * C }, (_, i) => {
      return embed[inputs[Math.floor(i / C)]! * C + (i % C)]!;
    });
    const backward: ((dx: Matrix) => Matrix)[] = [];
    const normed = (name: string, from: Matrix): Normed =>
      norm(from, this.#w(`${name}.gamma`), this.#w(`${name}.beta`));
    const normedBack = (name: string, dy: Matrix, of: Normed): Matrix =>
      normBack(dy, of, this.#w(`${name}.gamma`), this.#d(`${name}.gamma`), this.#d(`${name}.beta`));
    const back = (name: string, dy: Matrix, from: Matrix, K: number): Matrix =>
      linearBack(dy, from, this.#w(name), this.#d(name), K);

    for (let layer = 0; layer < nLayer; layer++) {
      const at = `layers.${layer}`;
      const before = normed(`${at}.attention_norm`, x);
      const qkv = turn(linear(before.y, this.#w(`${at}.qkv`), C), heads, 1);
      const attended = attend(qkv, heads);
      x = plus(x, linear(attended, this.#w(`${at}.attention_out`), C));
      const middle = normed(`${at}.mlp_norm`, x);
      const gateUp = linear(middle.y, this.#w(`${at}.gate_up`), C);
      const product = gated(gateUp, F);
      x = plus(x, linear(product, this.#w(`${at}.down`), F));
      backward.push((dx) => {
        const dGateUp = gatedBack(back(`${at}.down`, dx, product, F), gateUp, F);
        const dMiddle = plus(
          dx,
          normedBack(`${at}.mlp_norm`, back(`${at}.gate_up`, dGateUp, middle.y, C), middle),
        );
        const dAttended = back(`${at}.attention_out`, dMiddle, attended, C);
        const dqkv = turn(attendBack(dAttended, qkv, heads), heads, -1);
        return plus(
          dMiddle,
          normedBack(`${at}.attention_norm`, back(`${at}.qkv`, dqkv, before.y, C), before),
        );
      });
    }
    const last = normed('norm', x);
    const head = tiedHead ? 'embed' : 'head';
    const logits = linear(last.y, this.#w(head), C);
    const dLogits = zeros(logits);
    let loss = 0;
    for (let r = 0; r < inputs.length; r++) {
      const target = targets[r]!;
      if (target >= V) continue;
      const row = logits.subarray(r * V, (r + 1) * V);
      const highest = Math.max(...row);
      const total = sumOf(row, (logit) => Math.exp(logit - highest));
      loss += (Math.log(total) + highest - row[target]!) / learned;
      row.forEach((logit, v) => {
        const probability = Math.exp(logit - highest) / total;
        dLogits[r * V + v] = (probability - Number(v === target)) / learned;
      });
    }
    let dx = normedBack('norm', back(head, dLogits, last.y, C), last);
    for (const block of backward.reverse()) dx = block(dx);
    const dEmbed = this.#d('embed');
    dx.forEach((d, i) => (dEmbed[inputs[Math.floor(i / C)]! * C + (i % C)]! += d));
    return loss;
  }

  /** Clips the global norm, then AdamW: decay of matrices alone, apart from the moments. */
  #update(): void {
    const { beta1, beta2, eps, weightDecay, clipNorm } = this.hyper;
    const squares = [...this.#gradients.values()].reduce(
      (sum, g) => sum + sumOf(g, (value) => value ** 2),
      0,
    );
    const factor = Math.min(1, clipNorm / Math.sqrt(squares));
    const rate = rateOf(this.#done, this.hyper);
    const t = ++this.#done;
    for (const [name, w] of this.#weights) {
      const { m, v } = this.#moments.get(name)!;
      const decay = /\.(gamma|beta)$/.test(name) ? 0 : weightDecay;
      this.#d(name).forEach((gradient, i) => {
        const g = gradient * factor;
        m[i] = beta1 * m[i]! + (1 - beta1) * g;
        v[i] = beta2 * v[i]! + (1 - beta2) * g * g;
        const [mean, spread] = [m[i]! / (1 - beta1 ** t), v[i]! / (1 - beta2 ** t)];
        w[i]! -= rate * (mean / (Math.sqrt(spread) + eps) + decay * w[i]!);
      });
    }
  }
}
