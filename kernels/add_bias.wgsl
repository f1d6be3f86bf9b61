// add_bias: Y[n,c] += bias[c]
//   bias [C] f32 · Y [N,C] f32, read and written; packed f16 with F16; C is then even (it still counts elements)
// One invocation adds to every (grid size)-th item: an element, or with F16 two. Any adapter. NC FLOPs, 8NC bytes.

struct Params { N: u32, C: u32 }

override WORKGROUP: u32 = 64u;

@group(0) @binding(0) var<storage, read> bias: array<f32>;
#if F16
const WIDTH = 2u;
@group(0) @binding(1) var<storage, read_write> Y: array<u32>;
#else
const WIDTH = 1u;
@group(0) @binding(1) var<storage, read_write> Y: array<f32>;
#endif
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let items = params.C / WIDTH;
  for (var i = id.x; i < params.N * items; i += grid.x * WORKGROUP) {
    let c = i % items * WIDTH;
#if F16
    Y[i] = pack2x16float(unpack2x16float(Y[i]) + vec2f(bias[c], bias[c + 1u]));
#else
    Y[i] += bias[c];
#endif
  }
}
