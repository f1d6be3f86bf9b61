// rotary: turns pairs of dimensions of queries and keys by their position (Su et al. 2021, arXiv:2104.09864), paired as
// in GPT-NeoX: dimension d < rotaryDim/2 of a head with d + rotaryDim/2. With a = direction · position · frequency[d]:
//   Y[d] = X[d] · cos a - X[d + rotaryDim/2] · sin a      Y[d + rotaryDim/2] = X[d + rotaryDim/2] · cos a + X[d] · sin a
//   Dimensions from rotaryDim on, and the values, are copied. direction -1 is the transpose, hence the gradient.
//   X, Y [B·T, 3C] f32, C = nHead · headDim: queries, keys, values, head by head; Y written (added to with ACCUMULATE)
//   table [maxT, rotaryDim] f32: cosines of the rotaryDim/2 angles of a position, then their sines
//   starts [B] u32 (with STARTS): the position of each sequence's first row; 0 without
// One invocation turns or copies every (grid size)-th pair. Any adapter. 6·B·T·nHead·rotaryDim FLOPs, 24·B·T·C bytes.

struct Params { N: u32, T: u32, nHead: u32, headDim: u32, rotaryDim: u32, direction: f32 }

override WORKGROUP: u32 = 64u;

@group(0) @binding(0) var<storage, read> X: array<f32>;
@group(0) @binding(1) var<storage, read> table: array<f32>;
@group(0) @binding(2) var<storage, read_write> Y: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;
#if STARTS
@group(0) @binding(4) var<storage, read> starts: array<u32>;
#endif

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let pairsPerHead = params.headDim / 2u;
  let turning = params.rotaryDim / 2u; // of these, the first ones turn
  let heads = 3u * params.nHead;
  for (var i = id.x; i < params.N * heads * pairsPerHead; i += grid.x * WORKGROUP) {
    let pair = i % pairsPerHead;
    let head = (i / pairsPerHead) % heads;
    let row = i / (pairsPerHead * heads);
    let inside = pair < turning;

    // A pair that turns is `pair` and `pair + turning` of the head, any other two neighbours.
    let near = (row * heads + head) * params.headDim + select(2u * pair, pair, inside);
    let far = near + select(1u, turning, inside);

    var position = row % params.T;
#if STARTS
    position = min(position + starts[row / params.T], arrayLength(&table) / params.rotaryDim - 1u);
#endif
    let turns = inside && head < 2u * params.nHead;
    let angle = position * params.rotaryDim + select(0u, pair, turns);
    let cosine = select(1.0, table[angle], turns);
    let sine = select(0.0, table[angle + turning], turns) * params.direction;
    let a = X[near];
    let b = X[far];
#if ACCUMULATE
    Y[near] += a * cosine - b * sine;
    Y[far] += b * cosine + a * sine;
#else
    Y[near] = a * cosine - b * sine;
    Y[far] = b * cosine + a * sine;
#endif
  }
}
