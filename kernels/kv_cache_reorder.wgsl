// kv_cache_reorder: gives each sequence the keys and values of another one,
//   K[b, h, t, :] := K[parents[b], h, t, :]     the same for V, with span[0] ≤ t < span[1]
//   K, V [B, nHead, maxT, headDim] f32, read and written, B ≤ 16 · parents [B] u32, each below B · span [2] u32
// Each invocation takes every (grid size)-th vec4 of a head and position, for all sequences. It reads all of them
// before it writes any, so no second cache is needed. Any adapter. 16·B·(span)·C bytes.

struct Params { B: u32, nHead: u32, headDim: u32, maxT: u32 }

override WORKGROUP: u32 = 64u;
const MAX_SEQUENCES = 16u;

@group(0) @binding(0) var<storage, read_write> K: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> V: array<vec4f>;
@group(0) @binding(2) var<storage, read> parents: array<u32>;
@group(0) @binding(3) var<storage, read> span: array<u32>;
@group(0) @binding(4) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let headVectors = params.headDim / 4u;
  let end = min(span[1], params.maxT);
  let positions = end - min(span[0], end);
  let sequence = params.nHead * params.maxT * headVectors; // stride between sequences, in vec4
  var keys: array<vec4f, MAX_SEQUENCES>;
  var values: array<vec4f, MAX_SEQUENCES>;
  for (var i = id.x; i < params.nHead * positions * headVectors; i += grid.x * WORKGROUP) {
    let head = i / (positions * headVectors);
    let at = (head * params.maxT + span[0]) * headVectors + i % (positions * headVectors);
    for (var b = 0u; b < params.B; b++) {
      keys[b] = K[b * sequence + at];
      values[b] = V[b * sequence + at];
    }
    for (var b = 0u; b < params.B; b++) {
      if (parents[b] != b) {
        K[b * sequence + at] = keys[parents[b]];
        V[b * sequence + at] = values[parents[b]];
      }
    }
  }
}
