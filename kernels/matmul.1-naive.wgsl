// matmul.1-naive: C[b] = op(A[b]) · op(B[b]) (+ R[b]),   op(X) = X or Xᵀ
//   A [batch, M,K] f32 ([batch, K,M] with TRANSPOSE_A) · B [batch, K,N] f32 ([batch, N,K] with TRANSPOSE_B)
//   C [batch, M,N] f32, written (added to with ACCUMULATE) · R [batch, M,N] f32 (with RESIDUAL), added to the product
// The definition, for readers and for comparison: each invocation computes one element of C. Any adapter.
// Grid [ceil(N/8), ceil(M/8), batch]. 2MNK FLOPs per batch; A is read N times and B M times, mostly from cache.

struct Params { M: u32, N: u32, K: u32 }

@group(0) @binding(0) var<storage, read> A: array<f32>;
@group(0) @binding(1) var<storage, read> B: array<f32>;
@group(0) @binding(2) var<storage, read_write> C: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;
#if RESIDUAL
@group(0) @binding(4) var<storage, read> R: array<f32>;
#endif

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let M = params.M;
  let N = params.N;
  let K = params.K;
  let n = id.x;
  let m = id.y;
  if (m >= M || n >= N) { return; }
  var sum = 0.0;
  for (var k = 0u; k < K; k++) {
#if TRANSPOSE_A
    let a = A[id.z * M * K + k * M + m];
#else
    let a = A[id.z * M * K + m * K + k];
#endif
#if TRANSPOSE_B
    let b = B[id.z * K * N + n * K + k];
#else
    let b = B[id.z * K * N + k * N + n];
#endif
    sum += a * b;
  }
  let at = id.z * M * N + m * N + n;
#if RESIDUAL
  sum += R[at];
#endif
#if ACCUMULATE
  sum += C[at];
#endif
  C[at] = sum;
}
