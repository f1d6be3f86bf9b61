import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { kernelFolder } from '../../../src/base/paths.js';
import { CONTROL_WORDS, pickWords, writeControl } from '../../../src/engine/decode/select-tokens.js';
import type { Gpu } from '../../../src/engine/gpu/device.js';
import { record, type Program } from '../../../src/engine/gpu/program.js';
import { hasWorkgroupMemory } from '../../../src/engine/gpu/race-text.js';
import { Decoder } from '../../../src/engine/nn/decoder.js';
import { dispatchAttention } from '../../../src/engine/ops/attention/dispatch.js';
import {
  ATTENTION_PASSES,
  type AttentionPassName,
  type AttentionVariant,
} from '../../../src/engine/ops/attention/variants.js';
import { variantName } from '../../../src/engine/ops/choose-variant.js';
import { crossEntropy } from '../../../src/engine/ops/cross-entropy.js';
import { dispatchMatmul } from '../../../src/engine/ops/matmul/dispatch.js';
import { productOn, type MatmulVariant } from '../../../src/engine/ops/matmul/product.js';
import { MATMUL_VARIANTS } from '../../../src/engine/ops/matmul/variants.js';
import type { DType } from '../../../src/engine/tensor/dtype.js';
import { recorder } from '../../../src/engine/tensor/recorder.js';
import { ADAMW_DEFAULTS } from '../../../src/engine/train/adamw.js';
import type { Batch } from '../../../src/engine/train/batch.js';
import { decoderStep } from '../../../src/engine/train/decoder-step.js';
import { Random } from '../numerics.js';
import { countingSource, TINY } from '../tiny-model.js';

/** A program whose kernels are checked for races. */
export interface RaceCase {
  name: string;
  /** The kernels, in `kernels/` and without `.wgsl`, that the case is for; without it, all that the program has. */
  kernel?: string | undefined;
  record(): Promise<Program<unknown>>;
}

const random = new Random(5);
const floats = (count: number): Float32Array => random.floats(count, 1);

interface MatmulCase {
  M: number;
  N: number;
  K: number;
  transposeA: boolean;
  transposeB: boolean;
  types: { A: DType; B: DType; C: DType };
  /** Heads of this many dimensions are rotated: C is queries, keys and values. */
  headDim?: number;
}

/**
 * One tile of C, not quite filled, and two steps along K, of which the second ends inside a tile. Other workgroups do the
 * same with other numbers.
 */
function matmulCases(gpu: Gpu, [rows, columns]: readonly [number, number]): MatmulCase[] {
  const type: DType = gpu.path === 'f32' ? 'f32' : 'f16';
  const types = { A: type, B: type, C: type };
  const [M, N, K] = [Math.max(8, rows - 8), Math.max(8, columns - 8), 40];
  const plain = { M, N, K, transposeA: false, transposeB: true };
  // The kernels for matrices of 8 are those of 16 with other sizes.
  if (gpu.matrixFlags.MATRIX_8)
    return [
      { ...plain, types },
      { ...plain, N: 192, types, headDim: 64 },
    ];
  const cases: MatmulCase[] = [];
  for (const transposeA of [false, true]) {
    for (const transposeB of [false, true]) cases.push({ M, N, K, transposeA, transposeB, types });
  }
  if (type === 'f32') {
    cases.push({ ...plain, M: M - 1, N: N - 1, K: 37, types });
  } else {
    cases.push({ ...plain, types: { A: 'f32', B: 'f16', C: 'f16' } });
    cases.push({ ...plain, types: { A: 'f16', B: 'f32', C: 'f32' } });
  }
  for (const headDim of [64, 128]) cases.push({ ...plain, N: 3 * headDim, types, headDim });
  return cases;
}

function matmulProgram(gpu: Gpu, variant: MatmulVariant, problem: MatmulCase): Promise<Program<unknown>> {
  const { M, N, K, transposeA, transposeB, types, headDim } = problem;
  const shape = { batch: 1, M, N, K, transposeA, transposeB };
  const A = gpu.tensor(transposeA ? [K, M] : [M, K], floats(M * K), { dtype: types.A });
  const B = gpu.tensor(transposeB ? [N, K] : [K, N], floats(N * K), { dtype: types.B });
  const rotary = headDim && { table: gpu.tensor([M, headDim], floats(M * headDim)), T: M, headDim };
  return record(gpu, () => {
    const C = recorder().tensor([M, N], 'product', types.C);
    dispatchMatmul(shape, A, B, { tensor: C, accumulate: false }, { variant, rotary: rotary || undefined });
    return C;
  });
}

