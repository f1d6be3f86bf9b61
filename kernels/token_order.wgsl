// token_order: sorts the rows of a batch by token, for embedding_backward, in two dispatches:
//   first   order[rank(n)] = n,   rank(n) = number of rows m with tokens[m] < tokens[n], or equal and m < n
//   then, with STARTS,   starts[v] = the first k with tokens[order[k]] ≥ v,   for v from 0 to V
//   tokens [N] u32 · order [N] u32: the rows sorted by token, stable; written, or read with STARTS
//   starts [V+1] u32, written
// Each invocation places every (grid size)-th row, by comparing its token with all others; with STARTS it finds every
// (grid size)-th start by bisection. Any adapter. 4N² bytes (STARTS: 8V·log2 N), most of them from cache.

struct Params { N: u32, V: u32 }

override WORKGROUP: u32 = 64u;

@group(0) @binding(0) var<storage, read> tokens: array<u32>;
#if STARTS
@group(0) @binding(1) var<storage, read> order: array<u32>;
@group(0) @binding(2) var<storage, read_write> starts: array<u32>;
#else
@group(0) @binding(1) var<storage, read_write> order: array<u32>;
#endif
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
#if STARTS
  for (var v = id.x; v <= params.V; v += grid.x * WORKGROUP) {
    var low = 0u;
    var high = params.N;
    while (low < high) {
      let middle = (low + high) / 2u;
      if (tokens[order[middle]] < v) { low = middle + 1u; } else { high = middle; }
    }
    starts[v] = low;
  }
#else
  for (var n = id.x; n < params.N; n += grid.x * WORKGROUP) {
    let token = tokens[n];
    var rank = 0u;
    for (var m = 0u; m < params.N; m++) {
      rank += select(0u, 1u, tokens[m] < token || (tokens[m] == token && m < n));
    }
    order[rank] = n;
  }
#endif
}
