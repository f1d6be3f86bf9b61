import type {
  QueryExpression,
  QueryPredicate,
  QueryProgram,
  QueryValue,
  SourceColumn,
} from '../data/corpus/statement/program.js';
import type { Sample } from '../data/corpus/sample.js';
import { rolesOf } from '../data/schema/roles/infer.js';
import type { ColumnRole } from '../data/schema/roles/roles.js';
import type { SchemaColumn, SchemaIndex } from '../data/schema/schema-index.js';
import { splitWords } from '../data/schema/words.js';
import { SAYING_FAULTS, sayingFaults } from './corpus-sayings.js';

/** What a statement can get wrong although it is valid: it answers another question, or one that nobody asks. */
export const SEMANTIC_FAULTS = [
  'administrative-column',
  'label-join-drops-rows',
  'or-join-drops-rows',
  'own-key-in-set-question',
  'null-ranks-first',
  'average-of-whole-numbers',
  'meaningless-figure',
  'figure-counted-several-times',
  'word-said-twice',
  'grouped-by-constant',
  'all-rows-but-one',
  'many-conditions',
  'two-words-for-patient',
  'column-values',
  'number-out-of-range',
  'text-for-code',
  ...SAYING_FAULTS,
] as const;
export type SemanticFault = (typeof SEMANTIC_FAULTS)[number];

/** The faults of a sample, each once. It reads program and question, and shares no rule with the generator. */
export function semanticFaults(sample: Sample, index: SchemaIndex): SemanticFault[] {
  const view = new ProgramView(sample.program, index);
  const found = new Set<SemanticFault>();
  if (view.mentioned().some((ref) => isAdministrative(view.column(ref)))) found.add('administrative-column');
  view.program.from.forEach(({ join }, source) => {
    if (join?.kind !== 'INNER' || !view.isReferred(source) || view.isRanked(source)) return;
    if (view.isListed(source)) return;
    if (!view.isMentioned(source)) found.add('label-join-drops-rows');
    else if (view.isOnlyUnderOr(source) && !view.isNeeded(source)) found.add('or-join-drops-rows');
  });
  if (view.isAboutSet() && !view.asksForChildren() && view.filtersOwnKey())
    found.add('own-key-in-set-question');
  if (view.ranksNullFirst()) found.add('null-ranks-first');
  for (const figure of view.figures()) {
    if (figure.name === 'AVG' && view.isWhole(figure.of)) found.add('average-of-whole-numbers');
    if (figure.of.kind !== 'column') continue;
    if (isMeaningless(figure.name, view.column(figure.of.ref), view.role(figure.of.ref)))
      found.add('meaningless-figure');
    if (/AVG|SUM/.test(figure.name) && figure.of.ref.source > 0) found.add('figure-counted-several-times');
  }
  if (saysTwice(sample.record.question)) found.add('word-said-twice');
  if (view.groupsByConstant()) found.add('grouped-by-constant');
  if (view.leavesOutOneRow()) found.add('all-rows-but-one');
  for (const { ref, value } of view.comparisons()) {
    if (isOutOfRange(view.column(ref), value)) found.add('number-out-of-range');
    if (isTextForCode(view.column(ref), value)) found.add('text-for-code');
  }
  // Questions about events have three and more conditions, each a phrase of its own.
  if (sample.family?.startsWith('event.') !== true) {
    if (view.conditionedColumns() > MOST_CONDITIONED) found.add('many-conditions');
    if (wordsForPatient(sample.record.question) > 1) found.add('two-words-for-patient');
    if (/\b(distinct|different|unique) (\w+ )+values\b/i.test(sample.record.question))
      found.add('column-values');
  }
  return [...found, ...sayingFaults(sample, index)];
}

const ADMINISTRATIVE =
  /^(created?|creation|creator|modified|changed|updated?|inserted|deleted?|voided?|retired?|audit|uuid|guid|rowguid|salt|hash|checksum|password|secret|token|rowversion|etl|upload|download|sourcesystem)$/;

function isAdministrative({ column, type }: SchemaColumn): boolean {
  const words = splitWords(column.name);
  const text = words.join(' ');
  if (/^(rowversion|binary|varbinary|image|xml)$/.test(type.base)) return true;
  return words.some((word) => ADMINISTRATIVE.test(word)) || /\brow (version|id|hash)\b/.test(text);
}

