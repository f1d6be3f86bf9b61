// Writes an f32 product, one Item (f32 or vec4f) of C at a time, and adds the old value or the residual where asked. The
// kernel declares Item and C, an array of it, and with RESIDUAL a second one, R.
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
