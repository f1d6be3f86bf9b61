// layernorm_backward_parameters, first of two stages: sums over a chunk of rows,
//   partial[k,c]   = Σ_n dY[n,c] · x̂[n,c]      (towards dgamma)
//   partial[k,C+c] = Σ_n dY[n,c]               (towards dbeta)      n in chunk k of ROWS rows
//   X [N,C] f32 · dY [N,C] f32, or packed f16 with DY_F16 · stats [N,2] f32: mean, rstd · partial [K,2C] f32, written
// ALIGNED handles four columns at once; C must then be a multiple of 4. DY_F16 requires ALIGNED.
// Each invocation sums one item of one chunk; neighbours read neighbouring columns. The second stage is column_sum.
// The order of summation is fixed, so the bytes are the same each time. Any adapter. 4NC FLOPs, 8NC bytes.

struct Params { N: u32, C: u32, rows: u32 }

override WORKGROUP: u32 = 64u;

#if ALIGNED
alias Item = vec4f;
const WIDTH = 4u;
#else
alias Item = f32;
const WIDTH = 1u;
#endif
@group(0) @binding(0) var<storage, read> X: array<Item>;
@group(0) @binding(1) var<storage, read> stats: array<vec2f>;
#if DY_F16
@group(0) @binding(2) var<storage, read> dY: array<vec2u>;
fn loadDY(at: u32) -> Item { return vec4f(unpack2x16float(dY[at].x), unpack2x16float(dY[at].y)); }
#else
@group(0) @binding(2) var<storage, read> dY: array<Item>;
fn loadDY(at: u32) -> Item { return dY[at]; }
#endif
@group(0) @binding(3) var<storage, read_write> partials: array<Item>;
@group(0) @binding(4) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let items = params.C / WIDTH;
  let chunks = (params.N + params.rows - 1u) / params.rows;
  for (var i = id.x; i < chunks * items; i += grid.x * WORKGROUP) {
    let chunk = i / items;
    let c = i % items;
    let end = min((chunk + 1u) * params.rows, params.N);
    var d_gamma = Item();
    var d_beta = Item();
    for (var row = chunk * params.rows; row < end; row++) {
      let d = loadDY(row * items + c);
      d_gamma += d * (X[row * items + c] - stats[row].x) * stats[row].y;
      d_beta += d;
    }
    partials[chunk * 2u * items + c] = d_gamma;
    partials[chunk * 2u * items + items + c] = d_beta;
  }
}
