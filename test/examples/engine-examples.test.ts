import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { numberAfter, runExample } from './run-example.js';

describe('examples of the engine', () => {
  test('char.ts learns the letters of a text and continues it', async () => {
    const output = await runExample('char.ts', 'README.md', '50');
    // Letters drawn by their frequency alone have a loss of 3.1, untrained weights one of 4.4.
    expect(numberAfter('loss', output)).toBeLessThan(3);
    expect(output).toContain(readFileSync('README.md', 'utf8').slice(0, 16));
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
