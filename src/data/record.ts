/**
 * The training record: one text with four marked parts. Training and inference build the prompt with the same function,
 * so the model never sees a layout that it was not trained on.
 *
 *     SCHEMA:
 *     person(person_id int pk, year_of_birth int, gender_concept_id int -> concept)
 *     QUESTION: How many patients were born before __NUM_1__?
 *     ID_MAP: __NUM_1__ threshold int
 *     SQL: SELECT COUNT(*) FROM person AS p WHERE p.year_of_birth < __NUM_1__;
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
}

/** The record up to and including `SQL:`, which the model reads before it writes. */
export function formatPrompt(record: Omit<TrainingRecord, 'sql'>): string {
  return (
    `${MARKERS.schema}\n${record.schema}\n${MARKERS.question} ${record.question}\n` +
    `${MARKERS.idMap}${record.idMap === '' ? '' : ' ' + record.idMap}\n${MARKERS.sql}`
  );
}

/** The whole record. The completion starts with a space, so the prompt's tokens are a prefix of the record's. */
export function formatRecord(record: TrainingRecord): string {
  return `${formatPrompt(record)} ${record.sql}`;
}

const RECORD = new RegExp(
  `^${MARKERS.schema}\\n((?:(?!${MARKERS.question}).*\\n)*)${MARKERS.question} (.*)\\n` +
    `${MARKERS.idMap}(?: (.*))?\\n${MARKERS.sql} (.*)$`,
);

/** The parts of a text that `formatRecord` wrote; undefined for any other text. */
export function parseRecord(text: string): TrainingRecord | undefined {
  const parts = RECORD.exec(text);
  if (parts === null) return undefined;
  const [, schema = '', question = '', idMap = '', sql = ''] = parts;
  return { schema: schema.replace(/\n$/, ''), question, idMap, sql };
}
