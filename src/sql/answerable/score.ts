import { PLACEHOLDER_PATTERN, type PlaceholderInfo } from '../../data/placeholder.js';
import { STOP_WORDS } from '../../data/schema/link/lexicon.js';
import { scorerOf } from '../../data/schema/link/link.js';
import { TYPO_WEIGHT } from '../../data/schema/link/score.js';
import type { SchemaIndex } from '../../data/schema/schema-index.js';
import { splitWords } from '../../data/schema/words.js';
import { SYNONYMS_OF } from '../../data/schema/words/lexicon.js';
import { singularOf } from '../../data/values/fold.js';
import { ANNOUNCERS } from '../vault/mentions/cue-words.js';
import { englishBits, WORD } from '../vault/mentions/word-class.js';
import { knowledgeOf } from '../vault/index.js';
import { framesOf, isClinical, isHuman, isIllness } from './frames.js';
import { isPlural } from './nouns.js';
import { ofOtherFields } from './other-fields.js';
import { unrecordedIn } from './unrecorded.js';
import { AHEAD, AMBIGUOUS, FOREIGN, ORDERS, THINGS } from './words.js';

export interface Unexplained {
  /** A word of the masked question, or the placeholder of a name that nothing places. */
  word: string;
  /** How much it says that the schema cannot answer; above 0. */
  weight: number;
}

/** How much of a question nothing places. */
export interface Strangeness {
  /** Sum of the weights, and more if the question names nothing of the schema. */
  score: number;
  /** What nothing places, heaviest first. */
  words: Unexplained[];
}

export interface MaskedQuestion {
  /** With placeholders for its values. */
  question: string;
  /** With misspelled words as they were read. */
  read?: string | undefined;
  /** With misspelled words as they were written, where `question` has them as they were read. */
  written?: string | undefined;
  placeholders: readonly (Pick<PlaceholderInfo, 'name' | 'kind' | 'columns'> & {
    text?: string | undefined;
    type?: PlaceholderInfo['type'] | undefined;
  })[];
}

export interface EvidenceOptions {
  /** Whether the vault knew the database's values: a name that none of them holds then says more. */
  hasValues?: boolean | undefined;
}

/** In a longer name, a clinical word is a part of what is meant: `side effects of insulin`. */
const MOST_WORDS_OF_TEST = 3;
const AHEAD_WEIGHT = 1;
const UNKNOWN_WEIGHT = 0.3;
const OTHER_SCRIPT_WEIGHT = 1.5;
const NOTHING_NAMED = 1.2;
const MENTION_WEIGHT = 0.15;
const MENTION_WITH_VALUES = 0.5;
/** A name that nothing places where a question says what it asks for: `which … did`, `how many …`. */
const ASKED_FOR = 0.6;
/** Share of a word that names or synonyms explain, above which the schema is said to have it. */
const EXPLAINED = 0.5;

/**
 * Weighs what nothing places. Ordinary words of questions count for nothing; a thing counts if the schema has none, and
 * so do words about the future, words in other scripts, and names without a column.
 */
