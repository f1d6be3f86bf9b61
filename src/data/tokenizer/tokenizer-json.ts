/**
 * The part of Hugging Face's `tokenizer.json` that a byte-level BPE tokenizer needs. Their tokenizers load our files and
 * give the same ids. We read only files of this form, which may differ in tokens and merges alone.
 */
import { z } from 'zod';
import { DataError } from '../errors.js';
import { bytesToTokenString } from './byte-alphabet.js';
import { MAX_VOCAB_SIZE, type Merge } from './merges.js';
import { PRE_TOKEN_PATTERN } from './pre-tokenize.js';
import { CONTROL_TOKENS, isSpecialTokenName } from './special-tokens.js';

/** A tokenizer as plain data. Ids: first the special tokens, then the 256 bytes, then the merged tokens. */
export interface BpeModel {
  specialTokens: readonly string[];
  /** In order of rank. A merge with a new spelling gets the next free id. */
  merges: readonly Merge[];
}

const BYTE_LEVEL = {
  type: 'ByteLevel',
  add_prefix_space: false,
  trim_offsets: false,
  use_regex: false,
} as const;

const FIXED_PARTS = {
  version: '1.0',
  truncation: null,
  padding: null,
  normalizer: null,
  pre_tokenizer: {
    type: 'Sequence',
    pretokenizers: [
      { type: 'Split', pattern: { Regex: PRE_TOKEN_PATTERN }, behavior: 'Isolated', invert: false },
      BYTE_LEVEL,
    ],
  },
  post_processor: null,
  decoder: BYTE_LEVEL,
} as const;

const fileSchema = z.object({
  added_tokens: z.array(z.object({ id: z.int().nonnegative(), content: z.string().min(1) })),
  model: z.object({
    type: z.literal('BPE'),
    vocab: z.record(z.string(), z.int().nonnegative()),
    merges: z.array(z.string()),
  }),
});

/** The content of `tokenizer.json`; the same model always gives the same bytes. */
export function modelToJson({ specialTokens, merges }: BpeModel): string {
  const tokenStrings = [...specialTokens, ...byteTokenStrings()];
  const mergeLines = merges.map(({ left, right, merged }) => {
    tokenStrings[merged] ??= tokenStrings[left]! + tokenStrings[right]!;
    return `${tokenStrings[left]} ${tokenStrings[right]}`;
  });
  const file = {
    version: FIXED_PARTS.version,
    truncation: FIXED_PARTS.truncation,
    padding: FIXED_PARTS.padding,
    added_tokens: specialTokens.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: CONTROL_TOKENS.includes(content),
    })),
    normalizer: FIXED_PARTS.normalizer,
    pre_tokenizer: FIXED_PARTS.pre_tokenizer,
    post_processor: FIXED_PARTS.post_processor,
    decoder: FIXED_PARTS.decoder,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(tokenStrings.map((token, id) => [token, id])),
      merges: mergeLines,
    },
  };
  return JSON.stringify(file, null, 1) + '\n';
}

/** @throws DataError `tokenizer-format` with file and field, if the text is not in the form of `modelToJson` */
export function modelFromJson(json: string, file?: string): BpeModel {
  const fail = (field: string, message: string): DataError =>
    new DataError({
      code: 'tokenizer-format',
      file,
      field,
      message,
      hint: 'only a tokenizer.json written by this program can be read',
    });
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw fail('', `broken JSON (${(cause as Error).message})`);
  }
  const parsed = fileSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw fail(issue.path.join('.'), issue.message);
  }
  for (const [field, expected] of Object.entries(FIXED_PARTS)) {
    const found = (value as Record<string, unknown>)[field];
    if (JSON.stringify(found) !== JSON.stringify(expected))
      throw fail(field, 'differs from what this program writes');
  }

  const { added_tokens: added, model } = parsed.data;
  const specialTokens = added.map(({ content }) => content);
  added.forEach(({ id, content }, place) => {
    if (!isSpecialTokenName(content)) {
      throw fail(`added_tokens[${place}].content`, 'must be two or more printable ASCII characters');
    }
    if (id !== place)
      throw fail(`added_tokens[${place}].id`, `${id}; special tokens have the ids 0, 1, 2, …`);
  });
  if (new Set(specialTokens).size !== specialTokens.length)
    throw fail('added_tokens', 'contains a token twice');

  const tokenStrings = [...specialTokens, ...byteTokenStrings()];
  const idOfString = new Map(tokenStrings.map((text, id) => [text, id]));
  const merges = model.merges.map((line, rank): Merge => {
    const [leftText, rightText, ...more] = line.split(' ');
    const left = idOfString.get(leftText ?? '');
    const right = idOfString.get(rightText ?? '');
    if (left === undefined || right === undefined || more.length > 0) {
      throw fail(`model.merges[${rank}]`, `${JSON.stringify(line)} does not name two earlier tokens`);
    }
    const text = tokenStrings[left]! + tokenStrings[right]!;
    let merged = idOfString.get(text);
    if (merged === undefined) {
      merged = tokenStrings.length;
      tokenStrings.push(text);
      idOfString.set(text, merged);
    }
    return { left, right, merged };
  });
  if (tokenStrings.length > MAX_VOCAB_SIZE) throw fail('model.merges', 'too many');
  const entries = Object.entries(model.vocab);
  if (entries.length !== tokenStrings.length) {
    throw fail(
      'model.vocab',
      `${entries.length} tokens, but special tokens, bytes and merges make ${tokenStrings.length}`,
    );
  }
  for (const [text, id] of entries) {
    if (idOfString.get(text) !== id)
      throw fail(`model.vocab[${JSON.stringify(text)}]`, `the id ${id} is wrong`);
  }
  return { specialTokens, merges };
}

function byteTokenStrings(): string[] {
  return Array.from({ length: 256 }, (_, byte) => bytesToTokenString(Uint8Array.of(byte)));
}
