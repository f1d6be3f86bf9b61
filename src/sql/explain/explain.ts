import { withArticle } from '../../data/corpus/topics/words.js';
import type { SchemaIndex } from '../../data/schema/schema-index.js';
import {
  children,
  type Expression,
  type IsNull,
  type Join,
  type SelectItem,
  type Statement,
} from '../../tsql/ast.js';
import { functionNamed } from '../../tsql/functions.js';
import { listed, Names, pluralOf, type NamedTable } from './names.js';
import { Phrases, type Values } from './phrases.js';

/**
 * Says in plain words what a statement does, for a person who knows the field but not SQL: what it counts or lists, under
 * which conditions, in which groups and order. Tables and columns go by their synonyms.
 *
 * @param statement the tree of a statement that the validator accepted over this schema
 * @param values shown in place of placeholders; a placeholder without a value is shown as it is
 */
export function explain(statement: Statement, index: SchemaIndex, values: Values = new Map()): string {
  const names = new Names(statement, index);
  const phrases = new Phrases(names, values);
  const { groupBy, joins } = statement;
  const rows = pluralOf(names.sources[0]!);
  let main = head(statement, phrases, rows);
  const lacking = lackingJoins(statement, names);
  const said = new Set<Expression>(lacking.values());
  const where = conditionsOf(statement.where).filter((part) => !said.has(part));
  if (where.length > 0) main += ` where ${phrases.conditions(where)}`;
  if (groupBy.length > 0) main += `, grouped by ${listed(groupBy.map((key) => phrases.value(key)))}`;
  const once = statement.distinct ? ['Each result is shown once'] : [];
  const sentences = [
    main,
    ...once,
    ...joins.map((join) => joinSentence(join, phrases, rows, lacking.get(join))),
    ...orderSentences(statement, phrases),
  ];
  return sentences.map((sentence) => `${sentence}.`).join(' ');
}

/** `Counts visits`, `Lists the start date and the end date of visits`. */
function head(statement: Statement, phrases: Phrases, rows: string): string {
  const { items, distinct } = statement;
  const [only] = items;
  if (items.length === 1 && only?.kind === 'expression' && only.expression.kind === 'call' && !distinct) {
    const { name, star, distinct: different, args } = only.expression;
    const named = only.alias ? ` (as “${only.alias.text}”)` : '';
    if (star) return `Counts ${rows}${named}`;
    if (name === 'COUNT' && different)
      return `Counts the different values of ${phrases.value(args[0]!)}${named}, among ${rows}`;
  }
  if (items.length === 1 && only?.kind === 'expression' && isAnyRow(only.expression)) {
    return `Tells (1 for yes, 0 for no) whether there are ${rows}`;
  }
  const said = items.map((item) => itemPhrase(item, phrases));
  const isAggregated = items.some((item) => item.kind === 'expression' && isAggregate(item.expression));
  return `${isAggregated ? 'Gives' : 'Lists'} ${listed(said)}${isAggregated ? ', over' : ' of'} ${rows}`;
}

function itemPhrase(item: SelectItem, phrases: Phrases): string {
  if (item.kind === 'star') {
    const { sources } = phrases.names;
    const shown = item.table ? [phrases.names.source(item.table.text)] : sources;
    return `everything recorded of the ${listed(shown.map(({ noun }) => noun))}`;
  }
  const said = phrases.value(item.expression);
  return item.alias ? `${said} (as “${item.alias.text}”)` : said;
}

function isAggregate(node: Expression): boolean {
  if (node.kind === 'call' && functionNamed(node.name).aggregate === true) return true;
  return children(node).some(isAggregate);
}

/** `CASE WHEN COUNT(*) > 0 THEN 1 ELSE 0 END`. */
function isAnyRow(node: Expression): boolean {
  if (node.kind !== 'case' || node.operand !== undefined || node.branches.length !== 1) return false;
  const { when, then } = node.branches[0]!;
  const isNumber = (side: Expression | undefined, text: string): boolean =>
    side?.kind === 'number' && side.text === text;
  if (!isNumber(then, '1') || !isNumber(node.otherwise, '0') || when.kind !== 'comparison') return false;
  const { left, operator, right } = when;
  return left.kind === 'call' && left.star && operator === '>' && isNumber(right, '0');
}

