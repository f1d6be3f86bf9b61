/** Most characters of a server's text that are shown. */
const MOST = 500;
/** A shorter password is part of too many words to look for with other characters between its own. */
const SHORTEST = 4;

/**
 * A server's text as one line for a person. Control and invisible characters, which could write to the terminal or hide
 * what is there, appear as `\u{1b}`; a long text is cut. A text that quotes the password shows `***` in its place, and one
 * that hides the password among other characters is not shown at all.
 *
 * @param secret the password that was sent to the server
 */
export function legible(text: string, secret = ''): string {
  let shown = text;
  if (secret !== '') {
    shown = shown.replaceAll(secret, '***');
    const bare = withoutGaps(secret);
    const isHidden = bare.length >= SHORTEST && withoutGaps(shown).includes(bare);
    if (isHidden) return '(a text that quotes the password)';
  }
  // A cut before the escapes keeps the work small, and one after them keeps the line short.
  const line = shown
    .slice(0, 2 * MOST)
    .replace(/\s+/g, ' ')
    .replace(UNSEEN, escaped);
  return line.length <= MOST ? line : `${line.slice(0, MOST)}…`;
}

/** Control, format, private, unassigned and lone surrogate characters. */
const UNSEEN = /[\p{C}\u2028\u2029]/gu;

function escaped(character: string): string {
  return `\\u{${character.codePointAt(0)!.toString(16)}}`;
}

function withoutGaps(text: string): string {
  return text.replace(/[\p{C}\p{Z}]/gu, '').toLowerCase();
}
