import { Random } from '../../src/base/random.js';

const SYLLABLES =
  'an ar ba be bra ca car ce chlo co cor cyl da de der di do dol du en er fa fen fi ga gas ge glo he hep hy in ka la le li lo lor ma me met mi mo my na ne neu no ol om op or os pa pe phen pho pla pne po pra pro ra re ri ro sa se si so spi sta ste su ta te tha ther ti to tra tri tro ul un va ve vi vo xa ze zo'.split(
    ' ',
  );
const SITES = 'left right upper lower bilateral proximal distal anterior posterior medial lateral'.split(' ');
const FORMS = [
  'oral tablet',
  'oral capsule',
  'injection',
  'oral solution',
  'topical cream',
  'prefilled syringe',
];
const LINKS = ['of', 'with', 'due to', 'in', 'without', 'and'];

/**
 * Seeded labels as hospitals have them: findings of several words, drugs with their strength, names of people, codes.
 * Words follow Zipf's law, so that some are in very many labels and most in few.
 */
export class Labels {
  readonly #random: Random;
  readonly #terms: string[];
  readonly #surnames: string[];
  readonly #given: string[];

  constructor(seed: number) {
    this.#random = new Random(seed, 1);
    this.#terms = this.#words(80_000, 2, 5);
    this.#surnames = this.#words(400_000, 2, 4);
    this.#given = this.#words(20_000, 1, 3);
  }

  next(): string {
    const random = this.#random;
    const kind = random.int(10);
    if (kind < 5) return this.#finding();
    if (kind < 7) {
      const strength = `${random.between(1, 80) * 5} ${random.pick(['MG', 'MCG', 'MG/ML'])}`;
      const drug = `${this.#term()} ${random.chance(0.3) ? `${this.#term()} ` : ''}${strength}`;
      return `${drug} ${random.pick(FORMS)}`;
    }
    if (kind < 9) return `${capital(this.#zipf(this.#given))} ${capital(this.#zipf(this.#surnames))}`;
    const letter = String.fromCharCode(65 + random.int(26));
    return `${letter}${random.between(10, 99)}.${random.between(100, 999)}${String.fromCharCode(65 + random.int(26))}`;
  }

  /** Nine letters and digits, hardly ever twice the same. */
  code(): string {
    const random = this.#random;
    return `${String.fromCharCode(65 + random.int(26))}${random.between(10_000_000, 99_999_999)}`;
  }

  #finding(): string {
    const random = this.#random;
    const parts = [capital(this.#term())];
    if (random.chance(0.5)) parts.push(this.#term());
    const more = 1 + random.int(2);
    for (let i = 0; i < more; i++) {
      parts.push(random.pick(LINKS));
      if (random.chance(0.4)) parts.push(random.pick(SITES));
      parts.push(this.#term());
    }
    return parts.join(' ') + (random.chance(0.2) ? ' (disorder)' : '');
  }

  #term(): string {
    return this.#zipf(this.#terms);
  }

  /** An item in proportion to 1 / (its place + 50), roughly: the inverse of a logarithm. */
  #zipf(items: readonly string[]): string {
    const share = this.#random.int(1 << 24) / (1 << 24);
    return items[Math.min(items.length - 1, Math.floor(50 * ((items.length / 50 + 1) ** share - 1)))]!;
  }

  #words(count: number, least: number, most: number): string[] {
    const words = new Set<string>();
    while (words.size < count) {
      let word = '';
      for (let i = this.#random.between(least, most); i > 0; i--) word += this.#random.pick(SYLLABLES);
      words.add(words.size * 3 > count && this.#random.chance(0.1) ? `${word}s` : word);
    }
    return [...words];
  }
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
