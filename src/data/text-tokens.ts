/**
 * Tokenizers for plain text: one token per character, for a model that a researcher reads at a glance, or the byte-level
 * BPE of corpora without their markers' meaning.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeJsonAtomic } from '../base/files.js';
import { TOKENIZER_FILE } from './corpus/files.js';
import { DataError } from './errors.js';
import { Tokenizer } from './tokenizer/tokenizer.js';
import { trainTokenizer } from './tokenizer/train.js';

export interface TextTokenizer {
  readonly vocabSize: number;
  /** @throws DataError `unknown-character` for a character that the training text does not have */
  encode(text: string): Uint32Array;
  decode(tokens: ArrayLike<number>): string;
  save(folder: string): Promise<void>;
  /** The name of its file in the model's folder. */
  readonly file: string;
}

/** In the folder of a model of single characters. */
export const CHARACTERS_FILE = 'characters.json';

/** One token per character (a Unicode code point), in the order of their numbers. */
export class CharacterTokenizer implements TextTokenizer {
  readonly file = CHARACTERS_FILE;
  readonly #ids: ReadonlyMap<string, number>;

  private constructor(private readonly characters: readonly string[]) {
    this.#ids = new Map(characters.map((character, id) => [character, id]));
  }

  /** The characters of a text. */
  static of(text: string): CharacterTokenizer {
    return new CharacterTokenizer([...new Set(text)].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!));
  }

  /** @throws DataError `bad-characters` */
  static async load(folder: string): Promise<CharacterTokenizer> {
    const file = join(folder, CHARACTERS_FILE);
    const stored = JSON.parse(await readFile(file, 'utf8')) as { characters?: unknown };
    const { characters } = stored;
    if (Array.isArray(characters) && characters.every((one) => typeof one === 'string')) {
      return new CharacterTokenizer(characters);
    }
    throw new DataError({ code: 'bad-characters', file, message: 'does not list the characters of a model' });
  }

  get vocabSize(): number {
    return this.characters.length;
  }

  encode(text: string): Uint32Array {
    return Uint32Array.from(text, (character) => {
      const id = this.#ids.get(character);
      if (id !== undefined) return id;
      throw new DataError({
        code: 'unknown-character',
        message: `the model has no character ${JSON.stringify(character)}`,
        hint: 'train a new model, in another folder',
      });
    });
  }

  decode(tokens: ArrayLike<number>): string {
    return Array.from(tokens, (token) => this.characters[token] ?? '').join('');
  }

  async save(folder: string): Promise<void> {
    await writeJsonAtomic(join(folder, CHARACTERS_FILE), { characters: this.characters });
  }
}

/** The byte-level BPE of corpora. */
export class BpeTextTokenizer implements TextTokenizer {
  readonly file = TOKENIZER_FILE;

  constructor(private readonly bpe: Tokenizer) {}

  static train(text: string, vocabSize: number): BpeTextTokenizer {
    return new BpeTextTokenizer(trainTokenizer(text.split(/(?<=\n\n)/), { vocabSize }));
  }

  static async load(folder: string): Promise<BpeTextTokenizer> {
    return new BpeTextTokenizer(await Tokenizer.load(join(folder, TOKENIZER_FILE)));
  }

  get vocabSize(): number {
    return this.bpe.vocabSize;
  }

  encode(text: string): Uint32Array {
    return this.bpe.encode(text);
  }

  decode(tokens: ArrayLike<number>): string {
    return this.bpe.decode(Uint32Array.from(tokens));
  }

  async save(folder: string): Promise<void> {
    await this.bpe.save(join(folder, TOKENIZER_FILE));
  }
}

/** The tokenizer of a model folder that `engine train --text` made. @throws DataError if the folder has none */
export function loadTextTokenizer(folder: string): Promise<TextTokenizer> {
  return existsSync(join(folder, CHARACTERS_FILE))
    ? CharacterTokenizer.load(folder)
    : BpeTextTokenizer.load(folder);
}
