import { createHash } from 'node:crypto';
import { DataError } from '../errors.js';
import {
  BLOCK_ENTRIES,
  MAGIC,
  SECTIONS,
  trailerOf,
  type SectionName,
  type ValueDirectory,
} from './format.js';
import { SectionFile } from './section-files.js';
import { fileTypos, wordNumber, type Words } from './words.js';

const MOST_BYTES = 2 ** 32 - 1;
const MOST_REMEMBERED = 1 << 16;

/** One line of the sorted stream: the value's words, the value, and one column that has it. */
export interface SortedValue {
  words: string[];
  value: string;
  column: number;
}

/** Levels of the tree of values while it grows; level 0 has the root alone. */
interface Level {
  nodeWords: SectionFile;
  firstChild: SectionFile;
  nodeEntries: SectionFile;
  nodes: number;
}

/** What the index says besides its sections, from the caller. */
export type DirectoryHead = Pick<ValueDirectory, 'bundle'> & { columns: string[] };

/** Reads all words, in order and each once, into one table. */
export function collectWords(sorted: Iterable<string>): Words {
  let words = new Uint16Array(1 << 16);
  let ends = new Uint32Array(1 << 12);
  let units = 0;
  let count = 0;
  for (const word of sorted) {
    if (units + word.length > words.length) words = grown(words);
    if (count === ends.length) ends = grown(ends);
    for (let i = 0; i < word.length; i++) words[units++] = word.charCodeAt(i);
    ends[count++] = units;
  }
  return { words: words.subarray(0, units), wordEnds: ends.subarray(0, count) };
}

function grown<T extends Uint16Array | Uint32Array>(array: T): T {
  const larger = new (array.constructor as new (length: number) => T)(2 * array.length);
  larger.set(array);
  return larger;
}

/**
 * Writes an index from values in the order of their words. The tree's levels and the text grow in files of the folder;
 * `content` then joins them.
 */
export class IndexWriter {
  readonly #levels: Level[] = [];
  readonly #text: SectionFile;
  readonly #blocks: SectionFile;
  readonly #numbers = new Map<string, number>();
  readonly #sets = new Map<string, number>();
  readonly #perColumn: number[];
  readonly #open: SectionFile[] = [];
  #path: string[] = [];
  #entries = 0;
  #held: { words: string[]; value: string; columns: number[] } | undefined;
  #before: Buffer = Buffer.alloc(0);

  constructor(
    private readonly folder: string,
    private readonly head: DirectoryHead,
    private readonly words: Words,
  ) {
    this.#text = this.#file('text');
    this.#blocks = this.#file('blocks');
    this.#perColumn = head.columns.map(() => 0);
    this.#newNode(0, 0, 0);
  }

  /** Different values so far. */
  get entries(): number {
    return this.#entries;
  }

  add({ words, value, column }: SortedValue): void {
    const held = this.#held;
    if (held?.value === value && held.words.length === words.length) {
      if (held.columns[held.columns.length - 1] !== column) held.columns.push(column);
      return;
    }
    if (held) this.#write(words);
    this.#held = { words, value, columns: [column] };
  }

