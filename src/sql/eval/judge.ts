import type { SchemaIndex } from '../../data/schema/schema-index.js';
import type { SchemaBundle } from '../../data/schema/bundle.js';
import { parse } from '../../tsql/parser.js';
import { ValidationError } from '../../tsql/errors.js';
import type { Statement } from '../../tsql/ast.js';
import { EmbeddedServer, type EmbeddedDatabase } from '../embedded/index.js';
import { canonicalParts, canonicalText } from './canonical.js';
import { errorKind, type ErrorKind } from './error-kind.js';
import { PlantedRows } from './planted-rows.js';
import { isTrivial, sameResults } from './same-results.js';

/** How a statement compares with the expected one. */
export interface StatementJudgement {
  /** The same statement but for spelling, aliases and order. */
  exact: boolean;
  /** The same result in every database in which the expected statement says something; else as `exact`. */
  right: boolean;
  /** The number of databases whose expected result says something. */
  decidedBy: number;
  /** Why it is wrong. `fails`: the database refuses it. */
  error?: ErrorKind | 'fails' | undefined;
}

/** The expected statement itself cannot be judged: a fault of the question set. */
export interface Unjudged {
  fault: string;
}

const ROWS = 60;
const NOW = '2024-06-15T12:00:00';

/** Compares statements by running them on generated rows of several seeds, one database a schema. */
export class Judge {
  private readonly loaded = new Map<
    string,
    Promise<{ database: EmbeddedDatabase; planted: PlantedRows[] }>
  >();

  private constructor(
    private readonly server: EmbeddedServer,
    private readonly seeds: readonly number[],
  ) {}

  /** @throws MissingPackageError without the embedded database */
  static async start(seeds: readonly number[] = [1, 2, 3]): Promise<Judge> {
    return new Judge(await EmbeddedServer.start({ now: NOW }), seeds);
  }

  close(): Promise<void> {
    return this.server.close();
  }

  /** @param expected, found statements with their values in place */
  async judge(expected: string, found: string, index: SchemaIndex): Promise<StatementJudgement | Unjudged> {
    const wanted = parsed(expected);
    if (typeof wanted === 'string') return { fault: wanted };
    const given = parsed(found);
    if (typeof given === 'string') return { exact: false, right: false, decidedBy: 0, error: 'fails' };
    const exact =
      canonicalText(canonicalParts(wanted, index)) === canonicalText(canonicalParts(given, index));
    if (exact) return { exact, right: true, decidedBy: 0 };
    const { right, decidedBy, fault, fails } = await this.run(wanted, expected, found, index);
    if (fault !== undefined) return { fault };
    if (right) return { exact, right, decidedBy };
    return { exact, right, decidedBy, error: fails ? 'fails' : errorKind(wanted, given, index) };
  }

  private async run(
    wanted: Statement,
    expected: string,
    found: string,
    index: SchemaIndex,
  ): Promise<{ right: boolean; decidedBy: number; fault?: string; fails?: boolean }> {
    const { database, planted } = await this.load(index.bundle, index);
    let decidedBy = 0;
    for (const rows of planted) {
      const [a, b] = await database.withRows(rows.for(wanted), async () => [
        await database.tryOut(expected),
        await database.tryOut(found),
      ]);
      if (!a.ok) return { right: false, decidedBy, fault: `${a.code} ${a.message}` };
      if (!b.ok) return { right: false, decidedBy, fails: true };
      const same = sameResults(a, b, wanted);
      if (!same) return { right: false, decidedBy: decidedBy + 1 };
      if (!isTrivial(a)) decidedBy++;
    }
    return { right: decidedBy > 0, decidedBy };
  }

  private load(
    bundle: SchemaBundle,
    index: SchemaIndex,
  ): Promise<{ database: EmbeddedDatabase; planted: PlantedRows[] }> {
    let loaded = this.loaded.get(bundle.name);
    if (!loaded) {
      loaded = this.server.load(bundle, { seed: this.seeds[0]!, rows: ROWS }).then((database) => ({
        database,
        planted: this.seeds.map((seed) => new PlantedRows(bundle, index, seed, ROWS, NOW)),
      }));
      this.loaded.set(bundle.name, loaded);
    }
    return loaded;
  }
}

/** The tree, or why there is none. */
function parsed(sql: string): Statement | string {
  try {
    return parse(sql);
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    return `${error.code} ${error.message}`;
  }
}
