// softmax_backward: dX[n,c] = Y[n,c] · (dY[n,c] - Σ_c dY[n,c] · Y[n,c])
//   Y [N,C] f32: the result of softmax_forward · dY [N,C] f32 · dX [N,C] f32, written (added to with ACCUMULATE)
// One subgroup takes a row; its lanes stride over the columns. Any adapter with subgroups. 4NC FLOPs, 20NC bytes.
enable subgroups;

struct Params { N: u32, C: u32 }

override WORKGROUP: u32 = 64u;

@group(0) @binding(0) var<storage, read> Y: array<f32>;
@group(0) @binding(1) var<storage, read> dY: array<f32>;
@group(0) @binding(2) var<storage, read_write> dX: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

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
    var dot = 0.0;
    for (var c = lane; c < C; c += lanes) { dot += dY[start + c] * Y[start + c]; }
    dot = subgroupAdd(dot);
    for (var c = lane; c < C; c += lanes) {
      let d = Y[start + c] * (dY[start + c] - dot);
#if ACCUMULATE
      dX[start + c] += d;
#else
      dX[start + c] = d;
#endif
    }
  }
}
