// attention_backward_dkv.quads: the gradients of keys and values, causal, head dimension 32, from the forward pass's
//   log-sum-exp L; with i ≥ j:
//   P[i,j] = exp(Q[i]·K[j] / sqrt(32) - L[i])      dV[j] = Σ_i P[i,j] · dO[i]
//   dS[i,j] = P[i,j] · (dO[i]·V[j] - delta[i])     dK[j] = Σ_i dS[i,j] · Q[i] / sqrt(32)
//   QKV [B·T, 3C] f32, C = nHead · 32: queries, keys, values, head by head · dO [B·T, C] f32
//   L, delta [B, nHead, T] f32; delta comes from attention_backward_dq
//   dQKV [B·T, 3C] f32: the key and value columns are written (added to with ACCUMULATE)
//   With SPANS, spans [B, T, 2] u32 keep the records of a row apart: see lib/attention-spans.wgsl.
// For software adapters. Works like attention_forward.quads with the roles of queries and keys exchanged: a workgroup
// is one quad, or with EIGHT two, and a quad takes 16 keys, 4 per invocation. It visits the queries four at a time,
// starting at the position of its first key; each invocation loads one query and gets the others from its quad.
// Grid [ceil(T/16), nHead, B], with EIGHT [ceil(T/32), nHead, B]. 4·B·nHead·T·(T+1)·32 FLOPs, 24·B·T·C bytes.
enable subgroups;

struct Params { T: u32, nHead: u32, scale: f32 }

#include "lib/attention-quads.wgsl"
#include "lib/attention-spans.wgsl"
#include "lib/attention-gradient-quads.wgsl"

