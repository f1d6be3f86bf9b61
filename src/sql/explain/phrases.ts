import type { PartOfText } from '../../data/placeholder.js';
import type { Arithmetic, Call, Case, Comparison, Expression, Like, Placeholder } from '../../tsql/ast.js';
import { isCondition } from '../../tsql/ast.js';
import { datepartNamed, DATEPARTS, type Datepart } from '../../tsql/dateparts.js';
import { functionNamed } from '../../tsql/functions.js';
import { fillTemplate } from '../../tsql/template.js';
import { listed, type Names } from './names.js';

/** Values to show, by placeholder. */
export type Values = ReadonlyMap<
  string,
  { text: string; shown?: string | undefined; part?: PartOfText | undefined; kind?: string | undefined }
>;

/** Says the expressions of one statement in words. */
export class Phrases {
  constructor(
    readonly names: Names,
    private readonly values: Values,
  ) {}

  /** A value: `the visit’s start date`, `the average of …`, `‘0048213’`. */
  value(node: Expression): string {
    if (isCondition(node)) return this.condition(node);
    switch (node.kind) {
      case 'number':
        return node.text;
      case 'string':
        return `‘${node.value}’`;
      case 'null':
        return 'nothing';
      case 'placeholder':
        return this.#placeholder(node);
      case 'column':
        return this.names.column(node);
      case 'arithmetic': {
        const share = this.#share(node);
        if (share !== undefined) return share;
        return `${this.#operand(node.left)} ${OPERATORS[node.operator]} ${this.#operand(node.right)}`;
      }
      case 'negation':
        return `minus ${this.#operand(node.operand)}`;
      case 'cast':
        return `${this.value(node.operand)} (as ${node.type}${node.tries ? ', if it can be' : ''})`;
      case 'call':
        return this.#call(node);
      case 'case':
        return this.#case(node);
    }
  }

