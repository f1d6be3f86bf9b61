import { ShapeError } from '../errors.js';
import type { Gpu } from '../gpu/device.js';
import type { Kernel } from '../gpu/kernel.js';
import { recorder } from '../tensor/recorder.js';
import type { Parameters } from '../nn/parameters.js';
import { gridFor } from '../tensor/grid.js';
import { inRanges } from '../tensor/split.js';
import type { Tensor } from '../tensor/tensor.js';

export interface AdamWOptions {
  beta1: number;
  beta2: number;
  eps: number;
  /** Decoupled weight decay of matrices; norms and biases have none. */
  weightDecay: number;
  /** Gradients whose global norm is larger are scaled down to it. */
  clipNorm: number;
}

/** Defaults: the betas of GPT-3 (Brown et al. 2020, arXiv:2005.14165, appendix B). */
export const ADAMW_DEFAULTS: Readonly<AdamWOptions> = {
  beta1: 0.9,
  beta2: 0.95,
  eps: 1e-8,
  weightDecay: 0.1,
  clipNorm: 1,
};

/** An optimizer as `trainStep` takes it. */
export interface OptimizerSettings {
  options: AdamWOptions;
  /** The rate of a step, counted from 0. */
  learningRate: (step: number) => number;
}

/**
 * AdamW with a clipped gradient norm.
 *
 * @param learningRate a constant (default 1e-3), or the rate of each step, counted from 0
 * @param options what differs from `ADAMW_DEFAULTS`
 * @throws ShapeError for a number that is not finite, or a beta outside [0, 1)
 */
export function adamw(
  learningRate: number | ((step: number) => number) = 1e-3,
  options: { readonly [K in keyof AdamWOptions]?: AdamWOptions[K] | undefined } = {},
): OptimizerSettings {
  if (typeof learningRate === 'number') assertFinite('learningRate', learningRate);
  const all = { ...ADAMW_DEFAULTS };
  for (const name of Object.keys(all) as (keyof AdamWOptions)[]) {
    all[name] = options[name] ?? all[name];
    // An infinite clipNorm turns clipping off.
    if (name !== 'clipNorm' || Number.isNaN(all[name])) assertFinite(name, all[name]);
  }
  for (const name of ['beta1', 'beta2'] as const) {
    if (all[name] >= 0 && all[name] < 1) continue;
    throw new ShapeError('adamw', `${name} is ${all[name]}: it must be at least 0 and less than 1`);
  }
  return {
    options: all,
    learningRate: typeof learningRate === 'number' ? () => learningRate : learningRate,
  };
}

function assertFinite(name: string, value: number): void {
  if (!Number.isFinite(value)) throw new ShapeError('adamw', `${name} is ${value}: it must be finite`);
}

/** The most workgroups that sum squares in parallel: enough for a whole GPU, or for the cores of a processor. */
const NORM_WORKGROUPS = { gpu: 1024, software: 64 };
/** The least vec4s worth starting an invocation for. */
const NORM_VECTORS = 8;

/** Each of them writes one partial sum. */
function normWorkgroups({ adapter }: Gpu, kernel: Kernel, vectors: number): number {
  const wanted = Math.ceil(vectors / (kernel.workgroupSize[0] * NORM_VECTORS));
  return Math.min(NORM_WORKGROUPS[adapter.kind], wanted);
}

/** The first loss scale: high, as in Micikevicius et al. 2018, arXiv:1710.03740, section 3.2. */
const FIRST_LOSS_SCALE = 2 ** 16;

/**
 * AdamW with a clipped global norm (arXiv:1711.05101; clipping: Pascanu et al. 2013, arXiv:1211.5063). Learning rate,
 * bias corrections, norm and clip factor are in GPU buffers, so one recorded step serves a whole run.
 */
