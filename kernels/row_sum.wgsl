// row_sum: Y[r] = scale · Σ_c X[r · C + c]
//   X [N] f32, in rows of C; the last row may be shorter · Y [ceil(N / C)] f32, written
// One subgroup takes a row; its lanes stride over the columns, so the order of summation is fixed. Any adapter with
// subgroups. N FLOPs, 4N bytes.
enable subgroups;

struct Params { N: u32, C: u32, scale: f32 }

override WORKGROUP: u32 = 64u;

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
  let rows = (params.N + params.C - 1u) / params.C;
  for (var row = group.x * subgroups + subgroup; row < rows; row += grid.x * subgroups) {
    let end = min((row + 1u) * params.C, params.N);
    var sum = 0.0;
    for (var i = row * params.C + lane; i < end; i += lanes) { sum += X[i]; }
    sum = subgroupAdd(sum);
    if (lane == 0u) { Y[row] = params.scale * sum; }
  }
}
