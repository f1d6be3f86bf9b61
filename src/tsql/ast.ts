/**
 * The tree of one allowed statement. Parentheses have no node: the shape of the tree says what they meant. Names keep
 * the spelling of the statement; the validator finds out what they refer to.
 */
export interface Node {
  /** UTF-16 offsets into the statement; `end` is exclusive. */
  start: number;
  end: number;
}

export interface Name extends Node {
  text: string;
}

export interface Statement extends Node {
  distinct: boolean;
  top?: NumberLiteral | Placeholder | undefined;
  /** TOP (n) WITH TIES: also the rows that sort like the last one. */
  ties?: true | undefined;
  items: SelectItem[];
  from: TableRef;
  joins: Join[];
  where?: Expression | undefined;
  groupBy: Expression[];
  orderBy: OrderItem[];
  /** All placeholders of the statement, in the order of the text. */
  placeholders: Placeholder[];
}

export type SelectItem = StarItem | ExpressionItem;

/** `*` or `alias.*`. */
export interface StarItem extends Node {
  kind: 'star';
  table?: Name | undefined;
}

export interface ExpressionItem extends Node {
  kind: 'expression';
  expression: Expression;
  alias?: Name | undefined;
}

export interface TableRef extends Node {
  /** As written: `dbo`, or the schema that the bundle gives the table. */
  schema?: Name | undefined;
  table: Name;
  alias?: Name | undefined;
}

export interface Join extends Node {
  kind: 'inner' | 'left' | 'right' | 'full';
  table: TableRef;
  on: Expression;
}

export interface OrderItem extends Node {
  expression: Expression;
  descending: boolean;
}

export type Expression = ValueExpression | Condition;

export type ValueExpression =
  | NumberLiteral
  | StringLiteral
  | NullLiteral
  | Placeholder
  | ColumnRef
  | Arithmetic
  | Negation
  | Call
  | Cast
  | Case;

export type Condition = Comparison | Between | InList | Like | IsNull | Logical | Not;

export interface NumberLiteral extends Node {
  kind: 'number';
  /** As written, without a sign: `-5` is a negation of 5. */
  text: string;
}

export interface StringLiteral extends Node {
  kind: 'string';
  value: string;
  /** N'…' rather than '…'. */
  national: boolean;
}

export interface NullLiteral extends Node {
  kind: 'null';
}

export interface Placeholder extends Node {
  kind: 'placeholder';
  name: string;
}

export interface ColumnRef extends Node {
  kind: 'column';
  table?: Name | undefined;
  column: Name;
}

export interface Arithmetic extends Node {
  kind: 'arithmetic';
  operator: '+' | '-' | '*' | '/' | '%';
  left: Expression;
  right: Expression;
}

export interface Negation extends Node {
  kind: 'negation';
  operand: Expression;
}

export interface Call extends Node {
  kind: 'call';
  /** Upper case: `COUNT`, `DATEADD`. */
  name: string;
  /** COUNT(*). */
  star: boolean;
  /** COUNT(DISTINCT x). */
  distinct: boolean;
  /** The first argument of DATEADD, DATEDIFF and DATEPART: `year`, `day`. */
  datepart?: Name | undefined;
  args: Expression[];
}

export interface Cast extends Node {
  kind: 'cast';
  operand: Expression;
  /** Lower case and without spaces: `decimal(18,2)`. */
  type: string;
  typeName: Name;
  /** TRY_CAST and TRY_CONVERT: NULL where the conversion fails. */
  tries?: true | undefined;
  /** The third argument of CONVERT. */
  style?: NumberLiteral | undefined;
}

export interface Case extends Node {
  kind: 'case';
  /** CASE operand WHEN value …; absent in CASE WHEN condition …. */
  operand?: Expression | undefined;
  branches: { when: Expression; then: Expression }[];
  otherwise?: Expression | undefined;
}

export interface Comparison extends Node {
  kind: 'comparison';
  operator: '=' | '<>' | '<' | '<=' | '>' | '>=';
  left: Expression;
  right: Expression;
}

export interface Between extends Node {
  kind: 'between';
  negated: boolean;
  operand: Expression;
  low: Expression;
  high: Expression;
}

export interface InList extends Node {
  kind: 'in';
  negated: boolean;
  operand: Expression;
  items: Expression[];
}

export interface Like extends Node {
  kind: 'like';
  negated: boolean;
  operand: Expression;
  pattern: Expression;
  /** The one character after ESCAPE. */
  escape?: StringLiteral | undefined;
}

export interface IsNull extends Node {
  kind: 'isNull';
  negated: boolean;
  operand: Expression;
}

/** `a AND b AND c` is one node with three operands. */
export interface Logical extends Node {
  kind: 'and' | 'or';
  operands: Expression[];
}

export interface Not extends Node {
  kind: 'not';
  operand: Expression;
}

/**
 * The table's name as a bundle writes it: `cdm.person`, or `person`. A dot inside brackets separates nothing: the table
 * `[dbo.person]` keeps its brackets, and no bundle has a table of that name.
 */
export function tableNameOf({ schema, table }: TableRef): string {
  const part = ({ text }: Name): string => (text.includes('.') ? `[${text}]` : text);
  return schema === undefined ? part(table) : `${part(schema)}.${part(table)}`;
}

export function isCondition(expression: Expression): expression is Condition {
  switch (expression.kind) {
    case 'comparison':
    case 'between':
    case 'in':
    case 'like':
    case 'isNull':
    case 'and':
    case 'or':
    case 'not':
      return true;
    default:
      return false;
  }
}

/** The direct operands of an expression, in the order of the text. */
export function children(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'arithmetic':
    case 'comparison':
      return [expression.left, expression.right];
    case 'negation':
    case 'not':
    case 'isNull':
    case 'cast':
      return [expression.operand];
    case 'call':
      return expression.args;
    case 'case': {
      const parts = expression.branches.flatMap((branch) => [branch.when, branch.then]);
      if (expression.operand) parts.unshift(expression.operand);
      if (expression.otherwise) parts.push(expression.otherwise);
      return parts;
    }
    case 'between':
      return [expression.operand, expression.low, expression.high];
    case 'in':
      return [expression.operand, ...expression.items];
    case 'like':
      return expression.escape
        ? [expression.operand, expression.pattern, expression.escape]
        : [expression.operand, expression.pattern];
    case 'and':
    case 'or':
      return expression.operands;
    default:
      return NONE;
  }
}

/** Most nodes are leaves. */
const NONE: readonly Expression[] = [];

/** What a key of ORDER BY stands for: the item of SELECT whose number or alias it is, else itself. */
export function orderedExpression({ items }: Pick<Statement, 'items'>, key: Expression): Expression {
  const named = items.find(
    (item, i) =>
      item.kind === 'expression' &&
      ((key.kind === 'number' && Number(key.text) === i + 1) ||
        (key.kind === 'column' &&
          key.table === undefined &&
          item.alias?.text.toLowerCase() === key.column.text.toLowerCase())),
  );
  return named?.kind === 'expression' ? named.expression : key;
}

/** The expressions of all clauses, in the order of the text: SELECT list, ON, WHERE, GROUP BY, ORDER BY. */
export function topExpressionsOf({ items, joins, where, groupBy, orderBy }: Statement): Expression[] {
  return [
    ...items.flatMap((item) => (item.kind === 'expression' ? [item.expression] : [])),
    ...joins.map(({ on }) => on),
    ...(where ? [where] : []),
    ...groupBy,
    ...orderBy.map(({ expression }) => expression),
  ];
}
