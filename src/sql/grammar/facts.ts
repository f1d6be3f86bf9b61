import type { AliasGoal } from './join-search.js';
import type { Matches } from './matches.js';

/** What a statement has said so far. */
export interface Facts {
  /** `bare`: one table without an alias; `open`: undecided. */
  mode: 'open' | 'bare' | 'alias';
  /** The tables that each alias may mean; one table each once FROM is closed. */
  aliases: ReadonlyMap<string, AliasGoal>;
  /** Tables that have every bare column so far. */
  bare: readonly number[];
  /** Numbers of the slots that are still unused, in order. */
  unused: readonly number[];
  /** Tables of FROM and JOIN, in order. */
  placed: readonly number[];
  /** The tables that would complete FROM; see JoinPlanner. */
  plan: readonly number[];
  /** Whether FROM and its joins are complete. */
  closed: boolean;
  /** Whether one of the placeholders has no place but TOP. */
  needsTop: boolean;
  matches: Matches;
  /** Columns that may not be named. */
  hidden: readonly string[];
}

/** The same text for facts that leave the same choices. */
export function describeFacts(facts: Facts): string {
  const { mode, aliases, bare, unused, placed, plan, closed, needsTop, matches } = facts;
  const goals = [...aliases].map(([alias, { tables }]) => `${alias}:${tables.id}`);
  const parts = [mode, goals.join(';'), bare, unused, placed, plan, closed, needsTop];
  const said = matches.said.map(({ text }) => text);
  return [...parts, matches.filled, [...matches.optional.keys()], said].join('|');
}
