// grad_norm, second stage: norm = gradScale · sqrt(Σ partials), and what AdamW is to multiply gradients by:
//   clip[0] = norm · clip[1] = gradScale · min(1, maxNorm / norm), or 0 where norm is not finite: the step is skipped
//   partials [N] f32 · clip [2] f32, written · hyper [8] f32: see adamw.wgsl
// One workgroup, 64 invocations, summed in a fixed order. Any adapter.

struct Params { N: u32 }

const LANES = 64u;
var<workgroup> sums: array<f32, LANES>;

@group(0) @binding(0) var<storage, read> partials: array<f32>;
@group(0) @binding(1) var<storage, read> hyper: array<f32>;
@group(0) @binding(2) var<storage, read_write> clip: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32) {
  var sum = 0.0;
  for (var i = lane; i < params.N; i += LANES) { sum += partials[i]; }
  sums[lane] = sum;
  workgroupBarrier();
  if (lane == 0u) {
    var total = 0.0;
    for (var i = 0u; i < LANES; i++) { total += sums[i]; }
    let grad_scale = hyper[6];
    let max_norm = hyper[7];
    let norm = sqrt(total) * grad_scale;
    clip[0] = norm;
    // Written so that NaN, for which every comparison is false, falls into the skip.
    if (norm < 3.0e38) {
      clip[1] = grad_scale * select(1.0, max_norm / norm, norm > max_norm);
    } else {
      clip[1] = 0.0;
    }
  }
}
