// The tiles of a product on matrix units: how operands and results are loaded and stored as matrices, and how tiles of A
// and B get into workgroup memory. The kernel declares the bindings, the memory of the tiles, their pitches, and the flags.

#if MATRIX
fn loadLeft(at: u32) -> Left {
#if BARE
#if TRANSPOSE_A
  return subgroupMatrixLoad<Left, col_major>(&A, at, params.M / 8u);
#else
  return subgroupMatrixLoad<Left, row_major>(&A, at, params.K / 8u);
#endif
#else
#if TRANSPOSE_A
  return subgroupMatrixLoad<Left, col_major>(&tiles, at, PITCH_A);
#else
  return subgroupMatrixLoad<Left, row_major>(&tiles, at, PITCH_A);
#endif
#endif
}
fn loadRight(at: u32) -> Right {
#if BARE
#if TRANSPOSE_B
  return subgroupMatrixLoad<Right, col_major>(&B, at, params.K / 8u);
#else
  return subgroupMatrixLoad<Right, row_major>(&B, at, params.N / 8u);
#endif
#else
#if TRANSPOSE_B
  return subgroupMatrixLoad<Right, col_major>(&tiles, at, PITCH_B);
#else
  return subgroupMatrixLoad<Right, row_major>(&tiles, at, PITCH_B);
#endif
#endif
}
fn storeResult(at: u32, sum: Result, lane: u32) {
#if APART
  subgroupMatrixStore<row_major>(&results, at, sum, PITCH_RESULT);
#else
  subgroupMatrixStore<row_major>(&tiles, at / 4u, sum, PITCH_RESULT / 4u);
#endif
}
#if DIRECT
fn loadFromC(four: u32, lane: u32) -> Result {
  return subgroupMatrixLoad<Result, row_major>(&C, four, params.N / 4u);
}
fn storeToC(four: u32, sum: Result, lane: u32) {
  subgroupMatrixStore<row_major>(&C, four, sum, params.N / 4u);
}
#endif
#else
// Emulated: an operand is its offset in the tiles or, with BARE, in A or B; a lane holds 8 neighbours in row lane / SHARE
// of a result.
alias Left = u32;
alias Right = u32;

fn loadLeft(at: u32) -> Left { return at; }
fn loadRight(at: u32) -> Right { return at; }
fn left(at: u32, row: u32, k: u32) -> f32 {
#if BARE
#if TRANSPOSE_A
  return half(A[at + k * (params.M / 8u) + row / 8u], row % 8u);
#else
  return half(A[at + row * (params.K / 8u) + k / 8u], k % 8u);
#endif
#else
#if TRANSPOSE_A
  return half(tiles[at + k * PITCH_A + row / 8u], row % 8u);
#else
  return half(tiles[at + row * PITCH_A + k / 8u], k % 8u);
#endif
#endif
}
fn right(at: u32, k: u32, column: u32) -> f32 {
#if BARE
#if TRANSPOSE_B
  return half(B[at + column * (params.K / 8u) + k / 8u], k % 8u);
#else
  return half(B[at + k * (params.N / 8u) + column / 8u], column % 8u);
#endif
#else
#if TRANSPOSE_B
  return half(tiles[at + column * PITCH_B + k / 8u], k % 8u);
#else
  return half(tiles[at + k * PITCH_B + column / 8u], column % 8u);
#endif
#endif
}
fn multiplyAdd(a: Left, b: Right, before: Result, lane: u32) -> Result {
  var sum = before;
  for (var k = 0u; k < SIZE; k++) {
    let l = left(a, lane / SHARE, k);
    for (var i = 0u; i < 8u; i++) { sum[i] += l * right(b, k, lane % SHARE * 8u + i); }
  }
  return sum;
}
fn storeResult(at: u32, sum: Result, lane: u32) {
  let own = at + lane / SHARE * PITCH_RESULT + lane % SHARE * 8u;
#if APART
  var values = sum;
  for (var i = 0u; i < 8u; i++) { results[own + i] = values[i]; }
#else
  tiles[own / 4u] = bitcast<vec4u>(vec4f(sum[0], sum[1], sum[2], sum[3]));
  tiles[own / 4u + 1u] = bitcast<vec4u>(vec4f(sum[4], sum[5], sum[6], sum[7]));
#endif
}
#if DIRECT
// The first four of the lane's eight elements in a matrix of C whose first four are item `four`.
fn ownInC(four: u32, lane: u32) -> u32 { return four + lane / SHARE * (params.N / 4u) + lane % SHARE * 2u; }
fn loadFromC(four: u32, lane: u32) -> Result {
  let a = C[ownInC(four, lane)];
  let b = C[ownInC(four, lane) + 1u];
  return Result(a.x, a.y, a.z, a.w, b.x, b.y, b.z, b.w);
}
fn storeToC(four: u32, sum: Result, lane: u32) {
  C[ownInC(four, lane)] = vec4f(sum[0], sum[1], sum[2], sum[3]);
  C[ownInC(four, lane) + 1u] = vec4f(sum[4], sum[5], sum[6], sum[7]);
}
#endif
#endif

