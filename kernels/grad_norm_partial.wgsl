// grad_norm_partial, first of two stages: partials[k] = Σ g², of the vec4s that workgroup k takes
//   G [N] vec4 of f32 · partials [total] f32, written from `first` onwards: one per workgroup
// N counts vec4s. Invocations walk in strides of the grid; then the first of a workgroup adds the sums of all 64, in order,
// so the result is the same to the byte. Any adapter. 8N FLOPs, 16N bytes.

struct Params { N: u32, first: u32 }

const LANES = 64u;
var<workgroup> sums: array<f32, LANES>;

@group(0) @binding(0) var<storage, read> G: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> partials: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  var sum = 0.0;
  for (var i = id.x; i < params.N; i += grid.x * LANES) { sum += dot(G[i], G[i]); }
  sums[lane] = sum;
  workgroupBarrier();
  if (lane == 0u) {
    var total = 0.0;
    for (var i = 0u; i < LANES; i++) { total += sums[i]; }
    partials[params.first + group.x] = total;
  }
}
