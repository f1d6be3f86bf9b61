// swiglu_backward, with s = sigmoid(gate):
//   dX[n,f]   = dY[n,f] · up · s · (1 + gate · (1 - s))
//   dX[n,F+f] = dY[n,f] · gate · s
//   X [N,2F] f32: gate, then up · dY [N,F] f32 · dX [N,2F] f32, written (added to with ACCUMULATE); with F16 all are
//   packed f16, and F is even · ALIGNED: F is a multiple of 4
// Each invocation handles every (grid size)-th item of dY: 4 elements with ALIGNED, else 1, or 2 with F16. Any adapter.
// 11NF FLOPs, 20NF bytes.

struct Params { N: u32, F: u32 }

override WORKGROUP: u32 = 64u;

#include "lib/items.wgsl"

@group(0) @binding(0) var<storage, read> X: array<Stored>;
@group(0) @binding(1) var<storage, read> dY: array<Stored>;
@group(0) @binding(2) var<storage, read_write> dX: array<Stored>;
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let F = params.F / WIDTH;
  for (var i = id.x; i < params.N * F; i += grid.x * WORKGROUP) {
    let at = i / F * F + i; // row · 2F + column
    let gate = itemOf(X[at]);
    let dy = itemOf(dY[i]);
    let s = 1.0 / (1.0 + exp(-gate));
    var d_gate = dy * itemOf(X[at + F]) * s * (1.0 + gate * (1.0 - s));
    var d_up = dy * gate * s;
#if ACCUMULATE
    d_gate += itemOf(dX[at]);
    d_up += itemOf(dX[at + F]);
#endif
    dX[at] = storedOf(d_gate);
    dX[at + F] = storedOf(d_up);
  }
}
