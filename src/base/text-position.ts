/** A place in a text, as editors count it: line and column start at 1, columns are UTF-16 units. */
export interface LineAndColumn {
  line: number;
  column: number;
}

/** The same place with its offset, in UTF-16 units from 0. */
export interface TextPosition extends LineAndColumn {
  offset: number;
}

/** The place of an offset in a text; an offset past the end is the end. */
export function positionAt(text: string, offset: number): TextPosition {
  const end = Math.max(0, Math.min(offset, text.length));
  return { offset: end, ...lineAndColumnAt(text, end) };
}

/** The line and column of an offset that lies in the text. */
export function lineAndColumnAt(text: string, offset: number): LineAndColumn {
  let line = 1;
  let lineStart = 0;
  for (let i = 0; i < offset; i++) {
    if (text.charCodeAt(i) === 10) {
      line++;
      lineStart = i + 1;
    }
  }
  return { line, column: offset - lineStart + 1 };
}
