// matmul.f32.vector: C[b] = A[b] · B[b]ᵀ (+ R[b]) for few rows of A, as when one token at a time is decoded
//   A [batch, M,K] f32 · B [batch, N,K] f32, K a multiple of 4 · C [batch, M,N] f32, written (added to with ACCUMULATE)
//   R [batch, M,N] f32 (with RESIDUAL), added to the product
// A subgroup takes one row of A and four rows of B, its lanes K in turn, so that it reads neighbours in memory; the sum
// over its lanes ends it: no barrier, no workgroup memory. Bound by reading B, once for every row of A.
// Any adapter with subgroups. Grid [any, M, batch]: subgroups walk on in strides of the grid's width.
// 2MNK FLOPs, 4(MNK + MN) bytes a batch, of which those of B come M times from the nearest cache that holds it.
enable subgroups;

struct Params { M: u32, N: u32, K: u32 }

@group(0) @binding(0) var<storage, read> A: array<vec4f>;
@group(0) @binding(1) var<storage, read> B: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> C: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;
#if RESIDUAL
@group(0) @binding(4) var<storage, read> R: array<f32>;
#endif

const COLUMNS = 4u; // of C, a subgroup

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
  let items = params.K / 4;
  let row = group.z * params.M + group.y;
  for (var n = (group.x * subgroups + subgroup) * COLUMNS; n < N; n += grid.x * subgroups * COLUMNS) {
    // Past the last column the last one is read again, and not stored.
    let at = (group.z * N + min(n + vec4u(0, 1, 2, 3), vec4u(N - 1))) * items;
    var sum = vec4f();
    for (var k = lane; k < items; k += lanes) {
      let a = A[row * items + k];
      sum += vec4f(dot(a, B[at.x + k]), dot(a, B[at.y + k]), dot(a, B[at.z + k]), dot(a, B[at.w + k]));
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
