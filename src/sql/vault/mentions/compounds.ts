import type { Line } from './line.js';
import { isBodyPart, isOfBody, SIDES } from './anatomy.js';
import {
  BOTHERED,
  CAPITAL_TITLES,
  COMPOUND_STARTS,
  ENDINGS,
  FIXED,
  LETTERED,
  LINKING,
  MODIFIERS,
  PLACE_ENDS,
  PLACE_STARTS,
  QUALIFIERS,
  START,
  TITLES,
  TOWARDS,
} from './compound-words.js';
import { words } from './cue-words.js';
import { TIME_UNITS } from '../words.js';
import { NAME_TAILS, NOUN_FORMS } from './english.js';
import { WORD } from './word-class.js';

/**
 * Words of English, time and the schema that are part of a name: `COVID-19`, `type 2 diabetes`, `New York City`, `left bundle
 * branch block`, `pain in the left knee`, `Dr. Patel`. They are opened: what follows sees one name.
 */
export function openCompounds(line: Line): void {
  const { tokens, text } = line;
  let hasCapital = false;
  for (let i = 0; i < tokens.length; i++) {
    const part = line.parts[i]!;
    if (part === 'taken') continue;
    const first = text.charCodeAt(tokens[i]!.start);
    if (first >= 65 && first <= 90 && i > 0) hasCapital = true;
    if (part === 'open') {
      if (NOT_NAMED.has(line.word(i)) || isDegree(line, i) || isFinding(line, i)) line.close(i);
      else {
        const starts = COMPOUND_STARTS.get(line.word(i));
        if (starts !== undefined) openFrom(line, i, starts);
      }
      if (line.parts[i] === 'open') openAfter(line, i);
    } else if (part === 'word' && line.has(i, WORD.compound))
      openFrom(line, i, COMPOUND_STARTS.get(line.word(i)) ?? 0);
  }
  if (hasCapital) openCapitals(line);
}

function openFrom(line: Line, i: number, starts: number): void {
  const end =
    ((starts & START.title) !== 0 ? openTitle(line, i) : undefined) ??
    ((starts & START.fixed) !== 0 ? openFixed(line, i) : undefined) ??
    ((starts & START.qualified) !== 0 ? openQualified(line, i) : undefined) ??
    ((starts & START.modifier) !== 0 ? openModifier(line, i) : undefined);
  if (end !== undefined) line.open(i, end);
  else if (line.parts[i] === 'word') {
    const isInflicted =
      (starts & START.inflicted) !== 0 &&
      !line.has(i - 1, WORD.schema) &&
      !(line.has(i, WORD.schema) && /^allerg/.test(line.word(i)));
    if (isInflicted && line.word(i + 1) === 'to' && line.parts[i + 2] === 'open') line.open(i, i + 2);
    if ((starts & START.place) !== 0) openSmallPlace(line, i);
    if ((starts & START.having) !== 0) openAttributes(line, i);
  }
}

/** Open words that are part of `as well as` and the like, or of `°F`. */
const NOT_NAMED = words('well soon addition');

/** `Prevnar 13`: a vaccine against so many strains. */
function isOfVaccine(line: Line, i: number): boolean {
  if (!/^(?:digits|amount)$/.test(line.parts[i]!) || !/^[1-9]\d$/.test(line.word(i))) return false;
  if (!line.isSpaced(i - 1)) return false;
  if (line.isSpaced(i) && TIME_UNITS.has(line.word(i + 1))) return false;
  return line.tokens.some(({ word }) => /^(?:vaccin|immuni[sz])/.test(word));
}

/** `tested positive for MRSA`, `a culture positive for yeast`: what was found comes after. */
function isFinding(line: Line, i: number): boolean {
  return /^(?:positive|negative)$/.test(line.word(i)) && line.word(i + 1) === 'for' && line.isSpaced(i);
}

function isDegree(line: Line, i: number): boolean {
  const { start, end } = line.tokens[i]!;
  return end - start === 1 && i > 0 && /[°º] ?$/.test(line.text.slice(Math.max(0, start - 2), start));
}

