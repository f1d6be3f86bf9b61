// softmax_forward: Y[n,c] = exp(X[n,c] - m) / Σ_c exp(X[n,c] - m),   m = max_c X[n,c]
//   X [N,C] f32 · Y [N,C] f32, written
// One subgroup takes a row; its lanes stride over the columns. Three passes: the maximum, the sum, the result.
// Any adapter with subgroups. 5NC FLOPs, 16NC bytes.
enable subgroups;

struct Params { N: u32, C: u32 }

override WORKGROUP: u32 = 64u;
const LOWEST = -3.4028234e38;

@group(0) @binding(0) var<storage, read> X: array<f32>;
@group(0) @binding(1) var<storage, read_write> Y: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(subgroup_id) subgroup: u32,
  @builtin(num_subgroups) subgroups: u32,
  @builtin(subgroup_invocation_id) lane: u32,
  @builtin(subgroup_size) lanes: u32,
) {
  let C = params.C;
  for (var row = group.x * subgroups + subgroup; row < params.N; row += grid.x * subgroups) {
    let start = row * C;
    var highest = LOWEST;
    for (var c = lane; c < C; c += lanes) { highest = max(highest, X[start + c]); }
    highest = subgroupMax(highest);
    var sum = 0.0;
    for (var c = lane; c < C; c += lanes) { sum += exp(X[start + c] - highest); }
    sum = subgroupAdd(sum);
    for (var c = lane; c < C; c += lanes) { Y[start + c] = exp(X[start + c] - highest) / sum; }
  }
}
