import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Gpu } from '../../../src/engine/gpu/device.js';
import { record } from '../../../src/engine/gpu/program.js';
import { describeRace, type RaceReport } from '../../../src/engine/gpu/race-check.js';
import { recorder } from '../../../src/engine/tensor/recorder.js';

const folder = mkdtempSync(join(tmpdir(), 'races-'));
let opened: Promise<Gpu> | undefined;
let kernels = 0;

afterAll(async () => {
  (await opened)?.close();
  rmSync(folder, { recursive: true });
});

/** Runs a kernel of 16 invocations: module-scope declarations, and the body of main, which writes Y[local]. */
async function check(
  declarations: string,
  body: string,
  parameters = '',
): Promise<RaceReport & { results: number[] }> {
  const name = `kernel${kernels++}`;
  writeFileSync(
    join(folder, `${name}.wgsl`),
    `enable subgroups;
@group(0) @binding(0) var<storage, read_write> Y: array<u32>;
${declarations}
@compute @workgroup_size(16)
fn main(@builtin(local_invocation_index) local: u32${parameters}) {
${body}
}
`,
  );
  opened ??= Gpu.open({
    adapter: process.env.TEST_ADAPTER ?? 'auto',
    kernels: 'f32',
    kernelFolder: folder,
  });
  const gpu = await opened;
  const Y = gpu.tensor([16], undefined, { dtype: 'u32' });
  const kernel = gpu.kernels.get(name);
  const program = await record(gpu, () => recorder().dispatch(kernel, { Y }, {}, [1]));
  const report = await program.findRaces();
  const results = [...((await Y.readAs('u32')) as Uint32Array)];
  program.dispose();
  Y.dispose();
  return { ...report, results };
}

const TILE = 'var<workgroup> tile: array<u32, 16>;';

describe('findRaces', () => {
  test('accesses that barriers order are no race, and results stay the same', async () => {
    const { races, checked, results } = await check(
      TILE,
      `for (var i = 0u; i < 3u; i++) {
         tile[local] = local + i;
         workgroupBarrier();
         Y[local] = tile[15u - local];
         workgroupBarrier();
       }`,
    );
    expect(races.map(describeRace)).toEqual([]);
    expect(checked).toHaveLength(1);
    expect(results).toEqual(Array.from({ length: 16 }, (_, i) => 17 - i));
  });

  test('a read after a write by another invocation', async () => {
    const { races } = await check(TILE, 'tile[local] = 1u;\nY[local] = tile[15u - local];');
    expect(races[0]).toMatchObject({ variable: 'tile', kind: 'a write and a read' });
    expect(races[0]!.places.map((place) => place.replace(/.*:/, '')).sort()).toEqual(['6', '7']);
  });

  test('a write after a read, from one turn of a loop to the next', async () => {
    const { races } = await check(
      TILE,
      `for (var i = 0u; i < 2u; i++) {
         tile[local] = local;
         workgroupBarrier();
         Y[local] = tile[15u - local];
       }`,
    );
    expect(races.map(({ kind }) => kind)).toContain('a write and a read');
    expect(races[0]!.where).toMatch(/after 1 barriers/);
  });

  test('two writes', async () => {
    const { races } = await check(TILE, 'tile[local / 2u] = local;');
    expect(races[0]).toMatchObject({ kind: 'two writes' });
  });

  test('the components of a vector are one element', async () => {
    const pairs = 'var<workgroup> pairs: array<vec2u, 8>;';
    expect((await check(pairs, 'pairs[local / 2u][local % 2u] = local;')).races).not.toEqual([]);
    expect(
      (await check(pairs, 'if (local < 8u) { pairs[local].x = 1u; pairs[local].y += 2u; }')).races,
    ).toEqual([]);
  });

  test('arrays of arrays and variables that are no array', async () => {
    const grid = 'var<workgroup> grid: array<array<u32, 4>, 4>;';
    expect((await check(grid, 'grid[local / 4u][local % 4u] = local;')).races).toEqual([]);
    expect((await check(grid, 'grid[local % 4u][0] = local;')).races).not.toEqual([]);
    const total = 'var<workgroup> total: u32;';
    const set = 'if (local == 0u) { total = 5u; }';
    const right = await check(total, `${set}\nworkgroupBarrier();\nY[local] = total + total;`);
    expect(right.races.map(describeRace)).toEqual([]);
    expect(right.results).toEqual(new Array(16).fill(10));
    expect((await check(total, `${set}\nY[local] = total;`)).races).not.toEqual([]);
  });

  test('a subgroup operation orders nothing', async () => {
    const { races } = await check(
      TILE,
      'tile[local] = subgroupAdd(local);\nY[local] = subgroupMax(tile[local ^ 1u]);',
    );
    expect(races).not.toEqual([]);
  });

  test('workgroupUniformLoad is a barrier before and after its read', async () => {
    const flag = 'var<workgroup> flag: u32;';
    const body = `if (local == 3u) { flag = 7u; }
      if (workgroupUniformLoad(&flag) == 7u) { workgroupBarrier(); Y[local] = 1u; }
      if (local == 4u) { flag = 8u; }`;
    const { races, results } = await check(flag, body);
    expect(races.map(describeRace)).toEqual([]);
    expect(results).toEqual(new Array(16).fill(1));
  });

  test('workgroupUniformLoad of an element named by a number is one too, and a write to it beside the load is a race', async () => {
    const flags = 'var<workgroup> flags: array<u32, 4>;';
    const body = `if (local == 3u) { flags[1] = 7u; }
      if (workgroupUniformLoad(&flags[1]) == 7u) { workgroupBarrier(); Y[local] = 1u; }`;
    const right = await check(flags, `${body}\nif (local == 4u) { flags[1] = 8u; }`);
    expect(right.races.map(describeRace)).toEqual([]);
    expect(right.results).toEqual(new Array(16).fill(1));
    const twice = 'if (local == 5u) { flags[1] = 6u; }';
    expect((await check(flags, `${twice}\n${body}`)).races).not.toEqual([]);
    await expect(check(flags, 'Y[local] = workgroupUniformLoad(&flags[1u + 1u]);')).rejects.toThrow(
      /cannot be followed/,
    );
  });

  test('atomic operations of one kind, and stores of one value, do not race', async () => {
    const count = 'var<workgroup> count: atomic<u32>;\nvar<workgroup> bins: array<atomic<u32>, 4>;';
    const sum = 'atomicAdd(&count, 1u);\nlet before = atomicAdd(&bins[local % 4u], 1u);\nworkgroupBarrier();';
    const right = await check(count, `${sum}\nY[local] = atomicLoad(&count) + before * 0u;`);
    expect(right.races.map(describeRace)).toEqual([]);
    expect(right.results).toEqual(new Array(16).fill(16));
    expect((await check(count, 'atomicStore(&count, 1u);')).races).toEqual([]);
    expect((await check(count, 'atomicStore(&count, local);')).races).not.toEqual([]);
    expect((await check(count, 'atomicAdd(&count, 1u);\nY[local] = atomicLoad(&count);')).races).not.toEqual(
      [],
    );
  });

  test.each([
    ['a pointer', 'let p = &tile;\nY[local] = (*p)[local];', /a pointer to tile cannot be followed/],
    ['an array as a value', 'let all = tile;\nY[local] = all[local];', /tile is used as a whole/],
  ])('%s to workgroup memory is refused', async (_, body, message) => {
    await expect(check(TILE, body)).rejects.toMatchObject({
      code: 'race-check',
      message: expect.stringMatching(message) as string,
    });
  });
});
