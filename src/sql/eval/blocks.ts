import type { Evaluated } from './evaluate.js';
import type { SetQuestion } from './question-set.js';

/** Questions that are asked together; a part of an evaluation is some of its blocks. */
export interface Block {
  /** The number of its first question. */
  start: number;
  questions: readonly SetQuestion[];
}

/** The answers of a block. */
export interface AnsweredBlock {
  results: Evaluated[];
  seconds: number;
  /** The adapter and the kernel path that wrote them. */
  device: string;
}

/** The least questions of a block, so that a large set does not become as many files. */
const LEAST = 4;

/** Whole groups of `atOnce` questions; the last block may have fewer. */
export function blocksOf(questions: readonly SetQuestion[], atOnce: number): Block[] {
  const size = atOnce * Math.ceil(LEAST / atOnce);
  return Array.from({ length: Math.ceil(questions.length / size) }, (_, i) => ({
    start: i * size,
    questions: questions.slice(i * size, (i + 1) * size),
  }));
}

/** A model that is open and ready to be judged. */
export interface OpenedSet {
  device: string;
  /** Asks and judges some questions of the set, as `askInGroups` does. */
  run: (questions: readonly SetQuestion[], onProgress: (done: number) => void) => Promise<Evaluated[]>;
  close: () => Promise<void>;
}

/** Where answered blocks are kept; `AnswerFolder` is one. */
interface AnsweredBlocks {
  read(block: Block): Promise<AnsweredBlock | undefined>;
  write(block: Block, answered: AnsweredBlock): Promise<void>;
}

export interface BlockRun {
  blocks: readonly Block[];
  /** Called once, if a block has to be answered. */
  open: () => Promise<OpenedSet>;
  /** Keeps answered blocks: those that are there are taken. */
  folder?: AnsweredBlocks | undefined;
  onProgress?: ((done: number) => void) | undefined;
}

/** Answers blocks of questions, in their order; with a folder, those that it lacks. */
export async function answerBlocks({ blocks, open, folder, onProgress }: BlockRun): Promise<{
  answered: AnsweredBlock[];
  /** Blocks that were there. */
  found: number;
}> {
  const answered: AnsweredBlock[] = [];
  let [found, done] = [0, 0];
  let set: OpenedSet | undefined;
  try {
    for (const block of blocks) {
      let known = await folder?.read(block);
      if (known) found++;
      else {
        set ??= await open();
        known = await answerBlock(set, block, (inBlock) => onProgress?.(done + inBlock));
        await folder?.write(block, known);
      }
      answered.push(known);
      done += block.questions.length;
      onProgress?.(done);
    }
  } finally {
    await set?.close();
  }
  return { answered, found };
}

async function answerBlock(
  set: OpenedSet,
  { questions }: Block,
  onProgress: (done: number) => void,
): Promise<AnsweredBlock> {
  const began = performance.now();
  const results = await set.run(questions, onProgress);
  return { results, seconds: (performance.now() - began) / 1000, device: set.device };
}
