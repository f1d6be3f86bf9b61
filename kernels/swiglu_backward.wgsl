// swiglu_backward, with s = sigmoid(gate):
//   dX[n,f]   = dY[n,f] · up · s · (1 + gate · (1 - s))
//   dX[n,F+f] = dY[n,f] · gate · s
//   X [N,2F] f32: gate, then up · dY [N,F] f32 · dX [N,2F] f32, written (added to with ACCUMULATE)
// One invocation handles every (grid size)-th element of dY. Any adapter. 11NF FLOPs, 20NF bytes.

struct Params { N: u32, F: u32 }

override WORKGROUP: u32 = 64u;

@group(0) @binding(0) var<storage, read> X: array<f32>;
@group(0) @binding(1) var<storage, read> dY: array<f32>;
@group(0) @binding(2) var<storage, read_write> dX: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  for (var i = id.x; i < params.N * params.F; i += grid.x * WORKGROUP) {
    let row = i / params.F;
    let at = row * params.F + i; // row · 2F + column
    let gate = X[at];
    let s = 1.0 / (1.0 + exp(-gate));
    let d_gate = dY[i] * X[at + params.F] * s * (1.0 + gate * (1.0 - s));
    let d_up = dY[i] * gate * s;
#if ACCUMULATE
    dX[at] += d_gate;
    dX[at + params.F] += d_up;
#else
    dX[at] = d_gate;
    dX[at + params.F] = d_up;
#endif
  }
}
