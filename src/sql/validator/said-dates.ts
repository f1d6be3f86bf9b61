import { wordsOf } from '../../data/schema/words/derive.js';
import { children, type Expression, type Statement } from '../../tsql/ast.js';
import type { Problems } from './problems.js';
import type { Scope } from './scope.js';

/** Words that may stand between what happened and its date: `born on or before`, `died between __DATE_1__ and`. */
const BETWEEN = String.raw`(?:in|on|at|by|the|end|start|beginning|of|or|and|before|after|since|until|between|from|to|through|during|prior|later|earlier|no|than|year|month|quarter|early|late|up|including|any|time|some|is|was|are|were|=|equals|__date_\d+__)`;

interface Happening {
  /** Stands before the date in the question. */
  said: RegExp;
  /** Stands in the name of its column, or of the column's table. */
  shown: RegExp;
  word: string;
}

const HAPPENINGS: readonly Happening[] = [
  {
    said: new RegExp(String.raw`\b(?:born|birth(?: ?(?:date|day|time))?|birthdays?|dob)(?: ${BETWEEN})* $`),
    shown: /birth|born|\bdob\b|brth|\byob\b|\bbday\b/,
    word: 'birth',
  },
  {
    said: new RegExp(String.raw`\b(?:died|deceased|passed away|death date|date of death)(?: ${BETWEEN})* $`),
    shown: /death|dead|dth|\bdod\b|died|deceas|expire|mortal|decease/,
    word: 'death',
  },
];

/** Refuses a date of birth or death that is compared with another date: `born in __DATE_1__`, and the visit's start. */
export function checkSaidDates(
  statement: Statement,
  scope: Scope,
  problems: Problems,
  question: string,
): void {
  const asked = question.toLowerCase();
  const compared = columnsByDate(statement, scope);
  for (const [name, { first, names }] of compared) {
    const parts = asked.split(name.toLowerCase());
    if (parts.length !== 2) continue;
    const happening = HAPPENINGS.find(({ said }) => said.test(parts[0]!));
    if (happening === undefined || names.some((text) => happening.shown.test(text))) continue;
    const message = `not sure: ${name} is a date of ${happening.word}, and the statement compares another date with it`;
    problems.add('said-otherwise', first, message);
  }
}

interface Compared {
  first: Expression;
  /** Words of the columns and their tables, in lower case. */
  names: string[];
}

/** What each date of the question is compared with; dates that meet no column are left out. */
function columnsByDate(statement: Statement, scope: Scope): Map<string, Compared> {
  const words = wordsOf(scope.index.bundle);
  const found = new Map<string, Compared>();
  const visit = (node: Expression): void => {
    if (node.kind === 'comparison' || node.kind === 'between' || node.kind === 'in') {
      const names = leavesOf(node).flatMap((leaf) => {
        const column = leaf.kind === 'column' ? scope.resolved(leaf)?.column : undefined;
        if (column === undefined) return [];
        const { words: own, synonyms } = words.ofColumn(column.column);
        const texts = [column.column.name, own, ...synonyms.map(({ text }) => text), column.table.name];
        return texts.map((text) => text.toLowerCase());
      });
      if (names.length > 0)
        for (const leaf of leavesOf(node)) {
          if (leaf.kind !== 'placeholder' || !leaf.name.startsWith('__DATE_')) continue;
          const before = found.get(leaf.name) ?? { first: leaf, names: [] };
          before.names.push(...names);
          found.set(leaf.name, before);
        }
      return;
    }
    for (const child of children(node)) visit(child);
  };
  for (const item of statement.items) if (item.kind === 'expression') visit(item.expression);
  for (const { on } of statement.joins) visit(on);
  if (statement.where) visit(statement.where);
  return found;
}

function leavesOf(node: Expression): Expression[] {
  const below = children(node);
  return below.length === 0 ? [node] : below.flatMap(leavesOf);
}
