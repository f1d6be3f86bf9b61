import { PLACEHOLDER_PATTERN, type PlaceholderPrefix } from '../../placeholder.js';
import type { Table } from '../bundle.js';
import type { SchemaColumn, SchemaIndex } from '../schema-index.js';
import { bareTableName } from '../../../tsql/identifier.js';
import { splitWords } from '../words.js';
import { IDENTIFIER_ABBREVIATIONS, COMPOUND_PARTS, RELATED, STOP_WORDS } from './lexicon.js';
import { isOneTypoAway, stem } from './stem.js';

/** The stems of a name or synonym of a table or column. */
interface Phrase {
  owner: Owner;
  stems: string[];
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
/** Factor for a phrase that appears verbatim in the question. */
const VERBATIM_BONUS = 2;

/** Names, synonyms and word frequencies of one schema, ready to be compared with questions. */
export class LinkScorer {
  readonly #phrasesByStem = new Map<string, Phrase[]>();
  readonly #ownersByStem = new Map<string, Set<Owner>>();
  readonly #vocabulary = new Set<string>();
  readonly #ownerCount: number;
  readonly #nearWords = new Map<string, readonly [stem: string, weight: number][]>();

  constructor(readonly index: SchemaIndex) {
    let owners = 0;
    for (const table of index.tables) {
      this.#addOwner({ table: table.name, phrases: [] }, namesOf(table));
      for (const ref of index.columns(table.name)) {
        this.#addOwner({ table: table.name, ref, phrases: [] }, [
          ref.column.name,
          ...(ref.column.synonyms ?? []),
        ]);
        owners += 1;
      }
    }
    this.#ownerCount = owners + index.tables.length;
  }

  #addOwner(owner: Owner, names: readonly string[]): void {
    for (const words of names.flatMap(readings)) {
      const telling = words.filter((word) => !STOP_WORDS.has(word));
      const phrase = { owner, stems: [...new Set((telling.length > 0 ? telling : words).map(stem))] };
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
      for (const part of [word, ...expandWords(word)]) add(stem(part), 1);
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
    return verbatim * matched * (matched / total);
  }
}

/** Bounds the time for absurdly long questions. */
const MAX_WORDS = 400;
const MAX_REMEMBERED = 20_000;

/** What people may call a table; its schema alone does not name it. */
function namesOf({ name, synonyms = [] }: Table): string[] {
  const bare = bareTableName(name);
  return [...(bare === name ? [name] : [bare, name]), ...synonyms];
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

function isShortFor(short: string, long: string): boolean {
  return short.length >= 3 && short.length <= 5 && long.length > short.length + 2 && long.startsWith(short);
}

/** A name's words as written, and also with abbreviations expanded if that differs. */
function readings(name: string): string[][] {
  const plain = splitWords(name);
  const expanded = expandWords(name);
  return plain.join(' ') === expanded.join(' ') ? [plain] : [plain, expanded];
}

/** The words of a name, with abbreviations expanded and compounds split: `hadm_id` → hospital admission id. */
function expandWords(name: string): string[] {
  return splitWords(name).flatMap((word) => {
    const parts = COMPOUND_PARTS.has(word) ? [word] : (splitCompound(word) ?? [word]);
    return parts.flatMap((part) => IDENTIFIER_ABBREVIATIONS.get(part)?.split(' ') ?? [part]);
  });
}

/** `encounterid` → encounter id; undefined if the word is not made of known parts. */
function splitCompound(word: string): string[] | undefined {
  if (word.length < 5) return undefined;
  for (let cut = word.length - 2; cut >= 2; cut -= 1) {
    const head = word.slice(0, cut);
    const tail = word.slice(cut);
    if (!COMPOUND_PARTS.has(head)) continue;
    if (COMPOUND_PARTS.has(tail)) return [head, tail];
    const rest = splitCompound(tail);
    if (rest) return [head, ...rest];
  }
  return undefined;
}
