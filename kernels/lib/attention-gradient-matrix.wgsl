// Shared by the two backward attention kernels for matrix units, beside lib/attention-matrix.wgsl: loading dO, storing dQKV.

// Like `load`, from dO.
fn loadDO(group: vec3u, position: u32, eight: u32) -> vec4u {
  if (position >= params.T || eight >= HEAD_EIGHTS) { return vec4u(); }
  return dO[outputAt(group, position, eight)];
}

fn put(at: u32, gradient: array<vec4f, 2>) {
  var values = gradient;
#if ACCUMULATE
  values[0] += low(dQKV[at]);
  values[1] += high(dQKV[at]);
#endif
  dQKV[at] = pack(values[0], values[1]);
}
