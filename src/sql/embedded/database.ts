import type { PGlite } from '@electric-sql/pglite';
import type { SchemaBundle, Table } from '../../data/schema/bundle.js';
import { importOptional } from '../../base/optional-package.js';
import { SchemaIndex } from '../../data/schema/schema-index.js';
import { ValidationError } from '../errors.js';
import { parse } from '../../tsql/parser.js';
import { EmbeddedError } from './errors.js';
import { libraryDdl } from './library.js';
import { RowMaker } from './rows.js';
import { pgTable } from './names.js';
import { createKeys, createTables, insertRows, pgSchemas } from './tables.js';
import { translate } from './translate.js';

export type Cell = string | number | bigint | boolean | null;

/** The result of a statement: rows, or why there are none. */
export type Outcome =
  | { ok: true; columns: string[]; rows: Cell[][] }
  | {
      ok: false;
      /** `syntax` from our parser, `untranslatable`, `placeholder`, or PostgreSQL's SQLSTATE: `42803` is a wrong GROUP BY. */
      code: string;
      message: string;
      /** The translation, if there is one. */
      postgres?: string | undefined;
    };

export interface LoadOptions {
  /** Seed of the generated rows; 1 by default. */
  seed?: number | undefined;
  /** Rows of every table: 40 by default, at most 250 (a key may be a tinyint). 0 leaves the tables empty. */
  rows?: number | undefined;
}

export interface ServerOptions {
  /** The value of GETDATE(), 2024-06-15T12:00:00 by default: a fixed clock makes results repeatable. */
  now?: string | undefined;
}

const MAX_ROWS = 250;

/**
 * A PostgreSQL in this process (PGlite, WebAssembly) in place of SQL Server: it has strict types and a strict GROUP BY,
 * and refuses ambiguous names. Starting it takes seconds; `load` adds a schema with generated rows.
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
   * Creates the tables of a bundle, fills them, and has PostgreSQL check the rows against the keys.
   * @param bundle must have no faults (`checkBundle`)
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

/** One schema with its rows in an embedded server. */
export class EmbeddedDatabase {
  readonly index: SchemaIndex;

  constructor(
    readonly server: EmbeddedServer,
    readonly bundle: SchemaBundle,
    private readonly schema: string,
  ) {
    this.index = new SchemaIndex(bundle);
  }

  /** Starts a server for this schema alone; `close` ends it. */
  static async create(
    bundle: SchemaBundle,
    options: LoadOptions & ServerOptions = {},
  ): Promise<EmbeddedDatabase> {
    return (await EmbeddedServer.start(options)).load(bundle, options);
  }

  /**
   * Runs one T-SQL statement without placeholders (`render` replaces them). Our parser reads it; PostgreSQL, not our
   * binder, judges it, so each can check the other. Dates and times come as ISO text, decimals as numbers, integers
   * beyond 2^53 as bigint.
   */
  async run(sql: string): Promise<Outcome> {
    let postgres: string | undefined;
    try {
      const translation = translate(parse(sql), this.index, this.schema);
      postgres = translation.sql;
      const { fields, rows } = await this.server.pg.query<Cell[]>(postgres, [], { rowMode: 'array' });
      return { ok: true, columns: translation.columns ?? fields.map(({ name }) => name), rows };
    } catch (error) {
      return { ok: false, ...reasonOf(error), postgres };
    }
  }

  /** Runs PostgreSQL such as `INSERT`; the schema's tables have their lower-case names. */
  async execute(postgres: string): Promise<void> {
    const path = pgSchemas(this.bundle, this.schema).join(', ');
    await this.server.pg.exec(`SET search_path = ${path};\n${postgres};\nSET search_path = public;`);
  }

  /**
   * Runs `use` with other rows in some tables, and puts the old rows back. Keys need not refer to rows that exist.
   * @param rows of each table, one `(value, …)` a row
   */
  async withRows<T>(rows: ReadonlyMap<Table, readonly string[]>, use: () => Promise<T>): Promise<T> {
    const statements = [...rows].map(
      ([table, list]) =>
        `DELETE FROM ${pgTable(this.schema, table.name)};\n${insertRows(table, this.schema, list)}`,
    );
    const { pg } = this.server;
    await pg.exec(`BEGIN;\nSET LOCAL session_replication_role = replica;\n${statements.join('\n')}`);
    try {
      return await use();
    } finally {
      await pg.exec('ROLLBACK;');
    }
  }

  /** `run` inside `withRows`: a statement that fails does not end the transaction. */
  async tryOut(sql: string): Promise<Outcome> {
    await this.server.pg.exec('SAVEPOINT tried;');
    const outcome = await this.run(sql);
    await this.server.pg.exec(outcome.ok ? 'RELEASE tried;' : 'ROLLBACK TO tried;');
    return outcome;
  }

  /** Ends the server and all its schemas. */
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
