import type { PlaceholderInfo } from '../../data/placeholder.js';
import type { Comparison, Expression, Placeholder } from '../../tsql/ast.js';
import type { Datepart } from '../../tsql/dateparts.js';
import type { Problems } from './problems.js';
import {
  BIGINT,
  DATE,
  DATETIME2,
  DECIMAL,
  INT,
  isWholeNumber,
  UNKNOWN,
  VARCHAR,
  type ValueType,
} from '../../tsql/value-type.js';

/** How a placeholder meets its neighbour. */
export interface Meeting {
  /** The neighbour's value is this part of a date: YEAR(x), DATEPART(quarter, x). */
  datepart?: Datepart | undefined;
  /** How it is compared: `neighbour relation placeholder`; BETWEEN is `>=` its low end and `<=` its high one. */
  relation?: Comparison['operator'] | undefined;
  /** The neighbour is this column, `table.column` as in the bundle. */
  column?: string | undefined;
  /** No neighbour gives it a type: its literal has to name the type. */
  typed?: boolean | undefined;
  /** It is in the pattern of LIKE, where %, _ and [ are wildcards. */
  pattern?: boolean | undefined;
  /** It is the whole of that pattern. */
  whole?: boolean | undefined;
  /** The ESCAPE character of that LIKE. */
  escape?: string | undefined;
}

/** One occurrence of a placeholder, with all that the renderer needs to write its literal. */
export interface PlaceholderUse extends Meeting {
  node: Placeholder;
  /** The type of the column or expression that it meets; the type of its value if it meets none. */
  type: ValueType;
}

/** What the value of a placeholder is. A period is a year, quarter or month. */
export type ValueShape = 'number' | 'text' | 'date' | 'period';

const PERIOD_KINDS = new Set(['year', 'quarter', 'month']);

function valueShapeOf(info: PlaceholderInfo): ValueShape {
  if (info.name.startsWith('__DATE_')) return PERIOD_KINDS.has(info.kind) ? 'period' : 'date';
  if (info.type === 'varchar') return 'text';
  return info.type === 'date' || info.type === 'datetime2' ? 'date' : 'number';
}

/** Whether every character of the value matters (see verbatim.ts). */
export function isVerbatim(name: string): boolean {
  return name.startsWith('__ID_') || name.startsWith('__TEXT_');
}

const OWN_TYPES = {
  int: INT,
  bigint: BIGINT,
  decimal: DECIMAL,
  varchar: VARCHAR,
  date: DATE,
  datetime2: DATETIME2,
};

/** Checks the placeholders of a statement against those of the question: each is known, used, and of a fitting type. */
export class PlaceholderCheck {
  readonly uses: PlaceholderUse[] = [];
  #unknown = new Set<string>();

  constructor(
    readonly problems: Problems,
    readonly known: ReadonlyMap<string, PlaceholderInfo>,
    /** The column that an expression is, if it is one. */
    readonly columnOf: (node: Expression) => string | undefined = () => undefined,
  ) {}

  /** Reports placeholders of the statement that the question lacks, and the reverse. */
  checkPresence(placeholders: readonly Placeholder[], end: number): void {
    const seen = new Set<string>();
    for (const node of placeholders) {
      seen.add(node.name);
      if (this.known.has(node.name)) continue;
      this.#unknown.add(node.name);
      const names = [...this.known.keys()].join(', ');
      const hint = names === '' ? 'the question has no values' : `there is ${names.slice(0, 200)}`;
      this.problems.add('placeholder-unknown', node, `the question has no ${node.name}; ${hint}`);
    }
    for (const [name, info] of this.known) {
      if (seen.has(name)) continue;
      const message = `the statement does not use ${name} (${info.kind}); a value of the question must not be dropped`;
      this.problems.add('placeholder-missing', { start: end }, message);
    }
  }

  /** The placeholder meets a value of this type: checks that its value can be written as one. */
  meet(node: Placeholder, type: ValueType, meeting: Meeting = {}): void {
    const info = this.known.get(node.name);
    if (info === undefined) return;
    if (type.family === 'unknown' || type.family === 'null') return;
    if (type.family === 'open') {
      this.settle(node);
      return;
    }
    const clash = this.#clash(info, type, meeting);
    const cut = clash === undefined && cutsInterval(info, type, meeting);
    if (cut) {
      const { name, kind } = info;
      const unit = PERIOD_KINDS.has(kind) ? kind : 'day';
      const message = `${name} is a whole ${unit}, and '${meeting.relation}' would only use its first moment; write x >= ${name} AND x < DATEADD(${unit}, 1, ${name})`;
      this.problems.add('placeholder-interval', node, message);
    } else if (clash === undefined) this.#record({ node, type, ...meeting });
    else this.problems.add('placeholder-type', node, `${node.name} (${info.kind}, ${info.type}) ${clash}`);
  }

  /** Whether its value is a day without a time, or a period, which begins with such a day. */
  isDay(name: string): boolean {
    const info = this.known.get(name);
    if (info === undefined) return false;
    const shape = valueShapeOf(info);
    return shape === 'period' || (shape === 'date' && info.type === 'date');
  }

