import { splitWords } from '../../data/schema/words.js';
import type { SchemaIndex } from '../../data/schema/schema-index.js';
import { wordsOf } from '../../data/schema/words/derive.js';
import { englishBits, Misspellings, WORD } from '../vault/mentions/word-class.js';

/** A word of a masked question that takes something away: `not`, `never`, `without`, `uninsured`. */
export interface SaidNegation {
  word: string;
  /** Placeholders that the word takes away. */
  governed: readonly string[];
  /** Whether an event did not happen: `not given __TEXT_1__` is no other drug, but none of this one. */
  isEvent: boolean;
}

export interface Negations {
  /** In the order of the question; `neither … nor` counts once, and so does `is not missing`. */
  list: readonly SaidNegation[];
  /** Placeholders that no negation can reach: they stand before the first, or there is none. */
  kept: readonly string[];
  /** Whether rows without a partner are to be listed too: `even those who have none`. */
  keepsAll: boolean;
  /** The question with these words spelled right. */
  text: string;
}

const COMPARED =
  'more|less|fewer|later|earlier|older|younger|sooner|longer|shorter|higher|lower|greater|smaller|larger|bigger';

/** What sounds negative and takes nothing away: comparisons, `yes or no`, `without duplicates`, `No. of patients`. */
const HARMLESS = new RegExp(
  [
    String.raw`(?:no|not|n't|never) (?:any )?(?:${COMPARED})(?: than)?\b`,
    String.raw`(?:not|n't|never) (?:before|after|above|below|over|under|until|exceed(?:s|ed|ing)?|equal to or)\b`,
    String.raw`yes (?:or|/) ?no\b|yes/no\b|\bor (?:else )?not\b|\bwhether or not\b|\bif not\b|\bnot only\b|\bno matter\b`,
    String.raw`(?:without|no|with no|not counting) (?:any )?(?:duplicat|repeat|repetition|doubl)\w*`,
    String.raw`no\.? of\b|\bno\.(?= )|\bnos?\.? (?=__)`,
  ]
    .map((part) => String.raw`(?<![\w])(?:${part})`)
    .join('|'),
  'gi',
);

const ANY = String.raw`(?:no(?:ne)?\b|without\b|(?:do|did|does|have|has|had)(?: not|n't)\b)`;
/** An outer join in words, by how it begins, what comes between, and how it ends. */
const KEEPS_ALL = new RegExp(
  [
    // `even if they have none`, `including those without any`, `keep those with no visit`
    String.raw`\b(?:even|also|including|include|includes|keep|keeping|and|plus|counting)(?: for)? (?:if|those|the ones|ones|people|patients|any)\b[^,.;?]{0,40}?${ANY}[^,.;?]*`,
    // `include patients of the ward without a visit`
    String.raw`\b(?:even|also|including|include|keep)\b[^,.;?]{0,30}\b${ANY}[^,.;?]*`,
    // `zero if none`, `or none`
    String.raw`\b(?:zero|0) (?:if|for|where) none\b`,
    String.raw`\bor none\b`,
  ].join('|'),
  'gi',
);

const PLACEHOLDER = String.raw`__[A-Z]+_\d+__`;
/** What takes something away, the longer phrases before the words that they begin with. */
const WORDS = [
  // another than this one
  'not equal to|diff(?:ers?|ering|ered|erent) (?:from|than|to)|other than',
  // all but this one
  'anything but|anyone but|all but|everything but|apart from|aside from|free (?:of|from)',
  'rather than|instead of|as opposed to|but not',
  // no such row
  "not|[a-z]+n['’]t|cannot|cant|never|without|no one|nobody|nothing|none|no|neither|nor",
  // left out
  'except(?: for)?|excepting|excludes?|excluding|excluded|exclude|minus',
  // no value
  'lack(?:s|ed|ing)?|absent|absence of|missing|unknown|void of|devoid of',
  // `non-smoking`, `uninsured`
  'non-?[a-z]+|un[a-z]{4,}',
].join('|');
const NEGATION = new RegExp(String.raw`(?<![\w'’])(?:${WORDS})(?![\w'’])|<>|!=|≠`, 'gi');
/** Between a negation and what it takes away no new clause begins. */
const CLAUSE =
  /[,;:?]|\b(?:who|whom|whose|which|that|but|where|while|when|and|or|in|during|since|on|before|after|by|per|sorted|ordered|among|of those)\b/i;
const REACH = 8;

/** Words whose misspellings would turn a question around. */
const SPELLED =
  'without never neither except excluding excluded exclude missing unknown different differs including include'.split(
    ' ',
  );

const misspelled = new Misspellings();
for (const word of SPELLED) misspelled.add(word);

/** Mends misspelled negations; the length of the text may change. */
function mend(question: string): string {
  return question.replace(/(?<![\w'’])[a-z]{5,11}(?![\w'’])/gi, (word) => {
    const lower = word.toLowerCase();
    if (SPELLED.includes(lower) || englishBits(lower) !== 0) return word;
    return misspelled.find(lower) ?? word;
  });
}