  /** The whole file, in chunks. Call it once, after the last `add`. */
  *content(): Generator<Uint8Array, void, undefined> {
    this.#write(undefined);
    const sections: Partial<ValueDirectory['sections']> = {};
    let offset = MAGIC.length;
    yield Buffer.from(MAGIC, 'latin1');
    for (const name of SECTIONS) {
      const hash = createHash('sha256');
      let bytes = 0;
      for (const chunk of this.#section(name)) {
        hash.update(chunk);
        bytes += chunk.length;
        yield chunk;
      }
      sections[name] = { offset, bytes, sha256: hash.digest('hex') };
      offset += bytes;
    }
    yield trailerOf({
      version: 1,
      bundle: this.head.bundle,
      columns: this.head.columns.map((name, i) => ({ name, values: this.#perColumn[i]! })),
      sets: [...this.#sets.keys()].map((text) => text.split(' ').map(Number)),
      values: this.#entries,
      words: this.words.wordEnds.length,
      nodes: this.#levels.reduce((sum, { nodes }) => sum + nodes, 0),
      sections: sections as ValueDirectory['sections'],
    });
  }

  close(): void {
    for (const file of this.#open) file.close();
  }

  *#section(name: SectionName): Generator<Uint8Array, void, undefined> {
    switch (name) {
      case 'words':
        return yield bytesOf(this.words.words);
      case 'wordEnds':
        return yield bytesOf(this.words.wordEnds);
      case 'letters': {
        this.#typos = fileTypos(this.words);
        return yield bytesOf(this.#typos.letters);
      }
      case 'typoStarts':
        return yield bytesOf(this.#typos!.typoStarts);
      case 'typoWords':
        return yield bytesOf(this.#typos!.typoWords);
      case 'nodeWords':
      case 'nodeEntries':
        for (const level of this.#levels) yield* level[name].chunks();
        return;
      case 'firstChild':
        return yield* this.#firstChildren();
      case 'textBlocks':
        return yield* this.#blocks.chunks();
      case 'text':
        return yield* this.#text.chunks();
    }
  }

  #typos: ReturnType<typeof fileTypos> | undefined;

  /** Nodes count within their level while the tree grows; here the nodes of all levels before are added. */
  *#firstChildren(): Generator<Uint8Array, void, undefined> {
    let base = 0;
    for (const level of this.#levels) {
      base += level.nodes;
      for (const chunk of level.firstChild.chunks()) {
        const numbers = new Uint32Array(chunk.buffer, chunk.byteOffset, chunk.length / 4);
        for (let i = 0; i < numbers.length; i++) numbers[i]! += base;
        yield chunk;
      }
    }
    yield bytesOf(Uint32Array.of(base));
  }

  /** Writes the value that is held, before one with the words `next`. */
  #write(next: string[] | undefined): void {
    const held = this.#held;
    if (!held) return;
    const { words, value, columns } = held;
    const sameAsNext =
      next !== undefined && next.length === words.length && sharedWords(words, next) === words.length;
    let shared = sharedWords(this.#path, words);
    if (shared < words.length) {
      for (; shared < words.length; shared++) {
        const isEnd = shared === words.length - 1;
        this.#newNode(shared + 1, this.#number(words[shared]!), isEnd ? this.#entries + 1 : 0);
      }
      this.#path = words;
    }
    this.#writeEntry(value, columns, !sameAsNext);
    this.#held = undefined;
  }

  #writeEntry(value: string, columns: number[], isLast: boolean): void {
    const bytes = Buffer.from(value);
    let shared = 0;
    if (this.#entries % BLOCK_ENTRIES === 0) this.#blocks.u32(this.#text.length);
    else while (shared < bytes.length && bytes[shared] === this.#before[shared]) shared++;
    this.#text.number(shared);
    this.#text.number(2 * (bytes.length - shared) + (isLast ? 1 : 0));
    this.#text.bytes(bytes, shared, bytes.length);
    const key = columns.sort((a, b) => a - b).join(' ');
    let set = this.#sets.get(key);
    if (set === undefined) this.#sets.set(key, (set = this.#sets.size));
    this.#text.number(set);
    for (const column of columns) this.#perColumn[column]!++;
    this.#before = bytes;
    this.#entries++;
    if (this.#text.length > MOST_BYTES) {
      throw new DataError({
        code: 'values-too-many',
        message: 'the values take more than 4 GiB',
        hint: 'leave columns out with --exclude',
      });
    }
  }

  #newNode(depth: number, word: number, entry: number): void {
    const level = (this.#levels[depth] ??= {
      nodeWords: this.#file(`words-${depth}`),
      firstChild: this.#file(`children-${depth}`),
      nodeEntries: this.#file(`entries-${depth}`),
      nodes: 0,
    });
    level.nodeWords.u32(word);
    level.firstChild.u32(this.#levels[depth + 1]?.nodes ?? 0);
    level.nodeEntries.u32(entry);
    level.nodes++;
  }

  #number(word: string): number {
    let number = this.#numbers.get(word);
    if (number === undefined) {
      number = wordNumber(this.words, word);
      if (this.#numbers.size >= MOST_REMEMBERED) this.#numbers.clear();
      this.#numbers.set(word, number);
    }
    return number;
  }

  #file(name: string): SectionFile {
    const file = new SectionFile(this.folder, name);
    this.#open.push(file);
    return file;
  }
}

function sharedWords(a: readonly string[], b: readonly string[]): number {
  let shared = 0;
  while (shared < a.length && shared < b.length && a[shared] === b[shared]) shared++;
  return shared;
}

function bytesOf(array: Uint16Array | Uint32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
