import { describe, expect, test } from 'vitest';
import { Random } from '../../../src/base/random.js';
import type { Sample } from '../../../src/data/corpus/sample.js';
import type { SchemaIndex } from '../../../src/data/schema/schema-index.js';
import type { SchemaSelection } from '../../../src/data/schema/selection.js';
import { Catalog } from '../../../src/sql/grammar/catalog.js';
import type { Choice } from '../../../src/sql/grammar/choice.js';
import { openScope } from '../../../src/sql/grammar/grammar.js';
import type { GrammarScope } from '../../../src/sql/grammar/scope.js';
import { JoinPlanner } from '../../../src/sql/grammar/join-plan.js';
import { statement } from '../../../src/sql/grammar/statement.js';
import { Vocabulary } from '../../../src/sql/grammar/vocabulary.js';
import { wayOutOf } from '../../../src/sql/grammar/way-out.js';
import { bundleIndex, BUNDLES, corpusSamples, faultOf, selectionOf, tokenizerOf } from './decoding.js';

/** Walks per schema. */
const WALKS = Number(process.env['GRAMMAR_WALKS'] ?? 60);

/** A random step of the grammar itself: such steps reach states that random tokens seldom reach, above all joins. */
function randomStep(choice: Choice, random: Random): Choice['steps'][number] {
  const joins = choice.steps.filter((step) => / JOIN | AS /.test(step.text));
  return random.pick(joins.length > 0 && random.chance(0.3) ? joins : [...choice.steps]);
}

function* randomWalk(choice: Choice, random: Random): Generator<{ written: string; choice: Choice }> {
  let written = '';
  for (let steps = 0; ; steps++) {
    yield { written, choice };
    if (choice.steps.length === 0) return;
    expect(steps).toBeLessThan(2000);
    const step = randomStep(choice, random);
    written += step.text;
    choice = step.next;
  }
}

function check(index: SchemaIndex, sample: Sample, sql: string): void {
  expect(faultOf(sql.slice(1), index, sample.values)).toBeUndefined();
}

/** Only the end token may have no next step. */
function expectNoDeadEnd(written: string, choice: Choice): void {
  for (const step of choice.steps) {
    const isDead = step.next.steps.length === 0 && step.text !== '';
    expect(isDead ? `${written}${step.text}` : '').toBe('');
  }
}

/** The tables with few of their columns, as a poor linker might show them. */
function thinned({ index, tables }: SchemaSelection, random: Random): SchemaSelection {
  const keep = random.int(100) / 100;
  return {
    index,
    tables: tables.map(({ table, columns }) => ({
      table,
      columns: columns.filter(() => random.chance(keep)),
    })),
  };
}

function opened(planner: JoinPlanner, vocabulary: Vocabulary, sample: Sample): GrammarScope | undefined {
  try {
    return openScope(planner, vocabulary, sample.values);
  } catch (error) {
    expect(error).toMatchObject({ name: 'GrammarError', code: 'unplaceable' });
    return undefined;
  }
}

describe.each(['keys', 'any'] as const)('every state that random steps reach, joins along %s', (joins) => {
  test.each(BUNDLES)('has a way out to a valid statement, and no step is a dead end: %s', (bundle) => {
    const index = bundleIndex(bundle);
    const samples = corpusSamples(index, joins === 'keys' ? WALKS : Math.ceil(WALKS / 2), 41);
    const vocabulary = new Vocabulary(tokenizerOf(samples.slice(0, 20), 600));
    const random = new Random(51, 0);
    for (const sample of samples) {
      const found = selectionOf(index, sample);
      const shown = random.chance(0.5) ? found : thinned(found, random);
      const scope = opened(new JoinPlanner(new Catalog(index, shown, joins), 8), vocabulary, sample);
      if (scope === undefined) continue;
      let last = '';
      for (const { written, choice } of randomWalk(statement(scope), random)) {
        if (choice.steps.length > 0 && random.chance(0.3))
          check(index, sample, written + wayOutOf(choice, new Map()));
        if (random.chance(0.2)) expectNoDeadEnd(written, choice);
        last = written;
      }
      check(index, sample, last);
    }
  });
});
