// roofline_matrix: measures the peak rate of matrix units on registers
//   Y[s, j] = rounds · X·X for each subgroup s, added up; j = 0 … 3 are four independent sums
//   X [S,S] packed f16 · Y [subgroups, 4, S,S] f32, written · X is small, so that f32 can represent the sums
// Each subgroup has its own matrices: S = 16 in subgroups of 32, or with MATRIX_8 S = 8 in subgroups of 8; f16
// operands, f32 sums. Run by engine bench. 4 · 2 · S³ · rounds FLOPs per subgroup; bytes are negligible.
enable f16;
enable subgroups;
enable chromium_experimental_subgroup_matrix;

struct Params { rounds: u32 }

#if MATRIX_8
const SIZE = 8u;
#else
const SIZE = 16u;
#endif

override WORKGROUP: u32 = 128u;

@group(0) @binding(0) var<storage, read> X: array<u32>;
@group(0) @binding(1) var<storage, read_write> Y: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(subgroup_id) subgroup: u32,
  @builtin(num_subgroups) subgroups: u32,
) {
  let left = subgroupMatrixLoad<subgroup_matrix_left<f16, SIZE, SIZE>, row_major>(&X, 0u, SIZE / 2u);
  let right = subgroupMatrixLoad<subgroup_matrix_right<f16, SIZE, SIZE>, row_major>(&X, 0u, SIZE / 2u);
  var sum0: subgroup_matrix_result<f32, SIZE, SIZE>;
  var sum1: subgroup_matrix_result<f32, SIZE, SIZE>;
  var sum2: subgroup_matrix_result<f32, SIZE, SIZE>;
  var sum3: subgroup_matrix_result<f32, SIZE, SIZE>;
  for (var round = 0u; round < params.rounds; round++) {
    sum0 = subgroupMatrixMultiplyAccumulate(left, right, sum0);
    sum1 = subgroupMatrixMultiplyAccumulate(left, right, sum1);
    sum2 = subgroupMatrixMultiplyAccumulate(left, right, sum2);
    sum3 = subgroupMatrixMultiplyAccumulate(left, right, sum3);
  }
  let at = (group.x * subgroups + subgroup) * 4u * SIZE * SIZE;
  subgroupMatrixStore<row_major>(&Y, at, sum0, SIZE);
  subgroupMatrixStore<row_major>(&Y, at + SIZE * SIZE, sum1, SIZE);
  subgroupMatrixStore<row_major>(&Y, at + 2u * SIZE * SIZE, sum2, SIZE);
  subgroupMatrixStore<row_major>(&Y, at + 3u * SIZE * SIZE, sum3, SIZE);
}
