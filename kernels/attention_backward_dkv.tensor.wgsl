// attention_backward_dkv for matrix units, causal, from the forward pass's log-sum-exp L; with i ≥ j:
//   P[i,j] = exp(Q[i]·K[j] / sqrt(headDim) - L[i])   dV[j] = Σ_i P[i,j] · dO[i]
//   dS[i,j] = P[i,j] · (dO[i]·V[j] - delta[i])       dK[j] = Σ_i dS[i,j] · Q[i] / sqrt(headDim)
//   QKV [B·T, 3C] packed f16, C = nHead · headDim: queries, keys, values, head by head · dO [B·T, C] packed f16
//   L, delta [B, nHead, T] f32; delta comes from attention_backward_dq
//   dQKV [B·T, 3C] packed f16: the key and value columns are written (added to with ACCUMULATE)
// For adapters whose subgroups of 32 multiply matrices of 16 × 16 × 16 (MATRIX), or subgroups of 8 those of 8 × 8 × 8
// (MATRIX_8 too); heads of a multiple of 8 up to 64, with HEAD_128 up to 128. Without MATRIX the same loads, stores and
// walk run anywhere; see the section that says emulated.
// A workgroup takes 64 keys of one head, a subgroup SIZE of them, whose K and V stay in matrices, and walks the queries from
// the diagonal on, 32 at a time (16 with HEAD_128, for room). Blocks of Sᵀ = K·Qᵀ and V·dOᵀ leave through workgroup
// memory; SHARE lanes share a key and write Pᵀ and dSᵀ in f16 for the last products. No two subgroups write the same
// number, so sums need no atomics and have one order.
// Grid [ceil(T/64), nHead, B]. 4·B·nHead·T·(T+1)·headDim FLOPs, 12·B·T·C bytes.
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
const KEYS = 64u; // of a workgroup
#if HEAD_128
const STEP = 16u; // queries
#else
const STEP = 32u;
#endif
// In eights of elements; one more than a row holds, so that rows start in different banks.
const PITCH = HEAD / 8u + 1u;
const WEIGHT_PITCH = STEP / 8u + 1u;
const RESULT_PITCH = SIZE + 4u; // in elements
const LOADS = 2u * STEP * (HEAD / 8u) / INVOCATIONS; // an invocation, a step
const KEY_LOADS = KEYS * (HEAD / 8u) / INVOCATIONS;
const PARTS = KEYS * WEIGHT_PITCH; // where dSᵀ begins behind Pᵀ

@group(0) @binding(0) var<storage, read> QKV: array<vec4u>;
@group(0) @binding(1) var<storage, read> L: array<f32>;
@group(0) @binding(2) var<storage, read> dO: array<vec4u>;
@group(0) @binding(3) var<storage, read> delta: array<f32>;
@group(0) @binding(4) var<storage, read_write> dQKV: array<vec4u>;
@group(0) @binding(5) var<uniform> params: Params;

var<workgroup> staged: array<vec4u, KEYS * PITCH>; // queries, then their dO; before them keys, and values
var<workgroup> weights: array<vec4u, 2u * PARTS>; // Pᵀ, dSᵀ
var<workgroup> results: array<f32, KEYS * RESULT_PITCH>;
var<workgroup> logSums: array<f32, STEP>;
var<workgroup> deltas: array<f32, STEP>;

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
#endif

