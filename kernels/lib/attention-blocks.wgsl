// Shared by the three attention kernels that tile through workgroup memory. They load and store four neighbours at a time,
// in f32 or, with F16, packed f16. The kernel declares QKV [B·T, 3C] of Four, and params.

override HEAD_VECTORS: u32 = 8u; // headDim / 4

const SLICE = 8u; // vec4 in a slice of a head
const MAX_SLICES = 4u;
// One more than the slice and the tile, so that neighbouring rows begin in different banks.
const STAGE_STRIDE = 9u;
const SCORE_STRIDE = 33u;

#if F16
alias Four = vec2u;
fn unpack(four: vec2u) -> vec4f { return vec4f(unpack2x16float(four.x), unpack2x16float(four.y)); }
fn pack(four: vec4f) -> vec2u { return vec2u(pack2x16float(four.xy), pack2x16float(four.zw)); }
#else
alias Four = vec4f;
fn unpack(four: Four) -> vec4f { return four; }
fn pack(four: vec4f) -> Four { return four; }
#endif

// Vector `d` of one head of the position's queries (part 0), keys (1) or values (2); zero past the end of the sequence
// or of the head.
fn load(group: vec3u, part: u32, position: u32, d: u32) -> vec4f {
  if (position >= params.T || d >= HEAD_VECTORS) { return vec4f(0.0); }
  let C = params.nHead * HEAD_VECTORS;
  return unpack(QKV[(group.z * params.T + position) * 3u * C + part * C + group.y * HEAD_VECTORS + d]);
}

// The index in O and dO of vector `d` of one head of a position.
fn outputAt(group: vec3u, position: u32, d: u32) -> u32 {
  return (group.z * params.T + position) * params.nHead * HEAD_VECTORS + group.y * HEAD_VECTORS + d;
}
