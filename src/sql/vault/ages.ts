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
  if (word === 'aged') return agedDecade(scan.text, start);
  if (word !== 'in') return undefined;
  const match = matchAt(IN_THEIR_DECADE, scan.text, start);
  if (match === null) return undefined;
  return decadeOf(start, match[0], match[2] ?? match[1]!, wordBefore(scan, i) === 'aged' ? '' : 'aged ');
}

const AGED = new RegExp(`aged[ ](?:([1-9]0)['’]?s|(${DECADES.join('|')}))(?![0-9a-z])`, 'iy');

/** `aged 50s` */
function agedDecade(text: string, start: number): Found | undefined {
  const match = matchAt(AGED, text, start);
  if (match === null) return undefined;
  return decadeOf(start + 5, match[0].slice(5), match[2] ?? match[1]!, '');
}

function decadeOf(start: number, spelled: string, decade: string, before: string): Found {
  const low = /^\d/.test(decade) ? Number(decade) : 10 * (DECADES.indexOf(decade.toLowerCase()) + 1);
  const end = start + spelled.length;
  // Teenagers are 13 to 19.
  const first = low === 10 ? 13 : low;
  return {
    matches: [
      { ...amount(start, spelled, String(first), false), kind: 'age', before },
      { ...amount(end, '', String(low + 9), false), kind: 'age', before: ' to ' },
    ],
    end,
  };
}
