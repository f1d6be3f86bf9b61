// column_sum: Y[c] = scale · Σ_k X[k, offset + c]
//   X [K,S] f32, or packed f16 with F16, S the row stride in elements · Y [C] f32, written (added to with ACCUMULATE)
// Each invocation sums every (grid size)-th column, from the first row to the last. Any adapter. KC FLOPs, 4KC bytes.

struct Params { K: u32, S: u32, C: u32, offset: u32, scale: f32 }

override WORKGROUP: u32 = 64u;

#if F16
@group(0) @binding(0) var<storage, read> X: array<u32>;
fn loadX(at: u32) -> f32 { return unpack2x16float(X[at / 2u])[at % 2u]; }
#else
@group(0) @binding(0) var<storage, read> X: array<f32>;
fn loadX(at: u32) -> f32 { return X[at]; }
#endif
@group(0) @binding(1) var<storage, read_write> Y: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  for (var c = id.x; c < params.C; c += grid.x * WORKGROUP) {
    var sum = 0.0;
    for (var k = 0u; k < params.K; k++) {
      sum += loadX(k * params.S + params.offset + c);
    }
#if ACCUMULATE
    Y[c] += params.scale * sum;
#else
    Y[c] = params.scale * sum;
#endif
  }
}
