import { wordBefore } from './context.js';
import { matchAt } from './text.js';
import { amount } from './thresholds.js';
import type { Found, Scan } from './types.js';

const DECADES = 'teens twenties thirties forties fifties sixties seventies eighties nineties'.split(' ');
const IN_THEIR_DECADE = new RegExp(
  `in[ ](?:their|his|her|the|his[ ]or[ ]her)[ ](?:(?:early|mid|late)[- ])?(?:([1-9]0)['’]?s|(${DECADES.join('|')}))(?![0-9a-z])`,
  'iy',
);
/**
 * `in their 70s`, `in her twenties`: both ends of the ages are taken out, and the question reads `aged 70 to 79`.
 */
export function matchAgeDecade(scan: Scan, i: number): Found | undefined {
  const { start, word } = scan.tokens[i]!;
  if (word !== 'in') return undefined;
  const match = matchAt(IN_THEIR_DECADE, scan.text, start);
  if (match === null) return undefined;
  const said = (match[2] ?? match[1]!).toLowerCase();
  const low = /^\d/.test(said) ? Number(said) : 10 * (DECADES.indexOf(said) + 1);
  const end = start + match[0].length;
  const first = low === 10 ? 13 : low;
  return {
    matches: [
      {
        ...amount(start, match[0], String(first), false),
        kind: 'age',
        before: wordBefore(scan, i) === 'aged' ? '' : 'aged ',
      },
      { ...amount(end, '', String(low + 9), false), kind: 'age', before: ' to ' },
    ],
    end,
  };
}
