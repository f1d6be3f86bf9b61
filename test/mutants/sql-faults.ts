import ts from 'typescript';

/** A fault: the text at an offset is replaced by another. */
export interface Fault {
  what: string;
  start: number;
  end: number;
  replacement: string;
  /** The whole expression or statement around it, of which a program can choose one or the other. */
  whole: { start: number; end: number; kind: 'expression' | 'statement' | 'name' };
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
  const add = (node: ts.Node, what: string, replacement: string, around: ts.Node = node): void => {
    const kind = ts.isExpressionStatement(around) ? 'statement' : isName(around) ? 'name' : 'expression';
    const whole = { start: around.getStart(), end: around.getEnd(), kind } as const;
    faults.push({ what, start: node.getStart(), end: node.getEnd(), replacement, whole });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node) || ts.isInterfaceDeclaration(node)) return;
    if (ts.isTypeAliasDeclaration(node)) return;
    if (ts.isBinaryExpression(node)) {
      const operator = node.operatorToken.getText();
      const other = OPERATORS[operator];
      const isText = operator === '+' && /['"`]/.test(node.getText());
      if (other !== undefined && !isText)
        add(node.operatorToken, `${operator} becomes ${other}`, other, node);
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
        add(node.name, `${node.name.text} becomes ${other}`, other, chainOf(node.parent));
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

/** A key of an object literal. */
function isName(node: ts.Node): boolean {
  return ts.isPropertyAssignment(node.parent) && node.parent.name === node;
}

/** The call with all that `?.` before it would skip. */
function chainOf(call: ts.Expression): ts.Expression {
  const { parent } = call;
  const goesOn =
    (ts.isPropertyAccessExpression(parent) ||
      ts.isCallExpression(parent) ||
      ts.isNonNullExpression(parent)) &&
    parent.expression === call;
  return goesOn && ts.isOptionalChain(call) ? chainOf(parent) : call;
}

/** A fault with the number that switches it on. */
export interface NumberedFault extends Fault {
  id: number;
}

/** The source with all faults in it, each behind a question: `__fault(7)` says whether it is on. */
export function switched(source: string, faults: readonly NumberedFault[]): string {
  const places = new Map<string, NumberedFault[]>();
  for (const fault of faults) {
    const key = `${fault.whole.start}-${fault.whole.end}`;
    places.set(key, [...(places.get(key) ?? []), fault]);
  }
  // Outer places first; of two places one holds the other, or they are apart.
  const ordered = [...places.values()].sort(
    ([a], [b]) => a!.whole.start - b!.whole.start || b!.whole.end - a!.whole.end,
  );
  let next = 0;
  const textOf = (start: number, end: number): string => {
    let text = '';
    let at = start;
    while (next < ordered.length && ordered[next]![0]!.whole.start < end) {
      const here = ordered[next++]!;
      const { whole } = here[0]!;
      text += source.slice(at, whole.start) + choiceOf(here, textOf(whole.start, whole.end));
      at = whole.end;
    }
    return text + source.slice(at, end);
  };
  const choiceOf = (here: readonly NumberedFault[], right: string): string => {
    const { whole } = here[0]!;
    let text = right;
    for (const { id, start, end, replacement } of here) {
      const wrong = source.slice(whole.start, start) + replacement + source.slice(end, whole.end);
      text =
        whole.kind === 'statement'
          ? `if (__fault(${id})) { ${wrong} } else { ${text} }`
          : `(__fault(${id}) ? (${wrong}) : (${text}))`;
    }
    return whole.kind === 'name' ? `[${text}]` : text;
  };
  return textOf(0, source.length);
}
