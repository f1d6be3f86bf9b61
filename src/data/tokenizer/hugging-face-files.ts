import { TOKENIZER_FILE } from '../corpus/files.js';
import { END_TOKEN, PAD_TOKEN } from './special-tokens.js';
import type { Tokenizer } from './tokenizer.js';

/** The files with which transformers' `AutoTokenizer` gives our ids, content by name. */
export function huggingFaceTokenizer(tokenizer: Tokenizer, context: number): Record<string, string> {
  const settings = {
    tokenizer_class: 'PreTrainedTokenizerFast',
    eos_token: END_TOKEN,
    pad_token: PAD_TOKEN,
    add_bos_token: false,
    add_eos_token: false,
    clean_up_tokenization_spaces: false,
    model_max_length: context,
  };
  return {
    [TOKENIZER_FILE]: tokenizer.toJson(),
    'tokenizer_config.json': JSON.stringify(settings, null, 2) + '\n',
  };
}