export function isTitle(line: Line, i: number): boolean {
  return TITLES.has(line.word(i));
}

/** A title and the name after it: `Dr. Patel`, `St. Mary's`. */
function openTitle(line: Line, i: number): number | undefined {
  if (line.parts[i + 1] === undefined) return undefined;
  const { start, end } = line.tokens[i]!;
  const isWritten = CAPITAL_TITLES.has(line.text.slice(start, end)) && line.isJoined(i, /^\.? $/);
  const isSaid = line.isJoined(i, /^\. $/) && line.parts[i + 1] === 'open';
  if (!isWritten && !isSaid) return undefined;
  return line.parts[i + 1] === 'open' || line.startsWithCapital(i + 1) ? i + 2 : undefined;
}

function openFixed(line: Line, i: number): number | undefined {
  const phrase = FIXED.get(line.word(i))?.find((one) => one.every((word, k) => line.word(i + k) === word));
  if (phrase === undefined) return undefined;
  for (let k = 1; k < phrase.length; k++) if (!line.isBeside(i + k - 1)) return undefined;
  return i + phrase.length;
}

const NUMBERED = /^(?:\d{1,2}[a-c]?|[ivx]{1,4}|[ab]|one|two|three|four)$/;

/** A kind by number before or after a name: `type 2 diabetes`, `CKD stage 4`, `factor VIII deficiency`, `vitamin D`. */
function openQualified(line: Line, i: number): number | undefined {
  const word = line.word(i);
  if (QUALIFIERS.has(word)) {
    if (!NUMBERED.test(line.word(i + 1)) || !line.isBeside(i) || line.parts[i + 1] === 'taken')
      return undefined;
    const isBefore = line.parts[i + 2] === 'open' && line.isSpaced(i + 1);
    const hasTail = NAME_TAILS.has(line.word(i - 1)) && line.parts[i - 2] === 'open';
    const isAfter = (line.parts[i - 1] === 'open' || hasTail) && line.isJoined(i - 1, /^,? $/);
    return isBefore || isAfter ? i + 2 : undefined;
  }
  if (!LETTERED.has(word) || line.parts[i + 1] === undefined || !line.isBeside(i)) return undefined;
  return /^(?:[a-k]|[a-k]?\d{1,2}|[ivx]{1,4})$/.test(line.word(i + 1)) && line.parts[i + 1] !== 'taken'
    ? i + 2
    : undefined;
}

/** `left bundle branch block`, `total hip replacement`, `first degree burns`, `high blood pressure`. */
function openModifier(line: Line, i: number): number | undefined {
  const word = line.word(i);
  const isSide = SIDES.has(word) || word === 'broken';
  if (line.parts[i] !== 'word' || !line.isBeside(i)) return undefined;
  const next = line.word(i + 1);
  if (line.parts[i + 1] === 'taken' || line.has(i + 1, WORD.boundary)) return undefined;
  if (isSide) {
    let at = i + 1;
    // `left upper lobe`
    while (at < i + 3 && SIDES.has(line.word(at)) && line.parts[at] === 'word' && line.isBeside(at)) at++;
    if (!isOfBody(line.word(at)) || line.has(at, WORD.function | WORD.schema)) return undefined;
    return line.parts[at] !== 'taken' && isNamed(line, at, at + 1) ? at + 1 : undefined;
  }
  // `blood cultures` is the name of a test, even where the schema has both words.
  const isNamedTest = /^(?:cultures?|smears?|gas|gases|sugar)$/.test(next);
  if (MODIFIERS.get(word)?.test(next) === true && (isNamedTest || isNamed(line, i + 1, i + 3))) return i + 2;
  if (OPENNESS.test(word) && isBodyPart(next) && line.isSpaced(i))
    return line.word(i + 2) === 'surgery' && line.isSpaced(i + 1) ? i + 3 : i + 2;
  return word === 'total' && isTotalOfTest(line, i) ? i + 1 : undefined;
}

/** How an operation is done, right before a part of the body: `open hip repair`. */
const OPENNESS = /^(?:open|closed|partial|total|complete)$/;

