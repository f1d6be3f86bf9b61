import { existsSync } from 'node:fs';
import { writeJsonAtomic } from '../base/files.js';
import { SchemaError } from '../data/errors.js';
import type { SchemaBundle } from '../data/schema/bundle.js';
import { readText } from '../data/schema/load.js';
import { mergeOwnOverlay, parseOwnOverlay, type OwnOverlay } from '../data/schema/words/own-overlay.js';
import { foldName, foldTableName } from '../tsql/identifier.js';
import { ServeError } from './errors.js';

/** A file of words, roles and coded values that people edit on the page; `--overlay` reads it. */
export class SavedWords {
  /** Changes are kept one after another. */
  #last: Promise<unknown> = Promise.resolve();

  /**
   * @param path of the overlay; it need not exist yet
   * @param base the bundle without it
   * @param onChange told of the bundle with the new words, before they are written
   */
  constructor(
    readonly path: string,
    private readonly base: SchemaBundle,
    private readonly onChange: (bundle: SchemaBundle) => Promise<void>,
  ) {}

  /** The name of its schema. */
  get schema(): string {
    return this.base.name;
  }

  /**
   * Adds changes to the file. It is read again each time, since a person may edit it too.
   *
   * @param changes an overlay: what it does not mention stays
   * @throws ServeError `bad-overlay` if the changes, or the file, are no overlay of the schema; `words-not-kept` if the
   *   file cannot be written
   */
  save(changes: unknown): Promise<void> {
    const saved = this.#last.then(() => this.#add(changes));
    this.#last = saved.catch(() => undefined);
    return saved;
  }

  async #add(changes: unknown): Promise<void> {
    const overlay = refusing(() => {
      const given = parseOwnOverlay(JSON.stringify(changes), 'overlay');
      return joined(this.#kept(), given);
    });
    await this.onChange(refusing(() => mergeOwnOverlay(this.base, overlay, 'overlay')));
    try {
      await writeJsonAtomic(this.path, overlay);
    } catch (error) {
      const { code = String(error) } = error as NodeJS.ErrnoException;
      throw new ServeError('words-not-kept', `the server cannot write its file of words (${code})`, 503);
    }
  }

  #kept(): OwnOverlay {
    return existsSync(this.path)
      ? parseOwnOverlay(readText(this.path), 'the file of words')
      : { columns: {}, tables: {} };
  }
}

function refusing<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    throw new ServeError('bad-overlay', error.message, 422);
  }
}

function joined(before: OwnOverlay, { columns, tables }: OwnOverlay): OwnOverlay {
  return {
    columns: mixed(before.columns, columns, foldName, (a, b) => ({ ...a, ...b })),
    tables: mixed(before.tables, tables, foldTableName, (a, b) => ({
      ...a,
      ...b,
      columns: mixed(a.columns, b.columns, foldName, (x, y) => ({ ...x, ...y })),
    })),
  };
}

/** Both, with entries of the same name mixed into one. Of names that differ in spelling alone the first is kept. */
function mixed<T>(
  before: Readonly<Record<string, T>>,
  after: Readonly<Record<string, T>>,
  fold: (name: string) => string,
  mix: (a: T, b: T) => T,
): Record<string, T> {
  const all = new Map(Object.entries(before));
  const spelled = new Map(Object.keys(before).map((name) => [fold(name), name]));
  for (const [name, entry] of Object.entries(after)) {
    const known = spelled.get(fold(name)) ?? name;
    const old = all.get(known);
    all.set(known, old === undefined ? entry : mix(old, entry));
  }
  return Object.fromEntries(all);
}
