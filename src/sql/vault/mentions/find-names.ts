import type { Match } from '../types.js';
import { TIME_UNITS, UNITS } from '../words.js';
import { words } from './cue-words.js';
import { cueAt, isNewCue, isSkipped, type CueKind } from './cues.js';
import { endOfDose, startOfAmount } from './doses.js';
import { NAME_TAILS, NOUN_FORMS, STATUS_WORDS, TAIL_AFTER } from './english.js';
import { beginsName, isAtBody, isBodyPart, isOfBody, SIDES } from './anatomy.js';
import { isTitle } from './compounds.js';
import type { Line } from './line.js';
import { WORD } from './word-class.js';

/** What every word has that `cueAt` takes for a cue. */
const CUE = WORD.cue | WORD.schema | WORD.head;

/** Takes out what cues announce, and then every word that nothing explains. */
export function findNames(line: Line): void {
  for (let i = 0; i < line.tokens.length; i++) {
    if (!line.has(i, CUE)) continue;
    const cue = cueAt(line, i);
    if (cue === undefined) continue;
    const from = cue === 'state' ? i + 1 : skip(line, i + 1, cue);
    const to =
      cue === 'state'
        ? i + 2
        : cue === 'place'
          ? endOfPlace(line, from)
          : isPerson(line, i, from)
            ? endOfPerson(line, from)
            : Math.max(endOfName(line, from, cue), endOfPlainName(line, i, from));
    if (to > from) for (const part of partsOf(line, from, to, cue)) takeName(line, part.from, part.to);
    i = Math.max(i, to - 1);
  }
  for (let i = 0; i < line.tokens.length; i++) {
    if (!isCore(line, i)) continue;
    const to = endOfName(line, i, 'loose');
    if (to > i) takeName(line, startOfName(line, i), to);
  }
}

function skip(line: Line, from: number, cue: CueKind): number {
  let i = from;
  while (line.parts[i] === 'word' && isSkipped(line.word(i), cue) && !line.isCapital(i) && i < from + 4) i++;
  // `underwent a procedure other than`
  return line.word(i) === 'other' && line.word(i + 1) === 'than' ? i + 2 : i;
}

/** Whether a word can be the heart of a name: nothing explains it, or it has a capital and no meaning in a question. */
function isCore(line: Line, i: number): boolean {
  if (line.parts[i] === 'open') return true;
  return line.parts[i] === 'word' && isProper(line, i);
}

const NOT_PROPER = WORD.function | WORD.construct | WORD.time | WORD.head | WORD.schema | WORD.boundary;

/** A capital where English has none: `Rose`, but not `ICU`, which English has. */
function isProper(line: Line, i: number): boolean {
  if (line.has(i, NOT_PROPER) || !line.isCapital(i)) return false;
  const token = line.tokens[i]!;
  return /^[A-Z][a-z]/.test(line.text.slice(token.start, token.start + 2));
}

const PERSONS = words(
  `patient person client member subject doctor physician nurse provider surgeon practitioner clinician`,
);
const PARTICLES = words(
  'de da di del della der den van von la le el al bin ibn ben ter ten dos das du y of the st mac',
);

/** Whether a person's name with capitals follows a word for a person: `patient Mara Lindholm`. */
function isPerson(line: Line, cue: number, from: number): boolean {
  return PERSONS.has(line.word(cue)) && from === cue + 1 && line.isName(from);
}

/** The end of a person's name: capitals, and particles between them (`Ana de la Cruz`). */
function endOfPerson(line: Line, from: number): number {
  let end = from + 1;
  for (
    let i = from + 1;
    i < line.tokens.length && line.isJoined(i - 1, IN_PERSON) && line.parts[i] !== 'taken';
    i++
  ) {
    if (line.isCapital(i) || line.startsWithCapital(i)) end = i + 1;
    else if (!PARTICLES.has(line.word(i)) && !line.isHyphened(i - 1)) break;
  }
  return end;
}

/** `Did Mara Lindholm get …`: a small word of English after capitals is the verb of the question. */
function endsPerson(line: Line, i: number): boolean {
  return (
    line.isCapital(i - 1) &&
    (line.startsWithCapital(i - 2) || PARTICLES.has(line.word(i - 2))) &&
    !line.startsWithCapital(i) &&
    !line.has(i, WORD.head)
  );
}

