// attention_backward_dq.matrix: the gradient of the queries on matrix units, causal, from the forward pass's log-sum-exp L;
//   with j ≤ i:
//   P[i,j] = exp(Q[i]·K[j] / sqrt(headDim) - L[i])   delta[i] = dO[i]·O[i]  (= Σ_j P[i,j] · dO[i]·V[j])
//   dS[i,j] = P[i,j] · (dO[i]·V[j] - delta[i])       dQ[i] = Σ_j dS[i,j] · K[j] / sqrt(headDim)
//   QKV [B·T, 3C] packed f16, C = nHead · headDim: queries, keys, values, head by head · O, dO [B·T, C] packed f16
//   L [B, nHead, T] f32 · delta [B, nHead, T] f32, written: attention_backward_dkv reads it
//   dQKV [B·T, 3C] packed f16: the query columns are written (added to with ACCUMULATE)
//   With SPANS, spans [B, T, 2] u32 keep the records of a row apart: see lib/attention-spans.wgsl.
// For adapters with matrix units of 16 × 16 × 16 (MATRIX) or 8 × 8 × 8 (MATRIX and MATRIX_8). headDim is a multiple of
// 8, up to 64, or up to 128 with HEAD_128. Without MATRIX, any adapter emulates the same loads, stores and loops: see
// lib/attention-matrix.wgsl.
// A workgroup takes 64 queries of one head, SIZE per subgroup. Their Q and dO stay in matrices while it visits the keys
// up to the diagonal, 32 at a time. Blocks of S and dO·V go through workgroup memory, where SHARE lanes share a query
// and write dS as f16 for the last product. P needs no running maximum, so dQ stays in matrices throughout.
// UNROLLED: see lib/attention-matrix.wgsl.
// Grid [ceil(T/64), nHead, B]. 3·B·nHead·T·(T+1)·headDim FLOPs, 14·B·T·C bytes.
#if MATRIX
enable f16;
enable chromium_experimental_subgroup_matrix;
#endif

struct Params { T: u32, nHead: u32, scale: f32 }

#include "lib/attention-spans.wgsl"
#include "lib/attention-matrix.wgsl"
#include "lib/attention-gradient-matrix.wgsl"

const QUERIES = 64u; // per workgroup
const STEP = 32u; // keys
// In units of 8 elements, one more than a row needs, so that rows start in different banks.
const WEIGHT_PITCH = STEP / 8u + 1u;
const RESULT_PITCH = SIZE + 4u; // in elements
const LOADS = 2u * STEP * (HEAD / 8u) / INVOCATIONS; // per invocation and step

@group(0) @binding(0) var<storage, read> QKV: array<vec4u>;
@group(0) @binding(1) var<storage, read> O: array<vec4u>;
@group(0) @binding(2) var<storage, read> L: array<f32>;
@group(0) @binding(3) var<storage, read> dO: array<vec4u>;
@group(0) @binding(4) var<storage, read_write> delta: array<f32>;
@group(0) @binding(5) var<storage, read_write> dQKV: array<vec4u>;
@group(0) @binding(6) var<uniform> params: Params;

var<workgroup> staged: array<vec4u, 2u * STEP * PITCH>; // at first queries, then their dO; later keys and values
var<workgroup> weights: array<vec4u, QUERIES * WEIGHT_PITCH>; // dS
var<workgroup> results: array<f32, QUERIES * RESULT_PITCH>;