  #operand(node: Expression): string {
    const text = this.value(node);
    return node.kind === 'arithmetic' ? `(${text})` : text;
  }

  #placeholder({ name }: Placeholder): string {
    const value = this.values.get(name);
    const text = value?.shown ?? value?.text ?? name;
    return /^__(ID|TEXT)_/.test(name) ? `‘${text.replace(/^(["'“‘])(.*)["'”’]$/su, '$2')}’` : text;
  }

  #call(node: Call): string {
    const { name, args } = node;
    const [first, second] = args;
    const part = datepartNamed(node.datepart?.text ?? '');
    if (node.star) return 'the number of rows';
    if (name === 'COUNT' && node.distinct) return `the number of different values of ${this.value(first!)}`;
    if (name === 'DATEADD' && part) return this.#shifted(part, first!, second!);
    if (name === 'EOMONTH' && second) return `the end of the month ${this.#shifted('month', second, first!)}`;
    if (name === 'ROUND' && args[2] && !isNumber(args[2], '0')) {
      return `${this.value(first!)} cut to ${this.value(second!)} places`;
    }
    const counted = name === 'SUM' ? this.#countedCase(first!) : undefined;
    return counted ?? this.#filled(functionNamed(name).words, args, part);
  }

  /** The words of a function with its arguments. */
  #filled(words: string, args: readonly Expression[], part: Datepart | undefined): string {
    return fillTemplate(words, (slot) => {
      if (slot === 'all') return listed(args.map((arg) => this.value(arg)));
      if (slot === 'part') return part;
      if (slot === 'number') return part && (DATEPARTS[part].number ?? part);
      const arg = args[Number(slot) - 1];
      return arg && this.value(arg);
    });
  }

  /** `30 days before now`, `1 month after March 2024`. */
  #shifted(part: string, amount: Expression, from: Expression): string {
    const isBack = amount.kind === 'negation';
    const number = this.value(isBack ? amount.operand : amount);
    const unit = number === '1' ? part : `${part}s`;
    return `${number} ${unit} ${isBack ? 'before' : 'after'} ${this.value(from)}`;
  }

  /** `100.0 * SUM(CASE WHEN c THEN 1 ELSE 0 END) / NULLIF(COUNT(*), 0)`, and `1.0 * x`, which only keeps fractions. */
  #share({ operator, left, right }: Arithmetic): string | undefined {
    if (operator === '*' && isNumber(left, '1.0')) return this.value(right);
    if (operator !== '/' || left.kind !== 'arithmetic' || left.operator !== '*') return undefined;
    if (!isNumber(left.left, '100.0') || left.right.kind !== 'call' || left.right.name !== 'SUM')
      return undefined;
    const all = right.kind === 'call' && right.name === 'NULLIF' ? right.args[0] : right;
    if (all?.kind !== 'call' || !all.star) return undefined;
    const counted = this.#countedCase(left.right.args[0]!);
    return counted?.replace('the number of rows', 'the percentage of rows');
  }

  /** SUM(CASE WHEN c THEN 1 ELSE 0 END) counts rows. */
  #countedCase(node: Expression): string | undefined {
    if (node.kind !== 'case' || node.operand || node.branches.length !== 1) return undefined;
    const { when, then } = node.branches[0]!;
    const isCount = isNumber(then, '1') && node.otherwise !== undefined && isNumber(node.otherwise, '0');
    return isCount ? `the number of rows where ${this.condition(when)}` : undefined;
  }

  #case({ operand, branches, otherwise }: Case): string {
    const asked = operand && this.value(operand);
    const cases = branches.map(({ when, then }) => {
      const test = asked === undefined ? this.condition(when) : `${asked} is ${this.value(when)}`;
      return `${this.value(then)} where ${test}`;
    });
    return `(${cases.join(', ')}, otherwise ${otherwise ? this.value(otherwise) : 'nothing'})`;
  }

  /** Conditions that all hold. */
  conditions(all: readonly Expression[]): string {
    const said: string[] = [];
    for (let i = 0; i < all.length; i++) {
      const within = this.#withinPeriod(all[i]!, all[i + 1]);
      if (within !== undefined) i++;
      said.push(within ?? (all.length === 1 ? this.condition(all[i]!) : this.#part(all[i]!)));
    }
    return listed(said);
  }

  /** `x >= March 2024 AND x < 1 month after March 2024`: x is in March 2024. */
  #withinPeriod(from: Expression, to: Expression | undefined): string | undefined {
    if (from.kind !== 'comparison' || to?.kind !== 'comparison') return undefined;
    const start = from.operator === '>=' ? this.#period(from.right) : undefined;
    const end = to.operator === '<' ? this.#beforeEndOf(to.right) : undefined;
    if (start === undefined || start.name !== end?.name) return undefined;
    const operand = this.value(from.left);
    return operand === this.value(to.left) ? `${operand} is in ${this.#placeholder(start)}` : undefined;
  }

  /** A placeholder that stands for a month, a quarter or a year: a statement compares its first day. */
  #period(node: Expression): Placeholder | undefined {
    const isPeriod = node.kind === 'placeholder' && MONTHS_OF.has(this.values.get(node.name)?.kind ?? '');
    return isPeriod ? node : undefined;
  }

  /** The period of which `DATEADD(month, 1, period)` is the first day after. */
  #beforeEndOf(node: Expression): Placeholder | undefined {
    if (node.kind !== 'call' || node.name !== 'DATEADD') return undefined;
    const [amount, from] = node.args;
    const period = from && this.#period(from);
    if (period === undefined || amount?.kind !== 'number') return undefined;
    const unit = MONTHS_OF.get(datepartNamed(node.datepart?.text ?? '') ?? '') ?? 0;
    return Number(amount.text) * unit === MONTHS_OF.get(this.values.get(period.name)!.kind!)
      ? period
      : undefined;
  }

  /** A condition: `the start date is on or after March 5, 2024`. */
  condition(node: Expression): string {
    if (!isCondition(node)) return this.value(node);
    switch (node.kind) {
      case 'comparison':
        return this.#comparison(node);
      case 'between': {
        const verb = node.negated ? 'is not between' : 'is between';
        return `${this.value(node.operand)} ${verb} ${this.value(node.low)} and ${this.value(node.high)}`;
      }
      case 'in': {
        const items = node.items.map((item) => this.value(item));
        return `${this.value(node.operand)} is ${node.negated ? 'none of' : 'one of'} ${listed(items, 'or')}`;
      }
      case 'like':
        return this.#like(node);
      case 'isNull':
        return `${this.value(node.operand)} is ${node.negated ? '' : 'not '}recorded`;
      case 'and':
        return this.conditions(node.operands);
      case 'or':
        return `either ${listed(
          node.operands.map((operand) => this.#part(operand)),
          'or',
        )}`;
      case 'not':
        return `it is not true that ${this.#part(node.operand)}`;
    }
  }

  /** Nested conditions get brackets where words alone would be ambiguous. */
  #part(node: Expression): string {
    const text = this.condition(node);
    return isCondition(node) && (node.kind === 'and' || node.kind === 'or' || node.kind === 'not')
      ? `(${text})`
      : text;
  }

  #comparison({ operator, left, right }: Comparison): string {
    const period = this.#period(right) ?? this.#beforeEndOf(right);
    const says = (right === period ? PERIOD_COMPARISONS : AFTER_PERIOD_COMPARISONS)[operator];
    if (period !== undefined && says !== undefined)
      return `${this.value(left)} ${says} ${this.#placeholder(period)}`;
    const words = this.#isDate(left) || this.#isDate(right) ? DATE_COMPARISONS : COMPARISONS;
    return `${this.value(left)} ${words[operator]} ${this.value(right)}`;
  }

  #isDate(node: Expression): boolean {
    if (node.kind === 'column') return this.names.resolve(node)?.ref.type.family === 'date';
    if (node.kind !== 'call') return false;
    const { returns, datepart } = functionNamed(node.name);
    return returns === 'date' || returns === 'datetime' || datepart === 'added';
  }

  #like({ operand, pattern, negated, escape }: Like): string {
    const not = negated ? 'does not ' : '';
    const s = negated ? '' : 's';
    const known = escape === undefined ? this.#plainPattern(pattern) : undefined;
    if (known === undefined) {
      const after = escape ? ` (a character after ‘${escape.value}’ stands for itself)` : '';
      return `${this.value(operand)} ${not}match${negated ? '' : 'es'} the pattern ${this.value(pattern)}${after}`;
    }
    const { before, text, behind } = known;
    if (!before && !behind) return `${this.value(operand)} ${negated ? 'is not' : 'is'} ${text}`;
    const verb = before && behind ? `contain${s}` : before ? `end${s} with` : `begin${s} with`;
    return `${this.value(operand)} ${not}${verb} ${text}`;
  }

  /** Reads `'%' + placeholder + '%'` or `'%text%'`, where either % may be absent; undefined for other patterns. */
  #plainPattern(node: Expression): { before: boolean; text: string; behind: boolean } | undefined {
    if (node.kind === 'string') {
      const [, before, inner, behind] = /^(%?)([^%_[]+)(%?)$/s.exec(node.value) ?? [];
      return inner === undefined ? undefined : { before: !!before, text: `‘${inner}’`, behind: !!behind };
    }
    const parts = summands(node);
    const before = isPercent(parts[0]!);
    const behind = parts.length > 1 && isPercent(parts.at(-1)!);
    const [only, ...more] = parts.slice(before ? 1 : 0, behind ? -1 : undefined);
    if (only?.kind !== 'placeholder' || more.length > 0) return undefined;
    const part = before || behind ? undefined : this.values.get(only.name)?.part;
    return {
      before: part === undefined ? before : part !== 'begins',
      text: this.#placeholder(only),
      behind: part === undefined ? behind : part !== 'ends',
    };
  }
}

