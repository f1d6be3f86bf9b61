import type { Match, NoteCode } from './types.js';

/**
 * Kinds of a value that no statement can hold as it stands: the person is asked for it. The kind is also the code of its
 * note and of the refusal.
 *
 * - `incomplete-date`: a day or month without a year, or a date that can be read in too many ways
 * - `invalid-date`: a day or a time of day that does not exist
 * - `unread-time`: words for a time that have no one exact meaning, such as `weekend` or `spring 2020`
 * - `unread-number`: a number that can be read in several ways, such as `a few`
 */
export const ASK_KINDS = ['incomplete-date', 'invalid-date', 'unread-time', 'unread-number'] as const;
export type AskKind = (typeof ASK_KINDS)[number] & NoteCode;

/** Whether the person has to be asked for a value of this kind. */
export function isAskKind(kind: string): kind is AskKind {
  return (ASK_KINDS as readonly string[]).includes(kind);
}

/** The value `text[start, end)` that the person is asked for; `message` says what to write, without the value. */
export function ask(kind: AskKind, start: number, end: number, text: string, message: string): Match {
  return {
    start,
    end,
    prefix: 'TEXT',
    kind,
    type: 'varchar',
    value: text.slice(start, end),
    notes: [{ code: kind, message }],
  };
}

export const NO_YEAR = 'is a date without a year; add the year';
export const NO_MONTH = 'is a day without a month and a year; write the whole date';
const NO_DAY = 'is a day that does not exist; write the day that you mean';

export function askForYear(start: number, end: number, text: string): Match {
  return ask('incomplete-date', start, end, text, NO_YEAR);
}

export function askForDay(start: number, end: number, text: string): Match {
  return ask('invalid-date', start, end, text, NO_DAY);
}

/**
 * Asks for the dates that words of time mean. Words without digits are no secrets: the message names them.
 *
 * @param advice what is wrong and what to write, such as `which no statement compares; write dates`
 */
export function askForTime(start: number, end: number, text: string, advice: string): Match {
  const words = text.slice(start, end);
  const says = advice.startsWith('which ') ? advice.slice('which '.length) : `is ${advice}`;
  return ask('unread-time', start, end, text, /\d/.test(words) ? says : `stands for '${words}', ${advice}`);
}
