import { PLACEHOLDER_PATTERN, type PlaceholderPrefix } from '../../placeholder.js';
import type { Table } from '../bundle.js';
import type { SchemaIndex } from '../schema-index.js';
import { bareTableName } from '../../../tsql/identifier.js';
import { splitWords } from '../words.js';
import { wordsOf, type NameWords, type SchemaWords } from '../words/derive.js';
import { singular } from '../words/singular.js';
import { factsOf, type LinkFacts } from './facts.js';
import { IDIOMS, PEOPLE, RELATED, SAME_AS, SPELLED, STOP_WORDS, WEAKLY_RELATED } from './lexicon.js';
import { isOneTypoAway, stem } from './stem.js';

/** A name or synonym of a table or column, as stems. */
interface Phrase {
  /** A table's number, or the number of tables plus a column's. */
  owner: number;
  stems: number[];
  /** ` visit start ` */
  text: string;
  /** Less than 1 if the phrase was derived from the name, and no person wrote it. */
  trust: number;
  /** The rarity of all its stems together. */
  total: number;
}

/** How well the question's words name each table and column, by their numbers in `LinkFacts`. */
export interface Scores {
  tables: Float64Array;
  columns: Float64Array;
  /** The columns with a score, in any order. */
  named: readonly number[];
  /** The kinds of placeholders in the question: `DATE` makes date columns more likely. */
  kinds: ReadonlySet<PlaceholderPrefix>;
  /** The words of the question. */
  words: readonly string[];
}

const RELATED_WEIGHT = 0.5;
const WEAKLY_RELATED_WEIGHT = 0.25;
/** What `explains` says of a word that only a typo away is a schema's. */
export const TYPO_WEIGHT = 0.7;
const PREFIX_WEIGHT = 0.4;
/** Weight of what an abbreviation in a question stands for, if the schema uses the abbreviation itself. */
const EXPANDED_WEIGHT = 0.5;
/** Trust in a synonym that only the lexicon suggests. */
const DERIVED_TRUST = 0.6;
/** Weight of another table than the patients', if the question names people only. */
const FAINT = 0.05;
/** Factor for a phrase that appears verbatim in the question. */
const VERBATIM_BONUS = 2;

/** Names, synonyms and word frequencies of one schema, ready to be compared with questions. */
export class LinkScorer {
  readonly facts: LinkFacts;
  readonly #stems = new Map<string, number>();
  readonly #phrasesByStem: Phrase[][] = [];
  readonly #rarity: number[] = [];
  readonly #vocabulary = new Set<string>();
  readonly #words: SchemaWords;
  /** What each word stands for, as stems with weights; words repeat from question to question. */
  readonly #weighed = new Map<string, readonly (readonly [stem: number, weight: number])[]>();
  readonly #respelled = new Map<string, string>();
  readonly #weights: Float64Array;
  /** Stems of the words for people. */
  readonly #people: ReadonlySet<number>;

