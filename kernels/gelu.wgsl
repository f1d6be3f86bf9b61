// gelu: Y[i] = X[i] · σ(2u),   u = √(2/π) · (X[i] + 0.044715 · X[i]³),   σ(a) = 1 / (1 + e^-a)
//   which is X/2 · (1 + tanh u), the tanh form of Hendrycks and Gimpel 2016 (arXiv:1606.08415)
// with BACKWARD: dX[i] = dY[i] · (σ(2u) + X[i] · σ(2u) · (1 - σ(2u)) · 2u'),   u' = √(2/π) · (1 + 3 · 0.044715 · X[i]²)
//   X [N] f32 · dY [N] f32, with BACKWARD only
//   Y [N] f32, written: Y, or with BACKWARD dX (added to with ACCUMULATE)
// With F16 all of them are packed f16, and N counts pairs.
// Each invocation computes every (grid size)-th item: an element, or with F16 two. Any adapter. 12N FLOPs, 8N bytes
// (BACKWARD: 20N FLOPs, 12N bytes).

struct Params { N: u32 }

override WORKGROUP: u32 = 64u;
const SQRT_2_OVER_PI = 0.7978845608;
const CUBIC = 0.044715;

#if F16
alias Item = vec2f;
@group(0) @binding(0) var<storage, read> X: array<u32>;
@group(0) @binding(1) var<storage, read_write> Y: array<u32>;
fn loadX(i: u32) -> Item { return unpack2x16float(X[i]); }
fn loadY(i: u32) -> Item { return unpack2x16float(Y[i]); }
fn storeY(i: u32, value: Item) { Y[i] = pack2x16float(value); }
#if BACKWARD
@group(0) @binding(2) var<storage, read> dY: array<u32>;
fn loadDY(i: u32) -> Item { return unpack2x16float(dY[i]); }
#endif
#else
alias Item = f32;
@group(0) @binding(0) var<storage, read> X: array<f32>;
@group(0) @binding(1) var<storage, read_write> Y: array<f32>;
fn loadX(i: u32) -> Item { return X[i]; }
fn loadY(i: u32) -> Item { return Y[i]; }
fn storeY(i: u32, value: Item) { Y[i] = value; }
#if BACKWARD
@group(0) @binding(2) var<storage, read> dY: array<f32>;
fn loadDY(i: u32) -> Item { return dY[i]; }
#endif
#endif
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  for (var i = id.x; i < params.N; i += grid.x * WORKGROUP) {
    let x = loadX(i);
    let u = SQRT_2_OVER_PI * (x + CUBIC * x * x * x);
    let s = 1.0 / (1.0 + exp(-2.0 * u));
#if BACKWARD
    let slope = 2.0 * SQRT_2_OVER_PI * (1.0 + 3.0 * CUBIC * x * x);
    var value = loadDY(i) * (s + x * s * (1.0 - s) * slope);
#else
    var value = x * s;
#endif
#if ACCUMULATE
    value += loadY(i);
#endif
    storeY(i, value);
  }
}
