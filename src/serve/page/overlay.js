/** What a person changed of a schema, and the overlay that `--overlay` reads. */

/** @typedef {{value: string, words: string[]}} Code */
/** @typedef {{synonyms?: string[], role?: string, codes?: Code[], codesText?: string}} ColumnEdit */
/** @typedef {{description?: string, synonyms?: string[], role?: string, columns: Map<string, ColumnEdit>}} TableEdit */
/** By table. @typedef {Map<string, TableEdit>} Edits */

/** @param {readonly string[]} words */
export function listText(words) {
  return words.join(', ');
}

/** @param {string} text */
export function readList(text) {
  return [
    ...new Set(
      text
        .split(',')
        .map(oneLine)
        .filter((word) => word !== ''),
    ),
  ];
}

/** @param {readonly Code[]} codes */
export function codesText(codes) {
  return codes.map(({ value, words }) => `${value} = ${listText(words)}`).join('\n');
}

/**
 * @param {string} text
 * @returns {{codes: Code[], message?: string}} `message` says what cannot be read
 */
export function readCodes(text) {
  const lines = text.split('\n').map((line) => line.trim());
  /** @type {Code[]} */
  const codes = [];
  for (const [i, line] of lines.entries()) {
    if (line === '') continue;
    const at = line.lastIndexOf(' = ') >= 0 ? line.indexOf(' = ') + 1 : line.indexOf('=');
    const value = oneLine(line.slice(0, Math.max(0, at)));
    const words = readList(line.slice(at + 1));
    if (at < 0 || value === '' || words.length === 0)
      return { codes: [], message: `Line ${i + 1}: write the value, =, and its words.` };
    if (codes.some((code) => code.value === value))
      return { codes: [], message: `Line ${i + 1}: ${value} is there twice.` };
    codes.push({ value, words });
  }
  return { codes };
}

/**
 * An overlay of what differs from the schema; what is set back to the schema's own is no change.
 * @param {import('./api.js').SchemaBody} schema
 * @param {Edits} edits
 */
export function changedOverlay(schema, edits) {
  /** @type {Record<string, object>} */
  const tables = {};
  const count = { tables: 0, columns: 0 };
  for (const table of schema.tables) {
    const edit = edits.get(table.name);
    if (!edit) continue;
    const description = oneLine(edit.description ?? '');
    const own = {
      ...(description !== '' && description !== table.description && { description }),
      ...changed(edit, table),
    };
    /** @type {Record<string, object>} */
    const columns = {};
    for (const column of table.columns) {
      const part = edit.columns.get(column.name);
      if (!part) continue;
      const differs = {
        ...changed(part, column),
        ...(part.codes && !same(part.codes, column.codes) && { codes: part.codes }),
      };
      if (Object.keys(differs).length > 0) columns[column.name] = differs;
    }
    const changedColumns = Object.keys(columns).length;
    if (changedColumns === 0 && Object.keys(own).length === 0) continue;
    tables[table.name] = { ...own, columns };
    count.tables++;
    count.columns += changedColumns;
  }
  return { overlay: { columns: {}, tables }, ...count };
}

/**
 * @param {{synonyms?: string[], role?: string}} edit
 * @param {{synonyms: string[], role: string}} before
 */
function changed({ synonyms, role }, before) {
  return {
    ...(synonyms && !same(synonyms, before.synonyms) && { synonyms }),
    ...(role !== undefined && role !== before.role && { role }),
  };
}

/** @param {unknown} a @param {unknown} b */
function same(a, b) {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** @param {string} text */
function oneLine(text) {
  return text.replace(/\s+/g, ' ').trim();
}
