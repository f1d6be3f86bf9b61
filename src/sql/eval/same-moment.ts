import type { Column, Table } from '../../data/schema/bundle.js';
import { datePartNamed } from '../../data/schema/roles/date-part.js';
import { splitWords } from '../../data/schema/words.js';
import { foldName } from '../../tsql/identifier.js';
import { parseSqlType } from '../../tsql/types.js';
import { pgString } from '../embedded/names.js';
import type { PgLiteral } from '../embedded/rows.js';

/** Columns of a table that say one moment: `birth_datetime`, `year_of_birth`, `month_of_birth`. Positions of its columns. */
interface Moment {
  days: number[];
  times: number[];
  parts: { at: number; part: 'year' | 'month' | 'day' }[];
}

const moments = new WeakMap<Table, Moment[]>();

/**
 * Makes the columns of each row that say one moment agree, as they do in a database: then a statement over
 * `visit_start_date` finds what one over `visit_start_datetime` finds. Changes the rows.
 *
 * @param planted folded names of columns whose values were chosen: the others follow them
 */
export function agreeOnMoments(
  table: Table,
  rows: readonly PgLiteral[][],
  planted: ReadonlySet<string>,
): void {
  for (const moment of momentsOf(table)) {
    const isPlanted = (at: number): boolean => planted.has(foldName(table.columns[at]!.name));
    const dates = [...moment.times, ...moment.days];
    const first = dates.find(isPlanted) ?? dates[0]!;
    const fixed = moment.parts.filter(({ at }) => isPlanted(at));
    const year = moment.parts.find(({ part }) => part === 'year');
    for (const cells of rows) {
      const cell = (at: number | undefined): string | null => (at === undefined ? null : (cells[at] ?? null));
      const known = cell(first) ?? dates.map(cell).find((one) => one !== null);
      const only = cell(year?.at);
      const spelled =
        known?.slice(1, -1) ?? (only === null ? '' : withPart('2000-01-01', 'year', Number(only)));
      const read = ISO.exec(spelled);
      if (read === null) continue;
      const [, yyyy, mm, dd, clock] = read;
      let text = `${yyyy}-${mm}-${dd}${clock === undefined ? '' : `T${clock}`}`;
      for (const { at, part } of fixed) if (cell(at) !== null) text = withPart(text, part, Number(cell(at)));
      const [day, time = '00:00:00'] = text.split('T') as [string, string?];
      for (const at of moment.days) cells[at] = pgString(day);
      for (const at of moment.times) cells[at] = pgString(`${day}T${time}`);
      for (const { at, part } of moment.parts)
        if (!isPlanted(at) || cell(at) !== null) cells[at] = String(Number(day.split('-')[PLACE[part]]));
    }
  }
}

/** `2024-03-05`, `20240305`, with or without a time. */
const ISO = /^(\d{4})-?(\d\d)-?(\d\d)(?:[T ](.+))?$/;

const PLACE = { year: 0, month: 1, day: 2 } as const;

/** The date with another year, month or day; the day is one that every month has. */
function withPart(text: string, part: keyof typeof PLACE, value: number): string {
  const [day, time] = text.split('T') as [string, string?];
  const numbers = day.split('-').map(Number);
  numbers[PLACE[part]] = value;
  const [year, month, date] = numbers as [number, number, number];
  const wanted = [
    String(year).padStart(4, '0'),
    String(Math.min(12, Math.max(1, month))).padStart(2, '0'),
    String(Math.min(28, Math.max(1, date))).padStart(2, '0'),
  ].join('-');
  return time === undefined ? wanted : `${wanted}T${time}`;
}

function momentsOf(table: Table): readonly Moment[] {
  let known = moments.get(table);
  if (known === undefined) moments.set(table, (known = find(table)));
  return known;
}

function find(table: Table): Moment[] {
  const byStem = new Map<string, Moment>();
  const keys = new Set(
    [...table.primaryKey, ...table.foreignKeys.flatMap(({ columns }) => columns)].map(foldName),
  );
  table.columns.forEach((column, at) => {
    if (keys.has(foldName(column.name))) return;
    const said = readingOf(column);
    if (said === undefined) return;
    const moment = byStem.get(said.stem) ?? { days: [], times: [], parts: [] };
    byStem.set(said.stem, moment);
    if (said.kind === 'date') moment.days.push(at);
    else if (said.kind === 'time') moment.times.push(at);
    else moment.parts.push({ at, part: said.kind });
  });
  return [...byStem.values()].filter(
    ({ days, times, parts }) =>
      days.length + times.length > 0 && days.length + times.length + parts.length > 1,
  );
}

/** What a column says of which moment: `visit start` of `visit_start_datetime`, `birth` of `year_of_birth`. */
function readingOf(
  column: Column,
): { stem: string; kind: 'date' | 'time' | 'year' | 'month' | 'day' } | undefined {
  const words = splitWords(column.name).map((word) => word.toLowerCase());
  const type = parseSqlType(column.type);
  if (type?.family === 'date') {
    const stem = words.filter((word) => !/^(?:date|datetime|time|timestamp|dt)$/.test(word)).join(' ');
    if (stem === '') return undefined;
    return { stem, kind: type.base === 'date' ? 'date' : 'time' };
  }
  if (type?.family !== 'number') return undefined;
  const part = datePartNamed(words);
  if (part !== 'year' && part !== 'month' && part !== 'day') return undefined;
  return { stem: words.filter((word) => word !== part && word !== 'of').join(' '), kind: part };
}
