// Shared by the three attention kernels that work in quads. An invocation loads a vector and exchanges it with the three
// others of its quad: on a software adapter a load is the slowest instruction, and a swap within a quad the fastest.

const HEAD_VECTORS = 8u; // vec4 in a head of 32 dimensions
const LOG2_E = 1.4426950408889634; // exp(x) = exp2(x · log2 e)

// The quad's four vectors as columns: column x comes from invocation (lane ^ x), so its own is first.
fn quad(v: vec4f) -> mat4x4f { return mat4x4f(v, quadSwapX(v), quadSwapY(v), quadSwapDiagonal(v)); }

// The same for one number per invocation.
fn quadOf(v: f32) -> vec4f { return vec4f(v, quadSwapX(v), quadSwapY(v), quadSwapDiagonal(v)); }

// `firstOf` and `endOf` of four positions: see lib/attention-spans.wgsl.
fn firstOfFour(group: vec3u, position: vec4u) -> vec4u {
  return vec4u(
    firstOf(group, position.x), firstOf(group, position.y), firstOf(group, position.z), firstOf(group, position.w),
  );
}
fn endOfFour(group: vec3u, position: vec4u) -> vec4u {
  return vec4u(endOf(group, position.x), endOf(group, position.y), endOf(group, position.z), endOf(group, position.w));
}
