// attention_forward.matrix: causal attention on matrix units; for each sequence and head, with i, j < T,
//   S[i,j] = Q[i]·K[j] / sqrt(headDim), j ≤ i     L[i] = log Σ_j exp(S[i,j])     O[i] = Σ_j exp(S[i,j] - L[i]) · V[j]
//   QKV [B·T, 3C] packed f16, C = nHead · headDim: queries, keys, values, head by head · O [B·T, C] packed f16, written
//   L [B, nHead, T] f32, written: the log-sum-exp that the backward pass needs
//   With SPANS, spans [B, T, 2] u32 keep the records of a row apart: see lib/attention-spans.wgsl.
// For adapters with matrix units of 16 × 16 × 16 (MATRIX) or 8 × 8 × 8 (MATRIX and MATRIX_8). headDim is a multiple of
// 8, up to 64, or up to 128 with HEAD_128. Without MATRIX, any adapter emulates the same loads, stores and loops: see
// lib/attention-matrix.wgsl.
// A workgroup takes 64 queries of one head, SIZE per subgroup, and visits the keys once, 32 at a time (FlashAttention,
// arXiv:2205.14135). A matrix result can neither be scaled by row nor serve as an operand, so the scores go through
// workgroup memory, where SHARE lanes share a query. They exponentiate the scores relative to the query's reference, its
// running maximum, and write the weights as f16. A step's products of weights and values go through workgroup memory
// too: the lanes add them in plain numbers, and scale these down when the maximum rises.
//   CARRIED: matrices carry the sums from step to step. The reference is raised only when the maximum exceeds it by
//     HEADROOM, because weights of up to exp(HEADROOM) do no harm. In that rare case the sums so far are scaled down in
//     workgroup memory. It saves traffic there, but gave wrong outputs on an H200 (driver 580.159): see docs/kernels.md.
// Grid [ceil(T/64), nHead, B]. 2·B·nHead·T·(T+1)·headDim FLOPs, 8·B·T·C bytes.
#if MATRIX
enable f16;
enable chromium_experimental_subgroup_matrix;
#endif

struct Params { T: u32, nHead: u32, scale: f32 }

#include "lib/attention-spans.wgsl"
#include "lib/attention-matrix.wgsl"

const QUERIES = 64u; // per workgroup
const KEYS = 32u; // per step
// In units of 8 elements, one more than a row needs, so that rows start in different banks.
const WEIGHT_PITCH = KEYS / 8u + 1u;
const RESULT_PITCH = KEYS + 4u; // in elements
const OWN_KEYS = KEYS / SHARE; // per lane and step
const LOADS = 2u * KEYS * (HEAD / 8u) / INVOCATIONS; // of keys and values, per invocation and step
const LOWEST = -3.0e38;
#if CARRIED
const HEADROOM = 8.0;
#else
const ACROSS = KEYS / SIZE; // matrices beside one another in `results`
#endif

@group(0) @binding(0) var<storage, read> QKV: array<vec4u>;
@group(0) @binding(1) var<storage, read_write> O: array<vec4u>;
@group(0) @binding(2) var<storage, read_write> L: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

var<workgroup> staged: array<vec4u, 2u * KEYS * PITCH>; // at first queries; later keys, then values
var<workgroup> weights: array<vec4u, QUERIES * WEIGHT_PITCH>;
var<workgroup> results: array<f32, QUERIES * RESULT_PITCH>;
#if CARRIED
var<workgroup> risen: atomic<u32>;
#endif

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

  for (var i = 0u; i < LOADS; i++) {
    let item = i * INVOCATIONS + local;
    let at = vec2u(item / (HEAD / 8u), item % (HEAD / 8u));
    staged[at.x * PITCH + at.y] = load(group, 0u, first + at.x, at.y);
  }
  workgroupBarrier();
  var q: array<Left, BLOCKS>;
  for (var d = 0u; d < BLOCKS; d++) { q[d] = leftOfStaged(subgroup * SIZE * PITCH + SHARE * d, lane); }

  let firstKey = firstOf(group, query);
  let row = ownResults + lane / SHARE * RESULT_PITCH;
  var reference = LOWEST;
  var sum = 0.0; // of the weights of this lane's keys
#if CARRIED
  var output: array<Result, BLOCKS>;
#else
  var output: array<array<vec4f, 2>, BLOCKS>; // of each matrix along the head, this lane's eight neighbours in a row
