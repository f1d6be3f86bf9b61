// matmul.5-matrix: C[b] = op(A[b]) · op(B[b]) (+ R[b]),   op(X) = X or Xᵀ, products of f16 summed in f32
//   A [batch, M,K] ([batch, K,M] with TRANSPOSE_A) · B [batch, K,N] ([batch, N,K] with TRANSPOSE_B): f32, rounded to f16
//     on the way into workgroup memory, or packed f16 with A_F16, B_F16
//   C [batch, M,N], written (added to with ACCUMULATE): f32, or packed f16 with C_F16
//   R [batch, M,N] f32 (with RESIDUAL), added to the product
//   With ROTARY, C is [B·T, 3·nHead·headDim]: queries, keys and values, headDim 64 or 128. Queries and keys are rotated by
//     their positions before they are written, like rotary.wgsl in all dimensions of a head; table [maxT, headDim] f32;
//     with SPANS, spans [B, T, 2] u32 as there
//   The length of a row in memory is a multiple of 8 elements; the other extents are arbitrary.
// The idea: a matrix unit multiplies 16 × 16 × 16 numbers in one instruction of a subgroup. For adapters with such
// units (MATRIX), or with units of 8 × 8 × 8 (MATRIX and MATRIX_8). Without MATRIX, any adapter emulates the same
// loads, stores and loops: see lib/matrix.wgsl.
// A workgroup takes a tile of TILE_M × TILE_N of C, 128 × 128 in the plain kernel, and a subgroup ROWS × COLUMNS matrices
// of it: 4 × 2, or 64 × 32 elements with matrices of 16. It walks along K in steps of TILE_K, 32. The tiles of a step have
// the same layout in workgroup memory as in memory, so a transposed operand is read by columns. While they are multiplied,
// the next ones are loaded into registers. The results go through workgroup memory, where lanes can access single
// elements.
// Flags to try on a GPU; docs/kernels.md says which of them are combined, and with which sizes:
//   UNROLLED: the sums of a subgroup are variables, not arrays, for compilers that keep arrays in memory
//   APART: results have workgroup memory of their own, not that of the tiles
//   DOUBLE: tiles of two steps, so that one barrier per step is enough
//   BARE (A and B in f16; M, N and K multiples of the tile's): matrices are loaded from A and B, without tiles in
//     workgroup memory and without barriers
//   DIRECT (C in f32): tiles inside C are read and written as whole matrices, without workgroup memory and barriers
//   SPLIT: each of `splits` workgroups takes a part of K. C is then [batch, splits, M,N]; column_sum adds the parts
// Grid [ceil(N/TILE_N), ceil(M/TILE_M), batch], with SPLIT batch · splits. INVOCATIONS = TILE_M · TILE_N / (8 · ROWS ·
// COLUMNS). 2MNK FLOPs per batch; A is read N/TILE_N times, B M/TILE_M times.
#if MATRIX
enable f16;
enable chromium_experimental_subgroup_matrix;
#endif

#if ROTARY
struct Params { M: u32, N: u32, K: u32, T: u32, headDim: u32 }
#else
#if SPLIT
struct Params { M: u32, N: u32, K: u32, splits: u32 }
#else
struct Params { M: u32, N: u32, K: u32 }
#endif
#endif

#if A_F16
@group(0) @binding(0) var<storage, read> A: array<vec4u>;
#else
@group(0) @binding(0) var<storage, read> A: array<vec4f>;
#endif
#if B_F16
@group(0) @binding(1) var<storage, read> B: array<vec4u>;
#else
@group(0) @binding(1) var<storage, read> B: array<vec4f>;
#endif
#if C_F16
@group(0) @binding(2) var<storage, read_write> C: array<vec4u>;
#else
@group(0) @binding(2) var<storage, read_write> C: array<vec4f>;
#endif
@group(0) @binding(3) var<uniform> params: Params;
#if RESIDUAL
@group(0) @binding(4) var<storage, read> R: array<vec4f>;
#endif
#if ROTARY
@group(0) @binding(5) var<storage, read> table: array<vec4f>;
#if SPANS
@group(0) @binding(6) var<storage, read> spans: array<vec2u>;
#endif
#endif

#include "lib/matrix.wgsl"

#const TILE_M
#const TILE_N
#const TILE_K
#const ROWS
#const COLUMNS
#const INVOCATIONS
// Items of eight f16: loads of each operand per invocation, and items in a row of a tile.
#const LOADS_A
#const LOADS_B
const ITEMS_K = TILE_K / 8u;
const ITEMS_M = TILE_M / 8u;
const ITEMS_N = TILE_N / 8u;
const ACROSS = TILE_N / (SIZE * COLUMNS); // subgroups
const WIDTH = SIZE * COLUMNS; // of a subgroup's results, in elements
const PITCH_RESULT = WIDTH + 4u;
const RESULTS = SIZE * PITCH_RESULT; // of a subgroup at once: a row of its matrices

