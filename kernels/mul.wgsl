// mul: Z[i] = X[i] · Y[i]
//   X [N] f32 · Y [N] f32 · Z [N] f32, written (added to with ACCUMULATE)
// With F16 all three are packed f16, and N counts pairs.
// Each invocation computes every (grid size)-th item: an element, or with F16 two. Any adapter. N FLOPs, 12N bytes.

struct Params { N: u32 }

override WORKGROUP: u32 = 64u;

#if F16
alias Item = vec2f;
@group(0) @binding(0) var<storage, read> X: array<u32>;
@group(0) @binding(1) var<storage, read> Y: array<u32>;
@group(0) @binding(2) var<storage, read_write> Z: array<u32>;
fn loadX(i: u32) -> Item { return unpack2x16float(X[i]); }
fn loadY(i: u32) -> Item { return unpack2x16float(Y[i]); }
fn loadZ(i: u32) -> Item { return unpack2x16float(Z[i]); }
fn storeZ(i: u32, value: Item) { Z[i] = pack2x16float(value); }
#else
alias Item = f32;
@group(0) @binding(0) var<storage, read> X: array<f32>;
@group(0) @binding(1) var<storage, read> Y: array<f32>;
@group(0) @binding(2) var<storage, read_write> Z: array<f32>;
fn loadX(i: u32) -> Item { return X[i]; }
fn loadY(i: u32) -> Item { return Y[i]; }
fn loadZ(i: u32) -> Item { return Z[i]; }
fn storeZ(i: u32, value: Item) { Z[i] = value; }
#endif
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  for (var i = id.x; i < params.N; i += grid.x * WORKGROUP) {
    var z = loadX(i) * loadY(i);
#if ACCUMULATE
    z += loadZ(i);
#endif
    storeZ(i, z);
  }
}