@group(0) @binding(0) var<storage, read> QKV: array<vec4f>;
@group(0) @binding(1) var<storage, read> L: array<f32>;
@group(0) @binding(2) var<storage, read> dO: array<vec4f>;
@group(0) @binding(3) var<storage, read> delta: array<f32>;
@group(0) @binding(4) var<storage, read_write> dQKV: array<vec4f>;
@group(0) @binding(5) var<uniform> params: Params;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let lane = local % 4u;
  let T = params.T;
  let sequence = group.z * T;
  let head = group.y * HEAD_VECTORS;
  let C = params.nHead * HEAD_VECTORS; // in vec4, like every index below
  let first = group.x * ROWS;
  let key = rowsOf(first, local);
  let row = (group.z * params.nHead + group.y) * T;

  // Column r of a block belongs to key[r]. Keys past the end repeat the last one and are not written.
  let at = (sequence + min(key, vec4u(T - 1u))) * (3u * C) + C + head;
  let vAt = at + C;
  let scale = params.scale * LOG2_E;
  var k: array<mat4x4f, 8>;
  k[0] = mat4x4f(QKV[at.x + 0u], QKV[at.y + 0u], QKV[at.z + 0u], QKV[at.w + 0u]) * scale;
  k[1] = mat4x4f(QKV[at.x + 1u], QKV[at.y + 1u], QKV[at.z + 1u], QKV[at.w + 1u]) * scale;
  k[2] = mat4x4f(QKV[at.x + 2u], QKV[at.y + 2u], QKV[at.z + 2u], QKV[at.w + 2u]) * scale;
  k[3] = mat4x4f(QKV[at.x + 3u], QKV[at.y + 3u], QKV[at.z + 3u], QKV[at.w + 3u]) * scale;
  k[4] = mat4x4f(QKV[at.x + 4u], QKV[at.y + 4u], QKV[at.z + 4u], QKV[at.w + 4u]) * scale;
  k[5] = mat4x4f(QKV[at.x + 5u], QKV[at.y + 5u], QKV[at.z + 5u], QKV[at.w + 5u]) * scale;
  k[6] = mat4x4f(QKV[at.x + 6u], QKV[at.y + 6u], QKV[at.z + 6u], QKV[at.w + 6u]) * scale;
  k[7] = mat4x4f(QKV[at.x + 7u], QKV[at.y + 7u], QKV[at.z + 7u], QKV[at.w + 7u]) * scale;
  var v: array<mat4x4f, 8>;
  v[0] = mat4x4f(QKV[vAt.x + 0u], QKV[vAt.y + 0u], QKV[vAt.z + 0u], QKV[vAt.w + 0u]);
  v[1] = mat4x4f(QKV[vAt.x + 1u], QKV[vAt.y + 1u], QKV[vAt.z + 1u], QKV[vAt.w + 1u]);
  v[2] = mat4x4f(QKV[vAt.x + 2u], QKV[vAt.y + 2u], QKV[vAt.z + 2u], QKV[vAt.w + 2u]);
  v[3] = mat4x4f(QKV[vAt.x + 3u], QKV[vAt.y + 3u], QKV[vAt.z + 3u], QKV[vAt.w + 3u]);
  v[4] = mat4x4f(QKV[vAt.x + 4u], QKV[vAt.y + 4u], QKV[vAt.z + 4u], QKV[vAt.w + 4u]);
  v[5] = mat4x4f(QKV[vAt.x + 5u], QKV[vAt.y + 5u], QKV[vAt.z + 5u], QKV[vAt.w + 5u]);
  v[6] = mat4x4f(QKV[vAt.x + 6u], QKV[vAt.y + 6u], QKV[vAt.z + 6u], QKV[vAt.w + 6u]);
  v[7] = mat4x4f(QKV[vAt.x + 7u], QKV[vAt.y + 7u], QKV[vAt.z + 7u], QKV[vAt.w + 7u]);
  var dk: array<mat4x4f, 8>;
  var dv: array<mat4x4f, 8>;

  let end = endOfFour(group, key);
  let seenByAll = endOf(group, first); // queries from the last key to here see every key
  for (var i = first; i < endOf(group, first + ROWS - 1u); i += 4u) {
    let mine = min(i + lane, T - 1u); // the query this invocation loads for the quad
    let q = (sequence + mine) * (3u * C) + head;
    let g = (sequence + mine) * C + head;
    let logSum = quadOf(LOG2_E * L[row + mine]);
    let d = quadOf(delta[row + mine]);
    let q0 = quad(QKV[q + 0u]);
    let q1 = quad(QKV[q + 1u]);
    let q2 = quad(QKV[q + 2u]);
    let q3 = quad(QKV[q + 3u]);
    let q4 = quad(QKV[q + 4u]);
    let q5 = quad(QKV[q + 5u]);
    let q6 = quad(QKV[q + 6u]);
    let q7 = quad(QKV[q + 7u]);
    var s = transpose(q0) * k[0]; // s[r][x]: query i + (lane ^ x) against key r
    s = multiplyAdd(s, transpose(q1), k[1]);
    s = multiplyAdd(s, transpose(q2), k[2]);
    s = multiplyAdd(s, transpose(q3), k[3]);
    s = multiplyAdd(s, transpose(q4), k[4]);
    s = multiplyAdd(s, transpose(q5), k[5]);
    s = multiplyAdd(s, transpose(q6), k[6]);
    s = multiplyAdd(s, transpose(q7), k[7]);
    var p = mat4x4f(exp2(s[0] - logSum), exp2(s[1] - logSum), exp2(s[2] - logSum), exp2(s[3] - logSum));
    if (i < first + ROWS || i + 4u > seenByAll) {
      let query = i + (vec4u(lane) ^ vec4u(0u, 1u, 2u, 3u));
      p[0] = select(vec4f(0.0), p[0], (query >= vec4u(key.x)) & (query < vec4u(end.x)));
      p[1] = select(vec4f(0.0), p[1], (query >= vec4u(key.y)) & (query < vec4u(end.y)));
      p[2] = select(vec4f(0.0), p[2], (query >= vec4u(key.z)) & (query < vec4u(end.z)));
      p[3] = select(vec4f(0.0), p[3], (query >= vec4u(key.w)) & (query < vec4u(end.w)));
    }
    let g0 = quad(dO[g + 0u]);
    let g1 = quad(dO[g + 1u]);
    let g2 = quad(dO[g + 2u]);
    let g3 = quad(dO[g + 3u]);
    let g4 = quad(dO[g + 4u]);
    let g5 = quad(dO[g + 5u]);
    let g6 = quad(dO[g + 6u]);
    let g7 = quad(dO[g + 7u]);
    var dp = transpose(g0) * v[0];
    dp = multiplyAdd(dp, transpose(g1), v[1]);
    dp = multiplyAdd(dp, transpose(g2), v[2]);
    dp = multiplyAdd(dp, transpose(g3), v[3]);
    dp = multiplyAdd(dp, transpose(g4), v[4]);
    dp = multiplyAdd(dp, transpose(g5), v[5]);
    dp = multiplyAdd(dp, transpose(g6), v[6]);
    dp = multiplyAdd(dp, transpose(g7), v[7]);
    let ds = mat4x4f(p[0] * (dp[0] - d), p[1] * (dp[1] - d), p[2] * (dp[2] - d), p[3] * (dp[3] - d));
    dv[0] = multiplyAdd(dv[0], g0, p);
    dv[1] = multiplyAdd(dv[1], g1, p);
    dv[2] = multiplyAdd(dv[2], g2, p);
    dv[3] = multiplyAdd(dv[3], g3, p);
    dv[4] = multiplyAdd(dv[4], g4, p);
    dv[5] = multiplyAdd(dv[5], g5, p);
    dv[6] = multiplyAdd(dv[6], g6, p);
    dv[7] = multiplyAdd(dv[7], g7, p);
    dk[0] = multiplyAdd(dk[0], q0, ds);
    dk[1] = multiplyAdd(dk[1], q1, ds);
    dk[2] = multiplyAdd(dk[2], q2, ds);
    dk[3] = multiplyAdd(dk[3], q3, ds);
    dk[4] = multiplyAdd(dk[4], q4, ds);
    dk[5] = multiplyAdd(dk[5], q5, ds);
    dk[6] = multiplyAdd(dk[6], q6, ds);
    dk[7] = multiplyAdd(dk[7], q7, ds);
  }

  store(key, at + 0u, dk[0] * params.scale);
  store(key, at + 1u, dk[1] * params.scale);
  store(key, at + 2u, dk[2] * params.scale);
  store(key, at + 3u, dk[3] * params.scale);
  store(key, at + 4u, dk[4] * params.scale);
  store(key, at + 5u, dk[5] * params.scale);
  store(key, at + 6u, dk[6] * params.scale);
  store(key, at + 7u, dk[7] * params.scale);
  store(key, vAt + 0u, dv[0]);
  store(key, vAt + 1u, dv[1]);
  store(key, vAt + 2u, dv[2]);
  store(key, vAt + 3u, dv[3]);
  store(key, vAt + 4u, dv[4]);
  store(key, vAt + 5u, dv[5]);
  store(key, vAt + 6u, dv[6]);
  store(key, vAt + 7u, dv[7]);
}
