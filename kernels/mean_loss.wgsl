// mean_loss: loss = scale[0] · Σ_n rowLoss[n]
//   rowLoss [N] f32 · scale [1] f32: 1 / (targets that count) · loss [1] f32, written
// A single workgroup: each invocation sums every 32nd row, then the first one adds up their sums. Any adapter. N FLOPs.

struct Params { N: u32 }

const LANES = 32u;
var<workgroup> sums: array<f32, LANES>;

@group(0) @binding(0) var<storage, read> rowLoss: array<f32>;
@group(0) @binding(1) var<storage, read> scale: array<f32>;
@group(0) @binding(2) var<storage, read_write> loss: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(32)
fn main(@builtin(local_invocation_index) lane: u32) {
  var sum = 0.0;
  for (var n = lane; n < params.N; n += LANES) { sum += rowLoss[n]; }
  sums[lane] = sum;
  workgroupBarrier();
  if (lane == 0u) {
    var total = 0.0;
    for (var i = 0u; i < LANES; i++) { total += sums[i]; }
    loss[0] = total * scale[0];
  }
}
