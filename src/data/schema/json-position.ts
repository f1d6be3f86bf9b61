import { lineAndColumnAt, type LineAndColumn } from '../../base/text-position.js';

const SPACE = /[ \t\r\n]*/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/**
 * Where a text stops being JSON: the first offset at which no JSON document could continue. JSON.parse tells it in
 * some messages only. Meant for text that JSON.parse has rejected; nesting may be as deep as memory allows.
 */
export function findJsonFault(text: string): LineAndColumn {
  let at = 0;
  const eat = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) at += match[0].length;
    return match !== null;
  };
  const open: ('{' | '[')[] = [];
  let expect: 'value' | 'value-or-close' | 'key' | 'key-or-close' | 'colon' | 'comma-or-close' = 'value';
  const closed = (): void => {
    open.pop();
    expect = 'comma-or-close';
  };
  for (;;) {
    eat(SPACE);
    if (open.length === 0 && expect === 'comma-or-close') return lineAndColumnAt(text, at);
    const char = text[at];
    const closer = open.at(-1) === '{' ? '}' : ']';
    if (open.length > 0 && expect.endsWith('or-close') && char === closer) {
      at += 1;
      closed();
    } else if (expect === 'comma-or-close') {
      if (char !== ',') return lineAndColumnAt(text, at);
      at += 1;
      expect = open.at(-1) === '{' ? 'key' : 'value';
    } else if (expect === 'colon') {
      if (char !== ':') return lineAndColumnAt(text, at);
      at += 1;
      expect = 'value';
    } else if (expect === 'key' || expect === 'key-or-close') {
      if (!eat(STRING)) return lineAndColumnAt(text, at);
      expect = 'colon';
    } else if (char === '{' || char === '[') {
      at += 1;
      open.push(char);
      expect = char === '{' ? 'key-or-close' : 'value-or-close';
    } else if (eat(STRING) || eat(SCALAR)) {
      expect = 'comma-or-close';
    } else {
      return lineAndColumnAt(text, at);
    }
  }
}
