/**
 * Says which part of attention on matrix units is wrong on an adapter, and which change to the kernel makes it right:
 * every kernel of a pass, and some edits of the forward one, on small inputs against float64. Prints one line for each
 * input, and where a kernel of the tables is wrong its errors by tiles of 16 × 16, and its worst tile; at the end all
 * kernels that were wrong. Every pass gets exact inputs, so a fault of one does not show in the next. Takes seconds on a
 * GPU.
 *
 *     attention-diagnosis.ts [--adapter A] [--emulate 8|16] [--heads 64,128] [--only REGEXP]
 *
 * Exits with 1 if a kernel that the engine uses is wrong; edits and reserves are only reported.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { kernelFolder, kernelOverrides } from '../../src/base/paths.js';
import { noise } from '../../src/engine/bench/inputs.js';
import { relativeDifference } from '../../src/engine/bench/statistics.js';
import { Gpu } from '../../src/engine/gpu/device.js';
import { record } from '../../src/engine/gpu/program.js';
import { attentionBackwardReference, attentionReference } from '../../src/engine/ops/attention/attention.js';
import { dispatchAttention } from '../../src/engine/ops/attention/dispatch.js';
import {
  ATTENTION_PASSES,
  type AttentionPassName,
  type AttentionUse,
  type AttentionVariant,
} from '../../src/engine/ops/attention/variants.js';
import { variantName } from '../../src/engine/ops/choose-variant.js';
import { recorder } from '../../src/engine/tensor/recorder.js';
import { EDITS, FORWARD } from './attention-edits.js';

const { values: options } = parseArgs({
  options: {
    adapter: { type: 'string', default: 'auto' },
    emulate: { type: 'string' },
    heads: { type: 'string', default: '64,128' },
    only: { type: 'string', default: '' },
  },
});
const TOLERANCE = 2e-3;
const NEVER_RISES = ['noise', 'identity', 'columns', 'rows'];

const INPUTS = {
  /** Uniform in [-1, 1). */
  noise: (values: Float32Array) => values,
  /** The output is the weights: value j is 1 in dimension j alone. */
  identity: (values: Float32Array, set: Setter) => set(values, (t, d) => (t === d ? 1 : 0)),
  /** Values depend on the dimension alone: the output is they, whatever the weights. */
  columns: (values: Float32Array, set: Setter) => set(values, (_t, d) => (d + 1) / 64),
  /** Values depend on the key alone: columns of the output are equal. */
  rows: (values: Float32Array, set: Setter) => set(values, (t) => (t + 1) / 64),
  /** Later keys score higher, so that the running maximum rises. */
  rising: (values: Float32Array) => values,
};
type Input = keyof typeof INPUTS;
type Setter = (qkv: Float32Array, value: (t: number, d: number) => number) => Float32Array;

function inputOf(name: Input, T: number, headDim: number): Float32Array {
  const setValues: Setter = (qkv, value) =>
    qkv.map((old, i) => {
      const [t, column] = [Math.floor(i / (3 * headDim)), i % (3 * headDim)];
      return column < 2 * headDim ? old : value(t, column - 2 * headDim);
    });
  const qkv = INPUTS[name](noise(T * 3 * headDim), setValues);
  if (name === 'rising') {
    for (let t = 0; t < T; t++) {
      qkv[t * 3 * headDim] = 8;
      qkv[t * 3 * headDim + headDim] = t % 3 === 0 ? t / 2 : -t / 4;
    }
  }
  return qkv;
}

/** Errors of each 16 × 16 tile, as `.` (right), or the first digit of the error in tenths, `9` for .9 and more. */
function mapOf(found: ArrayLike<number>, expected: ArrayLike<number>, columns: number): string[] {
  const rows = expected.length / columns;
  let scale = 0;
  for (let i = 0; i < expected.length; i++) scale = Math.max(scale, Math.abs(expected[i]!));
  const lines: string[] = [];
  let worst = { error: 0, r: 0, c: 0 };
  for (let r = 0; r < rows; r += 16) {
    let line = '';
    for (let c = 0; c < columns; c += 16) {
      let error = 0;
      for (let i = r; i < Math.min(r + 16, rows); i++) {
        for (let j = c; j < Math.min(c + 16, columns); j++) {
          const off = Math.abs(found[i * columns + j]! - expected[i * columns + j]!) / scale;
          if (!(off <= error)) error = Number.isNaN(off) ? Infinity : off;
        }
      }
      if (error > worst.error) worst = { error, r, c };
      line += error <= TOLERANCE ? ' .' : ` ${Math.min(9, Math.floor(10 * error))}`;
    }
    lines.push(`      rows ${String(r).padStart(3)}…${line}`);
  }
  lines.push(
    `      worst tile: rows ${worst.r}…, columns ${worst.c}…; found | expected, in hundredths of the largest`,
  );
  for (let i = worst.r; i < Math.min(worst.r + 16, rows); i++) {
    const part = (of: ArrayLike<number>): string =>
      Array.from({ length: Math.min(16, columns - worst.c) }, (_, j) =>
        ((100 * of[i * columns + worst.c + j]!) / scale).toFixed(0).padStart(4),
      ).join('');
    lines.push(`      ${part(found)} |${part(expected)}`);
  }
  return lines;
}

