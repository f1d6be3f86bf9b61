// Shared by the two backward attention kernels that work in quads, beside lib/attention-quads.wgsl: storing dQKV.

// Writes column r to dQKV[at[r]] if position[r] exists.
fn store(position: vec4u, at: vec4u, block: mat4x4f) {
  if (position.x < params.T) { put(at.x, block[0]); }
  if (position.y < params.T) { put(at.y, block[1]); }
  if (position.z < params.T) { put(at.z, block[2]); }
  if (position.w < params.T) { put(at.w, block[3]); }
}

fn put(at: u32, gradient: vec4f) {
#if ACCUMULATE
  dQKV[at] += gradient;
#else
  dQKV[at] = gradient;
#endif
}
