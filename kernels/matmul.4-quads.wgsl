// matmul.4-quads: C[b] = op(A[b]) · op(B[b]) (+ R[b]),   op(X) = X or Xᵀ
//   A [batch, M,K] f32 ([batch, K,M] with TRANSPOSE_A) · B [batch, K,N] f32 ([batch, N,K] with TRANSPOSE_B)
//   C [batch, M,N] f32, written (added to with ACCUMULATE) · R [batch, M,N] f32 (with RESIDUAL), added to the product
//   ALIGNED reads and writes vec4: K and N (with TRANSPOSE_A also M) must be multiples of 4. Without it, any shape is possible.
// The idea: share values through registers, because workgroup memory is slow. For software adapters (subgroups of 4 or
// 8), without barriers. A quad takes a 16 × 16 tile of C and walks along K in blocks of 4. Each invocation loads 4 rows
// of op(A) and 4 columns of op(B), so the quad loads every value once: on such an adapter a load is the slowest
// instruction, and a swap within a quad the fastest. By swapping, each invocation multiplies its rows with all 16
// columns.
//   WIDE (with ALIGNED): a quad takes 32 × 32, as 2 × 2 tiles of 16 × 16, and uses each value twice as often.
//   EIGHT: a workgroup has 8 invocations, two quads side by side, which fill a subgroup of 8. Multiplies and adds are fused.
// Grid [ceil(N/w), ceil(M/h), batch], where h × w is the tile of a workgroup, 16 × 16 without flags. 2MNK FLOPs per batch;
// A is read N/16 times, B M/16 times (WIDE: N/32 and M/32).
enable subgroups;

struct Params { M: u32, N: u32, K: u32 }

#if ALIGNED
@group(0) @binding(0) var<storage, read> A: array<vec4f>;
@group(0) @binding(1) var<storage, read> B: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> C: array<vec4f>;
#if RESIDUAL
@group(0) @binding(4) var<storage, read> R: array<vec4f>;
#endif
const WIDTH = 4u; // elements in one item of a buffer
#else
@group(0) @binding(0) var<storage, read> A: array<f32>;
@group(0) @binding(1) var<storage, read> B: array<f32>;
@group(0) @binding(2) var<storage, read_write> C: array<f32>;
#if RESIDUAL
@group(0) @binding(4) var<storage, read> R: array<f32>;
#endif
const WIDTH = 1u;
#endif
@group(0) @binding(3) var<uniform> params: Params;

const LANES = vec4u(0, 1, 2, 3);

#if ALIGNED
// Four rows of memory from `at` onwards; each next block of four along K lies `step` further.
fn loadA(at: vec4u, step: u32) -> mat4x4f {
  return mat4x4f(A[at.x + step], A[at.y + step], A[at.z + step], A[at.w + step]);
}
fn loadB(at: vec4u, step: u32) -> mat4x4f {
  return mat4x4f(B[at.x + step], B[at.y + step], B[at.z + step], B[at.w + step]);
}
#else
// Column j has the elements k + j of the four lines that start at `at`; 0 past K.
fn loadA(at: vec4u, k: u32, stride: u32, K: u32) -> mat4x4f {
  var block: mat4x4f;
  for (var j = 0u; j < 4; j++) {
    let to = min(k + j, K - 1) * stride;
    let column = vec4f(A[at.x + to], A[at.y + to], A[at.z + to], A[at.w + to]);
    block[j] = select(vec4f(), column, k + j < K);
  }
  return block;
}
fn loadB(at: vec4u, k: u32, stride: u32, K: u32) -> mat4x4f {
  var block: mat4x4f;
  for (var j = 0u; j < 4; j++) {
    let to = min(k + j, K - 1) * stride;
    let column = vec4f(B[at.x + to], B[at.y + to], B[at.z + to], B[at.w + to]);
    block[j] = select(vec4f(), column, k + j < K);
  }
  return block;
}
#endif

// In column j, row i: sum[j][i] + Σ_k b[j][k] · a[i][k].
#if EIGHT
fn multiplyAdd(sum: mat4x4f, a: mat4x4f, b: mat4x4f) -> mat4x4f {
  let k = transpose(a);
  return mat4x4f(addTo(sum[0], k, b[0]), addTo(sum[1], k, b[1]), addTo(sum[2], k, b[2]), addTo(sum[3], k, b[3]));
}
fn addTo(sum: vec4f, a: mat4x4f, b: vec4f) -> vec4f {
  return fma(vec4f(b.w), a[3], fma(vec4f(b.z), a[2], fma(vec4f(b.y), a[1], fma(vec4f(b.x), a[0], sum))));
}
#else
fn multiplyAdd(sum: mat4x4f, a: mat4x4f, b: mat4x4f) -> mat4x4f {
  return mat4x4f(sum[0] + b[0] * a, sum[1] + b[1] * a, sum[2] + b[2] * a, sum[3] + b[3] * a);
}
#endif
fn swapX(b: mat4x4f) -> mat4x4f {
  return mat4x4f(quadSwapX(b[0]), quadSwapX(b[1]), quadSwapX(b[2]), quadSwapX(b[3]));
}
fn swapY(b: mat4x4f) -> mat4x4f {
  return mat4x4f(quadSwapY(b[0]), quadSwapY(b[1]), quadSwapY(b[2]), quadSwapY(b[3]));
}
fn swapDiagonal(b: mat4x4f) -> mat4x4f {
  return mat4x4f(quadSwapDiagonal(b[0]), quadSwapDiagonal(b[1]), quadSwapDiagonal(b[2]), quadSwapDiagonal(b[3]));
}

