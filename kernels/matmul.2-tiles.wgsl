// matmul.2-tiles: C[b] = op(A[b]) · op(B[b]) (+ R[b]),   op(X) = X or Xᵀ
//   A [batch, M,K] f32 ([batch, K,M] with TRANSPOSE_A) · B [batch, K,N] f32 ([batch, N,K] with TRANSPOSE_B)
//   C [batch, M,N] f32, written (added to with ACCUMULATE) · R [batch, M,N] f32 (with RESIDUAL), added to the product
// The idea: read each number from memory once per workgroup, not once per element of C.
// A workgroup takes a 16 × 16 tile of C, one element per invocation, and walks along K in steps of 16. In each step
// every invocation copies one element of op(A) and one of op(B) to workgroup memory; then all of them multiply from
// there. Elements outside the matrices count as 0. For readers only: no adapter uses it, since 4-blocks is the same
// idea with more work per invocation. Any adapter.
// Grid [ceil(N/16), ceil(M/16), batch]. 2MNK FLOPs per batch; A is read N/16 times, B M/16 times.

struct Params { M: u32, N: u32, K: u32 }

alias Item = f32;

@group(0) @binding(0) var<storage, read> A: array<f32>;
@group(0) @binding(1) var<storage, read> B: array<f32>;
@group(0) @binding(2) var<storage, read_write> C: array<Item>;
@group(0) @binding(3) var<uniform> params: Params;
#if RESIDUAL
@group(0) @binding(4) var<storage, read> R: array<Item>;
#endif

const TILE = 16u;

var<workgroup> tileA: array<array<f32, TILE>, TILE>; // [m][k]
var<workgroup> tileB: array<array<f32, TILE>, TILE>; // [k][n]

#include "lib/put.wgsl"

fn elementOfA(batch: u32, m: u32, k: u32) -> f32 {
  if (m >= params.M || k >= params.K) { return 0.0; }
#if TRANSPOSE_A
  return A[batch * params.M * params.K + k * params.M + m];
#else
  return A[batch * params.M * params.K + m * params.K + k];
#endif
}
fn elementOfB(batch: u32, k: u32, n: u32) -> f32 {
  if (k >= params.K || n >= params.N) { return 0.0; }
#if TRANSPOSE_B
  return B[batch * params.K * params.N + n * params.K + k];
#else
  return B[batch * params.K * params.N + k * params.N + n];
#endif
}

@compute @workgroup_size(16, 16)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(local_invocation_id) own: vec3u) {
  let m = id.y;
  let n = id.x;
  var sum = 0.0;
  for (var start = 0u; start < params.K; start += TILE) {
    workgroupBarrier();
    tileA[own.y][own.x] = elementOfA(id.z, m, start + own.x);
    tileB[own.y][own.x] = elementOfB(id.z, start + own.y, n);
    workgroupBarrier();
    for (var k = 0u; k < TILE; k++) { sum += tileA[own.y][k] * tileB[k][own.x]; }
  }
  if (m < params.M && n < params.N) { put(id.z * params.M * params.N + m * params.N + n, sum); }
}
