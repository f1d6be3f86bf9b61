// layernorm_forward: Y[n,c] = (X[n,c] - mean[n]) · rstd[n] · gamma[c] + beta[c]
//   X [N,C] f32 · gamma, beta [C] f32 · Y [N,C] f32, or packed f16 with Y_F16, written
//   stats [N,2] f32, written: mean and 1/sqrt(variance + eps) of each row, for the backward pass
// With RMS (RMSNorm) the mean counts as 0, and there is no beta.
// ALIGNED handles four columns at once; C must then be a multiple of 4. Y_F16 requires ALIGNED.
// One subgroup takes a row; its lanes stride over the items, without barriers or workgroup memory. The variance is
// summed around the mean (a second pass over the row, from cache), because E[x²] - E[x]² suffers from cancellation.
// Any adapter with subgroups. 8NC FLOPs, 8NC bytes.
enable subgroups;

struct Params { N: u32, C: u32, eps: f32 }

override WORKGROUP: u32 = 64u;

#if ALIGNED
alias Item = vec4f;
const WIDTH = 4u;
fn total(item: Item) -> f32 { return dot(item, vec4f(1.0)); }
#else
alias Item = f32;
const WIDTH = 1u;
fn total(item: Item) -> f32 { return item; }
#endif
@group(0) @binding(0) var<storage, read> X: array<Item>;
@group(0) @binding(1) var<storage, read> gamma: array<Item>;
#if RMS
fn shift(c: u32) -> Item { return Item(); }
#else
@group(0) @binding(2) var<storage, read> beta: array<Item>;
fn shift(c: u32) -> Item { return beta[c]; }
#endif
#if Y_F16
@group(0) @binding(3) var<storage, read_write> Y: array<vec2u>;
fn store(at: u32, y: Item) { Y[at] = vec2u(pack2x16float(y.xy), pack2x16float(y.zw)); }
#else
@group(0) @binding(3) var<storage, read_write> Y: array<Item>;
fn store(at: u32, y: Item) { Y[at] = y; }
#endif
@group(0) @binding(4) var<storage, read_write> stats: array<vec2f>;
@group(0) @binding(5) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(subgroup_id) subgroup: u32,
  @builtin(num_subgroups) subgroups: u32,
  @builtin(subgroup_invocation_id) lane: u32,
  @builtin(subgroup_size) lanes: u32,
) {
  let items = params.C / WIDTH;
  for (var row = group.x * subgroups + subgroup; row < params.N; row += grid.x * subgroups) {
    let start = row * items;
#if RMS
    let mean = 0.0;
#else
    var sum = 0.0;
    for (var c = lane; c < items; c += lanes) { sum += total(X[start + c]); }
    let mean = subgroupAdd(sum) / f32(params.C);
#endif
    var squares = 0.0;
    for (var c = lane; c < items; c += lanes) {
      let centred = X[start + c] - mean;
      squares += total(centred * centred);
    }
    let rstd = 1.0 / sqrt(subgroupAdd(squares) / f32(params.C) + params.eps);
    for (var c = lane; c < items; c += lanes) {
      store(start + c, (X[start + c] - mean) * rstd * gamma[c] + shift(c));
    }
    if (lane == 0u) { stats[row] = vec2f(mean, rstd); }
  }
}