/**
 * Every variant of matmul that this device can run, in every layout that it can multiply. For matrices of 8, which differ
 * from those of 16 in numbers alone, only the variant in use. Loops that are written out have the barriers of the loops;
 * with their accesses noted they take SwiftShader many minutes to compile, so they are left out.
 */
function matmulRaceCases(gpu: Gpu): RaceCase[] {
  const variants = MATMUL_VARIANTS.filter(({ way }) =>
    gpu.matrixFlags.MATRIX_8 ? way === undefined : !way?.includes('unrolled'),
  );
  return variants.flatMap((variant) =>
    matmulCases(gpu, variant.tile)
      .filter(({ types, headDim, ...shape }) => {
        const product = productOn(gpu, { batch: 1, ...shape }, types);
        return variant.can(product) && (!headDim || variant.turnsHeads?.(product, headDim));
      })
      .map((problem) => {
        const { M, N, K, transposeA, transposeB, types, headDim } = problem;
        const layout = `${transposeA ? 'T' : 'N'}${transposeB ? 'T' : 'N'}`;
        const name = `${variant.file} ${M}×${N}×${K} ${layout} ${types.A} ${types.B} ${types.C}`;
        return {
          kernel: variant.file,
          name: headDim ? `${name} heads of ${headDim}` : name,
          record: () => matmulProgram(gpu, variant, problem),
        };
      }),
  );
}

function attentionProgram(
  gpu: Gpu,
  pass: AttentionPassName,
  variant: AttentionVariant,
  headDim: number,
): Promise<Program<unknown>> {
  const [B, T, nHead] = [1, 64, 1];
  const C = nHead * headDim;
  const dtype: DType = gpu.path === 'f32' ? 'f32' : 'f16';
  // Later keys fit the queries better and better, so that the running maximum rises.
  const values = floats(B * T * 3 * C).map((value, i) => value * (1 + Math.floor(i / (3 * C))));
  const QKV = gpu.tensor([B, T, 3 * C], values, { dtype });
  const dO = gpu.tensor([B, T, C], floats(B * T * C), { dtype });
  return record(gpu, () => {
    const O = recorder().tensor([B, T, C], 'attention', dtype);
    const L = recorder().tensor([B, nHead, T], 'log-sum-exp');
    const delta = recorder().tensor([B, nHead, T], 'delta');
    const dQKV = recorder().tensor([B, T, 3 * C], 'd qkv', dtype);
    const shape = { B, T, nHead, headDim };
    const ownVariant = (name: AttentionPassName) => (name === pass ? { variant } : {});
    dispatchAttention('forward', shape, { QKV, O, L }, ownVariant('forward'));
    if (pass !== 'forward') {
      dispatchAttention('dq', shape, { QKV, O, L, dO, delta, dQKV }, ownVariant('dq'));
    }
    if (pass === 'dkv') dispatchAttention('dkv', shape, { QKV, L, dO, delta, dQKV }, ownVariant('dkv'));
    return { O, L, delta, dQKV };
  });
}

/**
 * Variants of every pass of attention, for heads of every size that the kernels tell apart. With their accesses noted,
 * kernels on matrix units whose loops are written out take SwiftShader many minutes to compile, so they are left out.
 */
function attentionRaceCases(gpu: Gpu): RaceCase[] {
  const dtype: DType = gpu.path === 'f32' ? 'f32' : 'f16';
  return (Object.keys(ATTENTION_PASSES) as AttentionPassName[]).flatMap((pass) =>
    ATTENTION_PASSES[pass].variants
      .filter(({ way }) => !way?.includes('unrolled'))
      .flatMap((variant) => {
        const flags = new Set<string>();
        return (gpu.matrixFlags.MATRIX_8 ? [64] : [32, 64, 128])
          .map((headDim) => ({ device: gpu, dtype, headDim }))
          .filter((use) => variant.can(use) && use.headDim > (variant.flags ? 32 : 0))
          .filter((use) => {
            const own = JSON.stringify(variant.flags?.(use));
            return !flags.has(own) && flags.add(own);
          })
          .map(({ headDim }) => ({
            name: `${variantName(variant)} heads of ${headDim} ${dtype}`,
            kernel: variant.file,
            record: () => attentionProgram(gpu, pass, variant, headDim),
          }));
      }),
  );
}