// Rows of tiles are one item longer than needed, so that they start in different banks.
#if TRANSPOSE_A
const PITCH_A = ITEMS_M + 1u;
#else
const PITCH_A = ITEMS_K + 1u;
#endif
#if TRANSPOSE_B
const PITCH_B = ITEMS_K + 1u;
#else
const PITCH_B = ITEMS_N + 1u;
#endif

// The tiles of A and B of a step; with DOUBLE, then those of the next one. Each fits both layouts: rows along K, of which
// there are more, need more padding.
const FIRST_B = TILE_M * (ITEMS_K + 1u);
const STEP = FIRST_B + TILE_N * (ITEMS_K + 1u);
// At least the items of these tiles, unless BARE, and RESULTS elements for every subgroup, unless APART.
#const MEMORY
var<workgroup> tiles: array<vec4u, MEMORY>;
#if APART
var<workgroup> results: array<f32, INVOCATIONS / SUBGROUP * RESULTS>;
#endif

#include "lib/matmul-tiles.wgsl"

// Eight neighbours in a row of C, as two vec4s; `eight` counts groups of eight.
fn put(eight: u32, product: array<vec4f, 2>) {
  var values = product;
#if RESIDUAL
  values[0] += R[2u * eight];
  values[1] += R[2u * eight + 1u];
#endif
#if C_F16
#if ACCUMULATE
  values[0] += low(C[eight]);
  values[1] += high(C[eight]);
#endif
  C[eight] = pack(values[0], values[1]);
#else
#if ACCUMULATE
  C[2u * eight] += values[0];
  C[2u * eight + 1u] += values[1];
#else
  C[2u * eight] = values[0];
  C[2u * eight + 1u] = values[1];
#endif
#endif
}

fn fourOf(at: u32) -> vec4f {
#if APART
  return vec4f(results[at], results[at + 1u], results[at + 2u], results[at + 3u]);
#else
  return bitcast<vec4f>(tiles[at / 4u]);
#endif
}

// Writes a row of a subgroup's matrices, which lie in workgroup memory. `row` is their first in C, `column` the first one
// of the tile, and `n` theirs in the tile.
fn writeRow(batch: u32, row: u32, column: u32, n: u32, subgroup: u32, lane: u32) {
  for (var item = lane; item < SIZE * WIDTH / 8u; item += SUBGROUP) {
    let down = item / (WIDTH / 8u);
    let across = item % (WIDTH / 8u) * 8u;
    let m = row + down;
    let c = column + n + across;
    if (m >= params.M || c >= params.N) { continue; }
    let own = subgroup * RESULTS + down * PITCH_RESULT + across;
    var values: array<vec4f, 2>;
    for (var x = 0u; x < 2u; x++) {
      values[x] = fourOf(own + 4u * x);
#if ROTARY
      if (c < params.N / 3u * 2u) {
        // The other half of a head lies 32 or 64 columns away, a power of two, hence the XOR; maybe in another subgroup.
        let half = params.headDim / 2u;
        let other = (n + across) ^ half;
        let partner = (subgroup / ACROSS * ACROSS + other / WIDTH) * RESULTS + down * PITCH_RESULT + other % WIDTH;
#if SPANS
        let position = m % params.T - spans[m].x;
#else
        let position = m % params.T;
#endif
        let angle = (position * params.headDim + c % half) / 4u + x;
        let turned = fourOf(partner + 4u * x) * table[angle + half / 4u];
        values[x] = values[x] * table[angle] + select(turned, -turned, c % params.headDim < half);
      }
#endif
    }
    put((batch * params.M * params.N + m * params.N + c) / 8u, values);
  }
}

