// attention_backward_dkv.matrix: the gradients of keys and values on matrix units, causal, from the forward pass's
//   log-sum-exp L; with i ≥ j:
//   P[i,j] = exp(Q[i]·K[j] / sqrt(headDim) - L[i])   dV[j] = Σ_i P[i,j] · dO[i]
//   dS[i,j] = P[i,j] · (dO[i]·V[j] - delta[i])       dK[j] = Σ_i dS[i,j] · Q[i] / sqrt(headDim)
//   QKV [B·T, 3C] packed f16, C = nHead · headDim: queries, keys, values, head by head · dO [B·T, C] packed f16
//   L, delta [B, nHead, T] f32; delta comes from attention_backward_dq
//   dQKV [B·T, 3C] packed f16: the key and value columns are written (added to with ACCUMULATE)
//   With SPANS, spans [B, T, 2] u32 keep the records of a row apart: see lib/attention-spans.wgsl.
// For adapters with matrix units of 16 × 16 × 16 (MATRIX) or 8 × 8 × 8 (MATRIX and MATRIX_8). headDim is a multiple of
// 8, up to 64, or up to 128 with HEAD_128. Without MATRIX, any adapter emulates the same loads, stores and loops: see
// lib/attention-matrix.wgsl.
// A workgroup takes 64 keys of one head, SIZE per subgroup. Their K and V stay in matrices while it visits the queries
// from the diagonal onwards, 32 at a time (16 with HEAD_128, to save workgroup memory). Blocks of Sᵀ = K·Qᵀ and V·dOᵀ
// go through workgroup memory, where SHARE lanes share a key and write Pᵀ and dSᵀ as f16 for the last products. No two
// subgroups write the same number, so sums need no atomics and have a fixed order. UNROLLED: see lib/attention-matrix.wgsl.
// Grid [ceil(T/64), nHead, B]. 4·B·nHead·T·(T+1)·headDim FLOPs, 12·B·T·C bytes.
#if MATRIX
enable f16;
enable chromium_experimental_subgroup_matrix;
#endif

struct Params { T: u32, nHead: u32, scale: f32 }

#include "lib/attention-spans.wgsl"
#include "lib/attention-matrix.wgsl"
#include "lib/attention-gradient-matrix.wgsl"

const KEYS = 64u; // per workgroup
#if HEAD_128
const STEP = 16u; // queries
#else
const STEP = 32u;
#endif
// In units of 8 elements, one more than a row needs, so that rows start in different banks.
const WEIGHT_PITCH = STEP / 8u + 1u;
const RESULT_PITCH = SIZE + 4u; // in elements
const LOADS = 2u * STEP * (HEAD / 8u) / INVOCATIONS; // per invocation and step
const KEY_LOADS = KEYS * (HEAD / 8u) / INVOCATIONS;
const PARTS = KEYS * WEIGHT_PITCH; // where dSᵀ begins, after Pᵀ

@group(0) @binding(0) var<storage, read> QKV: array<vec4u>;
@group(0) @binding(1) var<storage, read> L: array<f32>;
@group(0) @binding(2) var<storage, read> dO: array<vec4u>;
@group(0) @binding(3) var<storage, read> delta: array<f32>;
@group(0) @binding(4) var<storage, read_write> dQKV: array<vec4u>;
@group(0) @binding(5) var<uniform> params: Params;

var<workgroup> staged: array<vec4u, KEYS * PITCH>; // at first keys, then values; later queries and their dO
var<workgroup> weights: array<vec4u, 2u * PARTS>; // Pᵀ, dSᵀ
var<workgroup> results: array<f32, KEYS * RESULT_PITCH>;
var<workgroup> logSums: array<f32, STEP>;
var<workgroup> deltas: array<f32, STEP>;

#if UNROLLED
fn logSumsOf(at: u32) -> vec4f { return vec4f(logSums[at], logSums[at + 1u], logSums[at + 2u], logSums[at + 3u]); }
fn deltasOf(at: u32) -> vec4f { return vec4f(deltas[at], deltas[at + 1u], deltas[at + 2u], deltas[at + 3u]); }
#endif