export function strangeness(
  { question, placeholders, written = question }: MaskedQuestion,
  index: SchemaIndex,
  { hasValues = false }: EvidenceOptions = {},
): Strangeness {
  const scorer = scorerOf(index);
  const knowledge = knowledgeOf(index.bundle);
  const found = new Map<string, number>();
  const add = (word: string, weight: number): void => {
    if (weight > (found.get(word) ?? 0)) found.set(word, weight);
  };
  const text = question.replace(PLACEHOLDER_PATTERN, ' ').replace(/n['’]t\b/g, '');
  const words = splitWords(text);
  let isNamed = placeholders.some(({ kind, columns }) => (columns?.length ?? 0) > 0 || !LOOSE.has(kind));
  const frames = framesOf(question, index);
  isNamed ||= frames.isPlaced || placeholders.some(({ text = '' }) => isHuman(text));
  const isOfCare = (text: string): boolean => {
    if (!frames.isCare) return false;
    const parts = splitWords(text);
    return isIllness(text) || (parts.length <= MOST_WORDS_OF_TEST && isClinical(parts));
  };
  isNamed ||= placeholders.some(({ kind, text = '' }) => kind === 'mention' && isOfCare(text));
  // What the name of something done goes on with is a part of it: `MRI scans 2015-2018`, `ectopic pregnancy`.
  const tails = new Set(
    [...question.matchAll(/(__TEXT_\d+__) ([a-z]+)/gi)].flatMap(([, name, word]) =>
      frames.done.has(name!) || (frames.isCare && isClinical([word!])) ? [word!.toLowerCase()] : [],
    ),
  );
  const said = spoken(question, placeholders);
  // An order may be taken for a name: `Cluster the tests`.
  const first = splitWords(said)[0];
  // `open balance per payer` gives none.
  const isAdjective = /^\W*(?:open|close) (?!(?:the|an?|all|my|up|down|it)\b)/i.test(said);
  if (first !== undefined && ORDERS.has(first) && !isAdjective) add(first, 1);
  for (const word of new Set(words)) {
    if (OTHER_SCRIPT.test(word)) {
      add(word, OTHER_SCRIPT_WEIGHT);
      continue;
    }
    const explained = scorer.explains(word);
    if (explained >= EXPLAINED && !STOP_WORDS.has(word) && !saysNothing(word)) isNamed = true;
    if (AHEAD.has(word) && explained < 1) add(word, AHEAD_WEIGHT);
    if (isThing(word)) {
      if (!tails.has(word) && !isExplained(explained) && !isSaidOtherwise(word, scorer)) add(word, 1);
    } else if (explained === 0 && word.length > 2 && !/^\d/.test(word) && knowledge.bitsOf(word) === 0) {
      add(word, UNKNOWN_WEIGHT);
    }
  }
  // `players` is no typo of `payers`.
  for (const word of new Set(splitWords(written)))
    if (!words.includes(word) && isThing(word) && scorer.explains(word) < EXPLAINED) add(word, 1);
  for (const noun of askedInClear(text)) {
    if (AMBIGUOUS.has(singularOf(noun)) || isHuman(noun) || saysNothing(noun)) continue;
    if (!isExplained(scorer.explains(noun)) && !isSaidOtherwise(noun, scorer)) add(noun, 1);
  }
  for (const text of new Set([said, spoken(written, placeholders)]))
    for (const one of unrecordedIn(text, index)) add(one, 1);
  const lacks = (word: string): boolean =>
    isThing(word) && !isExplained(scorer.explains(word)) && !isSaidOtherwise(word, scorer);
  const unplaced = placeholders.flatMap(({ name, kind, columns, text = '' }) =>
    kind === 'mention' && (columns?.length ?? 0) === 0 ? [{ name, text }] : [],
  );
  // A word that the schema has but for a typo (`wears` for `years`) is not explained here.
  const isOwn = (word: string): boolean => scorer.explains(word.toLowerCase()) >= 1;
  for (const word of ofOtherFields({ question, spoken: said, written }, unplaced, isOwn)) add(word, 1);
  const asked = askedFor(question);
  const announced = announcedIn(question);
  const courses = new Set([...question.matchAll(COURSE)].map(([, name]) => name!));
  const states = new Set([...question.matchAll(STATED)].map(([, name]) => name!));
  for (const { name, kind, columns, text = '' } of placeholders) {
    if (kind !== 'mention' || (columns?.length ?? 0) > 0) continue;
    const parts = splitWords(text);
    if (isHuman(text) || parts.every((word) => USUAL_NAMES.has(word))) continue;
    const weight = hasValues ? MENTION_WITH_VALUES : MENTION_WEIGHT;
    add(name, weight + (asked.has(name) && !isOfCare(text) ? ASKED_FOR : 0));
    const announcer = announced.get(name);
    // In a longer name, the thing is a part of what is meant: `biopsy of bone marrow`, `contact dermatitis`.
    if (parts.some(isForeign) && (announcer === undefined || announcer === 'with')) add(name, 1);
    if (states.has(name) && parts.some((word) => OF_DEGREE.test(word))) add(name, 1);
    const isGiven = (announcer !== undefined && announcer !== 'with') || courses.has(name);
    const isObject =
      frames.objects.has(name) && ((parts.length === 2 && !parts.every(isThing)) || isClass(parts.at(-1)!));
    const isLacking = !isIllness(text) && (announcer === 'with' ? lacks(parts.at(-1)!) : parts.some(lacks));
    if (!isGiven && !isObject && !frames.done.has(name) && parts.length <= 2 && isLacking) add(name, 1);
    // A name in another script is a name where the words around it say so.
    const isPlaced = announcer !== undefined || isNamed;
    if (!isPlaced && parts.some((word) => OTHER_SCRIPT.test(word))) add(name, OTHER_SCRIPT_WEIGHT);
  }
  const list = [...found].map(([word, weight]) => ({ word, weight }));
  list.sort((a, b) => b.weight - a.weight || (a.word < b.word ? -1 : 1));
  const sum = list.reduce((total, { weight }) => total + weight, 0);
  return { score: sum + (isNamed ? 0 : NOTHING_NAMED), words: list };
}

/** Whether the schema has a word that is spelled right: `games` is no typo of `names`. */
function isExplained(weight: number): boolean {
  return weight >= EXPLAINED && weight !== TYPO_WEIGHT;
}

/** The question with the words of its names back in place; IDs, dates and amounts stay hidden. */
export function spoken(question: string, placeholders: MaskedQuestion['placeholders']): string {
  const texts = new Map(placeholders.map(({ name, text }) => [name, text]));
  return question.replace(/__TEXT_\d+__/g, (name) => texts.get(name) ?? name);
}

/** Words that stand for what nearly every hospital records, and words for an identifier; a schema spells them otherwise. */
const USUAL_NAMES: ReadonlySet<string> = new Set([
  ...[...SYNONYMS_OF.keys()].flatMap((phrase) => phrase.split(' ')),
  ...'icu er ed e r id uid ids code codes number spo2 sao2 abnormal normal unspecified occasion occasions'.split(
    ' ',
  ),
]);

/** What somebody or something is said to be more, or most: `which doctor is slower`. */
const STATED =
  /\b(?:which|what|who)\b[^,;?]{0,40}\b(?:is|are|was|were) (?:the |an? |more |most |less |least |very |so |too |really )*(__TEXT_\d+__)(?= than\b| of\b| in\b| at\b|\W*$)/gi;
const OF_DEGREE = /^[a-z]{2,}(?:i?er|i?est)$/;

const OTHER_SCRIPT = /[^\p{Script=Latin}\p{N}\p{M}]/u;

/** Nearly every table has times, names and numbers: they say nothing about what is asked. */
function saysNothing(word: string): boolean {
  return (englishBits(word) & WORD.time) !== 0 || OF_ANYTHING.has(singularOf(word));
}

const OF_ANYTHING = new Set('name title number label description kind type'.split(' '));

/** What is given, found or done, by its class. */
function isClass(word: string): boolean {
  return /^(?:vaccin\w*|immuni[sz]ations?|allerg(?:y|ies)|imaging)$/.test(word);
}

function isForeign(word: string): boolean {
  return FOREIGN.has(word) || FOREIGN.has(singularOf(word));
}

function isThing(word: string): boolean {
  const one = singularOf(word);
  return isForeign(word) || THINGS.has(word) || THINGS.has(one) || OF_THE_FIELD.has(one);
}

/** Whether the schema calls the thing by a synonym: `intervention` where it has procedures. */
function isSaidOtherwise(word: string, scorer: ReturnType<typeof scorerOf>): boolean {
  const one = singularOf(word);
  if (one === 'specialist') return isExplained(scorer.explains('specialty'));
  const others = OF_THE_FIELD.has(one) ? (SYNONYMS_OF.get(one) ?? []) : [];
  return others.some((term) => !term.includes(' ') && scorer.explains(term) >= EXPLAINED);
}

/** Things that the field's lexicon knows by one word: `prescription`, `immunization`. Words for the human being are none. */
const OF_THE_FIELD: ReadonlySet<string> = new Set(
  [...SYNONYMS_OF.keys()].filter((phrase) => !phrase.includes(' ') && !AMBIGUOUS.has(phrase)),
);

/** Kinds of values that any question may have, whatever its field. */
const LOOSE: ReadonlySet<string> = new Set(
  'mention quoted threshold count age date datetime month quarter year time range'.split(' '),
);

const QUESTION_WORD =
  /\b(?:which |how many |how (?=__TEXT_\d+__ (?:is|are|was|were)\b)|number of |list (?:all |the )?|what (?=__))(?:different |other |most |the |of |kinds? |types? )*(__TEXT_\d+__)(?= (?:are|were|is|was|did|do|does|have|had|has|died|who|that|in|on|at|from|with|there|under|over|older|younger|can|will|got|get|took|visited|[a-z]+ed(?= (?:the|an?|in|on|at|by|from|with|for|to|first|last|late|early)\b|\W*$)|won|lost|made|grew|grows?|goes|against)\b|\s*[?.!]?$)/gi;

function askedFor(question: string): Set<string> {
  return new Set([...question.matchAll(QUESTION_WORD)].map(([, name]) => name!));
}

/** What is counted or listed, in the clear: the `pages` of `how many pages does the report have`. */
const ASKED_NOUN =
  /\b(?:how many|number of|which|list|(?<!\w )count)(?: different| distinct| unique| other| the| all| of)* ([a-z]+)(?= (?:are|were|is|was|did|do|does|have|has|had|who|that|in|on|at|from|with|for|of|per|by|there|can|will)\b|\W*$)/gi;

function askedInClear(text: string): string[] {
  return [...text.matchAll(ASKED_NOUN)]
    .map(([, noun]) => noun!.toLowerCase())
    .filter((noun) => !COUNTED.has(singularOf(noun)) && isNoun(noun));
}

function isNoun(word: string): boolean {
  const bits = englishBits(word);
  if ((bits & (WORD.function | WORD.construct | WORD.time | WORD.boundary)) !== 0) return false;
  return isPlural(word) || (bits & WORD.attributive) !== 0;
}

/** What any rows may be called. */
const COUNTED: ReadonlySet<string> = new Set(
  `subject pair combination id ids value row entry item case kind type unit episode occurrence instance thing record level group
   category member field detail information match result set reading answer code people one come live
   occasion`.split(/\s+/),
);

/** What goes on for a while, and is a value whatever it is made of: `finished chemotherapy`. */
const COURSE =
  /\b(?:started|began|begun|stopped|finished|completed|continued|refused|needed)(?: (?:an?|the|their|his|her))? (__TEXT_\d+__)/gi;

const BEFORE_NAME = /([a-z]+) (?:(?:an?|any|some) )?(__TEXT_\d+__)/gi;

/** Names after `given`, `with` and the like, with that word: values, whatever they are made of. */
function announcedIn(question: string): Map<string, string> {
  const found = [...question.matchAll(BEFORE_NAME)].map(
    ([, word, name]) => [name!, word!.toLowerCase()] as const,
  );
  return new Map(found.filter(([, word]) => ANNOUNCERS.has(word)));
}
