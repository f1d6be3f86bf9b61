/** The same key for every spelling of an identifier: SQL Server's default collation ignores case. */
export function foldName(name: string): string {
  return name.toLowerCase();
}

/** SQL Server's limit on the UTF-16 units of an identifier (message 103). */
export const MAX_IDENTIFIER_LENGTH = 128;

/**
 * Characters that a reader cannot see or tell apart: controls, formats such as zero-width and bidirectional marks,
 * private use, lone surrogates, and every blank but the space.
 */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;
/** Inside a name, a statement could be read as if a placeholder stood there. */
const PLACEHOLDER_IN_NAME = /__(ID|DATE|TEXT|NUM)_[0-9]/i;

/**
 * The offset of the first character that no name may contain: one that cannot be seen, or one that Unicode's composed
 * form (NFC) replaces, such as the Kelvin sign for K. -1 if there is none.
 */
export function forbiddenCharacterAt(name: string): number {
  if (/^[ -~]*$/.test(name)) return -1;
  const invisible = INVISIBLE.exec(name);
  if (invisible) return invisible.index;
  const composed = name.normalize('NFC');
  if (composed === name) return -1;
  let at = 0;
  // A mark that would join the letter before it is the one to name.
  while (composed[at] === name[at] || name.charCodeAt(at) < 128) at++;
  return at;
}

/** Whether the name, in brackets or not, could be taken for a placeholder. */
export function holdsPlaceholder(name: string): boolean {
  return name.includes('__') && PLACEHOLDER_IN_NAME.test(name);
}

/**
 * Why no statement can use the name of a table, column or schema: the end of a sentence that begins with the name.
 * Undefined if statements can: lexer, grammar and renderer accept every such name as `quoteIdentifier` writes it.
 */
export function nameFault(name: string): string | undefined {
  if (name.trim() === '') return 'is empty';
  if (name.length > MAX_IDENTIFIER_LENGTH)
    return `has ${name.length} characters; SQL Server allows ${MAX_IDENTIFIER_LENGTH}`;
  if (name !== name.trim()) return 'begins or ends with a blank';
  const special = /[.[\]"`]/.exec(name);
  if (special)
    return `contains ${special[0] === '.' ? 'a dot' : /[[\]]/.test(special[0]) ? 'a bracket' : 'a quote'}`;
  const at = forbiddenCharacterAt(name);
  if (at >= 0) {
    const point = name.codePointAt(at)!.toString(16).toUpperCase().padStart(4, '0');
    return `contains U+${point}, which is invisible or not in Unicode's composed form (NFC)`;
  }
  return holdsPlaceholder(name) ? 'reads like a placeholder' : undefined;
}

export function isUsableName(name: string): boolean {
  return nameFault(name) === undefined;
}

const REGULAR_IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * The reserved keywords of SQL Server 2022, lower case; as identifiers they need brackets. Source:
 * https://learn.microsoft.com/sql/t-sql/language-elements/reserved-keywords-transact-sql
 */
export const RESERVED_WORDS: ReadonlySet<string> = new Set(
  `add all alter and any as asc authorization backup begin between break browse bulk by cascade case check
  checkpoint close clustered coalesce collate column commit compute constraint contains containstable continue
  convert create cross current current_date current_time current_timestamp current_user cursor database dbcc
  deallocate declare default delete deny desc disk distinct distributed double drop dump else end errlvl escape
  except exec execute exists exit external fetch file fillfactor for foreign freetext freetexttable from full
  function goto grant group having holdlock identity identity_insert identitycol if in index inner insert intersect
  into is join key kill left like lineno load merge national nocheck nonclustered not null nullif of off offsets on
  open opendatasource openquery openrowset openxml option or order outer over percent pivot plan precision primary
  print proc procedure public raiserror read readtext reconfigure references replication restore restrict return
  revert revoke right rollback rowcount rowguidcol rule save schema securityaudit select
  semantickeyphrasetable semanticsimilaritydetailstable semanticsimilaritytable session_user set setuser shutdown
  some statistics system_user table tablesample textsize then to top tran transaction trigger truncate try_convert
  tsequal union unique unpivot update updatetext use user values varying view waitfor when where while with within
  writetext`.split(/\s+/),
);

/** Whether the identifier needs brackets: T-SQL's rules, and ours for words that begin or end like a placeholder. */
function needsBrackets(name: string): boolean {
  return (
    !REGULAR_IDENTIFIER.test(name) ||
    RESERVED_WORDS.has(foldName(name)) ||
    name.startsWith('__') ||
    name.endsWith('__')
  );
}

const quoted = new Map<string, string>();
const MAX_REMEMBERED = 1 << 16;

/** The identifier as T-SQL reads it: in brackets only if it needs them. */
export function quoteIdentifier(name: string): string {
  let text = quoted.get(name);
  if (text === undefined) {
    text = needsBrackets(name) ? `[${name.replaceAll(']', ']]')}]` : name;
    if (quoted.size >= MAX_REMEMBERED) quoted.clear();
    quoted.set(name, text);
  }
  return text;
}

/** The schema of a database that a statement means where it writes none. */
const DEFAULT_SCHEMA = 'dbo';

/** A table's name in parts: `cdm.person` has a schema, `person` has none. No part contains a dot. */
export function splitTableName(name: string): { schema: string | undefined; table: string } {
  const dot = name.indexOf('.');
  return dot < 0
    ? { schema: undefined, table: name }
    : { schema: name.slice(0, dot), table: name.slice(dot + 1) };
}

/** The table's own name, without its schema: what people call it. */
export function bareTableName(name: string): string {
  return splitTableName(name).table;
}

/** The same key for every spelling of a table's name: `dbo.Person`, `Person` and `person` are one table. */
export function foldTableName(name: string): string {
  const { schema, table } = splitTableName(foldName(name));
  return schema === undefined || schema === DEFAULT_SCHEMA ? table : `${schema}.${table}`;
}

/** The table's name as T-SQL reads it, with its schema if it has one: `cdm.[order]`. */
export function quoteTableName(name: string): string {
  const { schema, table } = splitTableName(name);
  return schema === undefined
    ? quoteIdentifier(table)
    : `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`;
}

/** `cdm.person.id` → `['cdm.person', 'id']`, and `person.id` → `['person', 'id']`. */
export function splitColumnPath(path: string): [table: string, column: string] {
  const dot = path.lastIndexOf('.');
  return [path.slice(0, Math.max(0, dot)), path.slice(dot + 1)];
}