  constructor(index: SchemaIndex) {
    this.facts = factsOf(index);
    this.#words = wordsOf(index.bundle);
    const { tables, columns } = this.facts;
    const phrases: Phrase[] = [];
    tables.forEach((table, place) =>
      this.#addOwner(phrases, place, spellings(table), this.#words.ofTable(table)),
    );
    columns.forEach(({ column }, place) =>
      this.#addOwner(phrases, tables.length + place, [column.name], this.#words.ofColumn(column)),
    );
    // Rare words count for more: `id` and `concept` occur in half of the columns, `refills` in one.
    const owners = tables.length + columns.length;
    const holders = this.#phrasesByStem.map((list) => new Set(list.map(({ owner }) => owner)).size);
    holders.forEach((held) => this.#rarity.push(Math.log(1 + owners / held)));
    for (const phrase of phrases) phrase.total = phrase.stems.reduce((sum, s) => sum + this.#rarity[s]!, 0);
    this.#weights = new Float64Array(this.#rarity.length);
    this.#people = new Set([...PEOPLE].flatMap((word) => this.#stems.get(stem(word)) ?? []));
  }

  #addOwner(
    phrases: Phrase[],
    owner: number,
    names: readonly string[],
    { words, synonyms }: NameWords,
  ): void {
    for (const name of [...names, words]) this.#addPhrases(phrases, owner, name, 1);
    for (const { text, source } of synonyms) {
      this.#addPhrases(phrases, owner, text, source === 'bundle' ? 1 : DERIVED_TRUST);
    }
  }

  #addPhrases(phrases: Phrase[], owner: number, text: string, trust: number): void {
    for (const words of this.#words.readings(text)) {
      const telling = words.filter((word) => !STOP_WORDS.has(word));
      const stems = [...new Set((telling.length > 0 ? telling : words).map(stem))];
      const numbers = stems.map((s) => this.#stemNumber(s));
      const phrase = { owner, stems: numbers, text: ` ${stems.join(' ')} `, trust, total: 0 };
      words.forEach((word) => this.#vocabulary.add(word));
      phrases.push(phrase);
      for (const s of numbers) this.#phrasesByStem[s]!.push(phrase);
    }
  }

  #stemNumber(s: string): number {
    let number = this.#stems.get(s);
    if (number === undefined) {
      number = this.#phrasesByStem.push([]) - 1;
      this.#stems.set(s, number);
    }
    return number;
  }

  /** How well the schema explains a word: 1 if a name or synonym contains it, less for a similar or related word. */
  explains(word: string): number {
    return this.#weigh(word).reduce((best, [, weight]) => Math.max(best, weight), 0);
  }

  /** @param question with placeholders for its values */
  score(question: string): Scores {
    const kinds = new Set<PlaceholderPrefix>();
    const text = question
      .replace(OF_RECORDS, ' ')
      .replace(PLACEHOLDER_PATTERN, (_all, prefix: PlaceholderPrefix) => {
        kinds.add(prefix);
        return ' ';
      });
    const words = splitWords(text).slice(0, MAX_WORDS);
    const weights = this.#weights;
    const touched: number[] = [];
    const weigh = (word: string, share: number): void => {
      for (const [s, weight] of this.#weigh(word)) {
        if (weights[s] === 0) touched.push(s);
        if (share * weight > weights[s]!) weights[s] = share * weight;
      }
    };
    // `Number of patients` is no patient number, `last year` no last name, what is noted no note, and who lives in a town
    // is not alive only.
    const asked = text
      .replace(/\b((number|no\.?) of|(last|first)(?! name))\b/gi, ' ')
      .replace(/\bnoted\b/gi, 'recorded')
      .replace(/\bliving (?=(in|at)\b)/gi, 'live ');
    for (const word of splitWords(asked).slice(0, MAX_WORDS)) weigh(word, 1);
    for (const [phrase, hints] of IDIOMS)
      if (phrase.test(question)) for (const hint of hints.split(' ')) weigh(hint, 1);
    const telling = words.filter((word) => !STOP_WORDS.has(word));
    const scores = this.#scorePhrases(touched, ` ${telling.map(stem).join(' ')} `);
    for (const s of touched) weights[s] = 0;
    return { ...scores, kinds, words };
  }

  #scorePhrases(touched: readonly number[], sequence: string): Pick<Scores, 'tables' | 'columns' | 'named'> {
    const { tables: tableList, columns: columnList, tableRoles } = this.facts;
    const tables = new Float64Array(tableList.length);
    const columns = new Float64Array(columnList.length);
    const named: number[] = [];
    const weights = this.#weights;
    for (const s of touched) {
      for (const phrase of this.#phrasesByStem[s]!) {
        const { stems, total, trust, owner } = phrase;
        let matched = 0;
        // A phrase with several stems of the question is met several times; its score is the same each time.
        let isOfPeople = true;
        for (const part of stems) {
          matched += this.#rarity[part]! * weights[part]!;
          if (weights[part]! > 0 && !this.#people.has(part)) isOfPeople = false;
        }
        const isVerbatim = matched >= total - 1e-9 && sequence.includes(phrase.text);
        const score = trust * (isVerbatim ? VERBATIM_BONUS : 1) * matched * (matched / total);
        const column = owner - tables.length;
        const table = column < 0 ? owner : this.facts.tableOf[column]!;
        const share = isOfPeople && tableRoles[table] !== 'patient' ? FAINT : 1;
        if (column < 0) tables[owner] = Math.max(tables[owner]!, share * score);
        else {
          if (columns[column] === 0) named.push(column);
          columns[column] = Math.max(columns[column]!, share * score);
        }
      }
    }
    return { tables, columns, named };
  }

  /** The stems of the schema that a word stands for, each with its largest weight. */
  #weigh(word: string): readonly (readonly [stem: number, weight: number])[] {
    const known = this.#weighed.get(word);
    if (known) return known;
    const weights = new Map<number, number>();
    const add = (s: string, weight: number): void => {
      const number = this.#stems.get(s);
      if (number !== undefined && weight > (weights.get(number) ?? 0)) weights.set(number, weight);
    };
    const same = SAME_AS.get(word);
    if (same !== undefined) add(stem(same), 1);
    for (const related of (RELATED.get(word) ?? this.#relatedToTypo(word))?.split(' ') ?? [])
      add(stem(related), RELATED_WEIGHT);
    for (const related of WEAKLY_RELATED.get(word)?.split(' ') ?? [])
      add(stem(related), WEAKLY_RELATED_WEIGHT);
    if (!STOP_WORDS.has(word)) {
      add(stem(word), 1);
      const expanded = this.#stems.has(stem(word)) ? EXPANDED_WEIGHT : 1;
      // `lasted` is no `last` emergency department.
      if (!INFLECTED.test(word))
        for (const part of this.#words.readings(word).flat()) add(stem(part), expanded);
      this.#addNear(word, add);
    }
    if (this.#weighed.size > MAX_REMEMBERED) this.#weighed.clear();
    const list = [...weights];
    this.#weighed.set(word, list);
    return list;
  }

  /** The question with the words that its phrases are made of as they are spelled: `pattients rceorded`. */
  respell(question: string): string {
    return question.replace(/\b[a-z]{6,}\b/g, (word) => {
      if (!this.#respelled.has(word)) {
        if (this.#respelled.size > MAX_REMEMBERED) this.#respelled.clear();
        this.#respelled.set(word, this.#respell(word));
      }
      return this.#respelled.get(word)!;
    });
  }

  #respell(word: string): string {
    if (SPELLED.has(word) || STOP_WORDS.has(word) || SAME_AS.has(word)) return word;
    if (RELATED.has(word) || WEAKLY_RELATED.has(word) || this.#vocabulary.has(word)) return word;
    return [...SPELLED].find((one) => isOneTypoAway(word, one)) ?? word;
  }

  /** What a word hints at if it is a typo: `operattions`. */
  #relatedToTypo(word: string): string | undefined {
    if (word.length < 7 || this.#stems.has(stem(word)) || WEAKLY_RELATED.has(word)) return undefined;
    const spellings = [word, singular(word)];
    for (const [known, related] of RELATED)
      if (spellings.some((one) => isOneTypoAway(one, known)))
        return [SAME_AS.get(known), related].join(' ').trim();
    return undefined;
  }

  /** Words of the schema that a word may be a typo, an abbreviation or a longer form of. */
  #addNear(word: string, add: (s: string, weight: number) => void): void {
    const isWord = this.#stems.has(stem(word));
    const spellings = [word, singular(word)];
    for (const candidate of this.#vocabulary) {
      if (!isWord && word.length >= 5 && spellings.some((one) => isOneTypoAway(one, candidate)))
        add(stem(candidate), TYPO_WEIGHT);
      else if (isShortFor(candidate, word) || isShortFor(word, candidate))
        add(stem(candidate), PREFIX_WEIGHT);
    }
  }
}

/** Bounds the time for absurdly long questions. */
const MAX_WORDS = 400;
const MAX_REMEMBERED = 20_000;
/** That something is on record says nothing of a table: everything is. */
const OF_RECORDS = /\bbeen (noted|recorded|documented)\b|\bon (record|file)\b|\bthe records? (say|show)\b/gi;
const INFLECTED = /^[a-z]{3,}(ed|ing)$/;

/** A table's name with and without its schema. */
function spellings({ name }: Table): string[] {
  const bare = bareTableName(name);
  return bare === name ? [name] : [bare, name];
}

function isShortFor(short: string, long: string): boolean {
  return short.length >= 3 && short.length <= 5 && long.length > short.length + 2 && long.startsWith(short);
}
