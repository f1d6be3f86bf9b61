// attention_backward_dq.quads: the gradient of the queries, causal, head dimension 32, from the forward pass's log-sum-exp L;
//   with j ≤ i:
//   P[i,j] = exp(Q[i]·K[j] / sqrt(32) - L[i])      delta[i] = dO[i]·O[i]  (= Σ_j P[i,j] · dO[i]·V[j])
//   dS[i,j] = P[i,j] · (dO[i]·V[j] - delta[i])     dQ[i] = Σ_j dS[i,j] · K[j] / sqrt(32)
//   QKV [B·T, 3C] f32, C = nHead · 32: queries, keys, values, head by head · O, dO [B·T, C] f32 · L [B, nHead, T] f32
//   delta [B, nHead, T] f32, written: attention_backward_dkv reads it
//   dQKV [B·T, 3C] f32: the query columns are written (added to with ACCUMULATE)
//   With SPANS, spans [B, T, 2] u32 keep the records of a row apart: see lib/attention-spans.wgsl.
// For software adapters. Works like attention_forward.quads: a workgroup is one quad, or with EIGHT two, and a quad
// takes 16 queries, 4 per invocation. It visits the keys four at a time; each invocation loads one key and gets the
// others from its quad.
// Grid [ceil(T/16), nHead, B], with EIGHT [ceil(T/32), nHead, B]. 3·B·nHead·T·(T+1)·32 FLOPs, 28·B·T·C bytes.
enable subgroups;

struct Params { T: u32, nHead: u32, scale: f32 }

#include "lib/attention-quads.wgsl"
#include "lib/attention-spans.wgsl"
#include "lib/attention-gradient-quads.wgsl"

@group(0) @binding(0) var<storage, read> QKV: array<vec4f>;
@group(0) @binding(1) var<storage, read> O: array<vec4f>;
@group(0) @binding(2) var<storage, read> L: array<f32>;
@group(0) @binding(3) var<storage, read> dO: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> delta: array<f32>;
@group(0) @binding(5) var<storage, read_write> dQKV: array<vec4f>;
@group(0) @binding(6) var<uniform> params: Params;

