// matmul.4-blocks: C[b] = op(A[b]) · op(B[b]) (+ R[b]),   op(X) = X or Xᵀ, multiplied and summed in f32
//   A [batch, M,K] ([batch, K,M] with TRANSPOSE_A) · B [batch, K,N] ([batch, N,K] with TRANSPOSE_B)
//   C [batch, M,N], written (added to with ACCUMULATE) · R [batch, M,N] f32 (with RESIDUAL), added to the product
//   each f32, or with A_F16, B_F16, C_F16 packed f16
//   ALIGNED reads four neighbours at once and writes two: the length of a row in memory must be a multiple of 4 elements,
//     or 8 in f16. Without it, any shape is possible, in f32.
//   With ROTARY (and ALIGNED), C is [B·T, 3·nHead·64]: queries, keys and values. Queries and keys are rotated by their
//     positions before they are written, like rotary.wgsl in all dimensions of a head; table [maxT, 64] f32;
//     with SPANS, spans [B, T, 2] u32 as there
//   SPLIT: each of `splits` workgroups takes a part of K. C is then [batch, splits, M,N]; column_sum adds the parts
// The idea: workgroup memory is slower than registers, so use each number from it several times. For GPUs without
// matrix units. A workgroup of 256 invocations takes a 128 × 64 tile of C; each invocation keeps an 8 × 4 block of it
// in registers, with 12 reads for 32 multiply-adds (2-tiles: 2 reads for one). It walks along K in steps of 16. While
// the two tiles of a step (12.5 KiB) are multiplied, the next ones are loaded into registers. Elements outside count as
// 0.
// Grid [ceil(N/64), ceil(M/128), batch], with SPLIT batch · splits. 2MNK FLOPs per batch; A is read N/64 times, B M/128 times.

#if ROTARY
struct Params { M: u32, N: u32, K: u32, T: u32, headDim: u32 }
@group(0) @binding(5) var<storage, read> table: array<vec2f>;
#if SPANS
@group(0) @binding(6) var<storage, read> spans: array<vec2u>;
#endif
#else
#if SPLIT
struct Params { M: u32, N: u32, K: u32, splits: u32 }
#else
struct Params { M: u32, N: u32, K: u32 }
#endif
#endif

#if ALIGNED
#if A_F16
@group(0) @binding(0) var<storage, read> A: array<vec2u>;
fn fourOfA(at: u32) -> vec4f { return unpack(A[at / 4u]); }
#else
@group(0) @binding(0) var<storage, read> A: array<vec4f>;
fn fourOfA(at: u32) -> vec4f { return A[at / 4u]; }
#endif
#if B_F16
@group(0) @binding(1) var<storage, read> B: array<vec2u>;
fn fourOfB(at: u32) -> vec4f { return unpack(B[at / 4u]); }
#else
@group(0) @binding(1) var<storage, read> B: array<vec4f>;
fn fourOfB(at: u32) -> vec4f { return B[at / 4u]; }
#endif
#if C_F16
@group(0) @binding(2) var<storage, read_write> C: array<u32>;
#else
@group(0) @binding(2) var<storage, read_write> C: array<vec2f>;
#endif
#if RESIDUAL
@group(0) @binding(4) var<storage, read> R: array<vec2f>;
#endif
#else
@group(0) @binding(0) var<storage, read> A: array<f32>;
@group(0) @binding(1) var<storage, read> B: array<f32>;
@group(0) @binding(2) var<storage, read_write> C: array<f32>;
#if RESIDUAL
@group(0) @binding(4) var<storage, read> R: array<f32>;
#endif
#endif
@group(0) @binding(3) var<uniform> params: Params;

const TILE_M = 128u;
const TILE_N = 64u;
const TILE_K = 16u;
const INVOCATIONS = 256u;
const ROWS = 8u;   // of C per invocation: neighbours, so that a subgroup reads few values of A
const LANES = 16u; // invocations side by side in a tile; each takes two pairs of columns, 2 · LANES apart
const LOADS_A = 2u; // TILE_M · TILE_K / 4 / INVOCATIONS; for B it is 1
// One more than the tile's width, so that the elements of a column lie in different banks of workgroup memory.
const PITCH_A = TILE_M + 1u;
const PITCH_B = TILE_N + 1u;

var<workgroup> tileA: array<f32, TILE_K * PITCH_A>; // [k][m]
var<workgroup> tileB: array<f32, TILE_K * PITCH_B>; // [k][n]

fn unpack(four: vec2u) -> vec4f { return vec4f(unpack2x16float(four.x), unpack2x16float(four.y)); }

// Where a load of four neighbours starts: .x along M or N, .y along K.
fn placeA(item: u32) -> vec2u {
#if TRANSPOSE_A
  return vec2u(item % (TILE_M / 4u) * 4u, item / (TILE_M / 4u));
#else
  return vec2u(item / (TILE_K / 4u), item % (TILE_K / 4u) * 4u);
#endif
}
fn placeB(item: u32) -> vec2u {
#if TRANSPOSE_B
  return vec2u(item / (TILE_K / 4u), item % (TILE_K / 4u) * 4u);
#else
  return vec2u(item % (TILE_N / 4u) * 4u, item / (TILE_N / 4u));
#endif
}

