import { isCodeKind } from './codes.js';
import type { QuestionToken } from './lexer.js';
import { englishBits } from './mentions/word-class.js';
import type { Scan } from './types.js';

/** What is known of the words before a key of letters. */
interface KeyLabel {
  kind: string;
  plural: boolean;
  strong: boolean;
}

/** `MRN KLMNOP`, `mrn is ghjkqw`: letters alone are an ID where a record's number must follow and no word makes sense. */
export function isLetterKey(
  label: KeyLabel,
  link: string | undefined,
  { word, start, end, chunk }: QuestionToken,
  text: string,
): boolean {
  if (link !== undefined && !/^(?:is|was|equals)$/.test(link)) return false;
  if (!label.strong || isCodeKind(label.kind)) return false;
  if (chunk.end !== end) return start === chunk.start && isJoinedLetterKey(text.slice(start, chunk.end));
  const spelled = text.slice(start, end).replace(/\p{Cf}/gu, '');
  if (word.length < 4 || !/^(?:[A-Z]+|[a-z]+)$/.test(spelled) || englishBits(word) !== 0) return false;
  if (/^[A-Z]+$/.test(spelled)) return true;
  if (label.kind !== 'mrn') return false;
  return link !== undefined || (UNSPEAKABLE.test(word) && !/^,| and /.test(text.slice(end, end + 5)));
}

/** No word of a language: `mrn qwxzpl` is no typo, unless it is one of several columns. */
const UNSPEAKABLE = /^[b-df-hj-np-tv-xz]{5,}$/;

/** `AB-CD`, `QX/RT/ZW`; `FOLLOW-UP` is made of words. */
function isJoinedLetterKey(spelled: string): boolean {
  if (!/^[A-Z]{1,8}(?:[-/][A-Z]{1,8}){1,4}$/.test(spelled)) return false;
  return spelled.split(/[-/]/).some((part) => englishBits(part.toLowerCase()) === 0);
}

/** `mrn qwrtz or zxcvb`: two such words in small letters. One alone may be a typo, and `and` names columns. */
export function isLetterList(
  { tokens }: Scan,
  label: KeyLabel,
  link: string | undefined,
  j: number,
): boolean {
  if (label.kind !== 'mrn' || link !== undefined) return false;
  const [first, sign, second] = [tokens[j], tokens[j + 1], tokens[j + 2]];
  if (sign?.word !== 'or') return false;
  return [first, second].every((token) => token !== undefined && isSmallLetterKey(token));
}

export function isSmallLetterKey({ word, start, end, chunk, kind }: QuestionToken): boolean {
  return (
    kind === 'word' &&
    end - start >= 4 &&
    chunk.end === end &&
    /^[a-z]+$/.test(word) &&
    englishBits(word) === 0
  );
}

/** A further one in a list. Words of English in capitals are none: `MRN ABCDEF and LABS`. */
export function isListedLetterKey(
  label: KeyLabel,
  token: QuestionToken,
  text: string,
  before: string,
): boolean {
  if (token.kind !== 'word' || token.chunk.digits > 0) return false;
  if (/^[a-z]+$/.test(before)) return isSmallLetterKey(token) && /^[a-z]/.test(text[token.start]!);
  return /^[A-Z]/.test(text[token.start]!) && isLetterKey(label, undefined, token, text);
}
