// softmax_stats_part: each row's maximum and sum, for a matrix whose columns are spread over several buffers,
//   stats[n] = (m, Σ exp(logits[n,v] - m)),   m = max logits[n,v],   v over this part and those before it
//   logits [N,V] f32: the V columns of this part · stats [N,2] f32, read (except with FIRST) and written
// One subgroup takes a row; its lanes stride over the columns. Any adapter with subgroups. 4NV FLOPs, 8NV bytes.
enable subgroups;

struct Params { N: u32, V: u32 }

override WORKGROUP: u32 = 64u;
const LOWEST = -3.4028234e38;

@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read_write> stats: array<vec2f>;
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
  let V = params.V;
  for (var row = group.x * subgroups + subgroup; row < params.N; row += grid.x * subgroups) {
    let start = row * V;
    var highest = LOWEST;
    for (var v = lane; v < V; v += lanes) { highest = max(highest, logits[start + v]); }
    highest = subgroupMax(highest);
#if FIRST
    let before = vec2f(LOWEST, 0.0);
#else
    let before = stats[row];
#endif
    let risen = max(before.x, highest);
    var sum = 0.0;
    for (var v = lane; v < V; v += lanes) { sum += exp(logits[start + v] - risen); }
    sum = subgroupAdd(sum);
    if (lane == 0u) { stats[row] = vec2f(risen, before.y * exp(before.x - risen) + sum); }
  }
}
