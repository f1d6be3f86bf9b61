// add: Z[i] = X[i] + Y[i]   (the residual connection)
//   X [N] f32 · Y [N] f32 · Z [N] f32, written; with F16 all three are packed f16, and N counts pairs
// Each invocation adds every (grid size)-th item. Any adapter. N FLOPs, 12N bytes (F16: 2N, 12N).

struct Params { N: u32 }

override WORKGROUP: u32 = 64u;

#if F16
@group(0) @binding(0) var<storage, read> X: array<u32>;
@group(0) @binding(1) var<storage, read> Y: array<u32>;
@group(0) @binding(2) var<storage, read_write> Z: array<u32>;
#else
@group(0) @binding(0) var<storage, read> X: array<f32>;
@group(0) @binding(1) var<storage, read> Y: array<f32>;
@group(0) @binding(2) var<storage, read_write> Z: array<f32>;
#endif
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  for (var i = id.x; i < params.N; i += grid.x * WORKGROUP) {
#if F16
    Z[i] = pack2x16float(unpack2x16float(X[i]) + unpack2x16float(Y[i]));
#else
    Z[i] = X[i] + Y[i];
#endif
  }
}
