// adamw (Loshchilov and Hutter 2019, arXiv:1711.05101), over a flat range of parameters, g = clip[1] · G[i]:
//   m = β1 m + (1-β1) g          v = β2 v + (1-β2) g²
//   W = W · (1 - lr · decay) - lr · (m / correction1) / (sqrt(v / correction2) + eps)
//   W, m, v [N] f32, read and written · G [N] f32 · half [N] packed f16 (with F16), written: a copy of W
//   hyper [7] f32: lr, β1, β2, eps, 1/correction1, 1/correction2, maxNorm · clip [2] f32: norm, factor
//   decay: the weight decay of this range, 0 for norms and biases
// A factor of 0 (a gradient that is not finite) leaves everything unchanged. N counts vec4s; each invocation updates
// every (grid size)-th one. Any adapter. 64N FLOPs, 112N bytes (F16: 120N).

struct Params { N: u32, decay: f32 }

override WORKGROUP: u32 = 64u;

@group(0) @binding(0) var<storage, read_write> W: array<vec4f>;
@group(0) @binding(1) var<storage, read> G: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> m: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> v: array<vec4f>;
@group(0) @binding(4) var<storage, read> hyper: array<f32>;
@group(0) @binding(5) var<storage, read> clip: array<f32>;
@group(0) @binding(6) var<uniform> params: Params;
#if F16
@group(0) @binding(7) var<storage, read_write> half: array<vec2u>;
#endif

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let factor = clip[1];
  if (factor == 0.0) { return; }
  let lr = hyper[0];
  let beta1 = hyper[1];
  let beta2 = hyper[2];
  let eps = hyper[3];
  let keep = 1.0 - lr * params.decay;
  for (var i = id.x; i < params.N; i += grid.x * WORKGROUP) {
    let g = factor * G[i];
    let m1 = beta1 * m[i] + (1.0 - beta1) * g;
    let v1 = beta2 * v[i] + (1.0 - beta2) * g * g;
    m[i] = m1;
    v[i] = v1;
    let w = W[i] * keep - lr * (m1 * hyper[4]) / (sqrt(v1 * hyper[5]) + eps);
    W[i] = w;
#if F16
    half[i] = vec2u(pack2x16float(w.xy), pack2x16float(w.zw));
#endif
  }
}
