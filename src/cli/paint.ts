/** Colours for a terminal. */
export interface Paint {
  /** Titles and headers. */
  bold: (text: string) => string;
  /** What matters less. */
  dim: (text: string) => string;
  /** What went wrong. */
  red: (text: string) => string;
  /** A T-SQL statement: keywords, literals and names. */
  sql: (statement: string) => string;
}

const same = (text: string): string => text;
const PLAIN: Paint = { bold: same, dim: same, red: same, sql: same };

const style =
  (on: number, off: number) =>
  (text: string): string =>
    `\u001b[${on}m${text}\u001b[${off}m`;

const COLOURED: Paint = {
  bold: style(1, 22),
  dim: style(2, 22),
  red: style(31, 39),
  sql: (statement) =>
    statement.replace(SQL_PARTS, (part: string, literal?: string, word?: string) =>
      literal !== undefined ? style(32, 39)(part) : word !== undefined ? style(34, 39)(part) : part,
    ),
};

/** Text in quotes or a number; a keyword or function, which statements write in capitals; a quoted name. */
const SQL_PARTS = /('(?:[^']|'')*'|\b\d+(?:\.\d+)?\b)|\b([A-Z]{2,})\b|\[[^\]]*\]|\w+/g;

/**
 * The colours for a stream: none if it is no terminal, if NO_COLOR has any text (https://no-color.org), or on a dumb
 * terminal.
 */
export function paintFor(
  stream: { isTTY?: boolean | undefined },
  env: NodeJS.ProcessEnv = process.env,
): Paint {
  const isPlain = stream.isTTY !== true || (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  return isPlain ? PLAIN : COLOURED;
}

/** Text whose control characters cannot steer a terminal. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '\ufffd');
}

const WIDEST_CELL = 60;

/** Rows below a header, each column as wide as its widest cell. Long cells are cut, but for those at the end of a line. */
export function tableLines(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  paint: Paint,
): string[] {
  const cut = (text: string, i: number): string =>
    text.length > WIDEST_CELL && i < header.length - 1 ? `${text.slice(0, WIDEST_CELL - 1)}…` : text;
  const cells = rows.map((row) => row.map((cell, i) => cut(printable(cell), i)));
  const widths = header.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i]!.length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd();
  return [paint.bold(line(header)), ...cells.map(line)];
}
