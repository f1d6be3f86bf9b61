/**
 * Blocks of encoded records in files, so that many processes can share one build. A block depends on the plan of the
 * build and on its range of samples alone, so it does not matter who makes it, when, or how often.
 *
 *     block-00000512-512.bin   one line of JSON, then uint32: lengths, loss starts, mended, tokens (see `EncodedBlock`)
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256, writeFileAtomic } from '../../../base/files.js';
import { DataError } from '../../errors.js';
import { assertLittleEndian } from '../../shards/format.js';
import type { EncodedBlock, Range } from './messages.js';

interface Header {
  /** SHA-256 of what the block depends on besides its range. */
  plan: string;
  records: number;
  tokens: number;
  origins: EncodedBlock['origins'];
  /** Of the bytes after this line. */
  sha256: string;
}

/** A folder of blocks of one build. */
export class BlockFolder {
  /** @param plan what every block depends on besides its range, as text */
  constructor(
    private readonly folder: string,
    plan: string,
  ) {
    assertLittleEndian();
    this.plan = sha256(plan);
  }

  private readonly plan: string;

  async write(range: Range, block: EncodedBlock): Promise<void> {
    const { lengths, lossStarts, mended, tokens, origins } = block;
    const bytes = Buffer.concat([lengths, lossStarts, mended, tokens].map(bytesOf));
    const header: Header = {
      plan: this.plan,
      records: lengths.length,
      tokens: tokens.length,
      origins,
      sha256: sha256(bytes),
    };
    await writeFileAtomic(this.file(range), [Buffer.from(`${JSON.stringify(header)}\n`), bytes]);
  }

  /**
   * The block of a range, or undefined if it was not written.
   * @throws DataError `block-damaged`, or `other-build` if it belongs to another seed, other knobs, schemas or tokens
   */
  async read(range: Range): Promise<EncodedBlock | undefined> {
    const file = this.file(range);
    const content = await readFile(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (content === undefined) return undefined;
    const damaged = (cause?: unknown): DataError =>
      new DataError(
        {
          code: 'block-damaged',
          file,
          message: 'its content has changed since it was written',
          hint: 'remove it: it is made again',
        },
        { cause },
      );
    const end = content.indexOf('\n');
    let header: Header;
    try {
      header = JSON.parse(content.toString('utf8', 0, end)) as Header;
    } catch (cause) {
      throw damaged(cause);
    }
    const bytes = content.subarray(end + 1);
    if (sha256(bytes) !== header.sha256) throw damaged();
    if (header.plan !== this.plan) {
      throw new DataError({
        code: 'other-build',
        file,
        message: 'belongs to a build with another seed, other options or another version of the program',
        hint: 'give the same options as when it was written, or another --parts folder',
      });
    }
    const numbers = new Uint32Array(Uint8Array.from(bytes).buffer);
    const { records, tokens, origins } = header;
    const table = (i: number): Uint32Array => numbers.subarray(i * records, (i + 1) * records);
    return {
      lengths: table(0),
      lossStarts: table(1),
      mended: table(2),
      tokens: numbers.subarray(3 * records, 3 * records + tokens),
      origins,
    };
  }

  private file({ start, count }: Range): string {
    return join(this.folder, `block-${String(start).padStart(8, '0')}-${count}.bin`);
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Uint32Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);
