// layernorm_backward, with x̂ = (X - mean) · rstd and g = dY · gamma:
//   dX[n,c] = rstd[n] · (g - mean_c(g) - x̂ · mean_c(g · x̂))
//   X, dY [N,C] f32 · gamma [C] f32 · stats [N,2] f32: mean, rstd · dX [N,C] f32, written (added to with ACCUMULATE)
// One subgroup takes a row, its lanes the columns in turn. Any adapter with subgroups. 14NC FLOPs, 12NC bytes.
enable subgroups;

struct Params { N: u32, C: u32 }

override WORKGROUP: u32 = 64u;

@group(0) @binding(0) var<storage, read> X: array<f32>;
@group(0) @binding(1) var<storage, read> gamma: array<f32>;
@group(0) @binding(2) var<storage, read> stats: array<vec2f>;
@group(0) @binding(3) var<storage, read> dY: array<f32>;
@group(0) @binding(4) var<storage, read_write> dX: array<f32>;
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
    let mean = stats[row].x;
    let rstd = stats[row].y;
    var sum_g = 0.0;
    var sum_gx = 0.0;
    for (var c = lane; c < C; c += lanes) {
      let g = dY[start + c] * gamma[c];
      sum_g += g;
      sum_gx += g * (X[start + c] - mean) * rstd;
    }
    let mean_g = subgroupAdd(sum_g) / f32(C);
    let mean_gx = subgroupAdd(sum_gx) / f32(C);
    for (var c = lane; c < C; c += lanes) {
      let g = dY[start + c] * gamma[c];
      let d = rstd * (g - mean_g - (X[start + c] - mean) * rstd * mean_gx);
#if ACCUMULATE
      dX[start + c] += d;
#else
      dX[start + c] = d;
#endif
    }
  }
}
