import type { PartOfText } from '../../data/placeholder.js';
import { typeOfId } from './numbers.js';
import type { Match } from './types.js';

/** One look finds that a question names no part of a text. */
const MAY_BE =
  /start|begin|prefix|end(?:s|ing)? (?:with|in)|suffix|contain|includ| in (?:the|its|their|his|her) /i;
/** What may stand between the words for a part and its value. */
const THE = String.raw`(?: the)?(?: (?:letters?|characters?|digits?|numbers?|words?|text|strings?|codes?|prefix|suffix))?(?: of)?[ :]{1,2}["'“‘]?$`;
const NOT_A_TEXT = String.raw`(?<!\b(?:patients?|persons?|people|women|men|children|adults|who|treatments?|therap(?:y|ies)|visits?|stays?|admissions?|encounters?|episodes?|pregnanc(?:y|ies)|cases?|years?|periods?|months?|weeks?) (?:(?:that|which) )?)`;

/** Words before a value that is a part of a text. */
const BEFORE: readonly (readonly [PartOfText, RegExp])[] = [
  [
    'begins',
    new RegExp(String.raw`\b${NOT_A_TEXT}(?:start(?:s|ing)?|begin(?:s|ning)?) (?:with|by)${THE}`, 'i'),
  ],
  [
    'begins',
    new RegExp(
      String.raw`\b(?:with|has|have|having) (?:the |an? )?(?:prefix|beginning)${THE}|\bprefixed (?:by|with)${THE}`,
      'i',
    ),
  ],
  ['ends', new RegExp(String.raw`\b${NOT_A_TEXT}end(?:s|ing)? (?:with|in|on)${THE}`, 'i')],
  ['ends', new RegExp(String.raw`\b(?:with|has|have|having) (?:the |an? )?(?:suffix|ending)${THE}`, 'i')],
  [
    'contains',
    new RegExp(
      String.raw`\b(?:contain(?:s|ing)?|includ(?:es|ing) the (?:word|text|string|letters?))${THE}`,
      'i',
    ),
  ],
  [
    'contains',
    /\b(?:with|has|have|having) the (?:word|text|string|letters?|characters?)s?[ :]{1,2}["'“‘]?$/i,
  ],
];
/** Words after a value that is somewhere in a text: `with 'glucose' in the name`. */
const IN_NAME =
  /^["'”’]? in (?:the|its|their|his|her) (?:[a-z]+ )?(?:names?|titles?|labels?|descriptions?|texts?|notes?|comments?)\b/i;
/** How far to look back. The bound keeps a scan linear. */
const REACH = 80;

/**
 * Says of each value which part of a text it is, where the question does: `starts with`, `ending in`, `containing`. A
 * number in such a place is the beginning of a code or an ID.
 */
export function withParts(text: string, matches: readonly Match[]): readonly Match[] {
  if (matches.length === 0 || !MAY_BE.test(text)) return matches;
  return matches.map((match) => {
    const { prefix, kind, start, end, value } = match;
    if (prefix === 'DATE' || kind === 'code' || kind === 'time' || kind === 'count') return match;
    if (prefix === 'NUM' && !/^\d+$/.test(value)) return match;
    const before = text.slice(Math.max(0, start - REACH), start);
    const part = BEFORE.find(([, words]) => words.test(before))?.[0];
    if (prefix === 'NUM')
      return part === undefined || part === 'contains'
        ? match
        : { ...match, prefix: 'ID', kind: 'key', type: typeOfId(value), part };
    if (part !== undefined) return { ...match, part };
    return IN_NAME.test(text.slice(end, end + REACH)) ? { ...match, part: 'contains' } : match;
  });
}
