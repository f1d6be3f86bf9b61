import type { PlaceholderInfo } from '../../data/placeholder.js';
import type { SchemaIndex } from '../../data/schema/schema-index.js';
import type { SchemaSelection } from '../../data/schema/selection.js';
import type { Tokenizer } from '../../data/tokenizer/tokenizer.js';
import { Budget } from './budget.js';
import { Catalog, type JoinRule } from './catalog.js';
import { longestDetour, type Detour } from './detour.js';
import { JoinPlanner } from './join-plan.js';
import { hasPlaceFor, slotOf } from './placeholders.js';
import { Scope } from './scope.js';
import { statement } from './statement.js';
import { StatementMask } from './statement-mask.js';
import { Vocabulary } from './vocabulary.js';

export interface GrammarOptions {
  /** The most tables that a statement joins; 8 by default. */
  maxTables?: number;
  /** What may join two tables: the columns of known keys (default), or any pair that can be compared. */
  joins?: JoinRule;
}

export interface StartOptions {
  /** The part of the schema that the prompt shows; the whole schema when absent. */
  selection?: SchemaSelection;
  /**
   * Room for tokens, the end token included. When it runs short, the statement is led to its end on the shortest
   * way known. Statements of many placeholders need more than 100.
   */
  maxTokens?: number;
}

export interface Grammar {
  /**
   * The mask for one statement that uses every placeholder and no other.
   * @throws GrammarError `unplaceable` when no column could be compared with a placeholder, `no-token` when the
   *   tokenizer does not know it
   */
  start(placeholders: readonly PlaceholderInfo[], options?: StartOptions): StatementMask;
}

/** Prepares a schema and a tokenizer for constrained decoding. Keep it: this is the slow part. */
export function createGrammar(
  index: SchemaIndex,
  tokenizer: Tokenizer,
  options: GrammarOptions = {},
): Grammar {
  const vocabulary = new Vocabulary(tokenizer);
  const { maxTables = 8, joins = 'keys' } = options;
  const planFor = (selection?: SchemaSelection): JoinPlanner =>
    new JoinPlanner(new Catalog(index, selection, joins), maxTables);
  let whole: JoinPlanner | undefined;
  return {
    start(placeholders, { selection, maxTokens = Infinity } = {}) {
      const planner = selection === undefined ? (whole ??= planFor()) : planFor(selection);
      const first = statement(openScope(planner, vocabulary, placeholders));
      const detour = (): Detour => longestDetour(planner.catalog, vocabulary);
      const budget = new Budget(vocabulary, maxTokens, detour);
      return new StatementMask(vocabulary, budget, first.start);
    },
  };
}

/** What is known before the first token of a statement that has to use these placeholders. */
export function openScope(
  planner: JoinPlanner,
  vocabulary: Vocabulary,
  placeholders: readonly PlaceholderInfo[],
): Scope {
  const { catalog } = planner;
  const slots = placeholders.map((info) => slotOf(info, vocabulary));
  const covers = slots.map((slot) => {
    const holds = (table: number): boolean =>
      [...catalog.tables[table]!.kinds].some((kind) => hasPlaceFor(kind, slot));
    return catalog.set([...catalog.tables.keys()].filter(holds));
  });
  return Scope.open({ catalog, planner, slots, covers, endSymbol: vocabulary.endSymbol });
}
