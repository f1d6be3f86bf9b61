import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadKnobs, type CorpusKnobs } from '../../../src/data/corpus/knobs.js';
import { generateSamples } from '../../../src/data/corpus/sample.js';
import { buildStatistics, type CorpusStatistics } from '../../../src/data/corpus/read/statistics.js';
import { miniIndex } from './mini-bundle.js';

const folder = mkdtempSync(join(tmpdir(), 'knobs-'));
afterAll(() => rmSync(folder, { recursive: true }));

// Questions about events have their own forms; these knobs shape the others.
// In the first record format the prompt shows what the knobs say, and not what the linker finds.
const base = { ...loadKnobs('configs/corpus.json'), eventShare: 0, format: undefined };

const COUNT = 500;

function statisticsWith(change: Partial<CorpusKnobs>): CorpusStatistics {
  const knobs = { ...base, ...change };
  return buildStatistics(generateSamples({ schemas: [miniIndex], knobs, seed: 1, count: COUNT }));
}

describe('an invalid knobs file', () => {
  test.each<[string, object]>([
    ['joinShare', { joinShare: 1.2 }],
    ['joinDepth', { joinDepth: 'two' }],
    ['families', { families: {} }],
    ['families', { families: { count: 0 } }],
    ['families.count', { families: { count: -1 } }],
    ['styles', { styles: { imperative: 0, question: 0, telegraphic: 0 } }],
    ['styles.telegraphic', { styles: { imperative: 1, question: 1, telegraphic: -1 } }],
    ['aliases', { aliases: 'sometimes' }],
    ['clauses.0', { clauses: ['because'] }],
    ['distractorTables', { distractorTables: [3, 1] }],
    ['distractorColumns.1', { distractorColumns: [0, 1.5] }],
    ['filledShare', { filledShare: 1.5 }],
    ['negativeShare', { negativeShare: 0.1 }],
    ['eventShare', { eventShare: 2 }],
    ['eventAsks.countPatients', { eventAsks: { countPatients: -1 } }],
    ['', { typoshare: 0.5 }],
  ])('names the field %s', (field, change) => {
    const file = join(folder, 'knobs.json');
    writeFileSync(file, JSON.stringify({ ...base, ...change }));
    expect(() => loadKnobs(file)).toThrow(expect.objectContaining({ code: 'bad-config', file, field }));
  });
});

