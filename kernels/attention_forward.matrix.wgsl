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
//     workgroup memory. It saves traffic there; not yet right on an H200: see docs/kernels.md.
//   UNROLLED: see lib/attention-matrix.wgsl.
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
#const ACROSS
// Matrices beside one another in `results`: KEYS / SIZE.
#endif

@group(0) @binding(0) var<storage, read> QKV: array<vec4u>;
@group(0) @binding(1) var<storage, read_write> O: array<vec4u>;
@group(0) @binding(2) var<storage, read_write> L: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

var<workgroup> staged: array<vec4u, 2u * KEYS * PITCH>; // at first queries; later keys, then values
var<workgroup> weights: array<vec4u, QUERIES * WEIGHT_PITCH>;
var<workgroup> results: array<f32, QUERIES * RESULT_PITCH>;
#if CARRIED
var<workgroup> risen: array<atomic<u32>, 4>; // the first counts: 16 bytes, see lib/attention-matrix.wgsl
#endif

#if UNROLLED
// Scores of four keys, of which the query may see only some.
fn scoresOf(at: u32, key: u32, firstKey: u32, query: u32) -> vec4f {
  let keys = key + vec4u(0u, 1u, 2u, 3u);
  let sees = (keys >= vec4u(firstKey)) & (keys <= vec4u(query));
  return select(vec4f(LOWEST), fourOf(at) * params.scale, sees);
}
#endif

