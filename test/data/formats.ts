import { FIRST_FORMAT, type RecordFormat } from '../../src/data/record-format.js';

/** Everything that a format can have, at once. */
export const WORDS_FORMAT: RecordFormat = {
  order: 'question-first',
  names: 'words',
  schema: 'terse',
  marks: true,
  aliases: 'numbered',
  link: { maxTables: 5, maxColumnsPerTable: 8 },
};

export const NUMBERED_FORMAT: RecordFormat = { ...FIRST_FORMAT, aliases: 'numbered' };
