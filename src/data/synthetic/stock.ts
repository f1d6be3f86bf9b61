import { hash48 } from '../../base/hash.js';
import { ABBREVIATIONS } from '../schema/words/dictionary.js';
import { SYNONYMS_OF } from '../schema/words/lexicon.js';

/** Invented schemas that training sees, and those that are held out, name things from different stocks of words. */
export type Stock = 'training' | 'held-out';

/** The share of abbreviations and synonyms that only held-out schemas use. */
const HELD_OUT_SHARE = 0.2;

function isHeldOut(kind: string, word: string): boolean {
  return hash48(`${kind}\n${word}`) / 2 ** 48 < HELD_OUT_SHARE;
}

const OWN: readonly (readonly [string, string])[] = [
  ['sex', 'gender'], ['birth', 'born'], ['time', 'datetime'], ['time', 'timestamp'], ['time', 'ts'], ['date', 'day'],
  ['number', 'nbr'], ['number', 'no'], ['type', 'kind'], ['type', 'class'], ['type', 'category'], ['status', 'state'],
  ['start', 'begin'], ['start', 'from'], ['end', 'stop'], ['end', 'thru'], ['end', 'to'], ['amount', 'amt'],
  ['flag', 'indicator'], ['flag', 'yn'], ['value', 'result'], ['city', 'town'],
  ['reason', 'cause'], ['code', 'cd'], ['result', 'value'], ['note', 'remark'],
  ['text', 'comment'], ['discharge', 'release'], ['collection', 'drawn'], ['limit', 'bound'],
  ['lower', 'low'], ['upper', 'high'], ['minutes', 'mins'], ['weight', 'mass'], ['description', 'label'],
]; // prettier-ignore

/** Words that only held-out schemas put in place of the usual ones. */
const OWN_HELD_OUT: readonly (readonly [string, string])[] = [
  ['date', 'dat'], ['time', 'moment'], ['start', 'commence'], ['end', 'conclude'], ['number', 'nmbr'],
  ['name', 'designation'], ['reason', 'grounds'], ['type', 'sort'], ['status', 'condition'], ['value', 'reading'],
  ['flag', 'switch'], ['code', 'symbol'], ['amount', 'sum'], ['birth', 'natal'], ['count', 'tally'],
  ['city', 'municipality'], ['text', 'narrative'], ['order', 'request'], ['result', 'outcome'],
]; // prettier-ignore

/** From each word to the words that may stand for it in a name. */
const OTHER_WORDS = new Map<string, string[]>();
const HELD_OUT_WORDS = new Map(OWN_HELD_OUT);
for (const [word, other] of OWN) OTHER_WORDS.set(word, [...(OTHER_WORDS.get(word) ?? []), other]);

/** Abbreviations by what they most often stand for, so that a reader of names can expand them. */
const SHORT_FORMS = new Map<string, string[]>();
for (const [short, [usual]] of ABBREVIATIONS) {
  if (usual === undefined || usual.includes(' ') || short.length >= usual.length) continue;
  SHORT_FORMS.set(usual, [...(SHORT_FORMS.get(usual) ?? []), short]);
}

const inStock = (stock: Stock, kind: string, words: readonly string[], of: string): string[] =>
  words.filter((word) => stock === 'held-out' || !isHeldOut(kind, `${of} ${word}`));

/** Remembers the words of one kind, for each stock. */
function remembered(
  find: (word: string, stock: Stock) => string[],
): (word: string, stock: Stock) => readonly string[] {
  const known: Record<Stock, Map<string, string[]>> = { training: new Map(), 'held-out': new Map() };
  return (word, stock) => {
    let words = known[stock].get(word);
    if (words === undefined) known[stock].set(word, (words = find(word, stock)));
    return words;
  };
}

/** Abbreviations of a word; for held-out schemas those that training never sees, if there are any. */
export const shortFormsOf = remembered((word, stock) => {
  const forms = inStock(stock, 'short', SHORT_FORMS.get(word) ?? [], word);
  const unseen = stock === 'training' ? [] : forms.filter((form) => isHeldOut('short', `${word} ${form}`));
  return unseen.length > 0 ? unseen : forms;
});

/** Words that may replace one word of a name. */
export const otherWordsOf = remembered((word, stock) => {
  const unseen = HELD_OUT_WORDS.get(word);
  if (stock === 'held-out' && unseen !== undefined) return [unseen];
  return inStock(stock, 'word', OTHER_WORDS.get(word) ?? [], word);
});

/** Words of the lexicon that are no nouns, or that name a patient's key where another number is meant. */
const NO_NOUN =
  /^(died|born|tall|admitted|discharged|deceased|from|until|finish|stop|begin|onset|how often|patient number)$|\b(from|to|of)$/;

/** Words of the lexicon that mean something else here: a unit of measure is no ward, a study no insurance. */
function isAnother(phrase: string, other: string): boolean {
  return (
    (/^unit\b/.test(phrase) && /\b(ward|care unit|department|floor)\b/.test(other)) ||
    (phrase === 'enrollment' && /insurance|coverage/.test(other)) ||
    (phrase === 'race' && /ethnic/.test(other)) ||
    (phrase === 'ethnicity' && /race/.test(other))
  );
}

/** Phrases of the lexicon that mean the same; a reader who knows the lexicon finds the way back. */
export const otherPhrasesOf = remembered((phrase, stock) => {
  const others = (SYNONYMS_OF.get(phrase) ?? []).filter(
    (other) => other.split(' ').length <= 3 && !NO_NOUN.test(other) && !isAnother(phrase, other),
  );
  return inStock(stock, 'phrase', others, phrase);
});
