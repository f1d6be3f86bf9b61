// row_repeat: Y[r,c] = scale · X[r]   (the backward pass of row_sum)
//   X [N / C] f32 · Y [N] f32 in rows of C, written (added to with ACCUMULATE)
// Each invocation writes every (grid size)-th element of Y. Any adapter. N FLOPs, 4N bytes.

struct Params { N: u32, C: u32, scale: f32 }

override WORKGROUP: u32 = 64u;

@group(0) @binding(0) var<storage, read> X: array<f32>;
@group(0) @binding(1) var<storage, read_write> Y: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  for (var i = id.x; i < params.N; i += grid.x * WORKGROUP) {
    let value = params.scale * X[i / params.C];
#if ACCUMULATE
    Y[i] += value;
#else
    Y[i] = value;
#endif
  }
}
