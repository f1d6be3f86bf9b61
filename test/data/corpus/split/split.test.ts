import { describe, expect, test } from 'vitest';
import { DEMO_SPLIT, heldOutDemoQuestions } from '../../../../src/data/corpus/split/demo.js';
import {
  buildHeldOutSets,
  heldOutKeys,
  TrainingGate,
  type HeldOutSets,
} from '../../../../src/data/corpus/split/held-out.js';
import { loadKnobs } from '../../../../src/data/corpus/knobs.js';
import { LeakChecker } from '../../../../src/data/corpus/split/leaks.js';
import { normaliseQuestion } from '../../../../src/data/corpus/question/phrase.js';
import { SampleSource, type Sample } from '../../../../src/data/corpus/sample.js';
import { splitOf, type Split, type SplitOptions } from '../../../../src/data/corpus/split/split.js';
import { buildStatistics } from '../../../../src/data/corpus/read/statistics.js';
import { SchemaIndex } from '../../../../src/data/schema/schema-index.js';
import { loadBundle } from '../../../../src/data/schema/load.js';
import { miniBundle, miniIndex } from '../mini-bundle.js';

const options: SplitOptions = {
  heldOutSchemas: ['other'],
  heldOutPhrasings: 0.05,
  heldOutSkeletons: 0.05,
  validation: 0.03,
  test: 0.03,
  unit: 'pair',
};
const other = new SchemaIndex({ ...miniBundle, name: 'other' });
const source = new SampleSource([miniIndex, other], {
  ...loadKnobs('configs/corpus.json'),
  syntheticShare: 0,
});
const samples = Array.from({ length: 12_000 }, (_, i) => source.sample(5, i));
const bySplit = new Map<Split, Sample[]>();
for (const sample of samples) {
  const split = splitOf(sample, options);
  bySplit.set(split, [...(bySplit.get(split) ?? []), sample]);
}
const sets = buildHeldOutSets(source, 5, options, 100);
const gate = new TrainingGate(heldOutKeys(sets, options), options);
const train = samples.filter((sample) => gate.admits(sample));

describe('the split', () => {
  test('fills every set', () => {
    for (const split of ['train', 'validation', 'test-values', 'test-phrasing', 'test-schema'] as const) {
      expect(bySplit.get(split)?.length ?? 0, split).toBeGreaterThan(50);
    }
    expect(Object.values(sets).map((set) => set.length)).toEqual([100, 100, 100, 100]);
  });

  test('keeps all questions and skeleton pairs of the held-out sets out of training', () => {
    const checker = new LeakChecker(sets, 'pair');
    expect(train.flatMap((sample) => checker.check(sample))).toEqual([]);
    for (const [name, set] of Object.entries(sets)) {
      for (const sample of set) expect(checker.check(sample)[0]!.set).toBe(name);
    }
  });

  test('leaves most samples for training', () => {
    expect(train.length).toBeGreaterThan(0.75 * samples.filter((s) => s.schemaName === 'mini').length);
  });

  test('never trains on a held-out schema', () => {
    expect(train.some((sample) => sample.schemaName === 'other')).toBe(false);
    expect(bySplit.get('test-schema')!.every((sample) => sample.schemaName === 'other')).toBe(true);
  });

  test('never trains on a held-out phrasing or statement skeleton', () => {
    const phrasings = new Set(train.map((sample) => sample.phrasing));
    const skeletons = new Set(train.map((sample) => sample.sqlSkeleton));
    const known = bySplit
      .get('test-phrasing')!
      .filter((sample) => phrasings.has(sample.phrasing) && skeletons.has(sample.sqlSkeleton));
    expect(known).toEqual([]);
  });
});

describe('the leak checker', () => {
  const [first, second] = samples as [Sample, Sample];
  const only = (sample: Sample): HeldOutSets => ({
    validation: [],
    'test-values': [],
    'test-phrasing': [sample],
    'test-schema': [],
  });
  const checker = new LeakChecker(only(first), 'pair');

  test('finds a question in different case and without its question mark', () => {
    const question = first.record.question.toUpperCase().replace(/[?.]$/, '');
    const copy = { ...second, record: { ...second.record, question } };
    expect(checker.check(copy)).toEqual([
      { set: 'test-phrasing', shared: 'question', text: normaliseQuestion(first.record.question) },
    ]);
  });

  test('finds a skeleton pair under another question', () => {
    const copy = { ...first, record: { ...first.record, question: 'something else' } };
    expect(checker.check(copy)).toEqual([
      { set: 'test-phrasing', shared: 'pair', text: `${first.questionSkeleton}\n${first.sqlSkeleton}` },
    ]);
    expect(checker.check(second)).toEqual([]);
  });

  test('finds a statement under another question if statements are held out', () => {
    const copy = { ...first, questionSkeleton: 'another', record: { ...first.record, question: 'else' } };
    expect(checker.check(copy)).toEqual([]);
    expect(new LeakChecker(only(first), 'statement').check(copy)[0]!.shared).toBe('statement');
  });
});

describe('the demo corpus', () => {
  const demo = new SampleSource(
    [new SchemaIndex(loadBundle('schemas/omop_cdm_5_4.json'))],
    loadKnobs('configs/corpus.demo.json'),
  );
  const demoTrain = Array.from({ length: 3000 }, (_, i) => demo.sample(1, i)).filter(
    (sample) => splitOf(sample, DEMO_SPLIT) === 'train',
  );

  test('asks five questions about five tables, none with a statement from training', () => {
    const held = heldOutDemoQuestions(demo, 1);
    expect(held).toHaveLength(5);
    expect(new Set(held.map((sample) => sample.program.from[0]!.table)).size).toBe(5);
    const statements = new Set(demoTrain.map((sample) => sample.record.sql));
    for (const sample of held) {
      expect(splitOf(sample, DEMO_SPLIT)).toBe('test-values');
      expect(statements.has(sample.record.sql)).toBe(false);
    }
    expect(heldOutDemoQuestions(demo, 1)).toEqual(held);
  });

  test('is small: one table per prompt, short statements, few skeletons', () => {
    const statistics = buildStatistics(demoTrain);
    // What is held out hangs on the words, so that their share of the 3,000 moves by a few samples.
    expect(statistics.samples).toBeGreaterThan(2350);
    expect(statistics.promptLength.max).toBeLessThan(400);
    expect(statistics.sqlLength.max).toBeLessThan(110);
    expect(statistics.sqlSkeletons).toBeLessThan(20);
    expect(Object.keys(statistics.perFamily)).toHaveLength(9);
  });
});
