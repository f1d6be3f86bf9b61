// swiglu_forward: Y[n,f] = silu(X[n,f]) · X[n,F+f],   silu(a) = a / (1 + e^-a)
//   X [N,2F] f32: gate in the first F columns, up in the last F · Y [N,F] f32, written; with F16 both are packed f16, and
//   F is even (it still counts elements)
// Each invocation computes every (grid size)-th item of Y: an element, or with F16 two. Any adapter. 6NF FLOPs, 12NF
// bytes.

struct Params { N: u32, F: u32 }

override WORKGROUP: u32 = 64u;

#if F16
alias Item = vec2f;
const WIDTH = 2u;
@group(0) @binding(0) var<storage, read> X: array<u32>;
@group(0) @binding(1) var<storage, read_write> Y: array<u32>;
fn loadX(at: u32) -> Item { return unpack2x16float(X[at]); }
fn storeY(at: u32, value: Item) { Y[at] = pack2x16float(value); }
#else
alias Item = f32;
const WIDTH = 1u;
@group(0) @binding(0) var<storage, read> X: array<f32>;
@group(0) @binding(1) var<storage, read_write> Y: array<f32>;
fn loadX(at: u32) -> Item { return X[at]; }
fn storeY(at: u32, value: Item) { Y[at] = value; }
#endif
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let F = params.F / WIDTH;
  for (var i = id.x; i < params.N * F; i += grid.x * WORKGROUP) {
    let at = i / F * F + i; // row · 2F + column
    let gate = loadX(at);
    storeY(i, gate / (1.0 + exp(-gate)) * loadX(at + F));
  }
}