/** `total bretol result`, `the lowest total bretol`: a test's name, where a sum would be asked for otherwise. */
function isTotalOfTest(line: Line, i: number): boolean {
  if (line.parts[i + 1] !== 'open' || !line.isSpaced(i)) return false;
  return (
    /^(?:results?|levels?|tests?|values?|labs?)$/.test(line.word(i + 2)) ||
    /^(?:min|max|mean|average|lowest|highest|minimum|maximum|first|last|latest|earliest)$/.test(
      line.word(i - 1),
    )
  );
}

/** Whether a name follows within tokens `from` to `to`: an open word, or a part of the body. */
function isNamed(line: Line, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (line.parts[i] === 'open' || isBodyPart(line.word(i))) return true;
  return false;
}

/** Words that go on after an open one; besides them only single letters and forms in -ing. */
const GOES_ON: ReadonlySet<string> = new Set([
  ...words('use on to in with without of at from due secondary'),
  ...ENDINGS.keys(),
]);

/** What goes on after an open word: `-19`, `in situ`, `to thrive`, `in the left knee`. */
function openAfter(line: Line, i: number): void {
  const next = i + 1;
  if (line.parts[next] === undefined || line.parts[next] === 'taken') return;
  if (isOfVaccine(line, next)) return line.open(next, next + 1);
  // A name with its number: COVID-19, CA-125.
  if (line.parts[next] === 'digits' && line.isHyphened(i)) return line.open(next, next + 1);
  // `c-section`
  const isLetter = line.tokens[i]!.end - line.tokens[i]!.start === 1;
  if (isLetter && line.parts[next] === 'word' && line.isHyphened(i)) return line.open(next, next + 1);
  const isLink = line.parts[next + 1] === 'open' && LINKING.has(line.word(next));
  if (isLink && line.isBeside(i) && line.isSpaced(next)) return line.open(next, next + 1);
  if (!line.isSpaced(i)) return;
  const word = line.word(next);
  const { start, end } = line.tokens[next]!;
  if (!GOES_ON.has(word) && end - start > 1 && !word.endsWith('ing')) return;
  if (ENDINGS.get(word)?.test(line.word(i)) === true) return line.open(next, next + 1);
  // A single capital: `group A`, `protein C`. `I` and `A` may be words of the sentence.
  if (end - start === 1 && /[B-HJ-Z]/.test(line.text[start]!) && line.parts[next] === 'word')
    return line.open(next, next + 1);
  // `hepatitis b vaccine`
  if (
    end - start === 1 &&
    /^[a-e]$/.test(word) &&
    /^(?:vaccine|virus|antibody|antigen)s?$/.test(line.word(next + 1))
  )
    return line.open(next, next + 1);
  if (
    /^with(?:out)?$/.test(word) &&
    /^(?:iv|intravenous|contrast)$/.test(line.word(next + 1)) &&
    line.text.slice(start).search(CONTRAST) === 0
  )
    return line.open(next, line.word(next + 1) === 'contrast' ? next + 2 : next + 3);
  // `sepsis due to E. coli`, `anemia secondary to blood loss`
  if (/^(?:due|secondary)$/.test(word) && line.word(next + 1) === 'to' && isCause(line, next + 2))
    return line.open(next, next + 2);
  if (word === 'use' && line.word(next + 1) === 'disorder') return line.open(next, next + 2);
  if (word === 'on' && line.word(next + 1) === 'chronic') return line.open(next, next + 1);
  const isDone = BOTHERED.has(line.word(i)) && /.{4}ing$/.test(word) && !line.has(next, WORD.function);
  if (isDone) return line.open(next, next + 1);
  if (word === 'to' && TOWARDS.has(line.word(i)) && line.parts[next + 1] === 'open')
    return line.open(next, next + 1);
  if (word === 'in' && /^(?:situ|remission|pregnancy|childbirth|vitro|utero)$/.test(line.word(next + 1)))
    return line.open(next, next + 2);
  if (/^(?:in|with|on)$/.test(word) && BOTHERED.has(line.word(i)) && /.{4}ing$/.test(line.word(next + 1)))
    return line.open(next, next + 2);
  if (!/^(?:in|of|on|to|at|from)$/.test(word)) return;
  let at = next + 1;
  while (at < next + 4 && (/^(?:the|an?|his|her|their)$/.test(line.word(at)) || SIDES.has(line.word(at))))
    at++;
  if (isBodyPart(line.word(at)) && !line.has(at, WORD.schema) && line.isSpaced(at - 1))
    line.open(next, at + 1);
}

