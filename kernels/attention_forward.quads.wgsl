// attention_forward.quads: causal attention, head dimension 32; for each sequence and head, with i, j < T,
//   S[i,j] = Q[i]·K[j] / sqrt(32), j ≤ i     L[i] = log Σ_j exp(S[i,j])     O[i] = Σ_j exp(S[i,j] - L[i]) · V[j]
//   QKV [B·T, 3C] f32, C = nHead · 32: each row has queries, then keys, then values, head by head
//   O [B·T, C] f32, written · L [B, nHead, T] f32, written: the log-sum-exp that the backward pass needs
//   With SPANS, spans [B, T, 2] u32 keep the records of a row apart: see lib/attention-spans.wgsl.
// For software adapters (subgroups of 4 or 8, slow workgroup memory): no barrier, no workgroup memory. A workgroup is
// one quad, or with EIGHT two, which fill a subgroup of 8. A quad takes 16 queries, 4 per invocation. Queries and their
// output stay in registers, as 8 blocks of 4 dimensions × 4 queries. The workgroup visits the keys once, four at a
// time, with the softmax's running maximum and sum (Milakov and Gimelshein 2018, arXiv:1805.02867). Each invocation
// loads one of the four keys and receives the others from its quad. Everything is unrolled, because an array with a
// variable index does not stay in registers.
// Grid [ceil(T/16), nHead, B], with EIGHT [ceil(T/32), nHead, B]. 2·B·nHead·T·(T+1)·32 FLOPs, 16·B·T·C bytes.
enable subgroups;

struct Params { T: u32, nHead: u32, scale: f32 }

#include "lib/attention-quads.wgsl"
#include "lib/attention-spans.wgsl"

const LN_2 = 0.6931471805599453;
const LOWEST = -3.0e38; // a masked score
const FLOOR = -1.0e38; // of the running maximum: relative to it, a masked score has no weight

@group(0) @binding(0) var<storage, read> QKV: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> O: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> L: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

// Multiplies column r by factor[r].
fn scaled(m: mat4x4f, factor: vec4f) -> mat4x4f {
  return mat4x4f(m[0] * factor.x, m[1] * factor.y, m[2] * factor.z, m[3] * factor.w);
}

// Writes column r to O[at[r]] if query[r] exists.
fn store(query: vec4u, at: vec4u, block: mat4x4f) {
  if (query.x < params.T) { O[at.x] = block[0]; }
  if (query.y < params.T) { O[at.y] = block[1]; }
  if (query.z < params.T) { O[at.z] = block[2]; }
  if (query.w < params.T) { O[at.w] = block[3]; }
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
  let at = (sequence + min(query, vec4u(T - 1u))) * (3u * C) + head;
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
  var o: array<mat4x4f, 8>;
  var highest = vec4f(FLOOR);
  var sum = vec4f(0.0);

#if SPANS
  let firstKey = firstOfFour(group, query);
  let seenByAll = firstOf(group, first + ROWS - 1u); // from here to the diagonal
#endif
  for (var j = firstOf(group, first); j < min(first + ROWS, T); j += 4u) {
    let k = (sequence + min(j + lane, T - 1u)) * (3u * C) + C + head;
    var s = transpose(quad(QKV[k])) * q[0]; // s[r][x]: query r against key j + (lane ^ x)
    s = multiplyAdd(s, transpose(quad(QKV[k + 1u])), q[1]);
    s = multiplyAdd(s, transpose(quad(QKV[k + 2u])), q[2]);
    s = multiplyAdd(s, transpose(quad(QKV[k + 3u])), q[3]);
    s = multiplyAdd(s, transpose(quad(QKV[k + 4u])), q[4]);
    s = multiplyAdd(s, transpose(quad(QKV[k + 5u])), q[5]);
    s = multiplyAdd(s, transpose(quad(QKV[k + 6u])), q[6]);
    s = multiplyAdd(s, transpose(quad(QKV[k + 7u])), q[7]);
#if SPANS
    if (j < seenByAll || j + 4u > first) {
      let key = j + (vec4u(lane) ^ vec4u(0u, 1u, 2u, 3u));
      s[0] = select(vec4f(LOWEST), s[0], key >= vec4u(firstKey.x));
      s[1] = select(vec4f(LOWEST), s[1], key >= vec4u(firstKey.y));
      s[2] = select(vec4f(LOWEST), s[2], key >= vec4u(firstKey.z));
      s[3] = select(vec4f(LOWEST), s[3], key >= vec4u(firstKey.w));
#else
    if (j + 4u > first) {
      let key = j + (vec4u(lane) ^ vec4u(0u, 1u, 2u, 3u));
#endif
      s[0] = select(vec4f(LOWEST), s[0], key <= vec4u(query.x));
      s[1] = select(vec4f(LOWEST), s[1], key <= vec4u(query.y));
      s[2] = select(vec4f(LOWEST), s[2], key <= vec4u(query.z));
      s[3] = select(vec4f(LOWEST), s[3], key <= vec4u(query.w));
    }
    let byKey = transpose(s);
    let risen = max(highest, max(max(byKey[0], byKey[1]), max(byKey[2], byKey[3])));
    let shrink = exp2(highest - risen);
    highest = risen;
    let p = mat4x4f(exp2(s[0] - risen.x), exp2(s[1] - risen.y), exp2(s[2] - risen.z), exp2(s[3] - risen.w));
    sum = sum * shrink + vec4f(1.0) * p;
    let v = k + C;
    o[0] = multiplyAdd(scaled(o[0], shrink), quad(QKV[v + 0u]), p);
    o[1] = multiplyAdd(scaled(o[1], shrink), quad(QKV[v + 1u]), p);
    o[2] = multiplyAdd(scaled(o[2], shrink), quad(QKV[v + 2u]), p);
    o[3] = multiplyAdd(scaled(o[3], shrink), quad(QKV[v + 3u]), p);
    o[4] = multiplyAdd(scaled(o[4], shrink), quad(QKV[v + 4u]), p);
    o[5] = multiplyAdd(scaled(o[5], shrink), quad(QKV[v + 5u]), p);
    o[6] = multiplyAdd(scaled(o[6], shrink), quad(QKV[v + 6u]), p);
    o[7] = multiplyAdd(scaled(o[7], shrink), quad(QKV[v + 7u]), p);
  }

  let row = (sequence + query) * C + head;
  let inverse = 1.0 / sum;
  store(query, row + 0u, scaled(o[0], inverse));
  store(query, row + 1u, scaled(o[1], inverse));
  store(query, row + 2u, scaled(o[2], inverse));
  store(query, row + 3u, scaled(o[3], inverse));
  store(query, row + 4u, scaled(o[4], inverse));
  store(query, row + 5u, scaled(o[5], inverse));
  store(query, row + 6u, scaled(o[6], inverse));
  store(query, row + 7u, scaled(o[7], inverse));
  let logSum = LN_2 * (highest + log2(sum));
  let l = (group.z * params.nHead + group.y) * T + query;
  if (query.x < T) { L[l.x] = logSum.x; }
  if (query.y < T) { L[l.y] = logSum.y; }
  if (query.z < T) { L[l.z] = logSum.z; }
  if (query.w < T) { L[l.w] = logSum.w; }
}
