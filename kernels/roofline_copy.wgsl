// roofline_copy: Y[i] = X[i]; measures the memory bandwidth
//   X, Y [N] vec4 of f32, or f32 with SCALAR
// Each invocation copies every (grid size)-th element. Any adapter; run by engine bench. 0 FLOPs, 32N bytes (SCALAR:
// 8N).
#if SCALAR
alias Element = f32;
#else
alias Element = vec4f;
#endif

struct Params { N: u32 }

override WORKGROUP: u32 = 64u;

@group(0) @binding(0) var<storage, read> X: array<Element>;
@group(0) @binding(1) var<storage, read_write> Y: array<Element>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  for (var i = id.x; i < params.N; i += grid.x * WORKGROUP) {
    Y[i] = X[i];
  }
}
