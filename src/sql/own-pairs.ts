import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { whyUnreadable } from '../base/system-faults.js';
import { TOKENIZER_FILE } from '../data/corpus/files.js';
import { DataError } from '../data/errors.js';
import { formatIdMap } from '../data/placeholder.js';
import type { TrainingRecord } from '../data/record.js';
import { formatOfCorpus, type RecordFormat } from '../data/record-format.js';
import { linkSchema } from '../data/schema/link/link.js';
import { loadBundle } from '../data/schema/load.js';
import { namesOf } from '../data/schema/names.js';
import { renderSchema } from '../data/schema/render.js';
import { SchemaIndex } from '../data/schema/schema-index.js';
import type { SchemaSelection } from '../data/schema/selection.js';
import { ListedRecords } from '../data/shards/record-source.js';
import { readShardIndex, type StoredRecord } from '../data/shards/reader.js';
import { encodeRecord } from '../data/shards/record-tokens.js';
import { Tokenizer } from '../data/tokenizer/tokenizer.js';
import type { Statement } from '../tsql/ast.js';
import { ValidationError } from '../tsql/errors.js';
import { parse } from '../tsql/parser.js';
import { createGrammar, GrammarError, type Grammar } from './grammar/index.js';
import type { LanguageModel } from './language-model.js';
import { OwnStatement } from './own-statement.js';
import { refuseUnread } from './refusals.js';
import { render } from './renderer/render.js';
import { RenderError } from './errors.js';
import { linkLimits } from './room.js';
import { validate } from './validator/validate.js';
import { extract, knowledgeOf, VaultError, type SchemaKnowledge, type VaultEntry } from './vault/index.js';

/** A line that cannot be trained on. The reason shows no value of it. */
export interface RefusedPair {
  /** Counted from 1. */
  line: number;
  reason: string;
}

export interface ReadPairs {
  records: ListedRecords;
  /** Pairs that became records. */
  read: number;
  /** Lines that name another schema. */
  elsewhere: number;
  refused: RefusedPair[];
}

export interface PairsOptions {
  /** The corpus that the records are mixed with: they are written in its format, with its tokenizer. */
  corpus: string;
  /** The bundle of the database that the statements ask, and words of one's own for it. */
  schema: string;
  overlay?: string | undefined;
  /** Tokens of a row (default 512). */
  context?: number | undefined;
}

/** The server's feedback names the schema of each pair; a file of one's own need not. */
const pairShape = z.object({
  question: z.string().min(1),
  sql: z.string().min(1),
  schema: z.string().min(1).optional(),
});

/**
 * Reads a person's own questions with their statements, JSON lines of `question` and `sql`, as training records. Each
 * goes the way of a question: the vault takes its values out, the statement gets placeholders for them, the validator
 * checks it, the linker chooses what the prompt shows, and the grammar must be able to write it. Lines whose `schema` is
 * another one are passed over.
 *
 * @throws DataError `pairs-not-found`, `no-pairs` when no line can be used; SchemaError; as `readShardIndex`
 */
export async function readPairs(file: string, options: PairsOptions): Promise<ReadPairs> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new DataError({ code: 'pairs-not-found', file, message: whyUnreadable(cause) }, { cause });
  });
  const reader = await PairReader.open(options);
  const stored: StoredRecord[] = [];
  const refused: RefusedPair[] = [];
  let elsewhere = 0;
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const read = reader.read(line);
    if (read === undefined) elsewhere++;
    else if (typeof read === 'string') refused.push({ line: i + 1, reason: read });
    else stored.push(read);
  }
  if (stored.length > 0)
    return { records: new ListedRecords(stored), read: stored.length, refused, elsewhere };
  throw new DataError({ code: 'no-pairs', file, message: whyNone(refused, elsewhere, reader.schema) });
}

function whyNone([first]: readonly RefusedPair[], elsewhere: number, schema: string): string {
  if (first) return `no line can be trained on; line ${first.line}: ${first.reason}`;
  if (elsewhere > 0) return `has no line for ${schema}; ${elsewhere} are for another schema`;
  return 'has no line: each is {"question": "…", "sql": "SELECT …"}';
}

class PairReader {
  readonly #knowledge: SchemaKnowledge;
  readonly #grammar: Grammar;
  readonly #model: LanguageModel;

  private constructor(
    private readonly index: SchemaIndex,
    private readonly tokenizer: Tokenizer,
    private readonly format: RecordFormat,
    context: number,
  ) {
    this.#knowledge = knowledgeOf(index.bundle);
    this.#grammar = createGrammar(index, tokenizer, { format });
    this.#model = { tokenizer, format, context, complete: () => Promise.resolve([]) };
  }

