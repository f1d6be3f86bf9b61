/** The page on which a person edits words, roles and coded values, and saves them on the server or as a file. */
import { saveWords } from './api.js';
import { byId, copyButton, h } from './dom.js';
import { changedOverlay, codesText, listText, readCodes, readList } from './overlay.js';

/** @typedef {import('./api.js').SchemaBody} SchemaBody */
/** @typedef {import('./api.js').SchemaTable} SchemaTable */
/** @typedef {import('./overlay.js').Edits} Edits */

/** @type {readonly import('../../data/schema/roles/roles.js').TableRole[]} */
export const TABLE_ROLES = ['patient', 'encounter', 'event', 'catalogue', 'person', 'place', 'other'];
/** @type {readonly import('../../data/schema/roles/roles.js').ColumnRole[]} */
// prettier-ignore
export const COLUMN_ROLES = [
  'key', 'foreign-key', 'code', 'name', 'start', 'end', 'time', 'value', 'unit', 'status', 'text', 'money', 'flag',
  'other',
];

/**
 * @param {HTMLElement} main
 * @param {(schema: SchemaBody) => void} onSaved told of the schema with the words that the server keeps now
 */
export function createWordsPage(main, onSaved) {
  /** By schema. @type {Map<string, Edits>} */
  const allEdits = new Map();

  /**
   * @param {SchemaBody} schema
   * @param {boolean} isKept whether the server keeps its words
   */
  function show(schema, isKept) {
    /** @type {Edits} */
    const edits = allEdits.get(schema.name) ?? new Map();
    allEdits.set(schema.name, edits);
    const count = h('p', { id: 'words-said', role: 'status', class: 'quiet' });
    const fileName = `${schema.name}.overlay.json`;
    const keep = h(
      'button',
      { type: 'button', class: 'primary', click: () => void save() },
      'Save on the server',
    );
    const download = h(
      'button',
      { type: 'button', class: isKept ? undefined : 'primary', click: saveFile },
      'Download the overlay',
    );
    const reset = h('button', { type: 'button', click: undo }, 'Undo all');
    const command = `engine serve --schema ${schema.name} --overlay ${fileName}`;
    const editor = h('div', { class: 'editor' });
    const picker = h('select', { id: 'edited-table', change: () => edit(picker.value) });
    for (const role of TABLE_ROLES) {
      const tables = schema.tables.filter((table) => table.role === role);
      if (tables.length === 0) continue;
      picker.append(
        h('optgroup', { label: role }, ...tables.map(({ name }) => h('option', { value: name }, name))),
      );
    }

    function update() {
      const { tables, columns } = changedOverlay(schema, edits);
      const total = tables + columns;
      count.textContent =
        total === 0
          ? 'Nothing is changed yet.'
          : `Changed: ${tables} ${tables === 1 ? 'table' : 'tables'}, ${columns} ${columns === 1 ? 'column' : 'columns'}. ${isKept ? 'Not saved yet.' : 'This server does not save words: download the file.'}`;
      keep.disabled = total === 0;
      download.disabled = total === 0;
      reset.disabled = total === 0;
    }
    async function save() {
      keep.disabled = true;
      try {
        const saved = await saveWords(schema.name, changedOverlay(schema, edits).overlay);
        edits.clear();
        const table = picker.value;
        onSaved(saved);
        const chosen = /** @type {HTMLSelectElement} */ (byId('edited-table'));
        chosen.value = table;
        chosen.dispatchEvent(new Event('change'));
        byId('words-said').textContent = 'Saved. The next question is read with these words.';
      } catch (error) {
        update();
        count.textContent = `Not saved: ${/** @type {Error} */ (error).message}`;
      }
    }
    function saveFile() {
      const { overlay } = changedOverlay(schema, edits);
      const url = URL.createObjectURL(
        new Blob([`${JSON.stringify(overlay, null, 2)}\n`], { type: 'application/json' }),
      );
      h('a', { href: url, download: fileName }).click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    }
    function undo() {
      edits.clear();
      edit(picker.value);
    }
    /** @param {string} name */
    function edit(name) {
      const table = schema.tables.find((one) => one.name === name);
      if (table) editor.replaceChildren(...tableEditor(table, edits, update));
      update();
    }

    main.replaceChildren(
      h(
        'section',
        { class: 'card words' },
        h('h2', {}, `Words of ${schema.title}`),
        h(
          'p',
          {},
          'Say here what people call your tables and columns, what these hold, and what their coded values mean. ',
          isKept
            ? 'Saved words count from the next question on, for everyone who asks this server.'
            : 'Then download the file and start the server with it:',
        ),
        !isKept && h('p', { class: 'row' }, h('code', { class: 'command' }, command), copyButton(command)),
        h(
          'div',
          { class: 'row' },
          h('label', { for: 'edited-table' }, 'Table'),
          picker,
          h('span', { class: 'grow' }),
          isKept && keep,
          download,
          reset,
        ),
        count,
      ),
      editor,
    );
    edit(picker.value);
  }
  return { show };
}

