import { record, type Program } from '../gpu/program.js';
import type { Tensor } from '../tensor/tensor.js';
import type { MaskStore } from './mask-store.js';
import {
  CONTROL_WORDS,
  readPick,
  selectTokens,
  writeControl,
  type Draw,
  type Pick,
} from './select-tokens.js';

/** A mask and a draw for one sequence at one step. */
export interface Ask {
  /** One bit per token, least significant first (default: all tokens allowed). Its content must never change. */
  mask?: Uint32Array | undefined;
  draw?: Draw | undefined;
}

/** A forward pass to logits, and the choice among them: two programs, since masks may be made in between. */
export class Stage {
  private constructor(
    /** Logits [rows, V], leading axes aside. */
    readonly forward: Program<Tensor>,
    readonly select: Program<Tensor>,
    private readonly masks: MaskStore,
    /** [rows, 4] u32 */
    private readonly controls: Tensor,
    private readonly ranks: number,
  ) {}

  /** @param forward is disposed of with the stage */
  static async create(forward: Program<Tensor>, masks: MaskStore, ranks: number): Promise<Stage> {
    const { gpu, outputs: logits } = forward;
    const controls = gpu.tensor([logits.rows, CONTROL_WORDS], undefined, { dtype: 'u32', label: 'controls' });
    const select = await record(gpu, () => selectTokens(logits, masks.masks, controls, ranks));
    return new Stage(forward, select, masks, controls, ranks);
  }

  get rows(): number {
    return this.controls.rows;
  }

  /** @throws ShapeError when a mask allows nothing, or an allowed token's logit is not a number */
  async pick(asks: readonly Ask[]): Promise<Pick[]> {
    const slots = this.masks.slotsOf(asks.map(({ mask }) => mask));
    const words = new Uint32Array(this.controls.size);
    asks.forEach(({ draw }, row) => writeControl(words, row, slots[row]!, draw));
    this.controls.write(words);
    this.select.run();
    const picks = (await this.select.outputs.readAs('u32')) as Uint32Array;
    return asks.map((_, row) => readPick(picks, row, this.ranks));
  }

  dispose(): void {
    [this.forward, this.select, this.controls].forEach((owner) => owner.dispose());
  }
}
