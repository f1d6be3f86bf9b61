// What both backward kernels of attention that tile through workgroup memory share, beyond lib/attention-blocks.wgsl: dO
// in, dQKV out.

// As `load`, of dO.
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
