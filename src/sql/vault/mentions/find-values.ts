import { MAX_COLUMNS } from '../../../data/placeholder.js';
import { MOST_VALUES } from '../../../data/values/longest.js';
import type { MatchedValue, PhraseMatch, ValueLookup } from '../../../data/values/longest.js';
import type { Match } from '../types.js';
import { endOfDose, isAfterStrength } from './doses.js';
import { isNamedBy, wordsNear } from './find-codes.js';
import { isSpecimen } from './find-names.js';
import { isBlank, type Line } from './line.js';
import { WORD } from './word-class.js';

/** What abbreviations that people say stand for in a database, and the other way round. */
const EXPANSIONS = new Map(
  Object.entries({
    er: 'emergency room|emergency department|emergency', ed: 'emergency department|emergency room|emergency',
    icu: 'intensive care unit|intensive care', ccu: 'coronary care unit', sicu: 'surgical intensive care unit',
    micu: 'medical intensive care unit', nicu: 'neonatal intensive care unit', snf: 'skilled nursing facility',
    iv: 'intravenous', im: 'intramuscular', po: 'oral|by mouth', sc: 'subcutaneous', sl: 'sublingual', pr: 'rectal',
    intravenous: 'iv', intramuscular: 'im', subcutaneous: 'sc|subcut', sublingual: 'sl', orally: 'po|oral',
    rectally: 'pr', spo2: 'o2 saturation|oxygen saturation', bp: 'blood pressure', hr: 'heart rate',
    rr: 'respiratory rate', bmi: 'body mass index', hba1c: 'hemoglobin a1c', wbc: 'white blood cells',
    rbc: 'red blood cells', csf: 'cerebrospinal fluid', copd: 'chronic obstructive pulmonary disease',
    chf: 'congestive heart failure', mi: 'myocardial infarction', cad: 'coronary artery disease',
    uti: 'urinary tract infection', dm: 'diabetes mellitus', htn: 'hypertension',
  }).map(([word, said]) => [word, said.split('|').map((one) => one.split(' '))] as const),
); // prettier-ignore

interface Word {
  start: number;
  end: number;
}

/** Values of the database, and the tokens that may be them. */
interface FoundValues {
  from: number;
  to: number;
  values: readonly MatchedValue[];
}

/**
 * Takes out names that the database has, the longest first.
 * @returns takes out what is only the beginning of such names; words for coded values come before it
 */
export function findValues(line: Line, lookup: ValueLookup): () => void {
  const words = wordsOf(line.text);
  const texts = words.map(({ start, end }) => line.text.slice(start, end));
  const found: FoundValues[] = [];
  for (const match of lookup.longestMatches(texts, { beginnings: true })) {
    const place = placeOf(line, words, match);
    if (place !== undefined) found.push({ from: place.from, to: place.to, values: match.values });
  }
  if (found.length > 1) found.sort((a, b) => b.to - b.from - (a.to - a.from) || a.from - b.from);
  takeReworded(line, lookup, found);
  takeAll(line, found, false);
  return () => {
    takeAll(line, found, true);
  };
}

/** Takes out what is only the beginning of values, or what is all of them. */
function takeAll(line: Line, found: readonly FoundValues[], beginnings: boolean): void {
  for (const place of found) {
    if (isBeginning(place) !== beginnings) continue;
    const fitting = acceptable(line, place.from, place.to, place.values);
    if (fitting.length > 0) takeValue(line, place.from, place.to, fitting);
  }
}

function isBeginning({ values }: FoundValues): boolean {
  return values[0]?.how === 'prefix';
}

/** Whether a single open word stands alone: `blood` in `diastolic blood pressure` does not. */
function isWholeRun(line: Line, at: number): boolean {
  const isPart = (i: number, gapAt: number): boolean => line.parts[i] === 'open' && line.isSpaced(gapAt);
  return !isPart(at - 1, at - 1) && !isPart(at + 1, at);
}