fn pack(low: vec4f, high: vec4f) -> vec4u {
  return vec4u(pack2x16float(low.xy), pack2x16float(low.zw), pack2x16float(high.xy), pack2x16float(high.zw));
}
fn low(eight: vec4u) -> vec4f { return vec4f(unpack2x16float(eight.x), unpack2x16float(eight.y)); }
fn high(eight: vec4u) -> vec4f { return vec4f(unpack2x16float(eight.z), unpack2x16float(eight.w)); }
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
fn loadDO(group: vec3u, position: u32, eight: u32) -> vec4u {
  if (position >= params.T || eight >= HEAD_EIGHTS) { return vec4u(); }
  return dO[(group.z * params.T + position) * params.nHead * HEAD_EIGHTS + group.y * HEAD_EIGHTS + eight];
}
fn put(at: u32, gradient: array<vec4f, 2>) {
  var values = gradient;
#if ACCUMULATE
  values[0] += low(dQKV[at]);
  values[1] += high(dQKV[at]);
#endif
  dQKV[at] = pack(values[0], values[1]);
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
  let first = group.x * KEYS;
  let key = first + subgroup * SIZE + lane / SHARE; // shared by SHARE neighbouring lanes
  let ownWeights = subgroup * SIZE * WEIGHT_PITCH;
  let ownResults = subgroup * SIZE * RESULT_PITCH;

  var keys: array<Left, BLOCKS>;
  var values: array<Left, BLOCKS>;
  for (var part = 0u; part < 2u; part++) {
    workgroupBarrier();
    for (var i = 0u; i < KEY_LOADS; i++) {
      let item = i * INVOCATIONS + local;
      let at = vec2u(item / (HEAD / 8u), item % (HEAD / 8u));
      staged[at.x * PITCH + at.y] = load(group, 1u + part, first + at.x, at.y);
    }
    workgroupBarrier();
    for (var d = 0u; d < BLOCKS; d++) {
      let block = leftOfStaged(subgroup * SIZE * PITCH + SHARE * d, lane);
      if (part == 0u) { keys[d] = block; } else { values[d] = block; }
    }
  }

  var dK: array<Result, BLOCKS>;
  var dV: array<Result, BLOCKS>;
  for (var i0 = first; i0 < T; i0 += STEP) {
    workgroupBarrier();
    for (var i = 0u; i < LOADS; i++) {
      let item = i * INVOCATIONS + local;
      let at = vec2u(item / (HEAD / 8u), item % (HEAD / 8u)); // rows: the step's queries, then their dO
      if (at.x < STEP) {
        staged[at.x * PITCH + at.y] = load(group, 0u, i0 + at.x, at.y);
      } else {
        staged[at.x * PITCH + at.y] = loadDO(group, i0 + at.x - STEP, at.y);
      }
    }
    if (local < STEP && i0 + local < T) {
      let at = (group.z * params.nHead + group.y) * T + i0 + local;
      logSums[local] = L[at];
      deltas[local] = delta[at];
    }
    workgroupBarrier();
    for (var k = 0u; k < STEP; k += SIZE) {
      var s = Result();
      var dp = Result();
      for (var d = 0u; d < BLOCKS; d++) {
        s = multiplyAdd(keys[d], stagedColumns(k * PITCH + SHARE * d), s, lane);
        dp = multiplyAdd(values[d], stagedColumns((STEP + k) * PITCH + SHARE * d), dp, lane);
      }
      workgroupBarrier();
      storeResult(ownResults, s, lane);
      workgroupBarrier();
      var p = mine(ownResults, lane);
      workgroupBarrier();
      storeResult(ownResults, dp, lane);
      workgroupBarrier();
      var ds = mine(ownResults, lane);
      for (var x = 0u; x < 8u; x++) {
        let of_step = k + lane % SHARE * 8u + x;
        let query = i0 + of_step;
        let counts = key <= query && query < T;
        let weight = select(0.0, exp(p[x / 4u][x % 4u] * params.scale - logSums[of_step]), counts);
        p[x / 4u][x % 4u] = weight;
        ds[x / 4u][x % 4u] = select(0.0, weight * (ds[x / 4u][x % 4u] - deltas[of_step]), counts);
      }
      let to = ownWeights + lane / SHARE * WEIGHT_PITCH + k / 8u + lane % SHARE;
      weights[to] = pack(p[0], p[1]);
      weights[PARTS + to] = pack(ds[0], ds[1]);
    }
    workgroupBarrier();
    for (var k = 0u; k < STEP; k += SIZE) {
      let p = leftOfWeights(ownWeights + k / 8u, lane);
      let ds = leftOfWeights(PARTS + ownWeights + k / 8u, lane);
      for (var d = 0u; d < BLOCKS; d++) {
        dV[d] = multiplyAdd(p, stagedRows((STEP + k) * PITCH + SHARE * d), dV[d], lane);
        dK[d] = multiplyAdd(ds, stagedRows(k * PITCH + SHARE * d), dK[d], lane);
      }
    }
  }

  let C = params.nHead * HEAD_EIGHTS;
  for (var d = 0u; d < BLOCKS; d++) {
    for (var part = 0u; part < 2u; part++) {
      workgroupBarrier();
      if (part == 0u) { storeResult(ownResults, dK[d], lane); } else { storeResult(ownResults, dV[d], lane); }
      workgroupBarrier();
      let eight = SHARE * d + lane % SHARE;
      if (key < T && eight < HEAD_EIGHTS) {
        var gradient = mine(ownResults, lane);
        let factor = select(1.0, params.scale, part == 0u);
        gradient[0] *= factor;
        gradient[1] *= factor;
        put((group.z * T + key) * 3u * C + (1u + part) * C + group.y * HEAD_EIGHTS + eight, gradient);
      }
    }
  }
}
