import { wordsOf } from '../../data/schema/words/derive.js';
import type { PlaceholderInfo } from '../../data/placeholder.js';
import { children, topExpressionsOf, type Expression, type Statement } from '../../tsql/ast.js';
import type { Problems } from './problems.js';
import type { Scope } from './scope.js';

/** A word that says what state somebody or something is in, and what names of tables and columns say of it. */
interface State {
  said: RegExp;
  shown: RegExp;
}

const STATES: readonly State[] = [
  {
    said: /\b(?:alive|dead|died|deceased|passed away|living(?! (?:in|at|on|near|with|within|conditions|situation|arrangement))|survivors?|survived)\b/i,
    shown:
      /\b(?:death|dead|die|died|dies|deceased|dod|expire|expired|mortality|alive|vital|survival|disposition|discharge)\b/i,
  },
  {
    said: /\b(?:still|currently) (?:in|at|admitted|hospitali[sz]ed|there|staying|inpatients?|in-?house)\b|\bnot (?:yet )?(?:been )?discharged\b/i,
    shown:
      /\b(?:end|stop|stopped|discharge|discharged|out|dischtime|outtime|disch|status|thru|to|until|time|date)\b/i,
  },
];

/**
 * Refuses a statement in which a word of state does not show: `alive` needs a date of death, or a table of deaths.
 *
 * @param question with placeholders for its values
 */
export function checkStates(
  statement: Statement,
  scope: Scope,
  problems: Problems,
  { question, placeholders }: { question: string; placeholders: ReadonlyMap<string, PlaceholderInfo> },
): void {
  const asked = STATES.flatMap((state) => {
    const word = state.said.exec(question)?.[0];
    return word === undefined ? [] : [{ ...state, word }];
  });
  if (asked.length === 0) return;
  const names = namesIn(statement, scope);
  const hasCode = [...placeholders.values()].some(({ kind }) => kind === 'code' || kind === 'value');
  for (const { word, shown } of asked) {
    if (shown.test(names) || hasCode) continue;
    const message = `not sure: the question says '${word.toLowerCase()}', and the statement reads nothing that tells`;
    problems.add('state-lost', { start: Math.max(0, statement.end - 1) }, message);
  }
}

/** The words of all tables and columns that a statement reads, in one text. */
function namesIn(statement: Statement, scope: Scope): string {
  const bundleWords = wordsOf(scope.index.bundle);
  const texts: string[] = [];
  for (const { table } of scope.sources) {
    const found = table === undefined ? undefined : scope.index.table(table);
    if (found) texts.push(bundleWords.ofTable(found).words);
  }
  const visit = (node: Expression): void => {
    const column = node.kind === 'column' ? scope.resolved(node)?.column.column : undefined;
    if (column) {
      const { words: name, synonyms } = bundleWords.ofColumn(column);
      texts.push(column.name.replace(/_/g, ' '), name, ...synonyms.map(({ text }) => text));
    }
    for (const child of children(node)) visit(child);
  };
  for (const node of topExpressionsOf(statement)) visit(node);
  return texts.join(' ; ');
}
