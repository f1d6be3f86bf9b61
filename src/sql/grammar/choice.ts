/**
 * A grammar as a lazy tree of choices. A choice offers steps; a step is a piece of text (`SELECT `, `person_id`, `p.`)
 * and the choice that follows it. Parts are built on demand and kept: walking the same text again finds the same states.
 * The texts of a choice differ, and what follows a text never continues it (an identifier ends before a blank or
 * punctuation; for names in words see `nested`), so every text has one way through the tree.
 *
 * The alphabet has a symbol for each byte, and one for each special token, which no bytes can spell.
 */
export const FIRST_SPECIAL = 256;

export class Step {
  #next: Choice | undefined;

  /** @param text the symbols as text; the text of a special token is its name */
  constructor(
    readonly symbols: ArrayLike<number>,
    readonly text: string,
    private readonly then: () => Choice,
  ) {}

  get next(): Choice {
    return (this.#next ??= this.then());
  }
}

export class Choice {
  #steps: readonly Step[] | undefined;
  #start: State | undefined;
  #wayOut: Choice | undefined;

  /**
   * @param make the steps; the first one leads to the end of the statement soonest
   * @param hurried a part of this choice that is quicker to make, or leads there sooner than the first step
   * @param likeness two choices of one statement with the same likeness have the same way out
   */
  constructor(
    private readonly make: () => readonly Step[],
    private readonly hurried?: (() => Choice) | undefined,
    readonly likeness?: string | undefined,
    /** The last of the steps, if they were added by `or`. */
    readonly added: readonly Step[] = [],
  ) {}