#if BARE
// The offset in A or B of the matrix whose first element is (m or n, k).
fn startA(m: u32, k: u32) -> u32 {
#if TRANSPOSE_A
  return (k * params.M + m) / 8u;
#else
  return (m * params.K + k) / 8u;
#endif
}
fn startB(n: u32, k: u32) -> u32 {
#if TRANSPOSE_B
  return (n * params.K + k) / 8u;
#else
  return (k * params.N + n) / 8u;
#endif
}
#else
// The place of an item in its tile, whose rows have `length` items: the row, and the item within it. A row runs along K,
// or along M or N.
fn place(item: u32, length: u32) -> vec2u { return vec2u(item / length, item % length); }

// An item of a tile; 0 past the edges.
fn fetchA(batch: u32, firstM: u32, firstK: u32, item: u32) -> vec4u {
#if TRANSPOSE_A
  let at = place(item, ITEMS_M);
  let k = firstK + at.x;
  let m = firstM + at.y * 8u;
  let eight = (batch * params.M * params.K + k * params.M + m) / 8u;
#else
  let at = place(item, ITEMS_K);
  let m = firstM + at.x;
  let k = firstK + at.y * 8u;
  let eight = (batch * params.M * params.K + m * params.K + k) / 8u;
#endif
  if (m >= params.M || k >= params.K) { return vec4u(); }
#if A_F16
  return A[eight];
#else
  return pack(A[2u * eight], A[2u * eight + 1u]);
#endif
}
fn fetchB(batch: u32, firstN: u32, firstK: u32, item: u32) -> vec4u {
#if TRANSPOSE_B
  let at = place(item, ITEMS_K);
  let n = firstN + at.x;
  let k = firstK + at.y * 8u;
  let eight = (batch * params.K * params.N + n * params.K + k) / 8u;
#else
  let at = place(item, ITEMS_N);
  let k = firstK + at.x;
  let n = firstN + at.y * 8u;
  let eight = (batch * params.K * params.N + k * params.N + n) / 8u;
#endif
  if (n >= params.N || k >= params.K) { return vec4u(); }
#if B_F16
  return B[eight];
#else
  return pack(B[2u * eight], B[2u * eight + 1u]);
#endif
}

// Puts an item into a tile, of which the first item is tiles[first].
fn stageA(first: u32, item: u32, eight: vec4u) {
#if TRANSPOSE_A
  let at = place(item, ITEMS_M);
#else
  let at = place(item, ITEMS_K);
#endif
  tiles[first + at.x * PITCH_A + at.y] = eight;
}
fn stageB(first: u32, item: u32, eight: vec4u) {
#if TRANSPOSE_B
  let at = place(item, ITEMS_K);
#else
  let at = place(item, ITEMS_N);
#endif
  tiles[first + at.x * PITCH_B + at.y] = eight;
}

// The offset in its tile of the matrix whose first element is (m or n, k).
fn startA(m: u32, k: u32) -> u32 {
#if TRANSPOSE_A
  return k * PITCH_A + m / 8u;
#else
  return m * PITCH_A + k / 8u;
#endif
}
fn startB(n: u32, k: u32) -> u32 {
#if TRANSPOSE_B
  return n * PITCH_B + k / 8u;
#else
  return k * PITCH_B + n / 8u;
#endif
}
#endif
