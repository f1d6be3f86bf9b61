import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import type { FirstRows } from '../data/server/connect.js';
import { ServerError } from '../data/server/errors.js';
import type { SchemaIndex } from '../data/schema/schema-index.js';
import type { FirstRowsReader } from '../sql/first-rows.js';
import type { Statement } from '../tsql/ast.js';
import { validate } from '../sql/validator/validate.js';
import { chartOf } from './chart.js';
import type { rowsShape } from './contract.js';
import { ServeError, type ErrorStatus } from './errors.js';

export interface StatementRowsOptions {
  /** The schema whose database it is; statements over others cannot be run. */
  schema: string;
  read: FirstRowsReader;
  /** The most rows that `read` returns. */
  limit: number;
  /** Milliseconds that `read` gives a statement. */
  timeLimit: number;
  /** Gets the code of each failure, never a statement or a row. */
  log?: ((line: string) => void) | undefined;
}

/** Older answers cannot be run any more: they hold values, which should not stay in memory. */
const MOST_ANSWERS = 1000;
const LONGEST_MS = 3_600_000;
/** Statements that run at the same time. */
const MOST_AT_ONCE = 4;

interface Remembered {
  statement: string;
  index: SchemaIndex;
  at: number;
}

/**
 * Runs statements of this server's own answers and returns their first rows. A client names an answer by its random id, so no
 * text of a client ever reaches the database.
 */
export class StatementRows {
  /** By id, oldest first. */
  readonly #answers = new Map<string, Remembered>();
  #running = 0;

  constructor(
    readonly options: StatementRowsOptions,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** @param statement of an answer; with its values @returns the id under which it can be run for an hour */
  remember(statement: string, index: SchemaIndex): string {
    const id = randomUUID();
    const at = this.now();
    this.#answers.set(id, { statement, index, at });
    for (const [oldest, answer] of this.#answers) {
      if (this.#answers.size <= MOST_ANSWERS && at - answer.at <= LONGEST_MS) break;
      this.#answers.delete(oldest);
    }
    return id;
  }

  /**
   * Runs the statement of an answer.
   *
   * @param signal aborted when nobody waits for the rows any more
   * @throws ServeError `unknown-answer`, `rows-busy`, `rows-refused`, `rows-too-long`, `rows-time-limit`, `rows-login`,
   *   `rows-unreachable`, `rows-broken`
   */
  async run(id: string, signal?: AbortSignal): Promise<z.infer<typeof rowsShape>> {
    const answer = this.#answers.get(id);
    if (!answer || this.now() - answer.at > LONGEST_MS) {
      throw new ServeError(
        'unknown-answer',
        'this server does not know that answer any more: ask again',
        404,
      );
    }
    const { statement, index } = answer;
    // It was checked when it was made. Checked here, nothing else can ever get past this line.
    const { ok, statement: tree } = validate(statement, index, undefined, { sense: false });
    if (!ok || !tree) throw new ServeError('rows-refused', 'the statement is not one safe SELECT', 422);
    if (this.#running >= MOST_AT_ONCE) {
      throw new ServeError('rows-busy', `${this.#running} statements are running: try again in 1 s`, 429, 1);
    }
    this.#running++;
    const started = this.now();
    try {
      const { columns, rows, more } = await this.options.read(statement, signal);
      return {
        columns: columns.map(({ name, type }, i) => ({ name: name || textOfItem(tree, statement, i), type })),
        rows: rows.map((row) => row.map((value, i) => cellOf(value, columns[i]!.type))),
        more,
        chart: chartOf(tree, statement),
        ms: this.now() - started,
      };
    } catch (error) {
      throw this.#told(error);
    } finally {
      this.#running--;
    }
  }

  #told(error: unknown): unknown {
    if (!(error instanceof ServerError)) return error;
    const { code, details } = error;
    // What the server says of a statement may quote a row; what it says of a connection cannot.
    this.options.log?.(code === 'statement' ? `rows: ${code}` : `rows: ${code}: ${error.message}`);
    const [own, status, message] = TOLD[code] ?? TOLD['broken']!;
    const seconds = this.options.timeLimit / 1000;
    const filled = message.replace('SECONDS', String(seconds)).replace('SAID', details.message);
    return new ServeError(own, filled, status);
  }
}

const UNREACHABLE = ['rows-unreachable', 502, 'this server cannot reach the database'] as const;

/** What a client is told, by the code of the ServerError: neither the address of the database nor its user. */
const TOLD: Readonly<Record<string, readonly [code: string, status: ErrorStatus, message: string]>> = {
  statement: ['rows-refused', 422, 'the database refused the statement: SAID'],
  'too-slow': [
    'rows-time-limit',
    504,
    'the database was not done within SECONDS s: ask for a shorter time, or for a count',
  ],
  'too-long': ['rows-too-long', 422, 'the rows are too large to show: ask for fewer columns'],
  login: ['rows-login', 502, "the database refused this server's login"],
  'unknown-host': UNREACHABLE,
  refused: UNREACHABLE,
  'time-out': UNREACHABLE,
  tls: ['rows-unreachable', 502, 'this server found no safe connection to the database'],
  broken: ['rows-broken', 502, 'the connection to the database broke: try again'],
};

/** A longer text is cut. */
const LONGEST_TEXT = 1000;

/** SQL Server gives `COUNT(*)` no name. */
function textOfItem({ items }: Statement, sql: string, i: number): string {
  const item = items[i];
  return item?.kind === 'expression' ? sql.slice(item.expression.start, item.expression.end) : '';
}

function cellOf(value: FirstRows['rows'][number][number], type: string): string | number | boolean | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (value instanceof Date) return timeText(value, type);
  const text = Buffer.isBuffer(value)
    ? `0x${value.subarray(0, LONGEST_TEXT).toString('hex').toUpperCase()}`
    : String(value as string | bigint);
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT)}…`;
}

/** The driver's dates have the database's own day and hour as if they were UTC. */
function timeText(value: Date, type: string): string {
  if (Number.isNaN(value.getTime())) return '';
  const [day = '', rest = ''] = value.toISOString().slice(0, -1).split('T');
  const time = rest.replace(/\.000$/, '');
  if (type === 'date') return day;
  if (type === 'time') return time;
  return `${day} ${time}${type === 'datetimeoffset' ? ' UTC' : ''}`;
}