/**
 * @param {SchemaTable} table
 * @param {Edits} edits
 * @param {() => void} onChange
 */
function tableEditor(table, edits, onChange) {
  /** @type {import('./overlay.js').TableEdit} */
  const own = edits.get(table.name) ?? { columns: new Map() };
  /** @param {(edit: import('./overlay.js').TableEdit) => void} change */
  const change = (change) => {
    change(own);
    edits.set(table.name, own);
    onChange();
  };
  /** @param {string} name @param {Partial<import('./overlay.js').ColumnEdit>} part */
  const changeColumn = (name, part) =>
    change(({ columns }) => columns.set(name, { ...columns.get(name), ...part }));
  const about = (/** @type {string} */ what) => `${what} of ${table.name}`;
  return [
    h(
      'section',
      { class: 'card' },
      h('h3', {}, table.name),
      h(
        'div',
        { class: 'fields' },
        h(
          'label',
          {},
          'What it holds',
          field({
            value: own.description ?? table.description,
            onInput: (text) => change((edit) => (edit.description = text)),
          }),
        ),
        h(
          'label',
          {},
          'What people call it, with commas between',
          field({
            value: listText(own.synonyms ?? table.synonyms),
            onInput: (text) => change((edit) => (edit.synonyms = readList(text))),
          }),
        ),
        h(
          'label',
          {},
          'Role',
          roles(TABLE_ROLES, own.role ?? table.role, (role) => change((edit) => (edit.role = role))),
        ),
      ),
    ),
    h(
      'section',
      { class: 'card' },
      h('h3', {}, 'Columns'),
      ...table.columns.map((column) => {
        const edit = own.columns.get(column.name) ?? {};
        const fault = h('span', { class: 'fault', role: 'alert' });
        return h(
          'fieldset',
          {},
          h('legend', {}, column.name, ' ', h('small', {}, column.type)),
          h(
            'label',
            {},
            'What people call it, with commas between',
            field({
              value: listText(edit.synonyms ?? column.synonyms),
              label: about(`Words for ${column.name}`),
              onInput: (text) => changeColumn(column.name, { synonyms: readList(text) }),
            }),
          ),
          h(
            'label',
            {},
            'Role',
            roles(COLUMN_ROLES, edit.role ?? column.role, (role) => changeColumn(column.name, { role })),
          ),
          h(
            'label',
            {},
            'Coded values, one per line: M = male, man',
            codesField(edit.codesText ?? codesText(column.codes), (text) => {
              const { codes, message } = readCodes(text);
              fault.textContent = message ?? '';
              changeColumn(column.name, { codesText: text, ...(message === undefined ? { codes } : {}) });
            }),
            fault,
          ),
        );
      }),
    ),
  ];
}

/** @param {{value: string, label?: string, onInput: (text: string) => void}} options */
function field({ value, label, onInput }) {
  const input = h('input', {
    type: 'text',
    maxlength: 4000,
    'aria-label': label,
    input: () => onInput(input.value),
  });
  input.value = value;
  return input;
}

/** @param {string} value @param {(text: string) => void} onInput */
function codesField(value, onInput) {
  const rows = Math.min(6, Math.max(1, value.split('\n').length));
  const area = h('textarea', { rows, spellcheck: 'false', input: () => onInput(area.value) });
  area.value = value;
  return area;
}

/**
 * @param {readonly string[]} all
 * @param {string} value
 * @param {(role: string) => void} onChange
 */
function roles(all, value, onChange) {
  const select = h(
    'select',
    { change: () => onChange(select.value) },
    ...all.map((role) => h('option', { value: role }, role)),
  );
  select.value = value;
  return select;
}
