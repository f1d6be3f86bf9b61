// mask_columns: writes the lowest f32 to the columns from `end` onwards, so that softmax gives them a probability of 0
//   X [N,V] f32, columns end … V-1 overwritten
// Each invocation writes every (grid size)-th element. Any adapter. 0 FLOPs, 4N(V - end) bytes.

struct Params { N: u32, V: u32, end: u32 }

override WORKGROUP: u32 = 64u;
const LOWEST = -3.4028234e38;

@group(0) @binding(0) var<storage, read_write> X: array<f32>;
@group(0) @binding(1) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let columns = params.V - params.end;
  for (var i = id.x; i < params.N * columns; i += grid.x * WORKGROUP) {
    X[(i / columns) * params.V + params.end + i % columns] = LOWEST;
  }
}
