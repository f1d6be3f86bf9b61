// Matrices for kernels that use matrix units: sizes, types, and packing of eight f16.
//   MATRIX: a subgroup of 32 lanes multiplies matrices of 16 × 16 × 16, or with MATRIX_8 a subgroup of 8
//     lanes matrices of 8 × 8 × 8. The kernel enables f16 and chromium_experimental_subgroup_matrix.
//   Without MATRIX the kernel is emulated on any adapter: SUBGROUP neighbouring invocations act as a subgroup and
//     multiply number by number. The kernel then declares Left and Right, and their multiplyAdd.
// Either way a lane handles 8 neighbours in a row of a result, and SHARE lanes share a row.

#if MATRIX_8
const SIZE = 8u; // rows and columns of a matrix
#else
const SIZE = 16u; // rows and columns of a matrix
#endif
const SHARE = SIZE / 8u;
const SUBGROUP = SIZE * SHARE;

#if MATRIX
alias Left = subgroup_matrix_left<f16, SIZE, SIZE>;
alias Right = subgroup_matrix_right<f16, SIZE, SIZE>;
alias Result = subgroup_matrix_result<f32, SIZE, SIZE>;

fn multiplyAdd(a: Left, b: Right, sum: Result, lane: u32) -> Result {
  return subgroupMatrixMultiplyAccumulate(a, b, sum);
}
#else
alias Result = array<f32, 8>;

fn half(eight: vec4u, i: u32) -> f32 { return unpack2x16float(eight[i / 2u])[i % 2u]; }
#endif

// Eight f16, and their first and last four.
fn pack(low: vec4f, high: vec4f) -> vec4u {
  return vec4u(pack2x16float(low.xy), pack2x16float(low.zw), pack2x16float(high.xy), pack2x16float(high.zw));
}
fn low(eight: vec4u) -> vec4f { return vec4f(unpack2x16float(eight.x), unpack2x16float(eight.y)); }
fn high(eight: vec4u) -> vec4f { return vec4f(unpack2x16float(eight.z), unpack2x16float(eight.w)); }
