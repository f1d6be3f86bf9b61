import type { Random } from '../../base/random.js';
import { MARKERS } from '../record.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import type { StoredRecord } from './reader.js';

/** How much the prompt's tokens count in the loss, 0 to 1; a statement's token counts 1. */
export interface PromptWeights {
  /** Question and ID map. */
  question: number;
  /** Names of tables and columns. */
  schema: number;
}

/** The tokens that begin a record's parts. */
export interface PartMarkers {
  schema: number;
  question: number;
}

const PHASES = 1 << 20;

const NO_PROMPT: PromptWeights = { question: 0, schema: 0 };

export function partMarkers({ specialTokens }: Tokenizer): PartMarkers {
  return {
    schema: specialTokens.get(MARKERS.schema)!,
    question: specialTokens.get(MARKERS.question)!,
  };
}

/**
 * Which tokens of a record are learned: all of the statement and, of each part of the prompt, a share equal to its
 * weight. Leaving tokens out instead of scaling their loss gives the same gradient on average, and the head, a large part
 * of a small model's work, reads fewer positions. A part's sample is evenly spaced, with a phase that is drawn anew in
 * each epoch: every token's turn comes, and a record's count hardly varies.
 */
export class LearnedPositions {
  readonly isStatementOnly: boolean;

  constructor(
    private readonly weights: PromptWeights = NO_PROMPT,
    private readonly markers: PartMarkers = { schema: -1, question: -1 },
  ) {
    this.isStatementOnly = weights.question === 0 && weights.schema === 0;
  }

  /** The most tokens of a record that are learned in any epoch. */
  most(record: StoredRecord): number {
    let most = record.tokens.length - record.lossStart;
    for (const { first, end, weight } of this.#parts(record)) most += Math.ceil((end - first) * weight);
    return most;
  }

  /** The tokens of the prompt that are learned this time, ascending. */
  *ofPrompt(record: StoredRecord, random: Random): Generator<number> {
    for (const { first, end, weight } of this.#parts(record)) {
      if (weight === 0) continue;
      const phase = random.int(PHASES) / PHASES;
      let count = 0;
      for (let at = first; at < end; at++) {
        const due = Math.floor((at - first + 1) * weight + phase);
        if (due > count) yield at;
        count = due;
      }
    }
  }

  /** The weights as text, for a reader's state; undefined without any. */
  describe(): string | undefined {
    return this.isStatementOnly ? undefined : `${this.weights.question} ${this.weights.schema}`;
  }

  /** The parts of the prompt. Nothing precedes the first token, so it cannot be learned. */
  #parts({ tokens, lossStart }: StoredRecord): { first: number; end: number; weight: number }[] {
    if (this.isStatementOnly) return [];
    const schema = tokens.indexOf(this.markers.schema);
    const question = tokens.indexOf(this.markers.question);
    const { weights } = this;
    return [
      { first: schema, end: question > schema ? question : lossStart, weight: weights.schema },
      { first: question, end: schema > question ? schema : lossStart, weight: weights.question },
    ]
      .map((part) => ({ ...part, first: Math.max(1, part.first) }))
      .sort((a, b) => a.first - b.first);
  }
}
