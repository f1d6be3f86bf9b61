import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadKnobs } from '../../../src/data/corpus/knobs.js';
import { SampleSource } from '../../../src/data/corpus/sample.js';
import type { Sample } from '../../../src/data/corpus/sample.js';
import { loadBundle } from '../../../src/data/schema/load.js';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';
import { extract, knowledgeOf, namesWithDigits, restore } from '../../../src/sql/vault/index.js';
import type { VaultResult } from '../../../src/sql/vault/index.js';

/**
 * The corpus generates questions with known values. The vault must mask them as the corpus does, because the model is
 * trained on the corpus's masking.
 */
const SAMPLES = 4000;

const schemas = readdirSync('schemas')
  .filter((file) => file.endsWith('.json') && !file.startsWith('bundle.'))
  .map((file) => new SchemaIndex(loadBundle(`schemas/${file}`)));
const source = new SampleSource(schemas, { ...loadKnobs('configs/corpus.json'), eventShare: 0 });

const names = new Map<string, ReturnType<typeof namesWithDigits>>();

function namesOf(schema: string): ReturnType<typeof namesWithDigits> {
  const known = names.get(schema) ?? namesWithDigits(source.schemaNamed(schema)!.bundle);
  names.set(schema, known);
  return known;
}

function vaultOf(sample: Sample): VaultResult {
  return extract(sample.rawQuestion, { names: namesOf(sample.schemaName) });
}

/** Everything that the model reads or the renderer needs, one line per value. */
function describeValues(
  values: readonly { name: string; kind: string; type: string; text: string; value?: string }[],
): string[] {
  return values.map(
    ({ name, kind, type, text, value }) => `${name} ${kind} ${type} ${text} ${value ?? text}`,
  );
}

/**
 * The vault's result as a corpus sees it whose questions keep numbers of structure (`top 10`): they stand in the question
 * again, and the other amounts are counted without them.
 */
function withoutCounts(result: VaultResult): Pick<VaultResult, 'question' | 'placeholders'> {
  const counts = result.placeholders.filter(({ kind }) => kind === 'count');
  if (counts.length === 0) return result;
  const kept = result.placeholders.filter((entry) => !counts.includes(entry));
  const amounts = kept.filter(({ name }) => name.startsWith('__NUM_'));
  const renamed = new Map(amounts.map(({ name }, i) => [name, `__NUM_${i + 1}__`]));
  const nameOf = (name: string): string => renamed.get(name) ?? name;
  const question = restore(
    result.question,
    result.placeholders.map((entry) =>
      counts.includes(entry) ? entry : { name: entry.name, text: nameOf(entry.name) },
    ),
  );
  return { question, placeholders: kept.map((entry) => ({ ...entry, name: nameOf(entry.name) })) };
}

describe('questions of the corpus about events', () => {
  const events = new SampleSource(schemas, { ...loadKnobs('configs/corpus.json'), eventShare: 1 });
  const knowledge = new Map(schemas.map((index) => [index.bundle.name, knowledgeOf(index.bundle)]));

  test('are masked alike, with numbers of the same kinds: ages, counts, thresholds', () => {
    let compared = 0;
    let masked = 0;
    const different = Array.from({ length: 1500 }, (_, i) => events.sample(12, i)).flatMap((sample) => {
      const known = knowledge.get(sample.schemaName);
      if (known === undefined) return [];
      const { question, read = question, placeholders } = extract(sample.rawQuestion, { knowledge: known });
      if (read !== question) return [];
      masked++;
      // Where the values are other ones, so are the names.
      if (question !== sample.record.question) return [];
      const kinds = (list: readonly { name: string; kind: string }[]): string =>
        list.flatMap(({ name, kind }) => (name.startsWith('__NUM_') ? [`${name} ${kind}`] : [])).join();
      compared++;
      return kinds(placeholders) === kinds(sample.values)
        ? []
        : [`${sample.rawQuestion}\n  ${kinds(sample.values)}\n  ${kinds(placeholders)}`];
    });
    expect(masked).toBeGreaterThan(500);
    // The rest are names that no cue and no list of values tells from the words around them.
    expect(compared / masked).toBeGreaterThan(0.96);
    expect(different.length, different.join('\n')).toBeLessThanOrEqual(compared / 100);
  });
});

describe('questions of the corpus', () => {
  const samples = Array.from({ length: SAMPLES }, (_, index) => source.sample(11, index));

  test('are masked as the corpus masked them, with the same kinds, types and values', () => {
    const different = samples.filter((sample) => {
      const hasCounts = sample.values.some(({ kind }) => kind === 'count');
      const { question, placeholders } = hasCounts ? vaultOf(sample) : withoutCounts(vaultOf(sample));
      return (
        question !== sample.record.question ||
        describeValues(placeholders).join('\n') !== describeValues(sample.values).join('\n')
      );
    });
    // Words can be ambiguous (`patient number 282` may be a count): one in 200 may differ.
    const shown = different.map(
      (sample) => `${sample.rawQuestion}\n  ${sample.record.question}\n  ${vaultOf(sample).question}`,
    );
    expect(different.length, shown.join('\n')).toBeLessThanOrEqual(SAMPLES / 200);
  });

  test('keep none of their IDs, dates and quoted texts', () => {
    for (const sample of samples) {
      const { question } = vaultOf(sample);
      for (const { prefix, text } of sample.values)
        if (prefix !== 'NUM') expect(question).not.toContain(text);
    }
  });

  test('are restored byte for byte', () => {
    for (const sample of samples) {
      const { question, placeholders } = vaultOf(sample);
      expect(restore(question, placeholders)).toBe(sample.rawQuestion);
    }
  });
});
