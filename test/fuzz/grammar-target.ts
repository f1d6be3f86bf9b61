import type { RecordFormat } from '../../src/data/record-format.js';
import { namesOf } from '../../src/data/schema/names.js';
import { SchemaIndex } from '../../src/data/schema/schema-index.js';
import type { SchemaSelection } from '../../src/data/schema/selection.js';
import type { Tokenizer } from '../../src/data/tokenizer/tokenizer.js';
import { trainTokenizer } from '../../src/data/tokenizer/train.js';
import {
  createGrammar,
  GrammarError,
  type Grammar,
  type StatementMask,
} from '../../src/sql/grammar/index.js';
import { estimateStatement } from '../../src/sql/room.js';
import { render } from '../../src/sql/renderer/render.js';
import { validate } from '../../src/sql/validator/validate.js';
import type { PlaceholderValue } from '../../src/sql/values.js';
import { NUMBERED_FORMAT, WORDS_FORMAT } from '../data/formats.js';
import { pickOf, seededPicks, type Pick } from '../sql/validator/choices.js';
import type { Target } from './fuzz.js';
import { inventBundle } from './invented-bundle.js';

/** Walks over one invented schema. A case is one walk. */
const WALKS = 20;

const FORMATS: readonly (RecordFormat | undefined)[] = [undefined, undefined, NUMBERED_FORMAT, WORDS_FORMAT];

const TEXT = ` SELECT DISTINCT TOP (1) COUNT(*), COUNT(DISTINCT t1.id), SUM(CASE WHEN ta.x IS NOT NULL THEN 1 ELSE 0 END)
 MIN(t2.id), MAX(t3.id), AVG(1.0 * t1.id), DATEDIFF(day, p.x, GETDATE()) / NULLIF(COUNT(*), 0) FROM t AS t1 INNER JOIN u AS
 t2 ON t1.id = t2.id LEFT JOIN v AS t3 ON t3.id = t1.id WHERE t1.x >= DATEADD(month, -1, GETDATE()) AND (t1.x <= 1 OR
 t1.x IN (1, 2)) AND t1.x NOT LIKE '%' + x + '%' AND YEAR(t1.x) BETWEEN 1 AND 2 GROUP BY t1.x ORDER BY t1.x DESC, t1.y ASC;
 person patient visit encounter date id code start end birth name value amount year status`;

let shared: Tokenizer | undefined;

/** One tokenizer for all schemas: whole words of SQL, and names in pieces. */
function tokenizer(): Tokenizer {
  return (shared ??= trainTokenizer([TEXT, TEXT], { vocabSize: 640 }));
}

interface Invented {
  index: SchemaIndex;
  /** Used for all questions of the schema. */
  grammar: Grammar;
  /** A grammar that no question was asked of. */
  another: () => Grammar;
  format: RecordFormat | undefined;
}

function invent(number: number): Invented {
  const pick = seededPicks(number * 7919);
  const index = new SchemaIndex(inventBundle(pick));
  const format = pickOf(pick, FORMATS);
  const joins = pick(6) === 1 ? 'any' : 'keys';
  const maxTables = 1 + pick(8);
  const another = (): Grammar => createGrammar(index, tokenizer(), { format, joins, maxTables });
  return { index, format, grammar: another(), another };
}

type Value = Omit<PlaceholderValue, 'name'>;

const VALUES: Readonly<Record<'ID' | 'DATE' | 'TEXT' | 'NUM', readonly Value[]>> = {
  ID: [
    ...['patient', 'visit', 'encounter', 'key', 'order'].map(
      (kind) => ({ kind, type: 'int', text: '7' }) as const,
    ),
    { kind: 'mrn', type: 'varchar', text: '007' },
    { kind: 'patient', type: 'varchar', text: 'K-7' },
    { kind: 'icd10', type: 'varchar', text: 'E11.9' },
    { kind: 'uuid', type: 'varchar', text: '6f9619ff-8b86-4011-b42d-00c04fc964ff' },
    { kind: 'key', type: 'decimal', text: '12345678901234567890123' },
  ],
  DATE: [
    { kind: 'date', type: 'date', text: '2024-03-05' },
    { kind: 'month', type: 'date', text: '2024-03' },
    { kind: 'quarter', type: 'date', text: '2024-Q1' },
    { kind: 'year', type: 'date', text: '2024' },
    { kind: 'datetime', type: 'datetime2', text: '2024-03-05T10:00:00' },
  ],
  TEXT: [
    { kind: 'quoted', type: 'varchar', text: "O'Brien" },
    { kind: 'mention', type: 'varchar', text: 'größe' },
    { kind: 'value', type: 'varchar', text: 'x%y' },
  ],
  NUM: [
    { kind: 'threshold', type: 'int', text: '7' },
    { kind: 'threshold', type: 'decimal', text: '-0.5' },
    { kind: 'threshold', type: 'decimal', text: '7.5' },
    { kind: 'count', type: 'int', text: '5' },
    { kind: 'age', type: 'int', text: '65' },
  ],
};

