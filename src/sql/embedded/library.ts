import { datepartNames, DATEPARTS } from '../../tsql/dateparts.js';
import { pgString } from './names.js';

/** T-SQL's date functions as PostgreSQL functions over timestamps, in the schema `tsql`. */
const define = (name: string, parameters: string, type: string, expression: string): string =>
  `CREATE FUNCTION tsql.${name}(${parameters}) RETURNS ${type} LANGUAGE sql IMMUTABLE AS
   $$ SELECT (${expression})::${type} $$;`;

const STATEMENTS = [
  'CREATE SCHEMA tsql;',
  ...datepartNames().flatMap((name) => {
    const { postgresPart, postgresCount } = DATEPARTS[name];
    const part = define(`datepart_${name}`, 'x timestamp', 'int', postgresPart.replaceAll('@', 'x'));
    if (postgresCount === undefined) return [part];
    const [from, to] = ['a', 'b'].map((moment) => postgresCount.replaceAll('@', moment));
    return [part, define(`datediff_${name}`, 'a timestamp, b timestamp', 'int', `(${to}) - (${from})`)];
  }),
  define(
    'eomonth',
    'x timestamp, months int',
    'date',
    "date_trunc('month', x) + make_interval(months => months + 1) - interval '1 day'",
  ),
  `CREATE FUNCTION tsql.try_cast(x text, type text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS
   $$ DECLARE y text;
   BEGIN EXECUTE format('SELECT ($1::%s)::text', type) INTO y USING x; RETURN y;
   EXCEPTION WHEN OTHERS THEN RETURN NULL; END $$;`,
];

/** @param now the value of GETDATE(), as `YYYY-MM-DDThh:mm:ss` */
export function libraryDdl(now: string): string {
  return [...STATEMENTS, define('getdate', '', 'timestamp', `timestamp ${pgString(now)}`)].join('\n');
}
