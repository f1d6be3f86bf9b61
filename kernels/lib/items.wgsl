// Items: neighbours in a row that are loaded and computed together. A buffer is an array of Stored; an Item has WIDTH
// elements in f32. With ALIGNED these are 4, else 1, or 2 where F16 packs them into a word. The length of a row must be
// a multiple of WIDTH.
#if ALIGNED
alias Item = vec4f;
const WIDTH = 4u;
#if F16
alias Stored = vec2u;
fn itemOf(stored: Stored) -> Item { return vec4f(unpack2x16float(stored.x), unpack2x16float(stored.y)); }
fn storedOf(item: Item) -> Stored { return vec2u(pack2x16float(item.xy), pack2x16float(item.zw)); }
#else
alias Stored = vec4f;
fn itemOf(stored: Stored) -> Item { return stored; }
fn storedOf(item: Item) -> Stored { return item; }
#endif
#else
#if F16
alias Item = vec2f;
const WIDTH = 2u;
alias Stored = u32;
fn itemOf(stored: Stored) -> Item { return unpack2x16float(stored); }
fn storedOf(item: Item) -> Stored { return pack2x16float(item); }
#else
alias Item = f32;
const WIDTH = 1u;
alias Stored = f32;
fn itemOf(stored: Stored) -> Item { return stored; }
fn storedOf(item: Item) -> Stored { return item; }
#endif
#endif
