import { children, type Expression, type Statement } from '../../tsql/ast.js';
import { argumentKind, functionNamed } from '../../tsql/functions.js';
import type { Problems } from './problems.js';
import type { Scope } from './scope.js';

/**
 * Refuses values that the question does not hold: a name or a number that the statement made up. Numbers that belong to
 * a construction are no values: `TOP (1)`, the 1 and 0 of CASE, `DATEADD(month, 1, x)`, `100.0 *`, positions and lengths.
 * So are coded values of the column that they are compared with: the question says them in words.
 */
export function checkLiterals(
  { items, joins, where, groupBy, orderBy, top }: Statement,
  scope: Scope,
  problems: Problems,
  question: string,
): void {
  const check = new LiteralCheck(scope, problems, question.toLowerCase());
  if (top) check.visit(top);
  for (const item of items) if (item.kind === 'expression') check.visit(item.expression);
  for (const { on } of joins) check.visit(on);
  if (where) check.visit(where);
  for (const node of groupBy) check.visit(node);
  // A bare number in ORDER BY is a position.
  for (const { expression } of orderBy) if (expression.kind !== 'number') check.visit(expression);
}

const FREE_NUMBERS: ReadonlySet<string> = new Set(['0', '1', '2', '1.0', '100', '100.0']);

class LiteralCheck {
  constructor(
    readonly scope: Scope,
    readonly problems: Problems,
    readonly question: string,
  ) {}

  visit(node: Expression, isFree = false, column?: Expression): void {
    switch (node.kind) {
      case 'number':
        if (!isFree && !FREE_NUMBERS.has(node.text) && !this.#holds(node.text)) this.#refuse(node);
        return;
      case 'string': {
        const isGlue = !/[\p{L}\p{N}]/u.test(node.value);
        const text = node.value.replace(/^%+|%+$/g, '').toLowerCase();
        if (!isFree && !isGlue && !this.#holds(text) && !this.#isCode(column, node.value)) this.#refuse(node);
        return;
      }
      case 'comparison': {
        this.visit(node.left, isFree, node.right);
        this.visit(node.right, isFree, node.left);
        return;
      }
      case 'in':
      case 'between':
      case 'like':
        for (const child of children(node)) this.visit(child, isFree, node.operand);
        return;
      case 'call': {
        const row = functionNamed(node.name);
        node.args.forEach((arg, i) => {
          const kind = argumentKind(row, i);
          const isPlace =
            kind === 'position' || kind === 'length' || kind === 'pattern' || kind === 'separator';
          this.visit(arg, isFree || isPlace);
        });
        return;
      }
      default:
        for (const child of children(node)) this.visit(child, isFree);
    }
  }

  #holds(text: string): boolean {
    const at = this.question.indexOf(text);
    const isWordPart = (c: string | undefined): boolean => c !== undefined && /[\p{L}\p{N}_]/u.test(c);
    return at >= 0 && !isWordPart(this.question[at - 1]) && !isWordPart(this.question[at + text.length]);
  }

  #isCode(node: Expression | undefined, value: string): boolean {
    const column = node?.kind === 'column' ? this.scope.resolved(node)?.column.column : undefined;
    return column?.codes?.some((code) => code.value.toLowerCase() === value.toLowerCase()) === true;
  }

  #refuse(node: Expression): void {
    const message = 'the question does not hold this value; write a placeholder of the question';
    this.problems.add('literal-not-asked', node, message);
  }
}
