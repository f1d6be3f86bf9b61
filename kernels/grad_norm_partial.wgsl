// grad_norm_partial, first of two stages: partials[k] = Σ g² over every (grid size)-th vec4
//   G [N] vec4 of f32 · partials [total] f32, written from `first` onwards: one per invocation of the grid
// N counts vec4s. Any adapter. 8N FLOPs, 16N bytes.

struct Params { N: u32, first: u32 }

override WORKGROUP: u32 = 64u;

@group(0) @binding(0) var<storage, read> G: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> partials: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  var sum = 0.0;
  for (var i = id.x; i < params.N; i += grid.x * WORKGROUP) { sum += dot(G[i], G[i]); }
  partials[params.first + id.x] = sum;
}
