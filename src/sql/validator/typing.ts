import {
  children,
  type Arithmetic,
  type Case,
  type Cast,
  type Comparison,
  type Expression,
  type Like,
  type Negation,
  type Placeholder,
} from '../../tsql/ast.js';
import { containsColumn } from './grouping.js';
import { bindCall } from './calls.js';
import { ConstantDays } from './constant-days.js';
import { Constants } from './constants.js';
import { conversionCode, numberType, stringFault } from './literals.js';
import { checkPattern, piecesOf, shownInPattern } from './patterns.js';
import { reconcile, reconcileAll, settleOpen, type Operand } from './operands.js';
import type { Meeting, PlaceholderCheck } from './placeholders.js';
import type { Problems } from './problems.js';
import type { Scope } from './scope.js';
import type { Clause, ExpressionTyper } from './expression-typer.js';
import { castType } from './type-faults.js';
import * as t from '../../tsql/value-type.js';
import type { ValueType } from '../../tsql/value-type.js';
import { isConvertStyle } from '../../tsql/convert-styles.js';
import { datepartOf } from './parts.js';
import { isNarrowing } from './narrowing.js';

/** Finds the type of every expression of a statement; resolves names and placeholders on the way. */
export class Typer implements ExpressionTyper {
  clause: Clause = 'SELECT';
  /** True while the argument of an aggregate is typed. */
  insideAggregate = false;
  readonly constants: Constants;
  readonly days: ConstantDays;

  constructor(
    readonly problems: Problems,
    readonly scope: Scope,
    readonly placeholders: PlaceholderCheck,
  ) {
    this.constants = new Constants(problems);
    this.days = new ConstantDays(problems, this.constants);
  }

  /** The type of a value; a placeholder that met nothing takes the type of its value. */
  settled(node: Expression): ValueType {
    return settleOpen(this.placeholders, this.operand(node));
  }

  operand(node: Expression): Operand {
    const type = this.value(node);
    return { node, type, day: this.days.of(node) };
  }

  /** The type of a value; OPEN for a placeholder, which the caller lets meet its neighbour. */
  value(node: Expression): ValueType {
    switch (node.kind) {
      case 'number': {
        const type = numberType(node);
        if (type) return type;
        this.problems.add('type-precision', node, 'the number has more than 38 digits, the limit of decimal');
        return t.UNKNOWN;
      }
      case 'string':
        return node.national ? t.NVARCHAR : t.VARCHAR;
      case 'null':
        return t.NULL;
      case 'placeholder':
        return t.OPEN;
      case 'column':
        return this.scope.resolve(node)?.column.type ?? t.UNKNOWN;
      case 'arithmetic':
        return this.#arithmetic(node);
      case 'negation':
        return this.#negation(node);
      case 'call':
        return bindCall(this, node);
      case 'cast':
        return this.#cast(node);
      case 'case':
        return this.#case(node);
      default:
        this.condition(node);
        return t.UNKNOWN;
    }
  }

  condition(node: Expression): void {
    this.#checkRelated(node);
    switch (node.kind) {
      case 'comparison':
        this.#comparison(node);
        return;
      case 'between': {
        const operand = this.operand(node.operand);
        this.#compare(operand, this.operand(node.low), '>=');
        this.#compare({ ...operand, type: operand.type }, this.operand(node.high), '<=');
        return;
      }
      case 'in': {
        const operand = this.operand(node.operand);
        for (const item of node.items) this.#compare(operand, this.operand(item), '=');
        return;
      }
      case 'like':
        this.#like(node);
        return;
      case 'isNull':
        this.settled(node.operand);
        return;
      case 'and':
      case 'or':
        for (const operand of node.operands) this.condition(operand);
        return;
      case 'not':
        this.condition(node.operand);
        return;
      default:
        this.value(node);
    }
  }

