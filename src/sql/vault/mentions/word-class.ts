import { SYNONYMS_OF } from '../../../data/schema/words/lexicon.js';
import { singularOf } from '../../../data/values/fold.js';
import { editsBetween, MOST_VARIANTS, variantHashes } from '../../../data/values/typo.js';
import { LABELS, nounWords } from '../nouns.js';
import { UNITS } from '../words.js';
import { COMPOUND_STARTS } from './compound-words.js';
import { CUE_WORDS } from './cue-words.js';
import {
  CONSTRUCT_WORDS,
  FUNCTION_WORDS,
  HEAD_NOUNS,
  IRREGULAR_VERBS,
  NOUNS,
  OTHER_WORDS,
  TIME_WORDS,
  VERBS,
} from './english.js';

/** What explains a word, as bits. A word without any may be a value. */
export const WORD = {
  function: 1,
  construct: 2,
  time: 4,
  general: 8,
  /** A noun that says what the value beside it is. */
  head: 16,
  schema: 32,
  /** Ends a mention that a cue opened: `who`, `had`, `since`. */
  boundary: 64,
  /** May announce a value. */
  cue: 128,
  /** The first word of what people call a coded value. */
  code: 256,
  /** A noun or the base of a verb, which may begin a compound: `contact dermatitis`, `lead poisoning`. */
  attributive: 512,
  /** May begin a name of several words: `type`, `total`, `with`. */
  compound: 1024,
} as const;

/** A mention never reaches over one of these. */
const BOUNDARIES = `who whom whose which that what when where why how if unless while whereas although because but so then
  had has have having was were is are been being am do does did can could may might must shall should will would
  since until till after before during between within throughout through against across per versus vs among amongst
  as their his her its your my our they them he she it we you i there these those this via every each any all also
  patient patients person persons people subject subjects`;

/**
 * Terms of the lexicon that name a measurement or a kind of care. A schema without such a column has them as values, if at all.
 */
const VALUES_OF_LEXICON = new Set(
  `height tall weight body mass index bmi blood pressure bp systolic diastolic upper lower heart pulse respiratory
   breathing temperature oxygen saturation spo2 scan x ray radiology culture implant infusion drip emergency ed er
   intensive icu inpatient outpatient jab shot premium imaging ward mortality obstetric nursing nurse field agent blood
   microbiology pharmacy physical`.split(/\s+/),
);

/** The bits of every word of English that the vault knows, in lower case. */
export const ENGLISH: ReadonlyMap<string, number> = collect();

function collect(): Map<string, number> {
  const words = new Map<string, number>();
  const add = (word: string, bits: number): void => {
    words.set(word, (words.get(word) ?? 0) | bits);
  };
  for (const word of FUNCTION_WORDS) add(word, WORD.function);
  for (const word of CONSTRUCT_WORDS) add(word, WORD.construct);
  for (const word of TIME_WORDS) add(word, WORD.time);
  for (const word of IRREGULAR_VERBS) add(word, WORD.general);
  for (const word of OTHER_WORDS) add(word, WORD.general);
  for (const verb of VERBS) {
    for (const form of formsOfVerb(verb)) add(form, WORD.general);
    add(verb, WORD.attributive);
  }
  for (const noun of NOUNS) {
    for (const form of [noun, pluralOf(noun)]) add(form, WORD.general);
    add(noun, WORD.attributive);
  }
  for (const phrase of SYNONYMS_OF.keys()) {
    for (const word of phrase.split(' ')) {
      if (VALUES_OF_LEXICON.has(word)) continue;
      for (const form of [word, pluralOf(word)]) add(form, WORD.general);
    }
  }
  for (const word of HEAD_NOUNS) add(word, WORD.head | WORD.general);
  // `MRN`, `SNOMED`, `identifier` announce a value; they are none.
  for (const word of [...nounWords(), ...LABELS]) add(word, WORD.general);
  // A unit says how an amount is measured; alone it is no name.
  for (const word of UNITS) add(word, WORD.general);
  for (const word of COMPOUND_STARTS.keys()) if (words.has(word)) add(word, WORD.compound);
  for (const word of CUE_WORDS) add(word, WORD.cue);
  for (const word of BOUNDARIES.split(/\s+/)) add(word, WORD.boundary);
  return words;
}

/** `stop` gives stops, stopped, stopping; `try` gives tries, tried, trying; `use` gives uses, used, using. */
function formsOfVerb(verb: string): string[] {
  const forms = [verb, pluralOf(verb)];
  if (verb.endsWith('ee')) return [...forms, `${verb}d`, `${verb}ing`];
  if (verb.endsWith('e')) return [...forms, `${verb}d`, `${verb.slice(0, -1)}ing`];
  if (/[^aeiou]y$/.test(verb)) return [...forms, `${verb.slice(0, -1)}ied`, `${verb}ing`];
  forms.push(`${verb}ed`, `${verb}ing`);
  // Whether the last consonant doubles depends on the stress: both forms are taken.
  if (/[^aeiou][aeiou][bdfglmnprt]$/.test(verb)) {
    const doubled = verb + verb[verb.length - 1]!;
    forms.push(`${doubled}ed`, `${doubled}ing`);
  }
  return forms;
}