/** The values of a question: of any kind, and a coded one of the schema now and then. */
function valuesOf(pick: Pick, { tables }: SchemaIndex): PlaceholderValue[] {
  const values: PlaceholderValue[] = [];
  for (const prefix of ['ID', 'DATE', 'TEXT', 'NUM'] as const) {
    const count = pickOf(pick, [0, 0, 0, 0, 1, 1, 2]);
    for (let n = 1; n <= count; n++) {
      const value = pickOf(pick, VALUES[prefix]);
      const coded = tables.flatMap((table) =>
        table.columns.filter((column) => column.codes).map((column) => `${table.name}.${column.name}`),
      );
      const isCode = prefix === 'TEXT' && coded.length > 0 && pick(2) === 1;
      const columns = isCode ? [pickOf(pick, coded)] : undefined;
      const code = columns && { kind: 'code', columns, literals: { [columns[0]!]: '1' } };
      values.push({ name: `__${prefix}_${n}__`, ...value, ...code });
    }
  }
  return values;
}

/** Part of the schema, as a linker might show it. */
function selectionOf(pick: Pick, index: SchemaIndex): SchemaSelection | undefined {
  if (pick(2) === 0) return undefined;
  const tables = index.tables
    .filter(() => pick(4) > 0)
    .map((table) => ({ table, columns: table.columns.filter(() => pick(5) > 0) }));
  return { index, tables };
}

/** Tokens that lead further into the grammar, and tokens that lead to the end. */
const ONWARDS = / (INNER|LEFT|WHERE|AND|OR|GROUP|ORDER)|^(,|\(|SUM|DATE|CASE)/;
const OUT = /^( FROM|;|\);)/;

const preferred = new Map<RegExp, ReadonlySet<number>>();

function tokensLike(pattern: RegExp): ReadonlySet<number> {
  let tokens = preferred.get(pattern);
  if (tokens === undefined) {
    const all = Array.from({ length: tokenizer().vocabSize }, (_, token) => token);
    tokens = new Set(all.filter((token) => pattern.test(tokenizer().decode([token]))));
    preferred.set(pattern, tokens);
  }
  return tokens;
}

function tokensIn(mask: Uint32Array): number[] {
  const tokens: number[] = [];
  mask.forEach((word, i) => {
    for (let bits = word; bits !== 0; bits &= bits - 1) tokens.push(i * 32 + 31 - Math.clz32(bits & -bits));
  });
  return tokens;
}

/** Writes a statement with random tokens. */
function write(pick: Pick, mask: StatementMask): { text: string; used: number } {
  const { endId } = tokenizer();
  const tokens: number[] = [];
  while (tokens.at(-1) !== endId) {
    const allowed = tokensIn(mask.allowed());
    if (allowed.length === 0) throw new Error(`nothing may follow ${tokenizer().decode(tokens)}`);
    const wanted = tokensLike(pickOf(pick, [ONWARDS, OUT]));
    const good = pick(2) === 1 ? allowed.filter((token) => wanted.has(token)) : [];
    const token = pickOf(pick, good.length > 0 ? good : allowed);
    mask.advance(token);
    tokens.push(token);
  }
  return { text: tokenizer().decode(tokens.slice(0, -1)), used: tokens.length };
}

interface Counts extends Record<string, number> {
  statements: number;
  unplaceable: number;
  noRoom: number;
  joins: number;
  grouped: number;
  conditions: number;
  tokens: number;
}

let current: { number: number; invented: Invented } | undefined;

function runCase(seed: number, counts: Counts): string | undefined {
  const number = Math.floor(seed / WALKS);
  if (current?.number !== number) current = { number, invented: invent(number) };
  const { index, grammar, format } = current.invented;
  const pick = seededPicks(seed);
  const values = valuesOf(pick, index);
  const selection = selectionOf(pick, index);
  const estimate = estimateStatement(values, index, tokenizer(), format?.names);
  const room = pickOf(pick, [estimate, 2 * estimate, 4 * estimate + 1000]);
  let mask: StatementMask;
  try {
    mask = grammar.start(values, { selection, maxTokens: room });
  } catch (error) {
    if (!(error instanceof GrammarError)) throw error;
    if (error.code === 'unplaceable') counts.unplaceable++;
    else if (error.code === 'no-room') counts.noRoom++;
    else throw error;
    return undefined;
  }
  const choices = pick(1 << 30);
  const { text, used } = write(seededPicks(choices), mask);
  if (pick(20) === 1) {
    const fresh = current.invented.another().start(values, { selection, maxTokens: room });
    const again = write(seededPicks(choices), fresh).text;
    if (again !== text) return `a fresh grammar writes ${again}, not ${text}`;
  }
  const sql = namesOf(index, format?.names ?? 'identifiers').toSql(text.trim());
  counts.statements++;
  counts.tokens += used;
  if (/ JOIN /.test(sql)) counts.joins++;
  if (/ GROUP BY /.test(sql)) counts.grouped++;
  if (/ WHERE /.test(sql)) counts.conditions++;
  const known = new Map(values.map((value) => [value.name, value]));
  const { errors } = validate(sql, index, known, { sense: true });
  if (errors.length > 0) return `${errors[0]!.code} (${errors[0]!.message}): ${sql}`;
  render(sql, index, known);
  return used > room ? `${used} tokens where ${room} were left: ${sql}` : undefined;
}

/**
 * Random statements of the grammar over invented schemas: the validator accepts each, the renderer writes it, and it ends
 * within its room.
 */
export function grammarTarget(): Target {
  const counts: Counts = {
    statements: 0,
    unplaceable: 0,
    noRoom: 0,
    joins: 0,
    grouped: 0,
    conditions: 0,
    tokens: 0,
  };
  return {
    name: 'grammar',
    runCase: (seed) => runCase(seed, counts),
    counts,
    expected: ['statements', 'joins', 'conditions'],
  };
}
