import { PLACEHOLDER_PATTERN, type PlaceholderPrefix } from '../../placeholder.js';
import type { Table } from '../bundle.js';
import type { SchemaColumn, SchemaIndex } from '../schema-index.js';
import { bareTableName } from '../../../tsql/identifier.js';
import { splitWords } from '../words.js';
import { wordsOf, type NameWords, type SchemaWords } from '../words/derive.js';
import { RELATED, STOP_WORDS } from './lexicon.js';
import { isOneTypoAway, stem } from './stem.js';

/** The stems of a name or synonym of a table or column. */
interface Phrase {
  owner: Owner;
  stems: string[];
  /** Less than 1 if the phrase was derived from the name, and no person wrote it. */
  trust: number;
}

/** A table, or one of its columns. */
export interface Owner {
  table: string;
  /** Undefined for the table itself. */
  ref?: SchemaColumn | undefined;
  phrases: Phrase[];
}

/** How well the question's words name each table and column. Absent means 0. */
export interface Scores {
  tables: Map<string, number>;
  columns: Map<SchemaColumn, number>;
  /** The kinds of placeholders in the question: `DATE` makes date columns more likely. */
  kinds: ReadonlySet<PlaceholderPrefix>;
}

const RELATED_WEIGHT = 0.5;
const TYPO_WEIGHT = 0.7;
const PREFIX_WEIGHT = 0.4;
/** Weight of what an abbreviation in a question stands for, if the schema uses the abbreviation itself. */
const EXPANDED_WEIGHT = 0.5;
/** Trust in a synonym that only the lexicon suggests. */
const DERIVED_TRUST = 0.6;
/** Factor for a phrase that appears verbatim in the question. */
const VERBATIM_BONUS = 2;

/** Names, synonyms and word frequencies of one schema, ready to be compared with questions. */
export class LinkScorer {
  readonly #phrasesByStem = new Map<string, Phrase[]>();
  readonly #ownersByStem = new Map<string, Set<Owner>>();
  readonly #vocabulary = new Set<string>();
  readonly #ownerCount: number;
  readonly #nearWords = new Map<string, readonly [stem: string, weight: number][]>();

  readonly #words: SchemaWords;

  constructor(readonly index: SchemaIndex) {
    this.#words = wordsOf(index.bundle);
    let owners = 0;
    for (const table of index.tables) {
      this.#addOwner({ table: table.name, phrases: [] }, spellings(table), this.#words.ofTable(table));
      for (const ref of index.columns(table.name)) {
        const words = this.#words.ofColumn(ref.column);
        this.#addOwner({ table: table.name, ref, phrases: [] }, [ref.column.name], words);
        owners += 1;
      }
    }
    this.#ownerCount = owners + index.tables.length;
  }

