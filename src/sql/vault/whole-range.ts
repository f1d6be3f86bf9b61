import { wordBefore } from './context.js';
import type { Found, Match, Scan } from './types.js';

const IN = /^(?:in|during|within|throughout|over|of)$/;
const FIRST = /^(?:since|before|starting|beginning|predating)$/;
const LAST = /^(?:after|until|till|through|to|by)$/;

/** What a period of several years, quarters or days is replaced by. */
export interface WholeRange {
  start: number;
  end: number;
  first: Pick<Match, 'kind' | 'value'>;
  last: Pick<Match, 'kind' | 'value'>;
  notes?: Match['notes'];
}

/**
 * Writes both ends of a range that the question names with one phrase at token `i`: `in H1 2019` becomes `from 2019-Q1 to
 * 2019-Q2`. After `since` and `before` only its beginning counts, after `until` and `after` only its end.
 */
export function wholeRange(scan: Scan, i: number, range: WholeRange): Found {
  const { tokens } = scan;
  let from = range.start;
  let at = i;
  const previous = (): string => ((tokens[at - 1]?.start ?? -1) >= scan.from ? wordBefore(scan, at) : '');
  const take = (): void => {
    from = tokens[--at]!.start;
  };
  if (previous() === 'the') take();
  const word = previous();
  const { end, notes } = range;
  const edge = ({ kind, value }: Pick<Match, 'kind' | 'value'>): Match => ({
    ...dateMatch(from, end, kind, value),
    notes,
  });
  if (LAST.test(word) || (word === 'and' && isAfterBetween(scan, at - 1))) return one(edge(range.last));
  if (FIRST.test(word) || word === 'between') return one(edge(range.first));
  if (IN.test(word) || word === 'from') take();
  const closing = { ...dateMatch(end, end, range.last.kind, range.last.value), before: ' to ' };
  return { matches: [{ ...edge(range.first), before: 'from ' }, closing], end };
}

/** Whether `and` at token `i` ends `between … and`. */
function isAfterBetween({ tokens }: Scan, i: number): boolean {
  for (let j = i - 1; j >= Math.max(0, i - 6); j--) if (tokens[j]!.word === 'between') return true;
  return false;
}

export function dateMatch(start: number, end: number, kind: string, value: string): Match {
  return { start, end, prefix: 'DATE', kind, type: 'date', value };
}

function one(match: Match): Found {
  return { matches: [match], end: match.end };
}