/** Keys of several tiles, for one sequence and for another that begins. */
function decodeCase(gpu: Gpu, WORKGROUP: number): RaceCase {
  const [B, nHead, maxT, headDim] = [2, 2, 150, 32];
  return {
    name: `attention_decode ${WORKGROUP}`,
    kernel: 'attention_decode',
    record: () => {
      const cache = B * nHead * maxT * headDim;
      const tensors = {
        QKV: gpu.tensor([B, 3 * nHead * headDim], floats(B * 3 * nHead * headDim)),
        K: gpu.tensor([B, nHead, maxT, headDim], floats(cache)),
        V: gpu.tensor([B, nHead, maxT, headDim], floats(cache)),
        lengths: gpu.tensor([B], Uint32Array.of(maxT - 1, 3)),
        O: gpu.tensor([B, nHead * headDim]),
      };
      const constants = { HEAD_VECTORS: headDim / 4, WORKGROUP };
      const kernel = gpu.kernels.get('attention_decode', { constants });
      return record(gpu, () =>
        recorder().dispatch(kernel, tensors, { nHead, T: 1, maxT, scale: 0.2 }, [nHead, B]),
      );
    },
  };
}

/** One row that draws a token, and one that does not. */
function selectCase(gpu: Gpu, WORKGROUP: number): RaceCase {
  const [B, V, ranks] = [2, 700, 3];
  const W = Math.ceil(V / 32);
  return {
    name: `token_select ${WORKGROUP}`,
    kernel: 'token_select',
    record: () => {
      const controls = new Uint32Array(B * CONTROL_WORDS);
      writeControl(controls, 0, 0, { temperature: 0.7, uniform: 0.5 });
      writeControl(controls, 1, 1);
      const tensors = {
        logits: gpu.tensor([B, V], floats(B * V)),
        masks: gpu.tensor([B, W], new Uint32Array(B * W).fill(0x0fff_ffff)),
        controls: gpu.tensor([B, CONTROL_WORDS], controls),
        picks: gpu.tensor([B, pickWords(ranks)], undefined, { dtype: 'u32' }),
      };
      const kernel = gpu.kernels.get('token_select', { constants: { WORKGROUP } });
      return record(gpu, () => recorder().dispatch(kernel, tensors, { V, W, ranks }, [B]));
    },
  };
}

/** The mean loss of rows of logits, which a decoder's step computes otherwise. */
function crossEntropyCase(gpu: Gpu): RaceCase {
  const [N, V] = [100, 24];
  return {
    name: 'cross-entropy',
    record: () => {
      const logits = gpu.tensor([N, V], floats(N * V));
      const targets = gpu.tensor([N], new Uint32Array(N).fill(3));
      return record(gpu, () => crossEntropy(logits, targets));
    },
  };
}

/** All that a training step of a small model dispatches: whatever kernels it takes are checked. */
function stepCase(gpu: Gpu): RaceCase {
  return {
    name: 'training step',
    record: async () => {
      const decoder = new Decoder(gpu, { ...TINY, vocabSize: 16 }, { seed: 1 });
      const [batchSize, context] = [2, 12];
      const step = await decoderStep(decoder, ADAMW_DEFAULTS, { batchSize, context, microBatches: 1 });
      step.submit([countingSource(batchSize, context).next() as Batch], 0, 1e-3);
      return step.programs.microBatch;
    },
  };
}

/** Every variant of matmul and attention on this device, and a training step. */
function pathCases(gpu: Gpu): RaceCase[] {
  return [...matmulRaceCases(gpu), ...attentionRaceCases(gpu), stepCase(gpu)].filter(
    ({ kernel }) => kernel === undefined || usesWorkgroupMemory(kernel),
  );
}

/** The kernels of decoding, with as many invocations as on a software adapter and on a GPU. */
function decodeCases(gpu: Gpu): RaceCase[] {
  return [...[8, 64].map((size) => decodeCase(gpu, size)), ...[8, 256].map((size) => selectCase(gpu, size))];
}

/** All cases of a device. The kernels of decoding and of cross-entropy are f32 on every path. */
export function allCases(gpu: Gpu): RaceCase[] {
  return [...pathCases(gpu), ...(gpu.path === 'f32' ? [...decodeCases(gpu), crossEntropyCase(gpu)] : [])];
}

/** Whether the kernel's file, or one that it includes, has workgroup memory. */
export function usesWorkgroupMemory(file: string): boolean {
  const text = readFileSync(join(kernelFolder, `${file}.wgsl`), 'utf8');
  const included = [...text.matchAll(/^#include "(.+)\.wgsl"/gm)].map(([, name]) => name!);
  return hasWorkgroupMemory(text) || included.some(usesWorkgroupMemory);
}
