// attention_forward.quads: causal attention, heads of D = 32 or 64; for each sequence and head, with i, j < T,
//   S[i,j] = Q[i]·K[j] / sqrt(D), j ≤ i     L[i] = log Σ_j exp(S[i,j])     O[i] = Σ_j exp(S[i,j] - L[i]) · V[j]
//   QKV [B·T, 3C] f32, C = nHead · D: each row has queries, then keys, then values, head by head
//   O [B·T, C] f32, written · L [B, nHead, T] f32, written: the log-sum-exp that the backward pass needs
//   With SPANS, spans [B, T, 2] u32 keep the records of a row apart: see lib/attention-spans.wgsl.
// For software adapters (subgroups of 4 or 8, slow workgroup memory): no barrier, no workgroup memory. A workgroup is
// one quad, or with EIGHT two, which fill a subgroup of 8. A quad takes 16 queries, 4 per invocation. Queries and their
// output stay in registers, as D/4 blocks of 4 dimensions × 4 queries. The workgroup visits the keys once, four at a
// time, with the softmax's running maximum and sum (Milakov and Gimelshein 2018, arXiv:1805.02867). Each invocation
// loads one of the four keys and receives the others from its quad. Everything is unrolled, because an array with a
// variable index does not stay in registers.
// Grid [ceil(T/16), nHead, B], with EIGHT [ceil(T/32), nHead, B]. 2·B·nHead·T·(T+1)·D FLOPs, 16·B·T·C bytes.
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
  var q: array<mat4x4f, HEAD_VECTORS>;
#for d HEAD_VECTORS
  q[${d}] = mat4x4f(QKV[at.x + ${d}u], QKV[at.y + ${d}u], QKV[at.z + ${d}u], QKV[at.w + ${d}u]) * scale;
#end
  var o: array<mat4x4f, HEAD_VECTORS>;
  var highest = vec4f(FLOOR);
  var sum = vec4f(0.0);

#if SPANS
  let firstKey = firstOfFour(group, query);
  let seenByAll = firstOf(group, first + ROWS - 1u); // from here to the diagonal
#endif
  for (var j = firstOf(group, first); j < min(first + ROWS, T); j += 4u) {
    let k = (sequence + min(j + lane, T - 1u)) * (3u * C) + C + head;
    var s = mat4x4f(); // s[r][x]: query r against key j + (lane ^ x)
#for d HEAD_VECTORS
    s = multiplyAdd(s, transpose(quad(QKV[k + ${d}u])), q[${d}]);
#end
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
#for d HEAD_VECTORS
    o[${d}] = multiplyAdd(scaled(o[${d}], shrink), quad(QKV[v + ${d}u]), p);
#end
  }

  let row = (sequence + query) * C + head;
  let inverse = 1.0 / sum;
#for d HEAD_VECTORS
  store(query, row + ${d}u, scaled(o[${d}], inverse));
#end
  let logSum = LN_2 * (highest + log2(sum));
  let l = (group.z * params.nHead + group.y) * T + query;
  if (query.x < T) { L[l.x] = logSum.x; }
  if (query.y < T) { L[l.y] = logSum.y; }
  if (query.z < T) { L[l.z] = logSum.z; }
  if (query.w < T) { L[l.w] = logSum.w; }
}
