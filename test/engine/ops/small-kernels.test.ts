import { describe, expect, test } from 'vitest';
import type { Grid } from '../../../src/engine/tensor/grid.js';
import { IGNORE_INDEX } from '../../../src/engine/ops/ignore-index.js';
import { sizeOf } from '../../../src/engine/tensor/shape.js';
import { Random, relativeError } from '../numerics.js';
import { blank, dispatch, EMPTY, GRIDS, N, upTo, withMargin, x, y, type Data } from './dispatch.js';

describe.each(GRIDS)('on a grid of %i workgroups, exactly up to the last element:', (workgroups) => {
  const grid: Grid = [workgroups];

  test('mask_columns', async () => {
    const [rows, V, end] = [50, 20, 13];
    const { X } = await dispatch('mask_columns', { X: x }, { N: rows, V, end }, grid);
    expect(X).toEqual(x.map((value, i) => (i < N && i % V >= end ? -3.4028234663852886e38 : value)));
  });

  test('accumulate', async () => {
    const { Y } = await dispatch('accumulate', { X: x, Y: y }, { N }, grid, { F16: false });
    expect(Y).toEqual(upTo(N, (i) => y[i]! + x[i]!));
  });

  test('add', async () => {
    const { Z } = await dispatch('add', { X: x, Y: y, Z: blank(N) }, { N }, grid, { F16: false });
    expect(Z).toEqual(upTo(N, (i) => x[i]! + y[i]!));
  });

  test('copy', async () => {
    const { Y } = await dispatch('copy', { X: x, Y: blank(N) }, { N }, grid);
    expect(Y).toEqual(upTo(N, (i) => x[i]!));
  });

  test('roofline_copy, of vectors and of numbers', async () => {
    for (const SCALAR of [false, true]) {
      const data = { X: x, Y: blank(N) };
      const { Y } = await dispatch('roofline_copy', data, { N: SCALAR ? N : N / 4 }, grid, { SCALAR });
      expect(Y).toEqual(upTo(N, (i) => x[i]!));
    }
  });

  test('kv_cache_reorder', async () => {
    const [B, nHead, headDim, maxT] = [4, 3, 8, 23];
    const [parents, from, to] = [[2, 1, 0, 0], 5, 21];
    const [K, V] = [3, 4].map((seed) => new Random(seed).floats(B * nHead * headDim * maxT, 2)) as [
      Data,
      Data,
    ];
    const data = { K, V, parents: Uint32Array.from(parents), span: Uint32Array.of(from, to) };
    const after = await dispatch('kv_cache_reorder', data, { B, nHead, headDim, maxT }, grid);
    const ofSequence = nHead * maxT * headDim;
    const moved = (before: Data): Float32Array =>
      Float32Array.from(before, (value, i) => {
        const position = Math.floor(i / headDim) % maxT;
        const isMoved = position >= from && position < to;
        return isMoved
          ? before[parents[Math.floor(i / ofSequence)]! * ofSequence + (i % ofSequence)]!
          : value;
      });
    expect(after.K).toEqual(moved(K));
    expect(after.V).toEqual(moved(V));
  });

  test('fill', async () => {
    const { Y } = await dispatch('fill', { Y: blank(N) }, { N, value: 0.5 }, grid);
    expect(Y).toEqual(upTo(N, () => 0.5));
  });

  test('scale_by, written and added to', async () => {
    const data = { X: x, factor: Float32Array.of(0.5), Y: y };
    const written = await dispatch('scale_by', data, { N }, grid, { ACCUMULATE: false, F16: false });
    expect(written.Y).toEqual(upTo(N, (i) => 0.5 * x[i]!));
    const added = await dispatch('scale_by', data, { N }, grid, { ACCUMULATE: true, F16: false });
    expect(added.Y).toEqual(upTo(N, (i) => y[i]! + 0.5 * x[i]!));
  });

  test('column_sum of a part of the columns, scaled, written and added to', async () => {
    const [K, S, C, offset, scale] = [4, 230, 200, 21, 0.5];
    const params = { K, S, C, offset, scale };
    const X = Float32Array.from({ length: K * S }, (_, i) => i % 13); // small integers: sums are exact
    const sum = (c: number): number => [0, 1, 2, 3].reduce((total, k) => total + X[k * S + offset + c]!, 0);
    const written = await dispatch('column_sum', { X, Y: blank(C) }, params, grid, {
      ACCUMULATE: false,
      F16: false,
    });
    expect(written.Y).toEqual(upTo(C, (c) => scale * sum(c)));
    const added = await dispatch('column_sum', { X, Y: blank(C) }, params, grid, {
      ACCUMULATE: true,
      F16: false,
    });
    expect(added.Y).toEqual(upTo(C, (c) => EMPTY + scale * sum(c)));
  });

  test('gather_rows', async () => {
    const [R, C] = [70, 7];
    const rows = Uint32Array.from({ length: R + 1 }, (_, r) => (r % 5 ? (r * 37) % 100 : IGNORE_INDEX));
    const expected = (i: number): number => {
      const row = rows[Math.floor(i / C)]!;
      return row === IGNORE_INDEX ? 0 : x[row * C + (i % C)]!;
    };
    const run = (ACCUMULATE: boolean) =>
      dispatch('gather_rows', { X: x, rows, Y: blank(R * C) }, { R, C }, grid, { F16: false, ACCUMULATE });
    expect((await run(false)).Y).toEqual(upTo(R * C, expected));
    expect((await run(true)).Y).toEqual(upTo(R * C, (i) => Math.fround(EMPTY + expected(i))));
  });

  test('embedding_forward: a token outside the vocabulary gives NaN', async () => {
    const [rows, C, V] = [70, 7, 50];
    const tokens = Uint32Array.from({ length: rows + 1 }, (_, n) => (n * 37) % V);
    tokens[3] = V; // the table's buffer has numbers past its end, too
    tokens[5] = 0xffff_ffff;
    const data = { W: x, tokens, Y: blank(rows * C) };
    const { Y } = await dispatch('embedding_forward', data, { N: rows, C, V, first: 0, rows: V }, grid);
    expect(Y).toEqual(
      upTo(rows * C, (i) => {
        const token = tokens[Math.floor(i / C)]!;
        return token < V ? x[token * C + (i % C)]! : NaN;
      }),
    );
  });

  test('embedding_forward: a part of the table serves only its tokens', async () => {
    const [rows, C, V, first, own] = [70, 7, 50, 20, 15];
    const tokens = Uint32Array.from({ length: rows + 1 }, (_, n) => (n * 37) % V);
    tokens[3] = V;
    const data = { W: x, tokens, Y: blank(rows * C) };
    const { Y } = await dispatch('embedding_forward', data, { N: rows, C, V, first, rows: own }, grid);
    expect(Y).toEqual(
      upTo(rows * C, (i) => {
        const token = tokens[Math.floor(i / C)]!;
        if (token >= V) return NaN;
        return token >= first && token < first + own ? x[(token - first) * C + (i % C)]! : EMPTY;
      }),
    );
  });

  test.each([0, 9])(
    'embedding_backward of the tokens from %i onwards, written and added to',
    async (first) => {
      const [V, C] = [30 - first, 7];
      // Token 12 has 20 rows, the others at most 3.
      const starts = Uint32Array.from({ length: 32 }, (_, v) => Math.min(v > 12 ? 3 * v + 17 : 3 * v, 80));
      const order = Uint32Array.from({ length: 80 }, (_, k) => (k * 27) % 80);
      const dY = Float32Array.from({ length: 80 * C }, (_, i) => i % 11);
      const sum = (i: number): number => {
        let total = 0;
        const v = first + Math.floor(i / C);
        for (let k = starts[v]!; k < starts[v + 1]!; k++) total += dY[order[k]! * C + (i % C)]!;
        return total;
      };
      const data = { order, starts, dY, dW: blank(V * C) };
      const written = await dispatch('embedding_backward', data, { V, C, first }, grid, {
        ACCUMULATE: false,
      });
      expect(written.dW).toEqual(upTo(V * C, sum));
      const added = await dispatch('embedding_backward', data, { V, C, first }, grid, { ACCUMULATE: true });
      expect(added.dW).toEqual(upTo(V * C, (i) => EMPTY + sum(i)));
    },
  );

  test('check_finite: the first NaN and the first infinity, by slot', async () => {
    const nothing = 0xffff_ffff;
    const find = async (values: Float32Array, slot: number): Promise<number[]> => {
      const X = new Uint32Array(withMargin(values, NaN).buffer);
      const data = { X, found: new Uint32Array(8).fill(nothing) };
      const { found } = await dispatch('check_finite', data, { N, slot }, grid, { F16: false }, ['found']);
      return [...found!].slice(0, 6);
    };
    const values = new Random(3).floats(N, 3.4e38);
    expect(await find(values, 1)).toEqual(Array(6).fill(nothing));
    for (const at of [N - 1, 800, 300]) values[at] = -Infinity;
    expect(await find(values, 1)).toEqual([nothing, nothing, nothing, 300, nothing, nothing]);
    for (const at of [900, 400]) values[at] = NaN;
    expect(await find(values, 2)).toEqual([nothing, nothing, nothing, nothing, 400, 300]);
  });

  test('check_finite of halves', async () => {
    const nothing = 0xffff_ffff;
    // 1, the largest half, -infinity, NaN, and an infinity past the end.
    const halves = new Uint16Array(N + 2).fill(0x3c00);
    [halves[5], halves[700], halves[701], halves[N]] = [0x7bff, 0xfc00, 0x7e01, 0x7c00];
    const data = { X: new Uint32Array(halves.buffer), found: new Uint32Array(2).fill(nothing) };
    const run = () => dispatch('check_finite', data, { N, slot: 0 }, grid, { F16: true }, ['found']);
    expect([...(await run()).found!]).toEqual([701, 700]);
    halves[5] = 0x7c01;
    expect([...(await run()).found!]).toEqual([5, 700]);
  });

  test.each([
    [71, 7],
    [41, 12],
  ])('swiglu_forward of %i rows of %i columns', async (rows, F) => {
    const data = { X: x, Y: blank(rows * F) };
    const flags = { F16: false, ALIGNED: F % 4 === 0 };
    const { Y } = await dispatch('swiglu_forward', data, { N: rows, F }, grid, flags);
    const expected = upTo(rows * F, (i) => {
      const at = Math.floor(i / F) * 2 * F + (i % F);
      return (x[at]! / (1 + Math.exp(-x[at]!))) * x[at + F]!;
    });
    expect(relativeError(Y!, expected)).toBeLessThan(1e-6);
    expect(Y!.slice(rows * F)).toEqual(expected.slice(rows * F));
  });
});

