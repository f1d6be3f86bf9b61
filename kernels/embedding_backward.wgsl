// embedding_backward: dW[v,c] = Σ dY[n,c] over the rows n with tokens[n] = v
//   order [N] u32: the rows sorted by token, stable · starts [V+1] u32: where each token's rows begin in `order`
//   dY [N,C] f32 · dW [V,C] f32, written (added to with ACCUMULATE): the rows of the tokens from `first` onwards
// Each invocation computes every (grid size)-th element of dW. Because the rows come sorted, no atomics are needed:
// sums have a fixed order and give the same bytes each time. Rows of a token are added by eights, whose loads do not wait
// for each other: a frequent token has thousands of rows. Any adapter. NC FLOPs, 4(N+V)C bytes.

struct Params { V: u32, C: u32, first: u32 }

override WORKGROUP: u32 = 64u;

@group(0) @binding(0) var<storage, read> order: array<u32>;
@group(0) @binding(1) var<storage, read> starts: array<u32>;
@group(0) @binding(2) var<storage, read> dY: array<f32>;
@group(0) @binding(3) var<storage, read_write> dW: array<f32>;
@group(0) @binding(4) var<uniform> params: Params;

fn at(k: u32, c: u32) -> f32 { return dY[order[k] * params.C + c]; }

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  for (var i = id.x; i < params.V * params.C; i += grid.x * WORKGROUP) {
    let token = params.first + i / params.C;
    let c = i % params.C;
    let end = starts[token + 1u];
    var sum = 0.0;
    var k = starts[token];
    for (; k + 8u <= end; k += 8u) {
      sum += ((at(k, c) + at(k + 1u, c)) + (at(k + 2u, c) + at(k + 3u, c)))
        + ((at(k + 4u, c) + at(k + 5u, c)) + (at(k + 6u, c) + at(k + 7u, c)));
    }
    for (; k < end; k++) { sum += at(k, c); }
#if ACCUMULATE
    dW[i] += sum;
#else
    dW[i] = sum;
#endif
  }
}
