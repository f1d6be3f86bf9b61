import type { PlaceholderInfo } from '../../data/placeholder.js';
import type { SchemaIndex } from '../../data/schema/schema-index.js';
import type { SchemaSelection } from '../../data/schema/selection.js';
import type { Tokenizer } from '../../data/tokenizer/tokenizer.js';
import { Budget } from './budget.js';
import { Catalog, type JoinRule, type NameFormat } from './catalog.js';
import { longestDetour, type Detour } from './detour.js';
import { GrammarError } from './errors.js';
import { JoinPlanner } from './join-plan.js';
import { hasPlaceFor, slotOf } from './placeholders.js';
import { GrammarScope } from './scope.js';
import { statement } from './statement.js';
import { StatementMask } from './statement-mask.js';
import { Vocabulary } from './vocabulary.js';

export interface GrammarOptions {
  /** The most tables of a statement; 10 by default. */
  maxTables?: number | undefined;
  /** What may join two tables: the columns of known keys (the default), or any pair that can be compared. */
  joins?: JoinRule | undefined;
  /** How the model writes names (default: as T-SQL, with initials as aliases). */
  format?: NameFormat | undefined;
}

export interface StartOptions {
  /** The part of the schema that the prompt shows; the whole schema by default. */
  selection?: SchemaSelection | undefined;
  /**
   * The most tokens, including the end token; unlimited by default. When they run short, the mask leads the statement to
   * its end by the shortest way known. Statements with many placeholders need more than 100.
   */
  maxTokens?: number | undefined;
  /**
   * Whether the question says nothing in its conditions but its values: then each condition of WHERE uses one, as long as
   * one is left, and the model is kept from conditions of its own.
   */
  isPlain?: boolean | undefined;
}

export interface Grammar {
  /**
   * The mask for one statement that uses each of the placeholders and no others.
   * @throws GrammarError `unplaceable` if no column could be compared with a placeholder, `no-token` if the tokenizer
   *   does not know it, `no-room` if no statement fits in `maxTokens`
   */
  start(placeholders: readonly PlaceholderInfo[], options?: StartOptions): StatementMask;
}

/** Prepares a schema and a tokenizer for constrained decoding. This is slow; keep the result. */
export function createGrammar(
  index: SchemaIndex,
  tokenizer: Tokenizer,
  options: GrammarOptions = {},
): Grammar {
  const vocabulary = new Vocabulary(tokenizer);
  const { maxTables = 10, joins = 'keys', format } = options;
  const planFor = (selection?: SchemaSelection): JoinPlanner =>
    new JoinPlanner(new Catalog(index, selection, joins, format), maxTables);
  let whole: JoinPlanner | undefined;
  return {
    start(placeholders, { selection, maxTokens = Infinity, isPlain = false } = {}) {
      const planner = selection === undefined ? (whole ??= planFor()) : planFor(selection);
      const first = statement(openScope(planner, vocabulary, placeholders, isPlain));
      const detour = (): Detour => longestDetour(planner, vocabulary);
      const budget = new Budget(vocabulary, maxTokens, detour);
      if (!budget.fits(first.start)) {
        const message = `the shortest statement for these values has more than ${maxTokens} tokens`;
        throw new GrammarError('no-room', message);
      }
      return new StatementMask(vocabulary, budget, first.start);
    },
  };
}

/** The scope of a statement that has to use these placeholders, before its first token. */
export function openScope(
  planner: JoinPlanner,
  vocabulary: Vocabulary,
  placeholders: readonly PlaceholderInfo[],
  isPlain = false,
): GrammarScope {
  const { catalog } = planner;
  const slots = placeholders.map((info) => slotOf(info, vocabulary));
  const covers = slots.map((slot) => {
    const holds = (table: number): boolean =>
      [...catalog.tables[table]!.kinds].some((kind) => hasPlaceFor(kind, slot));
    return catalog.set([...catalog.tables.keys()].filter(holds));
  });
  return GrammarScope.open({ catalog, planner, slots, covers, endSymbol: vocabulary.endSymbol, isPlain });
}
