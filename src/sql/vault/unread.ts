import { ask, askForTime, askForYear } from './asks.js';
import { isYear, monthNumber } from './calendar.js';
import type { QuestionToken } from './lexer.js';
import { englishBits, WORD } from './mentions/word-class.js';
import { ordinalOf, partOf } from './period-parts.js';
import type { SchemaKnowledge } from './schema-knowledge.js';
import { amount } from './thresholds.js';
import { TIME_NAMES, type TimeName } from './time-names.js';
import type { Match } from './types.js';
import { dateMatch } from './whole-range.js';
import { TIME_UNITS } from './words.js';

const NO_DAYS = 'which has no exact first and last day; write both';
const NO_DATES = 'which no statement compares; write dates';
const NO_HOURS = 'a time of day, which no statement compares; ask for dates';
const VAGUE = 'which has no exact meaning; write dates';

/** Words before a time: `since`, `last`, `the`. */
const BEFORE_TIME =
  /^(?:in|on|at|during|since|before|after|until|till|by|from|to|through|throughout|between|within|over|of|per|every|each|this|that|last|next|past|previous|prior|coming|late|early|mid|and|or|one|all|yesterday|tomorrow|follow(?:s|ed|ing)?)$/;
const RELATIVE = /^(?:this|that|last|next|past|previous|prior|coming)$/;
const EVENTS =
  /^(?:visits?|admissions?|encounters?|stays?|appointments?|shifts?|discharges?|deaths?|births?|arrivals?|labs?|doses?|orders?|surger(?:y|ies)|procedures?|transfers?)$/;
/** Words after which a month or a day of the week is a name. */
const BEFORE_NAME =
  /^(?:named?|names|called|dr|doctor|mr|mrs|ms|miss|patient|nurse|physician|surname|lastname|firstname|st|city|street)$/;
/** Words after which even `may` and `march` are months. */
const BEFORE_MONTH =
  /^(?:in|since|during|until|till|before|after|between|from|through|throughout|last|next|this|early|late|mid)$/;
/** Words around `weekday` where a question groups by it. */
const GROUPS = /^(?:per|by|each|every|which|what|of|the|week|and)$/;
const VAGUE_AMOUNT = /^(?:some|many|countless|more|numerous|umpteen|various)$/;

/**
 * Asks for every time that no recogniser reads: `since May`, `on weekends`, `in spring 2020`, `last Tuesday`, `the first
 * week of March 2021`. A word that is part of a name is none. What has one exact meaning is read: `a year ago`, `the first
 * day of March 2021`, `until the end of 2019`.
 *
 * @param matches in reading order; so is the result
 */
export function addUnread(
  text: string,
  tokens: readonly QuestionToken[],
  matches: readonly Match[],
  knowledge: SchemaKnowledge | undefined,
): readonly Match[] {
  if (!tokens.some(({ known }) => known.isTime)) return matches;
  return new Unread(text, tokens, matches, knowledge).run();
}

class Unread {
  readonly #cover: (Match | undefined)[];
  readonly #added: Match[] = [];
  readonly #dropped = new Set<Match>();

  constructor(
    readonly text: string,
    readonly tokens: readonly QuestionToken[],
    readonly matches: readonly Match[],
    readonly knowledge: SchemaKnowledge | undefined,
  ) {
    this.#cover = new Array<Match | undefined>(tokens.length);
    let next = 0;
    tokens.forEach((token, i) => {
      while (next < matches.length && matches[next]!.end <= token.start) next++;
      const match = matches[next];
      if (match !== undefined && match.start < token.end && !isTimeAlone(match)) this.#cover[i] = match;
    });
  }