const CONTRAST = /with(?:out)? (?:(?:iv|intravenous) )?contrast\b/i;

function isCause(line: Line, i: number): boolean {
  return (
    line.parts[i] === 'open' ||
    (line.startsWithCapital(i) && line.tokens[i]!.end - line.tokens[i]!.start === 1) ||
    (line.parts[i] === 'word' && line.parts[i + 1] === 'open' && !line.has(i, WORD.function))
  );
}

/** Capitals around an open one: `New York City`, `Massachusetts General Hospital`. */
function openCapitals(line: Line): void {
  for (let i = 0; i < line.tokens.length; i++) {
    if (!isCapitalWord(line, i)) continue;
    let end = i + 1;
    while (end < line.tokens.length && isCapitalWord(line, end) && line.isJoined(end - 1, /^(?:[ -]|\. )$/))
      end++;
    let from = i;
    while (from < end && line.parts[from] === 'word' && !PLACE_STARTS.has(line.word(from))) from++;
    let to = end;
    while (to > from && line.parts[to - 1] === 'word' && !PLACE_ENDS.has(line.word(to - 1))) to--;
    const firstOpen = line.parts.indexOf('open', from);
    const hasOpen = firstOpen >= 0 && firstOpen < to;
    const isPlace = to - from >= 2 && PLACE_STARTS.has(line.word(from)) && PLACE_ENDS.has(line.word(to - 1));
    if (hasOpen || (isPlace && !isExplained(line, from, to))) line.open(from, to);
    i = end - 1;
  }
}

/** `new york`: a place in small letters after a word for where somebody is. */
function openSmallPlace(line: Line, i: number): void {
  if (line.parts[i + 1] !== 'open') return;
  if (!/^(?:in|from|near)$/.test(line.word(i - 1)) || !line.isSpaced(i)) return;
  const isCity = line.word(i + 2) === 'city' && line.parts[i + 2] === 'word' && line.isSpaced(i + 1);
  line.open(i, isCity ? i + 3 : i + 1);
}

function isCapitalWord(line: Line, i: number): boolean {
  const part = line.parts[i];
  if (part !== 'open' && part !== 'word') return false;
  // The point after a title ends no sentence: `St. Mary's Hospital`.
  if (!line.isCapital(i) && !(isTitle(line, i - 1) && line.startsWithCapital(i))) return false;
  return part === 'open' || !line.has(i, WORD.function | WORD.boundary);
}

function isExplained(line: Line, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (!line.has(i, WORD.schema | WORD.head)) return false;
  return true;
}

/** Nouns between `with` and an open word begin its name: `with contact dermatitis`, `had a stress fracture`. */
function openAttributes(line: Line, i: number): void {
  let from = i + 1;
  if (/^(?:an?|the)$/.test(line.word(from))) from++;
  let to = from;
  while (to < from + 3 && isAttribute(line, to)) to++;
  const isMeasured = /^levels?$/.test(line.word(to)) && !NOUN_FORMS.has(line.word(to - 1));
  if (to > from && (line.parts[to] === 'open' || isMeasured)) line.open(from, to);
}

function isAttribute(line: Line, i: number): boolean {
  if (line.parts[i] !== 'word' || !line.has(i, WORD.attributive) || line.isCapital(i)) return false;
  if (/^(?:prefix|suffix|beginning|ending)$/.test(line.word(i))) return false;
  return !line.has(i, NOT_ATTRIBUTE) && line.isBeside(i);
}

const NOT_ATTRIBUTE =
  WORD.function | WORD.construct | WORD.time | WORD.head | WORD.schema | WORD.boundary | WORD.code;
