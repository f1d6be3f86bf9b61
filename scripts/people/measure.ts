import type { SchemaIndex } from '../../src/data/schema/schema-index.js';
import { linkSchema } from '../../src/data/schema/link/link.js';
import { formatIdMap } from '../../src/data/placeholder.js';
import { formatPrompt } from '../../src/data/record.js';
import type { RecordFormat } from '../../src/data/record-format.js';
import { namesOf } from '../../src/data/schema/names.js';
import { SelectionBuilder, type SchemaSelection } from '../../src/data/schema/selection.js';
import type { Tokenizer } from '../../src/data/tokenizer/tokenizer.js';
import type { Calibration } from '../../src/sql/answerable/calibrate.js';
import { judge } from '../../src/sql/answerable/gate.js';
import { createGrammar, GrammarError, type Grammar } from '../../src/sql/grammar/index.js';
import { estimateStatement } from '../../src/sql/room.js';
import { validate } from '../../src/sql/validator/validate.js';
import {
  extract,
  knowledgeOf,
  VaultError,
  type SchemaKnowledge,
  type VaultResult,
} from '../../src/sql/vault/index.js';
import type { Statement } from '../../src/tsql/ast.js';
import { ValidationError } from '../../src/tsql/errors.js';
import { parse } from '../../src/tsql/parser.js';
import type { ValueLookup } from '../../src/data/values/longest.js';
import type { PeopleCase, Unanswerable } from './cases.js';
import { constructsOf } from './constructs.js';
import { rewrite, type Rewritten, type Spelling } from './rewrite.js';
import { compareValues, type ValuesOut } from './values.js';

/** Tokens of a prompt and its statement. */
const CONTEXT = 1024;
const SPELLINGS: readonly Spelling[] = [
  { numbered: true, counts: true },
  { numbered: true, counts: false },
  { numbered: false, counts: true },
  { numbered: false, counts: false },
];

export interface Verdict {
  score: number;
  /** Why the question is refused. */
  reasons: string[];
}

/** What each part makes of one question. */
export interface Measured {
  item: PeopleCase;
  vault: VaultResult;
  values: ValuesOut;
  /** What the statement needs and the prompt does not show. */
  notShown: string[];
  /** The same within the limits of tables and columns of the corpus's format. */
  notShownWithin: string[];
  tables: number;
  gate: Verdict;
  /** The validator's first error about the person's statement. */
  invalid: string | undefined;
  /** Constructs that the corpus never shows. */
  unseen: string[];
  /** The statement in the corpus's spelling up to where the grammar ends it; undefined if the grammar can write it. */
  unwritable: string | undefined;
  rewritten: Rewritten | undefined;
}

/** Everything that is the same for all questions. */
export interface Setting {
  tokenizer: Tokenizer;
  /** How the corpus writes prompts. */
  format: RecordFormat;
  calibration: Pick<Calibration, 'threshold'>;
  /** Constructs of the corpus. */
  seen: ReadonlySet<string>;
  /** What columns hold, by database, as far as it is known. */
  lists: ReadonlyMap<string, ValueLookup>;
}

export class Measurer {
  readonly #knowledge = new Map<string, SchemaKnowledge>();
  readonly #grammars = new Map<SchemaIndex, Grammar>();
  readonly #count: (text: string) => number;

  constructor(private readonly setting: Setting) {
    this.#count = (text) => setting.tokenizer.encode(text).length;
  }

  measure(item: PeopleCase, index: SchemaIndex): Measured {
    const vault = this.#hide(item, index);
    const values = compareValues(item.question, item, vault.placeholders, index);
    const selection = this.#link(vault, index, false);
    const limited = this.#link(vault, index, true);
    const tree = parsed(item.sql);
    const verdict = validate(item.sql, index);
    const rewritings = tree
      ? SPELLINGS.map((spelling) => rewrite(tree, index, values.literals, spelling))
      : [];
    const statement = rewritings.map(({ sql }) => parsed(sql)).find((one) => one !== undefined) ?? tree;
    const unseen = statement
      ? [...constructsOf(statement)].filter((construct) => !this.setting.seen.has(construct))
      : ['a statement of another shape'];
    return {
      item,
      vault,
      values,
      notShown: notShown(selection, item.needs),
      notShownWithin: notShown(limited, item.needs),
      tables: selection.tables.length,
      gate: this.judge(vault, index),
      invalid: verdict.errors[0]?.message,
      unseen,
      ...this.#write(rewritings, item, index),
    };
  }

