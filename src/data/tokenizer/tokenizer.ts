import { readFile } from 'node:fs/promises';
import { sha256, writeFileAtomic } from '../../base/files.js';
import { whyUnreadable } from '../../base/system-faults.js';
import { DataError } from '../errors.js';
import { IdBuffer } from './id-buffer.js';
import { MergeTable } from './merges.js';
import { PieceCache } from './piece-cache.js';
import { pieceEnd, SpecialFinder } from './scan.js';
import { END_TOKEN, PAD_TOKEN } from './special-tokens.js';
import { modelFromJson, modelToJson, type BpeModel } from './tokenizer-json.js';

/**
 * Byte-level BPE. Ids: the special tokens in order, then the 256 bytes, then one per merge with a new spelling.
 * `decode(encode(text)) === text` for every text without unpaired surrogates (those become U+FFFD).
 */
export class Tokenizer {
  /** Special token → id. */
  readonly specialTokens: ReadonlyMap<string, number>;
  readonly vocabSize: number;

  private readonly byteSequences: readonly Uint8Array[];
  private readonly mergeTable: MergeTable;
  private readonly specials: SpecialFinder;
  private readonly encoder = new TextEncoder();
  private readonly cache = new PieceCache();
  private readonly output = new IdBuffer();
  /** The current text in UTF-8. */
  private bytes = new Uint8Array(1 << 12);
  private texts: (string | undefined)[] | undefined;
  private json: string | undefined;

  constructor(private readonly model: BpeModel) {
    this.specialTokens = new Map(model.specialTokens.map((token, id) => [token, id]));
    this.byteSequences = spellTokens(model);
    this.vocabSize = this.byteSequences.length;
    this.mergeTable = new MergeTable(model.merges);
    this.specials = new SpecialFinder(model.specialTokens);
  }

  /** The token ids of a text. Special tokens are recognised anywhere in it. */
  encode(text: string): Uint32Array {
    this.output.length = 0;
    this.encodeInto(this.output, text);
    return this.output.toArray();
  }

  /** Appends the token ids of a text to the buffer; cheaper than `encode` for many texts. */
  encodeInto(out: IdBuffer, text: string): void {
    // A UTF-16 unit takes three bytes at most.
    if (this.bytes.length < 3 * text.length) this.bytes = new Uint8Array(6 * text.length);
    const { bytes, specials } = this;
    const { written: end } = this.encoder.encodeInto(text, bytes);
    let start = 0;
    for (let at = 0; at < end; at++) {
      const special = specials.idAt(bytes, at, end);
      if (special < 0) continue;
      this.encodeSection(out, start, at);
      out.add(special);
      start = at + specials.lengthOf(special);
      at = start - 1;
    }
    this.encodeSection(out, start, end);
  }

  /** Encodes the text's bytes between two special tokens. */
  private encodeSection(out: IdBuffer, start: number, end: number): void {
    const { bytes, cache } = this;
    while (start < end) {
      const next = pieceEnd(bytes, start, end);
      if (!cache.addTo(out, bytes, start, next)) this.encodePiece(out, start, next);
      start = next;
    }
  }

  private encodePiece(out: IdBuffer, start: number, end: number): void {
    const firstByteId = this.specialTokens.size;
    const ids = this.mergeTable.apply(
      Array.from(this.bytes.subarray(start, end), (byte) => firstByteId + byte),
    );
    out.addAll(ids, 0, ids.length);
    this.cache.remember(this.bytes, start, end, ids);
  }

  /**
   * The text of token ids. Bytes that are not valid UTF-8, such as half a character, become U+FFFD.
   * @throws DataError `tokenizer-unknown-id` if an id is not in the vocabulary
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

  /** Joins the bytes of all tokens before decoding, for characters that are split between tokens. */
  private decodeBytes(ids: Iterable<number>): string {
    const parts: Uint8Array[] = [];
    for (const id of ids) parts.push(this.bytesOf(id));
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.concat(parts));
  }

  /** The text of one token; undefined if its bytes are not whole characters. */
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
   * The bytes that a token stands for; for a special token, its name in UTF-8. Do not modify them.
   * @throws DataError `tokenizer-unknown-id` if the id is not in the vocabulary
   */
  bytesOf(id: number): Uint8Array {
    const bytes = this.byteSequences[id];
    if (bytes === undefined) {
      throw new DataError({
        code: 'tokenizer-unknown-id',
        message: `no token has the id ${id}: the vocabulary has ${this.vocabSize} tokens`,
      });
    }
    return bytes;
  }

  /** The id of the token whose text is exactly `text`, special or not; undefined if there is none. */
  tokenId(text: string): number | undefined {
    const special = this.specialTokens.get(text);
    if (special !== undefined) return special;
    const ids = this.encode(text);
    return ids.length === 1 ? ids[0] : undefined;
  }

  /** Id of `<|pad|>`. @throws DataError if the tokenizer was trained without it */
  get padId(): number {
    return this.specialId(PAD_TOKEN);
  }

  /** Id of `<|end|>`. @throws DataError if the tokenizer was trained without it */
  get endId(): number {
    return this.specialId(END_TOKEN);
  }

  /** SHA-256 of the file that `save` writes. Tokenizers with equal hashes give equal ids. */
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

  /** @throws DataError `tokenizer-format` if the text is not a `tokenizer.json` of this program */
  static fromJson(json: string, file?: string): Tokenizer {
    return new Tokenizer(modelFromJson(json, file));
  }

  /** @throws DataError `tokenizer-not-found` or `tokenizer-format`, naming the file and the field at fault */
  static async load(path: string): Promise<Tokenizer> {
    let json: string;
    try {
      json = await readFile(path, 'utf8');
    } catch (cause) {
      throw new DataError(
        {
          code: 'tokenizer-not-found',
          file: path,
          message: whyUnreadable(cause),
          hint: 'every corpus and every model folder has a tokenizer.json',
        },
        { cause },
      );
    }
    return Tokenizer.fromJson(json, path);
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
