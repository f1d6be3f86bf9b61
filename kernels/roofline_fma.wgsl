// roofline_fma: measures the peak rate of multiply-adds on registers
//   Y[i] = Σ_j z_j after 4 · rounds times z_j := a·z_j + b, from z_j = X[i] + j/8, j = 0 … 7
//   X, Y [N] vec4 of f32, or f32 with SCALAR · with |a| < 1 z tends to b / (1 - a), so nothing overflows
// Each invocation takes one element; its eight chains are independent. Vectors suit GPUs, where they hide latency; CPUs
// run out of registers. FUSED uses fma(), which some software adapters turn into a function call; F16 computes in f16.
// Any adapter; run by engine bench. 256 · rounds · N FLOPs (SCALAR: 64), 32N bytes.
#if F16
enable f16;
alias Number = f16;
#else
alias Number = f32;
#endif
#if SCALAR
alias Chain = Number;
alias Element = f32;
#else
alias Chain = vec4<Number>;
alias Element = vec4f;
#endif

struct Params { N: u32, rounds: u32, a: f32, b: f32 }

override WORKGROUP: u32 = 64u;

@group(0) @binding(0) var<storage, read> X: array<Element>;
@group(0) @binding(1) var<storage, read_write> Y: array<Element>;
@group(0) @binding(2) var<uniform> params: Params;

fn step(z: Chain, a: Chain, b: Chain) -> Chain {
#if FUSED
  return fma(z, a, b);
#else
  return z * a + b;
#endif
}

fn four_steps(z: Chain, a: Chain, b: Chain) -> Chain {
  return step(step(step(step(z, a, b), a, b), a, b), a, b);
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.N) { return; }
  let x = Chain(X[id.x]);
  let a = Chain(Number(params.a));
  let b = Chain(Number(params.b));
  var z0 = x;
  var z1 = x + Chain(0.125);
  var z2 = x + Chain(0.25);
  var z3 = x + Chain(0.375);
  var z4 = x + Chain(0.5);
  var z5 = x + Chain(0.625);
  var z6 = x + Chain(0.75);
  var z7 = x + Chain(0.875);
  for (var round = 0u; round < params.rounds; round++) {
    z0 = four_steps(z0, a, b);
    z1 = four_steps(z1, a, b);
    z2 = four_steps(z2, a, b);
    z3 = four_steps(z3, a, b);
    z4 = four_steps(z4, a, b);
    z5 = four_steps(z5, a, b);
    z6 = four_steps(z6, a, b);
    z7 = four_steps(z7, a, b);
  }
  Y[id.x] = Element(z0) + Element(z1) + Element(z2) + Element(z3) + Element(z4) + Element(z5) + Element(z6) + Element(z7);
}
