// cross_entropy, one pass over a chunk of rows, with p = softmax(logits[n,:]) and t = targets[first + n]:
//   loss[first+n] = logsumexp(logits[n,:]) - logits[n,t]         (0 where t is the ignore index)
//   logits[n,v]  := (p[v] - [v = t]) · scale[0]                  (with GRADIENT; 0 where t is the ignore index)
//   logits [N,V] f32, read; with GRADIENT, overwritten with their gradient · targets [total] u32
//   scale [1] f32: 1 / (targets that count), times the loss scale · loss [total] f32, written
// One subgroup takes a row; its lanes stride over the vocabulary. Three passes: the maximum, the sum, the gradient.
// Any adapter with subgroups. 6NV FLOPs, 12NV bytes.
enable subgroups;

struct Params { N: u32, V: u32, first: u32 }

override WORKGROUP: u32 = 64u;
const IGNORE = 0xffffffffu;
const LOWEST = -3.4028234e38;

@group(0) @binding(0) var<storage, read_write> logits: array<f32>;
@group(0) @binding(1) var<storage, read> targets: array<u32>;
@group(0) @binding(2) var<storage, read> scale: array<f32>;
@group(0) @binding(3) var<storage, read_write> loss: array<f32>;
@group(0) @binding(4) var<uniform> params: Params;

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
    let token = targets[params.first + row];
    if (token == IGNORE) {
#if GRADIENT
      for (var v = lane; v < V; v += lanes) { logits[start + v] = 0.0; }
#endif
      if (lane == 0u) { loss[params.first + row] = 0.0; }
      continue;
    }
    var highest = LOWEST;
    for (var v = lane; v < V; v += lanes) { highest = max(highest, logits[start + v]); }
    highest = subgroupMax(highest);
    // Each lane reads and writes only its own elements, so none reads what another has overwritten. Hence the lane that
    // owns the target's column writes the loss.
    var sum = 0.0;
    var target_logit = 0.0;
    for (var v = lane; v < V; v += lanes) {
      let logit = logits[start + v];
      sum += exp(logit - highest);
      if (v == token) { target_logit = logit; }
    }
    sum = subgroupAdd(sum);
    if (token % lanes == lane) { loss[params.first + row] = log(sum) + (highest - target_logit); }
#if GRADIENT
    let factor = scale[0];
    for (var v = lane; v < V; v += lanes) {
      let p = exp(logits[start + v] - highest) / sum;
      logits[start + v] = (p - select(0.0, 1.0, v == token)) * factor;
    }
#endif
  }
}
