// Shared by the three attention kernels that work in quads. An invocation loads a vector and exchanges it with the three
// others of its quad: on a software adapter a load is the slowest instruction, and a swap within a quad the fastest.

#if EIGHT
const INVOCATIONS = 8u; // two quads, which fill a subgroup of 8
#else
const INVOCATIONS = 4u;
#endif
const ROWS = 4u * INVOCATIONS; // queries or keys of a workgroup
// vec4 in a head
#const HEAD_VECTORS
const LOG2_E = 1.4426950408889634; // exp(x) = exp2(x · log2 e)

// The four queries or keys of an invocation.
fn rowsOf(first: u32, invocation: u32) -> vec4u {
  return first + invocation / 4u * 16u + invocation % 4u + vec4u(0u, 4u, 8u, 12u);
}

// sum + a · b. Subgroups of 8 are those of llvmpipe, which fuses multiply and add only where told to; SwiftShader is
// slower when told to.
fn multiplyAdd(sum: mat4x4f, a: mat4x4f, b: mat4x4f) -> mat4x4f {
#if EIGHT
  return mat4x4f(addTo(sum[0], a, b[0]), addTo(sum[1], a, b[1]), addTo(sum[2], a, b[2]), addTo(sum[3], a, b[3]));
#else
  return sum + a * b;
#endif
}
#if EIGHT
fn addTo(sum: vec4f, a: mat4x4f, b: vec4f) -> vec4f {
  return fma(vec4f(b.w), a[3], fma(vec4f(b.z), a[2], fma(vec4f(b.y), a[1], fma(vec4f(b.x), a[0], sum))));
}
#endif

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
