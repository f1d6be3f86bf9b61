/** The page: loads schemas, asks, and shows what comes back. */
import { answerView, sentence } from './answer.js';
import { ask, getSchemas, getSettings, OfflineError, ServerError, useKey } from './api.js';
import { createDiagram } from './diagram.js';
import { byId, h } from './dom.js';
import { forgetAll, readHistory, remember } from './history.js';
import { coloured } from './sql.js';
import { tableDetails } from './table-details.js';
import { createWordsPage } from './words.js';

/** @typedef {import('./api.js').SchemaBody} SchemaBody */

const question = /** @type {HTMLTextAreaElement} */ (byId('question'));
const picker = /** @type {HTMLSelectElement} */ (byId('schema'));
const answerPlace = byId('answer');
const progress = byId('progress');
const server = byId('server');
const diagram = createDiagram(byId('canvas'), {
  onChoose(table) {
    const details = table && tableDetails(table, schema(), diagram.choose);
    byId('table').replaceChildren(...(details ? [details] : []));
  },
  onDraw(shown, all, which) {
    byId('shown').hidden = shown === all && !isWhole;
    byId('shown-tables').textContent =
      shown === all ? '' : shown === 0 ? 'Nothing found.' : `Shown: ${shown} of ${all} tables, ${which}.`;
    byId('whole').textContent = isWhole ? 'Show fewer' : `Show all ${all}`;
  },
});
/** Whether the person wants all tables of a large schema at once. */
let isWhole = false;
const words = createWordsPage(byId('words'), (changed) => {
  schemas = schemas.map((one) => (one.name === changed.name ? changed : one));
  showSchema();
});

/** @type {import('./api.js').SettingsBody | undefined} */
let settings;
/** @type {SchemaBody[]} */
let schemas = [];
/** The question that is being answered. @type {AbortController | undefined} */
let asking;

/** @returns {SchemaBody} */
function schema() {
  const chosen = schemas.find(({ name }) => name === picker.value) ?? schemas[0];
  if (!chosen) throw new Error('no schema is loaded');
  return chosen;
}

async function load() {
  try {
    [settings, schemas] = await Promise.all([getSettings(), getSchemas()]);
  } catch (error) {
    showFailure(error, () => void load());
    return;
  }
  byId('key-form').hidden = true;
  answerPlace.replaceChildren();
  sayOnline();
  if (settings.rows) byId('ask-help').textContent = 'Enter asks, Shift+Enter starts a new line.';
  picker.replaceChildren(...schemas.map(({ name, title }) => h('option', { value: name }, title || name)));
  showSchema();
  showHistory();
}

function sayOnline() {
  server.className = 'online';
  server.textContent = settings ? `model ${settings.model}` : '';
  server.title = settings?.adapter ?? '';
}

function showSchema() {
  const chosen = schema();
  byId('diagram-title').textContent = `${chosen.tableCount} tables`;
  const roles = [...new Set(chosen.tables.map(({ role }) => role))];
  byId('legend').replaceChildren(...roles.map((role) => h('span', { class: role }, role)));
  byId('table').replaceChildren();
  isWhole = false;
  diagram.show(chosen);
  words.show(chosen, settings?.words === chosen.name);
  byId('examples').replaceChildren(
    ...examplesOf(chosen).map((text) =>
      h('button', { type: 'button', click: () => void askNow(text) }, text),
    ),
  );
}

/** Questions that any schema with such tables can answer. @param {SchemaBody} schema */
function examplesOf({ tables }) {
  const plural = (/** @type {string} */ word) =>
    word.endsWith('s') ? word : word.replace(/([^aeiou])y$/, '$1ie') + 's';
  const pointing = (/** @type {string} */ name) =>
    tables.filter(({ foreignKeys }) => foreignKeys.some(({ references }) => references.table === name))
      .length;
  const called = (/** @type {string} */ role) => {
    // The one that most tables point to.
    const [table] = tables
      .filter((one) => one.role === role)
      .sort((a, b) => pointing(b.name) - pointing(a.name));
    const name = table?.synonyms[0] ?? table?.words;
    return name === undefined ? undefined : plural(name);
  };
  const [patients, visits] = [called('patient'), called('encounter')];
  return [
    ...(patients === undefined ? [] : [`How many ${patients} are there?`]),
    ...(visits === undefined
      ? []
      : [
          `How many ${visits} were there per year?`,
          `How many ${visits} did patient 1042 have since March 2021?`,
        ]),
  ];
}

/** @param {string} [text] */
async function askNow(text) {
  if (text !== undefined) question.value = text;
  const asked = question.value.trim();
  if (asked === '' || schemas.length === 0) {
    question.focus();
    return;
  }
  asking?.abort();
  const mine = (asking = new AbortController());
  answerPlace.replaceChildren();
  say('Waiting for the model');
  try {
    const { name } = schema();
    const answer = await ask(asked, name, {
      signal: mine.signal,
      onStage: (stage) => say(STAGES[stage] ?? stage),
      onDraft: draft,
    });
    if (mine !== asking) return;
    sayOnline();
    remember({ question: asked, answer, at: Date.now() });
    showAnswer(asked, answer);
    showHistory();
  } catch (error) {
    if (mine !== asking) return;
    if (mine.signal.aborted) answerPlace.replaceChildren(h('p', { class: 'quiet' }, 'Stopped.'));
    else showFailure(error, () => void askNow(asked));
  } finally {
    if (mine === asking) {
      asking = undefined;
      say(undefined);
    }
  }
}

/** @type {Record<string, string>} */
const STAGES = {
  vault: 'Taking the values out of the question',
  link: 'Choosing tables',
  decode: 'The model writes',
  check: 'Checking the statement',
};

