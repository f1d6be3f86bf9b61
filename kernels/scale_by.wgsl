// scale_by: Y[i] = factor[0] · X[i]
//   X [N] f32 · factor [1] f32 · Y [N] f32, written (added to with ACCUMULATE)
// With F16, X and Y are packed f16, and N counts pairs.
// Each invocation scales every (grid size)-th item. Any adapter. N FLOPs, 8N bytes (F16: 2N, 8N).

struct Params { N: u32 }

override WORKGROUP: u32 = 64u;

#if F16
@group(0) @binding(0) var<storage, read> X: array<u32>;
@group(0) @binding(2) var<storage, read_write> Y: array<u32>;
#else
@group(0) @binding(0) var<storage, read> X: array<f32>;
@group(0) @binding(2) var<storage, read_write> Y: array<f32>;
#endif
@group(0) @binding(1) var<storage, read> factor: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  for (var i = id.x; i < params.N; i += grid.x * WORKGROUP) {
#if F16
    var y = factor[0] * unpack2x16float(X[i]);
#if ACCUMULATE
    y += unpack2x16float(Y[i]);
#endif
    Y[i] = pack2x16float(y);
#else
#if ACCUMULATE
    Y[i] += factor[0] * X[i];
#else
    Y[i] = factor[0] * X[i];
#endif
#endif
  }
}
