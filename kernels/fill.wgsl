// fill: Y[i] = value
//   Y [N] f32, written
// Each invocation writes every (grid size)-th element. Any adapter. 0 FLOPs, 4N bytes.

struct Params { N: u32, value: f32 }

override WORKGROUP: u32 = 64u;

@group(0) @binding(0) var<storage, read_write> Y: array<f32>;
@group(0) @binding(1) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  for (var i = id.x; i < params.N; i += grid.x * WORKGROUP) {
    Y[i] = params.value;
  }
}
