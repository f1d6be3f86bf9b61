import { children, type Expression, type Statement } from '../../tsql/ast.js';
import { negationsOf, type Negations } from '../answerable/negations.js';
import { expressionKey } from './grouping.js';
import type { Problems } from './problems.js';
import type { Scope } from './scope.js';

/**
 * Refuses a statement that does not take away what its question takes away, or takes away something else: `not given
 * aspirin` needs an anti-join or `<>`, and `given aspirin` must have neither.
 *
 * @param question with the placeholders of the statement
 */
export function checkNegations(
  statement: Statement,
  scope: Scope,
  problems: Problems,
  question: string,
): void {
  const shown = shownBy(statement, scope);
  const asked = negationsOf(withoutTexts(question, shown.texts), scope.index);
  const end = { start: Math.max(0, statement.end - 1) };
  const add = (at: { start: number }, message: string): void =>
    problems.add('negation-not-asked', at, `not sure: ${message}`);
  const lost = (message: string): void => problems.add('negation-lost', end, `not sure: ${message}`);

  if (asked.list.length > shown.signs.length) {
    const word = asked.list[Math.min(shown.signs.length, asked.list.length - 1)]!.word;
    return lost(`the question says '${word}', and the statement takes nothing away for it`);
  }
  for (const { word, governed, isEvent } of asked.list) {
    const other = isEvent ? governed.find((one) => shown.others.has(one)) : undefined;
    if (other !== undefined)
      return lost(`the question says '${word}' of ${other}, and the statement finds rows of something else`);
    const name = governed.find((one) => !shown.taken.has(one));
    if (name !== undefined) return lost(`the question says '${word}' of ${name}, and the statement keeps it`);
  }
  const wrong = asked.kept.find((name) => shown.taken.has(name));
  if (wrong !== undefined) return add(end, `the statement takes ${wrong} away, and the question keeps it`);
  if (asked.list.length > 0) return;
  const sign = shown.signs.find((node) => !isLicensed(node, asked));
  if (sign) add(sign, 'the statement takes rows away here, and the question does not say so');
}

interface Shown {
  /** The conditions that take something away. */
  signs: readonly Expression[];
  /** Placeholders in them, and in the ON of a table that must have no row. */
  taken: ReadonlySet<string>;
  /** Those that a row must differ from. */
  others: ReadonlySet<string>;
  /** Its own texts: a question that is not masked may hold them, negative words inside. */
  texts: readonly string[];
}

function withoutTexts(question: string, texts: readonly string[]): string {
  let left = question;
  for (const text of texts) {
    const at = text.length < 4 ? -1 : left.toLowerCase().indexOf(text.toLowerCase());
    if (at >= 0) left = `${left.slice(0, at)}·${left.slice(at + text.length)}`;
  }
  return left;
}

function shownBy(statement: Statement, scope: Scope): Shown {
  const signs: Expression[] = [];
  const taken = new Set<string>();
  const others = new Set<string>();
  const absent = new Set<number>();
  const texts: string[] = [];
  const selected = statement.items.flatMap((item) => (item.kind === 'expression' ? [item.expression] : []));
  const shownKeys = new Set<string>();
  // What is selected or sorted by may be asked to be there.
  for (const node of [...selected, ...statement.orderBy.map(({ expression }) => expression)])
    addKeys(scope, node, shownKeys);
  const visit = (node: Expression): void => {
    if (node.kind === 'string') texts.push(node.value);
    const isThere =
      node.kind === 'isNull' && node.negated && shownKeys.has(expressionKey(scope, node.operand));
    if (takesAway(node) && !isThere) {
      signs.push(node);
      if (node.kind !== 'isNull') for (const name of placeholdersIn(node)) taken.add(name);
      if (node.kind === 'comparison' || node.kind === 'in')
        for (const name of placeholdersIn(node)) others.add(name);
    }
    if (node.kind === 'isNull' && !node.negated && node.operand.kind === 'column') {
      const source = scope.resolved(node.operand)?.source;
      if (source !== undefined && source > 0) absent.add(source);
    }
    for (const child of children(node)) visit(child);
  };
  selected.forEach(visit);
  for (const { on } of statement.joins) visit(on);
  if (statement.where) visit(statement.where);
  for (const source of absent) {
    const join = statement.joins[source - 1]!;
    if (join.kind === 'left') for (const name of placeholdersIn(join.on)) taken.add(name);
  }
  return { signs, taken, others, texts };
}

function addKeys(scope: Scope, node: Expression, into: Set<string>): void {
  into.add(expressionKey(scope, node));
  if (node.kind === 'call' || node.kind === 'arithmetic' || node.kind === 'cast')
    for (const child of children(node)) addKeys(scope, child, into);
}

/** Values of flags that say no. */
const NO = /^(?:0|n|no|f|false)$/i;

function takesAway(node: Expression): boolean {
  switch (node.kind) {
    case 'comparison': {
      if (node.operator === '<>') return true;
      const [column, value] = node.left.kind === 'column' ? [node.left, node.right] : [node.right, node.left];
      if (node.operator !== '=' || column.kind !== 'column') return false;
      return (
        (value.kind === 'number' && NO.test(value.text)) || (value.kind === 'string' && NO.test(value.value))
      );
    }
    case 'in':
    case 'like':
    case 'between':
      return node.negated;
    case 'isNull':
    case 'not':
      return true;
    default:
      return false;
  }
}

function placeholdersIn(node: Expression): string[] {
  if (node.kind === 'placeholder') return [node.name];
  return children(node).flatMap(placeholdersIn);
}

const STILL = String.raw`still|current(?:ly)?|present(?:ly)?|now|today|ongoing|open|active(?:ly)?|unfinished|alive|living|lives?|surviv\w*|yet|remain(?:s|ing)?|admitted|in progress|so far|passed|elapsed|this (?:\w+ )?(?:visit|stay|encounter|admission|hospitali[sz]ation)`;
const EMPTY = String.raw`null|empty|blank|unset|open|unknown|missing|undefined`;
const IS_NULL = new RegExp(String.raw`\b(?:${STILL}|${EMPTY})\b`, 'i');
const IS_NOT_NULL =
  /\b(?:die[sd]?|dead|deceased|death|dying|passed away|expired|mortality|known|recorded|have|has|had|with|filled|present|set|given|available|exists?|documented|finished|ended|completed|over|left|discharged|any|last|latest|first|earliest|oldest|youngest|newest|lowest|smallest|least|shortest|minimum|nonempty|non-?null)\b/i;
const DIFFERS = /<>|!=|≠|\bdiff(?:er|ers|ered|erent|erently)\b|\bchanged?\b/i;
const SAYS_NO = /\b(?:no|false|0)\b/i;

/** Whether a question without a negation may have the sign: `still in hospital` is an end that is NULL. */
function isLicensed(node: Expression, { keepsAll, text: question }: Negations): boolean {
  if (node.kind === 'isNull') return node.negated ? IS_NOT_NULL.test(question) : IS_NULL.test(question);
  if (node.kind === 'comparison' && node.operator === '=') return true;
  return keepsAll || DIFFERS.test(question) || SAYS_NO.test(question);
}
