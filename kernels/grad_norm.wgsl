// grad_norm, second stage: norm = sqrt(Σ partials) / scale, and the factor by which AdamW multiplies gradients:
//   clip[0] = norm · clip[1] = min(1, maxNorm / norm) / scale, or 0 where norm is not finite: the step is skipped
//   partials [N] f32 · clip [2] f32, written · hyper [7] f32: see adamw.wgsl
// scale is 1, or with LOSS_SCALE lossScale[0]. The loss was multiplied by it, to keep small gradients within f16's
// range. It halves after a skipped step and doubles after 2,000 clean steps in a row (Micikevicius et al. 2018,
// arXiv:1710.03740):
//   lossScale [2] f32, read and written: the scale, from 1 to 2^24, and the number of clean steps since it changed
// One workgroup, 64 invocations, summed in a fixed order. Any adapter.

struct Params { N: u32 }

const LANES = 64u;
const PATIENCE = 2000.0;
const HIGHEST = 16777216.0;
var<workgroup> sums: array<f32, LANES>;

@group(0) @binding(0) var<storage, read> partials: array<f32>;
@group(0) @binding(1) var<storage, read> hyper: array<f32>;
@group(0) @binding(2) var<storage, read_write> clip: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;
#if LOSS_SCALE
@group(0) @binding(4) var<storage, read_write> lossScale: array<f32>;
#endif

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32) {
  var sum = 0.0;
  for (var i = lane; i < params.N; i += LANES) { sum += partials[i]; }
  sums[lane] = sum;
  workgroupBarrier();
  if (lane == 0u) {
    var total = 0.0;
    for (var i = 0u; i < LANES; i++) { total += sums[i]; }
    let max_norm = hyper[6];
    var scale = 1.0;
#if LOSS_SCALE
    scale = lossScale[0];
#endif
    let norm = sqrt(total) / scale;
    // NaN must skip, too: it fails every comparison.
    let finite = norm < 3.0e38;
    clip[0] = norm;
    clip[1] = select(0.0, select(1.0, max_norm / norm, norm > max_norm) / scale, finite);
#if LOSS_SCALE
    let clean = select(0.0, lossScale[1] + 1.0, finite);
    if (!finite) {
      lossScale[0] = max(1.0, scale * 0.5);
    } else if (clean >= PATIENCE) {
      lossScale[0] = min(HIGHEST, scale * 2.0);
    }
    lossScale[1] = select(clean, 0.0, clean >= PATIENCE);
#endif
  }
}