  /** Reports a value of the question that is not compared with a column: it chooses no rows. */
  #checkRelated(node: Expression): void {
    if (node.kind === 'and' || node.kind === 'or' || node.kind === 'not') return;
    if (this.placeholders.known.size === 0 || containsColumn(node)) return;
    const idle = placeholderIn(node);
    if (!idle) return;
    const message = `${idle.name} is not compared with a column here, so it chooses no rows`;
    this.problems.add('placeholder-idle', idle, message);
  }

  #comparison(node: Comparison): void {
    this.#compare(this.operand(node.left), this.operand(node.right), node.operator);
  }

  #compare(left: Operand, right: Operand, relation: Comparison['operator']): void {
    for (const one of [left, right]) {
      if (one.node.kind !== 'null') continue;
      this.problems.add(
        'null-comparison',
        one.node,
        'a comparison with NULL is never true; write IS NULL or IS NOT NULL',
      );
    }
    const datepart = datepartOf(left.node) ?? datepartOf(right.node);
    const column = this.#pathOf(left.node) ?? this.#pathOf(right.node);
    reconcile(this.problems, this.placeholders, left, right, 'compared', { relation, datepart, column });
  }

  #pathOf(node: Expression): string | undefined {
    const found = node.kind === 'column' ? this.scope.resolved(node)?.column : undefined;
    return found && `${found.table.name}.${found.column.name}`;
  }

  #like(node: Like): void {
    const type = this.#textOperand(node.operand, t.VARCHAR, {});
    const whole = node.pattern.kind === 'placeholder';
    const meeting: Meeting = { pattern: true, whole, escape: node.escape?.value };
    this.#textOperand(node.pattern, t.isNational(type) ? t.NVARCHAR : t.VARCHAR, meeting);
    for (const placeholder of shownInPattern(node.pattern)) {
      this.placeholders.standInPattern(placeholder, meeting);
    }
    checkPattern(this.placeholders, node);
  }

  /**
   * A side of LIKE: text, or a number that the server writes as text. A pattern may be joined from pieces.
   * @param text the type of a placeholder here: national if the other side is
   * @param added whether it is an operand of `+`, where a number would make the server convert the text
   */
  #textOperand(node: Expression, text: ValueType, meeting: Meeting, added = false): ValueType {
    const pieces = meeting.pattern ? piecesOf(node) : undefined;
    if (pieces) {
      const adds = node.kind === 'arithmetic';
      for (const piece of pieces) this.#textOperand(piece, text, meeting, adds);
      return text;
    }
    const type = this.value(node);
    if (type.family === 'open' && node.kind === 'placeholder') {
      this.placeholders.meet(node, text, meeting);
    } else if (type.family === 'null') {
      this.problems.add('null-comparison', node, 'LIKE NULL is never true; write IS NULL');
    } else if (added && t.isNumeric(type)) {
      const message = `${type.base} is joined to text by '+': the server would convert the text; write CONCAT(a, b)`;
      this.problems.add(conversionCode(type.base), node, message);
    } else if (added && t.isLegacyLob(type)) {
      const message = `${type.base} cannot be joined by '+'; CAST it to varchar(8000)`;
      this.problems.add('incompatible-types', node, message);
    } else if (meeting.pattern && t.isLegacyLob(type)) {
      const message = `${type.base} cannot be the pattern of LIKE; CAST it to varchar(8000)`;
      this.problems.add('invalid-argument-type', node, message);
    } else if (!['string', 'number', 'unknown'].includes(type.family)) {
      this.problems.add(
        'invalid-argument-type',
        node,
        `LIKE takes text, not ${type.base}; CONVERT it to varchar first`,
      );
    }
    return type;
  }

  #negation(node: Negation): ValueType {
    const { operand } = node;
    const type = this.settled(operand);
    // A tinyint cannot be negative: SQL Server makes it a smallint.
    if (type.family === 'number')
      return this.constants.fold(node, type.base === 'tinyint' ? t.SMALLINT : type);
    if (type.family === 'unknown') return type;
    this.problems.add('invalid-operand-type', operand, `${type.base} cannot be negated`);
    return t.UNKNOWN;
  }

  #arithmetic(node: Arithmetic): ValueType {
    const left = this.operand(node.left);
    const right = this.operand(node.right);
    const isText = left.type.family === 'string' || right.type.family === 'string';
    if (node.operator === '+' && isText) return this.#concatenation(left, right);
    const types = [this.#meetNumber(left, right), this.#meetNumber(right, left)] as const;
    if (types.some((type) => type.family === 'unknown')) return t.UNKNOWN;
    if (types.every((type) => type.family === 'null')) {
      this.problems.add('invalid-operand-type', node, `'${node.operator}' cannot work on NULL and NULL`);
      return t.UNKNOWN;
    }
    return this.#calculate(node, types[0], types[1]);
  }

  /** An open operand of arithmetic takes the type of the other side if that is a number. */
  #meetNumber(one: Operand, other: Operand): ValueType {
    if (one.type.family !== 'open' || one.node.kind !== 'placeholder' || other.type.family !== 'number') {
      return settleOpen(this.placeholders, one);
    }
    this.placeholders.meet(one.node, other.type);
    return other.type;
  }

  #calculate(node: Arithmetic, left: ValueType, right: ValueType): ValueType {
    for (const [type, at] of [
      [left, node.left],
      [right, node.right],
    ] as const) {
      if (t.isNumeric(type) || type.family === 'null') continue;
      const other = type === left ? right : left;
      if (t.isOldDate(type) && node.operator !== '*' && node.operator !== '/' && node.operator !== '%') {
        const message = `the server would calculate with ${type.base} as a number of days; write DATEADD or DATEDIFF`;
        this.problems.add('implicit-conversion', at, message);
      } else if (type.family === 'date' && t.isNumeric(other)) {
        const message = `'${node.operator}' cannot work on ${type.base} and ${other.base}; write DATEADD(day, n, x)`;
        this.problems.add('operand-type-clash', at, message);
      } else {
        const advice =
          type.family === 'date'
            ? '; write DATEDIFF(day, a, b)'
            : type.family === 'string'
              ? '; CAST it to a number'
              : '';
        this.problems.add(
          'invalid-operand-type',
          at,
          `'${node.operator}' does not work on ${type.base}${advice}`,
        );
      }
      return t.UNKNOWN;
    }
    if (left.base === 'bit' && right.base === 'bit') {
      this.problems.add(
        'incompatible-types',
        node,
        `'${node.operator}' does not work on two bits; CAST them to int`,
      );
      return t.UNKNOWN;
    }
    if (node.operator === '%' && (t.isApproximate(left) || t.isApproximate(right))) {
      this.problems.add('incompatible-types', node, "'%' does not work on float and real; CAST to decimal");
      return t.UNKNOWN;
    }
    if ((node.operator === '/' || node.operator === '%') && this.constants.isZero(node.right)) {
      this.problems.add('division-by-zero', node.right, 'this divides by zero');
    }
    const type = left.family === 'null' ? right : right.family === 'null' ? left : t.widest(left, right);
    return this.constants.fold(node, type);
  }

  #concatenation(left: Operand, right: Operand): ValueType {
    for (const [one, other] of [
      [left, right],
      [right, left],
    ] as const) {
      if (one.node.kind === 'placeholder' && one.type.family === 'open') {
        this.placeholders.meet(one.node, other.type);
      } else if (!['string', 'null', 'unknown'].includes(one.type.family)) {
        const code =
          one.type.family === 'number'
            ? conversionCode(one.type.base)
            : t.isOldDate(one.type)
              ? 'date-conversion-failed'
              : 'incompatible-types';
        const message = `${one.type.base} is joined to text by '+': the server would convert the text; write CONCAT(a, b)`;
        this.problems.add(code, one.node, message);
        return t.UNKNOWN;
      } else if (t.isLegacyLob(one.type)) {
        this.problems.add(
          'incompatible-types',
          one.node,
          `${one.type.base} cannot be joined by '+'; CAST it to varchar(8000)`,
        );
        return t.UNKNOWN;
      }
    }
    return t.isNational(left.type) || t.isNational(right.type) ? t.NVARCHAR : t.VARCHAR;
  }

  #cast(node: Cast): ValueType {
    const type = castType(node.type);
    const operand = this.operand(node.operand);
    if (typeof type === 'string') {
      const shown = node.typeName.text.slice(0, 40);
      const message =
        type === 'cast-type-not-allowed' || type === 'unknown-type'
          ? `the type '${shown}' is not allowed in CAST; use a number, text or date type`
          : `'${node.type.slice(0, 40)}' has a length or precision that is not allowed`;
      this.problems.add(type, node.typeName, message);
      return t.UNKNOWN;
    }
    if (node.style && !isConvertStyle(node.style.text)) {
      this.problems.add(
        'convert-style',
        node.style,
        `CONVERT has no style ${node.style.text}; 120 is YYYY-MM-DD hh:mm:ss`,
      );
    }
    this.#checkCast(node, operand, type);
    return this.days.fold(node, this.constants.fold(node, type));
  }

  #checkCast({ tries }: Cast, { node, type }: Operand, to: ValueType): void {
    if (node.kind === 'placeholder') {
      if (to.family === 'string') this.placeholders.settle(node);
      else this.placeholders.meet(node, to);
    } else if (node.kind === 'string') {
      const fault = stringFault(node, to);
      if (fault) this.problems.add(fault.code, node, fault.message);
    } else if (type.family === 'string' && to.family !== 'string' && !tries && !t.isLegacyLob(type)) {
      const message = `CAST fails on the first text that is no ${to.base}; write TRY_CAST, which gives NULL there`;
      this.problems.add('cast-may-fail', node, message);
    } else if (!tries && isNarrowing(node, type, to)) {
      const message = `CAST fails on the first number that ${to.base} cannot hold; write TRY_CAST, which gives NULL there, or a wider type`;
      this.problems.add('cast-may-fail', node, message);
    } else if (type.family !== 'null' && type.family !== 'unknown' && !t.canCast(type, to)) {
      this.problems.add('explicit-conversion', node, `${type.base} cannot be converted to ${to.base}`);
    }
  }

  #case(node: Case): ValueType {
    if (node.operand) {
      const operand = this.operand(node.operand);
      for (const branch of node.branches) this.#compare(operand, this.operand(branch.when), '=');
    } else {
      for (const branch of node.branches) this.condition(branch.when);
    }
    const results = node.branches.map((branch) => this.operand(branch.then));
    if (node.otherwise) results.push(this.operand(node.otherwise));
    if (results.every((result) => result.node.kind === 'null')) {
      this.problems.add('null-results-only', node, 'every result of this CASE is NULL; one must be a value');
      return t.UNKNOWN;
    }
    return reconcileAll(this.problems, this.placeholders, results);
  }
}

export function placeholderIn(node: Expression): Placeholder | undefined {
  if (node.kind === 'placeholder') return node;
  for (const child of children(node)) {
    const found = placeholderIn(child);
    if (found) return found;
  }
  return undefined;
}
