import type { RecordFormat } from './record-format.js';

/**
 * The training record: one text with four marked parts. Training and inference build the prompt with the same function,
 * so the model never sees a layout that it was not trained on.
 *
 *     SCHEMA:
 *     person(person_id int pk, year_of_birth int, gender_concept_id int -> concept)
 *     QUESTION: How many patients were born before __NUM_1__?
 *     ID_MAP: __NUM_1__ threshold int
 *     SQL: SELECT COUNT(*) FROM person AS p WHERE p.year_of_birth < __NUM_1__;
 *
 * Some formats put QUESTION and ID_MAP before SCHEMA.
 */
export const MARKERS = {
  schema: 'SCHEMA:',
  question: 'QUESTION:',
  idMap: 'ID_MAP:',
  sql: 'SQL:',
} as const;

export interface TrainingRecord {
  /** Schema text as `renderSchema` writes it, without the marker. */
  schema: string;
  /** The question, with placeholders for its values. */
  question: string;
  /** `__ID_1__ mrn varchar, __DATE_1__ date date`; empty if the question has no values. */
  idMap: string;
  /** The statement with placeholders, ending in `;`. */
  sql: string;
  /** The statement as the model writes it, where its format spells names otherwise than T-SQL. */
  written?: string | undefined;
}

/** Which part of a record comes first; see `RecordFormat`. */
export type PartOrder = RecordFormat['order'];

/** The record up to and including `SQL:`, which the model reads before it writes. */
export function formatPrompt(
  record: Pick<TrainingRecord, 'schema' | 'question' | 'idMap'>,
  order: PartOrder = 'schema-first',
): string {
  const schema = `${MARKERS.schema}\n${record.schema}\n`;
  const asked =
    `${MARKERS.question} ${record.question}\n` +
    `${MARKERS.idMap}${record.idMap === '' ? '' : ' ' + record.idMap}\n`;
  return `${order === 'schema-first' ? schema + asked : asked + schema}${MARKERS.sql}`;
}

/** The whole record. The completion starts with a space, so the prompt's tokens are a prefix of the record's. */
export function formatRecord(record: TrainingRecord, order?: PartOrder): string {
  return `${formatPrompt(record, order)} ${record.written ?? record.sql}`;
}

const SCHEMA_PART = `${MARKERS.schema}\\n((?:(?!${MARKERS.question}|${MARKERS.sql}).*\\n)*)`;
const QUESTION_PART = `${MARKERS.question} (.*)\\n${MARKERS.idMap}(?: (.*))?\\n`;
const SQL_PART = `${MARKERS.sql} (.*)$`;
const SCHEMA_FIRST = new RegExp(`^${SCHEMA_PART}${QUESTION_PART}${SQL_PART}`);
const QUESTION_FIRST = new RegExp(`^${QUESTION_PART}${SCHEMA_PART}${SQL_PART}`);

/**
 * The parts of a text that `formatRecord` wrote, in either order; undefined for any other text. `sql` is the statement as
 * the model writes it.
 */
export function parseRecord(text: string): TrainingRecord | undefined {
  const first = SCHEMA_FIRST.exec(text);
  const parts = first ?? QUESTION_FIRST.exec(text);
  if (parts === null) return undefined;
  const [, a = '', b = '', c = '', sql = ''] = parts;
  const [schema, question, idMap] = first ? [a, b, c] : [c, a, b];
  return { schema: schema.replace(/\n$/, ''), question, idMap, sql };
}
