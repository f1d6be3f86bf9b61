import { ByteWriter, ParquetWriter, schemaFromColumnData, type ColumnSource } from 'hyparquet-writer';
import { writeFileAtomic } from '../../../../base/files.js';
import { EXPORT_COLUMNS, type ExportRow } from './rows.js';

/** Rows in memory at a time. */
const ROWS_PER_GROUP = 8192;

/**
 * Writes rows as one Parquet file (Snappy, dictionary pages where they help), atomically and one row group at a time.
 * Returns the number of rows.
 */
export async function exportParquet(file: string, rows: AsyncIterable<ExportRow>): Promise<number> {
  let count = 0;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    const writer = new ByteWriter();
    const schema = schemaFromColumnData({ columnData: columnsOf([]) });
    const parquet = new ParquetWriter({ writer, schema });
    let group: ExportRow[] = [];
    for await (const row of rows) {
      group.push(row);
      count++;
      if (group.length < ROWS_PER_GROUP) continue;
      await parquet.write({ columnData: columnsOf(group) });
      yield drain(writer);
      group = [];
    }
    if (group.length > 0) await parquet.write({ columnData: columnsOf(group) });
    await parquet.finish();
    yield drain(writer);
  }
  await writeFileAtomic(file, chunks());
  return count;
}

function columnsOf(rows: readonly ExportRow[]): ColumnSource[] {
  return EXPORT_COLUMNS.map((name) => ({
    name,
    data: rows.map((row) => row[name]),
    type: 'STRING',
    nullable: false,
  }));
}

/** The bytes written since the last call. Resetting the buffer does not affect the writer's file offset. */
function drain(writer: ByteWriter): Uint8Array {
  const bytes = writer.getBytes().slice();
  writer.index = 0;
  return bytes;
}