function conditionsOf(where: Expression | undefined): readonly Expression[] {
  if (where === undefined) return [];
  return where.kind === 'and' ? where.operands : [where];
}

/** The LEFT JOINs that keep rows without a partner, each with the `IS NULL` of WHERE that says so. */
function lackingJoins({ joins, where }: Statement, names: Names): Map<Join, IsNull> {
  const found = new Map<Join, IsNull>();
  for (const part of conditionsOf(where)) {
    if (part.kind !== 'isNull' || part.negated) continue;
    const column = part.operand;
    const source = column.kind === 'column' ? names.resolve(column)?.source : undefined;
    const at = names.sources.findIndex((other) => other === source);
    const join = at > 0 ? joins[at - 1] : undefined;
    if (join?.kind !== 'left' || column.kind !== 'column') continue;
    if (isComparedIn(join.on, column, names)) found.set(join, part);
  }
  return found;
}

/** Whether the column is a key of its table, or compared by `=` in ON: it is NULL only where there is no partner. */
function isComparedIn(on: Expression, column: Expression & { kind: 'column' }, names: Names): boolean {
  const wanted = names.resolve(column)!;
  const isIt = (side: Expression): boolean => {
    const found = side.kind === 'column' ? names.resolve(side) : undefined;
    return found?.ref === wanted.ref && found.source === wanted.source;
  };
  if (wanted.ref.isPrimaryKey) return true;
  return conditionsOf(on).some(
    (part) => part.kind === 'comparison' && part.operator === '=' && (isIt(part.left) || isIt(part.right)),
  );
}

function joinSentence(join: Join, phrases: Phrases, rows: string, lacking: IsNull | undefined): string {
  const { kind, table, on } = join;
  const source = phrases.names.source((table.alias ?? table.table).text);
  const rule = `${withArticle(source.noun)} where ${phrases.condition(on)}`;
  if (lacking) return `Only ${rows} without ${rule} (${phrases.value(lacking.operand)} is missing)`;
  const several = isOneAtMost(on, source, phrases.names) ? '' : ', once for each where there are several';
  switch (kind) {
    case 'inner':
      return `Each row belongs to ${rule}${several}; ${rows} without one are left out`;
    case 'left':
      return `Each row is shown with ${rule}, if there is one${several}`;
    case 'right':
    case 'full': {
      const others = `${pluralOf(source)} without one are shown too`;
      const own = kind === 'right' ? `; ${rows} without one are left out` : '';
      return `Each row is shown with ${rule}${several}${own}; ${others}`;
    }
  }
}

/** Whether the condition fixes the whole primary key of the table. */
function isOneAtMost(on: Expression, source: NamedTable, names: Names): boolean {
  const compared = new Set<string>();
  for (const part of on.kind === 'and' ? on.operands : [on]) {
    if (part.kind !== 'comparison' || part.operator !== '=') continue;
    for (const side of [part.left, part.right]) {
      const found = side.kind === 'column' ? names.resolve(side) : undefined;
      if (found?.source === source) compared.add(found.ref.column.name);
    }
  }
  const { primaryKey } = source.table;
  return primaryKey.length > 0 && primaryKey.every((name) => compared.has(name));
}

function orderSentences({ orderBy, top, ties, items }: Statement, phrases: Phrases): string[] {
  const sentences: string[] = [];
  if (orderBy.length > 0) {
    const keys = orderBy.map(({ expression, descending }) => {
      const item = expression.kind === 'number' ? items[Number(expression.text) - 1] : undefined;
      const said = item ? itemPhrase(item, phrases) : phrases.value(expression);
      return `${said}, ${descending ? 'highest or latest' : 'lowest or earliest'} first`;
    });
    sentences.push(`Sorted by ${keys.join('; then by ')}`);
  }
  const others = ties ? ', and those that sort like the last of them' : '';
  if (top) sentences.push(`Only the first ${phrases.value(top)}${others}`);
  return sentences;
}