  static async open({ corpus, schema, overlay, context = 512 }: PairsOptions): Promise<PairReader> {
    const { index } = await readShardIndex(corpus);
    const tokenizer = await Tokenizer.load(join(corpus, TOKENIZER_FILE));
    const format = formatOfCorpus(index.config, corpus);
    return new PairReader(new SchemaIndex(loadBundle(schema, overlay)), tokenizer, format, context);
  }

  /** The name of the schema that the statements ask. */
  get schema(): string {
    return this.index.bundle.name;
  }

  /** @returns a record, or why the line is refused; undefined for a line of another schema */
  read(line: string): StoredRecord | string | undefined {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      return 'it is not JSON';
    }
    const pair = pairShape.safeParse(value);
    if (!pair.success) return 'it needs "question" and "sql", both text';
    if (pair.data.schema !== undefined && pair.data.schema !== this.schema) return undefined;
    try {
      return this.#record(pair.data);
    } catch (error) {
      if (error instanceof VaultError) return `the vault refuses the question (${error.code})`;
      // Only the code: a message may contain a value.
      if (error instanceof ValidationError) return `the statement is no safe SELECT (${error.code})`;
      if (error instanceof GrammarError || error instanceof RenderError)
        return `the statement cannot be written (${error.code})`;
      throw error;
    }
  }

  #record({ question, sql }: z.infer<typeof pairShape>): StoredRecord | string {
    const { index, format } = this;
    const vault = extract(question, { knowledge: this.#knowledge });
    const unread = refuseUnread(vault);
    if (unread) return `the question is not clear (${unread.code})`;
    const { read: masked = vault.question, placeholders } = vault;
    const own = new OwnStatement(parse(sql.trim().replace(/;?$/, ';')), index, placeholders);
    const written = own.sql(format.aliases);
    const fault = this.#faultOf(written, placeholders);
    if (fault !== undefined) return fault;
    const limits = linkLimits(vault, { model: this.#model, index });
    const selection = linkSchema(masked, index, limits);
    const missed = notShown(own.selection(), selection);
    if (missed !== undefined)
      return `the question does not lead to ${missed}: give it a synonym with --overlay`;
    const names = namesOf(index, format.names);
    const record: TrainingRecord = {
      schema: renderSchema(selection, { format, question: masked, placeholders }),
      question: masked.replace(/[\r\n\u2028\u2029]+/g, ' '),
      idMap: formatIdMap(placeholders, names, format),
      sql: written,
      ...(names.inWords && { written: own.inWords() }),
    };
    const stored = encodeRecord(this.tokenizer, record, format.order);
    return this.#isWritable(stored, placeholders, selection)
      ? stored
      : 'the statement has a construct or a spelling that models do not write (docs/shape.md)';
  }

  /** Whether values and placeholders belong together: each of the question's is used, and the values come back whole. */
  #faultOf(sql: string, placeholders: readonly VaultEntry[]): string | undefined {
    const values = new Map(placeholders.map((entry) => [entry.name, entry]));
    const unused = placeholders.find(({ name }) => !sql.includes(name));
    if (unused) return `the statement has no value for ${unused.name} (${unused.kind}) of the question`;
    const checked = validate(sql, this.index, values);
    if (!checked.ok || !checked.statement)
      return `the validator refuses the statement (${checked.errors[0]?.code})`;
    if (hasText(checked.statement))
      return 'the statement compares with a text that the question does not have';
    render(sql, this.index, values);
    return undefined;
  }

  /** Whether a model under the grammar could write the statement after this prompt. */
  #isWritable(
    { tokens, lossStart }: StoredRecord,
    placeholders: readonly VaultEntry[],
    selection: SchemaSelection,
  ): boolean {
    const mask = this.#grammar.start(placeholders, { selection });
    for (const token of tokens.subarray(lossStart, -1)) {
      if (((mask.allowed()[token >>> 5]! >>> (token & 31)) & 1) === 0) return false;
      mask.advance(token);
    }
    return mask.isComplete;
  }
}

/** Whether a condition compares with a text of its own; wildcards of LIKE beside a placeholder are none. */
function hasText(statement: Statement): boolean {
  const isText = (node: unknown): boolean => {
    if (typeof node !== 'object' || node === null) return false;
    const { kind, value } = node as { kind?: string; value?: unknown };
    if (kind === 'string') return value !== '%';
    return Object.values(node).some((child) => (Array.isArray(child) ? child.some(isText) : isText(child)));
  };
  return isText(statement.where) || statement.joins.some(({ on }) => isText(on));
}

/** The first table or column that a statement needs and a prompt does not show. */
function notShown(needed: SchemaSelection, shown: SchemaSelection): string | undefined {
  for (const { table, columns } of needed.tables) {
    const found = shown.tables.find((one) => one.table === table);
    if (!found) return `the table ${table.name}`;
    const missing = columns.find((column) => !found.columns.includes(column));
    if (missing) return `the column ${table.name}.${missing.name}`;
  }
  return undefined;
}