/** @param {string | undefined} text nothing is going on without it */
function say(text) {
  progress.hidden = text === undefined;
  progress.replaceChildren(h('span', {}, `${text ?? ''} …`));
  byId('stop-button').hidden = text === undefined;
}

/** @param {string} sql */
function draft(sql) {
  const shown = h('div', { class: 'draft', 'aria-hidden': 'true' }, coloured(sql));
  progress.querySelector('.draft')?.remove();
  progress.append(shown);
}

/**
 * @param {string} asked
 * @param {import('./api.js').AnswerBody} answer
 */
function showAnswer(asked, answer) {
  const { feedback = false, rows } = settings ?? {};
  answerPlace.replaceChildren(answerView(asked, answer, { feedback, limit: rows?.limit }));
  const used =
    answer.statement === null
      ? []
      : schema()
          .tables.map(({ name }) => name)
          .filter((name) => isIn(name, answer.statement ?? ''));
  diagram.mark(used);
}

/** @param {string} table @param {string} sql */
function isIn(table, sql) {
  const escaped = table.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?:FROM|JOIN) \\[?${escaped}\\]?(?![\\p{L}\\p{N}_])`, 'iu').test(sql);
}

/**
 * @param {unknown} error
 * @param {() => void} again
 */
function showFailure(error, again) {
  const retry = h('button', { type: 'button', click: again }, 'Try again');
  if (error instanceof ServerError && error.status === 401) {
    byId('key-form').hidden = false;
    byId('key').focus();
    return;
  }
  if (error instanceof OfflineError) {
    server.className = 'offline';
    server.textContent = 'offline';
    answerPlace.replaceChildren(
      failure(
        'The server does not answer.',
        'Start it with engine serve, then try again. Your history is still here.',
        retry,
      ),
    );
    return;
  }
  if (error instanceof ServerError) {
    answerPlace.replaceChildren(failure('The server cannot answer.', sentence(error.message), retry));
    return;
  }
  answerPlace.replaceChildren(failure('This page failed.', String(error), retry));
}

/**
 * @param {string} title
 * @param {string} text
 * @param {HTMLElement} button
 */
function failure(title, text, button) {
  return h('div', { class: 'card failure', role: 'alert' }, h('h2', {}, title), h('p', {}, text), button);
}

function showHistory() {
  const entries = readHistory();
  const place = byId('history');
  place.hidden = entries.length === 0;
  place.replaceChildren(
    h(
      'div',
      { class: 'row' },
      h('h2', {}, 'History'),
      h('small', { class: 'grow' }, 'Kept in this browser only'),
      h('button', { type: 'button', click: forget }, 'Clear'),
    ),
    h(
      'ol',
      {},
      ...entries.map(({ question: asked, answer }) =>
        h(
          'li',
          { class: answer.statement === null ? 'refused' : 'passed' },
          h('button', { type: 'button', class: 'link', click: () => reopen(asked, answer) }, asked),
        ),
      ),
    ),
  );
}

/**
 * @param {string} asked
 * @param {import('./api.js').AnswerBody} answer
 */
function reopen(asked, answer) {
  asking?.abort();
  question.value = asked;
  if (picker.value !== answer.schema && schemas.some(({ name }) => name === answer.schema)) {
    picker.value = answer.schema;
    showSchema();
  }
  showAnswer(asked, answer);
  question.focus();
}

function forget() {
  forgetAll();
  showHistory();
  question.focus();
}

function showView() {
  const isWords = location.hash === '#words';
  byId('words').hidden = !isWords;
  byId('ask').hidden = isWords;
  for (const [id, isHere] of /** @type {const} */ ([
    ['nav-ask', !isWords],
    ['nav-words', isWords],
  ])) {
    if (isHere) byId(id).setAttribute('aria-current', 'page');
    else byId(id).removeAttribute('aria-current');
  }
  if (!isWords && schemas.length > 0) diagram.fit();
}

byId('ask-form').addEventListener('submit', (event) => {
  event.preventDefault();
  void askNow();
});
question.addEventListener('keydown', (event) => {
  // While a word is being composed (Japanese, Chinese), Enter ends the word.
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  void askNow();
});
byId('key-form').addEventListener('submit', (event) => {
  event.preventDefault();
  useKey(/** @type {HTMLInputElement} */ (byId('key')).value.trim());
  void load();
});
byId('stop-button').addEventListener('click', () => asking?.abort());
picker.addEventListener('change', () => {
  answerPlace.replaceChildren();
  showSchema();
});
byId('whole').addEventListener('click', () => {
  isWhole = !isWhole;
  diagram.showWhole(isWhole);
});
byId('fit').addEventListener('click', () => diagram.fit());
byId('larger').addEventListener('click', () => diagram.larger());
byId('smaller').addEventListener('click', () => diagram.smaller());
const find = /** @type {HTMLInputElement} */ (byId('find'));
find.addEventListener('input', () => {
  const text = find.value.trim().toLowerCase();
  const first = diagram.fade((table) => findable(table).includes(text));
  if (text !== '' && first) diagram.scrollTo(first);
});
find.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter') return;
  const first = diagram.fade((table) => findable(table).includes(find.value.trim().toLowerCase()));
  if (first) diagram.choose(first.table.name);
});

/** @param {import('./api.js').SchemaTable} table */
function findable(table) {
  return [table, ...table.columns]
    .flatMap(({ name, words, synonyms }) => [name, words, ...synonyms])
    .join('\n')
    .toLowerCase();
}

addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  if (asking) asking.abort();
  else diagram.choose(undefined);
});
addEventListener('hashchange', showView);
addEventListener('online', () => schemas.length === 0 && void load());
showView();
void load();
question.focus();