#endif
  for (var j0 = firstOf(group, first); j0 < min(first + QUERIES, T); j0 += KEYS) {
    workgroupBarrier();
    for (var i = 0u; i < LOADS; i++) {
      let item = i * INVOCATIONS + local;
      let at = vec2u(item / (HEAD / 8u), item % (HEAD / 8u)); // rows: 32 keys, then their values
      staged[at.x * PITCH + at.y] = load(group, 1u + at.x / KEYS, j0 + at.x % KEYS, at.y);
    }
#if CARRIED
    if (local == 0u) { atomicStore(&risen, 0u); }
#endif
    workgroupBarrier();
    for (var k = 0u; k < KEYS; k += SIZE) {
      var s = Result();
      for (var d = 0u; d < BLOCKS; d++) { s = multiplyAdd(q[d], stagedColumns(k * PITCH + SHARE * d), s, lane); }
      storeResult(ownResults + k, s, lane);
    }
    workgroupBarrier();

    let ownKeys = lane % SHARE * OWN_KEYS;
    var scores: array<vec4f, OWN_KEYS / 4u>;
    var highest = LOWEST;
    // Its own keys come first. It reads the others too, for the maximum: see sumOfRow.
    for (var x = 0u; x < KEYS; x++) {
      let column = (ownKeys + x) % KEYS;
      let sees = firstKey <= j0 + column && j0 + column <= query;
      let score = select(LOWEST, results[row + column] * params.scale, sees);
      highest = max(highest, score);
      if (x < OWN_KEYS) { scores[x / 4u][x % 4u] = score; }
    }
#if CARRIED
    let rises = highest > reference + HEADROOM;
    let next = select(reference, highest, rises);
    if (rises && reference > LOWEST) { atomicStore(&risen, 1u); } // else there are no sums yet
#else
    let next = max(reference, highest);
#endif
    let factor = exp(reference - next);
    reference = next;
    sum *= factor;
    for (var x = 0u; x < OWN_KEYS / 4u; x++) {
      // Masked scores must not count, even in a tile of which this query sees nothing.
      scores[x] = select(vec4f(), exp(scores[x] - reference), scores[x] > vec4f(LOWEST));
      sum += dot(scores[x], vec4f(1.0));
    }
    let to = ownWeights + lane / SHARE * WEIGHT_PITCH + ownKeys / 8u;
    for (var x = 0u; x < OWN_KEYS / 8u; x++) { weights[to + x] = pack(scores[2u * x], scores[2u * x + 1u]); }

#if CARRIED
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
#else
    for (var d = 0u; d < BLOCKS; d += ACROSS) {
      workgroupBarrier();
      var products: array<Result, ACROSS>;
      for (var a = 0u; a < ACROSS; a++) { products[a] = Result(); } // else they go on from the last turn of the loop
      for (var k = 0u; k < KEYS; k += SIZE) {
        let w = leftOfWeights(ownWeights + k / 8u, lane);
        for (var a = 0u; a < ACROSS; a++) {
          products[a] = multiplyAdd(w, stagedRows((KEYS + k) * PITCH + SHARE * (d + a)), products[a], lane);
        }
      }
      for (var a = 0u; a < ACROSS; a++) { storeResult(ownResults + SIZE * a, products[a], lane); }
      workgroupBarrier();
      for (var a = 0u; a < ACROSS; a++) {
        let added = mine(ownResults + SIZE * a, lane);
        output[d + a][0] = output[d + a][0] * factor + added[0];
        output[d + a][1] = output[d + a][1] * factor + added[1];
      }
    }
#endif
  }

  sum = sumOfRow(sum, row, lane);
  if (lane % SHARE == 0u && query < T) { L[(group.z * params.nHead + group.y) * T + query] = reference + log(sum); }
  for (var d = 0u; d < BLOCKS; d++) {
#if CARRIED
    workgroupBarrier();
    storeResult(ownResults, output[d], lane);
    workgroupBarrier();
#endif
    let eight = SHARE * d + lane % SHARE;
    if (query < T && eight < HEAD_EIGHTS) {
#if CARRIED
      let values = mine(ownResults, lane);
#else
      let values = output[d];
#endif
      O[outputAt(group, query, eight)] = pack(values[0] / sum, values[1] / sum);
    }
  }
}
