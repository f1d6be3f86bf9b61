// matmul.f32: C[b] = op(A[b]) · op(B[b]),   op(X) = X or Xᵀ
//   A [batch, M,K] f32 ([batch, K,M] with TRANSPOSE_A) · B [batch, K,N] f32 ([batch, N,K] with TRANSPOSE_B)
//   C [batch, M,N] f32, written (added to with ACCUMULATE)
// Made for GPUs. A workgroup takes a tile of 128 × 64 of C with 256 invocations, each 8 × 4 of it in registers, and
// walks K in steps of 16: both tiles of a step lie in workgroup memory (12.5 KiB), and while they are multiplied the
// next ones are already on their way into registers. Any shape: what lies outside is read as 0 and not stored.
// Grid [ceil(N/64), ceil(M/128), batch]. 2MNK FLOPs a batch; A is read N/64 times, B M/128 times.

struct Params { M: u32, N: u32, K: u32 }

const TILE_M = 128u;
const TILE_N = 64u;
const TILE_K = 16u;
const INVOCATIONS = 256u;
const ROWS = 8u;     // of C, an invocation: neighbours, so that a subgroup reads few values of A
const COLUMNS = 4u;  // of C, an invocation: LANES apart, so that a subgroup reads and writes neighbours
const LANES = 16u;   // invocations side by side in a tile
const LOADS_A = 8u;  // TILE_M · TILE_K / INVOCATIONS
const LOADS_B = 4u;  // TILE_N · TILE_K / INVOCATIONS
// One more than the tile's width: a column of the tile then falls into as many banks of workgroup memory as rows.
const PITCH_A = TILE_M + 1u;
const PITCH_B = TILE_N + 1u;

@group(0) @binding(0) var<storage, read> A: array<f32>;
@group(0) @binding(1) var<storage, read> B: array<f32>;
@group(0) @binding(2) var<storage, read_write> C: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

var<workgroup> tileA: array<f32, TILE_K * PITCH_A>; // [k][m]
var<workgroup> tileB: array<f32, TILE_K * PITCH_B>; // [k][n]

// Place in a tile of the invocation's i-th load: .x along M or N, .y along K. Neighbours load neighbours in memory.
fn placeA(i: u32, index: u32) -> vec2u {
  let e = i * INVOCATIONS + index;
#if TRANSPOSE_A
  return vec2u(e % TILE_M, e / TILE_M);
#else
  return vec2u(e / TILE_K, e % TILE_K);
#endif
}
fn placeB(i: u32, index: u32) -> vec2u {
  let e = i * INVOCATIONS + index;
#if TRANSPOSE_B
  return vec2u(e / TILE_K, e % TILE_K);
#else
  return vec2u(e % TILE_N, e / TILE_N);
#endif
}

fn loadA(batch: u32, m: u32, k: u32) -> f32 {
  if (m >= params.M || k >= params.K) { return 0.0; }
#if TRANSPOSE_A
  return A[batch * params.M * params.K + k * params.M + m];
#else
  return A[batch * params.M * params.K + m * params.K + k];
#endif
}
fn loadB(batch: u32, n: u32, k: u32) -> f32 {
  if (n >= params.N || k >= params.K) { return 0.0; }
#if TRANSPOSE_B
  return B[batch * params.K * params.N + n * params.K + k];
#else
  return B[batch * params.K * params.N + k * params.N + n];
#endif
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_index) index: u32) {
  let batch = tile.z;
  let firstM = tile.y * TILE_M;
  let firstN = tile.x * TILE_N;
  let m = index / LANES * ROWS;
  let n = index % LANES;

  var nextA: array<f32, LOADS_A>;
  var nextB: array<f32, LOADS_B>;
  var sum: array<vec4f, ROWS>; // row i; component j is column n + j · LANES
  for (var i = 0u; i < LOADS_A; i++) {
    let place = placeA(i, index);
    nextA[i] = loadA(batch, firstM + place.x, place.y);
  }
  for (var i = 0u; i < LOADS_B; i++) {
    let place = placeB(i, index);
    nextB[i] = loadB(batch, firstN + place.x, place.y);
  }
  for (var start = 0u; start < params.K; start += TILE_K) {
    workgroupBarrier();
    for (var i = 0u; i < LOADS_A; i++) {
      let place = placeA(i, index);
      tileA[place.y * PITCH_A + place.x] = nextA[i];
    }
    for (var i = 0u; i < LOADS_B; i++) {
      let place = placeB(i, index);
      tileB[place.y * PITCH_B + place.x] = nextB[i];
    }
    workgroupBarrier();
    let following = start + TILE_K;
    if (following < params.K) {
      for (var i = 0u; i < LOADS_A; i++) {
        let place = placeA(i, index);
        nextA[i] = loadA(batch, firstM + place.x, following + place.y);
      }
      for (var i = 0u; i < LOADS_B; i++) {
        let place = placeB(i, index);
        nextB[i] = loadB(batch, firstN + place.x, following + place.y);
      }
    }
    for (var k = 0u; k < TILE_K; k++) {
      let b = vec4f(
        tileB[k * PITCH_B + n],
        tileB[k * PITCH_B + n + LANES],
        tileB[k * PITCH_B + n + 2 * LANES],
        tileB[k * PITCH_B + n + 3 * LANES],
      );
      for (var i = 0u; i < ROWS; i++) { sum[i] += tileA[k * PITCH_A + m + i] * b; }
    }
  }

  for (var i = 0u; i < ROWS; i++) {
    for (var j = 0u; j < COLUMNS; j++) {
      let row = firstM + m + i;
      let column = firstN + n + j * LANES;
      if (row < params.M && column < params.N) {
        let at = batch * params.M * params.N + row * params.N + column;
#if ACCUMULATE
        C[at] += sum[i][j];
#else
        C[at] = sum[i][j];
#endif
      }
    }
  }
}
