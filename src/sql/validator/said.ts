import { children, type Comparison, type Expression, type Statement } from '../../tsql/ast.js';
import { functionNamed } from '../../tsql/functions.js';
import { MIRRORED } from './claims.js';
import { expressionKey } from './grouping.js';
import { datepartOf } from './parts.js';
import type { Problems } from './problems.js';
import type { Scope } from './scope.js';

/**
 * Refuses a statement that turns round what its question says: `over 80` as `<`, `the fewest` in descending order, `for
 * each month` without the year. Only what the question says in plain words is held against the statement.
 *
 * @param question with the placeholders of the statement
 */
export function checkSaid(statement: Statement, scope: Scope, problems: Problems, question: string): void {
  const asked = question.toLowerCase();
  checkAmounts(statement, problems, asked);
  checkMonths(statement, scope, problems, asked);
  checkOrder(statement, problems, asked);
  checkDistinct(statement, scope, problems, asked);
  checkPresent(statement, problems, asked);
}

/** How a value relates to an amount. */
type Relation = '>' | '>=' | '<' | '<=';

const MORE = '(?:more|greater|higher|older|longer|larger|later)';
const LESS = '(?:less|fewer|lower|younger|shorter|smaller|earlier)';
const AGE = '(?: the age of| age)?';
/** What stands before an amount, the longer phrases before those that they contain. */
const BEFORE: readonly (readonly [RegExp, Relation])[] = [
  [new RegExp(`\\b(?:no|not|n't) ${MORE} than $`), '<='],
  [new RegExp(`\\b(?:no|not|n't) ${LESS} than $`), '>='],
  [new RegExp(`\\bat least${AGE} $`), '>='],
  [/\b(?:at most|up to|a maximum of) $/, '<='],
  [new RegExp(`\\b(?:over|above|exceed(?:s|ed|ing)?|${MORE} than)${AGE} $`), '>'],
  [new RegExp(`\\b(?:under|below|${LESS} than)${AGE} $`), '<'],
];
const UNITS = '(?: (?:years?|days?|months?)(?: old| of age)?)?';
const AFTER: readonly (readonly [RegExp, Relation])[] = [
  [new RegExp(`^${UNITS} (?:or|and) (?:more|older|over|above|higher|greater|longer|up)\\b`), '>='],
  [new RegExp(`^${UNITS} (?:or|and) (?:less|younger|under|below|fewer|lower|shorter)\\b`), '<='],
];
const NEGATED = /(?:\b(?:not|never|no|nor|neither|without|except|excluding)\b|n['’]t\b)[^.;]*$/;

/** What the question says of an amount; undefined where it says nothing plain. */
function relationSaid(asked: string, name: string): Relation | undefined {
  const parts = asked.split(name.toLowerCase());
  // Said twice, it may be said in two ways.
  if (parts.length !== 2) return undefined;
  const [before, after] = parts as [string, string];
  const found = BEFORE.find(([pattern]) => pattern.test(before));
  const follows = AFTER.find(([pattern]) => pattern.test(after));
  if (found === undefined) return NEGATED.test(before) ? undefined : follows?.[1];
  if (follows !== undefined || /^ or\b/.test(after)) return undefined;
  const lead = before.slice(0, found[0].exec(before)!.index);
  return NEGATED.test(lead) ? undefined : found[1];
}

function checkAmounts(statement: Statement, problems: Problems, asked: string): void {
  const found = new Map<string, { first: Expression; relations: Set<Comparison['operator']> }>();
  let isTurned = false;
  const note = (node: Expression, operator: Comparison['operator']): void => {
    if (node.kind !== 'placeholder' || !node.name.startsWith('__NUM_')) return;
    const before = found.get(node.name) ?? { first: node, relations: new Set() };
    found.set(node.name, before);
    before.relations.add(operator);
  };
  forEachExpression(statement, (node) => {
    if (node.kind === 'comparison') {
      note(node.right, node.operator);
      note(node.left, MIRRORED[node.operator]);
    } else if (node.kind === 'between') {
      note(node.low, '>=');
      note(node.high, '<=');
    } else if (node.kind === 'not') isTurned = true;
  });
  if (isTurned) return;
  for (const [name, { first, relations }] of found) {
    const said = relationSaid(asked, name);
    if (said === undefined || relations.has(said)) continue;
    const message = `not sure: the question says of ${name} what '${said}' means, and the statement compares it otherwise`;
    problems.add('said-otherwise', first, message);
  }
}

const OF_THE_YEAR = /\bmonths? of (?:the|each|every|any) year\b|\bcalendar month\b|\bseason/;
const EACH_MONTH = /\b(?:for (?:each|every)|per|by|each|every) month\b/;

/** `For each month` means the months of every year, `for each month of the year` takes all Januaries together. */
function checkMonths(statement: Statement, scope: Scope, problems: Problems, asked: string): void {
  const partsOf = (part: string): Map<string, Expression> =>
    new Map(
      statement.groupBy.flatMap((node) =>
        node.kind === 'call' && datepartOf(node) === part
          ? [[expressionKey(scope, node.args[0]!), node] as const]
          : [],
      ),
    );
  const [months, years] = [partsOf('month'), partsOf('year')];
  if (months.size === 0) return;
  if (OF_THE_YEAR.test(asked)) {
    for (const [key, node] of years) {
      if (!months.has(key)) continue;
      const message =
        'not sure: the question asks for the months of the year, and this tells the years apart';
      problems.add('said-otherwise', node, message);
    }
    return;
  }
  if (!EACH_MONTH.test(asked)) return;
  const compared = new Set<string>();
  if (statement.where)
    forEachIn(statement.where, (node) => {
      if (node.kind === 'column') compared.add(expressionKey(scope, node));
    });
  for (const [key, node] of months) {
    // A condition may leave one year alone.
    if (years.has(key) || compared.has(key)) continue;
    const message =
      'not sure: the question asks for each month, and this takes the same month of all years together';
    problems.add('said-otherwise', node, message);
  }
}

const MOST = /\b(?:most|highest|largest|biggest|greatest|longest|busiest|commonest|top)\b/;
const FEWEST = /\b(?:fewest|least(?! __num)|lowest|smallest|shortest|rarest)\b/;
const AT_LEAST = /\bat least\b/g;

/** `TOP (3) … ORDER BY COUNT(*) DESC` for the three with the fewest. */
function checkOrder({ top, orderBy }: Statement, problems: Problems, asked: string): void {
  const [first] = orderBy;
  if (top === undefined || first === undefined || !isAggregate(first.expression)) return;
  const words = asked.replace(AT_LEAST, '');
  const [most, fewest] = [MOST.test(words.replace(/\bmost recent/g, '')), FEWEST.test(words)];
  if (most === fewest || first.descending === most) return;
  const message = `not sure: the question asks for the ${most ? 'most' : 'fewest'}, and this sorts the others first`;
  problems.add('said-otherwise', first.expression, message);
}

function isAggregate(node: Expression): boolean {
  return node.kind === 'call' && functionNamed(node.name).aggregate === true;
}

const DISTINCT = /\b(?:distinct|different|unique)\b(?! (?:from|than|to)\b)/;

/** `Distinct years of birth` without DISTINCT: a row for each person. */
function checkDistinct(statement: Statement, scope: Scope, problems: Problems, asked: string): void {
  if (statement.distinct || statement.groupBy.length > 0 || !DISTINCT.test(asked)) return;
  const columns = statement.items.map((item) =>
    item.kind === 'expression' && item.expression.kind === 'column'
      ? scope.resolved(item.expression)
      : undefined,
  );
  // A key has no row twice.
  const isPlain = columns.every((found) => found !== undefined && !isKey(found.column));
  if (!isPlain) return;
  const message = 'not sure: the question asks for different values, and this may show one of them twice';
  problems.add('said-otherwise', statement.items[0]!, message);
}

/** What speaks of the present, or of a time that lasts: `this year`, `65 years old`, `so far`. */
const PRESENT =
  /\b(?:ago|last|latest|past|previous|prior|recent\w*|this|these|current\w*|present\w*|today|now|nowadays|yesterday|tomorrow|next|coming|upcoming|since|so far|to date|until|till|still|yet|already|expire\w*|overdue|future|old|older|oldest|elder\w*|young\w*|ages?|aged|birthday|within|between|over|more than|less than|at least|at most|under|during|for|adults?|child\w*|minors?|seniors?|teen\w*|infants?|newborns?|years?|months?|weeks?|days?|hours?|quarters?|ytd|mtd|elapsed|passed|alive|living)\b/;

/** A comparison with the present that the question does not ask for: `year_of_birth < YEAR(GETDATE())`. */
function checkPresent(statement: Statement, problems: Problems, asked: string): void {
  if (PRESENT.test(asked)) return;
  let found: Expression | undefined;
  forEachExpression(statement, (node) => {
    if (node.kind === 'call' && node.name === 'GETDATE') found ??= node;
  });
  if (found === undefined) return;
  const message = 'not sure: the statement compares with the present, and the question does not speak of it';
  problems.add('said-otherwise', found, message);
}

function isKey({
  table,
  column,
}: {
  table: { primaryKey: readonly string[] };
  column: { name: string };
}): boolean {
  return table.primaryKey.some((key) => key.toLowerCase() === column.name.toLowerCase());
}

function forEachExpression(statement: Statement, visit: (node: Expression) => void): void {
  for (const item of statement.items) if (item.kind === 'expression') forEachIn(item.expression, visit);
  for (const { on } of statement.joins) forEachIn(on, visit);
  if (statement.where) forEachIn(statement.where, visit);
}

function forEachIn(node: Expression, visit: (node: Expression) => void): void {
  visit(node);
  for (const child of children(node)) forEachIn(child, visit);
}
