// Writes a corpus's training records as JSON lines of { "text": … }, for continue.py:
// npx tsx scripts/corpus-texts.ts CORPUS FILE
import { writeFileAtomic } from '../src/base/files.js';
import { BuiltCorpus } from '../src/data/corpus/read/built-corpus.js';
import { formatRecord } from '../src/data/record.js';

const [folder, file] = process.argv.slice(2);
if (folder === undefined || file === undefined) throw new Error('usage: corpus-texts.ts CORPUS FILE');
const corpus = await BuiltCorpus.open(folder);
const { order } = corpus.format;

async function* lines(): AsyncGenerator<Uint8Array> {
  for await (const { record } of corpus.records())
    yield Buffer.from(`${JSON.stringify({ text: formatRecord(record, order) })}\n`);
}

await writeFileAtomic(file, lines());
corpus.close();
