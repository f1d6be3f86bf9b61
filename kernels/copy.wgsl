// copy: Y[i] = X[i]
//   X [N] 4-byte words of any type · Y [N], written
// Each invocation copies every (grid size)-th word. Any adapter. 0 FLOPs, 8N bytes.

struct Params { N: u32 }

override WORKGROUP: u32 = 64u;

@group(0) @binding(0) var<storage, read> X: array<u32>;
@group(0) @binding(1) var<storage, read_write> Y: array<u32>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  for (var i = id.x; i < params.N; i += grid.x * WORKGROUP) {
    Y[i] = X[i];
  }
}
