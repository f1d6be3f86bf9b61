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
// Grid [ceil(N/128), ceil(M/128), batch]. 2MNK FLOPs per batch; A is read N/128 times, B M/128 times.
#if MATRIX
enable f16;
enable chromium_experimental_subgroup_matrix;
#endif

#if ROTARY
struct Params { M: u32, N: u32, K: u32, T: u32, headDim: u32 }
#else
struct Params { M: u32, N: u32, K: u32 }
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

const TILE = 128u;
const TILE_K = 32u;
const INVOCATIONS = 256u;
const LOADS = 2u; // of each operand per invocation: TILE · TILE_K / 8 / INVOCATIONS
const ROWS = 4u; // matrices per subgroup, vertically
const COLUMNS = 2u; // and horizontally
const ACROSS = TILE / (SIZE * COLUMNS); // subgroups
// In units of 8 elements, one more than a row of the tile needs, so that rows start in different banks.
const PITCH_BY_K = 5u; // rows of 32 along K
const PITCH_BY_TILE = 17u; // rows of 128 along M or N
const PITCH_RESULT = SIZE + 4u; // in elements

#if TRANSPOSE_A
const PITCH_A = PITCH_BY_TILE;
#else
const PITCH_A = PITCH_BY_K;
#endif
#if TRANSPOSE_B
const PITCH_B = PITCH_BY_K;
#else
const PITCH_B = PITCH_BY_TILE;
#endif

// Eight f16 per item. The size fits both layouts: 128 rows of 5 items are more than 32 rows of 17.
var<workgroup> tileA: array<vec4u, 640>;
var<workgroup> tileB: array<vec4u, 640>;
var<workgroup> results: array<f32, INVOCATIONS / SUBGROUP * SIZE * PITCH_RESULT>; // one matrix per subgroup

#if MATRIX
fn loadLeft(at: u32) -> Left {
#if TRANSPOSE_A
  return subgroupMatrixLoad<Left, col_major>(&tileA, at, PITCH_A);
#else
  return subgroupMatrixLoad<Left, row_major>(&tileA, at, PITCH_A);
#endif
}
fn loadRight(at: u32) -> Right {
#if TRANSPOSE_B
  return subgroupMatrixLoad<Right, col_major>(&tileB, at, PITCH_B);
#else
  return subgroupMatrixLoad<Right, row_major>(&tileB, at, PITCH_B);
#endif
}
fn storeResult(at: u32, sum: Result, lane: u32) {
  subgroupMatrixStore<row_major>(&results, at, sum, PITCH_RESULT);
}
#else
// Emulated: an operand is its offset in the tile; a lane holds 8 neighbours in row lane / SHARE of a result.
alias Left = u32;
alias Right = u32;

fn loadLeft(at: u32) -> Left { return at; }
fn loadRight(at: u32) -> Right { return at; }
fn left(at: u32, row: u32, k: u32) -> f32 {
#if TRANSPOSE_A
  return half(tileA[at + k * PITCH_A + row / 8u], row % 8u);
#else
  return half(tileA[at + row * PITCH_A + k / 8u], k % 8u);
#endif
}
fn right(at: u32, k: u32, column: u32) -> f32 {
#if TRANSPOSE_B
  return half(tileB[at + column * PITCH_B + k / 8u], k % 8u);
#else
  return half(tileB[at + k * PITCH_B + column / 8u], column % 8u);
#endif
}
fn multiplyAdd(a: Left, b: Right, before: Result, lane: u32) -> Result {
  var sum = before;
  for (var k = 0u; k < SIZE; k++) {
    let l = left(a, lane / SHARE, k);
    for (var i = 0u; i < 8u; i++) { sum[i] += l * right(b, k, lane % SHARE * 8u + i); }
  }
  return sum;
}
fn storeResult(at: u32, sum: Result, lane: u32) {
  var values = sum;
  for (var i = 0u; i < 8u; i++) { results[at + lane / SHARE * PITCH_RESULT + lane % SHARE * 8u + i] = values[i]; }
}
#endif

// The place of an item in its tile: the row, and the item within it. A row runs along K, or along M or N.
fn place(item: u32, alongK: bool) -> vec2u {
  return select(vec2u(item / 16u, item % 16u), vec2u(item / 4u, item % 4u), alongK);
}

