// embedding_forward: Y[n,c] = W[tokens[n], c]
//   W [rows,C] f32: the rows of the table [V,C] from `first` onwards; other dispatches serve other tokens
//   tokens [N] u32, each below V · Y [N,C] f32, written
// Each invocation copies every (grid size)-th element. A token outside the vocabulary gives NaN, which reaches the
// loss. Any adapter. 0 FLOPs, 8NC bytes.

struct Params { N: u32, C: u32, V: u32, first: u32, rows: u32 }

override WORKGROUP: u32 = 64u;

@group(0) @binding(0) var<storage, read> W: array<f32>;
@group(0) @binding(1) var<storage, read> tokens: array<u32>;
@group(0) @binding(2) var<storage, read_write> Y: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  for (var i = id.x; i < params.N * params.C; i += grid.x * WORKGROUP) {
    let token = tokens[i / params.C];
    let row = token - params.first; // wraps to a huge number for a token below `first`
    if (row < params.rows) {
      Y[i] = W[row * params.C + i % params.C];
    } else if (token >= params.V) {
      Y[i] = bitcast<f32>(0x7fc00000u | (params.N & 0u)); // NaN; as a constant it would not compile
    }
  }
}
