import type { SchemaIndex } from '../../data/schema/schema-index.js';
import { splitWords } from '../../data/schema/words.js';
import { strangeness, type MaskedQuestion, type EvidenceOptions, type Strangeness } from './score.js';
import { noQuery, type NoQuery } from './commands.js';
import { otherShapeOf, type OtherShape } from './shapes.js';

/** Why a question is refused. Messages name words of the masked question and placeholders, never a value. */
export interface RefusalReason {
  code: 'not-in-schema' | NoQuery['code'] | OtherShape['code'];
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

/**
 * Decides before any model whether one flat SELECT over the schema can answer a question.
 *
 * @param asked the vault's result
 */
export function judge(asked: MaskedQuestion, index: SchemaIndex, options: GateOptions): GateVerdict {
  const read = { ...asked, question: asked.read ?? asked.question };
  const strange = strangeness(read, index, options);
  const reasons: RefusalReason[] = [];
  const other = noQuery(read.question);
  if (other) reasons.push(other);
  const shape = otherShapeOf(read.question, index);
  if (shape) reasons.push(shape);
  if (strange.score > options.threshold) reasons.push(notInSchema(strange, read));
  return { reasons, strangeness: strange };
}

function notInSchema({ words }: Strangeness, { question }: MaskedQuestion): RefusalReason {
  const inClear = new Set(splitWords(question));
  const named = words
    .filter(({ word }) => word.startsWith('__') || inClear.has(word))
    .slice(0, 4)
    .map(({ word }) => (word.startsWith('__') ? word : `'${word}'`));
  const what = named.length === 0 ? 'anything that the question names' : named.join(', ');
  return {
    code: 'not-in-schema',
    message: `the schema has no table or column for ${what}; use the schema's own words, or ask another schema`,
  };
}