/** Finds what the question takes away. Names of the schema that contain such a word take nothing away. */
export function negationsOf(question: string, index?: SchemaIndex): Negations {
  const mended = mend(question);
  let text = blank(mended, HARMLESS);
  if (index) for (const phrase of negativeNames(index)) text = blank(text, phrase);
  const open = text;
  text = blank(text, KEEPS_ALL);
  const found = [...text.matchAll(NEGATION)].filter(([word]) => isNegation(word.toLowerCase(), index));
  const list: SaidNegation[] = [];
  let lastEnd = -1;
  for (const [i, { 0: word, index: at }] of found.entries()) {
    const end = at + word.length;
    const isSecond =
      /^nor$/i.test(word) || (lastEnd >= 0 && /^\s*(?:be |been |a |an )?$/.test(text.slice(lastEnd, at)));
    const until = found[i + 1]?.index ?? text.length;
    const governed = [...following(text.slice(end, until)), ...preceding(text.slice(0, at), word)];
    lastEnd = end;
    const before = list.at(-1);
    if (isSecond && before)
      list[list.length - 1] = { ...before, governed: [...before.governed, ...governed] };
    else list.push({ word: word.toLowerCase(), governed, isEvent: isEvent(word, text.slice(end, until)) });
  }
  const first = found[0]?.index ?? text.length;
  const taken = new Set(list.flatMap(({ governed }) => governed));
  const early = text.slice(0, first).match(new RegExp(PLACEHOLDER, 'g')) ?? [];
  return {
    list,
    kept: [...new Set(early)].filter((name) => !taken.has(name)),
    keepsAll: text !== open,
    text: mended,
  };
}

function blank(text: string, pattern: RegExp): string {
  return text.replace(pattern, (part) => part.replace(/[^\s_]/g, '·'));
}

const EVENT_VERB =
  /^\s*(?:ever |yet |also |been |being |be |have |had |having |has )*(?:given|give|receiv(?:e|ed|ing)|prescribed|tak(?:e|en|ing)|administered|undergo(?:ne|ing)?|diagnosed|tested|treated|vaccinated|immuni[sz]ed|started|infused|injected|got|gotten|get)\b/i;

function isEvent(word: string, rest: string): boolean {
  return /^(?:not|never|[a-z]+n['’]t|nor|neither|but not)$/i.test(word) && EVENT_VERB.test(rest);
}

/** The placeholders right after a negation, within its clause: `not given __TEXT_1__ or __TEXT_2__`. */
function following(rest: string): string[] {
  const first = new RegExp(PLACEHOLDER).exec(rest);
  if (!first || /^__(?:DATE|NUM)/.test(first[0])) return [];
  const between = rest.slice(0, first.index);
  if (CLAUSE.test(between) || between.trim().split(/\s+/).length > REACH) return [];
  const names = [first[0]];
  const more = new RegExp(
    String.raw`^\s*(?:,|and|or|nor|, and|, or|\/)\s*(?:in |of |to |by )?(${PLACEHOLDER})`,
    'i',
  );
  let tail = rest.slice(first.index + first[0].length);
  for (let next = more.exec(tail); next; next = more.exec(tail)) {
    if (/^__(?:DATE|NUM)/.test(next[1]!)) break;
    names.push(next[1]!);
    tail = tail.slice(next[0].length);
  }
  return names;
}

/** The placeholder that a verb after it takes away: `patients for whom __TEXT_1__ was never given`. */
function preceding(before: string, word: string): string[] {
  if (!/^(?:not|never|[a-z]+n['’]t|excluded|missing|absent)$/i.test(word)) return [];
  const match = new RegExp(
    String.raw`\b(?:where|for whom|whom|when)\s+(?:an? |the )?(${PLACEHOLDER})(?: \w+){0,2}?\s*(?:is|was|were|has been|had been|are)?\s*$`,
    'i',
  ).exec(before);
  return match ? [match[1]!] : [];
}

const PREFIXED = /^(?:non-?|un)([a-z]+)$/;

/** `uninsured` and `non-smoking` negate, `under` and `unique` do not. A word of the schema is a name. */
function isNegation(word: string, index: SchemaIndex | undefined): boolean {
  const prefixed = PREFIXED.exec(word);
  if (!prefixed || /^(?:none|not|no)$/.test(word)) return true;
  if (index !== undefined && wordsOfNames(index).has(word)) return false;
  if (word === 'unknown') return true;
  const rest = prefixed[1]!;
  if (word.startsWith('non')) return (englishBits(rest) & WORD.general) !== 0 || word.includes('-');
  return /(?:ed|en)$/.test(rest) && englishBits(word) === 0 && englishBits(rest) !== 0;
}

const names = new WeakMap<SchemaIndex, ReadonlySet<string>>();
const phrases = new WeakMap<SchemaIndex, RegExp[]>();

function wordsOfNames(index: SchemaIndex): ReadonlySet<string> {
  let found = names.get(index);
  if (!found) {
    found = new Set(
      index.tables
        .flatMap((table) => [table.name, ...table.columns.map(({ name }) => name)])
        .flatMap(splitWords),
    );
    names.set(index, found);
  }
  return found;
}

/** Names and synonyms that contain a negative word: `days without supply`. */
function negativeNames(index: SchemaIndex): RegExp[] {
  let found = phrases.get(index);
  if (!found) {
    const words = wordsOf(index.bundle);
    const all = index.tables.flatMap((table) => [
      words.ofTable(table),
      ...table.columns.map((column) => words.ofColumn(column)),
    ]);
    const texts = all.flatMap(({ words: name, synonyms }) => [name, ...synonyms.map(({ text }) => text)]);
    for (const { name, columns } of index.tables)
      for (const text of [name, ...columns.map((column) => column.name)])
        texts.push(splitWords(text).join(' '));
    const negative = new Set(
      texts.filter(
        (text) =>
          / /.test(text) && /\b(?:not|no|without|non|missing|unknown|never|excluded?|none)\b/i.test(text),
      ),
    );
    found = [...negative].map((text) => new RegExp(String.raw`\b${text.replace(/[^\w ]/g, '.')}s?\b`, 'gi'));
    phrases.set(index, found);
  }
  return found;
}
