import { formatPrompt, type TrainingRecord } from '../record.js';
import { IdBuffer } from '../tokenizer/id-buffer.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';

/** A record as the model is trained on it. */
export interface RecordTokens {
  /** Prompt, statement, `<|end|>`. */
  tokens: Uint32Array;
  /** Place of the first token after `SQL:`. Only from here on do tokens count in the loss. */
  lossStart: number;
}

export function encodeRecord(tokenizer: Tokenizer, record: TrainingRecord): RecordTokens {
  const out = new IdBuffer();
  const lossStart = encodeRecordInto(out, tokenizer, record);
  return { tokens: out.toArray(), lossStart };
}

/**
 * The tokens of a record behind what the buffer holds already; gives `lossStart`, counted from the record's first.
 * Prompt and statement are encoded apart: `SQL:` is a special token, hence the ids are those of the whole text.
 */
export function encodeRecordInto(out: IdBuffer, tokenizer: Tokenizer, record: TrainingRecord): number {
  const start = out.length;
  tokenizer.encodeInto(out, formatPrompt(record));
  const lossStart = out.length - start;
  tokenizer.encodeInto(out, ` ${record.sql}`);
  out.add(tokenizer.endId);
  return lossStart;
}
