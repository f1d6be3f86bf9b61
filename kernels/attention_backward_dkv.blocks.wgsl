// attention_backward_dkv.blocks: the gradients of keys and values, causal, from the forward pass's log-sum-exp L; with i ≥ j:
//   P[i,j] = exp(Q[i]·K[j] / sqrt(headDim) - L[i])   dV[j] = Σ_i P[i,j] · dO[i]
//   dS[i,j] = P[i,j] · (dO[i]·V[j] - delta[i])       dK[j] = Σ_i dS[i,j] · Q[i] / sqrt(headDim)
//   QKV [B·T, 3C] f32, C = nHead · headDim: queries, keys, values, head by head · dO [B·T, C] f32
//   L, delta [B, nHead, T] f32; delta comes from attention_backward_dq
//   With F16, QKV, dO and dQKV are packed f16; all sums stay f32.
//   dQKV [B·T, 3C] f32: the key and value columns are written (added to with ACCUMULATE)
//   With SPANS, spans [B, T, 2] u32 keep the records of a row apart: see lib/attention-spans.wgsl.
// Any adapter, any head dimension that is a multiple of 4 up to 128.
// A workgroup takes 32 keys of one head and visits the queries from the diagonal onwards, 32 at a time. Vectors are
// staged in workgroup memory in slices of 32 dimensions. For each query tile:
//   1. scores and their gradients: an invocation computes 2 queries × 2 keys of Q·K and dO·V, and stores P and dS;
//   2. dK and dV: an invocation owns one vec4 column of one key in every slice.
// No two invocations write the same number, so sums need no atomics and have a fixed order.
// Grid [ceil(T/32), nHead, B]. 4·B·nHead·T·(T+1)·headDim FLOPs, 24·B·T·C bytes.

struct Params { T: u32, nHead: u32, scale: f32 }

#include "lib/attention-blocks.wgsl"
#include "lib/attention-spans.wgsl"
#include "lib/attention-gradient-blocks.wgsl"

const TILE = 32u;

@group(0) @binding(0) var<storage, read> QKV: array<Four>;
@group(0) @binding(1) var<storage, read> L: array<f32>;
@group(0) @binding(2) var<storage, read> dO: array<Four>;
@group(0) @binding(3) var<storage, read> delta: array<f32>;
@group(0) @binding(4) var<storage, read_write> dQKV: array<Four>;
@group(0) @binding(5) var<uniform> params: Params;

var<workgroup> stagedQ: array<vec4f, 288>; // 32 · 9
var<workgroup> stagedK: array<vec4f, 288>;
var<workgroup> stagedV: array<vec4f, 288>;
var<workgroup> stagedDO: array<vec4f, 288>;
var<workgroup> probabilities: array<f32, 1056>; // 32 queries · 33
var<workgroup> dScores: array<f32, 1056>;
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

  let ends = vec2u(endOf(group, first + scoreKey), endOf(group, first + scoreKey + 16u));
  var dk: array<vec4f, MAX_SLICES>;
  var dv: array<vec4f, MAX_SLICES>;
  for (var i0 = first; i0 < endOf(group, first + TILE - 1u); i0 += TILE) {
    var s = array<vec2f, 2>();
    var dp = array<vec2f, 2>();
    for (var slice = 0u; slice < slices; slice++) {
      let d = slice * SLICE + column;
      let to = row * STAGE_STRIDE + column;
      workgroupBarrier();
      if (local < TILE && i0 + local < T) {
        let at = (group.z * params.nHead + group.y) * T + i0 + local;
        logSums[local] = L[at];
        deltas[local] = delta[at];
      }
      stagedQ[to] = load(group, 0u, i0 + row, d);
      stagedK[to] = load(group, 1u, first + row, d);
      stagedV[to] = load(group, 2u, first + row, d);
      stagedDO[to] = loadDO(group, i0 + row, d);
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
      let key = first + scoreKey + vec2u(0u, 16u);
      let counts = (key <= vec2u(i0 + query)) & (vec2u(i0 + query) < ends);
      let p = select(vec2f(0.0), exp(s[r] * params.scale - logSums[query]), counts);
      let ds = select(vec2f(0.0), p * (dp[r] - deltas[query]), counts);
      probabilities[query * SCORE_STRIDE + scoreKey] = p.x;
      probabilities[query * SCORE_STRIDE + scoreKey + 16u] = p.y;
      dScores[query * SCORE_STRIDE + scoreKey] = ds.x;
      dScores[query * SCORE_STRIDE + scoreKey + 16u] = ds.y;
    }

    for (var slice = 0u; slice < slices; slice++) {
      let d = slice * SLICE + column;
      workgroupBarrier();
      stagedQ[row * STAGE_STRIDE + column] = load(group, 0u, i0 + row, d);
      stagedDO[row * STAGE_STRIDE + column] = loadDO(group, i0 + row, d);
      workgroupBarrier();
      var sumK = dk[slice];
      var sumV = dv[slice];
      for (var x = 0u; x < TILE; x++) {
        sumK += dScores[x * SCORE_STRIDE + row] * stagedQ[x * STAGE_STRIDE + column];
        sumV += probabilities[x * SCORE_STRIDE + row] * stagedDO[x * STAGE_STRIDE + column];
      }
      dk[slice] = sumK;
      dv[slice] = sumV;
    }
  }

  let C = params.nHead * HEAD_VECTORS;
  for (var slice = 0u; slice < slices; slice++) {
    let d = slice * SLICE + column;
    if (first + row < T && d < HEAD_VECTORS) {
      let at = (group.z * T + first + row) * 3u * C + C + group.y * HEAD_VECTORS + d;
      put(at, dk[slice] * params.scale);
      put(at + C, dv[slice]);
    }
  }
}
