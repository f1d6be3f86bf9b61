// matmul.4-quads: C[b] = op(A[b]) · op(B[b]) (+ R[b]),   op(X) = X or Xᵀ
//   A [batch, M,K] f32 ([batch, K,M] with TRANSPOSE_A) · B [batch, K,N] f32 ([batch, N,K] with TRANSPOSE_B)
//   C [batch, M,N] f32, written (added to with ACCUMULATE) · R [batch, M,N] f32 (with RESIDUAL), added to the product
//   ALIGNED reads and writes vec4: K and N (with TRANSPOSE_A also M) must be multiples of 4. Without it, any shape is possible.
// The idea: share values through registers, because workgroup memory is slow. For software adapters (subgroups of 4 or
// 8), without barriers. A workgroup is one quad and takes a 16 × 16 tile of C; it walks along K in blocks of 4. Each
// invocation loads 4 rows of op(A) and 4 columns of op(B), so the quad loads every value once: on such an adapter a
// load is the slowest instruction, and a swap within a quad the fastest. By swapping, each invocation multiplies its
// rows with all 16 columns. Product x, a 4 × 4 matrix, is of this lane's rows and the columns of lane ^ x.
// Grid [ceil(N/16), ceil(M/16), batch]. 2MNK FLOPs per batch; A is read N/16 times, B M/16 times.
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
fn multiplyAdd(sum: mat4x4f, a: mat4x4f, b: mat4x4f) -> mat4x4f {
  return mat4x4f(sum[0] + b[0] * a, sum[1] + b[1] * a, sum[2] + b[2] * a, sum[3] + b[3] * a);
}
fn swapX(b: mat4x4f) -> mat4x4f {
  return mat4x4f(quadSwapX(b[0]), quadSwapX(b[1]), quadSwapX(b[2]), quadSwapX(b[3]));
}
fn swapY(b: mat4x4f) -> mat4x4f {
  return mat4x4f(quadSwapY(b[0]), quadSwapY(b[1]), quadSwapY(b[2]), quadSwapY(b[3]));
}
fn swapDiagonal(b: mat4x4f) -> mat4x4f {
  return mat4x4f(quadSwapDiagonal(b[0]), quadSwapDiagonal(b[1]), quadSwapDiagonal(b[2]), quadSwapDiagonal(b[3]));
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

@compute @workgroup_size(4)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_index) lane: u32) {
  let M = params.M;
  let N = params.N;
  let K = params.K;
  let m = tile.y * 16 + lane * 4;
  let n = tile.x * 16 + lane * 4;
  let startA = tile.z * (M * K / WIDTH);
  let startB = tile.z * (K * N / WIDTH);

  // Rows and columns past the edge read the last one and are not stored.
#if ALIGNED
#if TRANSPOSE_A
  let atA = startA + LANES * (M / 4) + min(m, M - 4) / 4;
  let stepA = M;
#else
  let atA = startA + min(m + LANES, vec4u(M - 1)) * (K / 4);
  let stepA = 1u;
#endif
#if TRANSPOSE_B
  let atB = startB + min(n + LANES, vec4u(N - 1)) * (K / 4);
  let stepB = 1u;
#else
  let atB = startB + LANES * (N / 4) + min(n, N - 4) / 4;
  let stepB = N;
#endif
#else
#if TRANSPOSE_A
  let atA = startA + min(m + LANES, vec4u(M - 1));
  let strideA = M;
#else
  let atA = startA + min(m + LANES, vec4u(M - 1)) * K;
  let strideA = 1u;
#endif
#if TRANSPOSE_B
  let atB = startB + min(n + LANES, vec4u(N - 1)) * K;
  let strideB = 1u;
#else
  let atB = startB + min(n + LANES, vec4u(N - 1));
  let strideB = N;
#endif
#endif

  var product0: mat4x4f;
  var product1: mat4x4f;
  var product2: mat4x4f;
  var product3: mat4x4f;
  let blocks = (K + 3) / 4;
  for (var block = 0u; block < blocks; block++) {
    // Column i of `a` is row m + i of op(A), column j of `b` is column n + j of op(B), both along K.
#if ALIGNED
    var a = loadA(atA, block * stepA);
    var b = loadB(atB, block * stepB);
#if TRANSPOSE_A
    a = transpose(a);
#endif
#if TRANSPOSE_B
#else
    b = transpose(b);
#endif
#else
    let a = transpose(loadA(atA, block * 4, strideA, K));
    let b = transpose(loadB(atB, block * 4, strideB, K));
#endif
    product0 = multiplyAdd(product0, a, b);
    product1 = multiplyAdd(product1, a, swapX(b));
    product2 = multiplyAdd(product2, a, swapY(b));
    product3 = multiplyAdd(product3, a, swapDiagonal(b));
  }

  let startC = tile.z * (M * N / WIDTH);
  let column = tile.x * 16;
  store(product0, startC, m, column + lane * 4);
  store(product1, startC, m, column + (lane ^ 1) * 4);
  store(product2, startC, m, column + (lane ^ 2) * 4);
  store(product3, startC, m, column + (lane ^ 3) * 4);
}
