// attention_forward.blocks: causal attention; for each sequence and head, with i, j < T,
//   S[i,j] = Q[i]·K[j] / sqrt(headDim), j ≤ i     L[i] = log Σ_j exp(S[i,j])     O[i] = Σ_j exp(S[i,j] - L[i]) · V[j]
//   QKV [B·T, 3C] f32, C = nHead · headDim: each row has queries, then keys, then values, head
//     by head · O [B·T, C] f32, written · L [B, nHead, T] f32, written: the log-sum-exp that the backward pass needs
//   With F16, QKV and O are packed f16; all sums stay f32.
//   With SPANS, spans [B, T, 2] u32 keep the records of a row apart: see lib/attention-spans.wgsl.
// Any adapter with subgroups, any head dimension that is a multiple of 4 up to 128.
// A workgroup takes 64 queries of one head and visits the keys once, 32 at a time, with the softmax's running maximum
// and sum (Milakov and Gimelshein 2018, arXiv:1805.02867; the tiling is FlashAttention's, arXiv:2205.14135). Vectors
// are staged in workgroup memory in slices of 32 dimensions, so that its size does not depend on headDim. For each key
// tile:
//   1. scores: an invocation computes 4 queries × 2 keys;
//   2. softmax: a quad takes a query, 8 keys per invocation, and keeps the query's maximum and sum;
//   3. output: an invocation owns one vec4 column of 2 queries in every slice.
// Tiles of which no query sees a key are never visited.
// Grid [ceil(T/64), nHead, B]. 2·B·nHead·T·(T+1)·headDim FLOPs, 16·B·T·C bytes.
enable subgroups;

struct Params { T: u32, nHead: u32, scale: f32 }

#include "lib/attention-blocks.wgsl"
#include "lib/attention-spans.wgsl"

const QUERIES = 64u;
const KEYS = 32u;
const LOWEST = -3.0e38;

@group(0) @binding(0) var<storage, read> QKV: array<Four>;
@group(0) @binding(1) var<storage, read_write> O: array<Four>;
@group(0) @binding(2) var<storage, read_write> L: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

var<workgroup> stagedQ: array<vec4f, 576>; // 64 · 9
var<workgroup> stagedKV: array<vec4f, 288>; // 32 · 9
var<workgroup> scores: array<f32, 2112>; // 64 · 33
var<workgroup> shrink: array<f32, 64>;
var<workgroup> inverseSum: array<f32, 64>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let T = params.T;
  let first = group.x * QUERIES;
  let slices = (HEAD_VECTORS + SLICE - 1u) / SLICE;

  // What this invocation does in each step.
  let stageRow = local / SLICE; // 32 rows at once
  let stageColumn = local % SLICE;
  let scoreRow = local / 16u; // queries scoreRow + 16·r, keys scoreKey + 16·c
  let scoreKey = local % 16u;
  let softmaxRow = local / 4u;
  let softmaxPart = local % 4u;

  var firstKeys: vec4u; // that the queries of this invocation's scores see
  for (var r = 0u; r < 4u; r++) { firstKeys[r] = firstOf(group, first + scoreRow + 16u * r); }
  var highest = LOWEST;
  var sum = 0.0;
  var output: array<array<vec4f, 2>, MAX_SLICES>; // of queries stageRow and stageRow + 32, column stageColumn

  for (var j0 = firstOf(group, first); j0 < min(first + QUERIES, T); j0 += KEYS) {
    var s = array<vec2f, 4>();
    for (var slice = 0u; slice < slices; slice++) {
      let d = slice * SLICE + stageColumn;
      workgroupBarrier();
      stagedQ[stageRow * STAGE_STRIDE + stageColumn] = load(group, 0u, first + stageRow, d);
      stagedQ[(stageRow + 32u) * STAGE_STRIDE + stageColumn] = load(group, 0u, first + stageRow + 32u, d);
      stagedKV[stageRow * STAGE_STRIDE + stageColumn] = load(group, 1u, j0 + stageRow, d);
      workgroupBarrier();
      for (var x = 0u; x < SLICE; x++) {
        let k0 = stagedKV[scoreKey * STAGE_STRIDE + x];
        let k1 = stagedKV[(scoreKey + 16u) * STAGE_STRIDE + x];
        for (var r = 0u; r < 4u; r++) {
          let q = stagedQ[(scoreRow + 16u * r) * STAGE_STRIDE + x];
          s[r] += vec2f(dot(q, k0), dot(q, k1));
        }
      }
    }
    for (var r = 0u; r < 4u; r++) {
      let row = scoreRow + 16u * r;
      let key = j0 + scoreKey + vec2u(0u, 16u);
      let sees = (key >= vec2u(firstKeys[r])) & (key <= vec2u(first + row));
      let masked = select(vec2f(LOWEST), s[r] * params.scale, sees);
      scores[row * SCORE_STRIDE + scoreKey] = masked.x;
      scores[row * SCORE_STRIDE + scoreKey + 16u] = masked.y;
    }
    workgroupBarrier();

    let mine = softmaxRow * SCORE_STRIDE + softmaxPart;
    var tileHighest = LOWEST;
    for (var x = 0u; x < KEYS; x += 4u) { tileHighest = max(tileHighest, scores[mine + x]); }
    tileHighest = max(tileHighest, quadSwapX(tileHighest));
    tileHighest = max(tileHighest, quadSwapY(tileHighest));
    let risen = max(highest, tileHighest);
    let factor = exp(highest - risen);
    highest = risen;
    var tileSum = 0.0;
    for (var x = 0u; x < KEYS; x += 4u) {
      let score = scores[mine + x];
      // In a tile of which this query sees nothing, `risen` equals the masked score, and exp(0) would count it.
      let p = select(0.0, exp(score - risen), score > LOWEST);
      tileSum += p;
      scores[mine + x] = p;
    }
    tileSum += quadSwapX(tileSum);
    tileSum += quadSwapY(tileSum);
    sum = sum * factor + tileSum;
    if (softmaxPart == 0u) { shrink[softmaxRow] = factor; }

    for (var slice = 0u; slice < slices; slice++) {
      workgroupBarrier();
      stagedKV[stageRow * STAGE_STRIDE + stageColumn] = load(group, 2u, j0 + stageRow, slice * SLICE + stageColumn);
      workgroupBarrier();
      var o0 = output[slice][0] * shrink[stageRow];
      var o1 = output[slice][1] * shrink[stageRow + 32u];
      for (var x = 0u; x < KEYS; x++) {
        let v = stagedKV[x * STAGE_STRIDE + stageColumn];
        o0 += scores[stageRow * SCORE_STRIDE + x] * v;
        o1 += scores[(stageRow + 32u) * SCORE_STRIDE + x] * v;
      }
      output[slice][0] = o0;
      output[slice][1] = o1;
    }
  }

  if (softmaxPart == 0u) {
    inverseSum[softmaxRow] = 1.0 / sum;
    if (first + softmaxRow < T) {
      L[(group.z * params.nHead + group.y) * T + first + softmaxRow] = highest + log(sum);
    }
  }
  workgroupBarrier();
  for (var slice = 0u; slice < slices; slice++) {
    let d = slice * SLICE + stageColumn;
    for (var half = 0u; half < 2u; half++) {
      let row = stageRow + 32u * half;
      if (first + row < T && d < HEAD_VECTORS) {
        O[outputAt(group, first + row, d)] = pack(output[slice][half] * inverseSum[row]);
      }
    }
  }
}
