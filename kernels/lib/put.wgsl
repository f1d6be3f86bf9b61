// How a product of f32 leaves its kernel: one Item (f32 or vec4f) of C at a time, with what is added to it. The kernel
// declares Item, C, and with RESIDUAL R, both arrays of it.
fn put(at: u32, product: Item) {
  var value = product;
#if RESIDUAL
  value += R[at];
#endif
#if ACCUMULATE
  value += C[at];
#endif
  C[at] = value;
}
