/** Runs the statement of an answer, and shows its first rows. They are kept nowhere. */
import { runStatement } from './api.js';
import { chartView } from './chart.js';
import { h } from './dom.js';

/** @typedef {import('./api.js').RowsBody} RowsBody */

/**
 * @param {string} id of the answer
 * @param {number} limit the most rows that the server shows
 */
export function rowsView(id, limit) {
  const said = h('span', { role: 'status', class: 'quiet' });
  const place = h('div', { class: 'rows' });
  const label = `Run and show the first ${limit} rows`;
  const button = h('button', { type: 'button', class: 'run', click: () => void run() }, label);
  async function run() {
    button.disabled = true;
    said.textContent = 'Running …';
    place.replaceChildren();
    try {
      const rows = await runStatement(id);
      said.textContent = countOf(rows);
      place.replaceChildren(...[chartView(rows), tableView(rows)].filter((one) => one !== undefined));
      button.textContent = 'Run again';
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      said.textContent = '';
      const text = message.slice(0, 1).toUpperCase() + message.slice(1);
      place.replaceChildren(
        h('p', { class: 'fault', role: 'alert' }, /[.!?]$/.test(text) ? text : `${text}.`),
      );
    } finally {
      button.disabled = false;
    }
  }
  return h('div', { class: 'running' }, h('div', { class: 'row' }, button, said), place);
}

/** @param {RowsBody} rows */
function countOf({ rows, more, ms }) {
  const count = rows.length === 1 ? '1 row' : `${rows.length} rows`;
  const time = ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
  return more ? `The first ${count}, in ${time}. There are more.` : `${count}, in ${time}.`;
}

/** @param {RowsBody} rows */
function tableView({ columns, rows }) {
  if (rows.length === 0) return undefined;
  const numeric = columns.map((_, i) => rows.every((row) => row[i] === null || typeof row[i] === 'number'));
  const side = (/** @type {number} */ i) => (numeric[i] ? 'number' : undefined);
  return h(
    'div',
    { class: 'table', tabindex: '0', role: 'region', 'aria-label': 'Rows' },
    h(
      'table',
      {},
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          ...columns.map(({ name, type }, i) =>
            h('th', { scope: 'col', class: side(i), title: type }, nameOf(name, i)),
          ),
        ),
      ),
      h('tbody', {}, ...rows.map((row) => h('tr', {}, ...row.map((value, i) => cell(value, side(i)))))),
    ),
  );
}

/** @param {RowsBody['rows'][number][number]} value @param {string | undefined} side */
function cell(value, side) {
  if (value === null) return h('td', { class: 'none' }, 'NULL');
  return h('td', { class: side }, String(value));
}

/** A column without an alias, such as COUNT(*), has no name. @param {string} name @param {number} i */
export function nameOf(name, i) {
  return name === '' ? `column ${i + 1}` : name;
}