  get steps(): readonly Step[] {
    return (this.#steps ??= this.make());
  }

  get start(): State {
    return (this.#start ??= new State(this.steps, 0, this));
  }

  /** The part of this choice whose first step to take when the tokens run out. */
  get wayOut(): Choice {
    return (this.#wayOut ??= this.hurried?.().wayOut ?? this);
  }

  /** This choice, with further steps added. */
  or(steps: readonly Step[]): Choice {
    return new Choice(
      () => [...this.steps, ...steps],
      () => this.wayOut,
      this.likeness,
      steps,
    );
  }
}

/** A position in the text: `depth` symbols into the steps of one choice that begin alike. */
export class State {
  /** The tokens that may come next; filled and read by the mask. */
  mask: Uint32Array | undefined;
  #children: Map<number, State> | undefined;
  #end: Step | undefined;

  constructor(
    readonly steps: readonly Step[],
    readonly depth: number,
    /** The choice that begins here, if any. */
    readonly choice?: Choice | undefined,
  ) {}

  get children(): ReadonlyMap<number, State> {
    if (this.#children === undefined) this.#branch();
    return this.#children!;
  }

  /** The step whose text is complete here. */
  get end(): Step | undefined {
    if (this.#children === undefined) this.#branch();
    return this.#end;
  }

  /** The state after a symbol; undefined if the grammar does not allow it. */
  after(symbol: number): State | undefined {
    return this.children.get(symbol) ?? this.end?.next.start.children.get(symbol);
  }

  /**
   * The state after several symbols; a text that can only end here has ended.
   *
   * @param onEnd called with each step whose text ends on the way
   */
  afterAll(symbols: ArrayLike<number>, onEnd?: (step: Step) => void): State | undefined {
    let state: State | undefined = this.#afterOne(symbols[0]!, onEnd);
    for (let i = 1; i < symbols.length && state !== undefined; i++)
      state = state.#afterOne(symbols[i]!, onEnd);
    while (state?.children.size === 0 && state.end !== undefined) {
      onEnd?.(state.end);
      state = state.end.next.start;
    }
    return state;
  }

  #afterOne(symbol: number, onEnd?: (step: Step) => void): State | undefined {
    const inside = this.children.get(symbol);
    if (inside !== undefined || this.end === undefined) return inside;
    onEnd?.(this.end);
    return this.end.next.start.children.get(symbol);
  }

  /** Like `afterAll`, but does not build the choice after a text that has ended. */
  justAfter(symbols: ArrayLike<number>): State | undefined {
    let state = this.after(symbols[0]!);
    for (let i = 1; i < symbols.length; i++) state = state?.after(symbols[i]!);
    return state;
  }

  #branch(): void {
    const groups = new Map<number, Step[]>();
    for (const step of this.steps) {
      const symbol = step.symbols[this.depth];
      if (symbol === undefined) {
        this.#end = step;
        continue;
      }
      const group = groups.get(symbol);
      if (group === undefined) groups.set(symbol, [step]);
      else group.push(step);
    }
    this.#children = new Map();
    for (const [symbol, steps] of groups) this.#children.set(symbol, new State(steps, this.depth + 1));
  }
}

const encoder = new TextEncoder();
const encoded = new Map<string, Uint8Array>();

/** A step of plain text. */
export function text(literal: string, then: () => Choice): Step {
  let bytes = encoded.get(literal);
  if (bytes === undefined) {
    // A long-lived process may see the names of many schemas.
    if (encoded.size >= 1 << 16) encoded.clear();
    encoded.set(literal, (bytes = encoder.encode(literal)));
  }
  return new Step(bytes, literal, then);
}

/**
 * Steps of which one may begin another at a blank, as `admission` begins `admission type`: the longer text becomes a way
 * to go on from the shorter one.
 */
export function nested(steps: readonly Step[]): Step[] {
  const texts = new Map(steps.map((step) => [step.text, step]));
  const longer = new Map<Step, Step[]>();
  const outer = steps.filter((step) => {
    const shorter = longestStart(step.text, texts);
    if (shorter) longer.set(shorter, [...(longer.get(shorter) ?? []), step]);
    return shorter === undefined;
  });
  if (outer.length === steps.length) return outer;
  const withLonger = (step: Step, start: number): Step => {
    const rest = longer.get(step) ?? [];
    const next = (): Choice =>
      rest.length === 0 ? step.next : step.next.or(rest.map((other) => withLonger(other, step.text.length)));
    return text(step.text.slice(start), next);
  };
  return outer.map((step) => withLonger(step, 0));
}

function longestStart(whole: string, texts: ReadonlyMap<string, Step>): Step | undefined {
  for (let at = whole.lastIndexOf(' '); at > 0; at = whole.lastIndexOf(' ', at - 1)) {
    const start = texts.get(whole.slice(0, at));
    if (start) return start;
  }
  return undefined;
}

export function choice(steps: readonly Step[]): Choice {
  return new Choice(() => steps);
}

/** A choice whose steps are made on demand; see Choice. */
export function lazyChoice(make: () => readonly Step[], hurried?: () => Choice, likeness?: string): Choice {
  return new Choice(make, hurried, likeness);
}

/** A choice that is made when its steps are asked for. */
export function later(make: () => Choice): Choice {
  let made: Choice | undefined;
  const get = (): Choice => (made ??= make());
  return new Choice(() => get().steps, get);
}

/** A choice of one text. */
export function only(literal: string, then: () => Choice): Choice {
  return choice([text(literal, then)]);
}

/** The given whole numbers, without leading zeros. */
export function wholeNumberSteps(numbers: readonly number[], then: (written: string) => Choice): Step[] {
  return digitSteps(numbers.map(String), '', then);
}

function onlyAdded(steps: readonly Step[]): Choice {
  return new Choice(() => steps, undefined, undefined, steps);
}

/** The numbers that begin with what was written, digit by digit. */
function digitSteps(numbers: readonly string[], before: string, then: (written: string) => Choice): Step[] {
  const digits = new Set(
    numbers.filter((number) => number.length > before.length).map((number) => number[before.length]!),
  );
  return [...digits].map((digit) => {
    const written = before + digit;
    const begun = numbers.filter((number) => number.startsWith(written));
    const more = (): Step[] => digitSteps(begun, written, then);
    return text(digit, () => {
      // What was written may not end here; the digits after it are as those after a number that may.
      if (!begun.includes(written)) return onlyAdded(more());
      return begun.length === 1 ? then(written) : then(written).or(more());
    });
  });
}
