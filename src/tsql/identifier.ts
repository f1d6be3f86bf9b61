/** The same key for every spelling of an identifier: SQL Server's default collation ignores case. */
export function foldName(name: string): string {
  return name.toLowerCase();
}

/** At most 128 characters, SQL Server's limit, and none that would need escaping: brackets, quotes, dots, controls. */
const USABLE_NAME = /^(?! )[^\u0000-\u001f\u007f.[\]"`]{1,128}(?<! )$/;

export function isUsableName(name: string): boolean {
  return USABLE_NAME.test(name);
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

/** Whether T-SQL needs brackets around the identifier. */
function needsBrackets(name: string): boolean {
  return !REGULAR_IDENTIFIER.test(name) || RESERVED_WORDS.has(foldName(name));
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
