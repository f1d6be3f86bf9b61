// roofline_matrix: the most that matrix units can multiply, out of registers alone
//   Y[s, j] = rounds · X·X for each subgroup s, added up; j = 0 … 3 are four sums that do not wait for each other
//   X [16,16] f16, two in a word · Y [subgroups, 4, 16,16] f32, written · small X, so that f32 holds the sums
// One subgroup of 32 keeps its matrices to itself. For GPUs with 16×16×16 matrix units (f16 operands, f32 sums); run
// by engine bench. 4 · 2 · 16³ · rounds FLOPs a subgroup; bytes do not count.
enable f16;
enable subgroups;
enable chromium_experimental_subgroup_matrix;

struct Params { rounds: u32 }

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
  let left = subgroupMatrixLoad<subgroup_matrix_left<f16, 16, 16>, row_major>(&X, 0u, 8u);
  let right = subgroupMatrixLoad<subgroup_matrix_right<f16, 16, 16>, row_major>(&X, 0u, 8u);
  var sum0: subgroup_matrix_result<f32, 16, 16>;
  var sum1: subgroup_matrix_result<f32, 16, 16>;
  var sum2: subgroup_matrix_result<f32, 16, 16>;
  var sum3: subgroup_matrix_result<f32, 16, 16>;
  for (var round = 0u; round < params.rounds; round++) {
    sum0 = subgroupMatrixMultiplyAccumulate(left, right, sum0);
    sum1 = subgroupMatrixMultiplyAccumulate(left, right, sum1);
    sum2 = subgroupMatrixMultiplyAccumulate(left, right, sum2);
    sum3 = subgroupMatrixMultiplyAccumulate(left, right, sum3);
  }
  let at = (group.x * subgroups + subgroup) * 1024u;
  subgroupMatrixStore<row_major>(&Y, at, sum0, 16u);
  subgroupMatrixStore<row_major>(&Y, at + 256u, sum1, 16u);
  subgroupMatrixStore<row_major>(&Y, at + 512u, sum2, 16u);
  subgroupMatrixStore<row_major>(&Y, at + 768u, sum3, 16u);
}
