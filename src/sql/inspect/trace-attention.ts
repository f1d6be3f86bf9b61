import { hostForward } from '../../engine/nn/host-forward.js';
import { openWeights } from '../../engine/nn/open-weights.js';
import { namesOf } from '../../data/schema/names.js';
import { MARKERS } from '../../data/record.js';
import { AgentError } from '../errors.js';
import type { CompleteOptions, Completion, LanguageModel } from '../language-model.js';
import { openAgent, type AgentOptions } from '../open-agent.js';

/** Where a token of a record stands. */
export type RecordPart = 'question' | 'values' | 'schema' | 'statement';

/** What the model read while it wrote a statement. It holds placeholders, never values. */
export interface AttentionTrace {
  /** The question as the model saw it. */
  question: string;
  /** The statement as the validator reads it, and whether it was accepted. */
  statement: string;
  accepted: boolean;
  /** Text of every token, prompt and statement, and its part. */
  tokens: { text: string; part: RecordPart }[];
  /** Tokens of the prompt; the statement's follow. */
  promptTokens: number;
  nLayer: number;
  nHead: number;
  /**
   * [layer, head, written token, read token]: the share that a token has in what the model read when it wrote a token of
   * the statement. What was written later has 0.
   */
  attention: Float32Array;
}

/** Hands questions on to a model, and keeps the last prompt and what was written. */
class Overheard implements LanguageModel {
  prompt = new Uint32Array();
  completions: Completion[] = [];

  constructor(private readonly model: LanguageModel) {}

  get tokenizer(): LanguageModel['tokenizer'] {
    return this.model.tokenizer;
  }
  get format(): LanguageModel['format'] {
    return this.model.format;
  }
  get context(): number {
    return this.model.context;
  }
  async complete(prompt: Uint32Array, options: CompleteOptions): Promise<Completion[]> {
    this.prompt = Uint32Array.from(prompt);
    return (this.completions = await this.model.complete(prompt, options));
  }
}

/**
 * Asks a model a question, and computes on the processor what it attended to while it wrote the statement: the answer, or
 * the likeliest candidate if none was accepted.
 *
 * @param folder the model's folder: `model` is its decoder
 * @throws AgentError `no-statement` when the question was refused before the model wrote; as `openAgent` and `ask`
 */
export async function traceAttention(
  question: string,
  folder: string,
  { model, ...options }: Omit<AgentOptions, 'model'> & { model: LanguageModel },
): Promise<AttentionTrace> {
  const heard = new Overheard(model);
  const agent = await openAgent({ ...options, model: heard });
  const answer = await agent.ask(question);
  const { schema: index } = agent;
  await agent.close();
  const sql = answer.rawSql ?? answer.candidates[0]?.sql;
  const names = namesOf(index, model.format?.names ?? 'identifiers');
  const written = heard.completions.find(
    ({ tokens }) => names.toSql(model.tokenizer.decode(tokens).trim()) === sql,
  );
  if (sql === undefined || !written) {
    const why = answer.refusal?.message ?? 'it wrote none';
    throw new AgentError('no-statement', `there is no statement to look into: ${why}`);
  }
  const ids = [...heard.prompt, ...written.tokens];
  const weights = await openWeights(folder);
  try {
    // The last token is written, and never read.
    const read = ids.slice(0, -1);
    const { attention } = await hostForward(weights, read);
    const { nLayer, nHead } = weights.config;
    return {
      question: answer.masked,
      statement: sql,
      accepted: answer.rawSql !== undefined,
      tokens: partsOf(ids.map((id) => model.tokenizer.decode([id]))),
      promptTokens: heard.prompt.length,
      nLayer,
      nHead,
      attention: writtenRows(attention, nHead, read.length, heard.prompt.length),
    };
  } finally {
    await weights.close();
  }
}

/** The rows of the positions that wrote the statement: its first token was written at the prompt's last one. */
function writtenRows(
  layers: readonly Float32Array[],
  nHead: number,
  T: number,
  prompt: number,
): Float32Array {
  const rows = T - prompt + 1;
  const all = new Float32Array(layers.length * nHead * rows * T);
  layers.forEach((layer, l) => {
    for (let head = 0; head < nHead; head++) {
      const from = (head * T + prompt - 1) * T;
      all.set(layer.subarray(from, from + rows * T), (l * nHead + head) * rows * T);
    }
  });
  return all;
}

const PART_OF: Readonly<Record<string, RecordPart>> = {
  [MARKERS.question]: 'question',
  [MARKERS.idMap]: 'values',
  [MARKERS.schema]: 'schema',
  [MARKERS.sql]: 'statement',
};

/** Every marker is one token, and begins its part. */
function partsOf(texts: readonly string[]): AttentionTrace['tokens'] {
  let part: RecordPart = 'question';
  return texts.map((text) => {
    part = PART_OF[text] ?? part;
    return { text, part };
  });
}
