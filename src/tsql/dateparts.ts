/** A name of a datepart, in full. */
export type Datepart =
  | 'year'
  | 'quarter'
  | 'month'
  | 'dayofyear'
  | 'day'
  | 'week'
  | 'weekday'
  | 'hour'
  | 'minute'
  | 'second'
  | 'millisecond'
  | 'iso_week';

export interface DatepartRow {
  abbreviations: readonly string[];
  /** How far DATEADD moves a date by one of these; absent where only DATEPART takes the part. */
  step?: readonly [count: number, unit: 'months' | 'days' | 'seconds'] | undefined;
  /** A part of the time of day, which a `date` does not have. */
  isTime?: true | undefined;
  /** The least and the largest number that DATEPART gives; a year may be any. */
  range?: readonly [number, number] | undefined;
  /** The number that DATEPART gives, in words, where that is not the name itself. */
  number?: string | undefined;
  /** DATEPART of the timestamp `@` in PostgreSQL. */
  postgresPart: string;
  /** In PostgreSQL: a number that grows by one at each boundary that DATEDIFF counts, for the timestamp `@`. */
  postgresCount?: string | undefined;
}

/** Days since a Sunday: weeks begin on Sunday for DATEDIFF, whatever DATEFIRST says. */
const DAYS = "(@::date - date '1899-12-31')";
const SECONDS = 'extract(epoch from @)';

/**
 * The dateparts. Sources: names and abbreviations
 * https://learn.microsoft.com/sql/t-sql/functions/dateadd-transact-sql, boundaries
 * https://learn.microsoft.com/sql/t-sql/functions/datediff-transact-sql, numbers
 * https://learn.microsoft.com/sql/t-sql/functions/datepart-transact-sql (week 1 holds January 1; DATEFIRST is 7).
 */
export const DATEPARTS: Readonly<Record<Datepart, DatepartRow>> = {
  year: {
    abbreviations: ['yy', 'yyyy'],
    step: [12, 'months'],
    postgresPart: 'extract(year from @)',
    postgresCount: 'extract(year from @)',
  },
  quarter: {
    abbreviations: ['qq', 'q'],
    range: [1, 4],
    step: [3, 'months'],
    postgresPart: 'extract(quarter from @)',
    postgresCount: 'extract(year from @) * 4 + extract(quarter from @)',
  },
  month: {
    abbreviations: ['mm', 'm'],
    range: [1, 12],
    step: [1, 'months'],
    postgresPart: 'extract(month from @)',
    postgresCount: 'extract(year from @) * 12 + extract(month from @)',
  },
  dayofyear: {
    abbreviations: ['dy', 'y'],
    range: [1, 366],
    step: [1, 'days'],
    number: 'day of the year',
    postgresPart: 'extract(doy from @)',
    postgresCount: DAYS,
  },
  day: {
    abbreviations: ['dd', 'd'],
    range: [1, 31],
    step: [1, 'days'],
    number: 'day of the month',
    postgresPart: 'extract(day from @)',
    postgresCount: DAYS,
  },
  week: {
    abbreviations: ['wk', 'ww'],
    range: [1, 54],
    step: [7, 'days'],
    postgresPart: "floor((extract(doy from @) - 1 + extract(dow from date_trunc('year', @))) / 7) + 1",
    postgresCount: `floor(${DAYS} / 7.0)`,
  },
  weekday: {
    abbreviations: ['dw', 'w'],
    range: [1, 7],
    step: [1, 'days'],
    number: 'day of the week',
    postgresPart: 'extract(dow from @) + 1',
    postgresCount: DAYS,
  },
  hour: {
    abbreviations: ['hh'],
    range: [0, 23],
    step: [3600, 'seconds'],
    isTime: true,
    postgresPart: 'extract(hour from @)',
    postgresCount: `floor(floor(${SECONDS}) / 3600)`,
  },
  minute: {
    abbreviations: ['mi', 'n'],
    range: [0, 59],
    step: [60, 'seconds'],
    isTime: true,
    postgresPart: 'extract(minute from @)',
    postgresCount: `floor(floor(${SECONDS}) / 60)`,
  },
  second: {
    abbreviations: ['ss', 's'],
    range: [0, 59],
    step: [1, 'seconds'],
    isTime: true,
    postgresPart: 'floor(extract(second from @))',
    postgresCount: `floor(${SECONDS})`,
  },
  millisecond: {
    abbreviations: ['ms'],
    range: [0, 999],
    step: [0.001, 'seconds'],
    isTime: true,
    postgresPart: 'mod(floor(extract(milliseconds from @)), 1000)',
    postgresCount: `floor(${SECONDS} * 1000)`,
  },
  iso_week: {
    abbreviations: ['isowk', 'isoww'],
    range: [1, 53],
    number: 'ISO week',
    postgresPart: 'extract(week from @)',
  },
};

const BY_NAME: ReadonlyMap<string, Datepart> = new Map(
  datepartNames().flatMap((part) => [part, ...DATEPARTS[part].abbreviations].map((name) => [name, part])),
);

/** The datepart of a name or abbreviation; undefined where SQL Server knows none of that name. */
export function datepartNamed(name: string): Datepart | undefined {
  return BY_NAME.get(name.toLowerCase());
}

/** The full names. */
export function datepartNames(): Datepart[] {
  return Object.keys(DATEPARTS) as Datepart[];
}
