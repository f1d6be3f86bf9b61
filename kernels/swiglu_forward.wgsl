// swiglu_forward: Y[n,f] = silu(X[n,f]) · X[n,F+f],   silu(a) = a / (1 + e^-a)
//   X [N,2F] f32: gate in the first F columns, up in the last F · Y [N,F] f32, written
// One invocation makes every (grid size)-th element of Y. Any adapter. 6NF FLOPs, 12NF bytes.

struct Params { N: u32, F: u32 }

override WORKGROUP: u32 = 64u;

@group(0) @binding(0) var<storage, read> X: array<f32>;
@group(0) @binding(1) var<storage, read_write> Y: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  for (var i = id.x; i < params.N * params.F; i += grid.x * WORKGROUP) {
    let row = i / params.F;
    let at = row * params.F + i; // row · 2F + column
    let gate = X[at];
    Y[i] = gate / (1.0 + exp(-gate)) * X[at + params.F];
  }
}
