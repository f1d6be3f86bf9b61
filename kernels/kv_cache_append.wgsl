// kv_cache_append: copies the keys and values of new positions after those that the cache holds,
//   K[b, h, lengths[b] + t, :] = QKV[b, t, C + h·headDim ...]     V[b, h, lengths[b] + t, :] = QKV[b, t, 2C + h·headDim ...]
//   QKV [B·T, 3C] f32, C = nHead · headDim: queries, keys, values, head by head
//   lengths [B] u32: positions that each sequence has in the cache already; left as it is
//   K, V [B, nHead, maxT, headDim] f32, written; what would lie past maxT is dropped
// One invocation copies every (grid size)-th vec4 of a key and of its value. Any adapter. 16·B·T·C bytes.

struct Params { N: u32, T: u32, nHead: u32, headDim: u32, maxT: u32 }

override WORKGROUP: u32 = 64u;

@group(0) @binding(0) var<storage, read> QKV: array<vec4f>;
@group(0) @binding(1) var<storage, read> lengths: array<u32>;
@group(0) @binding(2) var<storage, read_write> K: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> V: array<vec4f>;
@group(0) @binding(4) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let headVectors = params.headDim / 4u;
  let C = params.nHead * headVectors; // in vec4
  for (var i = id.x; i < params.N * C; i += grid.x * WORKGROUP) {
    let row = i / C;
    let column = i % C;
    let sequence = row / params.T;
    let position = lengths[sequence] + row % params.T;
    if (position < params.maxT) {
      let head = column / headVectors;
      let to = ((sequence * params.nHead + head) * params.maxT + position) * headVectors + column % headVectors;
      let row_at = row * 3u * C + C + column;
      K[to] = QKV[row_at];
      V[to] = QKV[row_at + C];
    }
  }
}
