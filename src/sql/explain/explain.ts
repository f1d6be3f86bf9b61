import { withArticle } from '../../data/corpus/topics/words.js';
import type { SchemaIndex } from '../../data/schema/schema-index.js';
import type { Expression, Join, SelectItem, Statement } from '../../tsql/ast.js';
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
  const { where, groupBy, joins } = statement;
  const rows = pluralOf(names.sources[0]!);
  let main = head(statement, phrases, rows);
  if (where) main += ` where ${phrases.condition(where)}`;
  if (groupBy.length > 0) main += `, grouped by ${listed(groupBy.map((key) => phrases.value(key)))}`;
  const once = statement.distinct ? ['Each result is shown once'] : [];
  const sentences = [
    main,
    ...once,
    ...joins.map((join) => joinSentence(join, phrases, rows)),
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
  return node.kind === 'call' && functionNamed(node.name).aggregate === true;
}

function joinSentence(join: Join, phrases: Phrases, rows: string): string {
  const { kind, table, on } = join;
  const source = phrases.names.source((table.alias ?? table.table).text);
  const rule = `${withArticle(source.noun)} where ${phrases.condition(on)}`;
  const several = isOneAtMost(on, source, phrases.names) ? '' : ', once for each where there are several';
  return kind === 'inner'
    ? `Each row belongs to ${rule}${several}; ${rows} without one are left out`
    : `Each row is shown with ${rule}, if there is one${several}`;
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

function orderSentences({ orderBy, top, items }: Statement, phrases: Phrases): string[] {
  const sentences: string[] = [];
  if (orderBy.length > 0) {
    const keys = orderBy.map(({ expression, descending }) => {
      const item = expression.kind === 'number' ? items[Number(expression.text) - 1] : undefined;
      const said = item ? itemPhrase(item, phrases) : phrases.value(expression);
      return `${said}, ${descending ? 'highest or latest' : 'lowest or earliest'} first`;
    });
    sentences.push(`Sorted by ${keys.join('; then by ')}`);
  }
  if (top) sentences.push(`Only the first ${phrases.value(top)}`);
  return sentences;
}
