// target_scale: scale = 1 / max(1, number of targets that are not the ignore index)
//   targets [N] u32 · scale [1] f32, written
// A single workgroup: each invocation counts in every 32nd target, then the first one adds up the counts. Any adapter.
// 4N bytes.

struct Params { N: u32 }

const LANES = 32u;
const IGNORE = 0xffffffffu;
var<workgroup> counts: array<u32, LANES>;

@group(0) @binding(0) var<storage, read> targets: array<u32>;
@group(0) @binding(1) var<storage, read_write> scale: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(32)
fn main(@builtin(local_invocation_index) lane: u32) {
  var count = 0u;
  for (var n = lane; n < params.N; n += LANES) { count += select(0u, 1u, targets[n] != IGNORE); }
  counts[lane] = count;
  workgroupBarrier();
  if (lane == 0u) {
    var total = 0u;
    for (var i = 0u; i < LANES; i++) { total += counts[i]; }
    scale[0] = 1.0 / f32(max(total, 1u));
  }
}
