import { keySense, saysOneOf } from '../../data/schema/roles/paths.js';
import { children, type Expression, type Placeholder, type Statement } from '../../tsql/ast.js';
import type { Problems } from './problems.js';
import type { Scope } from './scope.js';

/** Words for the people of a database, as patterns. */
const PEOPLE = [
  ...['person', 'people', 'individual', 'subject', 'member', String.raw`patie\w*`, 'inpatient', 'outpatient'],
  ...['m[ae]n', 'wom[ae]n', 'males?', 'females?', 'boy', 'girl', 'child', 'children', 'kid', 'teenager'],
  ...['adult', 'infant', 'senior', 'elderly', 'living', 'deceased', 'dead'],
].join('|');

/**
 * How a question says that people are something, each with an example. In a pattern, VALUE is the placeholder, PEOPLE any
 * word of that list.
 */
const TRAITS: readonly (readonly [pattern: string, example: string])[] = [
  [
    'VALUE(?:[ ,-]+(?:__[A-Z]+_\\d+__|and|or|[a-z]+ed|speaking))*[ -]+(?:PEOPLE)',
    'Asian and Black patients, Spanish-speaking women',
  ],
  [
    '\\b(?:are|is|was|were|as|being|(?:PEOPLE)s?:?) (?:either |an? |not |__TEXT_\\d+__ or |__TEXT_\\d+__ and |__TEXT_\\d+__, )*VALUE',
    'patients who are either Asian or Black',
  ],
  ['\\bof VALUE (?:origin|descent|background|heritage|ancestry)', 'of Asian descent'],
  ['(?:^|\\b(?:COUNTED) (?:the )?)VALUEs?\\s*(?:[?.]|$|,? (?:FOLLOWED)\\b)', 'how many Asians are over 65'],
];

/** What may stand before and after a trait that is used as a noun. */
const COUNTED =
  'how many|all|which|count|list|(?:number|share|percentage|count|proportion|list|age|average age) of';
const FOLLOWED = 'who|that|older|younger|over|under|aged|with|in|born|vs|and|or';

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

/** `Asian patients`, `patients who are Asian`. */
function isOfPeople(name: string, question: string): boolean {
  const words: Readonly<Record<string, string>> = { VALUE: name, PEOPLE, COUNTED, FOLLOWED };
  return TRAITS.some(([pattern]) =>
    new RegExp(
      pattern.replace(/VALUE|PEOPLE|COUNTED|FOLLOWED/g, (word) => words[word]!),
      'i',
    ).test(question),
  );
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
