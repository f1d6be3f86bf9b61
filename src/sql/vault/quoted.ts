import { isWordAt } from './lexer.js';
import type { Found, Scan } from './types.js';

const CLOSING: Record<string, string> = {
  '"': '"',
  "'": "'",
  '`': '`',
  '“': '”',
  '”': '”',
  '„': '“”',
  '‟': '”',
  '‘': '’',
  '’': '’',
  '‚': '‘’',
  '‛': '’',
  '«': '»',
  '»': '«',
};

/** Characters that can precede an opening quote. */
const BEFORE = /[\s([{=:,;<>!/–—-]/;

export interface Quotation {
  /** The text between the quotes, with doubled quotes (`'O''Brien'`) made single. */
  inner: string;
  end: number;
}

/**
 * Reads the quotation that opens at `start`, up to the nearest quote that can close it; an apostrophe inside a word
 * (`'O'Brien'`) cannot. Returns undefined if no quotation opens here, if it never closes, or if it is blank. The search
 * for a missing closing quote runs only once per kind of quote, which keeps the scan linear.
 */
export function readQuotation(scan: Scan, start: number): Quotation | undefined {
  // Quoted text is kept byte for byte, including its whitespace.
  const { written: text, unclosed } = scan;
  const open = text[start]!;
  const closers = CLOSING[open];
  if (closers === undefined || unclosed.includes(open) || (start > 0 && !BEFORE.test(text[start - 1]!)))
    return undefined;
  if (start + 1 >= text.length) return undefined;
  let doubled = false;
  for (let at = start + 1; at < text.length; at++) {
    if (!closers.includes(text[at]!)) continue;
    if (text[at + 1] === text[at] && open === text[at] && at > start + 1) {
      doubled = true;
      at++;
    } else if (!isWordAt(text, at + 1)) {
      const inner = text.slice(start + 1, at);
      if (inner.trim() === '') return undefined;
      return { inner: doubled ? inner.replaceAll(open + open, open) : inner, end: at + 1 };
    }
  }
  scan.unclosed += open;
  return undefined;
}

/** Text in quotes. */
export function matchQuoted(scan: Scan, i: number): Found | undefined {
  const { start } = scan.tokens[i]!;
  const quotation = readQuotation(scan, start);
  if (quotation === undefined) return undefined;
  const { inner, end } = quotation;
  return {
    matches: [{ start, end, prefix: 'TEXT', kind: 'quoted', type: 'varchar', value: inner }],
    end,
  };
}
