// layernorm_backward_parameters, first of two stages: sums over a chunk of rows,
//   partial[k,c]   = Σ_n dY[n,c] · x̂[n,c]      (towards dgamma)
//   partial[k,C+c] = Σ_n dY[n,c]               (towards dbeta)      n in chunk k of ROWS rows
//   X, dY [N,C] f32 · stats [N,2] f32: mean, rstd · partial [K,2C] f32, written
// One invocation takes one column of one chunk: neighbours read neighbouring columns. The second stage is
// column_sum. Fixed order of summation, so the same bytes each time. Any adapter. 4NC FLOPs, 8NC bytes.

struct Params { N: u32, C: u32, rows: u32 }

override WORKGROUP: u32 = 64u;

@group(0) @binding(0) var<storage, read> X: array<f32>;
@group(0) @binding(1) var<storage, read> stats: array<vec2f>;
@group(0) @binding(2) var<storage, read> dY: array<f32>;
@group(0) @binding(3) var<storage, read_write> partials: array<f32>;
@group(0) @binding(4) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let C = params.C;
  let chunks = (params.N + params.rows - 1u) / params.rows;
  for (var i = id.x; i < chunks * C; i += grid.x * WORKGROUP) {
    let chunk = i / C;
    let c = i % C;
    let end = min((chunk + 1u) * params.rows, params.N);
    var d_gamma = 0.0;
    var d_beta = 0.0;
    for (var row = chunk * params.rows; row < end; row++) {
      let d = dY[row * C + c];
      d_gamma += d * (X[row * C + c] - stats[row].x) * stats[row].y;
      d_beta += d;
    }
    partials[chunk * 2u * C + c] = d_gamma;
    partials[chunk * 2u * C + C + c] = d_beta;
  }
}