@compute @workgroup_size(INVOCATIONS)
fn main(
  @builtin(workgroup_id) tile: vec3u,
  @builtin(local_invocation_index) index: u32,
#if MATRIX
  @builtin(subgroup_id) subgroup: u32,
  @builtin(subgroup_invocation_id) lane: u32,
#endif
) {
#if MATRIX
#else
  let subgroup = index / SUBGROUP;
  let lane = index % SUBGROUP;
#endif
#if SPLIT
  let batch = tile.z / params.splits;
  let part = (params.K + TILE_K * params.splits - 1u) / (TILE_K * params.splits) * TILE_K;
  let begin = tile.z % params.splits * part;
  let end = min(begin + part, params.K);
#else
  let batch = tile.z;
  let begin = 0u;
  let end = params.K;
#endif
  let firstM = tile.y * TILE_M;
  let firstN = tile.x * TILE_N;
  let m = subgroup / ACROSS * ROWS * SIZE;
  let n = subgroup % ACROSS * COLUMNS * SIZE;

#if BARE
#else
#for i LOADS_A
  var nextA${i} = fetchA(batch, firstM, begin, ${i}u * INVOCATIONS + index);
#end
#for i LOADS_B
  var nextB${i} = fetchB(batch, firstN, begin, ${i}u * INVOCATIONS + index);
#end
  // Where the tiles of the step begin.
  var first = 0u;
#if DOUBLE
#for i LOADS_A
  stageA(0u, ${i}u * INVOCATIONS + index, nextA${i});
#end
#for i LOADS_B
  stageB(FIRST_B, ${i}u * INVOCATIONS + index, nextB${i});
#end
#endif
#endif
#if DIRECT
#if RESIDUAL
  let inside = false;
#else
  let inside = firstM + TILE_M <= params.M && firstN + TILE_N <= params.N;
#endif
  let ownC = (tile.z * params.M * params.N + (firstM + m) * params.N + firstN + n) / 4u;
  let down = SIZE * params.N / 4u; // from a matrix to the one below, in items of C; the next in a row is SIZE / 4 away
#endif
#if UNROLLED
#for i ROWS
#for j COLUMNS
  var sum${i}_${j}: Result;
#end
#end
#else
  var sums: array<array<Result, COLUMNS>, ROWS>;
#endif
#if DIRECT
#if ACCUMULATE
  if (inside) {
#if UNROLLED
#for i ROWS
#for j COLUMNS
    sum${i}_${j} = loadFromC(ownC + ${i}u * down + ${j}u * SIZE / 4u, lane);
#end
#end
#else
    for (var i = 0u; i < ROWS; i++) {
      for (var j = 0u; j < COLUMNS; j++) { sums[i][j] = loadFromC(ownC + i * down + j * SIZE / 4u, lane); }
    }
#endif
  }
#endif
#endif
  for (var step = begin; step < end; step += TILE_K) {
#if BARE
    let inA = batch * params.M * params.K / 8u + startA(firstM + m, step);
    let inB = batch * params.K * params.N / 8u + startB(firstN + n, step);
#else
    workgroupBarrier();
#if DOUBLE
#else
#for i LOADS_A
    stageA(0u, ${i}u * INVOCATIONS + index, nextA${i});
#end
#for i LOADS_B
    stageB(FIRST_B, ${i}u * INVOCATIONS + index, nextB${i});
#end
    workgroupBarrier();
#endif
    let following = step + TILE_K;
    if (following < end) {
#for i LOADS_A
      nextA${i} = fetchA(batch, firstM, following, ${i}u * INVOCATIONS + index);
#end
#for i LOADS_B
      nextB${i} = fetchB(batch, firstN, following, ${i}u * INVOCATIONS + index);
#end
    }
    let inA = first + startA(m, 0u);
    let inB = first + FIRST_B + startB(n, 0u);
#endif
    for (var k = 0u; k < TILE_K; k += SIZE) {
#if UNROLLED
#for i ROWS
      let a${i} = loadLeft(inA + startA(SIZE * ${i}u, k));
#end
#for j COLUMNS
      let b${j} = loadRight(inB + startB(SIZE * ${j}u, k));
#for i ROWS
      sum${i}_${j} = multiplyAdd(a${i}, b${j}, sum${i}_${j}, lane);
#end
#end
#else
      var a: array<Left, ROWS>;
      for (var i = 0u; i < ROWS; i++) { a[i] = loadLeft(inA + startA(SIZE * i, k)); }
      for (var j = 0u; j < COLUMNS; j++) {
        let b = loadRight(inB + startB(SIZE * j, k));
        for (var i = 0u; i < ROWS; i++) { sums[i][j] = multiplyAdd(a[i], b, sums[i][j], lane); }
      }
#endif
    }
#if DOUBLE
    // The other tiles were read in the step before, and the barrier since then has been passed.
    first = STEP - first;
    if (following < end) {
#for i LOADS_A
      stageA(first, ${i}u * INVOCATIONS + index, nextA${i});
#end
#for i LOADS_B
      stageB(first + FIRST_B, ${i}u * INVOCATIONS + index, nextB${i});
#end
    }
#endif
  }

#if DIRECT
  if (inside) {
#if UNROLLED
#for i ROWS
#for j COLUMNS
    storeToC(ownC + ${i}u * down + ${j}u * SIZE / 4u, sum${i}_${j}, lane);
#end
#end
#else
    for (var i = 0u; i < ROWS; i++) {
      for (var j = 0u; j < COLUMNS; j++) { storeToC(ownC + i * down + j * SIZE / 4u, sums[i][j], lane); }
    }
#endif
    return;
  }
#endif
  let own = subgroup * RESULTS;
#if UNROLLED
#for i ROWS
  workgroupBarrier();
#for j COLUMNS
  storeResult(own + ${j}u * SIZE, sum${i}_${j}, lane);
#end
  workgroupBarrier();
  writeRow(tile.z, firstM + m + ${i}u * SIZE, firstN, n, subgroup, lane);
#end
#else
  for (var i = 0u; i < ROWS; i++) {
    workgroupBarrier();
    for (var j = 0u; j < COLUMNS; j++) { storeResult(own + j * SIZE, sums[i][j], lane); }
    workgroupBarrier();
    writeRow(tile.z, firstM + m + SIZE * i, firstN, n, subgroup, lane);
  }
#endif
}
