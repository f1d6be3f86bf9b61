import type { HeldOutQuestion } from './corpus/split/held-out.js';
import { formatOfCorpus } from './record-format.js';
import { readPart } from './shards/origins.js';
import type { ShardSet } from './shards/reader.js';
import { encodeRecord } from './shards/record-tokens.js';
import { ListedRecords, type RecordSource } from './shards/record-source.js';
import type { Tokenizer } from './tokenizer/tokenizer.js';

/** The questions of a corpus's validation set, which training never sees; none if it was built without. @throws DataError `corpus-damaged` */
export async function validationQuestions(
  corpus: string,
  { index }: Pick<ShardSet, 'index'>,
  most: number,
): Promise<HeldOutQuestion[]> {
  const part = index.heldOut?.find(({ name }) => name === 'validation');
  if (part === undefined || most === 0) return [];
  const lines = (await readPart(corpus, part)).toString('utf8').split('\n');
  return lines
    .filter((line) => line !== '')
    .slice(0, most)
    .map((line) => JSON.parse(line) as HeldOutQuestion);
}

/** The same as records, encoded as those of the corpus; undefined if there are none. */
export async function heldOutRecords(
  corpus: string,
  shards: ShardSet,
  tokenizer: Tokenizer,
  most: number,
): Promise<RecordSource | undefined> {
  const questions = await validationQuestions(corpus, shards, most);
  if (questions.length === 0) return undefined;
  const { order } = formatOfCorpus(shards.index.config, corpus);
  return new ListedRecords(questions.map(({ record }) => encodeRecord(tokenizer, record, order)));
}
