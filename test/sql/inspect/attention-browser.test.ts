import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../../src/base/paths.js';
import { attentionPage } from '../../../src/sql/inspect/attention-page.js';
import type { AttentionTrace } from '../../../src/sql/inspect/trace-attention.js';
import { findBrowser } from '../../data/schema/browser.js';
import { listenTo, startBrowser } from '../../serve/page-stub.js';

const path = await findBrowser();

const PROMPT = ['person(person_id, year_of_birth)\n', 'How many ', 'patients?', '\nSQL: '];
const WRITTEN = ['SELECT ', 'COUNT(*) ', 'FROM ', 'person;'];

/** Two heads of one layer: the first reads the token just before, the second reads the schema's. */
function trace(): AttentionTrace {
  const parts = ['schema', 'question', 'question', 'question'] as const;
  const tokens = [
    ...PROMPT.map((text, i) => ({ text, part: parts[i]! })),
    ...WRITTEN.map((text) => ({ text, part: 'statement' as const })),
  ];
  const [rows, T] = [WRITTEN.length, tokens.length - 1];
  const attention = new Float32Array(2 * rows * T);
  for (let row = 0; row < rows; row++) {
    attention[row * T + PROMPT.length + row - 1] = 1;
    attention[(rows + row) * T] = 1;
  }
  const shown = { question: 'How many patients?', statement: WRITTEN.join(''), accepted: true };
  return { ...shown, tokens, promptTokens: PROMPT.length, nLayer: 1, nHead: 2, attention };
}

describe.skipIf(path === undefined)('the page of attention, in a browser', () => {
  test.each([
    ['light', 1000],
    ['dark', 360],
  ] as const)('shows what was read for the chosen token, in %s at %i pixels', async (colorScheme, width) => {
    const file = join(mkdtempSync(join(tmpdir(), 'attention-')), 'page.html');
    writeFileSync(file, attentionPage(trace()));
    const browser = await startBrowser(path!);
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 } });
    const page = await context.newPage();
    const { errors, asked } = listenTo(page);
    await page.goto(pathToFileURL(file).href);

    const shares = (): Promise<string[]> => page.locator('#parts tr').allTextContents();
    const pressed = (): Promise<string | null> => page.textContent('.token[aria-pressed=true]');
    expect(await page.locator('.token').allTextContents()).toEqual(WRITTEN);
    expect(await shares()).toEqual(['schema50.0%', 'question50.0%', 'statement0.0%']);
    await page.click('.token:nth-of-type(3)');
    await page.selectOption('#head', '0');
    expect(await shares()).toEqual(['schema0.0%', 'question0.0%', 'statement100.0%']);
    expect(await page.locator('#most tr:first-child td').allTextContents()).toEqual([
      'COUNT(*) ',
      'statement',
      '100.0%',
    ]);
    await page.selectOption('#head', '1');
    expect(await shares()).toEqual(['schema100.0%', 'question0.0%', 'statement0.0%']);
    await page.focus('.token[aria-pressed=true]');
    await page.keyboard.press('ArrowRight');
    expect(await pressed()).toBe('person;');
    await page.keyboard.press('ArrowLeft');
    expect(await pressed()).toBe('FROM ');
    // What was written later cannot have been read.
    expect(await page.locator('#read span:not([hidden])').allTextContents()).toEqual([
      ...PROMPT,
      ...WRITTEN.slice(0, 2),
    ]);

    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    expect(errors).toEqual([]);
    expect(asked).toEqual([pathToFileURL(file).href]);
    const folder = process.env['PICTURES'] ?? join(packageRoot, '.cache', 'pictures');
    mkdirSync(folder, { recursive: true });
    const picture = await page.screenshot({
      path: join(folder, `attention-${colorScheme}.png`),
      fullPage: true,
    });
    expect(picture.length).toBeGreaterThan(10_000);
    await browser.close();
  });
});
