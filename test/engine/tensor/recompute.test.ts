import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Gpu } from '../../../src/engine/gpu/device.js';
import { planProgram } from '../../../src/engine/gpu/plan.js';
import { record } from '../../../src/engine/gpu/program.js';
import { Parameters } from '../../../src/engine/nn/parameters.js';
import { add, addReference } from '../../../src/engine/ops/add.js';
import { dropout } from '../../../src/engine/ops/dropout.js';
import { gelu, geluReference } from '../../../src/engine/ops/gelu.js';
import { rmsNorm } from '../../../src/engine/ops/layernorm.js';
import { linear } from '../../../src/engine/ops/linear.js';
import { mul, mulReference } from '../../../src/engine/ops/mul.js';
import { runKernel } from '../../../src/engine/ops/run-kernel.js';
import { scale } from '../../../src/engine/ops/scale.js';
import { mean } from '../../../src/engine/ops/sum.js';
import { backward } from '../../../src/engine/tensor/autograd.js';
import { recorder, trace } from '../../../src/engine/tensor/recorder.js';
import { keepResults, recompute } from '../../../src/engine/tensor/recompute.js';
import type { Tensor } from '../../../src/engine/tensor/tensor.js';
import { Random } from '../numerics.js';
import { checkOp } from '../ops/op-check.js';
import { testGpu } from '../test-gpu.js';

/** Runs a body as it is, or recomputes it. */
type Wrap = (body: (x: Tensor) => Tensor, x: Tensor) => Tensor;

const plain: Wrap = (body, x) => body(x);
const recomputed: Wrap = (body, x) => recompute(body, x);
const nested: Wrap = (body, x) => recompute((x) => recompute(body, x), x);

interface Shape {
  rows: number;
  width: number;
  hidden: number;
  blocks: number;
}

/** Residual blocks with biases and dropout; every second one is wrapped twice, and adds what is kept. */
function model(parameters: Parameters, { blocks }: Shape, step: Tensor, x: Tensor, wrap: Wrap): Tensor {
  const get = (name: string): Tensor => parameters.get(name);
  for (let i = 0; i < blocks; i++) {
    const block = (x: Tensor): Tensor => {
      const up = (x: Tensor): Tensor => linear(rmsNorm(x, get('gamma')), get('up'), get('up.bias'));
      const hidden = dropout(gelu(i % 2 ? wrap(up, x) : keepResults(() => up(x))), 0.25, { step });
      return linear(dropout(hidden, 0.1, { step }), get('down'), get('down.bias'), x);
    };
    x = wrap(block, x);
  }
  return mean(mul(x, x));
}

function parametersFor(gpu: Gpu, { width, hidden }: Shape): Parameters {
  const declarations = [
    { name: 'gamma', shape: [width], mean: 1, std: 0.1 },
    { name: 'up', shape: [hidden, width] },
    { name: 'up.bias', shape: [hidden], std: 1 },
    { name: 'down', shape: [width, hidden] },
    { name: 'down.bias', shape: [width], std: 1 },
  ];
  return new Parameters(gpu, declarations, { seed: 3 });
}

/** The loss and every gradient of two steps with different dropout masks. */
async function numbersOf(gpu: Gpu, shape: Shape, wrap: Wrap): Promise<Float32Array[]> {
  const parameters = parametersFor(gpu, shape);
  const step = gpu.tensor([1], Uint32Array.of(7));
  const data = new Random(1).floats(shape.rows * shape.width);
  const input = gpu.tensor([shape.rows, shape.width], data, { requiresGrad: true });
  const program = await record(gpu, () => {
    const loss = model(parameters, shape, step, input, wrap);
    return [loss, ...backward(loss, { wanted: [input] })];
  });
  const numbers: Float32Array[] = [];
  for (const number of [7, 8]) {
    step.write(Uint32Array.of(number));
    program.run();
    const grads = [...parameters.tensors.values()].map((tensor) => tensor.grad!);
    for (const tensor of [...program.outputs, ...grads]) numbers.push(await tensor.read());
  }
  program.dispose();
  parameters.dispose();
  input.dispose();
  step.dispose();
  return numbers;
}

