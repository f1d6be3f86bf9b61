// layernorm_backward, with x̂ = (X - mean) · rstd and g = dY · gamma:
//   dX[n,c] = rstd[n] · (g - mean_c(g) - x̂ · mean_c(g · x̂))
//   X [N,C] f32 · dY [N,C] f32, or packed f16 with DY_F16 · gamma [C] f32 · stats [N,2] f32: mean, rstd
//   dX [N,C] f32, written (added to with ACCUMULATE)
// With RMS (RMSNorm) the mean counts as 0, so mean_c(g) is not subtracted.
// ALIGNED handles four columns at once; C must then be a multiple of 4. DY_F16 requires ALIGNED.
// One subgroup takes a row; its lanes stride over the items. Any adapter with subgroups. 14NC FLOPs, 12NC bytes.
enable subgroups;

struct Params { N: u32, C: u32 }

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
@group(0) @binding(2) var<storage, read> stats: array<vec2f>;
#if DY_F16
@group(0) @binding(3) var<storage, read> dY: array<vec2u>;
fn loadDY(at: u32) -> Item { return vec4f(unpack2x16float(dY[at].x), unpack2x16float(dY[at].y)); }
#else
@group(0) @binding(3) var<storage, read> dY: array<Item>;
fn loadDY(at: u32) -> Item { return dY[at]; }
#endif
@group(0) @binding(4) var<storage, read_write> dX: array<Item>;
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
    let mean = stats[row].x;
    let rstd = stats[row].y;
    var sum_g = 0.0;
    var sum_gx = 0.0;
    for (var c = lane; c < items; c += lanes) {
      let g = loadDY(start + c) * gamma[c];
      sum_g += total(g);
      sum_gx += total(g * (X[start + c] - mean) * rstd);
    }
#if RMS
    let mean_g = 0.0;
#else
    let mean_g = subgroupAdd(sum_g) / f32(params.C);
#endif
    let mean_gx = subgroupAdd(sum_gx) / f32(params.C);
    for (var c = lane; c < items; c += lanes) {
      let g = loadDY(start + c) * gamma[c];
      let d = rstd * (g - mean_g - (X[start + c] - mean) * rstd * mean_gx);
#if ACCUMULATE
      dX[start + c] += d;
#else
      dX[start + c] = d;
#endif
    }
  }
}
