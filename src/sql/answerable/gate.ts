import { PLACEHOLDER_PATTERN } from '../../data/placeholder.js';
import type { SchemaIndex } from '../../data/schema/schema-index.js';
import { splitWords } from '../../data/schema/words.js';
import { spoken, strangeness, type MaskedQuestion, type EvidenceOptions, type Strangeness } from './score.js';
import { englishBits, WORD } from '../vault/mentions/word-class.js';
import { gateWordsOf, NOT_ENGLISH, noQuery, type NoQuery } from './commands.js';
import { misplacedIds, type MisplacedId } from './ids.js';
import { isOtherLanguage } from './languages.js';
import { nounsOf } from './nouns.js';
import { otherShapeOf, type OtherShape } from './shapes.js';

/** Why a question is refused. Messages name words of the masked question and placeholders, never a value. */
export interface RefusalReason {
  code: 'not-in-schema' | MisplacedId['code'] | NoQuery['code'] | OtherShape['code'];
  message: string;
}

export interface GateOptions extends EvidenceOptions {
  /** The score above which a question is refused. */
  threshold: number;
}

/** What the gate makes of a question: it can be answered if there are no reasons against it. */
export interface GateVerdict {
  reasons: RefusalReason[];
  strangeness: Strangeness;
}

/** Soft hyphens, zero-width blanks and the like, which texts bring along when they are pasted. */
const INVISIBLE = /\p{Cf}/gu;

/**
 * Decides before any model whether one flat SELECT over the schema can answer a question.
 *
 * @param asked the vault's result
 */
export function judge(asked: MaskedQuestion, index: SchemaIndex, options: GateOptions): GateVerdict {
  const [written, meant] = [asked.question, asked.read ?? asked.question].map((text) =>
    text.replace(INVISIBLE, ''),
  ) as [string, string];
  const read = { ...asked, question: meant, written };
  const strange = strangeness(read, index, options);
  const reasons: RefusalReason[] = [];
  const question = withGateWords(read);
  const other = isForeign(read) ? NOT_ENGLISH : noQuery(question, nounsOf(index));
  if (other) reasons.push(other);
  const shape = otherShapeOf(withSmallNumbers(question, read), index);
  if (shape) reasons.push(shape);
  const misplaced = misplacedIds(read, index);
  if (misplaced) reasons.push(misplaced);
  if (strange.score > options.threshold) reasons.push(notInSchema(strange, read));
  return { reasons, strangeness: strange };
}

/** Whether the question is in another language; what is quoted may be. */
function isForeign({ written, placeholders }: MaskedQuestion & { written: string }): boolean {
  const names = placeholders.filter(({ kind }) => kind !== 'quoted');
  return isOtherLanguage(spoken(written, names).replace(PLACEHOLDER_PATTERN, ' '));
}

/** The question with words back in place that the vault took for names, and that say what is asked. */
function withGateWords({ question, placeholders }: MaskedQuestion): string {
  return placeholders.reduce((text, { name, text: said = '' }) => {
    const words = name.startsWith('__TEXT_') ? gateWordsOf(said) : undefined;
    return words === undefined ? text : text.replaceAll(name, words);
  }, question);
}

/** The question with 0 and 1 in place: `one or more` and `more than one` ask for different statements. */
function withSmallNumbers(question: string, { placeholders }: MaskedQuestion): string {
  return placeholders.reduce((text, { name, text: said = '' }) => {
    // `a single invoice` counts, whatever code `single` is.
    if (/^single$/i.test(said))
      return text.replace(new RegExp(`\\b(only|just|exactly) a ${name}`), '$1 a single');
    const small = /^(?:one|1)$/i.test(said) ? 'one' : /^(?:zero|0)$/i.test(said) ? 'zero' : undefined;
    return small === undefined || !name.startsWith('__NUM_') ? text : text.replaceAll(name, small);
  }, question);
}

function notInSchema(
  { words }: Strangeness,
  { question, written = question }: MaskedQuestion,
): RefusalReason {
  const inClear = new Set([...splitWords(question), ...splitWords(written)]);
  // Of a phrase that reaches into a hidden name, the words in the clear.
  const missing = words
    .map(({ word }) =>
      word
        .split(/[ -]/)
        .filter((part) => inClear.has(part))
        .join(' '),
    )
    .filter((said) => said !== '')
    .slice(0, 4);
  const values = words.filter(({ word }) => word.startsWith('__')).slice(0, 4);
  const parts: string[] = [];
  if (missing.length > 0)
    parts.push(`the schema has no table or column for ${missing.map((said) => `'${said}'`).join(', ')}`);
  if (values.length > 0)
    parts.push(
      `the question does not say what kind of thing ${values.map(({ word }) => word).join(' or ')} is (a drug, a test, a diagnosis, …)`,
    );
  if (parts.length === 0) {
    const said = contentOf(question)
      .map((word) => `'${word}'`)
      .join(', ');
    parts.push(`no word of the question names a table or column${said === '' ? '' : ` (it has ${said})`}`);
  }
  return {
    code: 'not-in-schema',
    message: `${parts.join('; ')}; use the schema's own words, or ask another schema`,
  };
}

const PLAIN = WORD.function | WORD.construct | WORD.time | WORD.boundary;

/** Up to four words of the question that are neither grammar nor placeholders. */
function contentOf(question: string): string[] {
  const words = splitWords(question.replace(PLACEHOLDER_PATTERN, ' '));
  return [...new Set(words)]
    .filter((word) => word.length > 1 && (englishBits(word) & PLAIN) === 0)
    .slice(0, 4);
}