/** A plural of a noun; also the third person of a verb. */
function pluralOf(word: string): string {
  if (word === 'man' || word === 'woman') return `${word.slice(0, -2)}en`;
  if (word === 'child') return 'children';
  if (/(?:s|x|z|ch|sh)$/.test(word)) return word.endsWith('sis') ? `${word.slice(0, -2)}es` : `${word}es`;
  return /[^aeiou]y$/.test(word) ? `${word.slice(0, -1)}ies` : `${word}s`;
}

/** The bits of a lower-case word, without those of a schema. A possessive or plural has those of its word. */
export function englishBits(word: string): number {
  const own = ENGLISH.get(word);
  if (own !== undefined) return own;
  const plain = withoutPossessive(word);
  return (plain === word ? undefined : ENGLISH.get(plain)) ?? ENGLISH.get(singularOf(plain)) ?? 0;
}

/** `patient's` and `patients’` as `patient` and `patients`. */
export function withoutPossessive(word: string): string {
  const { length } = word;
  const mayBe = isApostrophe(word.charCodeAt(length - 1)) || isApostrophe(word.charCodeAt(length - 2));
  return mayBe ? word.replace(/['’]s?$/, '') : word;
}

function isApostrophe(code: number): boolean {
  return code === 0x27 || code === 0x2019;
}

/** Shorter words are not taken for misspelled ones: too many words differ by one letter. */
export const SHORTEST_MISSPELLED = 5;
/** Of five letters only a word that lost its sixth, such as `mnths`. */
const SHORTEST_MEANT = 6;
const SHORTEST_GENERAL = 7;

/** Whether a misspelling of the word may be forgiven: words of a question's construction, and longer ones of any kind. */
export function mayBeMisspelled(word: string, bits: number): boolean {
  if (word.length < SHORTEST_MEANT - 1) return false;
  if ((bits & (WORD.construct | WORD.time | WORD.head | WORD.schema)) !== 0) return true;
  if (/^(?:during|undergone|underwent)$/.test(word)) return true;
  if (word.endsWith('ed')) return word.length >= SHORTEST_MEANT;
  return word.length >= SHORTEST_GENERAL && (bits & (WORD.attributive | WORD.function)) !== 0;
}

const MEDICAL_ENDING =
  /(?:statin|cillin|mycin|micin|cycline|floxacin|azole|sartan|olol|dipine|zepam|zolam|caine|parin|gliptin|gliflozin|mab|nib|vir|itis|osis|emia|oma|pathy|algia|ectomy|otomy|ostomy|plasty|penia|uria|plegia|paresis|trophy|rrhea|scopy|graphy|opioid|steroid|biotic)s?$/;

/** Whether a word is formed as names of drugs, diseases and procedures are: it is then none that is misspelled. */
export function isMedicalTerm(word: string, meant: string): boolean {
  const ending = MEDICAL_ENDING.exec(word)?.[0];
  return ending !== undefined && !meant.endsWith(ending);
}

/** Finds what a misspelled word stands for, one edit away. */
export class Misspellings {
  readonly #words = new Map<number, string[]>();
  readonly #hashes = new Uint32Array(MOST_VARIANTS);

  add(word: string): void {
    const count = variantHashes(word, 1, this.#hashes);
    for (let i = 0; i < count; i++) {
      const filed = this.#words.get(this.#hashes[i]!);
      if (filed === undefined) this.#words.set(this.#hashes[i]!, [word]);
      else filed.push(word);
    }
  }

  /** A filed word that begins with the same letter; undefined if there is none. */
  find(word: string): string | undefined {
    if (word.length < SHORTEST_MISSPELLED || !/^[a-z]+$/.test(word)) return undefined;
    const count = variantHashes(word, 1, this.#hashes);
    for (let i = 0; i < count; i++) {
      for (const other of this.#words.get(this.#hashes[i]!) ?? []) {
        const isLong = word.length >= SHORTEST_MEANT || other.length === SHORTEST_MEANT;
        if (isLong && other[0] === word[0] && isOneEdit(word, other)) return other;
      }
    }
    return undefined;
  }
}

function isOneEdit(word: string, other: string): boolean {
  if (Math.abs(word.length - other.length) > 1) return false;
  const units = Uint16Array.from({ length: other.length }, (_, i) => other.charCodeAt(i));
  return editsBetween(word, units, 0, units.length, 1) === 1;
}
