// What the three attention kernels that work in quads share. An invocation loads a vector and swaps it with the three
// others of its quad: on a software adapter a load is the slowest instruction, and a swap within a quad the fastest.

const HEAD_VECTORS = 8u; // vec4 in a head of 32 dimensions
const LOG2_E = 1.4426950408889634; // exp(x) = exp2(x · log2 e)

// The quad's four vectors as columns, this invocation's own first: column x is that of invocation (lane ^ x).
fn quad(v: vec4f) -> mat4x4f { return mat4x4f(v, quadSwapX(v), quadSwapY(v), quadSwapDiagonal(v)); }

// The same for a number each.
fn quadOf(v: f32) -> vec4f { return vec4f(v, quadSwapX(v), quadSwapY(v), quadSwapDiagonal(v)); }
