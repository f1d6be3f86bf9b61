// gather_rows: Y[r,c] = X[rows[r], c], or 0 where rows[r] is the ignore index
//   X [N,C] f32 · rows [R] u32, each below N or the ignore index · Y [R,C] f32, written (added to with ACCUMULATE)
// With F16 X and Y are packed f16, and C counts pairs.
// Each invocation copies every (grid size)-th item: an element, or with F16 two. Any adapter. 0 FLOPs, 8RC bytes
// (ACCUMULATE: RC FLOPs, 12RC bytes).

struct Params { R: u32, C: u32 }

override WORKGROUP: u32 = 64u;
const IGNORE = 0xffffffffu;

#if F16
alias Item = vec2f;
@group(0) @binding(0) var<storage, read> X: array<u32>;
@group(0) @binding(2) var<storage, read_write> Y: array<u32>;
fn loadX(i: u32) -> Item { return unpack2x16float(X[i]); }
fn loadY(i: u32) -> Item { return unpack2x16float(Y[i]); }
fn storeY(i: u32, value: Item) { Y[i] = pack2x16float(value); }
#else
alias Item = f32;
@group(0) @binding(0) var<storage, read> X: array<f32>;
@group(0) @binding(2) var<storage, read_write> Y: array<f32>;
fn loadX(i: u32) -> Item { return X[i]; }
fn loadY(i: u32) -> Item { return Y[i]; }
fn storeY(i: u32, value: Item) { Y[i] = value; }
#endif
@group(0) @binding(1) var<storage, read> rows: array<u32>;
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  for (var i = id.x; i < params.R * params.C; i += grid.x * WORKGROUP) {
    let row = rows[i / params.C];
    var value = Item();
    if (row != IGNORE) { value = loadX(row * params.C + i % params.C); }
#if ACCUMULATE
    value += loadY(i);
#endif
    storeY(i, value);
  }
}
