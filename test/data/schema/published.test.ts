import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { formatBundle } from '../../../src/data/schema/format.js';
import { loadBundle } from '../../../src/data/schema/load.js';
import { applyOverlay, parseOverlay } from '../../../src/data/schema/overlay.js';
import { splitWords } from '../../../src/data/schema/words.js';

const schemas = fileURLToPath(new URL('../../../schemas/', import.meta.url));
const names = readdirSync(`${schemas}overlays`).map((file) => file.replace('.json', ''));

/**
 * Numbers of tables, columns, primary and foreign keys, counted in the publishers' files independently of our
 * importer, plus the keys that the overlays add from documentation (8 + 42 for Synthea, 4 + 14 for PCORnet, 3 for
 * MIMIC-IV).
 */
const SIZES: Record<string, [tables: number, columns: number, primaryKeys: number, foreignKeys: number]> = {
  i2b2: [22, 208, 21, 8],
  mimic_iv: [37, 395, 28, 59],
  omop_cdm_5_4: [39, 432, 28, 176],
  openmrs_2_8: [117, 1492, 115, 446],
  pcornet_4_1: [19, 355, 19, 35],
  synthea: [18, 256, 8, 42],
};

describe.each(names)('schemas/%s.json', (name) => {
  const bundle = loadBundle(`${schemas}${name}.json`);
  const overlayFile = `${schemas}overlays/${name}.json`;
  const overlay = parseOverlay(JSON.parse(readFileSync(overlayFile, 'utf8')), overlayFile);

  test('is complete', () => {
    const sum = (of: (table: (typeof bundle.tables)[number]) => number) =>
      bundle.tables.reduce((n, t) => n + of(t), 0);
    expect([
      bundle.tables.length,
      sum((t) => t.columns.length),
      sum((t) => Number(t.primaryKey.length > 0)),
      sum((t) => t.foreignKeys.length),
    ]).toEqual(SIZES[name]);
  });

  test('has exactly the words of its overlay', () => {
    expect(applyOverlay(bundle, overlay)).toEqual(bundle);
  });

  test('is formatted by formatBundle', () => {
    expect(readFileSync(`${schemas}${name}.json`, 'utf8')).toBe(formatBundle(bundle, './bundle.schema.json'));
  });

  test('names its source and licence', () => {
    expect(bundle.source).toMatch(/https:\/\//);
    expect(bundle.licence).not.toBe('unknown');
  });

  test('no word names two tables, or two columns of one table', () => {
    const spell = (text: string): string => splitWords(text).join(' ');
    const clashes = (items: readonly { name: string; synonyms?: string[] }[]): string[] => {
      const owner = new Map<string, string>();
      const found: string[] = [];
      for (const item of items) {
        for (const word of new Set([item.name, ...(item.synonyms ?? [])].map(spell))) {
          if (owner.has(word)) found.push(`${word}: ${owner.get(word)} and ${item.name}`);
          owner.set(word, item.name);
        }
      }
      return found;
    };
    expect(clashes(bundle.tables)).toEqual([]);
    expect(
      bundle.tables.flatMap((table) => clashes(table.columns).map((c) => `${table.name}: ${c}`)),
    ).toEqual([]);
  });

  test('synonyms are lower case', () => {
    const all = bundle.tables.flatMap((t) => [
      ...(t.synonyms ?? []),
      ...t.columns.flatMap((c) => c.synonyms ?? []),
    ]);
    expect(all.filter((word) => word !== word.toLowerCase())).toEqual([]);
  });
});
