/**
 * Answered blocks of an evaluation in files, so that many processes can share one. A block depends on the plan and on its
 * questions alone, so it does not matter who answers it, when, or how often.
 *
 *     answers-00000016-8.json   plan, SHA-256 of the rest, the rest: results, seconds, device
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256, writeFileAtomic } from '../../base/files.js';
import { DataError } from '../../data/errors.js';
import type { AnsweredBlock, Block } from './blocks.js';

export class AnswerFolder {
  /** @param plan what every block depends on besides its questions, as text */
  constructor(
    private readonly folder: string,
    private readonly plan: string,
  ) {}

  async write(block: Block, answered: AnsweredBlock): Promise<void> {
    const content = JSON.stringify(answered);
    const header = { plan: this.planOf(block), sha256: sha256(content) };
    await writeFileAtomic(this.file(block), `${JSON.stringify(header)}\n${content}\n`);
  }

  /**
   * The answers of a block, or undefined if they were not written.
   * @throws DataError `answers-damaged`, or `other-evaluation` if they are of other questions, another model or options
   */
  async read(block: Block): Promise<AnsweredBlock | undefined> {
    const file = this.file(block);
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (text === undefined) return undefined;
    const [header = '', content = ''] = text.split('\n');
    const stored = headerOf(header);
    if (!stored || sha256(content) !== stored.sha256) {
      throw new DataError({
        code: 'answers-damaged',
        file,
        message: 'its content has changed since it was written',
        hint: 'remove it: its questions are asked again',
      });
    }
    if (stored.plan !== this.planOf(block)) {
      throw new DataError({
        code: 'other-evaluation',
        file,
        message:
          'belongs to an evaluation of other questions, another model, other options or another version',
        hint: 'give the same options as when it was written, or another --parts folder',
      });
    }
    return JSON.parse(content) as AnsweredBlock;
  }

  private planOf({ questions }: Block): string {
    const asked = questions.map(({ id, question, sql, groups, index }) => {
      return { id, question, sql, groups, schema: sha256(JSON.stringify(index.bundle)) };
    });
    return sha256(JSON.stringify([this.plan, asked]));
  }

  private file({ start, questions }: Block): string {
    return join(this.folder, `answers-${String(start).padStart(8, '0')}-${questions.length}.json`);
  }
}

function headerOf(line: string): { plan: string; sha256: string } | undefined {
  try {
    return JSON.parse(line) as { plan: string; sha256: string };
  } catch {
    return undefined;
  }
}