  /** The gate's verdict on a question. */
  judge(vault: VaultResult, index: SchemaIndex): Verdict {
    const { threshold } = this.setting.calibration;
    const { reasons, strangeness } = judge(vault, index, {
      threshold,
      hasValues: this.setting.lists.size > 0,
    });
    const words = strangeness.words.slice(0, 3).map(({ word }) => word);
    const isOther = reasons.some(({ code }) => code !== 'not-in-schema');
    // A question of another shape is refused however usual its words are.
    return {
      score: isOther ? Infinity : strangeness.score,
      reasons: reasons.map(({ code }) =>
        code === 'not-in-schema' ? words.join(' ') || 'names nothing' : code,
      ),
    };
  }

  judgeUnanswerable(item: Unanswerable, index: SchemaIndex): Verdict {
    return this.judge(this.#hide(item, index), index);
  }

  #hide({ question, db }: Unanswerable, index: SchemaIndex): VaultResult {
    try {
      return extract(question, { knowledge: this.#knowledgeOf(db, index) });
    } catch (error) {
      if (!(error instanceof VaultError)) throw error;
      return { question, placeholders: [], notes: [] };
    }
  }

  #knowledgeOf(db: string, index: SchemaIndex): SchemaKnowledge {
    let knowledge = this.#knowledge.get(db);
    if (!knowledge) {
      knowledge = knowledgeOf(index.bundle, this.setting.lists.get(db));
      this.#knowledge.set(db, knowledge);
    }
    return knowledge;
  }

  #link({ question, placeholders }: VaultResult, index: SchemaIndex, isLimited: boolean): SchemaSelection {
    const { format } = this.setting;
    const idMap = formatIdMap(placeholders, namesOf(index, format.names));
    const frame = formatPrompt({ schema: '', question, idMap }, format.order);
    const tokenBudget =
      CONTEXT -
      this.#count(frame) -
      estimateStatement(placeholders, index, this.setting.tokenizer, format.names);
    const rendering = { format, question, placeholders };
    const limits = isLimited ? format.link : undefined;
    return linkSchema(question, index, {
      ...limits,
      rendering,
      tokenBudget,
      countTokens: this.#count,
      placeholders,
    });
  }

  /** Walks the statement through the masks of its grammar, in each spelling until one passes. */
  #write(
    rewritings: readonly Rewritten[],
    { needs }: PeopleCase,
    index: SchemaIndex,
  ): Pick<Measured, 'unwritable' | 'rewritten'> {
    let furthest = '';
    let best: Rewritten | undefined;
    for (const rewritten of rewritings) {
      const written = this.#walk(rewritten, selectionOf(needs, index), index);
      if (written === undefined) return { unwritable: undefined, rewritten };
      if (best === undefined || written.length > furthest.length) [furthest, best] = [written, rewritten];
    }
    return { unwritable: furthest, rewritten: best };
  }

  /** The part of the statement that the grammar allows; undefined if it allows all of it. */
  #walk(
    { sql, placeholders }: Rewritten,
    selection: SchemaSelection,
    index: SchemaIndex,
  ): string | undefined {
    const { tokenizer } = this.setting;
    let grammar = this.#grammars.get(index);
    if (!grammar) this.#grammars.set(index, (grammar = createGrammar(index, tokenizer)));
    try {
      const mask = grammar.start(placeholders, { selection });
      const ids = tokenizer.encode(` ${sql}`);
      for (const [i, id] of ids.entries()) {
        if (((mask.allowed()[id >>> 5]! >>> (id & 31)) & 1) === 0) return tokenizer.decode(ids.slice(0, i));
        mask.advance(id);
      }
      return mask.isComplete ? undefined : sql;
    } catch (error) {
      if (!(error instanceof GrammarError)) throw error;
      return '';
    }
  }
}

function parsed(sql: string): Statement | undefined {
  try {
    return parse(sql);
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    return undefined;
  }
}

/** The tables that a statement needs, whole. */
function selectionOf(needs: readonly string[], index: SchemaIndex): SchemaSelection {
  const builder = new SelectionBuilder(index);
  for (const need of needs) {
    for (const { column } of index.columns(need)) builder.addColumn(need, column.name);
  }
  return builder.build();
}

/** What a statement needs and the prompt does not show. `?.name` is a column whose table the statement leaves open. */
function notShown(selection: SchemaSelection, needs: readonly string[]): string[] {
  const shown = new Set(
    selection.tables.flatMap(({ table, columns }) => [
      table.name.toLowerCase(),
      ...columns.map(({ name }) => `${table.name}.${name}`.toLowerCase()),
    ]),
  );
  const isShown = (need: string): boolean => {
    if (!need.startsWith('?.')) return shown.has(need);
    const homes = selection.index
      .columnsNamed(need.slice(2))
      .map(({ table, column }) => [table.name.toLowerCase(), `${table.name}.${column.name}`.toLowerCase()])
      .filter(([table]) => needs.includes(table!));
    return homes.length === 0 || homes.some(([, column]) => shown.has(column!));
  };
  return needs.filter((need) => !isShown(need));
}
