// token_select: reduces each row of logits, under a mask of allowed tokens, to what a sampler needs. For row b, with
// allowed(v) = bit v of masks[slot] and the controls (slot, 1/temperature, u):
//   highest = max_allowed logits[b,v] · sum = Σ_allowed exp(logits[b,v] - highest)
//   drawn   = the first allowed v, in order of v, with Σ_{w ≤ v} p(w) > u · Σ p, p(w) = exp((logits[b,w] - highest) / temperature)
//   ranked  = the first `ranks` allowed tokens by falling logit, equal ones by rising v
//   logits [B,V] f32 · masks [slots, W] u32, W = ceil(V/32), least significant bit first
//   controls [B,4] u32: slot, bits of 1/temperature (0: nothing is drawn), bits of u in [0,1), unused
//   picks [B, 4 + 2·ranks] u32, written: bits of sum (negative if a logit is NaN), drawn token, bits of its logit, 0;
//     then for each rank a token and the bits of its logit. NONE stands for no token.
// A workgroup takes a row. Each invocation takes neighbouring words of the mask and visits only the bits that are set,
// so a grammar's mask, mostly zeros, costs little. There is one pass for each rank, one for the sum and one for the
// draw. Any adapter with subgroups. Grid [B]. (2 + ranks)·V FLOPs and 4·(2 + ranks)·V bytes per row if all are allowed.
enable subgroups;

struct Params { V: u32, W: u32, ranks: u32 }

override WORKGROUP: u32 = 256u;
const NONE = 0xffffffffu;
const LOWEST = -3.4028234e38;

@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> masks: array<u32>;
@group(0) @binding(2) var<storage, read> controls: array<u32>;
@group(0) @binding(3) var<storage, read_write> picks: array<u32>;
@group(0) @binding(4) var<uniform> params: Params;

// One entry per subgroup; for the draw, one per invocation.
var<workgroup> partialValues: array<f32, WORKGROUP>;
var<workgroup> partialTokens: array<u32, WORKGROUP>;

// One word of the mask, without the bits beyond the vocabulary.
fn bitsOf(slot: u32, word: u32) -> u32 {
  let bits = masks[slot * params.W + word];
  let tokens = params.V - word * 32u;
  return select(bits, bits & ((1u << (tokens & 31u)) - 1u), tokens < 32u);
}

fn isNumber(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) <= 0x7f800000u;
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) local: u32,
  @builtin(subgroup_id) subgroup: u32,
  @builtin(num_subgroups) subgroups: u32,
  @builtin(subgroup_invocation_id) lane: u32,
) {
  let row = group.x * params.V;
  let slot = controls[4u * group.x];
  let share = (params.W + WORKGROUP - 1u) / WORKGROUP;
  let first = min(local * share, params.W);
  let end = min(first + share, params.W);
  let out = group.x * (4u + 2u * params.ranks);

  var highest = LOWEST;
  var above = 0.0; // logit and token of the previous rank
  var aboveToken = NONE;
  for (var rank = 0u; rank < params.ranks; rank++) {
    var best = LOWEST;
    var token = NONE;
    for (var word = first; word < end; word++) {
      for (var bits = bitsOf(slot, word); bits != 0u; bits &= bits - 1u) {
        let v = word * 32u + firstTrailingBit(bits);
        let x = logits[row + v];
        let follows = rank == 0u || x < above || (x == above && v > aboveToken);
        if (follows && (token == NONE || x > best)) {
          best = x;
          token = v;
        }
      }
    }
    let most = subgroupMax(best);
    let winner = subgroupMin(select(NONE, token, best == most));
    if (lane == 0u) {
      partialValues[subgroup] = most;
      partialTokens[subgroup] = winner;
    }
    workgroupBarrier();
    best = LOWEST;
    token = NONE;
    for (var s = 0u; s < subgroups; s++) {
      let other = partialValues[s];
      if (partialTokens[s] != NONE && (token == NONE || other > best || (other == best && partialTokens[s] < token))) {
        best = other;
        token = partialTokens[s];
      }
    }
    workgroupBarrier();
    above = best;
    aboveToken = token;
    if (rank == 0u) { highest = best; }
    if (local == 0u) {
      picks[out + 4u + 2u * rank] = token;
      picks[out + 5u + 2u * rank] = bitcast<u32>(best);
    }
  }

  var sum = 0.0;
  var broken = 0u;
  for (var word = first; word < end; word++) {
    for (var bits = bitsOf(slot, word); bits != 0u; bits &= bits - 1u) {
      let x = logits[row + word * 32u + firstTrailingBit(bits)];
      if (isNumber(x)) { sum += exp(x - highest); } else { broken = 1u; }
    }
  }
  sum = subgroupAdd(sum);
  broken = subgroupMax(broken);
  if (lane == 0u) {
    partialValues[subgroup] = sum;
    partialTokens[subgroup] = broken;
  }
  workgroupBarrier();
  if (local == 0u) {
    var total = 0.0;
    broken = 0u;
    for (var s = 0u; s < subgroups; s++) {
      total += partialValues[s];
      broken |= partialTokens[s];
    }
    picks[out] = bitcast<u32>(select(total, -1.0, broken != 0u));
    picks[out + 1u] = NONE;
    picks[out + 2u] = 0u;
    picks[out + 3u] = 0u;
  }

  let coldness = bitcast<f32>(controls[4u * group.x + 1u]);
  if (coldness == 0.0) { return; }
  workgroupBarrier();
  var weight = 0.0;
  for (var word = first; word < end; word++) {
    for (var bits = bitsOf(slot, word); bits != 0u; bits &= bits - 1u) {
      weight += exp((logits[row + word * 32u + firstTrailingBit(bits)] - highest) * coldness);
    }
  }
  partialValues[local] = weight;
  workgroupBarrier();
  if (local != 0u) { return; }
  var total = 0.0;
  for (var x = 0u; x < WORKGROUP; x++) { total += partialValues[x]; }
  var rest = bitcast<f32>(controls[4u * group.x + 2u]) * total;
  // The invocation whose words contain the draw. If rounding leads past all of them: the last one with any weight.
  var holder = 0u;
  var isFound = false;
  for (var x = 0u; x < WORKGROUP && !isFound; x++) {
    let own = partialValues[x];
    if (own > 0.0) {
      holder = x;
      isFound = rest < own;
      if (!isFound) { rest -= own; }
    }
  }
  if (!isFound) { rest = partialValues[holder]; }
  var drawn = NONE;
  for (var word = holder * share; word < min((holder + 1u) * share, params.W) && rest >= 0.0; word++) {
    for (var bits = bitsOf(slot, word); bits != 0u && rest >= 0.0; bits &= bits - 1u) {
      let v = word * 32u + firstTrailingBit(bits);
      let p = exp((logits[row + v] - highest) * coldness);
      rest -= p;
      if (p > 0.0) { drawn = v; }
    }
  }
  picks[out + 1u] = drawn;
  picks[out + 2u] = bitcast<u32>(logits[row + select(drawn, 0u, drawn == NONE)]);
}