function summands(node: Expression): Expression[] {
  return node.kind === 'arithmetic' && node.operator === '+'
    ? [...summands(node.left), ...summands(node.right)]
    : [node];
}

function isPercent(node: Expression): boolean {
  return node.kind === 'string' && node.value === '%';
}

function isNumber(node: Expression, text: string): boolean {
  return node.kind === 'number' && node.text === text;
}

const OPERATORS = { '+': 'plus', '-': 'minus', '*': 'times', '/': 'divided by', '%': 'modulo' } as const;

type Words = Readonly<Record<Comparison['operator'], string>>;

const COMPARISONS: Words = {
  '=': 'is',
  '<>': 'is not',
  '<': 'is less than',
  '<=': 'is at most',
  '>': 'is more than',
  '>=': 'is at least',
};

const DATE_COMPARISONS: Words = {
  '=': 'is',
  '<>': 'is not',
  '<': 'is before',
  '<=': 'is on or before',
  '>': 'is after',
  '>=': 'is on or after',
};

const MONTHS_OF: ReadonlyMap<string, number> = new Map([
  ['month', 1],
  ['quarter', 3],
  ['year', 12],
]);

/** What is compared with the first day of a period. */
const PERIOD_COMPARISONS: Partial<Words> = { '<': 'is before', '>=': 'is in or after' };

/** What is compared with the first day after a period. */
const AFTER_PERIOD_COMPARISONS: Partial<Words> = { '<': 'is in or before', '>=': 'is after' };
