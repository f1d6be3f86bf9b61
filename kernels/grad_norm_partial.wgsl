// grad_norm_partial, first of two stages: partials[k] = Σ g² over every (grid size)-th element
//   G [N] f32 · partials [total] f32, written from `first` on: one for each invocation of the grid
// Any adapter. 2N FLOPs, 4N bytes.

struct Params { N: u32, first: u32 }

override WORKGROUP: u32 = 64u;

@group(0) @binding(0) var<storage, read> G: array<f32>;
@group(0) @binding(1) var<storage, read_write> partials: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  var sum = 0.0;
  for (var i = id.x; i < params.N; i += grid.x * WORKGROUP) { sum += G[i] * G[i]; }
  partials[params.first + id.x] = sum;
}
