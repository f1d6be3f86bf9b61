// Shared by the three attention kernels for matrix units: the padded size of a head, loads and stores of matrices.
// The kernel declares QKV [B·T, 3C] packed f16 and params, the pitches WEIGHT_PITCH (in eights) and RESULT_PITCH (in
// elements), and in workgroup memory
//   staged [.., PITCH] vec4u: rows of queries, keys, values or dO, eight f16 per item
//   weights [.., WEIGHT_PITCH] vec4u: weights computed from the scores, operands of the next product
//   results [.., RESULT_PITCH] f32: results of products, where lanes can access single elements
// All variables in workgroup memory have sizes of a multiple of 16 bytes, and so begin at one: a driver may take that for
// granted where it loads or stores a matrix.
// With UNROLLED the matrices of a lane are variables, not arrays, and their loops are written out: a driver may keep an
// array that a loop indexes in memory.
#include "lib/matrix.wgsl"

override HEAD_EIGHTS: u32 = 8u; // headDim / 8

#if MATRIX_8
const INVOCATIONS = 64u; // 64 rows of queries or keys, SIZE per subgroup
#else
const INVOCATIONS = 128u;
#endif
#if HEAD_128
const HEAD = 128u; // headDim, padded with zeros
#else
const HEAD = 64u;
#endif
#const BLOCKS
// Matrices along a head: HEAD / SIZE.
// In units of 8 elements, one more than a row needs, so that rows start in different banks.
const PITCH = HEAD / 8u + 1u;

// `Left` is rows of workgroup memory; `Right` is rows, or rows read as columns.
#if MATRIX
fn leftOfStaged(at: u32, lane: u32) -> Left { return subgroupMatrixLoad<Left, row_major>(&staged, at, PITCH); }
fn leftOfWeights(at: u32, lane: u32) -> Left { return subgroupMatrixLoad<Left, row_major>(&weights, at, WEIGHT_PITCH); }
fn stagedRows(at: u32) -> Right { return subgroupMatrixLoad<Right, row_major>(&staged, at, PITCH); }
fn stagedColumns(at: u32) -> Right { return subgroupMatrixLoad<Right, col_major>(&staged, at, PITCH); }
fn storeResult(at: u32, sum: Result, lane: u32) { subgroupMatrixStore<row_major>(&results, at, sum, RESULT_PITCH); }
fn loadResult(at: u32, lane: u32) -> Result { return subgroupMatrixLoad<Result, row_major>(&results, at, RESULT_PITCH); }
#else
// Emulated: a lane multiplies row lane % SIZE of the left matrix and holds 8 neighbours in that row of the result.
// Later it reads other elements than these, so that tests notice a missing barrier.
alias Left = array<f32, SIZE>;
struct Right { at: u32, columns: bool }

fn leftOfStaged(at: u32, lane: u32) -> Left {
  var row: Left;
  for (var k = 0u; k < SIZE; k++) { row[k] = half(staged[at + lane % SIZE * PITCH + k / 8u], k % 8u); }
  return row;
}
fn leftOfWeights(at: u32, lane: u32) -> Left {
  var row: Left;
  for (var k = 0u; k < SIZE; k++) { row[k] = half(weights[at + lane % SIZE * WEIGHT_PITCH + k / 8u], k % 8u); }
  return row;
}
fn stagedRows(at: u32) -> Right { return Right(at, false); }
fn stagedColumns(at: u32) -> Right { return Right(at, true); }
fn multiplyAdd(a: Left, b: Right, before: Result, lane: u32) -> Result {
  var row = a;
  var sum = before;
  for (var i = 0u; i < 8u; i++) {
    let n = lane / SIZE * 8u + i;
    for (var k = 0u; k < SIZE; k++) {
      let at = select(vec2u(k, n), vec2u(n, k), b.columns); // row and column in memory
      sum[i] += row[k] * half(staged[b.at + at.x * PITCH + at.y / 8u], at.y % 8u);
    }
  }
  return sum;
}
fn storeResult(at: u32, sum: Result, lane: u32) {
  var values = sum;
  for (var i = 0u; i < 8u; i++) { results[at + lane % SIZE * RESULT_PITCH + lane / SIZE * 8u + i] = values[i]; }
}
fn loadResult(at: u32, lane: u32) -> Result {
  var values: Result;
  for (var i = 0u; i < 8u; i++) { values[i] = results[at + lane % SIZE * RESULT_PITCH + lane / SIZE * 8u + i]; }
  return values;
}
#endif

fn fourOf(at: u32) -> vec4f { return vec4f(results[at], results[at + 1u], results[at + 2u], results[at + 3u]); }

// The lane's eight neighbours in a result that its subgroup stored.
fn mine(at: u32, lane: u32) -> array<vec4f, 2> {
  let start = at + lane / SHARE * RESULT_PITCH + lane % SHARE * 8u;
#if UNROLLED
  return array<vec4f, 2>(fourOf(start), fourOf(start + 4u));
#else
  var values: array<vec4f, 2>;
  for (var i = 0u; i < 8u; i++) { values[i / 4u][i % 4u] = results[start + i]; }
  return values;
#endif
}

// The sum over the lanes that share a row, through the row's place in `results`: some drivers are reported to crash on
// subgroup operations beside matrices.
fn sumOfRow(value: f32, row: u32, lane: u32) -> f32 {
  workgroupBarrier();
  results[row + lane % SHARE] = value;
  workgroupBarrier();
  var sum = 0.0;
  for (var x = 0u; x < SHARE; x++) { sum += results[row + x]; }
  return sum;
}

// Eight dimensions of one head of the position's queries (part 0), keys (1) or values (2); zeros past the end of the
// sequence or of the head.
fn load(group: vec3u, part: u32, position: u32, eight: u32) -> vec4u {
  if (position >= params.T || eight >= HEAD_EIGHTS) { return vec4u(); }
  let C = params.nHead * HEAD_EIGHTS;
  return QKV[(group.z * params.T + position) * 3u * C + part * C + group.y * HEAD_EIGHTS + eight];
}

// The index in O and dO of eight dimensions of one head of a position.
fn outputAt(group: vec3u, position: u32, eight: u32) -> u32 {
  return (group.z * params.T + position) * params.nHead * HEAD_EIGHTS + group.y * HEAD_EIGHTS + eight;
}
