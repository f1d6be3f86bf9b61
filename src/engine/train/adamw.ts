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
  /** Decoupled weight decay of matrices; norms have none. */
  weightDecay: number;
  /** Gradients whose global norm is larger are scaled down to it. */
  clipNorm: number;
}

/** Workgroups at most that sum squares side by side, and how many vec4 an invocation sums to be worth its while. */
const NORM_WORKGROUPS = 64;
const NORM_VECTORS = 8;

/** Each invocation leaves one partial sum. */
function normWorkgroups(kernel: Kernel, vectors: number): number {
  return Math.min(NORM_WORKGROUPS, Math.ceil(vectors / (kernel.workgroupSize[0] * NORM_VECTORS)));
}

/** Where the loss scale begins (Micikevicius et al. 2018, arXiv:1710.03740, section 3.2, start high as well). */
const FIRST_LOSS_SCALE = 2 ** 16;

/**
 * AdamW with a clipped global norm (arXiv:1711.05101; clipping: Pascanu et al. 2013, arXiv:1211.5063). Learning rate,
 * bias corrections, norm and clip factor lie in GPU buffers, so that a recorded step serves every step of a run.
 */
export class AdamW {
  /** First and second moments, one pair for each arena of the parameters. */
  readonly moments: { m: Tensor; v: Tensor }[];
  /** [8]: see kernels/adamw.wgsl. */
  readonly hyper: Tensor;
  /** [2]: norm of the gradients before clipping, and the factor they are multiplied by (0: the step was skipped). */
  readonly clip: Tensor;
  /**
   * [2]: what the loss is multiplied by before it is differentiated, and the clean steps since that changed; see
   * kernels/grad_norm.wgsl. Used where gradients pass through f16, stored with every run.
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

  /** Sets what changes from step to step. `step` counts from 0. */
  prepare(step: number, learningRate: number): void {
    const { beta1, beta2, eps, clipNorm } = this.options;
    const correction1 = 1 / (1 - beta1 ** (step + 1));
    const correction2 = 1 / (1 - beta2 ** (step + 1));
    this.hyper.write(Float32Array.of(learningRate, beta1, beta2, eps, correction1, correction2, clipNorm));
  }

  /** Whether gradients are of the loss times `lossScale`. */
  get scalesLoss(): boolean {
    return this.parameters.arenas.some(({ half }) => half);
  }

  /** Records the update of all parameters from their gradients. */
  record(): void {
    const recording = recorder();
    const { kernels } = this.gpu;
    const { arenas } = this.parameters;
    // What one binding cannot hold is updated in ranges.
    const ranges = arenas.flatMap(({ weights, grads, half, decay }, i) => {
      const { m, v } = this.moments[i]!;
      return inRanges(weights, grads!, m, v, half ?? weights).map(([W, G, ownM, ownV, ownHalf]) => {
        return { W: W!, G: G!, m: ownM!, v: ownV!, half: half && ownHalf!, decay };
      });
    });

    const partial = kernels.get('grad_norm_partial');
    const workgroups = ranges.map(({ G }) => normWorkgroups(partial, G.size / 4));
    const count = workgroups.reduce((sum, own) => sum + own, 0) * partial.workgroupSize[0];
    const partials = recording.tensor([count], 'norm partials');
    let first = 0;
    ranges.forEach(({ G }, i) => {
      const N = G.size / 4;
      recording.dispatch(partial, { G, partials }, { N, first }, [workgroups[i]!], {
        flops: 8 * N,
        bytes: 16 * N,
      });
      first += workgroups[i]! * partial.workgroupSize[0];
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
        { W, G, m, v, hyper, clip, ...(half && { half }) },
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
