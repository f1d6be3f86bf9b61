// gate: Y[i] = factor · X[i] where element i is open, else 0
//   with RELU: open unless by[i] ≤ 0 (so NaN passes through). X = by in the forward pass, X = dY in the backward pass.
//   with DROPOUT: open if hash(i, seed, step) ≥ threshold. The same three numbers give the same mask, so the backward
//     pass recomputes it. hash is PCG3D (Jarzynski and Olano 2020, "Hash Functions for GPU Rendering", JCGT 9(3)).
//   with neither: always open, i.e. multiplication by a constant.
//   X [N] f32 · by [N] f32, with RELU only · step [1] u32, with DROPOUT only
//   Y [N] f32, written (added to with ACCUMULATE)
// With F16 all but `step` are packed f16, and N counts pairs. Each invocation computes every (grid size)-th item: an
// element, or with F16 two. Any adapter. N FLOPs, 8N bytes (RELU: 12N).

struct Params {
  N: u32,
  factor: f32,
#if DROPOUT
  seed: u32,
  threshold: u32,
#endif
}

override WORKGROUP: u32 = 64u;

#if F16
alias Item = vec2f;
alias Closed = vec2<bool>;
@group(0) @binding(0) var<storage, read> X: array<u32>;
@group(0) @binding(1) var<storage, read_write> Y: array<u32>;
fn loadX(i: u32) -> Item { return unpack2x16float(X[i]); }
fn loadY(i: u32) -> Item { return unpack2x16float(Y[i]); }
fn storeY(i: u32, value: Item) { Y[i] = pack2x16float(value); }
#else
alias Item = f32;
alias Closed = bool;
@group(0) @binding(0) var<storage, read> X: array<f32>;
@group(0) @binding(1) var<storage, read_write> Y: array<f32>;
fn loadX(i: u32) -> Item { return X[i]; }
fn loadY(i: u32) -> Item { return Y[i]; }
fn storeY(i: u32, value: Item) { Y[i] = value; }
#endif

#if RELU
#if F16
@group(0) @binding(2) var<storage, read> by: array<u32>;
fn isClosed(i: u32) -> Closed { return unpack2x16float(by[i]) <= Item(); }
#else
@group(0) @binding(2) var<storage, read> by: array<f32>;
fn isClosed(i: u32) -> Closed { return by[i] <= 0.0; }
#endif
#else
#if DROPOUT
@group(0) @binding(2) var<storage, read> step: array<u32>;
fn drops(element: u32) -> bool {
  var v = vec3u(element, params.seed, step[0]) * 1664525u + 1013904223u;
  for (var round = 0u; round < 2u; round++) {
    v.x += v.y * v.z;
    v.y += v.z * v.x;
    v.z += v.x * v.y;
    if (round == 0u) { v ^= v >> vec3u(16u); }
  }
  return v.x < params.threshold;
}
#if F16
fn isClosed(i: u32) -> Closed { return Closed(drops(2u * i), drops(2u * i + 1u)); }
#else
fn isClosed(i: u32) -> Closed { return drops(i); }
#endif
#else
fn isClosed(i: u32) -> Closed { return Closed(); }
#endif
#endif
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  for (var i = id.x; i < params.N; i += grid.x * WORKGROUP) {
    var y = select(params.factor * loadX(i), Item(), isClosed(i));
#if ACCUMULATE
    y += loadY(i);
#endif
    storeY(i, y);
  }
}
