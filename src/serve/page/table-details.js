/** What is known of a table, below the diagram. */
import { h } from './dom.js';

/** @typedef {import('./api.js').SchemaBody} SchemaBody */
/** @typedef {import('./api.js').SchemaTable} SchemaTable */

/**
 * What is known of a table, with buttons that lead to its neighbours.
 * @param {SchemaTable} table
 * @param {SchemaBody} schema
 * @param {(name: string) => void} onChoose
 */
export function tableDetails(table, schema, onChoose) {
  const same = (/** @type {string} */ a, /** @type {string} */ b) => a.toLowerCase() === b.toLowerCase();
  const from = schema.tables.filter(
    ({ name, foreignKeys }) =>
      !same(name, table.name) && foreignKeys.some(({ references }) => same(references.table, table.name)),
  );
  const link = (/** @type {string} */ name) =>
    h('button', { type: 'button', class: 'link', click: () => onChoose(name) }, name);
  const called = [...new Set([table.words, ...table.synonyms])].join(', ');
  return h(
    'div',
    { class: 'table' },
    h(
      'h3',
      {},
      table.name,
      ' ',
      h('span', { class: `badge ${table.role}` }, table.role),
      table.isView && ' view',
    ),
    h('p', {}, table.description),
    h('p', { class: 'quiet' }, 'Called: ', called),
    from.length > 0 &&
      h(
        'p',
        { class: 'quiet' },
        'Pointed to by ',
        ...from.flatMap(({ name }, i) => [i > 0 && ' ', link(name)]),
      ),
    h(
      'div',
      { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': `Columns of ${table.name}` },
      h(
        'table',
        {},
        h(
          'thead',
          {},
          h('tr', {}, ...['Column', 'Role', 'Called'].map((text) => h('th', { scope: 'col' }, text))),
        ),
        h(
          'tbody',
          {},
          ...table.columns.map((column) =>
            h(
              'tr',
              {},
              h(
                'th',
                { scope: 'row', class: column.isKey ? 'key' : undefined },
                column.name,
                h('small', {}, column.type),
              ),
              h('td', {}, column.role, column.pointsTo !== undefined && link(column.pointsTo)),
              h(
                'td',
                {},
                [...new Set([column.words, ...column.synonyms])].join(', '),
                ...column.codes.map(({ value, words }) =>
                  h('div', { class: 'code' }, `${value} = ${words.join(', ')}`),
                ),
              ),
            ),
          ),
        ),
      ),
    ),
  );
}
