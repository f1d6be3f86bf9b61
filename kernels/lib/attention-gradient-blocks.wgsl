// Shared by the two backward attention kernels that tile through workgroup memory, beside lib/attention-blocks.wgsl:
// loading dO and storing dQKV.

// Like `load`, from dO.
fn loadDO(group: vec3u, position: u32, d: u32) -> vec4f {
  if (position >= params.T || d >= HEAD_VECTORS) { return vec4f(0.0); }
  return unpack(dO[outputAt(group, position, d)]);
}

fn put(at: u32, gradient: vec4f) {
#if ACCUMULATE
  dQKV[at] = pack(unpack(dQKV[at]) + gradient);
#else
  dQKV[at] = pack(gradient);
#endif
}
