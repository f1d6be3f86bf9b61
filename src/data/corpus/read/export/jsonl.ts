import { writeFileAtomic } from '../../../../base/files.js';
import type { ExportRow } from './rows.js';

const CHUNK = 1 << 20;

/** Writes rows as JSON lines, atomically and in chunks. Returns the number of rows. */
export async function exportJsonl(file: string, rows: AsyncIterable<ExportRow>): Promise<number> {
  let count = 0;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    let text = '';
    for await (const row of rows) {
      text += `${JSON.stringify(row)}\n`;
      count++;
      if (text.length < CHUNK) continue;
      yield Buffer.from(text);
      text = '';
    }
    yield Buffer.from(text);
  }
  await writeFileAtomic(file, chunks());
  return count;
}