// dot(a[r], b[r]) for every column r.
fn columnDots(a: mat4x4f, b: mat4x4f) -> vec4f {
  return vec4f(dot(a[0], b[0]), dot(a[1], b[1]), dot(a[2], b[2]), dot(a[3], b[3]));
}

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let lane = local % 4u;
  let T = params.T;
  let sequence = group.z * T;
  let head = group.y * HEAD_VECTORS;
  let C = params.nHead * HEAD_VECTORS; // in vec4, like every index below
  let first = group.x * ROWS;
  let query = rowsOf(first, local);

  // Column r of a block belongs to query[r]. Queries past the end repeat the last one and are not written.
  let position = sequence + min(query, vec4u(T - 1u));
  let at = position * (3u * C) + head;
  let out = position * C + head;
  let scale = params.scale * LOG2_E;
  var q: array<mat4x4f, 8>;
  q[0] = mat4x4f(QKV[at.x + 0u], QKV[at.y + 0u], QKV[at.z + 0u], QKV[at.w + 0u]) * scale;
  q[1] = mat4x4f(QKV[at.x + 1u], QKV[at.y + 1u], QKV[at.z + 1u], QKV[at.w + 1u]) * scale;
  q[2] = mat4x4f(QKV[at.x + 2u], QKV[at.y + 2u], QKV[at.z + 2u], QKV[at.w + 2u]) * scale;
  q[3] = mat4x4f(QKV[at.x + 3u], QKV[at.y + 3u], QKV[at.z + 3u], QKV[at.w + 3u]) * scale;
  q[4] = mat4x4f(QKV[at.x + 4u], QKV[at.y + 4u], QKV[at.z + 4u], QKV[at.w + 4u]) * scale;
  q[5] = mat4x4f(QKV[at.x + 5u], QKV[at.y + 5u], QKV[at.z + 5u], QKV[at.w + 5u]) * scale;
  q[6] = mat4x4f(QKV[at.x + 6u], QKV[at.y + 6u], QKV[at.z + 6u], QKV[at.w + 6u]) * scale;
  q[7] = mat4x4f(QKV[at.x + 7u], QKV[at.y + 7u], QKV[at.z + 7u], QKV[at.w + 7u]) * scale;
  var g: array<mat4x4f, 8>;
  g[0] = mat4x4f(dO[out.x + 0u], dO[out.y + 0u], dO[out.z + 0u], dO[out.w + 0u]);
  g[1] = mat4x4f(dO[out.x + 1u], dO[out.y + 1u], dO[out.z + 1u], dO[out.w + 1u]);
  g[2] = mat4x4f(dO[out.x + 2u], dO[out.y + 2u], dO[out.z + 2u], dO[out.w + 2u]);
  g[3] = mat4x4f(dO[out.x + 3u], dO[out.y + 3u], dO[out.z + 3u], dO[out.w + 3u]);
  g[4] = mat4x4f(dO[out.x + 4u], dO[out.y + 4u], dO[out.z + 4u], dO[out.w + 4u]);
  g[5] = mat4x4f(dO[out.x + 5u], dO[out.y + 5u], dO[out.z + 5u], dO[out.w + 5u]);
  g[6] = mat4x4f(dO[out.x + 6u], dO[out.y + 6u], dO[out.z + 6u], dO[out.w + 6u]);
  g[7] = mat4x4f(dO[out.x + 7u], dO[out.y + 7u], dO[out.z + 7u], dO[out.w + 7u]);
  var d = vec4f(0.0);
  d += columnDots(g[0], mat4x4f(O[out.x + 0u], O[out.y + 0u], O[out.z + 0u], O[out.w + 0u]));
  d += columnDots(g[1], mat4x4f(O[out.x + 1u], O[out.y + 1u], O[out.z + 1u], O[out.w + 1u]));
  d += columnDots(g[2], mat4x4f(O[out.x + 2u], O[out.y + 2u], O[out.z + 2u], O[out.w + 2u]));
  d += columnDots(g[3], mat4x4f(O[out.x + 3u], O[out.y + 3u], O[out.z + 3u], O[out.w + 3u]));
  d += columnDots(g[4], mat4x4f(O[out.x + 4u], O[out.y + 4u], O[out.z + 4u], O[out.w + 4u]));
  d += columnDots(g[5], mat4x4f(O[out.x + 5u], O[out.y + 5u], O[out.z + 5u], O[out.w + 5u]));
  d += columnDots(g[6], mat4x4f(O[out.x + 6u], O[out.y + 6u], O[out.z + 6u], O[out.w + 6u]));
  d += columnDots(g[7], mat4x4f(O[out.x + 7u], O[out.y + 7u], O[out.z + 7u], O[out.w + 7u]));
  let row = (group.z * params.nHead + group.y) * T;
  let l = row + min(query, vec4u(T - 1u));
  let logSum = LOG2_E * vec4f(L[l.x], L[l.y], L[l.z], L[l.w]);
  if (query.x < T) { delta[l.x] = d.x; }
  if (query.y < T) { delta[l.y] = d.y; }
  if (query.z < T) { delta[l.z] = d.z; }
  if (query.w < T) { delta[l.w] = d.w; }
  var dq: array<mat4x4f, 8>;

#if SPANS
  let firstKey = firstOfFour(group, query);
  let seenByAll = firstOf(group, first + ROWS - 1u); // from here to the diagonal