const IN_PERSON = /^(?:[ -]|\. |, (?=Jr|Sr|II))$/;

/** What one does with a word of `OBJECTS` is said with the verb before it: `took place`, `given birth`. */
const OBJECTS =
  words(`place part time birth note care rise effect leave action advantage turn help access charge hold order
  call schedule record file list release transfer discharge stay return request demand use prescription treatment`);
const GIVEN =
  words(`prescribed given taking took taken take takes received receiving administered underwent undergoing allergic
  history diagnosis diagnosed suffering suffered`);

/**
 * The end of a name of English words alone: a verb's base where a thing is given or found (`given lead`, `history of falls`), and
 * a word with a capital after `named` (`called Will`). `from` if there is none.
 */
function endOfPlainName(line: Line, cue: number, from: number): number {
  if (line.parts[from] !== 'word' || line.has(from, WORD.schema | WORD.head)) return from;
  const { start } = line.tokens[from]!;
  if (/^(?:named|called)$/.test(line.word(cue)))
    return /[A-Z]/.test(line.text[start]!) && line.word(from).length > 1 ? endOfPerson(line, from) : from;
  const isGiven = GIVEN.has(line.word(cue)) || GIVEN.has(line.word(cue - 1));
  if (!isGiven || line.has(from, NOT_PLAIN) || OBJECTS.has(line.word(from))) return from;
  const isVerb = line.has(from, WORD.attributive) || (/[^s]s$/.test(line.word(from)) && from === cue + 1);
  if (!isVerb || NOUN_FORMS.has(line.word(from))) return from;
  const isLast = from + 1 === line.tokens.length || !line.isBeside(from);
  return isLast || line.has(from + 1, WORD.function | WORD.boundary) || line.parts[from + 1] === 'taken'
    ? from + 1
    : from;
}

const NOT_PLAIN = WORD.function | WORD.construct | WORD.time | WORD.boundary | WORD.cue;

/** Explained words that a name may hold between two others. */
const BRIDGES: Record<CueKind, number> = { clinical: 4, plain: 2, stated: 2, place: 2, state: 0, loose: 2 };

/** The end of a name that begins at token `from`: after its last word, or `from` if there is no name. */
function endOfName(line: Line, from: number, cue: CueKind): number {
  let end = from;
  let hasCore = false;
  let bridged = 0;
  for (let i = from; i < line.tokens.length; i++) {
    if (i > from && !goesOn(line, i - 1, cue)) break;
    const part = line.parts[i];
    const joinsName = end === i && i > from;
    const dose = joinsName && hasCore ? endOfDose(line, i, cue !== 'loose') : undefined;
    if (dose === undefined && (part === 'taken' || (part === 'word' && stops(line, i, cue)))) break;
    if (isCore(line, i) || (cue !== 'loose' && line.isName(i))) {
      [end, bridged, hasCore] = [i + 1, 0, true];
    } else if (joinsName && (isTail(line, i) || (hasCore && isInBrackets(line, i)))) end = i + 1;
    else if (cue === 'stated' && !hasCore && end === i && STATUS_WORDS.has(line.word(i))) {
      end = i + 1;
      hasCore = true;
    } else if (part === 'amount' || part === 'digits' || dose !== undefined) {
      const after = dose ?? afterAmount(line, i);
      if (after !== undefined && joinsName) [end, i] = [after, after - 1];
    } else if (++bridged > BRIDGES[cue] || (cue === 'loose' && endsPerson(line, i))) break;
  }
  return hasCore ? end : from;
}

/** Two of them name a place that the schema's words explain: `admitted through the emergency room`. */
const PLACE_NOUNS = words(
  'emergency nursing operating recovery room department home hospital facility clinic center centre',
);

/** Alone they name a kind of place where people come from: `admitted from a clinic`, but not `admitted to hospital`. */
const PLACES_ALONE = words('clinic clinics home');

/**
 * The end of the name of a place: `short term hospital`, `home`, `another hospital`, `skilled nursing facility`. `The
 * hospital` alone is none.
 */
