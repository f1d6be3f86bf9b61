import { keySense, saysOneOf } from '../../data/schema/roles/paths.js';
import { children, type Expression, type Placeholder, type Statement } from '../../tsql/ast.js';
import type { Problems } from './problems.js';
import type { Scope } from './scope.js';

const set = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

/** Words for the people of a database, in the singular; so are all that begin with `patie`, spelled as they may be. */
const PEOPLE = set(
  `person people individual subject member patient inpatient outpatient man men woman women male female boy girl child
  children kid teenager adult infant senior elderly living deceased dead`,
);

/**
 * How a question says that people are something, by the words around it:
 *
 * - `Asian and Black patients`, `Spanish-speaking women`: people after it, with such words between
 * - `patients who are either Asian or Black`: a form of `be`, or people, before it, with such words between
 * - `of Asian descent`
 * - `how many Asians are over 65`: counted, and what people are or do comes next
 */
const BETWEEN_AND_PEOPLE = set('and or , - speaking');
const BEING = set('are is was were as being');
const BETWEEN_BEING_AND = set('either neither a an not or nor and ,');
const ORIGINS = set('origin descent background heritage ancestry');
const COUNTED = set('many all which count list');
const COUNTED_OF = set('number share percentage count proportion list age');
const FOLLOWED = set('? . , who that older younger over under aged with in born vs and or');

/**
 * Refuses a text that is compared with the right catalogue, reached by the wrong key: a diagnosis among the genders. The
 * key must be the row's own, or the question must speak of what the key is about.
 *
 * @param question with placeholders for its values
 */
export function checkPaths(statement: Statement, scope: Scope, problems: Problems, question: string): void {
  const asked = question.toLowerCase();
  const check = (node: Expression): void => {
    for (const { column, value } of comparisons(node)) {
      const found = column.kind === 'column' ? scope.resolved(column) : undefined;
      if (found === undefined || found.source === 0 || !value.name.startsWith('__TEXT_')) continue;
      const key = keyTo(found.source, statement, scope);
      if (key === undefined) continue;
      const { kind, words } = keySense(scope.index, key.table.name, key.column.name);
      if (kind === 'own' || saysOneOf(asked, words)) continue;
      if (kind === 'trait' && isOfPeople(value.name, question)) continue;
      const path = `${key.table.name}.${key.column.name}`;
      const message = `not sure: ${value.name} is looked up by ${path}, and the question does not speak of ${words.slice(0, 3).join(' or ')}`;
      problems.add('sense-path', value, message);
    }
    for (const child of children(node)) check(child);
  };
  for (const item of statement.items) if (item.kind === 'expression') check(item.expression);
  for (const { on } of statement.joins) check(on);
  if (statement.where) check(statement.where);
}

/** Whether the question says of people that they are what a placeholder stands for. */
function isOfPeople(name: string, question: string): boolean {
  const plain = question.toLowerCase().replace(/n['’]t\b/g, ' not');
  const words = plain.match(/__[a-z]+_\d+__|[a-z]+|[?.,:-]/g) ?? [];
  const value = name.toLowerCase();
  return words.some((word, i) => {
    if (word !== value) return false;
    const next = words[i + 1] === 's' ? i + 2 : i + 1;
    const after = skip(
      words,
      next,
      1,
      (one) => BETWEEN_AND_PEOPLE.has(one) || one.endsWith('ed') || isValue(one),
    );
    if (isPeople(words[after])) return true;
    const before = skip(words, i - 1, -1, (one) => BETWEEN_BEING_AND.has(one) || isValue(one));
    const subject = words[before] === ':' ? words[before - 1] : words[before];
    if (BEING.has(subject ?? '') || isPeople(subject)) return true;
    if (words[i - 1] === 'of' && ORIGINS.has(words[next] ?? '')) return true;
    return isCounted(words, i) && (next >= words.length || FOLLOWED.has(words[next]!));
  });
}

/** The place of the first word, from one on, that is none of some. */
function skip(
  words: readonly string[],
  from: number,
  step: 1 | -1,
  isSkipped: (word: string) => boolean,
): number {
  let at = from;
  while (words[at] !== undefined && isSkipped(words[at]!)) at += step;
  return at;
}

function isValue(word: string): boolean {
  return word.startsWith('__');
}

function isPeople(word = ''): boolean {
  return PEOPLE.has(word) || PEOPLE.has(word.replace(/s$/, '')) || word.startsWith('patie');
}

/** `how many Asians`, `the share of the Asians`, or the first word. */
function isCounted(words: readonly string[], i: number): boolean {
  const before = words[i - 1] === 'the' ? i - 2 : i - 1;
  if (before < 0 || COUNTED.has(words[before]!)) return true;
  return words[before] === 'of' && COUNTED_OF.has(words[before - 1] ?? '');
}

function comparisons(node: Expression): { column: Expression; value: Placeholder }[] {
  const texts = (value: Expression): Placeholder[] =>
    value.kind === 'placeholder'
      ? [value]
      : value.kind === 'arithmetic'
        ? children(value).flatMap(texts)
        : [];
  const of = (
    column: Expression,
    values: readonly Expression[],
  ): { column: Expression; value: Placeholder }[] =>
    values.flatMap(texts).map((value) => ({ column, value }));
  switch (node.kind) {
    case 'comparison':
      return [...of(node.left, [node.right]), ...of(node.right, [node.left])];
    case 'in':
      return of(node.operand, node.items);
    case 'like':
      return of(node.operand, [node.pattern]);
    default:
      return [];
  }
}

/** The column of an earlier table by which the joined one is reached. */
function keyTo(
  source: number,
  statement: Statement,
  scope: Scope,
): { table: { name: string }; column: { name: string } } | undefined {
  const on = statement.joins[source - 1]!.on;
  for (const part of on.kind === 'and' ? on.operands : [on]) {
    if (part.kind !== 'comparison' || part.operator !== '=') continue;
    const ends = [part.left, part.right].map((end) =>
      end.kind === 'column' ? scope.resolved(end) : undefined,
    );
    const [one, other] = ends;
    if (!one || !other) continue;
    const key = one.source === source ? other : other.source === source ? one : undefined;
    if (key && key.source !== source) return key.column;
  }
  return undefined;
}
