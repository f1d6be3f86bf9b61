import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { FirstRows } from '../../src/data/server/connect.js';
import { ServerError } from '../../src/data/server/errors.js';
import { loadBundle } from '../../src/data/schema/load.js';
import { findBrowser } from '../data/schema/browser.js';
import {
  askOn,
  keepPicture,
  NASTY,
  openPage,
  startBrowser,
  startPage,
  type PageServer,
} from './page-stub.js';
import { stubRows } from './stub.js';

const path = await findBrowser();

const int = (name: string): FirstRows['columns'][0] => ({ name, type: 'int' });
const PER_YEAR: FirstRows = {
  columns: [int('year_of_birth'), int('')],
  rows: Array.from({ length: 40 }, (_, i) => [1950 + i, 100 + ((i * 37) % 90)]),
  more: false,
};
const RUN = 'button:text("Run and show the first 100 rows")';

describe.skipIf(path === undefined)('the page of a server that runs statements', () => {
  let browser: Browser;
  let server: PageServer | undefined;
  beforeAll(async () => {
    browser = await startBrowser(path!);
  });
  afterEach(async () => {
    await server?.stop(1000);
    server = undefined;
  });
  afterAll(() => browser.close());

  async function open(
    answer: Parameters<typeof stubRows>[0],
    question: string,
    phone = false,
  ): Promise<{ page: Page; errors: string[] }> {
    server = await startPage({ rows: stubRows(answer) });
    const viewport = phone ? { viewport: { width: 360, height: 740 }, colorScheme: 'dark' as const } : {};
    const { page, errors } = await openPage(browser, server.url, viewport);
    await askOn(page, question);
    return { page, errors };
  }

  test.each([
    ['a wide window', false],
    ['a phone', true],
  ])('shows rows as a table and as a line over years, in %s', async (_, phone) => {
    const { page, errors } = await open(PER_YEAR, 'How many patients per year of birth?', phone);
    expect(await page.locator('.rows table').count()).toBe(0);
    await page.click(RUN);
    await page.waitForSelector('.rows table');
    expect(await page.textContent('.running [role=status]')).toMatch(/^40 rows, in \d+ ms\.$/);
    expect(await page.locator('.rows thead th').allTextContents()).toEqual(['year_of_birth', 'COUNT(*)']);
    expect(await page.locator('.rows tbody tr').count()).toBe(40);
    expect(await page.locator('.rows tbody tr:first-child td').allTextContents()).toEqual(['1950', '100']);
    expect(await page.locator('.chart .point').count()).toBe(40);
    expect(await page.textContent('.chart .point:first-of-type title')).toBe('1950: 100');
    const width = await page.evaluate('document.documentElement.scrollWidth');
    expect(width).toBe(phone ? 360 : 1280);
    expect(await keepPicture(page, phone ? 'rows-phone' : 'rows')).toBeGreaterThan(20_000);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  test.each([1280, 360])('shows a measure for each group as bars, at %i pixels', async (width) => {
    const genders: FirstRows = {
      columns: [{ name: 'gender_source_value', type: 'varchar' }, int('')],
      rows: [
        ['female', 1200],
        ['male', 1100],
        [null, 30],
        ['a word that is too long to stand beside its bar', -20],
      ],
      more: false,
    };
    const { page, errors } = await open(genders, 'How many patients per gender_source_value?', width === 360);
    await page.click(RUN);
    await page.waitForSelector('.chart .bar');
    expect(await page.locator('.chart .bar title').allTextContents()).toEqual([
      'female: 1,200',
      'male: 1,100',
      'NULL: 30',
      'a word that is too long to stand beside its bar: -20',
    ]);
    expect(await page.locator('.chart').getAttribute('aria-label')).toBe('COUNT(*) by gender_source_value');
    const widths = await page
      .locator('.chart .bar')
      .evaluateAll((bars) => bars.map((bar) => Number(bar.getAttribute('width'))));
    expect(widths[0]! / widths[1]!).toBeCloseTo(1200 / 1100, 2);
    // Letters are as large as elsewhere.
    expect((await page.locator('.chart text').first().boundingBox())!.height).toBeGreaterThan(9);
    await keepPicture(page, `bars-${width}`);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  test('shows a single number without a chart', async () => {
    const one = { columns: [int('')], rows: [[12]], more: false };
    const { page, errors } = await open(one, 'How many visits did patient 4711 have?');
    await page.focus(RUN);
    await page.keyboard.press('Enter');
    await page.waitForSelector('.rows table');
    expect(await page.textContent('.running [role=status]')).toMatch(/^1 row, in /);
    expect(await page.locator('.chart').count()).toBe(0);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  test('says that there are more rows, and takes none of them for HTML', async () => {
    const nasty = {
      columns: [{ name: NASTY, type: NASTY }, int('n')],
      rows: [
        [NASTY, null],
        ['b', 2],
      ],
      more: true,
    };
    const { page, errors } = await open(nasty, 'How many patients per year of birth?');
    await page.click(RUN);
    await page.waitForSelector('.rows table');
    expect(await page.textContent('.running [role=status]')).toMatch(
      /^The first 2 rows, in .* There are more\.$/,
    );
    expect(await page.textContent('.rows td.none')).toBe('NULL');
    expect(await page.textContent('.rows tbody')).toContain('<img src=x');
    expect(await page.title()).toBe('openward');
    expect(await page.locator('img[src="x"]').count()).toBe(0);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  test('says in one line why there are none, and can try again', async () => {
    let failures = 0;
    const answer = (): FirstRows => {
      if (failures++ > 0) return PER_YEAR;
      throw new ServerError({ code: 'login', message: 'db:1433: Login failed for user reader' });
    };
    const { page } = await open(answer, 'How many patients per year of birth?');
    await page.click(RUN);
    const alert = page.locator('.rows [role=alert]');
    await alert.waitFor();
    expect(await alert.textContent()).toBe("The database refused this server's login.");
    await keepPicture(page, 'rows-refused');
    await page.click(RUN);
    await page.waitForSelector('.rows table');
    await page.context().close();
  });

  test('keeps no row in the browser', async () => {
    const secret: FirstRows = {
      columns: [{ name: 'name', type: 'nvarchar' }],
      rows: [['Zebulon']],
      more: false,
    };
    const { page } = await open(secret, 'How many patients are there?');
    await page.click(RUN);
    await page.waitForSelector('.rows table');
    const kept = await page.evaluate('JSON.stringify([localStorage, sessionStorage])');
    expect(kept).toContain('SELECT');
    expect(kept).not.toContain('Zebulon');
    await page.reload();
    await page.click('#history li button');
    await page.waitForSelector(RUN);
    expect(await page.locator('.rows table').count()).toBe(0);
    await page.context().close();
  });

  test('offers nothing to run on a server that runs nothing', async () => {
    server = await startPage();
    const { page } = await openPage(browser, server.url);
    await askOn(page, 'How many patients are there?');
    expect(await page.locator('.running').count()).toBe(0);
    await page.context().close();
  });
});

describe.skipIf(path === undefined)('the page of a server that keeps words', () => {
  test('saves what was changed, in a file for --overlay, and goes on with it', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'words-')), 'own.json');
    const [browser, server] = await Promise.all([startBrowser(path!), startPage({ words: file })]);
    const { page, errors } = await openPage(browser, `${server.url}/#words`);
    await page.selectOption('#edited-table', 'person');
    const year = page.locator('fieldset', { hasText: 'year_of_birth' });
    await year.locator('input').fill('year born');
    expect(await page.textContent('#words-said')).toBe('Changed: 1 table, 1 column. Not saved yet.');
    await page.click('text=Save on the server');
    await page.waitForSelector('#words-said:has-text("Saved.")');
    expect(await page.inputValue('#edited-table')).toBe('person');
    expect(await year.locator('input').inputValue()).toBe('year born');
    expect(await page.isDisabled('text=Save on the server')).toBe(true);
    const read = loadBundle('omop_cdm_5_4', file).tables.find(({ name }) => name === 'person')!;
    expect(read.columns.find(({ name }) => name === 'year_of_birth')!.synonyms).toEqual(['year born']);
    await year.locator('input').fill('x'.repeat(500));
    await page.click('text=Save on the server');
    await page.waitForSelector('#words-said:has-text("Not saved: ")');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ tables: { person: {} } });
    expect(await keepPicture(page, 'words-saved')).toBeGreaterThan(20_000);
    expect(errors.filter((text) => !text.includes('422'))).toEqual([]);
    await page.reload();
    await page.selectOption('#edited-table', 'person');
    expect(await year.locator('input').inputValue()).toBe('year born');
    await browser.close();
    await server.stop(1000);
  });
});