fn write(group: vec3u, query: u32, eight: u32, values: array<vec4f, 2>, sum: f32) {
  if (query < params.T && eight < HEAD_EIGHTS) {
    O[outputAt(group, query, eight)] = pack(values[0] / sum, values[1] / sum);
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

  for (var i = 0u; i < LOADS; i++) {
    let item = i * INVOCATIONS + local;
    let at = vec2u(item / (HEAD / 8u), item % (HEAD / 8u));
    staged[at.x * PITCH + at.y] = load(group, 0u, first + at.x, at.y);
  }
#if UNROLLED
  workgroupBarrier();
#for d BLOCKS
  let q${d} = leftOfStaged(subgroup * SIZE * PITCH + SHARE * ${d}u, lane);
#end
#else
  workgroupBarrier();
  var q: array<Left, BLOCKS>;
  for (var d = 0u; d < BLOCKS; d++) { q[d] = leftOfStaged(subgroup * SIZE * PITCH + SHARE * d, lane); }
#endif

  let firstKey = firstOf(group, query);
  let row = ownResults + lane / SHARE * RESULT_PITCH;
  var reference = LOWEST;
  var sum = 0.0; // of the weights of this lane's keys
#if UNROLLED
#if CARRIED
#for d BLOCKS
  var output${d} = Result();
#end
#else
#for g GROUPS
#for a ACROSS
  var output${g}_${a}: array<vec4f, 2>;
#end
#end
#endif
#else
#if CARRIED
  var output: array<Result, BLOCKS>;
#else
  var output: array<array<vec4f, 2>, BLOCKS>; // of each matrix along the head, this lane's eight neighbours in a row
#endif
#endif
  for (var j0 = firstOf(group, first); j0 < min(first + QUERIES, T); j0 += KEYS) {
    workgroupBarrier();
    for (var i = 0u; i < LOADS; i++) {
      let item = i * INVOCATIONS + local;
      let at = vec2u(item / (HEAD / 8u), item % (HEAD / 8u)); // rows: 32 keys, then their values
      staged[at.x * PITCH + at.y] = load(group, 1u + at.x / KEYS, j0 + at.x % KEYS, at.y);
    }
#if CARRIED
    if (local == 0u) { atomicStore(&risen[0], 0u); }
#endif
    workgroupBarrier();
    for (var k = 0u; k < KEYS; k += SIZE) {
      var s = Result();
#if UNROLLED
#for d BLOCKS
      s = multiplyAdd(q${d}, stagedColumns(k * PITCH + SHARE * ${d}u), s, lane);
#end
#else
      for (var d = 0u; d < BLOCKS; d++) { s = multiplyAdd(q[d], stagedColumns(k * PITCH + SHARE * d), s, lane); }
#endif
      storeResult(ownResults + k, s, lane);
    }
    workgroupBarrier();

    let ownKeys = lane % SHARE * OWN_KEYS;
    var highest = LOWEST;
#if UNROLLED
    for (var x = 0u; x < KEYS; x += 4u) {
      let four = scoresOf(row + x, j0 + x, firstKey, query);
      highest = max(highest, max(max(four.x, four.y), max(four.z, four.w)));
    }
#else
    var scores: array<vec4f, OWN_KEYS / 4u>;
    // Its own keys come first. It reads the others too, for the maximum: see sumOfRow.
    for (var x = 0u; x < KEYS; x++) {
      let column = (ownKeys + x) % KEYS;
      let sees = firstKey <= j0 + column && j0 + column <= query;
      let score = select(LOWEST, results[row + column] * params.scale, sees);
      highest = max(highest, score);
      if (x < OWN_KEYS) { scores[x / 4u][x % 4u] = score; }
    }
#endif
#if CARRIED
    let rises = highest > reference + HEADROOM;
    let next = select(reference, highest, rises);
    if (rises && reference > LOWEST) { atomicStore(&risen[0], 1u); } // else there are no sums yet
#else
    let next = max(reference, highest);
#endif
    let factor = exp(reference - next);
    reference = next;
    sum *= factor;
    let to = ownWeights + lane / SHARE * WEIGHT_PITCH + ownKeys / 8u;
#if UNROLLED
    // Written in pairs, since a loop would index an array.
    for (var x = 0u; x < OWN_KEYS; x += 8u) {
      let scores0 = scoresOf(row + ownKeys + x, j0 + ownKeys + x, firstKey, query);
      let scores1 = scoresOf(row + ownKeys + x + 4u, j0 + ownKeys + x + 4u, firstKey, query);
      let weights0 = select(vec4f(), exp(scores0 - reference), scores0 > vec4f(LOWEST));
      let weights1 = select(vec4f(), exp(scores1 - reference), scores1 > vec4f(LOWEST));
      sum += dot(weights0, vec4f(1.0)) + dot(weights1, vec4f(1.0));
      weights[to + x / 8u] = pack(weights0, weights1);
    }
#else
    for (var x = 0u; x < OWN_KEYS / 4u; x++) {
      // Masked scores must not count, even in a tile of which this query sees nothing.
      scores[x] = select(vec4f(), exp(scores[x] - reference), scores[x] > vec4f(LOWEST));
      sum += dot(scores[x], vec4f(1.0));
    }
    for (var x = 0u; x < OWN_KEYS / 8u; x++) { weights[to + x] = pack(scores[2u * x], scores[2u * x + 1u]); }
#endif

#if CARRIED
    if (workgroupUniformLoad(&risen[0]) != 0u) {
      let scaled = ownResults + lane / SHARE * RESULT_PITCH + lane % SHARE * 8u;
#if UNROLLED
#for d BLOCKS
      storeResult(ownResults, output${d}, lane);
      workgroupBarrier();
      for (var i = 0u; i < 8u; i++) { results[scaled + i] *= factor; }
      workgroupBarrier();
      output${d} = loadResult(ownResults, lane);
      workgroupBarrier();
#end
#else
      for (var d = 0u; d < BLOCKS; d++) {
        storeResult(ownResults, output[d], lane);
        workgroupBarrier();
        for (var i = 0u; i < 8u; i++) { results[scaled + i] *= factor; }
        workgroupBarrier();
        output[d] = loadResult(ownResults, lane);
        workgroupBarrier();
      }
#endif
    }
    for (var k = 0u; k < KEYS; k += SIZE) {
      let w = leftOfWeights(ownWeights + k / 8u, lane);
#if UNROLLED
#for d BLOCKS
      output${d} = multiplyAdd(w, stagedRows((KEYS + k) * PITCH + SHARE * ${d}u), output${d}, lane);
#end
#else
      for (var d = 0u; d < BLOCKS; d++) {
        output[d] = multiplyAdd(w, stagedRows((KEYS + k) * PITCH + SHARE * d), output[d], lane);
      }
#endif
    }
#else
#if UNROLLED
#for g GROUPS
    workgroupBarrier();
#for a ACROSS
    var products${g}_${a} = Result();
#end
    for (var k = 0u; k < KEYS; k += SIZE) {
      let w = leftOfWeights(ownWeights + k / 8u, lane);
      let at = (KEYS + k) * PITCH + SHARE * ACROSS * ${g}u;
#for a ACROSS
      products${g}_${a} = multiplyAdd(w, stagedRows(at + SHARE * ${a}u), products${g}_${a}, lane);
#end
    }
#for a ACROSS
    storeResult(ownResults + SIZE * ${a}u, products${g}_${a}, lane);
#end
    workgroupBarrier();
#for a ACROSS
    let added${g}_${a} = mine(ownResults + SIZE * ${a}u, lane);
    output${g}_${a}[0] = output${g}_${a}[0] * factor + added${g}_${a}[0];
    output${g}_${a}[1] = output${g}_${a}[1] * factor + added${g}_${a}[1];
#end
#end
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
#endif
  }

  sum = sumOfRow(sum, row, lane);
  if (lane % SHARE == 0u && query < T) { L[(group.z * params.nHead + group.y) * T + query] = reference + log(sum); }
#if UNROLLED
#if CARRIED
#for d BLOCKS
  workgroupBarrier();
  storeResult(ownResults, output${d}, lane);
  workgroupBarrier();
  write(group, query, SHARE * ${d}u + lane % SHARE, mine(ownResults, lane), sum);
#end
#else
#for g GROUPS
#for a ACROSS
  write(group, query, SHARE * (ACROSS * ${g}u + ${a}u) + lane % SHARE, output${g}_${a}, sum);
#end
#end
#endif
#else
  for (var d = 0u; d < BLOCKS; d++) {
#if CARRIED
    workgroupBarrier();
    storeResult(ownResults, output[d], lane);
    workgroupBarrier();
#endif
    let eight = SHARE * d + lane % SHARE;
#if CARRIED
    write(group, query, eight, mine(ownResults, lane), sum);
#else
    write(group, query, eight, output[d], sum);
#endif
  }
#endif
}