describe('losses', () => {
  test.each([1, 31, 32, 100])('mean_loss sums %i rows once each', async (rows) => {
    const rowLoss = upTo(rows, (n) => n + 1);
    const data = { rowLoss, scale: Float32Array.of(0.5), loss: new Float32Array(1) };
    const { loss } = await dispatch('mean_loss', data, { N: rows }, [1]);
    expect(loss![0]).toBe((0.5 * rows * (rows + 1)) / 2);
  });

  test('cross_entropy: an ignored row has no loss and no gradient, whatever the buffers contained', async () => {
    const [rows, V, first] = [37, 5, 3];
    const targets = Uint32Array.from({ length: first + rows }, (_, n) => (n % 2 ? IGNORE_INDEX : n % V));
    const data = {
      logits: new Random(3).floats(sizeOf([rows, V])),
      targets,
      scale: Float32Array.of(0.25),
      loss: new Float32Array(first + rows).fill(NaN),
    };
    const params = { N: rows, V, first };
    const { logits, loss } = await dispatch('cross_entropy', data, params, [1], { GRADIENT: true });
    const exact = await dispatch('cross_entropy', data, params, [1], { GRADIENT: false });
    expect(exact.loss).toEqual(loss);
    expect(exact.logits).toEqual(data.logits);
    for (let n = 0; n < rows; n++) {
      const row = data.logits.subarray(n * V, (n + 1) * V);
      const gradient = logits!.subarray(n * V, (n + 1) * V);
      const target = targets[first + n]!;
      if (target === IGNORE_INDEX) {
        expect(loss![first + n]).toBe(0);
        expect([...gradient]).toEqual([0, 0, 0, 0, 0]);
        continue;
      }
      const sum = row.reduce((total, logit) => total + Math.exp(logit), 0);
      expect(loss![first + n]).toBeCloseTo(Math.log(sum) - row[target]!, 5);
      const expected = Array.from(row, (logit, v) => (Math.exp(logit) / sum - Number(v === target)) * 0.25);
      expect(relativeError(gradient, expected)).toBeLessThan(1e-5);
    }
    expect(loss!.subarray(0, first).every(Number.isNaN)).toBe(true);
  });

  test('a vocabulary in parts gives the same result as a whole one', async () => {
    const [rows, first, widths] = [37, 3, [5, 1, 9, 3]];
    const V = widths.reduce((sum, width) => sum + width, 0);
    const targets = Uint32Array.from({ length: first + rows }, (_, n) =>
      n % 4 ? (n * 7) % V : IGNORE_INDEX,
    );
    const scale = Float32Array.of(0.25);
    const loss = new Float32Array(first + rows).fill(NaN);
    const logits = new Random(5).floats(rows * V, 300);
    const flags = { GRADIENT: true };
    const whole = await dispatch(
      'cross_entropy',
      { logits, targets, scale, loss },
      { N: rows, V, first },
      [1],
      flags,
    );

    const columns = (matrix: Data, start: number, width: number): Float32Array =>
      Float32Array.from(
        { length: rows * width },
        (_, i) => matrix[Math.floor(i / width) * V + start + (i % width)]!,
      );
    const starts = widths.map((_, i) => widths.slice(0, i).reduce((sum, width) => sum + width, 0));
    let stats: Data = new Float32Array(2 * rows).fill(NaN);
    for (const [i, width] of widths.entries()) {
      const data: Record<string, Data> = { logits: columns(logits, starts[i]!, width), stats };
      const params = { N: rows, V: width };
      stats = (await dispatch('softmax_stats_part', data, params, [1], { FIRST: i === 0 })).stats!;
    }
    let losses: Data = loss;
    for (const [i, width] of widths.entries()) {
      const data = { logits: columns(logits, starts[i]!, width), stats, targets, scale, loss: losses };
      const part = await dispatch(
        'cross_entropy_part',
        data,
        { N: rows, V: width, first, start: starts[i]! },
        [1],
        flags,
      );
      losses = part.loss!;
      expect(relativeError(part.logits!, columns(whole.logits!, starts[i]!, width))).toBeLessThan(1e-5);
    }
    expect(losses.subarray(0, first).every(Number.isNaN)).toBe(true);
    expect(relativeError(losses.subarray(first), whole.loss!.subarray(first))).toBeLessThan(1e-6);
  });

  test('cross_entropy: logits of ±1000 give a finite loss', async () => {
    const data = {
      logits: Float32Array.of(1000, -1000, 999, -1000, 0, 1000),
      targets: Uint32Array.of(0, 2),
      scale: Float32Array.of(1),
      loss: new Float32Array(2),
    };
    const { loss } = await dispatch('cross_entropy', data, { N: 2, V: 3, first: 0 }, [1], { GRADIENT: true });
    expect(loss![0]).toBeCloseTo(Math.log(1 + Math.exp(-1)), 5);
    expect(loss![1]).toBe(0);
  });
});
