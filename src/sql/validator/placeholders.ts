import type { PlaceholderInfo } from '../../data/placeholder.js';
import type { Comparison, Placeholder } from './ast.js';
import type { Problems } from './problems.js';
import { BIGINT, DATE, DATETIME2, DECIMAL, INT, UNKNOWN, VARCHAR, type ValueType } from './types.js';

/** How a placeholder stands beside its neighbour. */
export interface Meeting {
  /** The neighbour's value is this part of a date: YEAR(x), DATEPART(quarter, x). */
  datepart?: string;
  /** How it is compared: `neighbour relation placeholder`; BETWEEN is `>=` its low end and `<=` its high one. */
  relation?: Comparison['operator'];
  /** No neighbour tells what it is: its literal has to name its type. */
  typed?: boolean;
  /** It stands in the pattern of LIKE, where %, _ and [ are wildcards. */
  pattern?: boolean;
  /** The ESCAPE character of that LIKE. */
  escape?: string;
}

/** One occurrence of a placeholder with what the renderer has to know to write its literal. */
export interface PlaceholderUse extends Meeting {
  node: Placeholder;
  /** Type of the column or expression it met; where it met none, the type of its own value. */
  type: ValueType;
}

/** What the value of a placeholder can be written as. A period is a year, quarter or month. */
export type Shape = 'number' | 'text' | 'date' | 'period';

const PERIOD_KINDS = new Set(['year', 'quarter', 'month']);

export function shapeOf(info: PlaceholderInfo): Shape {
  if (info.name.startsWith('__DATE_')) return PERIOD_KINDS.has(info.kind) ? 'period' : 'date';
  if (info.type === 'varchar') return 'text';
  return info.type === 'date' || info.type === 'datetime2' ? 'date' : 'number';
}

/** Whether the exact characters of the value matter (see verbatim.ts). */
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

/** The placeholders of a statement against those of the question: each one known, used, and of a fitting type. */
export class PlaceholderCheck {
  readonly uses: PlaceholderUse[] = [];
  #unknown = new Set<string>();

  constructor(
    readonly problems: Problems,
    readonly known: ReadonlyMap<string, PlaceholderInfo>,
  ) {}

  /** Every placeholder of the statement is in the map, and every one of the map is in the statement. */
  checkPresence(placeholders: readonly Placeholder[], end: number): void {
    const seen = new Set<string>();
    for (const node of placeholders) {
      seen.add(node.name);
      if (this.known.has(node.name)) continue;
      this.#unknown.add(node.name);
      const names = [...this.known.keys()].join(', ');
      const hint = names === '' ? 'the question holds no values' : `there is ${names.slice(0, 200)}`;
      this.problems.add('placeholder-unknown', node, `the question has no ${node.name}; ${hint}`);
    }
    for (const [name, info] of this.known) {
      if (seen.has(name)) continue;
      const message = `${name} (${info.kind}) of the question is not used; a value that the person named must not be dropped`;
      this.problems.add('placeholder-missing', { start: end }, message);
    }
  }

  /** The placeholder stands beside a value of this type: checks that its value can be written so. */
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
      const message = `${name} is a whole ${unit} to ${type.base}, and '${meeting.relation}' would take its first moment alone; write x >= ${name} AND x < DATEADD(${unit}, 1, ${name})`;
      this.problems.add('placeholder-interval', node, message);
    } else if (clash === undefined) this.#record({ node, type, ...meeting });
    else this.problems.add('placeholder-type', node, `${node.name} (${info.kind}, ${info.type}) ${clash}`);
  }

  /** Whether its value is a day without a time, or a period, which begins with one. */
  isDay(name: string): boolean {
    const info = this.known.get(name);
    if (info === undefined) return false;
    const shape = shapeOf(info);
    return shape === 'period' || (shape === 'date' && info.type === 'date');
  }

  /** The placeholder stands in TOP: an amount that the person named, and no ID that happens to be a number. */
  meetRowCount(node: Placeholder): void {
    if (!isVerbatim(node.name) || !this.known.has(node.name)) return this.meet(node, INT);
    const message = `${node.name} (${this.known.get(node.name)!.kind}) is no number of rows; compare it with a column`;
    this.problems.add('placeholder-type', node, message);
  }

  /** The placeholder stands alone (in a SELECT list, in CONCAT): it keeps the type of its value. */
  settle(node: Placeholder): ValueType {
    const info = this.known.get(node.name);
    if (info === undefined) return UNKNOWN;
    const type = info.kind === 'year' && shapeOf(info) === 'period' ? INT : OWN_TYPES[info.type];
    this.#record({ node, type });
    return type;
  }

  /** `__NUM_1__ BETWEEN a AND b` meets two neighbours; its literal is written once, for the first. */
  #record(use: PlaceholderUse): void {
    if (!this.uses.some((other) => other.node === use.node)) this.uses.push(use);
  }

  /** The text that was met somewhere inside of a pattern of LIKE becomes a part of it. */
  standInPattern(node: Placeholder, meeting: Meeting): void {
    const use = this.uses.find((other) => other.node === node);
    if (use?.type.family === 'string') Object.assign(use, meeting);
  }

  /** Reports an ID or a quoted text that an operation would cut, change or calculate with. */
  refuseAltering(node: Placeholder, by: string): void {
    const message = `${node.name} must reach the database unchanged, but ${by} would change it; compare it as it is`;
    this.problems.add('placeholder-altered', node, message);
  }

  /** Why the value cannot stand beside this type, or undefined when it can. */
  #clash(info: PlaceholderInfo, type: ValueType, meeting: Meeting): string | undefined {
    const shape = shapeOf(info);
    switch (type.family) {
      case 'number':
      case 'bool':
        if (shape === 'number') return undefined;
        if (shape === 'period') return clashOfPeriodWithNumber(info, meeting);
        if (shape === 'date') return `is a date and cannot meet ${type.base}; compare it with a date column`;
        return `is text and cannot meet ${type.base}: the server would fail to convert it (message 245)`;
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
        return shape === 'text' ? undefined : `is no UUID and cannot meet ${type.base}`;
      case 'time':
        return info.kind === 'time' ? undefined : `is no time of day and cannot meet ${type.base}`;
      default:
        return `cannot meet ${type.base}`;
    }
  }
}

function isOrder(relation: Meeting['relation']): boolean {
  return relation !== undefined && relation !== '=' && relation !== '<>';
}

/**
 * A period beside any date, and a day beside a type that holds a time, stand for all that lies in them: their first
 * moment is their bound only for `>=` and `<`.
 */
function cutsInterval(info: PlaceholderInfo, type: ValueType, { relation }: Meeting): boolean {
  if (type.family !== 'date' || relation === undefined || relation === '>=' || relation === '<') return false;
  return shapeOf(info) === 'period' || (info.type === 'date' && type.base !== 'date');
}

function clashOfPeriodWithNumber(info: PlaceholderInfo, meeting: Meeting): string | undefined {
  const part = meeting.datepart;
  if (part === undefined) {
    return info.kind === 'year'
      ? undefined
      : 'names a period of a year; compare it with a date column, or with YEAR(x)';
  }
  const parts = { year: ['year'], quarter: ['year', 'quarter'], month: ['year', 'quarter', 'month'] }[
    info.kind
  ];
  return parts?.includes(part) ? undefined : `does not tell a ${part}`;
}

/** A moment beside a `date` column would lose its hours silently. */
function clashOfMoments(info: PlaceholderInfo, type: ValueType): string | undefined {
  if (info.type !== 'datetime2' || type.base !== 'date') return undefined;
  return 'has a time of day, which a date column would drop; compare it with a datetime column';
}