describe('recompute', () => {
  test('loss and gradients are those of the body to the bit, also nested, with dropout and kept results', async () => {
    const gpu = await testGpu();
    const shape = fc.record({
      rows: fc.integer({ min: 1, max: 70 }),
      width: fc.integer({ min: 1, max: 40 }),
      hidden: fc.integer({ min: 1, max: 70 }),
      blocks: fc.integer({ min: 1, max: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(shape, async (shape) => {
        const expected = await numbersOf(gpu, shape, plain);
        expect(expected.every((numbers) => numbers.every(Number.isFinite))).toBe(true);
        expect(await numbersOf(gpu, shape, recomputed)).toEqual(expected);
        expect(await numbersOf(gpu, shape, nested)).toEqual(expected);
      }),
      { numRuns: 6, seed: 5 },
    );
  });

  test('gradients agree with finite differences, where an input is used inside, outside and twice', async () => {
    const gpu = await testGpu();
    await checkOp(
      gpu,
      {
        name: 'recompute',
        shapes: [
          [6, 11],
          [6, 11],
        ],
        apply: ([x, y]) => {
          const inside = recompute((x, y) => add(gelu(mul(x, y)), mul(x, x)), x!, y!);
          return add(mul(inside, y!), x!);
        },
        reference: ([x, y]) => {
          const inside = addReference(geluReference(mulReference(x!, y!)), mulReference(x!, x!));
          return addReference(mulReference(inside, y!), x!);
        },
      },
      2,
    );
  });

  test('a gradient of its result can be wanted', async () => {
    const gpu = await testGpu();
    const x = gpu.tensor([2], Float32Array.of(1, 2), { requiresGrad: true });
    const program = await record(gpu, () => {
      const y = recompute((x) => mul(x, x), x);
      return backward(mean(mul(y, y)), { wanted: [y, x] });
    });
    program.run();
    expect(await Promise.all(program.outputs.map((grad) => grad.read()))).toEqual([
      Float32Array.of(1, 4),
      Float32Array.of(2, 16),
    ]);
    program.dispose();
    x.dispose();
  });

  test('activations inside are not kept for the backward pass, and its result is not computed again', () => {
    const gpu = Gpu.planning();
    const shape = { rows: 512, width: 32, hidden: 1024, blocks: 8 };
    const parameters = parametersFor(gpu, shape);
    const input = gpu.tensor([shape.rows, shape.width]);
    const mlp = (x: Tensor): Tensor =>
      linear(gelu(linear(x, parameters.get('up'))), parameters.get('down'), undefined, x);
    const planWith = (wrap: Wrap): ReturnType<typeof planProgram> =>
      planProgram(gpu, () => {
        let x = input;
        for (let i = 0; i < shape.blocks; i++) x = wrap(mlp, x);
        backward(mean(x));
      });
    const [kept, again] = [planWith(plain), planWith(recomputed)];
    const hiddenBytes = 4 * shape.rows * shape.hidden;
    // All blocks but the one in progress lose the results of `up` and of gelu.
    expect(kept.bytes - again.bytes).toBe(2 * (shape.blocks - 1) * hiddenBytes);
    expect(again.dispatches - kept.dispatches).toBe(2 * shape.blocks);
    expect(again.flops - kept.flops).toBe(again.recomputedFlops);
    const upFlops = 2 * shape.rows * shape.width * shape.hidden;
    expect(again.recomputedFlops).toBe(shape.blocks * (upFlops + 12 * shape.rows * shape.hidden));
  });

  test('a recomputed dispatch has the module path of the first', () => {
    const gpu = Gpu.planning();
    const x = gpu.tensor([8], undefined, { requiresGrad: true });
    const { recording } = trace(gpu, () => {
      const body = (x: Tensor): Tensor => recorder().within('inner', () => gelu(gelu(x)));
      const y = recorder().within('outer', () => recompute(body, x));
      recorder().within('elsewhere', () => backward(mean(y), { wanted: [x] }));
    });
    const again = recording.dispatches.filter(({ isRecomputed }) => isRecomputed);
    expect(again.map(({ origin }) => origin)).toEqual([
      { op: 'gelu', phase: 'forward', path: 'outer.inner' },
      { op: 'gelu', phase: 'forward', path: 'outer.inner' },
    ]);
  });

  test('what keepResults keeps is not computed again', () => {
    const gpu = Gpu.planning();
    const x = gpu.tensor([64, 64], undefined, { requiresGrad: true });
    const plan = (body: (x: Tensor) => Tensor): { dispatches: number } =>
      planProgram(gpu, () => void backward(mean(recompute(body, x)), { wanted: [x] }));
    const again = plan((x) => gelu(gelu(gelu(x))));
    const kept = plan((x) => gelu(keepResults(() => gelu(gelu(x)))));
    expect(again.dispatches - kept.dispatches).toBe(2);
  });

  test('without a backward pass, or without gradients inside, the body runs once', () => {
    const gpu = Gpu.planning();
    const x = gpu.tensor([8], undefined, { requiresGrad: true });
    const y = gpu.tensor([8]);
    let runs = 0;
    const body = (x: Tensor): Tensor => (runs++, gelu(x));
    expect(planProgram(gpu, () => recompute(body, x)).dispatches).toBe(1);
    expect(runs).toBe(1);
    planProgram(gpu, () => void backward(mean(mul(x, recompute(body, y))), { wanted: [x] }));
    expect(runs).toBe(2);
    expect(planProgram(gpu, () => recompute((x) => x, x)).dispatches).toBe(0);
  });
});

describe('a body that cannot run twice is refused', () => {
  const gpu = Gpu.planning();
  const make = (label = 'x'): Tensor => gpu.tensor([8], undefined, { label, requiresGrad: true });
  const train = (body: () => Tensor): (() => void) => {
    return () => void planProgram(gpu, () => backward(mean(body())));
  };

  test('outside record', () => {
    expect(() => recompute(gelu, make())).toThrow(/ops run inside record/);
    expect(() => keepResults(() => 1)).toThrow(/ops run inside record/);
  });

  test('when it returns no tensor', () => {
    const body = ((x: Tensor) => [gelu(x)]) as unknown as (x: Tensor) => Tensor;
    expect(train(() => recompute(body, make()))).toThrow('recompute: the body must return one tensor');
  });

  test('when it reads a variable that changes', () => {
    const chain = (): Tensor => {
      let x = make();
      for (let i = 0; i < 2; i++) x = recompute(() => gelu(x));
      return x;
    };
    expect(train(chain)).toThrow(
      /same dispatches .* at dispatch 1 .*Pass the tensors that it reads as inputs/,
    );
  });

  test('when it takes another way, records less or records more', () => {
    let factor = 1;
    expect(train(() => recompute((x) => scale(x, factor++), make()))).toThrow(
      /at dispatch 1 it records .* or with other tensors or parameters/,
    );
    for (const [first, later] of [
      [1, 2],
      [2, 1],
    ] as const) {
      let times: number = first;
      const body = (x: Tensor): Tensor => {
        for (let i = 0; i < times; i++) x = gelu(x);
        times = later;
        return x;
      };
      expect(train(() => recompute(body, make()))).toThrow(
        /the first run (nothing more|recorded 2 dispatches)/,
      );
    }
    let kept = 8;
    const body = (x: Tensor): Tensor => {
      const y = keepResults(() => gelu(gpu.tensor([kept++], undefined, { requiresGrad: true })));
      return y.size === 8 ? mul(y, x) : x;
    };
    expect(train(() => recompute(body, make()))).toThrow(/at dispatch 0 the first run kept other tensors/);
  });

  test('when it writes in place what it did not make', () => {
    const fill = (Y: Tensor): void => runKernel('fill', { Y }, { N: 8, value: 1 });
    expect(train(() => recompute((x) => (fill(x), gelu(x)), make('input')))).toThrow(
      /recompute: fill writes input \[8\], which was made outside the body/,
    );
    const changesKept = (x: Tensor): Tensor => {
      const y = keepResults(() => gelu(x));
      fill(y);
      return gelu(y);
    };
    expect(train(() => recompute(changesKept, make()))).toThrow(/fill writes gelu \[8\]/);
    const keepsForeign = (x: Tensor): Tensor => {
      const y = gelu(x);
      keepResults(() => fill(y));
      return gelu(y);
    };
    expect(train(() => recompute(keepsForeign, make()))).toThrow(/made outside keepResults/);
  });

  test('when something it reads, or that was kept, is written after it', () => {
    const fill = (Y: Tensor): void => runKernel('fill', { Y }, { N: 8, value: 1 });
    const later = (): Tensor => {
      const x = make('input');
      const y = recompute(gelu, x);
      fill(x);
      return y;
    };
    expect(train(later)).toThrow(/fill wrote input \[8\] after the body read it/);
    let kept: Tensor | undefined;
    const body = (x: Tensor): Tensor => gelu((kept = keepResults(() => gelu(x))));
    const keptLater = (): Tensor => {
      const y = recompute(body, make());
      fill(kept!);
      return y;
    };
    expect(train(keptLater)).toThrow(/fill wrote gelu \[8\] after the body read it/);
  });

  test('when a tensor from inside it is used outside, or a backward pass starts inside', () => {
    let inner: Tensor | undefined;
    const leaks = (): Tensor =>
      mul(
        recompute((x) => gelu((inner = gelu(x))), make()),
        inner!,
      );
    expect(train(leaks)).toThrow(/mul: gelu \[8\] was made inside recompute/);
    const inside = (x: Tensor): Tensor => (backward(mean(x)), x);
    expect(train(() => recompute(inside, make()))).toThrow(/backward runs outside recompute/);
  });
});
