import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadBundle } from '../../src/data/schema/load.js';
import { COLUMN_ROLES, TABLE_ROLES } from '../../src/data/schema/roles/roles.js';
import { mergeOwnOverlay, parseOwnOverlay } from '../../src/data/schema/words/own-overlay.js';
import { findBrowser } from '../data/schema/browser.js';
import { askOn, NASTY, openPage, startBrowser, startPage, type PageServer } from './page-stub.js';

const path = await findBrowser();
if (path === undefined)
  console.warn('no browser: set BROWSER, or install @sparticuz/chromium, to test the page');

/** What a script or a style that came in by a fault of the page would do. */
const BREAK_IN = `new Promise((done) => {
  const place = document.createElement('div');
  place.innerHTML = ${JSON.stringify(NASTY)} + '<b style="color: red">x</b>';
  document.body.append(place);
  const script = document.createElement('script');
  script.textContent = "document.title = 'broken in'";
  document.body.append(script);
  const isRed = getComputedStyle(place.querySelector('b')).color === 'rgb(255, 0, 0)';
  setTimeout(() => done([document.title, isRed]), 500);
})`;

describe.skipIf(path === undefined)('the page', () => {
  let browser: Browser;
  let server: PageServer;
  beforeAll(async () => {
    [browser, server] = await Promise.all([startBrowser(path!), startPage()]);
  });
  afterAll(async () => {
    await browser.close();
    await server.stop(1000);
  });

  test('shows a statement with its values marked, its gates, its alternatives and what it does', async () => {
    const { page, errors, asked } = await openPage(browser, server.url);
    await askOn(page, 'How many visits did patient 4711 have?');
    expect(await page.textContent('#answer .question mark')).toBe('4711');
    expect(await page.textContent('#answer .statement pre')).toBe(
      'SELECT COUNT(*)\nFROM person AS t1\nWHERE t1.person_id = 4711;',
    );
    expect(await page.locator('#answer .statement .keyword').allTextContents()).toEqual([
      'SELECT',
      'FROM',
      'AS',
      'WHERE',
    ]);
    expect(await page.textContent('.explanation')).toBe('Counts people.');
    expect(await page.locator('.gates li.passed').count()).toBe(6);
    expect(await page.locator('.alternatives li').count()).toBe(2);
    expect(await page.textContent('.alternatives li.refused')).toContain('Person has no column "age".');
    expect(await page.getAttribute('[data-table="person"]', 'class')).toContain('used');
    expect(errors).toEqual([]);
    expect(asked.filter((url) => !url.startsWith(server.url))).toEqual([]);
    await page.context().close();
  });

  test('draws a schema of 300 tables in parts: the hubs, what is found, and what is near', async () => {
    const large = await startPage({ large: 300 });
    const { page, errors } = await openPage(browser, large.url);
    const boxes = page.locator('#canvas .box');
    const shown = page.locator('#shown-tables');
    await page.selectOption('#schema', 'large');
    await expect.poll(() => boxes.count()).toBe(24);
    expect(await shown.textContent()).toBe('Shown: 24 of 300 tables, those that most others point to.');
    await page.fill('#find', 'event_12');
    expect(await boxes.count()).toBe(11);
    expect(await shown.textContent()).toBe('Shown: 11 of 300 tables, those found.');
    await page.fill('#find', 'there is none');
    expect(await shown.textContent()).toBe('Nothing found.');
    await page.fill('#find', 'event_120');
    await page.press('#find', 'Enter');
    expect(await shown.textContent()).toBe('Shown: 3 of 300 tables, event_120 and its neighbours.');
    expect(await page.textContent('#table h3')).toContain('event_120');
    await page.click('[data-table="hub_0"]');
    expect(await shown.textContent()).toBe('Shown: 41 of 300 tables, hub_0 and 40 of its 299 neighbours.');
    await page.focus('[data-table="hub_0"]');
    await page.keyboard.press('Escape');
    expect(await boxes.count()).toBe(24);
    expect(await page.evaluate('document.activeElement.closest("#canvas") !== null')).toBe(true);
    await askOn(page, 'How many events?');
    expect(await page.getAttribute('[data-table="event_100"]', 'class')).toContain('used');
    await page.click('#whole');
    expect(await boxes.count()).toBe(300);
    await page.click('#whole');
    expect(await boxes.count()).toBe(24);
    expect(errors).toEqual([]);
    await page.context().close();
    await large.stop(1000);
  });

  test('says why a question gets no statement, and what to do', async () => {
    const { page, errors } = await openPage(browser, server.url);
    await askOn(page, 'What is the weather?');
    expect(await page.textContent('.refusal')).toMatch(
      /has nothing for "weather".*your own word under Words/s,
    );
    expect(await page.textContent('.gates li.refused')).toContain('The schema can answer it');
    expect(await page.locator('.gates li.not-reached').count()).toBe(4);
    expect(await page.locator('.statement').count()).toBe(0);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  test('takes nothing of a schema, a question or an answer for HTML', async () => {
    const { page, errors } = await openPage(browser, server.url);
    await page.selectOption('#schema', 'nasty');
    await page.click('.box');
    await askOn(page, `How many ${NASTY}?`);
    await page.click('#nav-words');
    await page.waitForSelector('#words fieldset');
    await page.reload();
    await page.waitForSelector('#history li', { state: 'attached' });
    await page.click('#nav-ask');
    expect(await page.textContent('#history li')).toContain('<img src=x');
    expect(await page.title()).toBe('openward');
    expect(await page.locator('img[src="x"]').count()).toBe(0);
    expect(await page.locator('script').count()).toBe(1);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  test('runs no script and no style that is not a file of the server', async () => {
    const { page, errors } = await openPage(browser, server.url);
    const ran = await page.evaluate(BREAK_IN);
    expect(ran).toEqual(['openward', false]);
    expect(errors.filter((text) => text.includes('Content Security Policy')).length).toBeGreaterThanOrEqual(
      2,
    );
    await page.context().close();
  });

  test('works by keyboard alone', async () => {
    const { page, errors } = await openPage(browser, server.url);
    const at = (): Promise<string> =>
      page.evaluate('document.activeElement.id || document.activeElement.textContent');
    expect(await at()).toBe('question');
    await page.keyboard.type('How many patients are there?');
    await page.keyboard.press('Shift+Enter');
    expect(await page.inputValue('#question')).toMatch(/\n$/);
    await page.keyboard.press('Enter');
    await page.waitForSelector('.answer');
    await page.keyboard.press('Tab');
    expect(await at()).toBe('ask-button');

    await page.focus('.box[tabindex="0"]');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    const chosen = page.locator('.box.chosen');
    expect(await chosen.count()).toBe(1);
    expect(await page.textContent('#table h3')).toContain((await chosen.getAttribute('data-table'))!);
    expect(await page.locator('.box.near').count()).toBeGreaterThan(0);
    expect(await page.locator('.box[tabindex="0"]').count()).toBe(1);
    await page.keyboard.press('Escape');
    expect(await chosen.count()).toBe(0);

    await page.focus('.feedback button:nth-of-type(2)');
    await page.keyboard.press('Enter');
    expect(await at()).toBe('corrected');
    await page.keyboard.press('Escape');
    expect(await page.isHidden('.correction')).toBe(true);
    expect(await at()).toBe('Wrong');
    expect(errors).toEqual([]);
    await page.context().close();
  });

  test('Escape stops a question', async () => {
    const { page } = await openPage(browser, server.url);
    await page.fill('#question', 'How many patients are there, slowly?');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#stop-button:not([hidden])');
    await page.keyboard.press('Escape');
    expect(await page.textContent('#answer p')).toBe('Stopped.');
    expect(await page.isHidden('#progress')).toBe(true);
    await page.context().close();
  });

  test.each([
    ['light', 'rgb(244, 246, 248)'],
    ['dark', 'rgb(16, 22, 28)'],
  ] as const)('fits a phone, in %s', async (colorScheme, ground) => {
    const { page, errors } = await openPage(browser, server.url, {
      ...{ colorScheme, viewport: { width: 360, height: 740 }, hasTouch: true },
    });
    await askOn(page, 'How many visits did patient 4711 have?');
    for (const summary of await page.locator('.answer summary').all()) await summary.click();
    await page.focus('[data-table="person"]');
    await page.keyboard.press('Enter');
    const width = (): Promise<number> => page.evaluate('document.documentElement.scrollWidth');
    expect(await width()).toBe(360);
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe(ground);
    await page.click('#nav-words');
    await page.waitForSelector('#words fieldset');
    expect(await width()).toBe(360);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  test('keeps the history in the browser until it is cleared', async () => {
    const { page } = await openPage(browser, server.url);
    await askOn(page, 'How many patients are there?');
    await askOn(page, 'What is the weather?');
    await page.reload();
    const entries = page.locator('#history li');
    await entries.first().waitFor();
    expect(await entries.allTextContents()).toEqual(['What is the weather?', 'How many patients are there?']);
    await entries.nth(1).locator('button').click();
    expect(await page.textContent('#answer .statement pre')).toContain('SELECT COUNT(*)');
    await page.click('#history .row button');
    expect(await page.isHidden('#history')).toBe(true);
    expect(await page.evaluate('localStorage.length')).toBe(0);
    await page.context().close();
  });

  test('sends judgements and corrections to the server', async () => {
    const { page } = await openPage(browser, server.url);
    await askOn(page, 'How many patients are there?');
    await page.click('text=Wrong');
    await page.fill('#corrected', 'SELECT nonsense FROM person;');
    await page.click('text=Send');
    await page.waitForSelector('.feedback [role=status]:has-text("Not kept")');
    await page.fill('#corrected', 'SELECT COUNT(*) FROM person AS t1;');
    await page.click('text=Send');
    await page.waitForSelector('.feedback [role=status]:has-text("Kept on the server, for training.")');
    expect(JSON.parse(readFileSync(server.feedback.path, 'utf8'))).toEqual({
      question: 'How many patients are there?',
      sql: 'SELECT COUNT(*) FROM person AS t1;',
      schema: 'omop_cdm_5_4',
    });
    await page.context().close();
  });

  test('downloads an overlay that the program reads, with what was changed alone', async () => {
    const { page, errors } = await openPage(browser, `${server.url}/#words`);
    await page.selectOption('#edited-table', 'person');
    const year = page.locator('fieldset', { hasText: 'year_of_birth' });
    await year.locator('input').fill('birth year, year born ,  year born');
    await year.locator('select').selectOption('value');
    const gender = page.locator('fieldset', { hasText: 'gender_source_value' });
    await gender.locator('textarea').fill('M = male, man\nF');
    expect(await gender.locator('[role=alert]').textContent()).toBe(
      'Line 2: write the value, =, and its words.',
    );
    await gender.locator('textarea').fill('M = male, man\nF=female');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.click('text=Download the overlay'),
    ]);
    expect(download.suggestedFilename()).toBe('omop_cdm_5_4.overlay.json');
    const text = readFileSync(await download.path(), 'utf8');
    const codes = [
      { value: 'M', words: ['male', 'man'] },
      { value: 'F', words: ['female'] },
    ];
    expect(JSON.parse(text)).toEqual({
      columns: {},
      tables: {
        person: {
          columns: {
            year_of_birth: { synonyms: ['birth year', 'year born'], role: 'value' },
            gender_source_value: { codes },
          },
        },
      },
    });
    const merged = mergeOwnOverlay(loadBundle('omop_cdm_5_4'), parseOwnOverlay(text, 'file'), 'file');
    const person = merged.tables.find(({ name }) => name === 'person')!;
    expect(person.columns.find(({ name }) => name === 'gender_source_value')!.codes).toEqual(codes);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  test('offers every role of tables and columns', async () => {
    const { page } = await openPage(browser, `${server.url}/#words`);
    const options = (selector: string): Promise<string[]> =>
      page.locator(selector).first().locator('option').allTextContents();
    await page.waitForSelector('#words fieldset');
    expect(await options('#words .fields select')).toEqual([...TABLE_ROLES]);
    expect(await options('#words fieldset select')).toEqual([...COLUMN_ROLES]);
    await page.context().close();
  });

  test('says that the server is gone, and asks again once it is back', async () => {
    const first = await startPage();
    const { page } = await openPage(browser, first.url);
    await page.waitForSelector('.box');
    await first.stop(0);
    await askOn(page, 'How many patients are there?');
    expect(await page.textContent('[role=alert]')).toContain('The server does not answer.');
    expect(await page.textContent('#server')).toBe('offline');
    const again = await startPage({ port: Number(new URL(first.url).port) });
    await page.click('button:text("Try again")');
    await page.waitForSelector('.statement');
    expect(await page.getAttribute('#server', 'class')).toBe('online');
    await page.context().close();
    await again.stop(1000);
  });

  test('asks for the API key and shows the schema once it has it', async () => {
    const guarded = await startPage({ apiKey: 'a-key-of-the-clinic' });
    const page = await browser.newPage();
    await page.goto(guarded.url);
    await page.fill('#key', 'a-key-of-the-clinic');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.box');
    expect(await page.isHidden('#key-form')).toBe(true);
    await page.close();
    await guarded.stop(1000);
  });
});
