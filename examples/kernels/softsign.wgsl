// softsign: Y[i] = X[i] / (1 + |X[i]|)
//   X [N] f32 · Y [N] f32, written

struct Params { N: u32 }

override WORKGROUP: u32 = 64u;

@group(0) @binding(0) var<storage, read> X: array<f32>;
@group(0) @binding(1) var<storage, read_write> Y: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  for (var i = id.x; i < params.N; i += grid.x * WORKGROUP) {
    Y[i] = X[i] / (1.0 + abs(X[i]));
  }
}