// An item of a tile; 0 past the edges.
fn fetchA(batch: u32, firstM: u32, firstK: u32, item: u32) -> vec4u {
#if TRANSPOSE_A
  let at = place(item, false);
  let k = firstK + at.x;
  let m = firstM + at.y * 8u;
  let eight = (batch * params.M * params.K + k * params.M + m) / 8u;
#else
  let at = place(item, true);
  let m = firstM + at.x;
  let k = firstK + at.y * 8u;
  let eight = (batch * params.M * params.K + m * params.K + k) / 8u;
#endif
  if (m >= params.M || k >= params.K) { return vec4u(); }
#if A_F16
  return A[eight];
#else
  return pack(A[2u * eight], A[2u * eight + 1u]);
#endif
}
fn fetchB(batch: u32, firstN: u32, firstK: u32, item: u32) -> vec4u {
#if TRANSPOSE_B
  let at = place(item, true);
  let n = firstN + at.x;
  let k = firstK + at.y * 8u;
  let eight = (batch * params.K * params.N + n * params.K + k) / 8u;
#else
  let at = place(item, false);
  let k = firstK + at.x;
  let n = firstN + at.y * 8u;
  let eight = (batch * params.K * params.N + k * params.N + n) / 8u;
#endif
  if (n >= params.N || k >= params.K) { return vec4u(); }
#if B_F16
  return B[eight];
#else
  return pack(B[2u * eight], B[2u * eight + 1u]);
#endif
}

fn stageA(item: u32, eight: vec4u) {
#if TRANSPOSE_A
  let at = place(item, false);
#else
  let at = place(item, true);
#endif
  tileA[at.x * PITCH_A + at.y] = eight;
}
fn stageB(item: u32, eight: vec4u) {
#if TRANSPOSE_B
  let at = place(item, true);
#else
  let at = place(item, false);
#endif
  tileB[at.x * PITCH_B + at.y] = eight;
}

// The offset in its tile of the matrix whose first element is (m or n, k).
fn startA(m: u32, k: u32) -> u32 {
#if TRANSPOSE_A
  return k * PITCH_A + m / 8u;
#else
  return m * PITCH_A + k / 8u;
#endif
}
fn startB(n: u32, k: u32) -> u32 {
#if TRANSPOSE_B
  return n * PITCH_B + k / 8u;
#else
  return k * PITCH_B + n / 8u;
#endif
}

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

fn fourOf(at: u32) -> vec4f { return vec4f(results[at], results[at + 1u], results[at + 2u], results[at + 3u]); }

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
  let batch = tile.z;
  let firstM = tile.y * TILE;
  let firstN = tile.x * TILE;
  let m = subgroup / ACROSS * ROWS * SIZE;
  let n = subgroup % ACROSS * COLUMNS * SIZE;

  var nextA: array<vec4u, LOADS>;
  var nextB: array<vec4u, LOADS>;
  for (var i = 0u; i < LOADS; i++) {
    nextA[i] = fetchA(batch, firstM, 0u, i * INVOCATIONS + index);
    nextB[i] = fetchB(batch, firstN, 0u, i * INVOCATIONS + index);
  }
  var sums: array<array<Result, COLUMNS>, ROWS>;
  for (var step = 0u; step < params.K; step += TILE_K) {
    workgroupBarrier();
    for (var i = 0u; i < LOADS; i++) {
      stageA(i * INVOCATIONS + index, nextA[i]);
      stageB(i * INVOCATIONS + index, nextB[i]);
    }
    workgroupBarrier();
    if (step + TILE_K < params.K) {
      for (var i = 0u; i < LOADS; i++) {
        nextA[i] = fetchA(batch, firstM, step + TILE_K, i * INVOCATIONS + index);
        nextB[i] = fetchB(batch, firstN, step + TILE_K, i * INVOCATIONS + index);
      }
    }
    for (var k = 0u; k < TILE_K; k += SIZE) {
      var a: array<Left, ROWS>;
      for (var i = 0u; i < ROWS; i++) { a[i] = loadLeft(startA(m + SIZE * i, k)); }
      for (var j = 0u; j < COLUMNS; j++) {
        let b = loadRight(startB(n + SIZE * j, k));
        for (var i = 0u; i < ROWS; i++) { sums[i][j] = multiplyAdd(a[i], b, sums[i][j], lane); }
      }
    }
  }

  let own = subgroup * SIZE * PITCH_RESULT;
  let ownEight = lane / SHARE * PITCH_RESULT + lane % SHARE * 8u;
#if ROTARY
  // The other half of a head lies 32 or 64 columns away: a power of two in subgroups, hence the XOR.
  let partner = (subgroup ^ (params.headDim / 2u / (COLUMNS * SIZE))) * SIZE * PITCH_RESULT;
#endif
  for (var i = 0u; i < ROWS; i++) {
    for (var j = 0u; j < COLUMNS; j++) {
      workgroupBarrier();
      storeResult(own, sums[i][j], lane);
      workgroupBarrier();
      let row = firstM + m + SIZE * i + lane / SHARE;
      let column = firstN + n + SIZE * j + lane % SHARE * 8u;
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
  }
}