function endOfPlace(line: Line, from: number): number {
  const isOther = line.word(from) === 'another' && PLACE_NOUNS.has(line.word(from + 1));
  let end = isOther ? from + 1 : from;
  let hasCore = isOther || PLACES_ALONE.has(line.word(from));
  let nouns = 0;
  for (let i = end; i < line.tokens.length; i++) {
    if (i > from && !goesOn(line, i - 1, 'plain')) break;
    if (line.parts[i] === 'word' && PLACE_NOUNS.has(line.word(i)) && ++nouns === 2) hasCore = true;
    // `discharged home lasted`: the verb of the question.
    if (nouns > 0 && line.parts[i] === 'word' && line.word(i).endsWith('ed')) break;
    if (line.parts[i] === 'open' || (line.parts[i] === 'word' && STATUS_WORDS.has(line.word(i))))
      hasCore = true;
    else if (line.parts[i] !== 'word' || line.has(i, WORD.function | WORD.time) || line.isBoundary(i)) break;
    else if (line.has(i, WORD.construct)) hasCore = true;
    end = i + 1;
  }
  while (end > from && line.parts[end - 1] === 'word' && line.has(end - 1, WORD.construct)) end--;
  return hasCore ? end : from;
}

/** People by what they have or do: `the blood pressure of smokers` holds two names. */
const GROUPS =
  words(`smokers nonsmokers drinkers diabetics asthmatics epileptics alcoholics survivors toddlers newborns neonates
  infants teenagers adolescents males females men women boys girls veterans`);

