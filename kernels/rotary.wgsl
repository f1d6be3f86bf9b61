// rotary: rotates queries and keys by their position (Su et al. 2021, arXiv:2104.09864). Dimensions are paired as in
// GPT-NeoX: d < rotaryDim/2 of a head with d + rotaryDim/2. With a = direction · position · frequency[d]:
//   Y[d] = X[d] · cos a - X[d + rotaryDim/2] · sin a      Y[d + rotaryDim/2] = X[d + rotaryDim/2] · cos a + X[d] · sin a
//   Dimensions from rotaryDim onwards, and the values, are copied. direction -1 is the transpose, for the gradient.
//   X, Y [B·T, 3C] f32, C = nHead · headDim: queries, keys, values, head by head; Y written (added to with ACCUMULATE)
//     with F16 both are packed f16, and headDim and rotaryDim are multiples of 4
//   With IN_PLACE there is no X: Y is rotated in place, and nothing is copied.
//   table [maxT, rotaryDim] f32: cosines of the rotaryDim/2 angles of a position, then their sines
//   starts [B] u32 (with STARTS): the position of each sequence's first row; 0 without STARTS
//   spans [B, T, 2] u32 (with SPANS): of each row, the first row of its record and one past the last; positions count
//     from the first
// Each invocation takes every (grid size)-th pair of a row's items (an item is one dimension, with F16 two) in all
// heads of the row, which share its angle. Any adapter. 6·B·T·nHead·rotaryDim FLOPs, 24·B·T·C bytes.

struct Params { N: u32, T: u32, nHead: u32, headDim: u32, rotaryDim: u32, direction: f32 }

override WORKGROUP: u32 = 64u;

#if F16
alias Item = vec2f;
const WIDTH = 2u;
@group(0) @binding(2) var<storage, read_write> Y: array<u32>;
#if IN_PLACE
fn load(at: u32) -> Item { return unpack2x16float(Y[at]); }
#else
@group(0) @binding(0) var<storage, read> X: array<u32>;
fn load(at: u32) -> Item { return unpack2x16float(X[at]); }
#endif
fn angles(at: u32) -> Item { return vec2f(table[at], table[at + 1u]); }
#else
alias Item = f32;
const WIDTH = 1u;
@group(0) @binding(2) var<storage, read_write> Y: array<f32>;
#if IN_PLACE
fn load(at: u32) -> Item { return Y[at]; }
#else
@group(0) @binding(0) var<storage, read> X: array<f32>;
fn load(at: u32) -> Item { return X[at]; }
#endif
fn angles(at: u32) -> Item { return table[at]; }
#endif
@group(0) @binding(1) var<storage, read> table: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;
#if STARTS
@group(0) @binding(4) var<storage, read> starts: array<u32>;
#endif
#if SPANS
@group(0) @binding(5) var<storage, read> spans: array<vec2u>;
#endif

fn put(at: u32, item: Item) {
  var value = item;
#if F16
#if ACCUMULATE
  value += unpack2x16float(Y[at]);
#endif
  Y[at] = pack2x16float(value);
#else
#if ACCUMULATE
  value += Y[at];
#endif
  Y[at] = value;
#endif
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let items = params.headDim / WIDTH; // per head
  let pairs = items / 2u;
  let turning = params.rotaryDim / WIDTH / 2u; // how many of these rotate; they come first
  for (var i = id.x; i < params.N * pairs; i += grid.x * WORKGROUP) {
    let row = i / pairs;
    let pair = i % pairs;
    let turns = pair < turning;
#if IN_PLACE
    if (!turns) { continue; }
#endif
    var position = row % params.T;
#if STARTS
    position = min(position + starts[row / params.T], arrayLength(&table) / params.rotaryDim - 1u);
#endif
#if SPANS
    position -= spans[row].x;
#endif
    let angle = position * params.rotaryDim + select(0u, pair * WIDTH, turns);
    let cosine = select(Item(1.0), angles(angle), turns);
    let sine = select(Item(0.0), angles(angle + params.rotaryDim / 2u), turns) * params.direction;

    // A rotating pair is items `pair` and `pair + turning` of the head; any other pair is two neighbours.
    var near = row * 3u * params.nHead * items + select(2u * pair, pair, turns);
    let distance = select(1u, turning, turns);
    for (var head = 0u; head < 2u * params.nHead; head++) {
      let a = load(near);
      let b = load(near + distance);
      put(near, a * cosine - b * sine);
      put(near + distance, b * cosine + a * sine);
      near += items;
    }
#if IN_PLACE
#else
    for (var head = 0u; head < params.nHead; head++) {
      put(near, load(near));
      put(near + distance, load(near + distance));
      near += items;
    }
#endif
  }
}
