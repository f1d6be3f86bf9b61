import { tokenize } from './lexer.js';
import { RECOGNISERS_AT } from './recognisers.js';
import type { DateOrder, Found, Match, Scan } from './types.js';

/** All values of a text in reading order, without overlap. One pass; time is linear in the length. */
export function scanText(text: string, dateOrder: DateOrder | undefined): Match[] {
  const scan: Scan = { text, tokens: tokenize(text), dateOrder, from: 0, unclosed: new Set() };
  const matches: Match[] = [];
  for (let i = 0; i < scan.tokens.length; i++) {
    if (scan.tokens[i]!.start < scan.from) continue;
    const found = recognise(scan, i);
    if (found === undefined) continue;
    for (const match of found.matches)
      matches.push(match.kind === 'quoted' ? insideQuotes(match, dateOrder) : match);
    scan.from = found.end;
  }
  return matches;
}

function recognise(scan: Scan, i: number): Found | undefined {
  for (const candidate of RECOGNISERS_AT[scan.tokens[i]!.kind]) {
    const found = candidate(scan, i);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `'2024-03-05'`, `"E11.9"`: a quotation that is nothing but an ID or a date is that ID or date. */
function insideQuotes(quoted: Match, dateOrder: DateOrder | undefined): Match {
  if (!/\d/.test(quoted.value) || quoted.value.length > 64) return quoted;
  const inner = scanText(quoted.value, dateOrder);
  const only = inner[0];
  if (only === undefined || inner.length > 1 || only.start !== 0 || only.end !== quoted.value.length)
    return quoted;
  if (only.prefix !== 'ID' && only.prefix !== 'DATE') return quoted;
  return { ...only, start: quoted.start, end: quoted.end };
}