// Four neighbours in a row of memory; 0 past its end.
fn loadA(batch: u32, m: u32, k: u32) -> vec4f {
#if TRANSPOSE_A
  let size = params.M;
  let column = m;
  let inside = k < params.K;
  let start = batch * params.M * params.K + k * params.M;
#else
  let size = params.K;
  let column = k;
  let inside = m < params.M;
  let start = batch * params.M * params.K + m * params.K;
#endif
  if (!inside || column >= size) { return vec4f(); }
#if ALIGNED
  return fourOfA(start + column);
#else
  var four: vec4f;
  for (var i = 0u; i < min(4u, size - column); i++) { four[i] = A[start + column + i]; }
  return four;
#endif
}
fn loadB(batch: u32, n: u32, k: u32) -> vec4f {
#if TRANSPOSE_B
  let size = params.K;
  let column = k;
  let inside = n < params.N;
  let start = batch * params.K * params.N + n * params.K;
#else
  let size = params.N;
  let column = n;
  let inside = k < params.K;
  let start = batch * params.K * params.N + k * params.N;
#endif
  if (!inside || column >= size) { return vec4f(); }
#if ALIGNED
  return fourOfB(start + column);
#else
  var four: vec4f;
  for (var i = 0u; i < min(4u, size - column); i++) { four[i] = B[start + column + i]; }
  return four;
#endif
}

fn stageA(at: vec2u, four: vec4f) {
#if TRANSPOSE_A
  for (var i = 0u; i < 4u; i++) { tileA[at.y * PITCH_A + at.x + i] = four[i]; }
#else
  for (var i = 0u; i < 4u; i++) { tileA[(at.y + i) * PITCH_A + at.x] = four[i]; }
#endif
}
fn stageB(at: vec2u, four: vec4f) {
#if TRANSPOSE_B
  for (var i = 0u; i < 4u; i++) { tileB[(at.y + i) * PITCH_B + at.x] = four[i]; }
#else
  for (var i = 0u; i < 4u; i++) { tileB[at.y * PITCH_B + at.x + i] = four[i]; }
#endif
}

#if ALIGNED
// Two neighbours in a row of C; `pair` counts pairs.
fn put(pair: u32, product: vec2f) {
  var value = product;
#if RESIDUAL
  value += R[pair];
#endif
#if C_F16
#if ACCUMULATE
  value += unpack2x16float(C[pair]);
#endif
  C[pair] = pack2x16float(value);
#else
#if ACCUMULATE
  value += C[pair];
#endif
  C[pair] = value;
#endif
}
#else
fn put(at: u32, product: f32) {
  var value = product;
#if RESIDUAL
  value += R[at];
#endif
#if ACCUMULATE
  value += C[at];
#endif
  C[at] = value;
}
#endif

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_index) index: u32) {
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
  let m = index / LANES * ROWS;
  let n = index % LANES * 2u;

  var nextA: array<vec4f, LOADS_A>;
  for (var i = 0u; i < LOADS_A; i++) {
    let at = placeA(i * INVOCATIONS + index);
    nextA[i] = loadA(batch, firstM + at.x, begin + at.y);
  }
  let atB = placeB(index);
  var nextB = loadB(batch, firstN + atB.x, begin + atB.y);
  var sum: array<vec4f, ROWS>; // row i, columns n, n + 1, n + 32, n + 33
  for (var start = begin; start < end; start += TILE_K) {
    workgroupBarrier();
    for (var i = 0u; i < LOADS_A; i++) { stageA(placeA(i * INVOCATIONS + index), nextA[i]); }
    stageB(atB, nextB);
    workgroupBarrier();
    let following = start + TILE_K;
    if (following < end) {
      for (var i = 0u; i < LOADS_A; i++) {
        let at = placeA(i * INVOCATIONS + index);
        nextA[i] = loadA(batch, firstM + at.x, following + at.y);
      }
      nextB = loadB(batch, firstN + atB.x, following + atB.y);
    }
    for (var k = 0u; k < TILE_K; k++) {
      let near = k * PITCH_B + n;
      let far = near + 2u * LANES;
      let b = vec4f(tileB[near], tileB[near + 1u], tileB[far], tileB[far + 1u]);
      for (var i = 0u; i < ROWS; i++) { sum[i] += tileA[k * PITCH_A + m + i] * b; }
    }
  }

  for (var i = 0u; i < ROWS; i++) {
    let row = firstM + m + i;
    if (row >= params.M) { continue; }
    let start = tile.z * params.M * params.N + row * params.N;
#if ROTARY
    // A head is as wide as the tile, so each invocation has elements from both halves.
    if (firstN < params.N / 3u * 2u) {
#if SPANS
      let position = row % params.T - spans[row].x;
#else
      let position = row % params.T;
#endif
      let angle = position * 32u + n / 2u;
      let cosine = table[angle];
      let sine = table[angle + 16u];
      sum[i] = vec4f(sum[i].xy * cosine - sum[i].zw * sine, sum[i].zw * cosine + sum[i].xy * sine);
    }
#endif
    for (var j = 0u; j < 2u; j++) {
      let column = firstN + n + j * 2u * LANES;
      let pair = select(sum[i].xy, sum[i].zw, j == 1u);
#if ALIGNED
      if (column < params.N) { put((start + column) / 2u, pair); }
#else
      if (column < params.N) { put(start + column, pair.x); }
      if (column + 1u < params.N) { put(start + column + 1u, pair.y); }
#endif
    }
  }
}
