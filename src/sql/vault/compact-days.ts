import { isDay, isYear, isoDay } from './calendar.js';
import { isGap } from './context.js';
import { endsClean, matchAt } from './text.js';
import type { Scan } from './types.js';

const COMPACT = /(\d{4})(\d{2})(\d{2})(?!\d)/y;

/** Reads eight digits as an ISO date, if they are a day of a plausible year. */
export function readCompact(text: string, at: number): string | undefined {
  const parts = matchAt(COMPACT, text, at);
  if (parts === null || !endsClean(text, at + 8)) return undefined;
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  return isYear(year) && isDay(year, month, day) ? isoDay(year, month, day) : undefined;
}

const DAY_NAME = /(?:date|_dt|dob|birth|birthday)$|^(?:admitted|discharged|born|died|dated|seen)$/;

/** `date=20240305`, `admit_dt >= 20240305`, `born 19800102` */
export function isNamedDay({ text, tokens }: Scan, i: number): boolean {
  const before = tokens[i - 1];
  return (
    before !== undefined && isGap(text, before.end, tokens[i]!.start, ' \t:=<>') && DAY_NAME.test(before.word)
  );
}