  run(): readonly Match[] {
    for (let i = 0; i < this.tokens.length; i++) {
      const token = this.tokens[i]!;
      if (!token.known.isTime || this.#cover[i] !== undefined) continue;
      const name = TIME_NAMES.get(token.word.replace(/['’]s$/, ''));
      if (name !== undefined) this.#read(i, name);
    }
    if (this.#added.length === 0 && this.#dropped.size === 0) return this.matches;
    return [...this.matches.filter((match) => !this.#dropped.has(match)), ...this.#added].sort(
      (a, b) => a.start - b.start || a.end - b.end,
    );
  }

  #word(i: number): string {
    return this.#cover[i] === undefined ? (this.tokens[i]?.word ?? '') : '';
  }

  /** The word before token `i`, if only blanks or hyphens lie between. */
  #before(i: number): string {
    const previous = this.tokens[i - 1];
    if (previous === undefined || this.#cover[i - 1] !== undefined) return '';
    return /^[ -]{1,3}$/.test(this.text.slice(previous.end, this.tokens[i]!.start)) ? previous.word : '';
  }

  #after(i: number): string {
    const next = this.tokens[i + 1];
    if (next === undefined || this.#cover[i + 1] !== undefined) return '';
    return /^[ -]{1,3}$/.test(this.text.slice(this.tokens[i]!.end, next.start)) ? next.word : '';
  }

  /** The index of the first token of the period right after token `i`, with `of`, `in` or a comma between. */
  #periodAfter(i: number): number | undefined {
    let j = i + 1;
    while (j <= i + 3 && /^(?:of|in|the|year|to)$/.test(this.#word(j))) j++;
    const match = this.#cover[j];
    if (match === undefined || (match.prefix !== 'DATE' && !isYearAmount(match))) return undefined;
    return this.tokens[j]!.start - this.tokens[i]!.end <= 16 && match.start <= this.tokens[j]!.start
      ? j
      : undefined;
  }

  /** The day of the week beside a date says nothing new. */
  #drop(i: number): void {
    const { start, end } = this.tokens[i]!;
    for (const other of this.matches)
      if (other.start === start && other.end === end) this.#dropped.add(other);
  }

  /** Adds a match, and drops those that it overlaps. */
  #take(match: Match): void {
    for (const other of this.matches)
      if (other.start < match.end && match.start < other.end) this.#dropped.add(other);
    this.tokens.forEach((token, i) => {
      if (token.start < match.end && match.start < token.end) this.#cover[i] = match;
    });
    this.#added.push(match);
  }

  /** Asks for the time that tokens `from` to `to`, both included, and the values in them mean. */
  #ask(from: number, to: number, advice: string): void {
    const start = Math.min(this.tokens[from]!.start, this.#cover[from]?.start ?? Infinity);
    const end = Math.max(this.tokens[to]!.end, this.#cover[to]?.end ?? 0);
    this.#take(askForTime(start, end, this.text, advice));
  }

  /** Whether the word is part of a name, which is then taken out: a word for a name, or another capital without a meaning of its own, is beside it. */
  #isName(i: number): boolean {
    const { text, tokens } = this;
    const before = this.#before(i);
    if (!this.#isCapital(i) || BEFORE_MONTH.test(before)) return false;
    if (BEFORE_NAME.test(before)) {
      const { start, end } = tokens[i]!;
      const value = text.slice(start, end);
      const isMention = this.knowledge !== undefined;
      if (isMention) this.#take({ start, end, prefix: 'TEXT', kind: 'mention', type: 'varchar', value });
      return true;
    }
    return [i - 1, i + 1].some((j) => {
      const other = tokens[j];
      if (other?.kind !== 'word' || (j === i - 1 && j === 0) || !this.#isCapital(j)) return false;
      const gap = j < i ? text.slice(other.end, tokens[i]!.start) : text.slice(tokens[i]!.end, other.start);
      const isPlain = this.#cover[j] === undefined && englishBits(other.word) === 0;
      return (
        gap === ' ' && (isPlain || this.#cover[j]?.kind === 'mention' || this.#cover[j]?.kind === 'value')
      );
    });
  }

  #isCapital(i: number): boolean {
    return /^\p{Lu}/u.test(this.text.slice(this.tokens[i]!.start, this.tokens[i]!.start + 2));
  }

  #isOfSchema(word: string): boolean {
    return this.knowledge !== undefined && (this.knowledge.bitsOf(word) & WORD.schema) !== 0;
  }

  #read(i: number, name: TimeName): void {
    const word = this.#word(i);
    const before = this.#before(i);
    const after = this.#after(i);
    switch (name) {
      case 'month':
        return this.#month(i, before, after);
      case 'weekday': {
        const isDated = [i - 1, i + 1].some((j) => this.#cover[j]?.prefix === 'DATE' && this.#isBeside(i, j));
        if (isDated) return this.#drop(i);
        if (this.#isName(i)) return;
        return this.#ask(RELATIVE.test(before) ? i - 1 : i, i, NO_DATES);
      }
      case 'kind-of-day': {
        if (this.#isOfSchema(word)) return;
        const isGroup = word === 'weekday' && (GROUPS.test(before) || after === 'of');
        return isGroup ? undefined : this.#ask(RELATIVE.test(before) ? i - 1 : i, i, NO_DATES);
      }
      case 'season': {
        const period = this.#periodAfter(i);
        if (period !== undefined) return this.#ask(i, period, NO_DAYS);
        if (word === 'fall' || this.#isOfSchema(word) || this.#isName(i)) return;
        if (BEFORE_TIME.test(before) || before === 'the')
          this.#ask(RELATIVE.test(before) ? i - 1 : i, i, NO_DAYS);
        return;
      }
      case 'holiday': {
        if (/^years?/.test(word) && before !== 'new') return this.#toDate(i, after);
        const period = this.#periodAfter(i) ?? this.#periodAfter(i + 1);
        if (period !== undefined) return this.#holiday(i, period);
        if (before === 'new') return this.#ask(i - 1, i, NO_DAYS);
        if (BEFORE_TIME.test(before) && !/^(?:disease|factor|island|seal|harbor)$/.test(after))
          this.#ask(
            RELATIVE.test(before) ? i - 1 : i,
            /^(?:day|eve|season)$/.test(after) ? i + 1 : i,
            NO_DAYS,
          );
        return;
      }
      case 'hour':
        if (word === 'noon' || word === 'midday') return this.#noon(i);
        return this.#ask(i, i, NO_HOURS);
      case 'part-of-day': {
        const isOfEvent = EVENTS.test(this.tokens[i + 1]?.word ?? '');
        if (/^(?:per|of|to|from|over|within|one)$/.test(before) && !isOfEvent) return;
        const isTime = BEFORE_TIME.test(before) || before === 'the' || isOfEvent;
        if (isTime && !this.#isOfSchema(word)) this.#ask(RELATIVE.test(before) ? i - 1 : i, i, NO_HOURS);
        return;
      }
      case 'clock':
        return this.#ask(i === 0 ? i : i - 1, i, NO_HOURS);
      case 'vague':
        if (before === 'most' || before === 'more' || before === 'how' || before === 'least') return;
        return this.#ask(i, i, VAGUE);
      case 'era': {
        const ordinal = this.tokens[i - 1];
        const hasOrdinal =
          ordinal !== undefined &&
          (/^\d+(?:st|nd|rd|th)$/.test(ordinal.word) || /(?:eenth|first)$/.test(ordinal.word));
        return this.#ask(hasOrdinal || RELATIVE.test(before) ? i - 1 : i, i, NO_DAYS);
      }
      case 'ago':
        return this.#ago(i, before);
      case 'few':
        if (
          TIME_UNITS.has(after) &&
          /^(?:a|last|past|next|previous|prior|within|for|in|over|the|after|every|of)?$/.test(before)
        )
          this.#take(askForNumber(this.tokens[i]!, this.text));
        return;
      case 'yesterday':
        if (before === 'before' && this.#before(i - 1) === 'day') this.#dayBefore(i);
        return;
      case 'part':
        return this.#part(i, word, before);
    }
  }

  #isBeside(i: number, j: number): boolean {
    const { text, tokens } = this;
    const gap =
      j < i ? text.slice(tokens[j]!.end, tokens[i]!.start) : text.slice(tokens[i]!.end, tokens[j]!.start);
    return /^[ ,.(]{0,3}(?:the )?$/.test(gap);
  }

  /** A month without a year. `May` and `march` are also words. */
  #month(i: number, before: string, after: string): void {
    const token = this.tokens[i]!;
    const number = monthNumber(token.word)!;
    if (this.#isName(i)) return;
    const isDoubtful = number === 3 || token.word.length === 3;
    if (isDoubtful && !BEFORE_MONTH.test(before) && (!this.#isCapital(i) || i === 0)) return;
    if (isDoubtful && /^(?:be|have|i|we|also|not)$/.test(after)) return;
    this.#take(askForYear(token.start, token.end, this.text));
  }

  #holiday(i: number, period: number): void {
    const { tokens } = this;
    const [first, second] = [tokens[i]!.word.replace(/['’]s$/, ''), this.#word(i + 1)];
    const date = this.#cover[period]!;
    const from = /^(?:new)$/.test(this.#before(i)) ? i - 1 : i;
    const day = FIXED_DAYS.get(`${from < i ? 'new ' : ''}${first} ${second}`.trim()) ?? FIXED_DAYS.get(first);
    const isNamed = /^(?:day|eve)$/.test(second) || FIXED_DAYS.has(first);
    if (day === undefined || !isNamed || !/^\d{4}$/.test(date.value)) return this.#ask(from, period, NO_DAYS);
    this.#take(dateMatch(tokens[from]!.start, date.end, 'date', `${date.value}-${day}`));
  }

  #noon(i: number): void {
    const { start, end } = this.tokens[i]!;
    this.#take({ start, end, prefix: 'TEXT', kind: 'time', type: 'varchar', value: '12:00:00' });
  }

  /** `year to date`, `month-to-date` */
  #toDate(i: number, after: string): void {
    if (after === 'to' && this.#word(i + 2) === 'date') this.#ask(i, i + 2, VAGUE);
  }

  /** `half past ten`, `quarter to six` */
  #clock(i: number, sign: string): boolean {
    const next = this.tokens[i + 2];
    if (next === undefined || !(sign === 'past' || (sign === 'to' && this.#word(i) === 'quarter')))
      return false;
    const isHour = /^(?:[1-9]|1[0-2]|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|noon)$/;
    if (!isHour.test(next.word)) return false;
    this.#ask(i, i + 2, NO_HOURS);
    return true;
  }

  /** `a year ago` is one year ago; `ages ago` and `long ago` are asked for. */
  #ago(i: number, unit: string): void {
    const { text, tokens } = this;
    if (TIME_UNITS.has(unit)) {
      const article = tokens[i - 2]!;
      if (this.#cover[i - 2] !== undefined || article === undefined) return;
      if (article.word === 'a' || article.word === 'an') {
        const spelled = text.slice(article.start, article.end);
        this.#take({ ...amount(article.start, spelled, '1', false), kind: 'count' });
      } else if (VAGUE_AMOUNT.test(article.word) && this.#before(i - 2) !== 'how') this.#ask(i - 2, i, VAGUE);
    } else if (/^(?:long|ages|eons|time|while|sometime)$/.test(unit)) this.#ask(i - 1, i, VAGUE);
  }

  /** `the day before yesterday` is two days ago. */
  #dayBefore(i: number): void {
    const { text, tokens } = this;
    const from = this.#before(i - 2) === 'the' ? i - 3 : i - 2;
    const { start } = tokens[from]!;
    const { end } = tokens[i]!;
    this.#take({ ...amount(start, text.slice(start, end), '2', false), kind: 'count', after: ' days ago' });
  }

  /** A part of a period: `the first week of March 2021`, `late 2019`, `until the end of 2020`, `week 12 of 2020`. */
  #part(i: number, word: string, before: string): void {
    const { tokens } = this;
    if (/^weeks?$/.test(word) && tokens[i + 1]?.kind === 'number' && this.#isBeside(i, i + 1)) {
      const year = this.#periodAfter(i + 1);
      if (year !== undefined)
        return this.#ask(i, year, 'which depends on how weeks are counted; write its first and last day');
      if (/^(?:in|during|since|before|after|until|by)$/.test(before) && this.#cover[i + 1] === undefined)
        this.#ask(i, i + 1, VAGUE);
      return;
    }
    this.#toDate(i, this.#after(i));
    if (/^(?:half|quarter)$/.test(word) && this.#clock(i, this.#after(i))) return;
    const period = this.#periodAfter(i);
    if (period === undefined) return;
    const isAdjective = /^(?:early|mid|late)$/.test(word);
    if (
      isAdjective
        ? period !== i + 1
        : /^(?:beginning|start|end|middle|half|turn|part|close)$/.test(word) && this.#word(i + 1) !== 'of'
    )
      return;
    const date = this.#cover[period]!;
    // `Labor Day 2020`
    if (word === 'day' && this.#isCapital(i) && period === i + 1 && i > 0 && this.#isCapital(i - 1))
      return this.#ask(i - 1, period, NO_DAYS);
    const isUnit = /^(?:week|day|month|quarter|part|half)$/.test(word);
    const number = isUnit ? ordinalOf(before) : undefined;
    const from = number === undefined ? i : i - 1;
    // `admissions by day in March 2021`: a unit needs its number.
    if (isUnit && number === undefined && word !== 'half') {
      if (word === 'week' && this.#word(i + 1) === 'of' && date.kind === 'date')
        this.#ask(i, period, NO_DAYS);
      return;
    }
    const exact = number === undefined ? undefined : partOf(date, number, word);
    if (exact !== undefined) {
      const { kind, value } = exact;
      return this.#take(dateMatch(tokens[from]!.start, date.end, kind, value));
    }
    if (!isUnit && date.kind !== 'date' && date.kind !== 'timestamp') {
      const start = this.#before(i) === 'the' ? i - 1 : i;
      const outer = this.#before(start);
      const isStart = /^(?:beginning|start)$/.test(word) && /^(?:since|from|before)$/.test(outer);
      const isEnd = /^(?:end|close)$/.test(word) && /^(?:until|till|through|by|to|after)$/.test(outer);
      if (isStart || isEnd) return this.#take({ ...date, start: tokens[start]!.start });
    }
    if (date.kind === 'date' && !isUnit) return;
    this.#ask(from, period, NO_DAYS);
  }
}

/** A mention of nothing but words of time: `on Mondays`. */
function isTimeAlone({ kind, value }: Match): boolean {
  if (kind !== 'mention') return false;
  const words = value.toLowerCase().split(/[ -]+/);
  return words.every((word) => TIME_NAMES.has(word.replace(/['’]s$/, '')) || /^(?:new|day|eve)$/.test(word));
}

/** A year that a word before it made an amount: `Christmas Day 2019`. */
function isYearAmount({ kind, value }: Match): boolean {
  return kind === 'threshold' && /^\d{4}$/.test(value) && isYear(Number(value));
}

/** Holidays on the same day of every year, as month and day. */
const FIXED_DAYS: ReadonlyMap<string, string> = new Map([
  ['christmas day', '12-25'],
  ['christmas eve', '12-24'],
  ['xmas day', '12-25'],
  ['new year day', '01-01'],
  ['new years day', '01-01'],
  ['new year eve', '12-31'],
  ['new years eve', '12-31'],
  ['halloween', '10-31'],
]);

function askForNumber({ start, end, word }: QuestionToken, text: string): Match {
  return ask('unread-number', start, end, text, `stands for '${word}'; write a number`);
}