/** One result of a kernel beside what it should be. */
interface Part {
  name: string;
  found: ArrayLike<number>;
  expected: ArrayLike<number>;
  columns: number;
}

/** Prints the errors of the parts, with `maps` also where they are; says whether all are right. */
function report(title: string, same: boolean, parts: readonly Part[], maps: boolean): boolean {
  const errors = parts.map(({ name, found, expected }) => {
    const error = relativeDifference(found, expected);
    return { name, error, right: error <= TOLERANCE };
  });
  const right = same && errors.every((one) => one.right);
  const shown = errors.map(({ name, error }) => `${name} ${error.toExponential(1)}`).join(', ');
  console.log(`${right ? 'right' : 'WRONG'} ${title}: ${shown}${same ? '' : ', differs from run to run'}`);
  for (const [i, { found, expected, columns }] of parts.entries()) {
    if (!maps || errors[i]!.right || columns === 1) continue;
    console.log(`    ${errors[i]!.name}`);
    console.log(mapOf(found, expected, columns).join('\n'));
  }
  return right;
}

type Results = Record<string, Float32Array>;

/** Runs one pass by itself on exact inputs, twice. */
async function run(
  gpu: Gpu,
  pass: AttentionPassName,
  variant: AttentionVariant,
  headDim: number,
  given: {
    qkv: Float32Array;
    O: ArrayLike<number>;
    L: ArrayLike<number>;
    dO: Float32Array;
    delta: Float32Array;
  },
): Promise<{ results: Results; same: boolean }> {
  const T = given.qkv.length / (3 * headDim);
  const shape = { B: 1, T, nHead: 1, headDim };
  const half = (columns: number, values?: Float32Array) =>
    gpu.tensor([1, T, columns], values, { dtype: 'f16' });
  const [QKV, dO] = [half(3 * headDim, given.qkv), half(headDim, given.dO)];
  const exact = {
    O: half(headDim, Float32Array.from(given.O)),
    L: gpu.tensor([1, 1, T], Float32Array.from(given.L)),
  };
  const delta = gpu.tensor([1, 1, T], given.delta);
  const dQKV = half(3 * headDim);
  const program = await record(gpu, () => {
    if (pass === 'forward') {
      const O = recorder().tensor([1, T, headDim], 'output', 'f16');
      const L = recorder().tensor([1, 1, T], 'log-sum-exp');
      dispatchAttention('forward', shape, { QKV, O, L }, { variant });
      return { O, L };
    }
    if (pass === 'dq') dispatchAttention('dq', shape, { QKV, ...exact, dO, delta, dQKV }, { variant });
    else dispatchAttention('dkv', shape, { QKV, L: exact.L, dO, delta, dQKV }, { variant });
    return { dQKV, delta };
  });
  const runs: Results[] = [];
  for (let i = 0; i < 2; i++) {
    program.run();
    const results: Results = {};
    for (const [name, tensor] of Object.entries(program.outputs)) results[name] = await tensor.read();
    runs.push(results);
  }
  program.dispose();
  for (const tensor of [QKV, dO, exact.O, exact.L, delta, dQKV]) tensor.dispose();
  const same = Object.keys(runs[0]!).every((name) =>
    runs[0]![name]!.every((value, i) => Object.is(value, runs[1]![name]![i])),
  );
  return { results: runs[1]!, same };
}

/** The values that a tensor in f16 holds. */
async function rounded(gpu: Gpu, values: Float32Array): Promise<Float32Array> {
  const tensor = gpu.tensor([values.length], values, { dtype: 'f16' });
  const read = await tensor.read();
  tensor.dispose();
  return read;
}

