import type { Random } from '../../base/random.js';
import { pluralise, spokenWords } from '../corpus/topics/words.js';

/** How an invented schema spells its names. Like most real schemas, it uses one style throughout. */
export interface NamingStyle {
  case: 'snake' | 'pascal' | 'camel' | 'upper' | 'run';
  abbreviated: boolean;
  plural: boolean;
  /** Prefix of every table: `tbl`, `hc`; empty for none. */
  tablePrefix: string;
  /** Whether every column begins with a short form of its table: `PAT_BIRTH_DATE`. */
  columnPrefix: boolean;
  /** How keys are named: `patient_id`, `id`, `patient_key`. */
  key: 'id' | 'noun id' | 'noun key' | 'noun uid' | 'noun sk';
}

export function drawStyle(random: Random): NamingStyle {
  const style = random.pick(['snake', 'snake', 'pascal', 'pascal', 'camel', 'upper', 'run'] as const);
  const isRun = style === 'run';
  return {
    case: style,
    // Words run together are readable only if they are not abbreviated.
    abbreviated: !isRun && random.chance(0.3),
    plural: random.chance(0.3),
    tablePrefix: !isRun && random.chance(0.25) ? random.pick(['tbl', 't', 'dim', 'hc', 'clin', 'ods']) : '',
    columnPrefix: !isRun && random.chance(0.12),
    key: random.pick(['id', 'noun id', 'noun id', 'noun id', 'noun key', 'noun uid', 'noun sk'] as const),
  };
}

/** Abbreviations that corpus/topics/words.ts or schema/link/lexicon.ts can expand. */
const SHORT: Record<string, string> = {
  address: 'addr',
  admission: 'adm',
  amount: 'amt',
  appointment: 'appt',
  average: 'avg',
  code: 'cd',
  count: 'cnt',
  date: 'dt',
  department: 'dept',
  description: 'desc',
  diagnosis: 'dx',
  discharge: 'disch',
  encounter: 'enc',
  facility: 'fac',
  location: 'loc',
  medication: 'med',
  number: 'num',
  patient: 'pt',
  prescription: 'rx',
  procedure: 'px',
  provider: 'prov',
  quantity: 'qty',
  sequence: 'seq',
  status: 'stat',
  time: 'tm',
  value: 'val',
  visit: 'vis',
  year: 'yr',
};

export function tableName(noun: string, style: NamingStyle): string {
  const words = (style.plural ? pluralise(noun) : noun).split(' ');
  return spell([...(style.tablePrefix === '' ? [] : [style.tablePrefix]), ...words], style);
}

/** @param noun the table's noun, for styles that prefix columns with it */
export function columnName(words: string, noun: string, style: NamingStyle): string {
  const prefix = style.columnPrefix ? [shortOf(noun)] : [];
  return spell([...prefix, ...words.split(' ')], style);
}

function shortOf(noun: string): string {
  const words = noun.split(' ');
  return words.length > 1 ? words.map((word) => word[0]).join('') : noun.slice(0, 3);
}

function spell(words: readonly string[], style: NamingStyle): string {
  const spelled = style.abbreviated ? words.map((word) => SHORT[word] ?? word) : words;
  const capital = (word: string): string => word[0]!.toUpperCase() + word.slice(1);
  switch (style.case) {
    case 'snake':
      return spelled.join('_');
    case 'upper':
      return spelled.join('_').toUpperCase();
    case 'run':
      return spelled.join('');
    case 'pascal':
      return spelled.map(capital).join('');
    case 'camel':
      return spelled.map((word, i) => (i === 0 ? word : capital(word))).join('');
  }
}

/** True if the name reads as the words; if not, it needs them as a synonym. */
export function saysItsWords(name: string, words: string): boolean {
  return spokenWords(name).join(' ') === words;
}