fn write(group: vec3u, query: u32, eight: u32, ownResults: u32, lane: u32) {
  if (query < params.T && eight < HEAD_EIGHTS) {
    var values = mine(ownResults, lane);
    values[0] *= params.scale;
    values[1] *= params.scale;
    put((group.z * params.T + query) * 3u * params.nHead * HEAD_EIGHTS + group.y * HEAD_EIGHTS + eight, values);
  }
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
  let query = first + subgroup * SIZE + lane / SHARE; // SHARE neighbouring lanes share it
  let ownWeights = subgroup * SIZE * WEIGHT_PITCH;
  let ownResults = subgroup * SIZE * RESULT_PITCH;

#if UNROLLED
#for d BLOCKS
  var q${d}: Left;
  var dOutput${d}: Left;
#end
#else
  var q: array<Left, BLOCKS>;
  var dOutput: array<Left, BLOCKS>;
#endif
  for (var part = 0u; part < 2u; part++) {
    workgroupBarrier();
    for (var i = 0u; i < LOADS; i++) {
      let item = i * INVOCATIONS + local;
      let at = vec2u(item / (HEAD / 8u), item % (HEAD / 8u));
      if (part == 0u) {
        staged[at.x * PITCH + at.y] = load(group, 0u, first + at.x, at.y);
      } else {
        staged[at.x * PITCH + at.y] = loadDO(group, first + at.x, at.y);
      }
    }
    workgroupBarrier();
#if UNROLLED
#for d BLOCKS
    let block${d} = leftOfStaged(subgroup * SIZE * PITCH + SHARE * ${d}u, lane);
    if (part == 0u) { q${d} = block${d}; } else { dOutput${d} = block${d}; }
#end
#else
    for (var d = 0u; d < BLOCKS; d++) {
      if (part == 0u) {
        q[d] = leftOfStaged(subgroup * SIZE * PITCH + SHARE * d, lane);
      } else {
        dOutput[d] = leftOfStaged(subgroup * SIZE * PITCH + SHARE * d, lane);
      }
    }
#endif
  }

  // For this lane's query.
  let firstKey = firstOf(group, query);
  var logSum = 0.0;
  var own = 0.0;
  if (query < T) {
    logSum = L[(group.z * params.nHead + group.y) * T + query];
    for (var eight = lane % SHARE; eight < HEAD_EIGHTS; eight += SHARE) {
      let at = outputAt(group, query, eight);
      own += dot(low(dO[at]), low(O[at])) + dot(high(dO[at]), high(O[at]));
    }
  }
  own = sumOfRow(own, ownResults + lane / SHARE * RESULT_PITCH, lane);
  if (lane % SHARE == 0u && query < T) { delta[(group.z * params.nHead + group.y) * T + query] = own; }

#if UNROLLED
#for d BLOCKS
  var sum${d} = Result();
#end
#else
  var sums: array<Result, BLOCKS>;
#endif
  for (var j0 = firstOf(group, first); j0 < min(first + QUERIES, T); j0 += STEP) {
    workgroupBarrier();
    for (var i = 0u; i < LOADS; i++) {
      let item = i * INVOCATIONS + local;
      let at = vec2u(item / (HEAD / 8u), item % (HEAD / 8u)); // rows: 32 keys, then their values
      staged[at.x * PITCH + at.y] = load(group, 1u + at.x / STEP, j0 + at.x % STEP, at.y);
    }
    workgroupBarrier();
    for (var k = 0u; k < STEP; k += SIZE) {
      var s = Result();
      var dp = Result();
#if UNROLLED
#for d BLOCKS
      s = multiplyAdd(q${d}, stagedColumns(k * PITCH + SHARE * ${d}u), s, lane);
      dp = multiplyAdd(dOutput${d}, stagedColumns((STEP + k) * PITCH + SHARE * ${d}u), dp, lane);
#end
#else
      for (var d = 0u; d < BLOCKS; d++) {
        s = multiplyAdd(q[d], stagedColumns(k * PITCH + SHARE * d), s, lane);
        dp = multiplyAdd(dOutput[d], stagedColumns((STEP + k) * PITCH + SHARE * d), dp, lane);
      }
#endif
      workgroupBarrier();
      storeResult(ownResults, s, lane);
      workgroupBarrier();
      var p = mine(ownResults, lane);
      workgroupBarrier();
      storeResult(ownResults, dp, lane);
      workgroupBarrier();
      let dP = mine(ownResults, lane);
#if UNROLLED
#for x HALVES
      let keys${x} = j0 + k + lane % SHARE * 8u + 4u * ${x}u + vec4u(0u, 1u, 2u, 3u);
      let sees${x} = (keys${x} >= vec4u(firstKey)) & (keys${x} <= vec4u(query)) & vec4<bool>(query < T);
      p[${x}] = select(vec4f(), exp(p[${x}] * params.scale - logSum) * (dP[${x}] - own), sees${x});
#end
#else
      for (var x = 0u; x < 2u; x++) {
        let key = j0 + k + lane % SHARE * 8u + 4u * x + vec4u(0u, 1u, 2u, 3u);
        let sees = (key >= vec4u(firstKey)) & (key <= vec4u(query));
        let counts = sees & vec4<bool>(query < T);
        p[x] = select(vec4f(), exp(p[x] * params.scale - logSum) * (dP[x] - own), counts);
      }
#endif
      weights[ownWeights + lane / SHARE * WEIGHT_PITCH + k / 8u + lane % SHARE] = pack(p[0], p[1]);
    }
    workgroupBarrier();
    for (var k = 0u; k < STEP; k += SIZE) {
      let ds = leftOfWeights(ownWeights + k / 8u, lane);
#if UNROLLED
#for d BLOCKS
      sum${d} = multiplyAdd(ds, stagedRows(k * PITCH + SHARE * ${d}u), sum${d}, lane);
#end
#else
      for (var d = 0u; d < BLOCKS; d++) { sums[d] = multiplyAdd(ds, stagedRows(k * PITCH + SHARE * d), sums[d], lane); }
#endif
    }
  }

#if UNROLLED
#for d BLOCKS
  workgroupBarrier();
  storeResult(ownResults, sum${d}, lane);
  workgroupBarrier();
  write(group, query, SHARE * ${d}u + lane % SHARE, ownResults, lane);
#end
#else
  for (var d = 0u; d < BLOCKS; d++) {
    workgroupBarrier();
    storeResult(ownResults, sums[d], lane);
    workgroupBarrier();
    write(group, query, SHARE * d + lane % SHARE, ownResults, lane);
  }
#endif
}
