import { splitWords } from '../words.js';
import { ABBREVIATIONS } from './dictionary.js';
import { SHORT_PARTS, WORD_COSTS } from './vocabulary.js';

/** Costs of parts that no tier lists, on the scale of `WORD_COSTS`. */
const COST = { ofSchema: 5.5, abbreviation: 8, short: 9, plural: 0.5 };
/** Shorter words are never taken apart, and longer ones not into parts that are shorter on average. */
const SHORTEST_SPLIT = 5;
const SHORTEST_MEAN = 2.5;
const LONGEST_PART = 16;
const MAX_REMEMBERED = 50_000;

/**
 * Takes names apart into words: at separators, at capitals, before numbers, and where words run together (`admitdate`).
 * The last is a choice by frequency: of all ways to write a part as known words, the one that is likeliest if words
 * are drawn one by one. A part that cannot be written so stays whole.
 */
export class NameSplitter {
  readonly #ofSchema: ReadonlySet<string>;
  readonly #known = new Map<string, readonly string[]>();

  /** @param ofSchema words that the schema itself uses alone, such as its table names; they may be parts too */
  constructor(ofSchema: Iterable<string> = []) {
    this.#ofSchema = new Set([...ofSchema].filter((word) => word.length > 2));
  }

  /** `pt_dob` → pt dob, `LOSDays` → los days, `admitdate` → admit date, `address1` → address 1. */
  split(name: string): string[] {
    return splitWords(name).flatMap((word) => this.#splitWord(word));
  }

  #splitWord(word: string): readonly string[] {
    let parts = this.#known.get(word);
    if (!parts) {
      parts = this.#isWhole(word) ? [word] : this.#takeApart(word);
      if (this.#known.size >= MAX_REMEMBERED) this.#known.clear();
      this.#known.set(word, parts);
    }
    return parts;
  }

  #isWhole(word: string): boolean {
    return WORD_COSTS.has(word) || ABBREVIATIONS.has(word) || this.#ofSchema.has(word);
  }

  #takeApart(word: string): readonly string[] {
    const numbered = /^(\p{L}+)(\d+)$/u.exec(word);
    if (numbered) return [...this.#splitWord(numbered[1]!), numbered[2]!];
    if (word.length < SHORTEST_SPLIT || !/^[a-z0-9]+$/.test(word)) return [word];
    // best[i]: the cheapest way to write the first i letters.
    const best: ({ cost: number; from: number } | undefined)[] = [{ cost: 0, from: 0 }];
    for (let end = 1; end <= word.length; end++) {
      for (let from = Math.max(0, end - LONGEST_PART); from < end; from++) {
        const before = best[from];
        if (!before) continue;
        const cost = before.cost + this.#cost(word.slice(from, end));
        if (cost < (best[end]?.cost ?? Infinity)) best[end] = { cost, from };
      }
    }
    const parts: string[] = [];
    for (let end = word.length, step = best[end]; step && end > 0; end = step.from, step = best[end]) {
      parts.unshift(word.slice(step.from, end));
    }
    return parts.length > 1 && word.length / parts.length >= SHORTEST_MEAN ? parts : [word];
  }

  #cost(part: string): number {
    if (/^\d+$/.test(part)) return COST.short;
    if (part.length < 3) return SHORT_PARTS.has(part) ? COST.short : Infinity;
    const listed = WORD_COSTS.get(part);
    if (listed !== undefined) return listed;
    if (this.#ofSchema.has(part)) return COST.ofSchema;
    if (ABBREVIATIONS.has(part)) return COST.abbreviation;
    const singular = part.endsWith('s') ? part.slice(0, -1) : undefined;
    const ofSingular = singular === undefined ? undefined : WORD_COSTS.get(singular);
    return ofSingular === undefined ? Infinity : ofSingular + COST.plural;
  }
}
