import type { BuiltCorpus } from '../built-corpus.js';
import type { HeldOutName } from '../../split/held-out.js';

/** One question as other tools read it: flat, all text. */
export interface ExportRow {
  split: 'train' | HeldOutName;
  schema_name: string;
  family: string;
  phrasing: string;
  schema: string;
  question: string;
  id_map: string;
  sql: string;
}

export const EXPORT_COLUMNS = [
  'split',
  'schema_name',
  'family',
  'phrasing',
  'schema',
  'question',
  'id_map',
  'sql',
] as const satisfies (keyof ExportRow)[];

/** The records of one split in order, one in memory at a time. @throws DataError as `BuiltCorpus` does */
export async function* exportRows(corpus: BuiltCorpus, split: ExportRow['split']): AsyncGenerator<ExportRow> {
  if (split === 'train') {
    for await (const { record, origin } of corpus.records()) {
      yield row(split, record, { ...origin, schemaName: origin.schema });
    }
    return;
  }
  for (const sample of await corpus.heldOut(split)) yield row(split, sample.record, sample);
}

function row(
  split: ExportRow['split'],
  { schema, question, idMap, sql }: { schema: string; question: string; idMap: string; sql: string },
  { schemaName, family, phrasing }: { schemaName: string; family: string; phrasing: string },
): ExportRow {
  return { split, schema_name: schemaName, family, phrasing, schema, question, id_map: idMap, sql };
}
