import { ShapeError } from '../errors.js';
import { followForced, joined, type Generated, type TokenMask } from './generate.js';
import type { Pick } from './select-tokens.js';
import type { DecodeSession } from './session.js';

/** A mask that can be copied when a text branches into several. */
export interface BranchingMask extends TokenMask {
  /** An independent copy. */
  fork(): BranchingMask;
}

export interface BeamOptions {
  maxNewTokens: number;
  /** Ends the text; not part of the result. */
  stopToken: number;
  /** The most texts that are kept at each step and returned. */
  width: number;
  /**
   * Texts are compared by logProb / length^lengthPenalty, the stop token counted: with 1 (the default) by their tokens'
   * mean, with 0 by the probability of the whole text.
   */
  lengthPenalty?: number | undefined;
  mask?: BranchingMask | undefined;
  /** A session that has just continued the same prompt under the same mask: its reading of the prompt is copied. */
  after?: DecodeSession | undefined;
}

export interface Hypothesis extends Generated {
  /** Texts are ordered by it; see `BeamOptions.lengthPenalty`. */
  score: number;
}

/**
 * Beam search: the likeliest continuations of a prompt, best first; unfinished ones come last. The greedy continuation
 * is never dropped while it could still win, so the best text is never worse. The search is deterministic. Each step
 * chooses one token of every text, and adds those that the mask then leaves no choice about.
 *
 * @param session with at least `width` sequences and `width + 1` ranks
 * @throws ShapeError when the session is too small, the prompt does not fit, or the mask allows nothing
 */
export async function beamSearch(
  session: DecodeSession,
  prompt: Uint32Array,
  options: BeamOptions,
): Promise<Hypothesis[]> {
  const { width, maxNewTokens, mask } = options;
  if (!(width >= 1) || session.sequences < width || session.ranks < width + 1) {
    throw new ShapeError(
      'beam',
      `a beam of ${width} needs ${width} sequences and ${width + 1} ranks; the session has ${session.sequences} and ` +
        `${session.ranks}`,
    );
  }
  const room = Math.min(maxNewTokens, session.context - prompt.length);
  const finished = new Finished(options, room);
  const root = begin(mask, options.stopToken, room);
  const start = root.tokens;
  if (root.stopped) finished.add(root);
  let live = root.stopped || start.length >= room ? [] : [root];
  const full: Live[] = root.stopped ? [] : [root].filter(({ tokens }) => tokens.length >= room);
  const opening = joined(prompt, start);
  await (options.after ? session.openAfter(options.after, opening) : session.open(opening));
  while (live.length > 0) {
    // Meanwhile the GPU computes the logits.
    const asks = live.map((text) => ({ mask: text.mask?.allowed() }));
    const chosen = choose(live, await session.pick(asks), options, finished);
    const texts = chosen.map((extension) => extend(extension, options.stopToken, room));
    for (const text of texts) if (text.stopped) finished.add(text);
    const going = texts.filter(({ stopped }) => !stopped);
    full.push(...going.filter(({ tokens }) => tokens.length >= room));
    live = going.filter(({ tokens }) => tokens.length < room);
    if (live.length === 0 || finished.areBeyond(live)) break;
    live = assignRows(live);
    session.reorder(live.map(({ row }) => row));
    await session.append(live.map(({ run }) => run));
    live.forEach((text, row) => (text.row = row));
  }
  return finished.withUnfinished([...full, ...live]);
}

/** A text that is being written. */
interface Live extends Generated {
  /** The tokens that the session does not hold yet. */
  run: number[];
  mask: BranchingMask | undefined;
  /** The session's sequence that holds it, or its beginning. */
  row: number;
  isGreedy: boolean;
}

/** The empty text, with the tokens that the mask begins every text with. */
function begin(mask: BranchingMask | undefined, stopToken: number, room: number): Live {
  const own = mask?.fork();
  const start = followForced(own, { stopToken, room });
  return { ...start, logProb: 0, leastLogProb: 0, run: [], mask: own, row: 0, isGreedy: true };
}

interface Extension {
  from: Live;
  token: number;
  logProb: number;
  leastLogProb: number;
  isGreedy: boolean;
}

/** The extensions that survive, at most `width`; those that end go to `finished`. */
function choose(
  live: readonly Live[],
  picks: readonly Pick[],
  { width, stopToken }: BeamOptions,
  finished: Finished,
): Extension[] {
  const extensions = live.flatMap((from, i) =>
    picks[i]!.ranked.map(({ token, logProb }, rank) => ({
      from,
      token,
      logProb: from.logProb + logProb,
      leastLogProb: Math.min(from.leastLogProb, logProb),
      isGreedy: from.isGreedy && rank === 0,
    })),
  );
  // Equal extensions keep their order: by row, then by rank.
  extensions.sort((a, b) => b.logProb - a.logProb);
  for (const { from, token, logProb, leastLogProb } of extensions) {
    if (token === stopToken) finished.add({ tokens: from.tokens, logProb, leastLogProb, stopped: true });
  }
  const going = extensions.filter(({ token }) => token !== stopToken);
  const kept = going.slice(0, width);
  const greedy = going.find(({ isGreedy }) => isGreedy);
  if (greedy && !kept.includes(greedy)) kept[width - 1] = greedy;
  return kept;
}

/** Orders the texts by the rows they get: their parent's row if it is free. */
function assignRows(texts: readonly Live[]): Live[] {
  const rows: (Live | undefined)[] = texts.map(() => undefined);
  const moving = texts.filter((text) => {
    if (text.row >= rows.length || rows[text.row]) return true;
    rows[text.row] = text;
    return false;
  });
  return rows.map((taken) => taken ?? moving.shift()!);
}

function extend({ from, token, ...rest }: Extension, stopToken: number, room: number): Live {
  const mask = from.mask?.fork();
  mask?.advance(token);
  const forced = followForced(mask, { stopToken, room: room - from.tokens.length - 1 });
  const run = [token, ...forced.tokens];
  return { ...rest, tokens: [...from.tokens, ...run], stopped: forced.stopped, run, mask, row: from.row };
}

/** The best texts that have ended. */
class Finished {
  readonly #best: Hypothesis[] = [];
  readonly #width: number;
  readonly #penalty: number;

  constructor(
    { width, lengthPenalty = 1 }: BeamOptions,
    private readonly room: number,
  ) {
    this.#width = width;
    this.#penalty = lengthPenalty;
  }

  add({ tokens, logProb, leastLogProb, stopped }: Generated): void {
    this.#best.push(this.#scored({ tokens, logProb, leastLogProb, stopped }));
    this.#best.sort((a, b) => b.score - a.score);
    if (this.#best.length > this.#width) this.#best.pop();
  }

  /** Whether no live text can still win: at best its logProb stays the same until it fills the cache. */
  areBeyond(live: readonly Live[]): boolean {
    const least = this.#best[this.#width - 1];
    if (!least) return false;
    return live.every(({ logProb }) => logProb / this.room ** this.#penalty <= least.score);
  }

  /** All texts that ended and, if they are too few, the best of the others. */
  withUnfinished(live: readonly Live[]): Hypothesis[] {
    const rest = live
      .map(({ tokens, logProb, leastLogProb }) =>
        this.#scored({ tokens, logProb, leastLogProb, stopped: false }),
      )
      .sort((a, b) => b.score - a.score);
    return [...this.#best, ...rest].slice(0, this.#width);
  }

  #scored(text: Generated): Hypothesis {
    const length = text.tokens.length + (text.stopped ? 1 : 0);
    return { ...text, score: text.logProb / length ** this.#penalty };
  }
}