const NOT_SUMMED: ReadonlySet<ColumnRole> = new Set([
  'key', 'foreign-key', 'code', 'name', 'status', 'flag', 'text', 'unit',
] as const); // prettier-ignore
const PLACE = /^(lat|lon|lng|latitude|longitude|zip|zipcode|postal|phone|fax|npi|year|version|seq|sequence)$/;
const STATE_OF_BODY = /^(temperature|temp|height|ht|pulse|pressure|saturation|score|age|bmi|percent|ratio)$/;

function isMeaningless(name: string, { column }: SchemaColumn, role: ColumnRole): boolean {
  if (name === 'COUNT' || name === 'MIN' || name === 'MAX') return false;
  const words = splitWords(column.name);
  return (
    NOT_SUMMED.has(role) ||
    words.some((word) => PLACE.test(word)) ||
    (name === 'SUM' && words.some((word) => STATE_OF_BODY.test(word)))
  );
}

/** Whether a word follows itself, be it in the plural: `visit visits`. Values are placeholders, whatever they say. */
function saysTwice(question: string): boolean {
  return /(?<![\w'"])([a-z]{3,}?)s? \1s?(?![\w'"-])/i.test(question);
}

/** Two conditions, one of which may compare two columns. */
const MOST_CONDITIONED = 3;

/** By how many words the question calls the person whose trait it names: `patient language`, `client weight`. */
function wordsForPatient(question: string): number {
  const said = question
    .toLowerCase()
    .matchAll(
      /\b(patient|client|subject|person|individual|member|participant) (?:id|sex|gender|race|ethnicity|language|weight|height|birth|dob|birthday|date of birth|city|town|marital|civil|last name|surname|first name|mrn)\b/g,
    );
  return new Set([...said].map(([, word]) => word)).size;
}

/** Columns whose numbers everybody knows the limits of. */
const LIMITS: readonly [RegExp, number][] = [
  [/\bpain\b/, 10],
  [/\bapgar\b/, 10],
  [/\b(heart rate|heartrate|pulse)\b/, 250],
  [/\b(oxygen saturation|o2sat|spo2)\b/, 100],
  [/\bage( in years)?$/, 120],
  [/\b(height|ht)( cm)?$/, 230],
];

function isOutOfRange({ column }: SchemaColumn, { prefix, value, text }: QueryValue): boolean {
  const words = splitWords(column.name).join(' ');
  const limit = LIMITS.find(([name]) => name.test(words))?.[1];
  return prefix === 'NUM' && limit !== undefined && Number(value ?? text) > limit;
}

/** A code has no small words in it: `type 2 diabetes` is none. */
function isTextForCode({ column }: SchemaColumn, { prefix, kind, value, text }: QueryValue): boolean {
  const words = splitWords(column.name);
  const isCode = /^(code|cd|icd|cpt|hcpcs|loinc|ndc)$/.test(words.at(-1) ?? '') && column.codes === undefined;
  return (
    isCode &&
    prefix === 'TEXT' &&
    kind === 'quoted' &&
    /[a-z]{3} |[a-z]{5}/.test(value ?? text) &&
    /\d/.test(text)
  );
}

/** A program with the questions that the checks ask of it. */
class ProgramView {
  constructor(
    readonly program: QueryProgram,
    readonly index: SchemaIndex,
  ) {}

  column({ source, column }: SourceColumn): SchemaColumn {
    return this.index.column(this.program.from[source]!.table, column)!;
  }

  role(ref: SourceColumn): ColumnRole {
    return rolesOf(this.index.bundle).ofColumn(this.column(ref).column);
  }

  /** The columns that the question speaks of: all but those that only join, and the NULL test of an anti-join. */
  mentioned(): SourceColumn[] {
    const { select, where, groupBy, orderBy } = this.program;
    const expressions = [...select, ...groupBy, ...orderBy.map(({ by }) => by)];
    const refs = [...expressions.flatMap(columnsIn), ...where.flatMap(columnsInPredicate)];
    return refs.filter(({ source, column }) => {
      const on = this.program.from[source]?.join?.on ?? [];
      return !on.some(({ right }) => right.column === column);
    });
  }

  /** True if some condition is false without a row of the source; under OR, if each of its alternatives is. */
  isNeeded(source: number): boolean {
    const reached = this.reachedFrom(source);
    const needs = (predicate: QueryPredicate): boolean => {
      if (predicate.kind === 'any') return predicate.of.every(needs);
      if (predicate.kind === 'null' && !predicate.negated) return false;
      return columnsInPredicate(predicate).some((ref) => reached.has(ref.source));
    };
    return this.program.where.some(needs);
  }

  private reachedFrom(source: number): Set<number> {
    const reached = new Set([source]);
    this.program.from.forEach(({ join }, i) => {
      if (join?.on.some(({ left }) => reached.has(left.source))) reached.add(i);
    });
    return reached;
  }

  /** True if the source is joined by its own key, so that a row may find none, and nothing else asks for one. */
  isReferred(source: number): boolean {
    const { table, join } = this.program.from[source]!;
    const key = this.index.table(table)!.primaryKey;
    const joined = join!.on.map(({ right }) => right.column);
    const carries = this.program.from.some(
      ({ join: other }) => other?.kind === 'INNER' && other.on.some(({ left }) => left.source === source),
    );
    return key.length > 0 && key.every((column) => joined.includes(column)) && !carries;
  }

  /** True if a condition speaks of the source, or of one that is reached through it. */
  isMentioned(source: number): boolean {
    const reached = this.reachedFrom(source);
    return this.program.where.some((one) => columnsInPredicate(one).some((ref) => reached.has(ref.source)));
  }

  /** True if the groups of a ranking are named by the source: those without a name have no place. */
  isRanked(source: number): boolean {
    const reached = this.reachedFrom(source);
    const { top, groupBy } = this.program;
    return top !== undefined && groupBy.some((by) => columnsIn(by).some((ref) => reached.has(ref.source)));
  }

  /** True if the list of different names is the source's: what has no name is not on it. */
  isListed(source: number): boolean {
    const reached = this.reachedFrom(source);
    const { distinct, select } = this.program;
    return distinct && select.every((one) => columnsIn(one).some((ref) => reached.has(ref.source)));
  }

  /** True if only alternatives of an OR speak of the source. */
  isOnlyUnderOr(source: number): boolean {
    const reached = this.reachedFrom(source);
    return this.program.where.every(
      (one) => one.kind === 'any' || !columnsInPredicate(one).some((ref) => reached.has(ref.source)),
    );
  }

  /** True if rows that refer to the first table are asked for: the diagnoses of one patient. */
  asksForChildren(): boolean {
    return this.program.from.some(({ join }, source) => join !== undefined && !this.isReferred(source));
  }

  /** True if the statement counts, groups or ranks rows; of one row, people ask what it holds or whether it exists. */
  isAboutSet(): boolean {
    const { select, groupBy, top, distinct } = this.program;
    const isFigure = select.some(({ kind }) => kind === 'count' || kind === 'aggregate' || kind === 'share');
    return isFigure || groupBy.length > 0 || top !== undefined || distinct;
  }

  filtersOwnKey(): boolean {
    const key = this.index.table(this.program.from[0]!.table)!.primaryKey;
    return this.program.where.some((predicate) => {
      const of =
        predicate.kind === 'compare' ? predicate.left : predicate.kind === 'in' ? predicate.of : undefined;
      return of?.kind === 'column' && of.ref.source === 0 && key.length === 1 && key[0] === of.ref.column;
    });
  }

  /** True if rows are grouped by what a condition holds to one value, or by what belongs to the row of that value. */
  groupsByConstant(): boolean {
    const fixed = this.comparisons().filter(({ operator }) => operator === '=');
    const isFixed = (ref: SourceColumn): boolean =>
      fixed.some((one) => one.ref.source === ref.source && one.ref.column === ref.column);
    const isOfFixedRow = ({ source }: SourceColumn): boolean => {
      const join = this.program.from[source]!.join;
      return join !== undefined && this.isReferred(source) && join.on.some(({ left }) => isFixed(left));
    };
    return this.program.groupBy.some(
      (by) => by.kind === 'column' && (isFixed(by.ref) || isOfFixedRow(by.ref)),
    );
  }

  /** True if the statement asks for all rows but those of some keys. */
  leavesOutOneRow(): boolean {
    const { table } = this.program.from[0]!;
    const key = this.index.table(table)!.primaryKey;
    const isKey = (of: QueryExpression): boolean =>
      of.kind === 'column' && of.ref.source === 0 && key.length === 1 && key[0] === of.ref.column;
    return this.program.where.some(
      (one) =>
        (one.kind === 'compare' && one.operator === '<>' && isKey(one.left)) ||
        (one.kind === 'in' && one.negated && isKey(one.of)),
    );
  }

  /** Columns that conditions compare with values of the question. */
  comparisons(): { ref: SourceColumn; value: QueryValue; operator: string }[] {
    return this.program.where.flatMap((one) => {
      if (one.kind === 'compare' && one.left.kind === 'column' && one.right.kind === 'value')
        return [{ ref: one.left.ref, value: one.right.value, operator: one.operator }];
      if (one.kind === 'in' && one.of.kind === 'column') {
        const { ref } = one.of;
        return one.values.map((value) => ({ ref, value, operator: one.negated ? '<>' : 'IN' }));
      }
      if (one.kind !== 'between' || one.of.kind !== 'column') return [];
      const { ref } = one.of;
      return [one.low, one.high].flatMap((end) =>
        end.kind === 'value' ? [{ ref, value: end.value, operator: 'BETWEEN' }] : [],
      );
    });
  }

  /** How many columns the conditions name; that a ranking knows its values is no condition. */
  conditionedColumns(): number {
    const { where, orderBy } = this.program;
    const ranked = JSON.stringify(orderBy[0]?.by);
    const isSaid = (one: QueryPredicate): boolean =>
      !(one.kind === 'null' && (one.negated ? ranked?.includes(JSON.stringify(one.of)) === true : false));
    const refs = where.filter(isSaid).flatMap(columnsInPredicate);
    return new Set(refs.map(({ source, column }) => `${source}.${column}`)).size;
  }

  ranksNullFirst(): boolean {
    const { top, orderBy, where } = this.program;
    const first = orderBy[0];
    if (top === undefined || first?.direction !== 'ASC') return false;
    const [ref] = columnsIn(first.by);
    if (ref === undefined || (first.by.kind === 'aggregate' && first.by.name === 'COUNT')) return false;
    return !where.some(
      (predicate) =>
        predicate.kind !== 'any' &&
        !(predicate.kind === 'null' && !predicate.negated) &&
        columnsInPredicate(predicate).some((one) => one.source === ref.source && one.column === ref.column),
    );
  }

  figures(): Extract<QueryExpression, { kind: 'aggregate' }>[] {
    const { select, orderBy } = this.program;
    return [...select, ...orderBy.map(({ by }) => by)].filter((item) => item.kind === 'aggregate');
  }

  isWhole(of: QueryExpression): boolean {
    if (of.kind === 'dateDiff') return true;
    return of.kind === 'column' && /int$/.test(this.column(of.ref).type.base);
  }
}

function columnsIn(expression: QueryExpression): SourceColumn[] {
  switch (expression.kind) {
    case 'column':
      return [expression.ref];
    case 'aggregate':
    case 'datePart':
    case 'fractional':
    case 'minus':
      return columnsIn(expression.of);
    case 'share':
      return expression.predicates.flatMap(columnsInPredicate);
    case 'dateDiff':
      return [...columnsIn(expression.from), ...columnsIn(expression.to)];
    case 'dateAdd':
      return columnsIn(expression.to);
    case 'countIf':
      return columnsInPredicate(expression.predicate);
    default:
      return [];
  }
}

function columnsInPredicate(predicate: QueryPredicate): SourceColumn[] {
  switch (predicate.kind) {
    case 'compare':
      return [...columnsIn(predicate.left), ...columnsIn(predicate.right)];
    case 'between':
      return [predicate.of, predicate.low, predicate.high].flatMap(columnsIn);
    case 'any':
      return predicate.of.flatMap(columnsInPredicate);
    default:
      return columnsIn(predicate.of);
  }
}

/** How many samples have each fault, and a few of them. */
export interface SemanticCounts {
  samples: number;
  counts: Record<SemanticFault, number>;
  examples: Record<SemanticFault, string[]>;
}

const MAX_EXAMPLES = 5;

/** @param schemaNamed the schema of a sample, by its `schemaName` */
export function countSemanticFaults(
  samples: Iterable<Sample>,
  schemaNamed: (name: string) => SchemaIndex,
): SemanticCounts {
  const each = <T>(value: () => T): Record<SemanticFault, T> =>
    Object.fromEntries(SEMANTIC_FAULTS.map((fault) => [fault, value()])) as Record<SemanticFault, T>;
  const result: SemanticCounts = { samples: 0, counts: each(() => 0), examples: each(() => []) };
  for (const sample of samples) {
    result.samples++;
    for (const fault of semanticFaults(sample, schemaNamed(sample.schemaName))) {
      result.counts[fault]++;
      const examples = result.examples[fault];
      if (examples.length < MAX_EXAMPLES) examples.push(`${sample.rawQuestion}  ${sample.record.sql}`);
    }
  }
  return result;
}
