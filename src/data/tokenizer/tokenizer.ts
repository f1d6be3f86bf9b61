import { readFile } from 'node:fs/promises';
import { sha256, writeFileAtomic } from '../../engine/files.js';
import { DataError } from '../errors.js';
import { MergeTable } from './merges.js';
import { preTokenize, specialTokenSplitter } from './pre-tokenize.js';
import { END_TOKEN, PAD_TOKEN } from './special-tokens.js';
import { modelFromJson, modelToJson, type BpeModel } from './tokenizer-json.js';

/** Pieces and runs whose ids are remembered, and the longest of them (in UTF-16 units): some 10 MB at most. */
const CACHED_TEXTS = 1 << 16;
const LONGEST_CACHED = 64;

/**
 * Byte-level BPE. Ids: special tokens in their order, then the 256 bytes, then one id per merge that spells
 * something new. `decode(encode(text)) === text` for every text without unpaired surrogates (those become U+FFFD).
 */
export class Tokenizer {
  /** Special token → id. */
  readonly specialTokens: ReadonlyMap<string, number>;
  readonly vocabSize: number;

  private readonly byteSequences: readonly Uint8Array[];
  private readonly mergeTable: MergeTable;
  private readonly splitAtSpecials: (text: string) => string[];
  private readonly encoder = new TextEncoder();
  private readonly cache = new Map<string, readonly number[]>();
  private readonly output = new IdBuffer();
  private texts: (string | undefined)[] | undefined;
  private json: string | undefined;

  constructor(private readonly model: BpeModel) {
    this.specialTokens = new Map(model.specialTokens.map((token, id) => [token, id]));
    this.byteSequences = spellTokens(model);
    this.vocabSize = this.byteSequences.length;
    this.mergeTable = new MergeTable(model.merges);
    this.splitAtSpecials = specialTokenSplitter(model.specialTokens);
  }

  /** Token ids of a text. Special tokens are recognised wherever they stand in it. */
  encode(text: string): Uint32Array {
    const out = this.output;
    out.length = 0;
    const sections = this.splitAtSpecials(text);
    for (let i = 0; i < sections.length; i++) {
      const section = sections[i]!;
      if (i % 2 === 1) out.add(this.specialTokens.get(section)!);
      else this.encodeSection(section);
    }
    return out.toArray();
  }

  /**
   * A text without special tokens, run by run. Before a comma that follows a word, and before a newline that follows
   * a word or `)`, the pre-tokenizer cuts whatever stands around: hence a run (a column in the list of its table,
   * say) has the same ids wherever it stands, and is looked up as a whole.
   */
  private encodeSection(section: string): void {
    let start = 0;
    for (let i = 1; i <= section.length; i++) {
      if (i < section.length && !isCut(section.charCodeAt(i - 1), section.charCodeAt(i))) continue;
      const run = start === 0 && i === section.length ? section : section.slice(start, i);
      const known = this.cache.get(run);
      if (known === undefined) this.encodeRun(run);
      else this.output.addAll(known);
      start = i;
    }
  }

  private encodeRun(run: string): void {
    const first = this.output.length;
    for (const piece of preTokenize(run))
      this.output.addAll(this.cache.get(piece) ?? this.encodePiece(piece));
    if (run.length <= LONGEST_CACHED) this.remember(run, this.output.from(first));
  }

  /**
   * The text of token ids; bytes that are no UTF-8 (a character cut in two) become U+FFFD.
   * @throws DataError `tokenizer-unknown-id` when an id is not of the vocabulary.
   */
  decode(ids: Iterable<number>): string {
    let text = '';
    for (const id of ids) {
      const piece = this.textOf(id);
      if (piece === undefined) return this.decodeBytes(ids);
      text += piece;
    }
    return text;
  }

