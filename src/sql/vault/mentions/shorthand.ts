import { questionToken } from '../lexer.js';
import type { QuestionToken } from '../lexer.js';
import type { Misspelled } from './line.js';

/** What clinicians write in place of a word of the question, and what it says. */
const SHORTHAND: Readonly<Record<string, readonly string[]>> = {
  'w/': ['with'],
  'w/o': ['without'],
  'w/in': ['within'],
  's/p': ['history', 'of'],
  'h/o': ['history', 'of'],
  'c/o': ['complaining', 'of'],
  'y/o': ['year', 'old'],
  'y.o': ['year', 'old'],
  hx: ['history'],
  dxd: ['diagnosed'],
  txd: ['treated'],
  rxd: ['prescribed'],
  rx: ['prescription'],
  rxs: ['prescriptions'],
  ppl: ['people'],
  thru: ['through'],
};
/** Those that are words. A question without any, and without a slash, has no shorthand. */
const WORDS: ReadonlySet<string> = new Set(
  "hx dxd dx'd dx’d txd tx'd tx’d rxd rx'd rx’d rx rxs ppl thru".split(' '),
);

function isWord({ word }: QuestionToken): boolean {
  return word.length <= MOST_LETTERS && WORDS.has(word);
}

const MOST_LETTERS = 4;
const FOUND = /(?<![\p{L}\p{N}/'’])(?:w\/(?:o|in)|[shc]\/[op]|w\/(?=\s|\p{L})|y[/.]o(?![a-z])|[dtr]x['’]?d|hx|rxs?|ppl|thru)(?![\p{N}/'’])(?:(?<=\/)|(?!\p{L}))/giu; // prettier-ignore

const BEFORE_NAME = /^(?:for|is|are|was|were|as|named|called)$/;

/** No recogniser looks at it again. */
const READ = { number: -1, opens: false, isTime: false };

/** A question's words with each shorthand as what it says, and where it stands. */
export function readShorthand(
  text: string,
  tokens: readonly QuestionToken[],
  bitsOf: (word: string) => number,
): { tokens: readonly QuestionToken[]; read: readonly Misspelled[] } {
  if (!/\/|y\.o/i.test(text) && !tokens.some(isWord)) return { tokens, read: [] };
  const all: QuestionToken[] = [];
  const read: Misspelled[] = [];
  let i = 0;
  for (const { 0: spelled, index: start } of text.matchAll(FOUND)) {
    const said = SHORTHAND[spelled.toLowerCase().replace(/['’]/g, '')];
    const end = start + spelled.length;
    while (i < tokens.length && tokens[i]!.start < start) all.push(tokens[i++]!);
    const first = tokens[i];
    if (said === undefined || first?.start !== start) continue;
    // In a name it is part of how the database spells it: `diagnosed for s/p fall`, `Replete w/fiber`.
    const before = all.at(-1)?.word ?? '';
    if (BEFORE_NAME.test(before) || (before === 'with' && all.at(-2)?.word === 'diagnosed')) continue;
    if (/^w\/o?$/i.test(spelled) && before !== '' && bitsOf(before) === 0) continue;
    while (i < tokens.length && tokens[i]!.start < end) i++;
    // Two words share the letters: `h/o`.
    said.forEach((word, k) => {
      const from = k === 0 ? start : end - 1;
      const to = k === said.length - 1 ? end : end - 1;
      all.push(questionToken('word', from, to, 0, to - from, false, word, { ...READ, word }));
    });
    const gap = /\p{L}/u.test(text[end] ?? '') ? ' ' : '';
    read.push({ start, end, meant: said.join(' ') + gap });
  }
  all.push(...tokens.slice(i));
  return { tokens: all, read };
}