  /** The placeholder is in TOP: it must be an amount, not an ID that happens to be a number. */
  meetRowCount(node: Placeholder): void {
    if (!isVerbatim(node.name) || !this.known.has(node.name)) return this.meet(node, INT);
    const message = `${node.name} (${this.known.get(node.name)!.kind}) is not a number of rows; compare it with a column`;
    this.problems.add('placeholder-type', node, message);
  }

  /** The placeholder meets no value (in a SELECT list, in CONCAT): it has the type of its value. */
  settle(node: Placeholder): ValueType {
    const info = this.known.get(node.name);
    if (info === undefined) return UNKNOWN;
    const type = info.kind === 'year' && valueShapeOf(info) === 'period' ? INT : OWN_TYPES[info.type];
    this.#record({ node, type });
    return type;
  }

  /** `__NUM_1__ BETWEEN a AND b` meets two neighbours; its literal is written for the first. */
  #record(use: PlaceholderUse): void {
    if (!this.uses.some((other) => other.node === use.node)) this.uses.push(use);
  }

  /** The placeholder, met as text before, is part of a pattern of LIKE. */
  standInPattern(node: Placeholder, meeting: Meeting): void {
    const use = this.uses.find((other) => other.node === node);
    if (use?.type.family === 'string') Object.assign(use, meeting);
  }

  /** Reports an ID or a quoted text that an operation would change. */
  refuseAltering(node: Placeholder, by: string): void {
    const message = `${node.name} must reach the database unchanged, but ${by} would change it; compare it as it is`;
    this.problems.add('placeholder-altered', node, message);
  }

  /** Why the value cannot meet this type; undefined if it can. */
  #clash(info: PlaceholderInfo, type: ValueType, meeting: Meeting): string | undefined {
    if (info.kind === 'code' && info.columns !== undefined) return clashOfCode(info.columns, meeting);
    const shape = valueShapeOf(info);
    switch (type.family) {
      case 'number':
      case 'bool':
        if (shape === 'number') {
          const isWide = info.type === 'decimal' && isVerbatim(info.name) && isWholeNumber(type);
          return isWide ? `is larger than any ${type.base}` : undefined;
        }
        if (shape === 'period') return clashOfPeriodWithNumber(info, meeting);
        if (shape === 'date') return `is a date and cannot meet ${type.base}; compare it with a date column`;
        return isVerbatim(info.name) && info.name.startsWith('__ID_')
          ? `is text, or has more than the 38 digits of any number, and cannot meet ${type.base}`
          : `is text and cannot meet ${type.base}: the server would fail to convert it (message 245)`;
      case 'string':
        if (shape === 'text') return undefined;
        if (shape === 'number') {
          const orderedAsText = isOrder(meeting.relation) && info.name.startsWith('__NUM_');
          return orderedAsText
            ? `is a number, but ${type.base} sorts as text ('9' above '10'); use a numeric column`
            : undefined;
        }
        return `is a date and cannot meet ${type.base}; compare it with a date column`;
      case 'date':
        if (shape === 'period') return undefined;
        if (shape === 'date') return clashOfMoments(info, type);
        return `is ${shape === 'text' ? 'text' : 'a number'} and cannot meet ${type.base}`;
      case 'uuid':
        return shape === 'text' ? undefined : `is not a UUID and cannot meet ${type.base}`;
      case 'time':
        return info.kind === 'time' ? undefined : `is not a time of day and cannot meet ${type.base}`;
      default:
        return `cannot meet ${type.base}`;
    }
  }
}

/** A coded meaning has a literal for each of its columns, and for no other. */
function clashOfCode(columns: readonly string[], { column, relation, pattern }: Meeting): string | undefined {
  const isKnown = columns.some((other) => other.toLowerCase() === column?.toLowerCase());
  if (!isKnown || pattern) return `is a coded value of ${columns.join(', ')}; compare it with one of them`;
  return isOrder(relation) ? "is a coded value, which has no order; write '=' or '<>'" : undefined;
}

function isOrder(relation: Meeting['relation']): boolean {
  return relation !== undefined && relation !== '=' && relation !== '<>';
}

/**
 * Whether the comparison would take an interval for its first moment. A period, or a day compared with a type that has
 * a time, is an interval: it has one bound for `>=` and `<`, and none for other relations.
 */
function cutsInterval(info: PlaceholderInfo, type: ValueType, { relation }: Meeting): boolean {
  if (type.family !== 'date' || relation === undefined || relation === '>=' || relation === '<') return false;
  return valueShapeOf(info) === 'period' || (info.type === 'date' && type.base !== 'date');
}

function clashOfPeriodWithNumber(info: PlaceholderInfo, meeting: Meeting): string | undefined {
  const part = meeting.datepart;
  if (part === undefined) {
    return info.kind === 'year'
      ? undefined
      : 'is a part of a year; compare it with a date column, or with YEAR(x)';
  }
  const parts = { year: ['year'], quarter: ['year', 'quarter'], month: ['year', 'quarter', 'month'] }[
    info.kind
  ];
  return parts?.includes(part) ? undefined : `has no ${part}`;
}

/** A moment compared with a `date` column would silently lose its time. */
function clashOfMoments(info: PlaceholderInfo, type: ValueType): string | undefined {
  if (info.type !== 'datetime2' || type.base !== 'date') return undefined;
  return 'has a time of day, which a date column would drop; compare it with a datetime column';
}
