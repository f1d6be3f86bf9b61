// swiglu_backward, with s = sigmoid(gate):
//   dX[n,f]   = dY[n,f] · up · s · (1 + gate · (1 - s))
//   dX[n,F+f] = dY[n,f] · gate · s
//   X [N,2F] f32: gate, then up · dY [N,F] f32 · dX [N,2F] f32, written (added to with ACCUMULATE); with F16 all are
//   packed f16, and F is even (it still counts elements)
// Each invocation handles every (grid size)-th item of dY: an element, or with F16 two. Any adapter. 11NF FLOPs, 20NF
// bytes.

struct Params { N: u32, F: u32 }

override WORKGROUP: u32 = 64u;

#if F16
alias Item = vec2f;
const WIDTH = 2u;
@group(0) @binding(0) var<storage, read> X: array<u32>;
@group(0) @binding(1) var<storage, read> dY: array<u32>;
@group(0) @binding(2) var<storage, read_write> dX: array<u32>;
fn loadX(at: u32) -> Item { return unpack2x16float(X[at]); }
fn loadDY(at: u32) -> Item { return unpack2x16float(dY[at]); }
fn loadDX(at: u32) -> Item { return unpack2x16float(dX[at]); }
fn storeDX(at: u32, value: Item) { dX[at] = pack2x16float(value); }
#else
alias Item = f32;
const WIDTH = 1u;
@group(0) @binding(0) var<storage, read> X: array<f32>;
@group(0) @binding(1) var<storage, read> dY: array<f32>;
@group(0) @binding(2) var<storage, read_write> dX: array<f32>;
fn loadX(at: u32) -> Item { return X[at]; }
fn loadDY(at: u32) -> Item { return dY[at]; }
fn loadDX(at: u32) -> Item { return dX[at]; }
fn storeDX(at: u32, value: Item) { dX[at] = value; }
#endif
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let F = params.F / WIDTH;
  for (var i = id.x; i < params.N * F; i += grid.x * WORKGROUP) {
    let at = i / F * F + i; // row · 2F + column
    let gate = loadX(at);
    let s = 1.0 / (1.0 + exp(-gate));
    var d_gate = loadDY(i) * loadX(at + F) * s * (1.0 + gate * (1.0 - s));
    var d_up = loadDY(i) * gate * s;
#if ACCUMULATE
    d_gate += loadDX(at);
    d_up += loadDX(at + F);
#endif
    storeDX(at, d_gate);
    storeDX(at + F, d_up);
  }
}
