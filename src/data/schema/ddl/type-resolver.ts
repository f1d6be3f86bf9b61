import { foldName } from '../../../tsql/identifier.js';
import { DdlCursor } from './cursor.js';
import { DdlFault, PlaceFinder } from './fault.js';
import type { DdlAlias } from './script.js';
import { TableParts } from './table-parts.js';
import type { DdlToken, Dialect } from './tokens.js';
import { toSqlServerType, type DdlType } from './types.js';

/** The deepest chain of alias types. */
const MAX_DEPTH = 8;

/** Finds SQL Server's types for those that scripts write, a database's own alias types among them. */
export class TypeResolver {
  readonly #own = new Map<string, DdlAlias & { dialect: Dialect }>();

  add(alias: DdlAlias, dialect: Dialect): void {
    this.#own.set(foldName(alias.name), { ...alias, dialect });
  }

  /** Whether a column of the type may be NULL where its declaration does not say. */
  isNullable(type: DdlType): boolean {
    return this.#own.get(type.name)?.nullable ?? true;
  }

  /** Undefined if SQL Server has no such type. */
  sqlType(type: DdlType, dialect: Dialect, depth = 0): string | undefined {
    const alias = this.#own.get(type.name);
    if (!alias || depth >= MAX_DEPTH) return toSqlServerType(type, dialect);
    return type.isArray ? 'nvarchar(max)' : this.sqlType(alias.type, alias.dialect, depth + 1);
  }

  /** The type of a CAST, from its tokens. */
  castType(tokens: readonly DdlToken[], dialect: Dialect): string | undefined {
    const text = tokens.map((token) => (token.kind === 'quoted' ? `[${token.text}]` : token.text)).join(' ');
    const cursor = new DdlCursor(text, dialect);
    try {
      return this.sqlType(new TableParts(cursor, new PlaceFinder(text, '')).type(), dialect);
    } catch (error) {
      if (error instanceof DdlFault) return undefined;
      throw error;
    }
  }
}
