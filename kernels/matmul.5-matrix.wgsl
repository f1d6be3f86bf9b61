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
// A workgroup takes a 128 × 128 tile of C, and a subgroup 4 × 2 matrices of it: 64 × 32 elements with matrices of 16.
// It walks along K in steps of 32. The tiles of a step have the same layout in workgroup memory as in memory, so a
// transposed operand is read by columns. While they are multiplied, the next ones are loaded into registers. The
// results go through workgroup memory, where lanes can access single elements.
// Flags to try on a GPU; docs/kernels.md says which of them are combined:
//   TALL, LOW: a tile of 256 × 128 or 64 × 128, a subgroup 4 × 4 or 2 × 2 matrices of it
//   DEEP: steps of 64 along K · SHARED: results use the workgroup memory of tileB, to make room for larger tiles
//   UNROLLED: the 4 × 2 sums of a subgroup are variables, not arrays, for compilers that keep arrays in memory
//   DIRECT (C in f32): tiles inside C are read and written as whole matrices, without workgroup memory and barriers
//   SPLIT: each of `splits` workgroups takes a part of K. C is then [batch, splits, M,N]; column_sum adds the parts
// Grid [ceil(N/128), ceil(M/128), batch], with SPLIT batch · splits. 2MNK FLOPs per batch; A is read N/128 times, B M/128
// times (TALL: M/256, LOW: M/64).
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

#if TALL
const TILE_M = 256u;
const ROWS = 4u; // matrices per subgroup, vertically
const COLUMNS = 4u; // and horizontally
#else
#if LOW
const TILE_M = 64u;
const ROWS = 2u;
const COLUMNS = 2u;
#else
const TILE_M = 128u;
const ROWS = 4u;
const COLUMNS = 2u;
#endif
#endif
const TILE_N = 128u;
#if DEEP
const TILE_K = 64u;
#else
const TILE_K = 32u;
#endif
const INVOCATIONS = 256u;
// Items of eight f16: loads of each operand per invocation, and items in a row of a tile.
const LOADS_A = TILE_M * TILE_K / 8u / INVOCATIONS;
const LOADS_B = TILE_N * TILE_K / 8u / INVOCATIONS;
const ITEMS_K = TILE_K / 8u;
const ITEMS_M = TILE_M / 8u;
const ITEMS_N = TILE_N / 8u;
const ACROSS = TILE_N / (SIZE * COLUMNS); // subgroups
const PITCH_RESULT = SIZE + 4u; // in elements

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

// The sizes fit both layouts: rows along K, of which there are more, need more padding.
var<workgroup> tileA: array<vec4u, TILE_M * (ITEMS_K + 1u)>;
// One matrix of results per subgroup. In tileB they need up to 768 items.
#if SHARED
#if DEEP
var<workgroup> tileB: array<vec4u, TILE_N * (ITEMS_K + 1u)>;
#else
var<workgroup> tileB: array<vec4u, 768>;
#endif
#else
var<workgroup> tileB: array<vec4u, TILE_N * (ITEMS_K + 1u)>;
var<workgroup> results: array<f32, INVOCATIONS / SUBGROUP * SIZE * PITCH_RESULT>;
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
#if SHARED
  return bitcast<vec4f>(tileB[at / 4u]);
#else
  return vec4f(results[at], results[at + 1u], results[at + 2u], results[at + 3u]);
#endif
}