describe('turning a knob', () => {
  const plain = statisticsWith({});
  const joined = ({ joins, samples }: CorpusStatistics): number => 1 - joins[0]! / samples;
  const shareOf = (counts: Record<string, number>, name: string): number =>
    (counts[name] ?? 0) / Object.values(counts).reduce((sum, count) => sum + count, 0);
  const meanOf = (counts: number[]): number =>
    counts.reduce((sum, count, i) => sum + i * count, 0) / counts.reduce((sum, count) => sum + count, 0);

  test('families selects the questions', () => {
    const counted = statisticsWith({ families: { count: 3, groupCount: 1 } });
    expect(Object.keys(counted.perFamily)).toEqual(['count', 'groupCount']);
    expect(shareOf(counted.perFamily, 'count')).toBeCloseTo(0.75, 1);
  });

  test('eventShare and eventAsks select questions about events', () => {
    const half = statisticsWith({ eventShare: 0.5, eventAsks: { hadEvent: 0 } });
    const events = Object.entries(half.perFamily).filter(([name]) => name.startsWith('event.'));
    const asked = events.reduce((sum, [, count]) => sum + count, 0);
    expect(asked / half.samples).toBeCloseTo(0.5, 1);
    expect(half.perFamily['event.countPatients']).toBeGreaterThan(0);
    expect(half.perFamily['event.hadEvent']).toBeUndefined();
  });

  test('an unknown name in eventAsks is an error that names it', () => {
    expect(() => statisticsWith({ eventAsks: { nothing: 1 } })).toThrow(
      expect.objectContaining({ code: 'unknown-family', field: 'eventAsks.nothing' }),
    );
  });

  test('joinShare and joinDepth limit the distance of attributes', () => {
    const near = statisticsWith({ joinDepth: 0 });
    const far = statisticsWith({ joinShare: 0.9 });
    expect(joined(near)).toBeLessThan(joined(plain) - 0.1);
    expect(joined(far)).toBeGreaterThan(1.5 * joined(plain));
    const one = statisticsWith({ joinDepth: 1, joinShare: 0.9 });
    expect(meanOf(one.joins)).toBeLessThan(meanOf(far.joins));
  });

  test('extraConditionShare adds conditions', () => {
    const [none, some, always] = [0, 0.35, 1].map((extraConditionShare) =>
      statisticsWith({ extraConditionShare }),
    );
    expect(none!.perConstruct['AND']!).toBeLessThan(0.8 * some!.perConstruct['AND']!);
    expect(always!.perConstruct['AND']!).toBeGreaterThan(1.3 * some!.perConstruct['AND']!);
  });

  test('aliases decides whether a single table has an alias', () => {
    const bare = statisticsWith({ aliases: 'joins', joinDepth: 0, families: { count: 1 } });
    const aliased = statisticsWith({ aliases: 'always', joinDepth: 0, families: { count: 1 } });
    expect(bare.sqlLength.mean).toBeLessThan(aliased.sqlLength.mean);
  });

  test('styles selects the style of questions', () => {
    const telegraphic = statisticsWith({ styles: { imperative: 0, question: 0, telegraphic: 1 } });
    expect(telegraphic.perStyle).toEqual({ telegraphic: COUNT });
    expect(shareOf(plain.perStyle, 'telegraphic')).toBeCloseTo(2 / 12, 1);
  });

  test('maxFrames, maxWordings, maxNouns, maxPhrases and clauses limit the variety of questions', () => {
    // Few families, so that it is the words that vary and not what is asked.
    const families = { count: 1, groupCount: 1, listOne: 1, aggregate: 1 };
    const varied = statisticsWith({ families });
    const monotonous = statisticsWith({
      families,
      maxFrames: 1,
      maxWordings: 1,
      maxNouns: 1,
      maxPhrases: 1,
      clauses: ['with'],
    });
    expect(monotonous.questionSkeletons).toBeLessThan(0.7 * varied.questionSkeletons);
    expect(Object.keys(monotonous.perPhrasing).length).toBeLessThan(
      0.5 * Object.keys(varied.perPhrasing).length,
    );
  });

  test('lowerCaseShare, noEndMarkShare and typoShare make typing less careful', () => {
    const question = (change: Partial<CorpusKnobs>): string[] =>
      [...generateSamples({ schemas: [miniIndex], knobs: { ...base, ...change }, seed: 1, count: 300 })].map(
        ({ record }) => record.question,
      );
    expect(question({ lowerCaseShare: 1 }).every((text) => !/^[A-Z]/.test(text))).toBe(true);
    expect(question({ lowerCaseShare: 0 }).every((text) => !/^[a-z]/.test(text))).toBe(true);
    expect(question({ noEndMarkShare: 1 }).some((text) => /[?.]$/.test(text))).toBe(false);
    expect(question({ typoShare: 1 })).not.toEqual(question({ typoShare: 0 }));
  });

  test('distractorTables and distractorColumns add to the prompt', () => {
    const some = statisticsWith({ filledShare: 0 });
    const pruned = statisticsWith({ filledShare: 0, distractorTables: [0, 0], distractorColumns: [0, 0] });
    const full = statisticsWith({ filledShare: 0, distractorTables: [3, 3], distractorColumns: [99, 99] });
    expect(meanOf(pruned.tables)).toBeLessThan(meanOf(some.tables) - 0.4);
    expect(meanOf(full.tables)).toBeGreaterThan(meanOf(some.tables) + 0.4);
    expect(full.promptLength.mean).toBeGreaterThan(1.5 * pruned.promptLength.mean);
  });

  test('filledShare is the share of prompts with as many tables as the linker allows', () => {
    const [none, half, all] = [0, 0.5, 1].map((filledShare) =>
      meanOf(statisticsWith({ filledShare }).tables),
    );
    expect(half).toBeGreaterThan(none! + 0.4);
    expect(all).toBeGreaterThan(half! + 0.4);
  });
});