export class AdamW {
  /** First and second moments, a pair per arena of the parameters. */
  readonly moments: { m: Tensor; v: Tensor }[];
  /** [7]: see kernels/adamw.wgsl. */
  readonly hyper: Tensor;
  /** [2]: the gradients' norm before clipping, and their factor (0: the step was skipped). */
  readonly clip: Tensor;
  /**
   * [2]: the factor of the loss before it is differentiated, and the clean steps since that factor changed; see
   * kernels/grad_norm.wgsl. Used when gradients pass through f16; every checkpoint stores it.
   */
  readonly lossScale: Tensor;

  constructor(
    readonly gpu: Gpu,
    readonly parameters: Parameters,
    readonly options: AdamWOptions,
  ) {
    this.moments = parameters.arenas.map(({ weights }) => ({
      m: gpu.tensor(weights.shape, undefined, { label: 'first moments' }),
      v: gpu.tensor(weights.shape, undefined, { label: 'second moments' }),
    }));
    this.hyper = gpu.tensor([7], undefined, { label: 'hyperparameters' });
    this.clip = gpu.tensor([2], undefined, { label: 'clip' });
    this.lossScale = gpu.tensor([2], Float32Array.of(FIRST_LOSS_SCALE, 0), { label: 'loss scale' });
  }

  /** Writes the hyperparameters of a step, counted from 0. @throws ShapeError for a rate that is not finite */
  prepare(step: number, learningRate: number): void {
    assertFinite('learningRate', learningRate);
    const { beta1, beta2, eps, clipNorm } = this.options;
    const correction1 = 1 / (1 - beta1 ** (step + 1));
    const correction2 = 1 / (1 - beta2 ** (step + 1));
    this.hyper.write(Float32Array.of(learningRate, beta1, beta2, eps, correction1, correction2, clipNorm));
  }

  /** Whether the gradients are those of the loss times `lossScale`. */
  get scalesLoss(): boolean {
    return this.parameters.hasHalves;
  }

  /** Records the update of all parameters from their gradients. */
  record(): void {
    const recording = recorder();
    const { kernels } = this.gpu;
    const { arenas } = this.parameters;
    // An arena too large for one binding is updated in ranges.
    const ranges = arenas.flatMap(({ weights, grads, half, decay }, i) => {
      const { m, v } = this.moments[i]!;
      return inRanges(weights, grads!, m, v, half ?? weights).map(([W, G, ownM, ownV, ownHalf]) => {
        return { W: W!, G: G!, m: ownM!, v: ownV!, half: half && ownHalf!, decay };
      });
    });

    const partial = kernels.get('grad_norm_partial');
    const workgroups = ranges.map(({ G }) => normWorkgroups(this.gpu, partial, G.size / 4));
    const count = workgroups.reduce((sum, own) => sum + own, 0);
    const partials = recording.tensor([count], 'norm partials');
    let first = 0;
    ranges.forEach(({ G }, i) => {
      const N = G.size / 4;
      recording.dispatch(partial, { G, partials }, { N, first }, [workgroups[i]!], {
        flops: 8 * N,
        bytes: 16 * N,
      });
      first += workgroups[i]!;
    });
    const { hyper, clip, lossScale } = this;
    const norm = kernels.get('grad_norm', { flags: { LOSS_SCALE: this.scalesLoss } });
    const scaled = this.scalesLoss ? { lossScale } : {};
    recording.dispatch(norm, { partials, hyper, clip, ...scaled }, { N: partials.size }, [1]);
    for (const { W, G, m, v, half, decay } of ranges) {
      const N = W.size / 4;
      const update = kernels.get('adamw', { flags: { F16: half !== undefined } });
      recording.dispatch(
        update,
        half ? { W, G, m, v, hyper, clip, half } : { W, G, m, v, hyper, clip },
        { N, decay: decay ? this.options.weightDecay : 0 },
        gridFor(update, N),
        { flops: 64 * N, bytes: (half ? 120 : 112) * N },
      );
    }
    recording.attribute('AdamW', 'update');
  }

  dispose(): void {
    for (const { m, v } of this.moments) {
      m.dispose();
      v.dispose();
    }
    this.hyper.dispose();
    this.clip.dispose();
    this.lossScale.dispose();
  }
}
