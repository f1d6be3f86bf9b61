import type { PGlite } from '@electric-sql/pglite';
import type { SchemaBundle } from '../../data/schema/bundle.js';
import { importOptional } from '../../base/optional-package.js';
import { SchemaIndex } from '../../data/schema/schema-index.js';
import { ValidationError } from '../errors.js';
import { parse } from '../validator/parser.js';
import { EmbeddedError } from './errors.js';
import { libraryDdl } from './library.js';
import { RowMaker } from './rows.js';
import { createKeys, createTables, insertRows } from './tables.js';
import { pgName } from './names.js';
import { translate } from './translate.js';

export type Cell = string | number | bigint | boolean | null;

/** What a statement gave: rows, or why it gave none. */
export type Outcome =
  | { ok: true; columns: string[]; rows: Cell[][] }
  | {
      ok: false;
      /** `syntax` (our parser), `untranslatable`, `placeholder`, or PostgreSQL's SQLSTATE: `42803` is a wrong GROUP BY. */
      code: string;
      message: string;
      /** The translation, where there is one. */
      postgres?: string;
    };

export interface LoadOptions {
  /** Seed of the generated rows (default 1). */
  seed?: number;
  /** Rows of every table (default 40; at most 250, since keys may be tinyint). 0 leaves the tables empty. */
  rows?: number;
}

export interface ServerOptions {
  /** What GETDATE() answers (default 2024-06-15T12:00:00): a fixed clock, so that results repeat. */
  now?: string;
}

const MAX_ROWS = 250;

/**
 * One PostgreSQL in this process (PGlite, WebAssembly) that stands in for SQL Server: strict types, strict GROUP
 * BY, ambiguous names refused. Starting it takes seconds; `load` puts a schema with generated rows beside the
 * others that it holds.
 *
 *     const server = await EmbeddedServer.start();
 *     const clinic = await server.load(bundle, { seed: 1 });
 *     await clinic.run('SELECT COUNT(*) FROM Patient;'); // { ok: true, columns: [''], rows: [[40]] }
 *     await server.close();
 */
export class EmbeddedServer {
  #loaded = 0;

  private constructor(readonly pg: PGlite) {}

  /** @throws MissingPackageError without the package @electric-sql/pglite */
  static async start({ now = '2024-06-15T12:00:00' }: ServerOptions = {}): Promise<EmbeddedServer> {
    const pglite = await importOptional(
      '@electric-sql/pglite',
      'the embedded database',
      () => import('@electric-sql/pglite'),
    );
    const keep = (text: string): string => text;
    const moment = (text: string): string => text.replace(' ', 'T');
    const pg = await pglite.PGlite.create({
      parsers: {
        [pglite.types.DATE]: keep,
        [pglite.types.TIME]: keep,
        [pglite.types.TIMESTAMP]: moment,
        [pglite.types.TIMESTAMPTZ]: moment,
        [pglite.types.NUMERIC]: Number,
      },
    });
    await pg.exec(`SET timezone = 'UTC';\n${libraryDdl(now)}`);
    return new EmbeddedServer(pg);
  }

  /**
   * Creates the tables of a bundle, fills them, and lets PostgreSQL hold the rows against the keys.
   * @param bundle without faults (`checkBundle`)
   */
  async load(bundle: SchemaBundle, { seed = 1, rows = 40 }: LoadOptions = {}): Promise<EmbeddedDatabase> {
    if (!Number.isInteger(rows) || rows < 0 || rows > MAX_ROWS) {
      throw new EmbeddedError('bad-rows', `rows must be a whole number from 0 to ${MAX_ROWS}, not ${rows}`);
    }
    const schema = `s${++this.#loaded}_${bundle.name}`;
    await this.pg.exec(createTables(bundle, schema));
    const maker = new RowMaker(bundle, seed, rows);
    if (rows > 0) {
      for (const table of bundle.tables) await this.pg.exec(insertRows(table, schema, maker.rows(table)));
    }
    await this.pg.exec(createKeys(bundle, schema));
    return new EmbeddedDatabase(this, bundle, schema);
  }

  close(): Promise<void> {
    return this.pg.close();
  }
}

/** One schema with its rows inside of an embedded server. */
export class EmbeddedDatabase {
  readonly index: SchemaIndex;

  constructor(
    readonly server: EmbeddedServer,
    readonly bundle: SchemaBundle,
    private readonly schema: string,
  ) {
    this.index = new SchemaIndex(bundle);
  }

  /** A server of its own with this one schema; `close` ends it. */
  static async create(
    bundle: SchemaBundle,
    options: LoadOptions & ServerOptions = {},
  ): Promise<EmbeddedDatabase> {
    return (await EmbeddedServer.start(options)).load(bundle, options);
  }

  /**
   * Runs one T-SQL statement without placeholders (`render` puts the values in). The statement is parsed by our
   * parser and judged by PostgreSQL, not by our binder, so that the two can be held against each other. Dates and
   * times come as ISO text, decimals as numbers, integers past 2^53 as bigint.
   */
  async run(sql: string): Promise<Outcome> {
    let postgres: string | undefined;
    try {
      const translation = translate(parse(sql), this.index, this.schema);
      postgres = translation.sql;
      const { fields, rows } = await this.server.pg.query<Cell[]>(postgres, [], { rowMode: 'array' });
      return { ok: true, columns: translation.columns ?? fields.map(({ name }) => name), rows };
    } catch (error) {
      return { ok: false, ...reasonOf(error), ...(postgres === undefined ? {} : { postgres }) };
    }
  }

  /** Puts rows of one's own in: `INSERT` and other PostgreSQL, with the schema's tables in reach by their folded names. */
  async execute(postgres: string): Promise<void> {
    await this.server.pg.exec(
      `SET search_path = ${pgName(this.schema)};\n${postgres};\nSET search_path = public;`,
    );
  }

  /** Ends the server, and with it every schema that it holds. */
  close(): Promise<void> {
    return this.server.close();
  }
}

function reasonOf(error: unknown): { code: string; message: string } {
  if (error instanceof ValidationError) return { code: 'syntax', message: error.message };
  if (error instanceof EmbeddedError) return { code: error.code, message: error.message };
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    return { code: error.code, message: error.message };
  }
  throw error;
}