/** Runs of open words that the database has in another order (`urine magnesium`), or under another name (`ER`). */
function takeReworded(line: Line, lookup: ValueLookup, found: readonly FoundValues[]): void {
  for (let from = 0; from < line.tokens.length; from++) {
    if (line.parts[from] !== 'open') continue;
    let to = from + 1;
    while (line.parts[to] === 'open' && line.isSpaced(to - 1)) to++;
    if (to - from > MOST_REWORDED || isFound(found, from, to)) {
      from = to;
      continue;
    }
    const words: string[] = [];
    for (let i = from; i < to; i++) words.push(line.word(i));
    const values = rewordings(words).flatMap((other) => wholeMatch(lookup, other));
    if (values.length > 0 && wholeMatch(lookup, words).length === 0) {
      takeValue(line, from, to, values);
    }
    from = to;
  }
}

const MOST_REWORDED = 3;

/** Whether the words lie in a whole value that has no typo. */
function isFound(found: readonly FoundValues[], from: number, to: number): boolean {
  for (const place of found) {
    const isWhole = !isBeginning(place) && place.values[0]?.edits === 0;
    if (isWhole && place.from <= from && place.to >= to) return true;
  }
  return false;
}

function rewordings(words: readonly string[]): string[][] {
  const [a, b, c] = words;
  if (words.length === 1) return EXPANSIONS.get(a!) ?? [];
  if (words.length === 2) return [[b!, a!]];
  return words.length === 3 ? [[b!, c!, a!], [c!, a!, b!]] : []; // prettier-ignore
}

function wholeMatch(lookup: ValueLookup, words: readonly string[]): MatchedValue[] {
  return lookup.wholeValues(words, { beginnings: words.length > 1 });
}

/** What blanks divide. */
function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  for (let at = 0; at < text.length; at++) {
    if (isBlank(text, at)) continue;
    const start = at;
    while (at < text.length && !isBlank(text, at)) at++;
    words.push({ start, end: at });
  }
  return words;
}

/** The tokens of a phrase. A phrase that cuts a value with a form of its own, or a quotation, is none. */
function placeOf(
  line: Line,
  words: readonly Word[],
  { from, to }: PhraseMatch,
): { from: number; to: number } | undefined {
  const start = words[from]!.start;
  const end = words[to - 1]!.end;
  const { tokens } = line;
  let first = 0;
  while (first < tokens.length && tokens[first]!.start < start) first++;
  let last = first;
  while (last < tokens.length && tokens[last]!.end <= end) last++;
  if (last === first) return undefined;
  const range = line.rangeOf(first, last);
  for (let i = first; i < last; i++) {
    const cover = line.coverOf(i);
    if (cover === undefined) continue;
    if (cover.kind === 'quoted' || cover.prefix === 'DATE') return undefined;
    if (cover.start < range.start || cover.end > range.end) return undefined;
  }
  return { from: first, to: last };
}

/** Which of the values a phrase may mean in its place: the best of them by how they match. */
function acceptable(
  line: Line,
  from: number,
  to: number,
  values: readonly MatchedValue[],
): readonly MatchedValue[] {
  for (let i = from; i < to; i++)
    if (line.parts[i] === 'taken' && line.coverOf(i)?.prefix === 'TEXT') return [];
  const [best] = values;
  if (best === undefined) return [];
  const isWhole = best.how !== 'prefix';
  let open = 0;
  let plain = 0;
  for (let i = from; i < to; i++) {
    if (line.parts[i] === 'open' || (line.parts[i] === 'taken' && to > from + 1)) open++;
    else if (line.parts[i] === 'word') plain++;
  }
  const first = line.word(from);
  const isCut = to - from === 1 && open > 0 && !isWholeRun(line, from);
  if (isCut) return [];
  // `10% dextrose`, `ferritin, serum`: more of the name stands beside it.
  if (isAfterStrength(line, from) || isSpecimen(line, to)) return [];
  if (best.how === 'typo') return open > 0 ? values : [];
  // The beginning of a name is only a name if its words say nothing else, and it does not stop amid them: `insertion of`.
  if (!isWhole) {
    if (line.has(to - 1, WORD.function)) return [];
    // A word misspelled near its beginning and a name cut short: anything could be meant.
    const begins = line.word(from).slice(0, SURE_LETTERS);
    if (best.edits > 0 && !best.value.toLowerCase().startsWith(begins)) return [];
    return open > 0 && plain <= open ? values : [];
  }
  if (open > 0) return values;
  const spelled = line.text.slice(line.tokens[from]!.start, line.tokens[to - 1]!.end);
  const exact = values.filter(({ value }) => value === spelled);
  if (exact.length > 0 && line.isCapital(from)) return exact;
  const near = wordsNear(line, from, to);
  const isNamed = values.some(({ columns }) => columns.some((column) => isNamedBy(line, column, near)));
  if (to - from > 1) return isExplained(line, from, to) && !isNamed ? [] : values;
  // Words of grammar, and those for what is asked about, are values only as capitals: `IN`, `OR`.
  if (line.has(from, WORD.function | WORD.construct | WORD.time | WORD.boundary))
    return isNamed && exact.length > 0 && spelled !== spelled.toLowerCase() ? exact : [];
  return isNamed || (SAID_ALONE.has(first) && !line.has(from, WORD.schema)) ? values : [];
}

