import type { Expression, Statement } from '../../tsql/ast.js';
import { functionNamed } from '../../tsql/functions.js';
import { isVerbatim, type PlaceholderCheck } from './placeholders.js';

/**
 * Checks that IDs and quoted texts reach the database unchanged: no operation may cut them, add to them or calculate with
 * them. They may be compared, chosen (CASE, COALESCE), changed in letter case, and put between wildcards of LIKE.
 */
export function checkVerbatim(check: PlaceholderCheck, statement: Statement): void {
  if (!statement.placeholders.some((node) => isVerbatim(node.name))) return;
  for (const item of statement.items) if (item.kind === 'expression') visit(check, item.expression);
  for (const join of statement.joins) visit(check, join.on);
  if (statement.where) visit(check, statement.where);
  for (const node of statement.groupBy) visit(check, node);
  for (const item of statement.orderBy) visit(check, item.expression);
}

/** @param by the operation that would change the value; undefined if none would */
function visit(check: PlaceholderCheck, node: Expression, by?: string, isPattern = false): void {
  const all = (nodes: readonly Expression[], by?: string, isPattern = false): void => {
    for (const child of nodes) visit(check, child, by, isPattern);
  };
  switch (node.kind) {
    case 'placeholder':
      if (by !== undefined && isVerbatim(node.name)) check.refuseAltering(node, by);
      return;
    case 'arithmetic':
      if (isPattern && node.operator === '+') all([node.left, node.right], by, true);
      else all([node.left, node.right], `'${node.operator}'`);
      return;
    case 'negation':
      return visit(check, node.operand, "'-'");
    case 'cast':
      return visit(check, node.operand, 'a CAST');
    case 'call': {
      const { keepsText } = functionNamed(node.name);
      // NULLIF in a pattern would compare the value with its wildcards escaped: another text.
      const isKept =
        keepsText === 'passed' || (isPattern ? keepsText === 'joined' : keepsText === 'compared');
      if (node.name !== 'ISNULL') return all(node.args, isKept ? by : node.name, isKept && isPattern);
      // ISNULL cuts its second argument to the length of the first.
      visit(check, node.args[0]!, by, isPattern);
      return all(node.args.slice(1), node.name);
    }
    case 'case':
      if (node.operand) visit(check, node.operand);
      for (const branch of node.branches) {
        visit(check, branch.when);
        visit(check, branch.then, by, isPattern);
      }
      if (node.otherwise) visit(check, node.otherwise, by, isPattern);
      return;
    case 'comparison':
      return all([node.left, node.right]);
    case 'between':
      return all([node.operand, node.low, node.high]);
    case 'in':
      return all([node.operand, ...node.items]);
    case 'like':
      visit(check, node.operand);
      return visit(check, node.pattern, undefined, true);
    case 'isNull':
    case 'not':
      return visit(check, node.operand);
    case 'and':
    case 'or':
      return all(node.operands);
    default:
  }
}