  #addOwner(owner: Owner, names: readonly string[], { words, synonyms }: NameWords): void {
    for (const name of [...names, words]) this.#addPhrases(owner, name, 1);
    for (const { text, source } of synonyms) {
      this.#addPhrases(owner, text, source === 'bundle' ? 1 : DERIVED_TRUST);
    }
  }

  #addPhrases(owner: Owner, text: string, trust: number): void {
    for (const words of this.#words.readings(text)) {
      const telling = words.filter((word) => !STOP_WORDS.has(word));
      const phrase = { owner, stems: [...new Set((telling.length > 0 ? telling : words).map(stem))], trust };
      owner.phrases.push(phrase);
      words.forEach((word) => this.#vocabulary.add(word));
      for (const s of phrase.stems) {
        append(this.#phrasesByStem, s, phrase);
        const holders = this.#ownersByStem.get(s) ?? new Set();
        this.#ownersByStem.set(s, holders.add(owner));
      }
    }
  }

  /** How well the schema explains a word: 1 if a name or synonym contains it, less for a similar or related word. */
  explains(word: string): number {
    let best = 0;
    for (const [s, weight] of this.#weigh([word]))
      if (this.#ownersByStem.has(s)) best = Math.max(best, weight);
    return best;
  }

  /** @param question with placeholders for its values */
  score(question: string): Scores {
    const kinds = new Set<PlaceholderPrefix>();
    const text = question.replace(PLACEHOLDER_PATTERN, (_all, prefix: PlaceholderPrefix) => {
      kinds.add(prefix);
      return ' ';
    });
    const words = splitWords(text).slice(0, MAX_WORDS);
    const weights = this.#weigh(words);
    const telling = words.filter((word) => !STOP_WORDS.has(word));
    const sequence = ` ${telling.map(stem).join(' ')} `;
    const touched = new Set([...weights.keys()].flatMap((s) => this.#phrasesByStem.get(s) ?? []));
    const tables = new Map<string, number>();
    const columns = new Map<SchemaColumn, number>();
    for (const phrase of touched) {
      const score = this.#scorePhrase(phrase, weights, sequence);
      const { table, ref } = phrase.owner;
      if (ref) columns.set(ref, Math.max(score, columns.get(ref) ?? 0));
      else tables.set(table, Math.max(score, tables.get(table) ?? 0));
    }
    return { tables, columns, kinds };
  }

  /** The stems that the words stand for, each with its largest weight. */
  #weigh(words: readonly string[]): Map<string, number> {
    const weights = new Map<string, number>();
    const add = (s: string, weight: number): void => {
      if (weight > (weights.get(s) ?? 0)) weights.set(s, weight);
    };
    for (const word of words) {
      for (const related of RELATED.get(word)?.split(' ') ?? []) add(stem(related), RELATED_WEIGHT);
      if (STOP_WORDS.has(word)) continue;
      add(stem(word), 1);
      const known = this.#ownersByStem.has(stem(word)) ? EXPANDED_WEIGHT : 1;
      for (const part of this.#words.readings(word).flat()) add(stem(part), known);
      for (const [s, weight] of this.#near(word)) add(s, weight);
    }
    return weights;
  }

  /** Words of the schema that a word may be a typo, an abbreviation or a longer form of. */
  #near(word: string): readonly [string, number][] {
    const known = this.#nearWords.get(word);
    if (known) return known;
    const near: [string, number][] = [];
    const isWord = this.#ownersByStem.has(stem(word));
    for (const candidate of this.#vocabulary) {
      if (!isWord && word.length >= 5 && isOneTypoAway(word, candidate))
        near.push([stem(candidate), TYPO_WEIGHT]);
      else if (isShortFor(candidate, word) || isShortFor(word, candidate))
        near.push([stem(candidate), PREFIX_WEIGHT]);
    }
    if (this.#nearWords.size > MAX_REMEMBERED) this.#nearWords.clear();
    this.#nearWords.set(word, near);
    return near;
  }

  /** Rare words count for more: `id` and `concept` occur in half of the columns, `refills` in one. */
  #rarity(s: string): number {
    return Math.log(1 + this.#ownerCount / (this.#ownersByStem.get(s)?.size ?? this.#ownerCount));
  }

  #scorePhrase(phrase: Phrase, weights: ReadonlyMap<string, number>, sequence: string): number {
    let matched = 0;
    let total = 0;
    for (const s of phrase.stems) {
      const rarity = this.#rarity(s);
      matched += rarity * (weights.get(s) ?? 0);
      total += rarity;
    }
    const verbatim = sequence.includes(` ${phrase.stems.join(' ')} `) ? VERBATIM_BONUS : 1;
    return phrase.trust * verbatim * matched * (matched / total);
  }
}

/** Bounds the time for absurdly long questions. */
const MAX_WORDS = 400;
const MAX_REMEMBERED = 20_000;

/** A table's name with and without its schema. */
function spellings({ name }: Table): string[] {
  const bare = bareTableName(name);
  return bare === name ? [name] : [bare, name];
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

function isShortFor(short: string, long: string): boolean {
  return short.length >= 3 && short.length <= 5 && long.length > short.length + 2 && long.startsWith(short);
}