/** Letters that a misspelled beginning of a name must share with it. */
const SURE_LETTERS = 4;

/** Plain words that are rarely said of anything but a row's status. */
const SAID_ALONE = new Set(
  'abnormal normal elective urgent inactive pending completed delta additive'.split(' '),
);

/** Whether every word is one of the schema or of function: `admission type`, `number of visits`. */
function isExplained(line: Line, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    if (!line.has(i, WORD.schema | WORD.function | WORD.construct | WORD.time)) return false;
  }
  return true;
}

function takeValue(line: Line, from: number, to: number, values: readonly MatchedValue[]): void {
  const isBeginning = values[0]!.how === 'prefix';
  // The dose that a person names is part of the value: `aspirin 500 mg` is not `aspirin 81 MG Oral Tablet`.
  const dosed =
    isBeginning && to < line.tokens.length && line.isSpaced(to - 1) ? endOfDose(line, to, true) : undefined;
  const end = dosed ?? to;
  line.take(from, end, matchOf(line, from, end, values, dosed !== undefined));
}

function matchOf(
  line: Line,
  from: number,
  to: number,
  values: readonly MatchedValue[],
  isDosed: boolean,
): Match {
  const { start, end } = line.rangeOf(from, to);
  const literals = new Map<string, string>();
  for (const { value, columns } of values) {
    for (const column of columns) if (!literals.has(column)) literals.set(column, value);
  }
  const near = wordsNear(line, from, to);
  const columns = [...literals.keys()];
  const named = columns.filter((column) => isNamedBy(line, column, near));
  const kept = [...named, ...columns.filter((column) => !named.includes(column))].slice(0, MAX_COLUMNS);
  const said = line.text.slice(start, end);
  // The beginning of several values names none of them, and a dose may tell it apart: the person's own words are kept.
  const different = new Set(values.map(({ value }) => value)).size;
  const isBeginning = values[0]!.how === 'prefix';
  const isOne = !isBeginning || (different === 1 && !isDosed);
  return {
    start,
    end,
    prefix: 'TEXT',
    kind: 'value',
    type: 'varchar',
    value: isOne ? values[0]!.value : said,
    columns: kept,
    literals: isOne ? Object.fromEntries(kept.map((column) => [column, literals.get(column)!])) : undefined,
    notes: isBeginning ? [noteOf(values[0]!.value, different, isDosed)] : undefined,
  };
}

function noteOf(value: string, different: number, isDosed: boolean): NonNullable<Match['notes']>[number] {
  if (different === 1 && !isDosed) {
    return {
      code: 'longer-value',
      message: `was read as '${value}', the only value of the database that begins so`,
    };
  }
  const many =
    different >= MOST_VALUES
      ? `${MOST_VALUES} or more values`
      : different === 1
        ? '1 value'
        : `${different} values`;
  const begin = different === 1 ? 'begins' : 'begin';
  const message = isDosed
    ? `has a dose and was kept as written; ${many} of the database ${begin} with the same name`
    : `was kept as written, and no value of the database is exactly so: ${many} ${begin} with it; name one in full, or ask for those that begin with it`;
  return { code: 'several-values', message };
}
