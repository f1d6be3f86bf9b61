import type { Llama, LlamaModel, Token } from 'node-llama-cpp';
import { getLlama, LlamaLogLevel, NoBinaryFoundError } from 'node-llama-cpp';

/** llama.cpp on the processor; undefined, with a note, where the package has no binary for this platform. */
export async function openLlama(): Promise<Llama | undefined> {
  try {
    return await getLlama({
      gpu: false,
      build: 'never',
      progressLogs: false,
      logLevel: LlamaLogLevel.error,
    });
  } catch (error) {
    if (!(error instanceof NoBinaryFoundError)) throw error;
    console.warn(
      `skipped: node-llama-cpp has no binary for ${process.platform} ${process.arch}, so llama.cpp is not asked`,
    );
    return undefined;
  }
}

/** A model in llama.cpp, asked with token ids. */
export class LlamaAsk {
  private constructor(
    readonly model: LlamaModel,
    private readonly sequence: ReturnType<Awaited<ReturnType<LlamaModel['createContext']>>['getSequence']>,
  ) {}

  static async open(llama: Llama, modelPath: string, contextSize: number): Promise<LlamaAsk> {
    const model = await llama.loadModel({ modelPath });
    // In f32 throughout: by default its cache and its attention round to f16.
    const context = await model.createContext({
      contextSize,
      threads: 1,
      flashAttention: false,
      experimentalKvCacheKeyType: 'F32',
      experimentalKvCacheValueType: 'F32',
    });
    return new LlamaAsk(model, context.getSequence());
  }

  /** The probabilities of the token after each position from `from` on, by token id. */
  async probabilities(ids: readonly number[], from: number): Promise<Float64Array[]> {
    await this.sequence.clearHistory();
    const generateNext = {
      probabilities: true,
      options: { temperature: 1, topK: 0, topP: 1, minP: 0 },
    } as const;
    const input = ids.map((id, at) =>
      at < from
        ? (id as Token)
        : ([id as Token, { generateNext }] as [Token, { generateNext: typeof generateNext }]),
    );
    const found = await this.sequence.controlledEvaluate(input);
    return ids.slice(from).map((_, i) => {
      const known = found[from + i]!.next.probabilities!;
      const all = new Float64Array(known.size);
      for (const [id, probability] of known) all[id] = probability;
      return all;
    });
  }

  /** The likeliest continuation, token by token, without the one that ends it. */
  async greedy(ids: readonly number[], most: number, endId: number): Promise<number[]> {
    await this.sequence.clearHistory();
    const found: number[] = [];
    const evaluated = this.sequence.evaluate(ids as Token[], {
      temperature: 0,
      yieldEogToken: true,
    });
    for await (const id of evaluated) {
      if (Number(id) === endId || found.push(Number(id)) === most) break;
    }
    return found;
  }

  async dispose(): Promise<void> {
    await this.model.dispose();
  }
}