/** What may stand between two words of a name. */
const IN_NAME = /^(?:[ \t]{1,3}|[ \t]?[-–/&+.#*:'’"(\\[\]%]+[ \t]?|\)[-/ ]?|[ \t]?%?\)? ?[-(] ?)$/;

/** Whether a name can go on after token `i`. */
function goesOn(line: Line, i: number, cue: CueKind): boolean {
  const { text, tokens } = line;
  const gap = text.slice(tokens[i]!.end, tokens[i + 1]!.start);
  if (gap === ' ' || gap === '-') return true;
  if (/^\. $/.test(gap)) {
    // `John D. Smith`, `Dr. Patel`
    return (tokens[i]!.end - tokens[i]!.start === 1 && line.isCapital(i)) || isTitle(line, i);
  }
  if (/^ [&+] $/.test(gap) && cue !== 'clinical' && !line.isCapital(i)) return false;
  if (/^[,;] ?$/.test(gap)) {
    if (isSpecimen(line, i + 1)) return true;
    if (isAside(line, i + 1)) return true;
    const isTailNext = NAME_TAILS.has(line.word(i + 1)) || line.parts[i + 1] === 'open';
    return cue === 'loose' ? NAME_TAILS.has(line.word(i + 1)) : isTailNext;
  }
  return IN_NAME.test(gap);
}

const SPECIMENS = words('blood urine stool serum plasma csf saliva sputum ascites pleural bone joint fluid');

/** What a test was done on, behind its name: `protein, urine level`, `the last protein, urine`. */
export function isSpecimen(line: Line, i: number): boolean {
  if (!line.isJoined(i - 1, /^, $/)) return false;
  if (line.word(i) === 'whole' && line.word(i + 1) === 'blood' && line.isSpaced(i)) return true;
  if (!SPECIMENS.has(line.word(i))) return false;
  if (i + 1 === line.tokens.length) return true;
  // `sodium, urine and blood` is a list.
  return line.isSpaced(i) && line.parts[i + 1] === 'word' && !/^(?:and|or|nor)$/.test(line.word(i + 1));
}

/** What is said of a name behind a comma: `cyst, left side`, `bretol, calculated`; but not `sepsis, left side weakness`. */
function isAside(line: Line, i: number): boolean {
  const isSide = SIDES.has(line.word(i)) && /^sided?$/.test(line.word(i + 1)) && line.isSpaced(i);
  const last = isSide ? i + 1 : i;
  if (!isSide && !/^(?:calculated|unspecified|closed|free)$/.test(line.word(i))) return false;
  return line.parts[last + 1] !== 'open' || !line.isSpaced(last);
}

/** Whether an explained word ends a name. */
function stops(line: Line, i: number, cue: CueKind): boolean {
  if (line.tokens[i]!.kind === 'quote') return true;
  if (cue !== 'loose' && line.isName(i)) return false;
  if (line.isBoundary(i)) return true;
  const word = line.word(i);
  if (word === 'and' || word === 'or' || word === 'nor') {
    return cue === 'loose' || line.parts[skip(line, i + 1, cue)] !== 'open';
  }
  if (line.has(i, WORD.function)) {
    if (isInBrackets(line, i)) return false;
    if (word === 'of' && GROUPS.has(line.word(i + 1))) return true;
    if (word === 'of' && isNumbered(line, i + 1)) return false;
    if (word === 'of' || word === 'the') return !isOpenSoon(line, skip(line, i + 1, cue), cue);
    if (cue !== 'clinical' || (word === 'with' && isTreated(line, i))) return true;
    return line.isCapital(i + 1) || (line.parts[i + 1] !== 'open' && line.parts[i + 2] !== 'open');
  }
  if (line.has(i, WORD.time)) return line.parts[i - 1] !== 'amount' && line.parts[i - 1] !== 'digits';
  if (cue === 'loose' || cue === 'plain') {
    // `pleural fluid culture`, but not `sodium level creatinine`.
    if (line.has(i, WORD.head | WORD.construct)) return !isTail(line, i);
    if (/(?:ed|ing)$/.test(word)) return !isTail(line, i) && !isInBrackets(line, i);
  }
  return cue === 'clinical' ? isNewCue(word) : cueAt(line, i) !== undefined;
}

/** `2 neck stents` in `insertion of 2 neck stents`. */
function isNumbered(line: Line, i: number): boolean {
  const isNumber = line.parts[i] === 'amount' || line.parts[i] === 'digits';
  return isNumber && line.isSpaced(i) && isBodyPart(line.word(i + 1)) && line.parts[i + 2] === 'open';
}

/** `treated for sepsis with …`: what follows is the treatment. */
function isTreated(line: Line, i: number): boolean {
  for (let at = i - 1; at >= Math.max(0, i - 8); at--)
    if (/^treat(?:ed|ing)?$/.test(line.word(at))) return true;
  return false;
}

/** Whether a bracket that opened shortly before is still open. */
function isInBrackets(line: Line, i: number): boolean {
  const { start } = line.tokens[i]!;
  const before = line.text.slice(Math.max(0, start - 60), start);
  return before.lastIndexOf('(') > before.lastIndexOf(')') && line.text.indexOf(')', start) > 0;
}

/** Whether an open word follows: at once, or in a clinical name after an adjective (`of the left knee`). */
function isOpenSoon(line: Line, from: number, cue: CueKind): boolean {
  if (line.parts[from] === 'open') return true;
  const isPlain =
    line.parts[from] === 'word' && !line.has(from, WORD.function | WORD.head) && !line.isBoundary(from);
  return cue === 'clinical' && isPlain && line.parts[from + 1] === 'open' && line.isBeside(from);
}

function isTail(line: Line, i: number): boolean {
  if (line.parts[i] !== 'word' || line.isBoundary(i)) return false;
  const word = line.word(i);
  if (isAtBody(word) && (!line.has(i, WORD.schema) || /^procedures?$/.test(line.word(i + 1))))
    return isOfOrgan(line, i);
  if (isSpecimen(line, i) || (line.isJoined(i - 1, /^, $/) && isAside(line, i))) return true;
  // In a schema without allergies, an allergy is a diagnosis like others; `did Humana pay` is no `self pay`.
  if (/^(?:allerg(?:y|ies)|vaccines?|volume|output)$/.test(word)) return !line.has(i, WORD.schema);
  if (word === 'care' && /^plans?$/.test(line.word(i + 1))) return false;
  return NAME_TAILS.has(word) && (TAIL_AFTER.get(word)?.has(line.word(i - 1)) ?? true);
}

/** Whether a part of the body is named right before token `i`: the `volume` of `venous neck volume`. */
function isOfOrgan(line: Line, i: number): boolean {
  for (let at = i - 1; at >= Math.max(0, i - 4) && line.isSpaced(at); at--) {
    if (line.parts[at] !== 'open' && !isAtBody(line.word(at))) return false;
    if (line.parts[at] === 'open' && isOfBody(line.word(at))) return true;
  }
  return false;
}

/** The place after an amount in a name, with its unit: `2.5 mg`, `96+ hrs`. A concentration is compared, not named. */
function afterAmount(line: Line, from: number): number | undefined {
  let i = from;
  while (i < line.tokens.length && (line.parts[i] === 'amount' || line.parts[i] === 'digits')) i++;
  const word = line.word(i);
  if (i >= line.tokens.length || !(UNITS.has(word) || TIME_UNITS.has(word))) {
    const end = line.tokens[i - 1]!.end;
    return line.text[end] === '%' || line.parts[i] === 'open' || isNumbered(line, from) ? i : undefined;
  }
  // `an echocardiogram two weeks ago`
  if (TIME_UNITS.has(word) && /^(?:ago|before|after|later|earlier|prior|apart)$/.test(line.word(i + 1)))
    return undefined;
  return line.text[line.tokens[i]!.end] === '/' ? undefined : i + 1;
}

/** The start of a name whose core is token `i`: `5% dextrose`, `24 hr creatinine`, `end stage renal disease`. */
function startOfName(line: Line, i: number): number {
  let from = i;
  while (from > 0 && line.parts[from - 1] === 'word' && isProper(line, from - 1) && line.isSpaced(from - 1))
    from--;
  while (
    from > 0 &&
    line.parts[from - 1] === 'word' &&
    beginsName(line.word(from - 1)) &&
    !line.has(from - 1, WORD.schema | WORD.function) &&
    line.isSpaced(from - 1)
  )
    from--;
  if (line.word(from - 1) === 'unspecified' && line.parts[from - 1] === 'word' && line.isSpaced(from - 1))
    return from - 1;
  if (from >= 2 && /^(?:end|early|late)$/.test(line.word(from - 2)) && line.word(from - 1) === 'stage')
    return from - 2;
  if (line.word(from) === 'stage' && /^(?:end|early|late)$/.test(line.word(from - 1))) return from - 1;
  // `5-hydroxy`, `2-oh`
  if (from > 0 && /^(?:amount|digits)$/.test(line.parts[from - 1]!) && line.isHyphened(from - 1))
    return from - 1;
  return startOfAmount(line, from);
}

/** `named Lindholm, Mara`: a person's last name first. */
function isReversed(line: Line, from: number, to: number): boolean {
  const cue = line.word(from - 1);
  return (
    to - from === 2 &&
    (/^(?:named|called|name)$/.test(cue) || PERSONS.has(cue)) &&
    line.startsWithCapital(from) &&
    line.startsWithCapital(from + 1)
  );
}

/** A name, or the names of a list: `aspirin, clopidogrel and heparin`. */
function partsOf(line: Line, from: number, to: number, cue: CueKind): { from: number; to: number }[] {
  let isList = false;
  for (let i = from; i < to; i++) if (line.word(i) === 'and' || line.word(i) === 'or') isList = true;
  const splitsAtComma = !isReversed(line, from, to) && (cue !== 'clinical' || (isList && to - from <= 8));
  const parts: { from: number; to: number }[] = [];
  let start = skip(line, from, cue);
  for (let i = from; i < to; i++) {
    const word = line.word(i);
    if ((word === 'and' || word === 'or' || word === 'nor') && line.parts[i] === 'word') {
      if (start < i) parts.push({ from: start, to: i });
      start = skip(line, i + 1, cue);
    } else if (i + 1 < to && splitsAtComma && line.parts[i + 1] === 'open' && line.isJoined(i, /^[,;] ?$/)) {
      if (start <= i) parts.push({ from: start, to: i + 1 });
      start = skip(line, i + 1, cue);
    }
  }
  if (start < to) parts.push({ from: start, to });
  return parts;
}

function takeName(line: Line, from: number, to: number): void {
  const { start, end } = line.rangeOf(from, to);
  const match: Match = {
    start,
    end,
    prefix: 'TEXT',
    kind: 'mention',
    type: 'varchar',
    value: line.text.slice(start, end),
  };
  line.take(from, to, match);
}
