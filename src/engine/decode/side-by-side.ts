import { followForced, joined, type Generated, type TokenMask } from './generate.js';
import { DecodeSession } from './session.js';
import type { SessionModel } from './session-state.js';

/** As in `GenerateOptions`; texts are greedy. */
export interface SideBySideOptions {
  maxNewTokens: number;
  stopToken: number;
  mask?: TokenMask | undefined;
}

/** A prompt that waits, and the promise of its text. */
interface Waiting {
  prompt: Uint32Array;
  options: SideBySideOptions;
  resolve: (text: Generated) => void;
  reject: (reason: unknown) => void;
}

/** A text that is being written. */
interface Live extends Waiting {
  text: Generated;
  room: number;
  /** The tokens that the batch's session does not hold yet. */
  run: number[];
}

/**
 * Continues several prompts side by side, greedily: one pass of the model adds to all of them. Each text has the tokens
 * that `generate` gives it. As soon as a text ends, the next prompt takes its place.
 *
 * Prompts are read one after another, since a prompt fills a pass by itself.
 */
export class SideBySide {
  readonly #waiting: Waiting[] = [];
  readonly #live: (Live | undefined)[];
  #running = false;

  private constructor(
    /** Reads the prompts. */
    private readonly reader: DecodeSession,
    /** Writes the texts, one a sequence. */
    private readonly writer: DecodeSession,
  ) {
    this.#live = new Array<Live | undefined>(writer.sequences).fill(undefined);
  }

  /**
   * @param sequences texts that are written at once, at most 16
   * @throws ShapeError, EngineError as `DecodeSession.create` does
   */
  static async create(model: SessionModel, sequences: number): Promise<SideBySide> {
    const reader = await DecodeSession.create(model);
    return new SideBySide(reader, await DecodeSession.create(model, { sequences }));
  }

  /**
   * Continues a prompt as `generate` does. Prompts given while others are written join them.
   *
   * @throws ShapeError as `generate` does
   */
  generate(prompt: Uint32Array, options: SideBySideOptions): Promise<Generated> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ prompt, options, resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    try {
      // Whoever asks several questions at once has asked them all by then.
      await new Promise((done) => setImmediate(done));
      for (;;) {
        await this.#fill();
        if (this.#live.some((live) => live !== undefined)) await this.#step();
        // A prompt may have come while the last one was filled in.
        else if (this.#waiting.length === 0) break;
      }
    } catch (error) {
      this.#live.forEach((live) => live?.reject(error));
      this.#waiting.splice(0).forEach(({ reject }) => reject(error));
      this.#live.fill(undefined);
    } finally {
      this.#running = false;
    }
  }

  /** Gives every free sequence a prompt, as long as some wait. */
  async #fill(): Promise<void> {
    for (let b = 0; b < this.#live.length; b++) {
      while (this.#live[b] === undefined && this.#waiting.length > 0) {
        const next = this.#waiting.shift()!;
        try {
          await this.#begin(next, b);
        } catch (error) {
          next.reject(error);
        }
      }
    }
  }

  /** Reads a prompt and picks its first token. */
  async #begin(waiting: Waiting, b: number): Promise<void> {
    const { prompt, options } = waiting;
    const room = Math.min(options.maxNewTokens, this.reader.context - prompt.length);
    const { tokens, stopped } = followForced(options.mask, { ...options, room });
    const live = { ...waiting, room, run: [], text: { tokens, stopped, logProb: 0, leastLogProb: 0 } };
    if (stopped) return live.resolve(live.text);
    await this.reader.open(joined(prompt, tokens));
    if (tokens.length >= room) return live.resolve(live.text);
    const [pick] = await this.reader.pick([{ mask: options.mask?.allowed() }]);
    if (!goOn(live, pick!.ranked[0]!)) return live.resolve(live.text);
    this.writer.take(b, this.reader);
    this.#live[b] = live;
  }

  /** Adds a token to every text, and those that the masks then leave no choice about. */
  async #step(): Promise<void> {
    await this.writer.append(this.#live.map((live) => live?.run));
    // Meanwhile the GPU computes the logits.
    const asks = this.#live.map((live) => ({ mask: live?.options.mask?.allowed() }));
    const picks = await this.writer.pick(asks);
    this.#live.forEach((live, b) => {
      if (!live || goOn(live, picks[b]!.ranked[0]!)) return;
      live.resolve(live.text);
      this.#live[b] = undefined;
      this.writer.drop(b);
    });
  }

  dispose(): void {
    this.reader.dispose();
    this.writer.dispose();
  }
}

/** Adds a token and those that it forces. @returns whether the text goes on */
function goOn(live: Live, { token, logProb }: { token: number; logProb: number }): boolean {
  const { text, room, options } = live;
  const { mask, stopToken } = options;
  text.logProb += logProb;
  text.leastLogProb = Math.min(text.leastLogProb, logProb);
  if (token === stopToken) {
    text.stopped = true;
    return false;
  }
  mask?.advance(token);
  const forced = followForced(mask, { stopToken, room: room - text.tokens.length - 1 });
  live.run = [token, ...forced.tokens];
  text.tokens.push(...live.run);
  text.stopped = forced.stopped;
  return !forced.stopped && text.tokens.length < room;
}
