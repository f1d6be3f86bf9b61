import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { loadBundle } from '../../../src/data/schema/load.js';
import { overviewPage } from '../../../src/data/schema/overview-page.js';
import { overviewOf } from '../../../src/data/schema/overview.js';
import { findBrowser, inBrowser } from './browser.js';

const root = mkdtempSync(join(tmpdir(), 'page-'));
afterAll(() => rmSync(root, { recursive: true }));
const browser = await findBrowser();

/** What a person would see: boxes that overlap, lines that are drawn, what a search leaves, and how wide it is. */
const LOOK = `(() => {
  const boxes = [...document.querySelectorAll('details')];
  const places = boxes.map((box) => box.getBoundingClientRect());
  const overlap = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  const overlaps = places.filter((a, i) => places.some((b, j) => i < j && overlap(a, b))).length;
  const lines = [...document.querySelectorAll('path')].filter((path) => path.getTotalLength() > 0).length;
  const header = document.querySelector('header').getBoundingClientRect();
  const hidden = places.filter((place) => place.top < header.bottom).length;
  const empty = places.filter((place) => place.width < 100 || place.height < 20).length;
  const search = document.getElementById('search');
  search.value = 'death date';
  search.dispatchEvent(new Event('input'));
  const found = boxes.filter((box) => !box.classList.contains('faded')).map((box) => box.dataset.name);
  search.value = '';
  search.dispatchEvent(new Event('input'));
  boxes[0].open = true;
  return { boxes: boxes.length, overlaps, lines, hidden, empty, found, said: document.getElementById('keys').textContent,
    rows: boxes[0].querySelectorAll('tr').length, width: document.documentElement.scrollWidth };
})()`;

test.skipIf(browser === undefined).each([
  ['omop_cdm_5_4', 39, 92, 1400],
  ['i2b2', 22, 8, 1400],
  ['openmrs_2_8', 117, 264, 2200],
])(
  'a browser shows the page of %s: boxes apart, every key a line, a search',
  async (name, tables, keys, widest) => {
    const file = join(root, `${name}.html`);
    writeFileSync(file, overviewPage(overviewOf(loadBundle(name))));
    const { value, errors } = await inBrowser(browser!, pathToFileURL(file).href, LOOK);
    expect(errors).toEqual([]);
    const look = value as { lines: number; width: number; found: string[]; rows: number };
    expect(look).toMatchObject({
      boxes: tables,
      overlaps: 0,
      hidden: 0,
      empty: 0,
      lines: keys,
      said: `${keys} foreign keys between tables`,
    });
    expect(look.width).toBeLessThanOrEqual(widest);
    expect(look.rows).toBeGreaterThan(0);
    expect(look.found.length).toBeLessThan(tables);
    if (name !== 'i2b2') expect(look.found.length).toBeGreaterThan(0);
  },
  60_000,
);
