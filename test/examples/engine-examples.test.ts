import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { numberAfter, runExample } from './run-example.js';

/** The loss, in nats, of a model that knows how often each letter occurs and nothing else. */
function letterEntropy(text: string): number {
  const counts = new Map<string, number>();
  for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  const shares = [...counts.values()].map((count) => count / text.length);
  return -shares.reduce((sum, share) => sum + share * Math.log(share), 0);
}

describe('examples of the engine', () => {
  test('char.ts learns which letters follow each other, and continues the text', async () => {
    const text = readFileSync('LICENSE', 'utf8');
    const output = await runExample('char.ts', 'LICENSE', '60');
    expect(numberAfter('loss', output)).toBeLessThan(letterEntropy(text) - 0.5);
    expect(output).toContain(text.slice(0, 16));
  });

  test('mlp.ts tells two spirals apart', async () => {
    const output = await runExample('mlp.ts', '150');
    expect(numberAfter('loss', output)).toBeLessThan(0.3);
    expect(numberAfter('accuracy', output)).toBeGreaterThan(90);
  });

  test.each(['char.ts', 'mlp.ts'])('%s has under 40 lines and imports the public engine alone', (file) => {
    const text = readFileSync(`examples/${file}`, 'utf8');
    expect(text.trimEnd().split('\n').length).toBeLessThan(40);
    for (const [, from] of text.matchAll(/from '([^']+)'/g))
      expect(from).toMatch(/^(openward\/engine|node:.*)$/);
  });
});
