/**
 * Standard normal numbers by the ziggurat method (Marsaglia and Tsang 2000, "The ziggurat method for generating random
 * variables") with 256 layers: an integer chooses a layer and a place in it, and nearly always that place is a result.
 * The integer of element i is a hash of i and the seed (a counter-based generator, as in Salmon et al. 2011, "Parallel
 * random numbers: as easy as 1, 2, 3"), so element i depends on nothing else.
 *
 * All of it is the host's arithmetic, so the bytes do not depend on the adapter.
 */

const LAYERS = 256;
/** Where the tail begins, and the area of each layer, under exp(-x² / 2): the values for 256 layers in that paper. */
const TAIL = 3.6541528853610088;
const AREA = 0.00492867323399;
/** A place in a layer has 23 bits and a sign. */
const PLACES = 2 ** 23;

const curve = (x: number): number => Math.exp((-x * x) / 2);

/** The outer edge of each layer, and 0 above the top one. The lowest contains the tail, as if it were wider than its edge. */
const EDGE = new Float64Array(LAYERS + 1);
EDGE[0] = AREA / curve(TAIL);
EDGE[1] = TAIL;
for (let i = 2; i < LAYERS; i++)
  EDGE[i] = Math.sqrt(-2 * Math.log(AREA / EDGE[i - 1]! + curve(EDGE[i - 1]!)));

/** The curve's height at each edge. */
const HEIGHT = EDGE.map(curve);
/** The width of one place, by layer. */
const WIDTH = EDGE.map((edge) => edge / PLACES);
/** Places below this number are under the curve, whatever their height. */
const SAFE = Int32Array.from({ length: LAYERS }, (_, i) => Math.floor((EDGE[i + 1]! / EDGE[i]!) * PLACES));

/**
 * Mixes 32 bits (Wellons, "hash prospector", triple32). Two rounds are not enough: with lowbias32, numbers 1,024 places
 * apart are correlated (0.004, which is eight standard errors over 4 million).
 */
function mix(word: number): number {
  let h = Math.imul(word ^ (word >>> 17), 0xed5ad4bb);
  h = Math.imul(h ^ (h >>> 11), 0xac4c1b51);
  h = Math.imul(h ^ (h >>> 15), 0x31848bab);
  return h ^ (h >>> 14);
}

/** Elements whose hard cases are put off together: a call inside the loop would make all of it slower. */
const BLOCK = 1024;
const hardPlaces = new Int32Array(BLOCK);
const hardWords = new Int32Array(BLOCK);

/**
 * Fills `output` with the elements `first`, `first + 1`, … of the seed's sequence, times `std`. The sequence repeats after
 * 2³² elements.
 */
export function fillNormal(output: Float32Array, std: number, seed: number, first: number): void {
  const scaled = WIDTH.map((place) => place * std);
  const [before, between] = keys(seed);
  for (let start = 0; start < output.length; start += BLOCK) {
    const block = output.subarray(start, start + BLOCK);
    const hard = fillBlock(block, scaled, first + start, before, between);
    for (let k = 0; k < hard; k++) block[hardPlaces[k]!] = std * hardCase(hardWords[k]!);
  }
}

/** @returns how many elements are hard cases, in `hardPlaces` with their words in `hardWords` */
function fillBlock(
  block: Float32Array,
  scaled: Float64Array,
  first: number,
  before: number,
  between: number,
): number {
  let hard = 0;
  for (let i = 0; i < block.length; i++) {
    // `mix` with the seed's second key between its rounds, so that two seeds are no two parts of one sequence.
    let h = (first + i) ^ before;
    h = Math.imul(h ^ (h >>> 17), 0xed5ad4bb) ^ between;
    h = Math.imul(h ^ (h >>> 11), 0xac4c1b51);
    h = Math.imul(h ^ (h >>> 15), 0x31848bab);
    h ^= h >>> 14;
    const layer = h & (LAYERS - 1);
    const place = h >> 8;
    block[i] = (place + 0.5) * scaled[layer]!;
    if ((place ^ (place >> 31)) < SAFE[layer]!) continue;
    hardPlaces[hard] = i;
    hardWords[hard++] = h;
  }
  return hard;
}

function keys(seed: number): [number, number] {
  const low = mix(seed ^ WEYL);
  const high = mix(low ^ Math.floor(seed / 2 ** 32));
  return [low ^ mix(high + 0x6d2b79f5), high];
}

/** About 1% of elements: a place that may lie outside the curve, or in the tail. Further words follow from the first. */
function hardCase(first: number): number {
  for (let word = first; ; word = mix(word + WEYL)) {
    const layer = word & (LAYERS - 1);
    const place = word >> 8;
    const value = (place + 0.5) * WIDTH[layer]!;
    if ((place ^ (place >> 31)) < SAFE[layer]!) return value;
    word = mix(word + WEYL);
    if (layer === 0) return place < 0 ? -tail(word) : tail(word);
    const at = HEIGHT[layer]! + uniform(word) * (HEIGHT[layer + 1]! - HEIGHT[layer]!);
    if (at < Math.exp((-value * value) / 2)) return value;
  }
}

/** A number beyond `TAIL` (Marsaglia 1964, "Generating a variable from the tail of the normal distribution"). */
function tail(first: number): number {
  for (let word = first; ; word = mix(word + WEYL)) {
    const into = -Math.log(uniform(word)) / TAIL;
    word = mix(word + WEYL);
    if (-2 * Math.log(uniform(word)) >= into * into) return TAIL + into;
  }
}

/** In (0, 1). */
const uniform = (word: number): number => ((word >>> 0) + 0.5) / 2 ** 32;

/** An odd step through all words: 2³² divided by the golden ratio. */
const WEYL = 0x9e3779b9;
