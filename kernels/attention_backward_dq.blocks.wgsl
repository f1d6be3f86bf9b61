// attention_backward_dq.blocks: the gradient of the queries, causal, from the forward pass's log-sum-exp L; with j ≤ i:
//   P[i,j] = exp(Q[i]·K[j] / sqrt(headDim) - L[i])   delta[i] = dO[i]·O[i]  (= Σ_j P[i,j] · dO[i]·V[j])
//   dS[i,j] = P[i,j] · (dO[i]·V[j] - delta[i])       dQ[i] = Σ_j dS[i,j] · K[j] / sqrt(headDim)
//   QKV [B·T, 3C] f32, C = nHead · headDim: queries, keys, values, head by head · O, dO [B·T, C] f32
//   L [B, nHead, T] f32 · delta [B, nHead, T] f32, written: attention_backward_dkv reads it
//   With F16, QKV, O, dO and dQKV are packed f16; all sums stay f32.
//   dQKV [B·T, 3C] f32: the query columns are written (added to with ACCUMULATE)
//   With SPANS, spans [B, T, 2] u32 keep the records of a row apart: see lib/attention-spans.wgsl.
// Any adapter, any head dimension that is a multiple of 4 up to 128.
// A workgroup takes 32 queries of one head and visits the keys up to the diagonal, 32 at a time. Vectors are staged in
// workgroup memory in slices of 32 dimensions. For each key tile:
//   1. scores and their gradients: an invocation computes 2 queries × 2 keys of Q·K and dO·V, and stores dS;
//   2. dQ: an invocation owns one vec4 column of one query in every slice.
// Grid [ceil(T/32), nHead, B]. 3·B·nHead·T·(T+1)·headDim FLOPs, 28·B·T·C bytes.

struct Params { T: u32, nHead: u32, scale: f32 }

#include "lib/attention-blocks.wgsl"
#include "lib/attention-spans.wgsl"
#include "lib/attention-gradient-blocks.wgsl"

const TILE = 32u;

@group(0) @binding(0) var<storage, read> QKV: array<Four>;
@group(0) @binding(1) var<storage, read> O: array<Four>;
@group(0) @binding(2) var<storage, read> L: array<f32>;
@group(0) @binding(3) var<storage, read> dO: array<Four>;
@group(0) @binding(4) var<storage, read_write> delta: array<f32>;
@group(0) @binding(5) var<storage, read_write> dQKV: array<Four>;
@group(0) @binding(6) var<uniform> params: Params;

var<workgroup> stagedQ: array<vec4f, 288>; // 32 · 9
var<workgroup> stagedK: array<vec4f, 288>;
var<workgroup> stagedV: array<vec4f, 288>;
var<workgroup> stagedDO: array<vec4f, 288>;
var<workgroup> dScores: array<f32, 1056>; // 32 · 33
var<workgroup> logSums: array<f32, 32>;
var<workgroup> deltas: array<f32, 32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let T = params.T;
  let first = group.x * TILE;
  let slices = (HEAD_VECTORS + SLICE - 1u) / SLICE;

  // What this invocation does in each step.
  let row = local / SLICE; // 32 rows at once
  let column = local % SLICE;
  let scoreRow = local / 16u; // queries scoreRow and scoreRow + 16, keys scoreKey and scoreKey + 16
  let scoreKey = local % 16u;

  if (local < TILE && first + local < T) {
    var d = 0.0;
    for (var x = 0u; x < HEAD_VECTORS; x++) {
      let at = outputAt(group, first + local, x);
      d += dot(unpack(dO[at]), unpack(O[at]));
    }
    let at = (group.z * params.nHead + group.y) * T + first + local;
    delta[at] = d;
    deltas[local] = d;
    logSums[local] = L[at];
  }

  let firstKeys = vec2u(firstOf(group, first + scoreRow), firstOf(group, first + scoreRow + 16u));
  var dq: array<vec4f, MAX_SLICES>;
  for (var j0 = firstOf(group, first); j0 < min(first + TILE, T); j0 += TILE) {
    var s = array<vec2f, 2>();
    var dp = array<vec2f, 2>();
    for (var slice = 0u; slice < slices; slice++) {
      let d = slice * SLICE + column;
      let to = row * STAGE_STRIDE + column;
      workgroupBarrier();
      stagedQ[to] = load(group, 0u, first + row, d);
      stagedK[to] = load(group, 1u, j0 + row, d);
      stagedV[to] = load(group, 2u, j0 + row, d);
      stagedDO[to] = loadDO(group, first + row, d);
      workgroupBarrier();
      for (var x = 0u; x < SLICE; x++) {
        let near = scoreKey * STAGE_STRIDE + x;
        let far = (scoreKey + 16u) * STAGE_STRIDE + x;
        for (var r = 0u; r < 2u; r++) {
          let at = (scoreRow + 16u * r) * STAGE_STRIDE + x;
          s[r] += vec2f(dot(stagedQ[at], stagedK[near]), dot(stagedQ[at], stagedK[far]));
          dp[r] += vec2f(dot(stagedDO[at], stagedV[near]), dot(stagedDO[at], stagedV[far]));
        }
      }
    }
    for (var r = 0u; r < 2u; r++) {
      let query = scoreRow + 16u * r;
      let key = j0 + scoreKey + vec2u(0u, 16u);
      let sees = (key >= vec2u(firstKeys[r])) & (key <= vec2u(first + query));
      let counts = sees & vec2<bool>(first + query < T);
      let p = select(vec2f(0.0), exp(s[r] * params.scale - logSums[query]), counts);
      let ds = select(vec2f(0.0), p * (dp[r] - deltas[query]), counts);
      dScores[query * SCORE_STRIDE + scoreKey] = ds.x;
      dScores[query * SCORE_STRIDE + scoreKey + 16u] = ds.y;
    }

    for (var slice = 0u; slice < slices; slice++) {
      workgroupBarrier();
      stagedK[row * STAGE_STRIDE + column] = load(group, 1u, j0 + row, slice * SLICE + column);
      workgroupBarrier();
      var sum = dq[slice];
      for (var x = 0u; x < TILE; x++) { sum += dScores[row * SCORE_STRIDE + x] * stagedK[x * STAGE_STRIDE + column]; }
      dq[slice] = sum;
    }
  }

  for (var slice = 0u; slice < slices; slice++) {
    let d = slice * SLICE + column;
    if (first + row < T && d < HEAD_VECTORS) {
      let at = (group.z * T + first + row) * 3u * params.nHead * HEAD_VECTORS + group.y * HEAD_VECTORS + d;
      put(at, dq[slice] * params.scale);
    }
  }
}
