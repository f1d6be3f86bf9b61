// check_finite: the indices of the first NaN and the first infinity in X,
//   found[2·slot] = min(itself, least i with X[i] NaN)     found[2·slot + 1] = min(itself, least i with X[i] ±infinity)
//   X [N] f32, or packed f16 with F16 · found [2·slots] u32, read and written
// Each invocation tests the bits of every (grid size)-th number: a compiler may assume that numbers are finite.
// Any adapter. 0 FLOPs, 4N bytes.

struct Params { N: u32, slot: u32 }

override WORKGROUP: u32 = 64u;

@group(0) @binding(0) var<storage, read> X: array<u32>;
@group(0) @binding(1) var<storage, read_write> found: array<atomic<u32>>;
@group(0) @binding(2) var<uniform> params: Params;

#if F16
const EXPONENT = 0x7c00u;
const MANTISSA = 0x03ffu;
fn bitsOf(i: u32) -> u32 { return X[i / 2u] >> (16u * (i % 2u)); }
#else
const EXPONENT = 0x7f800000u;
const MANTISSA = 0x007fffffu;
fn bitsOf(i: u32) -> u32 { return X[i]; }
#endif

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  for (var i = id.x; i < params.N; i += grid.x * WORKGROUP) {
    let bits = bitsOf(i);
    if ((bits & EXPONENT) == EXPONENT) {
      atomicMin(&found[2u * params.slot + select(0u, 1u, (bits & MANTISSA) == 0u)], i);
    }
  }
}
