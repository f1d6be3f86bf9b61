import { pgString } from './names.js';

/**
 * T-SQL's date functions as PostgreSQL functions in the schema `tsql`, over timestamps. Sources:
 * https://learn.microsoft.com/sql/t-sql/functions/datediff-transact-sql (boundaries are counted, not durations;
 * weeks begin on Sunday whatever DATEFIRST says) and …/datepart-transact-sql (week 1 holds January 1; DATEFIRST 7).
 */
const diff = (part: string, expression: string): string =>
  `CREATE FUNCTION tsql.datediff_${part}(a timestamp, b timestamp) RETURNS int LANGUAGE sql IMMUTABLE AS
   $$ SELECT ((${expression.replaceAll('@', 'b')}) - (${expression.replaceAll('@', 'a')}))::int $$;`;

const part = (name: string, expression: string): string =>
  `CREATE FUNCTION tsql.datepart_${name}(x timestamp) RETURNS int LANGUAGE sql IMMUTABLE AS
   $$ SELECT (${expression})::int $$;`;

const DAYS = "(@::date - date '1899-12-31')";
const SECONDS = 'floor(extract(epoch from @))';

const STATEMENTS = [
  'CREATE SCHEMA tsql;',
  diff('year', 'extract(year from @)'),
  diff('quarter', 'extract(year from @) * 4 + extract(quarter from @)'),
  diff('month', 'extract(year from @) * 12 + extract(month from @)'),
  // 1899-12-31 was a Sunday.
  diff('week', `floor(${DAYS} / 7.0)`),
  ...['day', 'dayofyear', 'weekday'].map((name) => diff(name, DAYS)),
  diff('hour', `floor(${SECONDS} / 3600)`),
  diff('minute', `floor(${SECONDS} / 60)`),
  diff('second', SECONDS),
  diff('millisecond', 'floor(extract(epoch from @) * 1000)'),
  ...['year', 'quarter', 'month', 'day', 'hour', 'minute'].map((name) =>
    part(name, `extract(${name} from x)`),
  ),
  part('dayofyear', 'extract(doy from x)'),
  part('weekday', 'extract(dow from x) + 1'),
  part('week', "floor((extract(doy from x) - 1 + extract(dow from date_trunc('year', x))) / 7) + 1"),
  part('iso_week', 'extract(week from x)'),
  part('second', 'floor(extract(second from x))'),
  part('millisecond', 'mod(floor(extract(milliseconds from x)), 1000)'),
  `CREATE FUNCTION tsql.eomonth(x timestamp, months int) RETURNS date LANGUAGE sql IMMUTABLE AS
   $$ SELECT (date_trunc('month', x) + make_interval(months => months + 1) - interval '1 day')::date $$;`,
];

/** @param now what GETDATE() answers, as `YYYY-MM-DDThh:mm:ss`: a fixed clock, so that results repeat. */
export function libraryDdl(now: string): string {
  const clock = `CREATE FUNCTION tsql.getdate() RETURNS timestamp LANGUAGE sql IMMUTABLE AS
    $$ SELECT timestamp ${pgString(now)} $$;`;
  return [...STATEMENTS, clock].join('\n');
}