// This lane's four rows times the four columns of each lane of the quad: its own, and those of lane ^ 1, ^ 2, ^ 3.
struct Products { own: mat4x4f, x: mat4x4f, y: mat4x4f, diagonal: mat4x4f }

fn multiplyAddQuad(sum: Products, a: mat4x4f, b: mat4x4f) -> Products {
  return Products(
    multiplyAdd(sum.own, a, b),
    multiplyAdd(sum.x, a, swapX(b)),
    multiplyAdd(sum.y, a, swapY(b)),
    multiplyAdd(sum.diagonal, a, swapDiagonal(b)),
  );
}

#if ALIGNED
alias Item = vec4f;
#else
alias Item = f32;
#endif
#include "lib/put.wgsl"

// Writes `tile` [column][row] to C at row m, column n, within its bounds; the batch begins at `start`.
fn store(tile: mat4x4f, start: u32, m: u32, n: u32) {
  let M = params.M;
  let N = params.N;
#if ALIGNED
  if (n >= N) { return; }
  let rows = transpose(tile);
  let pitch = N / 4;
  let at = start + m * pitch + n / 4;
  if (m < M) { put(at, rows[0]); }
  if (m + 1 < M) { put(at + pitch, rows[1]); }
  if (m + 2 < M) { put(at + 2 * pitch, rows[2]); }
  if (m + 3 < M) { put(at + 3 * pitch, rows[3]); }
#else
  var values = tile;
  for (var j = 0u; j < 4; j++) {
    for (var i = 0u; i < 4; i++) {
      if (m + i < M && n + j < N) { put(start + (m + i) * N + n + j, values[j][i]); }
    }
  }
#endif
}

// Writes the 16 columns from `n` on of four rows.
fn storeQuad(products: Products, start: u32, m: u32, n: u32, lane: u32) {
  store(products.own, start, m, n + lane * 4);
  store(products.x, start, m, n + (lane ^ 1) * 4);
  store(products.y, start, m, n + (lane ^ 2) * 4);
  store(products.diagonal, start, m, n + (lane ^ 3) * 4);
}

// Where four rows of op(A) from m on, and four columns of op(B) from n on, begin. Past the edge the last ones are read
// again and not stored.
fn placeA(start: u32, m: u32) -> vec4u {
#if TRANSPOSE_A
#if ALIGNED
  return start + LANES * (params.M / 4) + min(m, params.M - 4) / 4;
#else
  return start + min(m + LANES, vec4u(params.M - 1));
#endif
#else
  return start + min(m + LANES, vec4u(params.M - 1)) * (params.K / WIDTH);
#endif
}
fn placeB(start: u32, n: u32) -> vec4u {
#if TRANSPOSE_B
  return start + min(n + LANES, vec4u(params.N - 1)) * (params.K / WIDTH);
#else
#if ALIGNED
  return start + LANES * (params.N / 4) + min(n, params.N - 4) / 4;
#else
  return start + min(n + LANES, vec4u(params.N - 1));
#endif
#endif
}

// A block: column i is row m + i of op(A), or column n + i of op(B), both along K.
fn blockOfA(at: vec4u, block: u32) -> mat4x4f {
#if TRANSPOSE_A
#if ALIGNED
  return transpose(loadA(at, block * params.M));
#else
  return transpose(loadA(at, block * 4, params.M, params.K));
#endif
#else
#if ALIGNED
  return loadA(at, block);
#else
  return transpose(loadA(at, block * 4, 1, params.K));
#endif
#endif
}
fn blockOfB(at: vec4u, block: u32) -> mat4x4f {
#if TRANSPOSE_B
#if ALIGNED
  return loadB(at, block);
#else
  return transpose(loadB(at, block * 4, 1, params.K));
#endif
#else
#if ALIGNED
  return transpose(loadB(at, block * params.N));
#else
  return transpose(loadB(at, block * 4, params.N, params.K));
#endif
#endif
}

#if WIDE
const TILE = 32u; // of a quad
#else
const TILE = 16u; // of a quad
#endif
#if EIGHT
const INVOCATIONS = 8u;
#else
const INVOCATIONS = 4u;
#endif

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_index) index: u32) {
  let M = params.M;
  let N = params.N;
  let K = params.K;
  let lane = index % 4;
  let m = tile.y * TILE + lane * 4;
  let firstN = (tile.x * (INVOCATIONS / 4) + index / 4) * TILE;
  let n = firstN + lane * 4;
  let startA = tile.z * (M * K / WIDTH);
  let startB = tile.z * (K * N / WIDTH);
  let startC = tile.z * (M * N / WIDTH);
  let atA = placeA(startA, m);
  let atB = placeB(startB, n);
  let blocks = (K + 3) / 4;

  var sum: Products;
#if WIDE
  let belowA = placeA(startA, m + 16);
  let rightB = placeB(startB, n + 16);
  var right: Products;
  var below: Products;
  var corner: Products;
#endif
  for (var block = 0u; block < blocks; block++) {
    let a = blockOfA(atA, block);
    let b = blockOfB(atB, block);
    sum = multiplyAddQuad(sum, a, b);
#if WIDE
    let aBelow = blockOfA(belowA, block);
    below = multiplyAddQuad(below, aBelow, b);
    let bRight = blockOfB(rightB, block);
    right = multiplyAddQuad(right, a, bRight);
    corner = multiplyAddQuad(corner, aBelow, bRight);
#endif
  }

  storeQuad(sum, startC, m, firstN, lane);
#if WIDE
  storeQuad(right, startC, m, firstN + 16, lane);
  storeQuad(below, startC, m + 16, firstN, lane);
  storeQuad(corner, startC, m + 16, firstN + 16, lane);
#endif
}
