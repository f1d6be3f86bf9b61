// attention_decode: a few new queries per sequence against the cached keys and values, their own positions included. With
// p = lengths[b] + t:
//   O[b,t,h] = Σ_{j ≤ p} softmax_j(Q[b,t,h]·K[b,h,j] / sqrt(headDim)) · V[b,h,j]
//   QKV [B, T, 3C] f32, C = nHead · headDim: only the queries, its first C columns, are read here
//   K, V [B, nHead, maxT, headDim] f32: the cache, to which kv_cache_append has added these positions
//   lengths [B] u32: positions before the new ones, less than maxT · O [B, T, C] f32, written
// Any adapter with subgroups, any head dimension that is a multiple of 4 up to 4 · WORKGROUP.
// A workgroup takes one head of one query and walks over the cache once, in tiles of WORKGROUP keys, with the
// softmax's running maximum. For the scores, each invocation takes one key; for the output, one vec4 of the head and
// every (keyStep)-th key. Each invocation keeps its own sums until the end.
// Grid [nHead, B·T]. 4·B·T·nHead·(p+1)·headDim FLOPs, 8·B·T·(p+1)·C bytes.
enable subgroups;

struct Params { nHead: u32, T: u32, maxT: u32, scale: f32 }

override HEAD_VECTORS: u32 = 8u; // headDim / 4
override WORKGROUP: u32 = 64u;
const LOWEST = -3.0e38;

@group(0) @binding(0) var<storage, read> QKV: array<vec4f>;
@group(0) @binding(1) var<storage, read> K: array<vec4f>;
@group(0) @binding(2) var<storage, read> V: array<vec4f>;
@group(0) @binding(3) var<storage, read> lengths: array<u32>;
@group(0) @binding(4) var<storage, read_write> O: array<vec4f>;
@group(0) @binding(5) var<uniform> params: Params;

var<workgroup> probabilities: array<f32, WORKGROUP>;
var<workgroup> partials: array<vec4f, WORKGROUP>;
var<workgroup> ofSubgroup: array<f32, WORKGROUP>; // one number per subgroup: a maximum, at the end a sum

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) local: u32,
  @builtin(subgroup_id) subgroup: u32,
  @builtin(subgroup_invocation_id) lane: u32,
  @builtin(num_subgroups) subgroups: u32,
) {
  let head = group.x;
  let row = group.y;
  let sequence = row / params.T;
  let keys = min(lengths[sequence] + row % params.T + 1u, params.maxT);
  let query = (row * 3u * params.nHead + head) * HEAD_VECTORS;
  let cache = (sequence * params.nHead + head) * params.maxT * HEAD_VECTORS;

  // For the output: this invocation's vec4 of the head, and its keys in a tile (none for surplus invocations).
  let column = local % HEAD_VECTORS;
  let keyStep = WORKGROUP / HEAD_VECTORS;
  let firstKey = local / HEAD_VECTORS;

  var highest = LOWEST;
  var sum = 0.0; // over this invocation's keys
  var output = vec4f(0.0);
  for (var tile = 0u; tile < keys; tile += WORKGROUP) {
    let j = tile + local;
    let key = cache + min(j, keys - 1u) * HEAD_VECTORS;
    var score = 0.0;
    for (var x = 0u; x < HEAD_VECTORS; x++) { score += dot(QKV[query + x], K[key + x]); }
    score = select(LOWEST, score * params.scale, j < keys);

    let most = subgroupMax(score);
    if (lane == 0u) { ofSubgroup[subgroup] = most; }
    workgroupBarrier();
    var risen = highest;
    for (var x = 0u; x < subgroups; x++) { risen = max(risen, ofSubgroup[x]); }
    let shrink = exp(highest - risen);
    highest = risen;
    let p = select(0.0, exp(score - risen), j < keys);
    sum = sum * shrink + p;
    probabilities[local] = p;
    workgroupBarrier();

    output *= shrink;
    if (firstKey < keyStep) {
      for (var x = firstKey; x < min(WORKGROUP, keys - tile); x += keyStep) {
        output += probabilities[x] * V[cache + (tile + x) * HEAD_VECTORS + column];
      }
    }
  }

  // All invocations have read the last maxima, two barriers ago. The last probabilities are not changed again.
  sum = subgroupAdd(sum);
  if (lane == 0u) { ofSubgroup[subgroup] = sum; }
  partials[local] = output;
  workgroupBarrier();
  if (local < HEAD_VECTORS) {
    var total = 0.0;
    for (var x = 0u; x < subgroups; x++) { total += ofSubgroup[x]; }
    var result = vec4f(0.0);
    for (var x = 0u; x < keyStep; x++) { result += partials[x * HEAD_VECTORS + local]; }
    O[(row * params.nHead + head) * HEAD_VECTORS + local] = result / total;
  }
}