// Writes a matrix of results, whose first element is C[firstRow, firstColumn], by way of workgroup memory, where those of
// this subgroup begin at `own` and those of the other half of a head at `partner`.
fn write(sum: Result, batch: u32, firstRow: u32, firstColumn: u32, own: u32, partner: u32, lane: u32) {
  workgroupBarrier();
  storeResult(own, sum, lane);
  workgroupBarrier();
  let ownEight = lane / SHARE * PITCH_RESULT + lane % SHARE * 8u;
  let row = firstRow + lane / SHARE;
  let column = firstColumn + lane % SHARE * 8u;
  if (row < params.M && column < params.N) {
    var values: array<vec4f, 2>;
    for (var x = 0u; x < 2u; x++) {
      values[x] = fourOf(own + ownEight + 4u * x);
#if ROTARY
      if (column < params.N / 3u * 2u) {
        let half = params.headDim / 2u;
#if SPANS
        let position = row % params.T - spans[row].x;
#else
        let position = row % params.T;
#endif
        let angle = (position * params.headDim + column % half) / 4u + x;
        let turned = fourOf(partner + ownEight + 4u * x) * table[angle + half / 4u];
        values[x] = values[x] * table[angle] + select(turned, -turned, column % params.headDim < half);
      }
#endif
    }
    put((batch * params.M * params.N + row * params.N + column) / 8u, values);
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

  var nextA: array<vec4u, LOADS_A>;
  var nextB: array<vec4u, LOADS_B>;
  for (var i = 0u; i < LOADS_A; i++) { nextA[i] = fetchA(batch, firstM, begin, i * INVOCATIONS + index); }
  for (var i = 0u; i < LOADS_B; i++) { nextB[i] = fetchB(batch, firstN, begin, i * INVOCATIONS + index); }
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
  var sum00: Result;
  var sum01: Result;
  var sum10: Result;
  var sum11: Result;
  var sum20: Result;
  var sum21: Result;
  var sum30: Result;
  var sum31: Result;
#else
  var sums: array<array<Result, COLUMNS>, ROWS>;
#if DIRECT
#if ACCUMULATE
  if (inside) {
    for (var i = 0u; i < ROWS; i++) {
      for (var j = 0u; j < COLUMNS; j++) { sums[i][j] = loadFromC(ownC + i * down + j * SIZE / 4u, lane); }
    }
  }
#endif
#endif
#endif
  for (var step = begin; step < end; step += TILE_K) {
    workgroupBarrier();
    for (var i = 0u; i < LOADS_A; i++) { stageA(i * INVOCATIONS + index, nextA[i]); }
    for (var i = 0u; i < LOADS_B; i++) { stageB(i * INVOCATIONS + index, nextB[i]); }
    workgroupBarrier();
    let following = step + TILE_K;
    if (following < end) {
      for (var i = 0u; i < LOADS_A; i++) { nextA[i] = fetchA(batch, firstM, following, i * INVOCATIONS + index); }
      for (var i = 0u; i < LOADS_B; i++) { nextB[i] = fetchB(batch, firstN, following, i * INVOCATIONS + index); }
    }
    for (var k = 0u; k < TILE_K; k += SIZE) {
#if UNROLLED
      let a0 = loadLeft(startA(m, k));
      let a1 = loadLeft(startA(m + SIZE, k));
      let a2 = loadLeft(startA(m + 2u * SIZE, k));
      let a3 = loadLeft(startA(m + 3u * SIZE, k));
      let b0 = loadRight(startB(n, k));
      sum00 = multiplyAdd(a0, b0, sum00, lane);
      sum10 = multiplyAdd(a1, b0, sum10, lane);
      sum20 = multiplyAdd(a2, b0, sum20, lane);
      sum30 = multiplyAdd(a3, b0, sum30, lane);
      let b1 = loadRight(startB(n + SIZE, k));
      sum01 = multiplyAdd(a0, b1, sum01, lane);
      sum11 = multiplyAdd(a1, b1, sum11, lane);
      sum21 = multiplyAdd(a2, b1, sum21, lane);
      sum31 = multiplyAdd(a3, b1, sum31, lane);
#else
      var a: array<Left, ROWS>;
      for (var i = 0u; i < ROWS; i++) { a[i] = loadLeft(startA(m + SIZE * i, k)); }
      for (var j = 0u; j < COLUMNS; j++) {
        let b = loadRight(startB(n + SIZE * j, k));
        for (var i = 0u; i < ROWS; i++) { sums[i][j] = multiplyAdd(a[i], b, sums[i][j], lane); }
      }
#endif
    }
  }

  let own = subgroup * SIZE * PITCH_RESULT;
#if ROTARY
  // The other half of a head lies 32 or 64 columns away: a power of two in subgroups, hence the XOR.
  let partner = (subgroup ^ (params.headDim / 2u / (COLUMNS * SIZE))) * SIZE * PITCH_RESULT;
#else
  let partner = own;
#endif
  let row = firstM + m;
  let column = firstN + n;
#if UNROLLED
  write(sum00, tile.z, row, column, own, partner, lane);
  write(sum01, tile.z, row, column + SIZE, own, partner, lane);
  write(sum10, tile.z, row + SIZE, column, own, partner, lane);
  write(sum11, tile.z, row + SIZE, column + SIZE, own, partner, lane);
  write(sum20, tile.z, row + 2u * SIZE, column, own, partner, lane);
  write(sum21, tile.z, row + 2u * SIZE, column + SIZE, own, partner, lane);
  write(sum30, tile.z, row + 3u * SIZE, column, own, partner, lane);
  write(sum31, tile.z, row + 3u * SIZE, column + SIZE, own, partner, lane);
#else
#if DIRECT
  if (inside) {
    for (var i = 0u; i < ROWS; i++) {
      for (var j = 0u; j < COLUMNS; j++) { storeToC(ownC + i * down + j * SIZE / 4u, sums[i][j], lane); }
    }
    return;
  }
#endif
  for (var i = 0u; i < ROWS; i++) {
    for (var j = 0u; j < COLUMNS; j++) { write(sums[i][j], tile.z, row + SIZE * i, column + SIZE * j, own, partner, lane); }
  }
#endif
}
