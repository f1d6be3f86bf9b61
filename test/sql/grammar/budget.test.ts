import { describe, expect, test } from 'vitest';
import { Random } from '../../../src/base/random.js';
import { Budget } from '../../../src/sql/grammar/budget.js';
import { Catalog } from '../../../src/sql/grammar/catalog.js';
import { placeAfter, type Place } from '../../../src/sql/grammar/clauses.js';
import type { State } from '../../../src/sql/grammar/choice.js';
import { longestDetour } from '../../../src/sql/grammar/detour.js';
import { openScope } from '../../../src/sql/grammar/grammar.js';
import { JoinPlanner } from '../../../src/sql/grammar/join-plan.js';
import { statement } from '../../../src/sql/grammar/statement.js';
import { Vocabulary } from '../../../src/sql/grammar/vocabulary.js';
import { wayOutOf } from '../../../src/sql/grammar/way-out.js';
import { allowedTokens, bundleIndex, BUNDLES, corpusSamples, selectionOf, tokenizerOf } from './decoding.js';

/** Walks per schema and limit. */
const WALKS = Number(process.env['GRAMMAR_WALKS'] ?? 6);
/** From a limit that hardly fits a statement to one that few statements reach. */
const ROOMS = [70, 110, 180, 400];

describe('the limit on tokens', () => {
  test.each(BUNDLES)('is checked wherever it rules something out: %s', (bundle) => {
    const index = bundleIndex(bundle);
    const samples = corpusSamples(index, 150, 33);
    const vocabulary = new Vocabulary(tokenizerOf(samples, 900));
    const random = new Random(12, 0);
    let [skipped, narrowed] = [0, 0];
    for (const [i, room] of ROOMS.flatMap((one) => Array.from({ length: WALKS }, () => one)).entries()) {
      const sample = samples[i % samples.length]!;
      const catalog = new Catalog(index, selectionOf(index, sample));
      const planner = new JoinPlanner(catalog, 8);
      const scope = openScope(planner, vocabulary, sample.values);
      const budget = new Budget(vocabulary, room, () => longestDetour(planner, vocabulary));
      const thorough = new Budget(vocabulary, room, () => ({ clause: Infinity, use: 0, joins: 0, keys: 0 }));
      let state: State = statement(scope).start;
      let place: Place = 'items';
      for (let used = 0; state.steps.length > 0; used++) {
        const mask = vocabulary.maskOf(state);
        const allowed = budget.affordable(mask, state, { used, place });
        const exact = thorough.affordable(mask, state, { used, place });
        expect(allowed).toEqual(exact);
        // What is left then is one way out, which needs no check.
        if (allowed === undefined) break;
        if (allowed === mask) skipped++;
        else if (!equal(allowed, mask)) narrowed++;
        const symbols = vocabulary.symbolsOf(random.pick(allowedTokens(allowed)));
        state = state.afterAll(symbols, (step) => void (place = placeAfter(step, place)))!;
      }
    }
    expect(skipped).toBeGreaterThan(50);
    expect(narrowed).toBeGreaterThan(20);
  });
});

function equal(a: Uint32Array, b: Uint32Array): boolean {
  return a.every((word, i) => word === b[i]);
}

describe('ways out', () => {
  test.each(BUNDLES)('are the same for choices of the same likeness: %s', (bundle) => {
    const index = bundleIndex(bundle);
    const samples = corpusSamples(index, 40, 34);
    const vocabulary = new Vocabulary(tokenizerOf(samples));
    const random = new Random(13, 0);
    let shared = 0;
    for (const sample of samples.slice(0, 20)) {
      const planner = new JoinPlanner(new Catalog(index, selectionOf(index, sample)), 8);
      const known = new Map<string, string>();
      for (let walk = 0; walk < 4; walk++) {
        let choice = statement(openScope(planner, vocabulary, sample.values));
        for (let steps = 0; choice.steps.length > 0 && steps < 60; steps++) {
          expect(wayOutOf(choice, known)).toBe(wayOutOf(choice, new Map()));
          choice = random.pick([...choice.steps]).next;
        }
      }
      shared += known.size;
    }
    expect(shared).toBeGreaterThan(40);
  });

  test.each(BUNDLES)('are texts that the grammar allows, from every state: %s', (bundle) => {
    const index = bundleIndex(bundle);
    const samples = corpusSamples(index, 40, 35);
    const vocabulary = new Vocabulary(tokenizerOf(samples));
    const random = new Random(14, 0);
    for (const sample of samples.slice(0, 4 * WALKS)) {
      const planner = new JoinPlanner(new Catalog(index, selectionOf(index, sample)), 8);
      const budget = new Budget(vocabulary, 400, () => longestDetour(planner, vocabulary));
      let state = statement(openScope(planner, vocabulary, sample.values)).start;
      for (let written = 0; state.steps.length > 0 && written < 30; written++) {
        let way: State | undefined = state;
        for (const token of budget.wayOutTokens(state)) way = way?.afterAll(vocabulary.symbolsOf(token));
        expect(way?.steps).toEqual([]);
        const tokens = allowedTokens(vocabulary.maskOf(state));
        state = state.afterAll(vocabulary.symbolsOf(random.pick(tokens)))!;
      }
    }
  });
});
