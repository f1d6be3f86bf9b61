import type { Random } from '../../base/random.js';
import { pluralise } from '../corpus/topics/words.js';
import { otherPhrasesOf, otherWordsOf, shortFormsOf, type Stock } from './stock.js';

type Case = 'snake' | 'pascal' | 'camel' | 'upper' | 'run' | 'upper run' | 'title snake';

/** How an invented schema spells its names. Like most real schemas, it uses one style throughout. */
export interface NamingStyle {
  stock: Stock;
  case: Case;
  /** How often a word is abbreviated, and how often a phrase is replaced by another that means the same. */
  abbreviated: number;
  replaced: number;
  plural: boolean;
  /** Prefix of every table: `tbl`, `hc`; empty for none. */
  tablePrefix: string;
  /** Whether columns begin with a short form of their table (`PAT_BIRTH_DATE`) or with its noun. */
  columnPrefix: 'none' | 'short' | 'noun';
  /** Whether columns begin with a short form of their type: `dtBirth`, `strName`. */
  hungarian: boolean;
  /** How keys are named: `patient_id`, `id`, `patient_key`. */
  key: string;
  /** The database schema before every table, or before catalogues and before the others; empty for none. */
  schemas: readonly string[];
}

const PREFIXES: Record<Stock, string[]> = {
  training: ['tbl', 't', 'hc', 'clin', 'ods', 'stg', 'emr', 'his', 'dbo', 'x'],
  'held-out': ['tb', 'ent', 'dw', 'reg', 'kis'],
};
const SCHEMAS: Record<Stock, string[]> = {
  training: ['cdm', 'hosp', 'ehr', 'clinical', 'core', 'dw', 'stage', 'rpt', 'app', 'emr'],
  'held-out': ['care', 'mart', 'vault', 'kis'],
};
const KEYS: Record<Stock, string[]> = {
  training: ['id', 'noun id', 'noun id', 'noun id', 'noun key', 'noun uid', 'noun sk', 'noun number'],
  'held-out': ['noun pk', 'noun identifier', 'noun no'],
};
const CASES: Record<Stock, Case[]> = {
  training: ['snake', 'snake', 'snake', 'pascal', 'pascal', 'camel', 'upper', 'upper', 'run', 'upper run'],
  'held-out': ['title snake', 'snake', 'pascal', 'upper'],
};

export function drawStyle(random: Random, stock: Stock): NamingStyle {
  const style = random.pick(CASES[stock]);
  // Words run together are readable only if they are written out.
  const isRun = style.endsWith('run');
  const isShort = !isRun && random.chance(0.5);
  return {
    stock,
    case: style,
    abbreviated: isShort ? random.pick([0.25, 0.6, 0.95]) : 0,
    replaced: random.pick([0, 0.25, 0.5, 0.8]),
    plural: random.chance(0.3),
    tablePrefix: !isRun && random.chance(0.25) ? random.pick(PREFIXES[stock]) : '',
    columnPrefix: !isRun && random.chance(0.15) ? random.pick(['short', 'noun'] as const) : 'none',
    hungarian: (style === 'pascal' || style === 'camel') && random.chance(0.12),
    key: random.pick(KEYS[stock]),
    schemas: random.chance(0.25) ? random.sample(SCHEMAS[stock], random.pick([1, 1, 2])) : [],
  };
}

/** What is named: its words, what else people say, and what only schemas write. */
export interface Nameable {
  words: string;
  synonyms: readonly string[];
  names: readonly string[];
  /** Whether a phrase names something else: vital signs are not called lab results. */
  isTaken?: ((phrase: string) => boolean) | undefined;
}

const HUNGARIAN: Record<string, string> = {
  d: 'dt', t: 'dt', D: 'dt', A: 'dt', E: 'dt', Z: 'dt', s: 'str', x: 'txt', r: 'txt', c: 'cd', S: 'cd', k: 'str', u: 'str',
  b: 'flg', i: 'num', n: 'num', m: 'amt', y: 'num', o: 'num', q: 'cd',
}; // prettier-ignore

/** Names the tables and columns of one schema. It uses the same word and the same abbreviation throughout. */
export class Namer {
  private readonly phrases = new Map<string, string>();
  private readonly short = new Map<string, string>();

  constructor(
    readonly style: NamingStyle,
    private readonly random: Random,
  ) {}

  /** The words that this schema uses for something. */
  phraseOf({ words, synonyms, names, isTaken }: Nameable): string {
    let phrase = this.phrases.get(words);
    if (phrase === undefined) {
      phrase = this.random.chance(this.style.replaced)
        ? this.another(words, synonyms, names, isTaken)
        : words;
      this.phrases.set(words, phrase);
    }
    return phrase;
  }

  private another(
    words: string,
    synonyms: readonly string[],
    names: readonly string[],
    isTaken: (phrase: string) => boolean = () => false,
  ): string {
    const { stock } = this.style;
    const others = [...names, ...synonyms, ...otherPhrasesOf(words, stock), ...this.withOtherWords(words)];
    const fitting = others.filter(
      (other) => !/\b(of|the)\b/.test(other) && other.split(' ').length <= 4 && !isTaken(other),
    );
    return fitting.length === 0 ? words : this.random.pick(fitting);
  }

  /** The phrase with one word replaced. */
  private withOtherWords(phrase: string): string[] {
    const words = phrase.split(' ');
    if (words.length === 1) return [];
    return words.flatMap((word, i) =>
      otherWordsOf(word, this.style.stock).map((other) => words.with(i, other).join(' ')),
    );
  }

  /** @param prefix words before the noun, such as `fact` */
  table(phrase: string, prefix: string): string {
    const noun = this.style.plural ? pluralise(phrase) : phrase;
    const words = [this.style.tablePrefix, prefix, ...noun.split(' ')].filter((word) => word !== '');
    return this.spell(words);
  }

  /** @param noun the table's noun, for styles that prefix columns with it; @param type an AttributeType */
  column(phrase: string, noun: string, type: string): string {
    const { columnPrefix, hungarian } = this.style;
    const words = phrase.split(' ');
    const nounWords = noun.split(' ');
    if (hungarian && HUNGARIAN[type] !== undefined) words.unshift(HUNGARIAN[type]);
    if (columnPrefix === 'short') words.unshift(shortOf(noun));
    else if (columnPrefix === 'noun' && words[0] !== nounWords[0]) words.unshift(nounWords.at(-1)!);
    return this.spell(words);
  }

  private spell(words: readonly string[]): string {
    const spelled = words.map((word) => this.shortened(word));
    const capital = (word: string): string => word[0]!.toUpperCase() + word.slice(1);
    switch (this.style.case) {
      case 'snake':
        return spelled.join('_');
      case 'upper':
        return spelled.join('_').toUpperCase();
      case 'title snake':
        return spelled.map(capital).join('_');
      case 'run':
        return spelled.join('');
      case 'upper run':
        return spelled.join('').toUpperCase();
      case 'pascal':
        return spelled.map(capital).join('');
      case 'camel':
        return spelled.map((word, i) => (i === 0 ? word : capital(word))).join('');
    }
  }

  private shortened(word: string): string {
    let short = this.short.get(word);
    if (short === undefined) {
      const forms = this.random.chance(this.style.abbreviated) ? shortFormsOf(word, this.style.stock) : [];
      short = forms.length === 0 ? word : this.random.pick(forms);
      this.short.set(word, short);
    }
    return short;
  }
}

function shortOf(noun: string): string {
  const words = noun.split(' ');
  return words.length > 1 ? words.map((word) => word[0]).join('') : noun.slice(0, 3);
}