async function check(
  gpu: Gpu,
  pass: AttentionPassName,
  variant: AttentionVariant,
  title: string,
  headDim: number,
  T: number,
  input: Input,
  maps: boolean,
): Promise<boolean> {
  const shape = { B: 1, T, nHead: 1, headDim };
  const qkv = await rounded(gpu, inputOf(input, T, headDim));
  const dO = await rounded(gpu, noise(T * headDim + 3).slice(3));
  const { O, L } = attentionReference(shape, qkv);
  const delta = new Float32Array(T);
  for (let i = 0; i < T * headDim; i++) delta[Math.floor(i / headDim)]! += dO[i]! * O[i]!;
  const { results, same } = await run(gpu, pass, variant, headDim, { qkv, O, L, dO, delta });
  const parts: Part[] = [];
  if (pass === 'forward') {
    parts.push({ name: 'log-sum-exp', found: results['L']!, expected: L, columns: 1 });
    parts.push({ name: 'output', found: results['O']!, expected: O, columns: headDim });
  } else {
    const expected = attentionBackwardReference(shape, qkv, dO);
    const third = (of: ArrayLike<number>, part: number): Float32Array =>
      Float32Array.from(of).filter((_, i) => Math.floor((i % (3 * headDim)) / headDim) === part);
    if (pass === 'dq') parts.push({ name: 'delta', found: results['delta']!, expected: delta, columns: 1 });
    for (const [part, name] of ['dQ', 'dK', 'dV'].entries()) {
      if ((part === 0) !== (pass === 'dq')) continue;
      parts.push({
        name,
        found: third(results['dQKV']!, part),
        expected: third(expected, part),
        columns: headDim,
      });
    }
  }
  return report(`${title}, heads of ${headDim}, ${T} positions, ${input}`, same, parts, maps);
}

/** Writes the edited kernels as new files. */
function writeEdits(folder: string): void {
  const own = kernelOverrides === undefined ? undefined : join(kernelOverrides, `${FORWARD}.wgsl`);
  let source: string;
  try {
    source = readFileSync(own ?? join(kernelFolder, `${FORWARD}.wgsl`), 'utf8');
  } catch {
    source = readFileSync(join(kernelFolder, `${FORWARD}.wgsl`), 'utf8');
  }
  writeFileSync(join(folder, `${FORWARD}.wgsl`), source);
  for (const [i, { name, edits }] of EDITS.entries()) {
    let text = source;
    for (const [from, to] of edits) {
      if (text.split(from).length !== 2)
        throw new Error(`"${name}": this is not in the kernel once: ${from}`);
      text = text.replace(from, to);
    }
    writeFileSync(join(folder, `${FORWARD}-edit-${i}.wgsl`), text);
  }
}

const folder = mkdtempSync(join(tmpdir(), 'attention-diagnosis-'));
const wrong = new Set<string>();
let failed = false;
try {
  writeEdits(folder);
  const emulateMatrices = options.emulate === undefined ? undefined : options.emulate === '8' ? 8 : 16;
  const gpu = await Gpu.open({
    adapter: options.adapter,
    kernels: 'tensor',
    kernelFolder: folder,
    ...(emulateMatrices && { emulateMatrices }),
  });
  const { name, description } = gpu.adapter;
  console.log(
    `${name} ${description}, matrices of ${emulateMatrices ?? gpu.matrixUnits}${emulateMatrices ? ', emulated' : ''}`,
  );
  for (const headDim of options.heads.split(',').map(Number)) {
    const use: AttentionUse = { device: gpu, dtype: 'f16', headDim };
    for (const pass of ['forward', 'dq', 'dkv'] as const) {
      const able = ATTENTION_PASSES[pass].variants.filter((variant) => variant.can(use));
      const inUse = able.find((variant) => variant.serves(use));
      const entries = able.map((variant) => ({
        title: variantName(variant),
        variant,
        used: variant === inUse,
        rises: true,
      }));
      for (const [i, { name: change, carried, rises }] of EDITS.entries()) {
        const base = able.find(({ file, way }) => file === FORWARD && (way === 'carried') === carried);
        if (!base) continue;
        const variant = { ...base, file: `${FORWARD}-edit-${i}` };
        entries.push({ title: `${variantName(base)}, ${change}`, variant, used: false, rises });
      }
      for (const { title, variant, used, rises } of entries) {
        if (!new RegExp(options.only).test(title)) continue;
        // One step of keys, two steps, and a ragged second workgroup.
        const cases: [number, Input][] = [
          [32, 'noise'],
          [64, 'noise'],
          [77, 'noise'],
        ];
        if (pass === 'forward') cases.push([64, 'identity'], [64, 'columns'], [64, 'rows'], [77, 'rising']);
        for (const [T, input] of cases) {
          if (!rises && !NEVER_RISES.includes(input)) continue;
          const maps = !variant.file.includes('-edit-');
          if (await check(gpu, pass, variant, title, headDim, T, input, maps)) continue;
          wrong.add(`${title}, heads of ${headDim}`);
          failed ||= used;
        }
      }
    }
  }
  gpu.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
for (const title of wrong) console.log(`wrong: ${title}`);
console.log(failed ? 'a kernel in use is wrong' : 'the kernels in use are right');
process.exit(failed ? 1 : 0);
