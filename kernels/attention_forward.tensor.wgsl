// attention_forward for matrix units, causal: for each sequence and head, with i, j < T,
//   S[i,j] = Q[i]·K[j] / sqrt(headDim), j ≤ i     L[i] = log Σ_j exp(S[i,j])     O[i] = Σ_j exp(S[i,j] - L[i]) · V[j]
//   QKV [B·T, 3C] packed f16, C = nHead · headDim: queries, keys, values, head by head · O [B·T, C] packed f16, written
//   L [B, nHead, T] f32, written: the log-sum-exp that the backward pass needs
// For adapters whose subgroups of 32 multiply matrices of 16 × 16 × 16 (MATRIX), or subgroups of 8 those of 8 × 8 × 8
// (MATRIX_8 too); heads of a multiple of 8 up to 64, with HEAD_128 up to 128. Without MATRIX the same loads, stores and
// walk run anywhere; see the section that says emulated.
// A workgroup takes 64 queries of one head, a subgroup SIZE of them, and walks the keys once, 32 at a time (FlashAttention,
// arXiv:2205.14135). Matrix results can neither be scaled by row nor turned into operands, so scores leave through
// workgroup memory, where SHARE lanes share a query: they exponentiate against a reference of the query and write the
// weights in f16. The reference follows the running maximum only when that has outgrown it by HEADROOM, as weights of up
// to exp(HEADROOM) do no harm; then, rarely, the sums so far pass through workgroup memory to be scaled down.
// Grid [ceil(T/64), nHead, B]. 2·B·nHead·T·(T+1)·headDim FLOPs, 8·B·T·C bytes.
#if MATRIX
enable f16;
enable chromium_experimental_subgroup_matrix;
#endif
enable subgroups;

struct Params { T: u32, nHead: u32, scale: f32 }

override HEAD_EIGHTS: u32 = 8u; // headDim / 8

#if MATRIX_8
const SIZE = 8u; // rows and columns of a matrix
const INVOCATIONS = 64u;
#else
const SIZE = 16u; // rows and columns of a matrix
const INVOCATIONS = 128u;
#endif
const SHARE = SIZE / 8u; // lanes that share a row of a matrix, each with eight neighbours of it
const SUBGROUP = SIZE * SHARE;
#if HEAD_128
const HEAD = 128u; // room for a head's dimensions; those from headDim on are 0
#else
const HEAD = 64u;
#endif
const BLOCKS = HEAD / SIZE; // matrices along a head
const QUERIES = 64u; // of a workgroup
const KEYS = 32u; // a step
// In eights of elements; one more than a row holds, so that rows start in different banks.
const PITCH = HEAD / 8u + 1u;
const WEIGHT_PITCH = KEYS / 8u + 1u;
const RESULT_PITCH = KEYS + 4u; // in elements
const OWN_KEYS = KEYS / SHARE; // of a step, that a lane weighs
const LOADS = 2u * KEYS * (HEAD / 8u) / INVOCATIONS; // of keys and values, an invocation, a step
const LOWEST = -3.0e38;
const HEADROOM = 8.0;

@group(0) @binding(0) var<storage, read> QKV: array<vec4u>;
@group(0) @binding(1) var<storage, read_write> O: array<vec4u>;
@group(0) @binding(2) var<storage, read_write> L: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

var<workgroup> staged: array<vec4u, 2u * KEYS * PITCH>; // keys, then values; before them the queries
var<workgroup> weights: array<vec4u, QUERIES * WEIGHT_PITCH>;
var<workgroup> results: array<f32, QUERIES * RESULT_PITCH>;
var<workgroup> risen: atomic<u32>;

// What a subgroup multiplies: `Left` of rows in workgroup memory, `Right` of rows, or of rows read as columns.
#if MATRIX
alias Left = subgroup_matrix_left<f16, SIZE, SIZE>;
alias Right = subgroup_matrix_right<f16, SIZE, SIZE>;
alias Result = subgroup_matrix_result<f32, SIZE, SIZE>;

