// to_half: Y[i] = X[i], rounded to f16
//   X [N] vec4 of f32 · Y [N] packed f16, written
// N counts vec4s; each invocation rounds every (grid size)-th one. Any adapter. 24N bytes.

struct Params { N: u32 }

override WORKGROUP: u32 = 64u;

@group(0) @binding(0) var<storage, read> X: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> Y: array<vec2u>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  for (var i = id.x; i < params.N; i += grid.x * WORKGROUP) {
    Y[i] = vec2u(pack2x16float(X[i].xy), pack2x16float(X[i].zw));
  }
}
