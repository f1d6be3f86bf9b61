import { describe, expect, test } from 'vitest';
import type { Table } from '../../../src/data/schema/bundle.js';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';
import { Random } from '../../../src/base/random.js';
import { Budget } from '../../../src/sql/grammar/budget.js';
import { Catalog } from '../../../src/sql/grammar/catalog.js';
import { placeAfter, type FromPlace } from '../../../src/sql/grammar/clauses.js';
import type { State } from '../../../src/sql/grammar/choice.js';
import { longestDetour } from '../../../src/sql/grammar/detour.js';
import { openScope } from '../../../src/sql/grammar/grammar.js';
import { JoinPlanner } from '../../../src/sql/grammar/join-plan.js';
import { statement } from '../../../src/sql/grammar/statement.js';
import { Vocabulary } from '../../../src/sql/grammar/vocabulary.js';
import { wayOutOf } from '../../../src/sql/grammar/way-out.js';
import { NUMBERED_FORMAT } from '../../data/formats.js';
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
      const thorough = thoroughBudget(vocabulary, room);
      let state: State = statement(scope).start;
      let place: FromPlace = 'items';
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

  test('is checked where another first table has longer joins than the way out', () => {
    const long = 'key_of_the_other_row_'.repeat(6);
    const table = (name: string, columns: string[], key: string): Table => ({
      ...{ name, description: 'Invented.', primaryKey: ['id'] },
      columns: columns.map((column) => ({ name: column, type: 'int', nullable: false })),
      foreignKeys: [{ columns: [key], references: { table: 'rows_a', columns: ['id'] } }],
    });
    const tables = [table('rows_a', ['id', 'parent'], 'parent'), table('rows_b', ['id', long], long)];
    const about = { title: 'Invented', version: '1', source: 'tests', licence: 'MIT' };
    const index = new SchemaIndex({ name: 'invented', ...about, tables, joins: [] });
    const vocabulary = new Vocabulary(tokenizerOf(corpusSamples(bundleIndex('i2b2'), 20, 36), 900));
    const catalog = new Catalog(index, undefined, 'keys', NUMBERED_FORMAT);
    const planner = new JoinPlanner(catalog, 8);
    const first = statement(openScope(planner, vocabulary, [])).start;
    const written = vocabulary.tokensOf(' SELECT t7.* FROM rows_b AS t1').slice(0, -1);
    let narrowed = 0;
    for (let room = 150; room < 1200; room += 50) {
      const budget = new Budget(vocabulary, room, () => longestDetour(planner, vocabulary));
      let [state, place]: [State, FromPlace] = [first, 'items'];
      for (const [used, token] of written.entries()) {
        const mask = vocabulary.maskOf(state);
        const allowed = budget.affordable(mask, state, { used, place });
        expect(allowed).toEqual(thoroughBudget(vocabulary, room).affordable(mask, state, { used, place }));
        if (allowed === undefined || !allowedTokens(allowed).includes(token)) {
          narrowed++;
          break;
        }
        const symbols = vocabulary.symbolsOf(token);
        state = state.afterAll(symbols, (step) => void (place = placeAfter(step, place)))!;
      }
    }
    expect(narrowed).toBeGreaterThan(2);
  });
});

/** A limit that looks at every token. */
function thoroughBudget(vocabulary: Vocabulary, room: number): Budget {
  return new Budget(vocabulary, room, () => ({ clause: Infinity, use: 0, joins: 0, keys: 0 }));
}

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
