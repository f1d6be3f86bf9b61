import ts from 'typescript';

/** A fault: the text at an offset is replaced by another. */
export interface Fault {
  what: string;
  start: number;
  end: number;
  replacement: string;
}

const OPERATORS: Readonly<Record<string, string>> = {
  '===': '!==',
  '!==': '===',
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '&&': '||',
  '||': '&&',
  '+': '-',
  '-': '+',
};

const METHODS: Readonly<Record<string, string>> = {
  some: 'every',
  every: 'some',
  startsWith: 'endsWith',
  endsWith: 'startsWith',
};

/** Every fault that can be planted in a file: one operator, constant, branch or call each. Texts of messages stay. */
export function faultsOf(file: string, source: string): Fault[] {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.ES2022, true);
  const faults: Fault[] = [];
  const add = (node: ts.Node, what: string, replacement: string): void => {
    faults.push({ what, start: node.getStart(), end: node.getEnd(), replacement });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node) || ts.isInterfaceDeclaration(node)) return;
    if (ts.isTypeAliasDeclaration(node)) return;
    if (ts.isBinaryExpression(node)) {
      const operator = node.operatorToken.getText();
      const other = OPERATORS[operator];
      const isText = operator === '+' && /['"`]/.test(node.getText());
      if (other !== undefined && !isText) add(node.operatorToken, `${operator} becomes ${other}`, other);
    } else if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
      add(node, 'no negation', node.operand.getText());
    } else if (node.kind === ts.SyntaxKind.TrueKeyword || node.kind === ts.SyntaxKind.FalseKeyword) {
      if (!ts.isLiteralTypeNode(node.parent)) add(node, 'the other truth', String(node.getText() !== 'true'));
    } else if (ts.isNumericLiteral(node) && !isPlace(node.parent)) {
      add(node, 'one more', String(Number(node.text.replaceAll('_', '')) + 1));
    } else if (ts.isConditionalExpression(node)) {
      add(node, 'always the first', node.whenTrue.getText());
      add(node, 'always the second', node.whenFalse.getText());
    } else if (ts.isIfStatement(node)) {
      add(node.expression, 'never', 'false');
      add(node.expression, 'always', 'true');
    } else if (ts.isExpressionStatement(node) && ts.isCallExpression(node.expression)) {
      add(node, 'no call', ';');
    } else if (ts.isPropertyAccessExpression(node) && ts.isCallExpression(node.parent)) {
      const other = METHODS[node.name.text];
      if (other !== undefined && node.parent.expression === node)
        add(node.name, `${node.name.text} becomes ${other}`, other);
    } else if (
      ts.isStringLiteral(node) &&
      /^[\w<>=]{1,14}$/.test(node.text) &&
      !ts.isPropertyAssignment(node.parent)
    ) {
      add(node, `not ${node.text}`, "'—'");
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return faults;
}

/** `start: 0`: where a made-up node stands, which nobody asks. */
function isPlace(node: ts.Node): boolean {
  return ts.isPropertyAssignment(node) && /^(start|end)$/.test(node.name.getText());
}
