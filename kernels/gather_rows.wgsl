// gather_rows: Y[r,c] = X[rows[r], c]
//   X [N,C] f32 · rows [R] u32, each below N · Y [R,C] f32, written
// Each invocation copies every (grid size)-th element. Any adapter. 0 FLOPs, 8RC bytes.

struct Params { R: u32, C: u32 }

override WORKGROUP: u32 = 64u;

@group(0) @binding(0) var<storage, read> X: array<f32>;
@group(0) @binding(1) var<storage, read> rows: array<u32>;
@group(0) @binding(2) var<storage, read_write> Y: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  for (var i = id.x; i < params.R * params.C; i += grid.x * WORKGROUP) {
    Y[i] = X[rows[i / params.C] * params.C + i % params.C];
  }
}
