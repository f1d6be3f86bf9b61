// cross_entropy_part: cross_entropy for one part of the vocabulary, the tokens from `start` onwards. With
// t = targets[first + n], and the whole row's maximum m and sum s from softmax_stats_part:
//   loss[first+n] = log s + (m - logits[n,t])                             (only in the part with t; 0 where t is ignored)
//   logits[n,v]  := (exp(logits[n,v] - m) / s - [start + v = t]) · scale[0]      (with GRADIENT; 0 where t is ignored)
//   logits [N,V] f32, read; with GRADIENT, overwritten with their gradient · stats [N,2] f32
//   targets [total] u32 · scale [1] f32 · loss [total] f32, written
// One subgroup takes a row; its lanes stride over the columns. Any adapter with subgroups. 4NV FLOPs, 8NV bytes.
enable subgroups;

struct Params { N: u32, V: u32, first: u32, start: u32 }

override WORKGROUP: u32 = 64u;
const IGNORE = 0xffffffffu;

@group(0) @binding(0) var<storage, read_write> logits: array<f32>;
@group(0) @binding(1) var<storage, read> stats: array<vec2f>;
@group(0) @binding(2) var<storage, read> targets: array<u32>;
@group(0) @binding(3) var<storage, read> scale: array<f32>;
@group(0) @binding(4) var<storage, read_write> loss: array<f32>;
@group(0) @binding(5) var<uniform> params: Params;

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
    let begin = row * V;
    let token = targets[params.first + row];
    let counts = token != IGNORE;
    let own = token - params.start; // far beyond V if the token is ignored or in another part
    if (!counts && lane == 0u) { loss[params.first + row] = 0.0; }
    let highest = stats[row].x;
    let sum = stats[row].y;
    let factor = select(0.0, scale[0], counts);
    for (var v = lane; v < V; v += lanes) {
      let logit = logits[begin + v];
      if (v == own) { loss[params.first + row] = log(sum) + (highest - logit); }
#if GRADIENT
      logits[begin + v] = (exp(logit - highest) / sum - select(0.0, 1.0, v == own)) * factor;
#endif
    }
  }
}