fn leftOfStaged(at: u32, lane: u32) -> Left { return subgroupMatrixLoad<Left, row_major>(&staged, at, PITCH); }
fn leftOfWeights(at: u32, lane: u32) -> Left { return subgroupMatrixLoad<Left, row_major>(&weights, at, WEIGHT_PITCH); }
fn stagedRows(at: u32) -> Right { return subgroupMatrixLoad<Right, row_major>(&staged, at, PITCH); }
fn stagedColumns(at: u32) -> Right { return subgroupMatrixLoad<Right, col_major>(&staged, at, PITCH); }
fn multiplyAdd(a: Left, b: Right, sum: Result, lane: u32) -> Result {
  return subgroupMatrixMultiplyAccumulate(a, b, sum);
}
fn storeResult(at: u32, sum: Result, lane: u32) { subgroupMatrixStore<row_major>(&results, at, sum, RESULT_PITCH); }
fn loadResult(at: u32, lane: u32) -> Result { return subgroupMatrixLoad<Result, row_major>(&results, at, RESULT_PITCH); }
#else
// Emulated: a lane holds row lane % SIZE of the left matrix, and 8 neighbours of that row of a result: not what it looks at
// later, so that tests miss each barrier.
alias Left = array<f32, SIZE>;
struct Right { at: u32, columns: bool }
alias Result = array<f32, 8>;

fn half(eight: vec4u, i: u32) -> f32 { return unpack2x16float(eight[i / 2u])[i % 2u]; }
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

fn pack(low: vec4f, high: vec4f) -> vec4u {
  return vec4u(pack2x16float(low.xy), pack2x16float(low.zw), pack2x16float(high.xy), pack2x16float(high.zw));
}
// Over the lanes that share a row.
#if MATRIX_8
fn maxOfRow(value: f32) -> f32 { return value; }
fn sumOfRow(value: f32) -> f32 { return value; }
#else
fn maxOfRow(value: f32) -> f32 { return max(value, quadSwapX(value)); }
fn sumOfRow(value: f32) -> f32 { return value + quadSwapX(value); }
#endif
// The lane's eight neighbours of a result that its subgroup stored.
fn mine(at: u32, lane: u32) -> array<vec4f, 2> {
  var values: array<vec4f, 2>;
  let start = at + lane / SHARE * RESULT_PITCH + lane % SHARE * 8u;
  for (var i = 0u; i < 8u; i++) { values[i / 4u][i % 4u] = results[start + i]; }
  return values;
}
// Eight dimensions of one head of the position's queries (part 0), keys (1) or values (2); zeros past the end of the
// sequence or of the head.
fn load(group: vec3u, part: u32, position: u32, eight: u32) -> vec4u {
  if (position >= params.T || eight >= HEAD_EIGHTS) { return vec4u(); }
  let C = params.nHead * HEAD_EIGHTS;
  return QKV[(group.z * params.T + position) * 3u * C + part * C + group.y * HEAD_EIGHTS + eight];
}

@compute @workgroup_size(INVOCATIONS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) local: u32,
#if MATRIX
  @builtin(subgroup_id) subgroup: u32,
  @builtin(subgroup_invocation_id) lane: u32,
