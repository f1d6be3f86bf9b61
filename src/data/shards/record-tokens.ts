import { formatPrompt, type PartOrder, type TrainingRecord } from '../record.js';
import { IdBuffer } from '../tokenizer/id-buffer.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';

/** The tokens of a record, as the model is trained on them. */
export interface RecordTokens {
  /** Prompt, statement, `<|end|>`. */
  tokens: Uint32Array;
  /** Index of the first token after `SQL:`. Only tokens from here on count in the loss. */
  lossStart: number;
}

export function encodeRecord(tokenizer: Tokenizer, record: TrainingRecord, order?: PartOrder): RecordTokens {
  const out = new IdBuffer();
  const lossStart = encodeRecordInto(out, tokenizer, record, order);
  return { tokens: out.toArray(), lossStart };
}

/**
 * Appends the tokens of a record to the buffer; returns `lossStart`, counted from the record's first token. Prompt and
 * statement can be encoded separately because `SQL:` is a special token, at which texts are cut anyway.
 */
export function encodeRecordInto(
  out: IdBuffer,
  tokenizer: Tokenizer,
  record: TrainingRecord,
  order?: PartOrder,
): number {
  const start = out.length;
  tokenizer.encodeInto(out, formatPrompt(record, order));
  const lossStart = out.length - start;
  tokenizer.encodeInto(out, ` ${record.written ?? record.sql}`);
  out.add(tokenizer.endId);
  return lossStart;
}
