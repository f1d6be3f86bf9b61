// matmul.3-rows: C[b] = A[b] · B[b]ᵀ (+ R[b]) for few rows of A, as in decoding one token at a time
//   A [batch, M,K] f32 · B [batch, N,K] f32, K a multiple of 4, or packed f16 with B_F16, K a multiple of 8
//   C [batch, M,N] f32, written (added to with ACCUMULATE) · R [batch, M,N] f32 (with RESIDUAL), added to the product
// The idea: with one row of A there are no loads to share, so the lanes of a subgroup share the sum. A subgroup takes
// one row of A and four rows of B. Its lanes read neighbouring items along K, and a subgroup sum adds them up, without
// barriers or workgroup memory. Reading B, once for every row of A, limits the speed. Any adapter with subgroups.
// Grid [any, M, batch]: subgroups walk along N in strides of the grid's width. 2MNK FLOPs and 4(MNK + MN) bytes per
// batch, half as many bytes with B_F16. B is read M times, mostly from cache.
enable subgroups;

struct Params { M: u32, N: u32, K: u32 }

@group(0) @binding(0) var<storage, read> A: array<vec4f>;
#if B_F16
@group(0) @binding(1) var<storage, read> B: array<vec4u>;
#else
@group(0) @binding(1) var<storage, read> B: array<vec4f>;
#endif
@group(0) @binding(2) var<storage, read_write> C: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;
#if RESIDUAL
@group(0) @binding(4) var<storage, read> R: array<f32>;
#endif

const COLUMNS = 4u; // of C, per subgroup

// A lane reads 16 bytes of a row of B at once.
#if B_F16
const WIDTH = 8u;
fn itemOfA(at: u32) -> array<vec4f, 2> { return array(A[2 * at], A[2 * at + 1]); }
fn times(a: array<vec4f, 2>, b: vec4u) -> f32 {
  let low = vec4f(unpack2x16float(b.x), unpack2x16float(b.y));
  return dot(a[0], low) + dot(a[1], vec4f(unpack2x16float(b.z), unpack2x16float(b.w)));
}
#else
const WIDTH = 4u;
fn itemOfA(at: u32) -> vec4f { return A[at]; }
fn times(a: vec4f, b: vec4f) -> f32 { return dot(a, b); }
#endif

alias Item = f32;
#include "lib/put.wgsl"

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(subgroup_id) subgroup: u32,
  @builtin(num_subgroups) subgroups: u32,
  @builtin(subgroup_invocation_id) lane: u32,
  @builtin(subgroup_size) lanes: u32,
) {
  let N = params.N;
  let items = params.K / WIDTH;
  let row = group.z * params.M + group.y;
  for (var n = (group.x * subgroups + subgroup) * COLUMNS; n < N; n += grid.x * subgroups * COLUMNS) {
    // Past the last column, the last one is read again and not stored.
    let at = (group.z * N + min(n + vec4u(0, 1, 2, 3), vec4u(N - 1))) * items;
    var sum = vec4f();
    for (var k = lane; k < items; k += lanes) {
      let a = itemOfA(row * items + k);
      sum += vec4f(times(a, B[at.x + k]), times(a, B[at.y + k]), times(a, B[at.z + k]), times(a, B[at.w + k]));
    }
    sum = subgroupAdd(sum);
    if (lane == 0) {
      let c = row * N + n;
      put(c, sum.x);
      if (n + 1 < N) { put(c + 1, sum.y); }
      if (n + 2 < N) { put(c + 2, sum.z); }
      if (n + 3 < N) { put(c + 3, sum.w); }
    }
  }
}