#endif
) {
#if MATRIX
#else
  let subgroup = local / SUBGROUP;
  let lane = local % SUBGROUP;
#endif
  let T = params.T;
  let first = group.x * QUERIES;
  let query = first + subgroup * SIZE + lane / SHARE; // shared by SHARE neighbouring lanes
  let ownWeights = subgroup * SIZE * WEIGHT_PITCH;
  let ownResults = subgroup * SIZE * RESULT_PITCH;

  for (var i = 0u; i < LOADS; i++) {
    let item = i * INVOCATIONS + local;
    let at = vec2u(item / (HEAD / 8u), item % (HEAD / 8u));
    staged[at.x * PITCH + at.y] = load(group, 0u, first + at.x, at.y);
  }
  workgroupBarrier();
  var q: array<Left, BLOCKS>;
  for (var d = 0u; d < BLOCKS; d++) { q[d] = leftOfStaged(subgroup * SIZE * PITCH + SHARE * d, lane); }

  var reference = LOWEST;
  var sum = 0.0; // of the weights of this lane's keys
  var output: array<Result, BLOCKS>;
  for (var j0 = 0u; j0 < min(first + QUERIES, T); j0 += KEYS) {
    workgroupBarrier();
    for (var i = 0u; i < LOADS; i++) {
      let item = i * INVOCATIONS + local;
      let at = vec2u(item / (HEAD / 8u), item % (HEAD / 8u)); // rows: 32 keys, then their values
      staged[at.x * PITCH + at.y] = load(group, 1u + at.x / KEYS, j0 + at.x % KEYS, at.y);
    }
    if (local == 0u) { atomicStore(&risen, 0u); }
    workgroupBarrier();
    for (var k = 0u; k < KEYS; k += SIZE) {
      var s = Result();
      for (var d = 0u; d < BLOCKS; d++) { s = multiplyAdd(q[d], stagedColumns(k * PITCH + SHARE * d), s, lane); }
      storeResult(ownResults + k, s, lane);
    }
    workgroupBarrier();

    let firstKey = lane % SHARE * OWN_KEYS;
    let start = ownResults + lane / SHARE * RESULT_PITCH + firstKey;
    var scores: array<vec4f, OWN_KEYS / 4u>;
    var highest = LOWEST;
    for (var x = 0u; x < OWN_KEYS; x++) {
      let score = select(LOWEST, results[start + x] * params.scale, j0 + firstKey + x <= query);
      scores[x / 4u][x % 4u] = score;
      highest = max(highest, score);
    }
    highest = maxOfRow(highest);
    let rises = highest > reference + HEADROOM;
    let next = select(reference, highest, rises);
    let factor = exp(reference - next);
    reference = next;
    if (rises && j0 > 0u) { atomicStore(&risen, 1u); }
    sum *= factor;
    for (var x = 0u; x < OWN_KEYS / 4u; x++) {
      // A tile may lie wholly in this query's future; its masked scores are no scores.
      scores[x] = select(vec4f(), exp(scores[x] - reference), scores[x] > vec4f(LOWEST));
      sum += dot(scores[x], vec4f(1.0));
    }
    let to = ownWeights + lane / SHARE * WEIGHT_PITCH + firstKey / 8u;
    for (var x = 0u; x < OWN_KEYS / 8u; x++) { weights[to + x] = pack(scores[2u * x], scores[2u * x + 1u]); }

    if (workgroupUniformLoad(&risen) != 0u) {
      for (var d = 0u; d < BLOCKS; d++) {
        storeResult(ownResults, output[d], lane);
        workgroupBarrier();
        let scaled = ownResults + lane / SHARE * RESULT_PITCH + lane % SHARE * 8u;
        for (var i = 0u; i < 8u; i++) { results[scaled + i] *= factor; }
        workgroupBarrier();
        output[d] = loadResult(ownResults, lane);
        workgroupBarrier();
      }
    }
    for (var k = 0u; k < KEYS; k += SIZE) {
      let w = leftOfWeights(ownWeights + k / 8u, lane);
      for (var d = 0u; d < BLOCKS; d++) {
        output[d] = multiplyAdd(w, stagedRows((KEYS + k) * PITCH + SHARE * d), output[d], lane);
      }
    }
  }

  sum = sumOfRow(sum);
  if (lane % SHARE == 0u && query < T) { L[(group.z * params.nHead + group.y) * T + query] = reference + log(sum); }
  for (var d = 0u; d < BLOCKS; d++) {
    workgroupBarrier();
    storeResult(ownResults, output[d], lane);
    workgroupBarrier();
    let eight = SHARE * d + lane % SHARE;
    if (query < T && eight < HEAD_EIGHTS) {
      let values = mine(ownResults, lane);
      O[(group.z * T + query) * params.nHead * HEAD_EIGHTS + group.y * HEAD_EIGHTS + eight] =
        pack(values[0] / sum, values[1] / sum);
    }
  }
}
