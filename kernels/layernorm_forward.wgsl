// layernorm_forward: Y[n,c] = (X[n,c] - mean[n]) · rstd[n] · gamma[c] + beta[c]
//   X [N,C] f32 · gamma, beta [C] f32 · Y [N,C] f32, written
//   stats [N,2] f32, written: mean and 1/sqrt(variance + eps) of each row, for the backward pass
// One subgroup takes a row, its lanes the columns in turn: no barrier, no workgroup memory. The variance is summed
// around the mean (two readings of the row, the second from cache), not as E[x²] - E[x]², which cancels.
// Any adapter with subgroups. 8NC FLOPs, 8NC bytes.
enable subgroups;

struct Params { N: u32, C: u32, eps: f32 }

override WORKGROUP: u32 = 64u;

@group(0) @binding(0) var<storage, read> X: array<f32>;
@group(0) @binding(1) var<storage, read> gamma: array<f32>;
@group(0) @binding(2) var<storage, read> beta: array<f32>;
@group(0) @binding(3) var<storage, read_write> Y: array<f32>;
@group(0) @binding(4) var<storage, read_write> stats: array<vec2f>;
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
  let C = params.C;
  for (var row = group.x * subgroups + subgroup; row < params.N; row += grid.x * subgroups) {
    let start = row * C;
    var sum = 0.0;
    for (var c = lane; c < C; c += lanes) { sum += X[start + c]; }
    let mean = subgroupAdd(sum) / f32(C);
    var squares = 0.0;
    for (var c = lane; c < C; c += lanes) {
      let centred = X[start + c] - mean;
      squares += centred * centred;
    }
    let rstd = 1.0 / sqrt(subgroupAdd(squares) / f32(C) + params.eps);
    for (var c = lane; c < C; c += lanes) {
      Y[start + c] = (X[start + c] - mean) * rstd * gamma[c] + beta[c];
    }
    if (lane == 0u) { stats[row] = vec2f(mean, rstd); }
  }
}