#endif
  for (var j = firstOf(group, first); j < min(first + ROWS, T); j += 4u) {
    let k = (sequence + min(j + lane, T - 1u)) * (3u * C) + C + head;
    let v = k + C;
    let k0 = quad(QKV[k + 0u]);
    let k1 = quad(QKV[k + 1u]);
    let k2 = quad(QKV[k + 2u]);
    let k3 = quad(QKV[k + 3u]);
    let k4 = quad(QKV[k + 4u]);
    let k5 = quad(QKV[k + 5u]);
    let k6 = quad(QKV[k + 6u]);
    let k7 = quad(QKV[k + 7u]);
    var s = transpose(k0) * q[0]; // s[r][x]: query r against key j + (lane ^ x)
    s = multiplyAdd(s, transpose(k1), q[1]);
    s = multiplyAdd(s, transpose(k2), q[2]);
    s = multiplyAdd(s, transpose(k3), q[3]);
    s = multiplyAdd(s, transpose(k4), q[4]);
    s = multiplyAdd(s, transpose(k5), q[5]);
    s = multiplyAdd(s, transpose(k6), q[6]);
    s = multiplyAdd(s, transpose(k7), q[7]);
    var p = mat4x4f(exp2(s[0] - logSum.x), exp2(s[1] - logSum.y), exp2(s[2] - logSum.z), exp2(s[3] - logSum.w));
#if SPANS
    if (j < seenByAll || j + 4u > first) {
      let key = j + (vec4u(lane) ^ vec4u(0u, 1u, 2u, 3u));
      p[0] = select(vec4f(0.0), p[0], key >= vec4u(firstKey.x));
      p[1] = select(vec4f(0.0), p[1], key >= vec4u(firstKey.y));
      p[2] = select(vec4f(0.0), p[2], key >= vec4u(firstKey.z));
      p[3] = select(vec4f(0.0), p[3], key >= vec4u(firstKey.w));
#else
    if (j + 4u > first) {
      let key = j + (vec4u(lane) ^ vec4u(0u, 1u, 2u, 3u));
#endif
      p[0] = select(vec4f(0.0), p[0], key <= vec4u(query.x));
      p[1] = select(vec4f(0.0), p[1], key <= vec4u(query.y));
      p[2] = select(vec4f(0.0), p[2], key <= vec4u(query.z));
      p[3] = select(vec4f(0.0), p[3], key <= vec4u(query.w));
    }
    var dp = transpose(quad(QKV[v])) * g[0];
    dp = multiplyAdd(dp, transpose(quad(QKV[v + 1u])), g[1]);
    dp = multiplyAdd(dp, transpose(quad(QKV[v + 2u])), g[2]);
    dp = multiplyAdd(dp, transpose(quad(QKV[v + 3u])), g[3]);
    dp = multiplyAdd(dp, transpose(quad(QKV[v + 4u])), g[4]);
    dp = multiplyAdd(dp, transpose(quad(QKV[v + 5u])), g[5]);
    dp = multiplyAdd(dp, transpose(quad(QKV[v + 6u])), g[6]);
    dp = multiplyAdd(dp, transpose(quad(QKV[v + 7u])), g[7]);
    let ds = mat4x4f(p[0] * (dp[0] - d.x), p[1] * (dp[1] - d.y), p[2] * (dp[2] - d.z), p[3] * (dp[3] - d.w));
    dq[0] = multiplyAdd(dq[0], k0, ds);
    dq[1] = multiplyAdd(dq[1], k1, ds);
    dq[2] = multiplyAdd(dq[2], k2, ds);
    dq[3] = multiplyAdd(dq[3], k3, ds);
    dq[4] = multiplyAdd(dq[4], k4, ds);
    dq[5] = multiplyAdd(dq[5], k5, ds);
    dq[6] = multiplyAdd(dq[6], k6, ds);
    dq[7] = multiplyAdd(dq[7], k7, ds);
  }

  store(query, at + 0u, dq[0] * params.scale);
  store(query, at + 1u, dq[1] * params.scale);
  store(query, at + 2u, dq[2] * params.scale);
  store(query, at + 3u, dq[3] * params.scale);
  store(query, at + 4u, dq[4] * params.scale);
  store(query, at + 5u, dq[5] * params.scale);
  store(query, at + 6u, dq[6] * params.scale);
  store(query, at + 7u, dq[7] * params.scale);
}
