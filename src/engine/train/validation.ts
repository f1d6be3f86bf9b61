import type { Program } from '../gpu/program.js';
import { record } from '../gpu/program.js';
import type { Decoder } from '../nn/decoder.js';
import type { Tensor } from '../tensor/tensor.js';
import { LanguageBatch, type CountedBatch } from './batch.js';
import type { StepShape } from './decoder-step.js';

/** What a model wrote for a question, or for any prompt, and what is to be said of it. */
export interface AskedSample {
  question: string;
  answer?: string | undefined;
  /** Such as `right`, `wrong: join`, or `refused: unsure`. */
  verdict?: string | undefined;
  /** Absent where nothing is right or wrong, such as in plain text. */
  right?: boolean | undefined;
}

export interface Validation {
  /** Steps between two validations; there is one at the end as well. */
  every: number;
  /** [B, T] each, as the steps' own; none to ask only. */
  batches: readonly CountedBatch[];
  /** Asks the model as it is now. It must leave the weights alone. */
  ask?: ((decoder: Decoder, step: number) => Promise<AskedSample[]>) | undefined;
}

export interface ValidationReport {
  /** Mean over all targets of the validation batches; absent without batches. */
  loss?: number | undefined;
  /** Of the samples that can be right or wrong: how many are right, and how many there are. */
  right?: number | undefined;
  asked?: number | undefined;
  samples?: AskedSample[] | undefined;
  /** Whether these weights are the best so far, and were kept. */
  best?: true | undefined;
}

const ROWS_MULTIPLE = 64;

/** The forward pass of a decoder over validation batches, recorded once. Nothing of the training's state changes. */
export class Validator {
  private constructor(
    private readonly decoder: Decoder,
    private readonly validation: Validation,
    private readonly forward: { inputs: LanguageBatch; program: Program<Tensor> } | undefined,
  ) {}

  static async create(decoder: Decoder, validation: Validation, shape: StepShape): Promise<Validator> {
    const { batches } = validation;
    if (batches.length === 0) return new Validator(decoder, validation, undefined);
    const { batchSize: B, context: T, packed } = shape;
    const most = batches.reduce((sum, { lossTokens }) => Math.max(sum, lossTokens), 0);
    const learnedRows = packed ? Math.min(B * T, Math.ceil(most / ROWS_MULTIPLE) * ROWS_MULTIPLE) : undefined;
    const inputs = new LanguageBatch(decoder.gpu, [B, T], { packed, learnedRows });
    try {
      const program = await record(decoder.gpu, () => decoder.loss(inputs, { forwardOnly: true }));
      return new Validator(decoder, validation, { inputs, program });
    } catch (error) {
      inputs.dispose();
      throw error;
    }
  }

  async run(step: number): Promise<ValidationReport> {
    const loss = await this.#loss();
    const samples = await this.validation.ask?.(this.decoder, step);
    const judged = samples?.filter(({ right }) => right !== undefined) ?? [];
    const counts =
      judged.length === 0 ? {} : { right: judged.filter(({ right }) => right).length, asked: judged.length };
    return { loss, ...counts, samples };
  }

  async #loss(): Promise<number | undefined> {
    if (!this.forward) return undefined;
    const { inputs, program } = this.forward;
    let [sum, targets] = [0, 0];
    for (const batch of this.validation.batches) {
      inputs.begin([batch]);
      inputs.write(batch);
      program.run();
      sum += (await program.outputs.read())[0]! * batch.lossTokens;
      targets += batch.lossTokens;
    }
    return targets === 0 ? undefined : sum / targets;
  }

  dispose(): void {
    this.forward?.program.dispose();
    this.forward?.inputs.dispose();
  }
}