// Part 0 is dK, 1 is dV.
fn write(group: vec3u, part: u32, key: u32, eight: u32, ownResults: u32, lane: u32) {
  if (key < params.T && eight < HEAD_EIGHTS) {
    let C = params.nHead * HEAD_EIGHTS;
    var gradient = mine(ownResults, lane);
    let factor = select(1.0, params.scale, part == 0u);
    gradient[0] *= factor;
    gradient[1] *= factor;
    put((group.z * params.T + key) * 3u * C + (1u + part) * C + group.y * HEAD_EIGHTS + eight, gradient);
  }
}

@compute @workgroup_size(INVOCATIONS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) local: u32,
#if MATRIX
  @builtin(subgroup_id) subgroup: u32,
  @builtin(subgroup_invocation_id) lane: u32,
#endif
) {
#if MATRIX
#else
  let subgroup = local / SUBGROUP;
  let lane = local % SUBGROUP;
#endif
  let T = params.T;
  let first = group.x * KEYS;
  let key = first + subgroup * SIZE + lane / SHARE; // SHARE neighbouring lanes share it
  let ownWeights = subgroup * SIZE * WEIGHT_PITCH;
  let ownResults = subgroup * SIZE * RESULT_PITCH;

#if UNROLLED
#for d BLOCKS
  var keys${d}: Left;
  var values${d}: Left;
#end
#else
  var keys: array<Left, BLOCKS>;
  var values: array<Left, BLOCKS>;
#endif
  for (var part = 0u; part < 2u; part++) {
    workgroupBarrier();
    for (var i = 0u; i < KEY_LOADS; i++) {
      let item = i * INVOCATIONS + local;
      let at = vec2u(item / (HEAD / 8u), item % (HEAD / 8u));
      staged[at.x * PITCH + at.y] = load(group, 1u + part, first + at.x, at.y);
    }
    workgroupBarrier();
#if UNROLLED
#for d BLOCKS
    let block${d} = leftOfStaged(subgroup * SIZE * PITCH + SHARE * ${d}u, lane);
    if (part == 0u) { keys${d} = block${d}; } else { values${d} = block${d}; }
#end
#else
    for (var d = 0u; d < BLOCKS; d++) {
      let block = leftOfStaged(subgroup * SIZE * PITCH + SHARE * d, lane);
      if (part == 0u) { keys[d] = block; } else { values[d] = block; }
    }
#endif
  }

  let end = endOf(group, key);
#if UNROLLED
#for d BLOCKS
  var dK${d} = Result();
  var dV${d} = Result();
#end
#else
  var dK: array<Result, BLOCKS>;
  var dV: array<Result, BLOCKS>;
#endif
  for (var i0 = first; i0 < endOf(group, first + KEYS - 1u); i0 += STEP) {
    workgroupBarrier();
    for (var i = 0u; i < LOADS; i++) {
      let item = i * INVOCATIONS + local;
      let at = vec2u(item / (HEAD / 8u), item % (HEAD / 8u)); // rows: the step's queries, then their dO
      if (at.x < STEP) {
        staged[at.x * PITCH + at.y] = load(group, 0u, i0 + at.x, at.y);
      } else {
        staged[at.x * PITCH + at.y] = loadDO(group, i0 + at.x - STEP, at.y);
      }
    }
    if (local < STEP && i0 + local < T) {
      let at = (group.z * params.nHead + group.y) * T + i0 + local;
      logSums[local] = L[at];
      deltas[local] = delta[at];
    }
    workgroupBarrier();
    for (var k = 0u; k < STEP; k += SIZE) {
      var s = Result();
      var dp = Result();
#if UNROLLED
#for d BLOCKS
      s = multiplyAdd(keys${d}, stagedColumns(k * PITCH + SHARE * ${d}u), s, lane);
      dp = multiplyAdd(values${d}, stagedColumns((STEP + k) * PITCH + SHARE * ${d}u), dp, lane);
#end
#else
      for (var d = 0u; d < BLOCKS; d++) {
        s = multiplyAdd(keys[d], stagedColumns(k * PITCH + SHARE * d), s, lane);
        dp = multiplyAdd(values[d], stagedColumns((STEP + k) * PITCH + SHARE * d), dp, lane);
      }
#endif
      workgroupBarrier();
      storeResult(ownResults, s, lane);
      workgroupBarrier();
      var p = mine(ownResults, lane);
      workgroupBarrier();
      storeResult(ownResults, dp, lane);
      workgroupBarrier();
      var ds = mine(ownResults, lane);
#if UNROLLED
      let query = i0 + k + lane % SHARE * 8u + vec4u(0u, 1u, 2u, 3u);
      let at = k + lane % SHARE * 8u;
#for x HALVES
      let counts${x} = (query + 4u * ${x}u >= vec4u(key)) & (query + 4u * ${x}u < vec4u(end));
      let weights${x} = exp(p[${x}] * params.scale - logSumsOf(at + 4u * ${x}u));
      p[${x}] = select(vec4f(), weights${x}, counts${x});
      ds[${x}] = select(vec4f(), weights${x} * (ds[${x}] - deltasOf(at + 4u * ${x}u)), counts${x});
#end
#else
      for (var x = 0u; x < 8u; x++) {
        let of_step = k + lane % SHARE * 8u + x;
        let query = i0 + of_step;
        let counts = key <= query && query < end;
        let weight = select(0.0, exp(p[x / 4u][x % 4u] * params.scale - logSums[of_step]), counts);
        p[x / 4u][x % 4u] = weight;
        ds[x / 4u][x % 4u] = select(0.0, weight * (ds[x / 4u][x % 4u] - deltas[of_step]), counts);
      }
#endif
      let to = ownWeights + lane / SHARE * WEIGHT_PITCH + k / 8u + lane % SHARE;
      weights[to] = pack(p[0], p[1]);
      weights[PARTS + to] = pack(ds[0], ds[1]);
    }
    workgroupBarrier();
    for (var k = 0u; k < STEP; k += SIZE) {
      let p = leftOfWeights(ownWeights + k / 8u, lane);
      let ds = leftOfWeights(PARTS + ownWeights + k / 8u, lane);
#if UNROLLED
#for d BLOCKS
      dV${d} = multiplyAdd(p, stagedRows((STEP + k) * PITCH + SHARE * ${d}u), dV${d}, lane);
      dK${d} = multiplyAdd(ds, stagedRows(k * PITCH + SHARE * ${d}u), dK${d}, lane);
#end
#else
      for (var d = 0u; d < BLOCKS; d++) {
        dV[d] = multiplyAdd(p, stagedRows((STEP + k) * PITCH + SHARE * d), dV[d], lane);
        dK[d] = multiplyAdd(ds, stagedRows(k * PITCH + SHARE * d), dK[d], lane);
      }
#endif
    }
  }

#if UNROLLED
#for d BLOCKS
  workgroupBarrier();
  storeResult(ownResults, dK${d}, lane);
  workgroupBarrier();
  write(group, 0u, key, SHARE * ${d}u + lane % SHARE, ownResults, lane);
  workgroupBarrier();
  storeResult(ownResults, dV${d}, lane);
  workgroupBarrier();
  write(group, 1u, key, SHARE * ${d}u + lane % SHARE, ownResults, lane);
#end
#else
  for (var d = 0u; d < BLOCKS; d++) {
    for (var part = 0u; part < 2u; part++) {
      workgroupBarrier();
      if (part == 0u) { storeResult(ownResults, dK[d], lane); } else { storeResult(ownResults, dV[d], lane); }
      workgroupBarrier();
      write(group, part, key, SHARE * d + lane % SHARE, ownResults, lane);
    }
  }
#endif
}
