import type { Sample } from '../data/corpus/sample.js';
import type { QueryExpression, QueryPredicate, QueryValue } from '../data/corpus/statement/program.js';
import type { SchemaIndex } from '../data/schema/schema-index.js';
import { splitWords } from '../data/schema/words.js';

/** Faults that strict readers found in questions and that a pattern can see. */
export const SAYING_FAULTS = [
  'two-date-formats',
  'year-of-another-century',
  'open-period',
  'perfect-with-past-time',
  'months-passed',
  'length-not-of-its-column',
  'discharged-visit',
  'split-rows-counted',
  'unnamed-group-ranks',
  'hours-of-a-date',
] as const;
export type SayingFault = (typeof SAYING_FAULTS)[number];

/** The faults of a sample, each once. */
export function sayingFaults(sample: Sample, index: SchemaIndex): SayingFault[] {
  const checks: [SayingFault, boolean][] = [
    ['two-date-formats', formatsOf(sample.values).size > 1],
    ['year-of-another-century', hasFutureYear(sample.values) && !movesDates(index)],
    ['open-period', sample.values.some((value) => isOpen(sample, value))],
    ['perfect-with-past-time', PERFECT.test(sample.record.question)],
    ['months-passed', passesMonths(sample)],
    ['length-not-of-its-column', ignoresLength(sample, index)],
    ['discharged-visit', saysDischarged(sample)],
    ['split-rows-counted', countsSplitRows(sample, index)],
    ['unnamed-group-ranks', ranksUnnamed(sample, index)],
    ['hours-of-a-date', countsHoursOfDate(sample, index)],
  ];
  return checks.filter(([, isFaulty]) => isFaulty).map(([name]) => name);
}

/** How days and months are written: digits and their marks, or the words of a month; quarters and years fit all. */
function formatsOf(values: readonly QueryValue[]): Set<string> {
  const dated = values.filter(
    ({ prefix, kind }) => prefix === 'DATE' && (kind === 'date' || kind === 'month'),
  );
  const days = dated.filter(({ kind }) => kind === 'date');
  const hasBoth = days.length > 0 && days.length < dated.length;
  return new Set(
    dated.map(({ text }) =>
      hasBoth
        ? /[a-z]/i.test(text)
          ? 'words'
          : 'digits'
        : text
            .replace(/\bMay\b/, shortMay(dated))
            .replace(/[A-Z][a-z]{3,}/, 'M')
            .replace(/[A-Z][a-z]{2}/, 'Mon')
            .replace(/\d+(st|nd|rd|th)/, '1st')
            .replace(/\d{4}/, 'y')
            .replace(/\d+/g, 'd'),
    ),
  );
}

/** May is long and short: as the months beside it are. */
function shortMay(dated: readonly QueryValue[]): string {
  return dated.some(({ text }) => /[A-Z][a-z]{3,}/.test(text)) ? 'Long' : 'May';
}

function hasFutureYear(values: readonly QueryValue[]): boolean {
  return values.some(
    ({ prefix, value, text }) => prefix === 'DATE' && /\b20[89]\d|\b2[1-9]\d\d/.test(value ?? text),
  );
}

/** Whether the schema says that it moves the dates of patients. */
function movesDates({ bundle }: SchemaIndex): boolean {
  return bundle.tables.some(({ columns }) =>
    columns.some(({ name }) => /anchor_year|date_shift|shift_days/i.test(name)),
  );
}

/** `Until March`: with March or without it. */
function isOpen({ record }: Sample, { prefix, kind, name }: QueryValue): boolean {
  return (
    prefix === 'DATE' && (kind === 'month' || kind === 'quarter') && record.question.includes(`until ${name}`)
  );
}

const PERFECT = /\b[Hh]as (patient|the patient)\b[^,]*\b(in|on|before|between|from|after) __DATE_/;

/** DATEDIFF counts months and years begun; an age has that meaning, and nothing else that is asked for. */
function passesMonths({ program: { select } }: Sample): boolean {
  return select.some(
    (item) =>
      item.kind === 'dateDiff' &&
      (item.unit === 'month' || item.unit === 'year') &&
      item.to.kind === 'now' &&
      item.from.kind === 'column' &&
      !/birth|dob|born/.test(splitWords(item.from.ref.column).join(' ')),
  );
}

function expressionsOf({ program: { select, where, orderBy } }: Sample): QueryExpression[] {
  const inPredicate = (one: QueryPredicate): QueryExpression[] => {
    if (one.kind === 'any') return one.of.flatMap(inPredicate);
    return one.kind === 'compare' ? [one.left, one.right] : [one.of];
  };
  const inside = (one: QueryExpression): QueryExpression[] =>
    one.kind === 'aggregate' || one.kind === 'fractional'
      ? inside(one.of)
      : one.kind === 'share'
        ? one.predicates.flatMap(inPredicate)
        : [one];
  return [...select, ...orderBy.map(({ by }) => by), ...where.flatMap(inPredicate)].flatMap(inside);
}

const LENGTH = /^(los|length of stay|stay days|days of stay|length ?of ?stay( days)?)$/;

/** Days from start to end of a stay whose table has them in a column. */
function ignoresLength(sample: Sample, index: SchemaIndex): boolean {
  return expressionsOf(sample).some((one) => {
    if (one.kind !== 'dateDiff' || one.from.kind !== 'column' || one.to.kind !== 'column') return false;
    if (one.unit !== 'day' || one.from.ref.source !== one.to.ref.source) return false;
    const { table } = sample.program.from[one.from.ref.source]!;
    const columns = index.table(table)?.columns ?? [];
    return columns.some(({ name, type }) => LENGTH.test(splitWords(name).join(' ')) && !/char/i.test(type));
  });
}

/** Who leaves an office is not discharged. */
function saysDischarged({ record: { question, sql } }: Sample): boolean {
  return (
    /\bdischarged\b/.test(question) &&
    !/disch|dsch|admi|hosp|stay|inpat|icu|intensive|out_?t|emerg|\bed_/i.test(sql)
  );
}

/** A culture has a row for each antibiotic. */
function countsSplitRows({ program }: Sample, index: SchemaIndex): boolean {
  if (!program.select.some(({ kind }) => kind === 'count') || program.from.length > 2) return false;
  const { table } = program.from[0]!;
  const isCulture = /micro|cultur/.test(splitWords(table).join(' '));
  const columns = index.table(table)?.columns ?? [];
  return isCulture && program.groupBy.length === 0 && columns.some(({ name }) => /antib|suscept/i.test(name));
}

/** The most common of something that may be NULL. */
function ranksUnnamed({ program }: Sample, index: SchemaIndex): boolean {
  const { top, groupBy, where, from } = program;
  if (top === undefined) return false;
  return groupBy.some((by) => {
    if (by.kind !== 'column') return false;
    const { table, join } = from[by.ref.source]!;
    if (join?.kind === 'LEFT') return true;
    const isNullable = index.column(table, by.ref.column)?.column.nullable === true;
    const isSaid = where.some((one) => JSON.stringify(one).includes(JSON.stringify(by)));
    return isNullable && !isSaid;
  });
}

function countsHoursOfDate(sample: Sample, index: SchemaIndex): boolean {
  return expressionsOf(sample).some((one) => {
    if (one.kind !== 'dateDiff' || one.unit !== 'hour' || one.from.kind !== 'column') return false;
    const { table } = sample.program.from[one.from.ref.source]!;
    return index.column(table, one.from.ref.column)?.type.base === 'date';
  });
}