  /** Where a character is cut between tokens, the text is that of all bytes together. */
  private decodeBytes(ids: Iterable<number>): string {
    const parts: Uint8Array[] = [];
    for (const id of ids) parts.push(this.bytesOf(id));
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.concat(parts));
  }

  /** The text of one token; undefined when its bytes are no whole characters. */
  private textOf(id: number): string | undefined {
    if (this.texts === undefined) {
      const decoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
      this.texts = this.byteSequences.map((bytes) => {
        try {
          return decoder.decode(bytes);
        } catch {
          return undefined;
        }
      });
    }
    return this.texts[id];
  }

  /**
   * The bytes that a token stands for; of a special token, its name in UTF-8. Not to be written to.
   * @throws DataError `tokenizer-unknown-id` when the id is not of the vocabulary.
   */
  bytesOf(id: number): Uint8Array {
    const bytes = this.byteSequences[id];
    if (bytes === undefined) {
      throw new DataError({
        code: 'tokenizer-unknown-id',
        message: `no token has the id ${id}: the vocabulary holds ${this.vocabSize}`,
      });
    }
    return bytes;
  }

  /** The id of the token that is exactly `text`, special or not; undefined when no single token is. */
  tokenId(text: string): number | undefined {
    const special = this.specialTokens.get(text);
    if (special !== undefined) return special;
    const ids = this.encode(text);
    return ids.length === 1 ? ids[0] : undefined;
  }

  /** Id of `<|pad|>`. @throws DataError when the tokenizer was trained without it. */
  get padId(): number {
    return this.specialId(PAD_TOKEN);
  }

  /** Id of `<|end|>`. @throws DataError when the tokenizer was trained without it. */
  get endId(): number {
    return this.specialId(END_TOKEN);
  }

  /** SHA-256 of the `tokenizer.json` that `save` writes: two tokenizers with one hash give the same ids. */
  get hash(): string {
    return sha256(this.toJson());
  }

  /** The content of a Hugging Face `tokenizer.json`. */
  toJson(): string {
    return (this.json ??= modelToJson(this.model));
  }

  /** Writes `tokenizer.json` atomically. */
  async save(path: string): Promise<void> {
    await writeFileAtomic(path, this.toJson());
  }

  /** @throws DataError `tokenizer-format` when the text is no `tokenizer.json` of this program. */
  static fromJson(json: string, file?: string): Tokenizer {
    return new Tokenizer(modelFromJson(json, file));
  }

  /** @throws DataError `tokenizer-not-found` or `tokenizer-format`, naming the file and the field at fault. */
  static async load(path: string): Promise<Tokenizer> {
    let json: string;
    try {
      json = await readFile(path, 'utf8');
    } catch (cause) {
      throw new DataError(
        {
          code: 'tokenizer-not-found',
          file: path,
          message: `cannot be read (${(cause as NodeJS.ErrnoException).code ?? String(cause)})`,
          hint: 'a tokenizer.json stands beside every corpus and every model',
        },
        { cause },
      );
    }
    return Tokenizer.fromJson(json, path);
  }

  private encodePiece(piece: string): readonly number[] {
    const firstByteId = this.specialTokens.size;
    const bytes = this.encoder.encode(piece);
    const ids = this.mergeTable.apply(Array.from(bytes, (byte) => firstByteId + byte));
    if (piece.length <= LONGEST_CACHED) this.remember(piece, ids);
    return ids;
  }

  private remember(text: string, ids: readonly number[]): void {
    // Forgetting everything now and then is cheaper than keeping track of what was used last.
    if (this.cache.size >= CACHED_TEXTS) this.cache.clear();
    this.cache.set(text, ids);
  }

  private specialId(token: string): number {
    const id = this.specialTokens.get(token);
    if (id === undefined) {
      throw new DataError({
        code: 'tokenizer-no-special-token',
        message: `the tokenizer has no token ${token}`,
        hint: 'train it with the standard special tokens',
      });
    }
    return id;
  }
}

const [COMMA, NEWLINE, CLOSING_BRACKET] = [0x2c, 0x0a, 0x29];

/** Whether the pre-tokenizer cuts between two neighbours, and neither side looks across. */
function isCut(before: number, after: number): boolean {
  if (after !== COMMA && after !== NEWLINE) return false;
  return isWordCharacter(before) || (after === NEWLINE && before === CLOSING_BRACKET);
}

/** An ASCII letter or digit. */
function isWordCharacter(unit: number): boolean {
  return (unit >= 97 && unit <= 122) || (unit >= 65 && unit <= 90) || (unit >= 48 && unit <= 57);
}

/** Ids being collected; the memory is used again for the next text. */
class IdBuffer {
  length = 0;
  private ids = new Uint32Array(1 << 10);

  add(id: number): void {
    if (this.length === this.ids.length) this.grow(this.length + 1);
    this.ids[this.length++] = id;
  }

  addAll(ids: readonly number[]): void {
    if (this.length + ids.length > this.ids.length) this.grow(this.length + ids.length);
    for (let i = 0; i < ids.length; i++) this.ids[this.length + i] = ids[i]!;
    this.length += ids.length;
  }

  from(start: number): number[] {
    return Array.from(this.ids.subarray(start, this.length));
  }

  toArray(): Uint32Array {
    return this.ids.slice(0, this.length);
  }

  private grow(least: number): void {
    const larger = new Uint32Array(Math.max(least, 2 * this.ids.length));
    larger.set(this.ids);
    this.ids = larger;
  }
}

/** The bytes of every token, by id. */
function spellTokens({ specialTokens, merges }: BpeModel): Uint8Array[] {
  const encoder = new TextEncoder();
  const spelled: Uint8Array[] = specialTokens.map((token) => encoder.encode(token));
  for (let byte = 0; byte < 256; byte++) spelled.push(Uint8Array.of(byte));
  for (const { left, right, merged } of merges) spelled[merged] ??= concat(spelled[left]!, spelled[right]!);
  return spelled;
}

function concat(left: Uint8Array, right: Uint8Array): Uint8Array {
  const both = new Uint8Array(left.length + right.length);
  both.set(left);
  both.set(right, left.length);
  return both;
}
