// swiglu_forward: Y[n,f] = silu(X[n,f]) · X[n,F+f],   silu(a) = a / (1 + e^-a)
//   X [N,2F] f32: gate in the first F columns, up in the last F · Y [N,F] f32, written; with F16 both are packed f16, and
//   F is even · ALIGNED: F is a multiple of 4
// Each invocation computes every (grid size)-th item of Y: 4 elements with ALIGNED, else 1, or 2 with F16. Any adapter.
// 6NF FLOPs, 12NF bytes.

struct Params { N: u32, F: u32 }

override WORKGROUP: u32 = 64u;

#include "lib/items.wgsl"

@group(0) @binding(0) var<storage, read> X: array<Stored>;
@group(0) @binding(1) var<storage, read_write> Y: array<Stored>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let F = params.F / WIDTH;
  for (var i = id.x; i < params.N * F; i += grid.x * WORKGROUP) {
    let at = i / F * F + i; // row · 2F + column
    let gate = itemOf(X[at]);
    Y[i] = storedOf(gate / (1.0 + exp(-gate)) * itemOf(X[at + F]));
  }
}
