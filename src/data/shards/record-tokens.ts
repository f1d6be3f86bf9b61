import { formatPrompt, type TrainingRecord } from '../record.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';

/** A record as the model is trained on it. */
export interface RecordTokens {
  /** Prompt, statement, `<|end|>`. */
  tokens: Uint32Array;
  /** Place of the first token after `SQL:`. Only from here on do tokens count in the loss. */
  lossStart: number;
}

/** Prompt and statement are encoded apart: `SQL:` is a special token, hence the ids are those of the whole text. */
export function encodeRecord(tokenizer: Tokenizer, record: TrainingRecord): RecordTokens {
  const prompt = tokenizer.encode(formatPrompt(record));
  const statement = tokenizer.encode(` ${record.sql}`);
  const tokens = new Uint32Array(prompt.length + statement.length + 1);
  tokens.set(prompt);
  tokens.set(statement, prompt.length);
  tokens[tokens.length - 1] = tokenizer.endId;
  return { tokens, lossStart: prompt.length };
}
