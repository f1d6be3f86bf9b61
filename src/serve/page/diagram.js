/** The schema as boxes in lanes by role, with foreign keys as lines. */
import { h, svg } from './dom.js';

/** @typedef {import('./api.js').SchemaBody} SchemaBody */
/** @typedef {import('./api.js').SchemaTable} SchemaTable */
/** @typedef {{table: SchemaTable, x: number, y: number, element: SVGGElement}} Box */

/** From left to right: whom it is about, what happened, what that refers to. */
const LANES = [['patient', 'encounter', 'person', 'place'], ['event'], ['catalogue'], ['other']];
const ROWS = 18;
const HEIGHT = 30;
const ROW = 40;
const PAD = 16;
const TITLE = 24;
const BETWEEN = 34;
const BETWEEN_LANES = 66;
const WIDEST = 230;

/**
 * @param {HTMLElement} canvas scrolls over the diagram
 * @param {(table: SchemaTable | undefined) => void} onChoose
 */
export function createDiagram(canvas, onChoose) {
  /** @type {Map<string, Box>} */
  let boxes = new Map();
  /** @type {{from: string, to: string, path: SVGPathElement}[]} */
  let lines = [];
  /** @type {string | undefined} */
  let chosen;
  let size = { width: 1, height: 1, box: 1 };
  let scale = 1;
  let drawing = svg('svg');

  const key = (/** @type {string} */ name) => name.toLowerCase();

  /** @param {SchemaBody} schema */
  function show(schema) {
    const longest = Math.max(...schema.tables.map(({ name }) => name.length));
    const width = Math.min(WIDEST, 30 + 7.2 * longest);
    boxes = new Map();
    chosen = undefined;
    const ground = svg('g');
    let x = PAD;
    let bottom = 0;
    for (const roles of LANES) {
      const tables = roles.flatMap((role) => schema.tables.filter((table) => table.role === role));
      if (tables.length === 0) continue;
      ground.append(svg('text', { x, y: PAD + 10, class: 'lane' }, titleOf(roles, tables)));
      for (const [i, table] of tables.entries()) {
        const column = Math.floor(i / ROWS);
        const place = { x: x + column * (width + BETWEEN), y: PAD + TITLE + (i % ROWS) * ROW };
        boxes.set(key(table.name), { table, ...place, element: box(table, place, width) });
        bottom = Math.max(bottom, place.y + HEIGHT);
      }
      x += Math.ceil(tables.length / ROWS) * (width + BETWEEN) - BETWEEN + BETWEEN_LANES;
    }
    lines = linesOf(schema).map(({ from, to }) => ({ from, to, path: line(from, to, width) }));
    size = { width: x - BETWEEN_LANES + PAD, height: bottom + PAD, box: width };
    const elements = [...boxes.values()].map(({ element }) => element);
    elements[0]?.setAttribute('tabindex', '0');
    const lineGroup = svg('g', { class: 'lines' }, ...lines.map(({ path }) => path));
    const label = `${schema.tables.length} tables; arrow keys move, Enter chooses, Escape lets go`;
    drawing = svg(
      'svg',
      { viewBox: `0 0 ${size.width} ${size.height}`, role: 'group', 'aria-label': label, keydown: onKey },
      ground,
      lineGroup,
      ...elements,
    );
    canvas.replaceChildren(drawing);
    fit();
  }

  /**
   * @param {SchemaTable} table
   * @param {{x: number, y: number}} place
   * @param {number} width
   */
  function box(table, { x, y }, width) {
    const most = Math.floor((width - 24) / 7);
    const shown = table.name.length > most ? `${table.name.slice(0, most - 1)}…` : table.name;
    return svg(
      'g',
      {
        class: `box ${table.role}`,
        transform: `translate(${x} ${y})`,
        role: 'button',
        tabindex: '-1',
        'aria-label': `${table.name}, ${table.role}`,
        'aria-pressed': 'false',
        'data-table': table.name,
        click: () => choose(chosen === key(table.name) ? undefined : table.name),
        focus: (/** @type {FocusEvent} */ { currentTarget }) =>
          rove(/** @type {SVGGElement} */ (currentTarget)),
      },
      svg('title', {}, table.description || table.name),
      svg('rect', { width, height: HEIGHT, rx: 7 }),
      svg('rect', { class: 'role', width: 5, height: HEIGHT - 10, x: 5, y: 5, rx: 2.5 }),
      svg('text', { x: 18, y: 19.5 }, shown),
    );
  }

  /**
   * Sideways between columns; within one column, around its right side.
   * @param {string} from
   * @param {string} to
   * @param {number} width
   */
  function line(from, to, width) {
    const [a, b] = [boxes.get(from), boxes.get(to)];
    if (!a || !b) return svg('path');
    const [y1, y2] = [a.y + HEIGHT / 2, b.y + HEIGHT / 2];
    const isRight = b.x > a.x;
    const isSame = a.x === b.x;
    const x1 = a.x + (isRight || isSame ? width : 0);
    const x2 = b.x + (isRight ? 0 : width);
    const bend = isSame ? 26 : Math.max(30, Math.abs(x2 - x1) / 2);
    const pull = isSame || !isRight ? bend : -bend;
    const push = isSame || isRight ? bend : -bend;
    return svg('path', { d: `M${x1} ${y1}C${x1 + push} ${y1} ${x2 + pull} ${y2} ${x2} ${y2}` });
  }

  /** @param {SchemaBody} schema */
  function linesOf(schema) {
    const seen = new Set();
    return schema.tables
      .flatMap(({ name, foreignKeys }) =>
        foreignKeys.map(({ references }) => ({ from: key(name), to: key(references.table) })),
      )
      .filter(({ from, to }) => {
        const both = `${from} ${to}`;
        if (from === to || !boxes.has(to) || seen.has(both)) return false;
        seen.add(both);
        return true;
      });
  }

  /** @param {string | undefined} name */
  function choose(name) {
    const box = name === undefined ? undefined : boxes.get(key(name));
    chosen = box && key(box.table.name);
    const near = new Set(lines.filter(touches).flatMap(({ from, to }) => [from, to]));
    drawing.classList.toggle('has-chosen', box !== undefined);
    for (const [name, { element }] of boxes) {
      element.classList.toggle('chosen', name === chosen);
      element.classList.toggle('near', name !== chosen && near.has(name));
      element.setAttribute('aria-pressed', String(name === chosen));
    }
    for (const each of lines) {
      each.path.classList.toggle('near', touches(each));
      // Drawn last, so on top.
      if (touches(each)) each.path.parentNode?.append(each.path);
    }
    if (box) {
      rove(box.element);
      scrollTo(box);
    }
    onChoose(box?.table);
  }

  /** @param {{from: string, to: string}} line */
  function touches({ from, to }) {
    return from === chosen || to === chosen;
  }

  /** Only one box is in the order of Tab; arrow keys lead to the others. @param {SVGGElement} element */
  function rove(element) {
    for (const other of boxes.values())
      other.element.setAttribute('tabindex', other.element === element ? '0' : '-1');
  }

  /** @param {Box} box */
  function scrollTo({ x, y }) {
    const left = (x + size.box / 2) * scale - canvas.clientWidth / 2;
    const top = (y + HEIGHT / 2) * scale - canvas.clientHeight / 2;
    canvas.scrollTo({ left, top });
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    const here = [...boxes.values()].find(({ element }) => element === document.activeElement);
    if (!here) return;
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.key === 'Enter' || event.key === ' ')
      choose(chosen === key(here.table.name) ? undefined : here.table.name);
    else if (event.key === 'Escape' && chosen !== undefined) choose(undefined);
    else if (step) next(here, step[0] ?? 0, step[1] ?? 0)?.element.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /**
   * The nearest box in a direction.
   * @param {Box} from
   * @param {number} dx
   * @param {number} dy
   */
  function next(from, dx, dy) {
    const far = (/** @type {Box} */ { x, y }) => {
      const along = (x - from.x) * dx + (y - from.y) * dy;
      const across = Math.abs((x - from.x) * dy) + Math.abs((y - from.y) * dx);
      return along > 0 ? along + 3 * across : Infinity;
    };
    const [best] = [...boxes.values()].sort((a, b) => far(a) - far(b));
    return best && far(best) < Infinity ? best : undefined;
  }

  /** Tables of an answer. @param {readonly string[]} names */
  function mark(names) {
    const marked = new Set(names.map(key));
    for (const [name, { element }] of boxes) element.classList.toggle('used', marked.has(name));
  }

  /** @param {(table: SchemaTable) => boolean} isFound */
  function fade(isFound) {
    let first;
    for (const box of boxes.values()) {
      const found = isFound(box.table);
      box.element.classList.toggle('faded', !found);
      if (found) first ??= box;
    }
    return first;
  }

  /** @param {number} to */
  function zoom(to) {
    const middle = (canvas.scrollLeft + canvas.clientWidth / 2) / scale;
    const centre = (canvas.scrollTop + canvas.clientHeight / 2) / scale;
    scale = Math.min(2, Math.max(0.25, to));
    drawing.setAttribute('width', String(size.width * scale));
    drawing.setAttribute('height', String(size.height * scale));
    canvas.scrollTo({
      left: middle * scale - canvas.clientWidth / 2,
      top: centre * scale - canvas.clientHeight / 2,
    });
  }

  /** As large as the canvas is wide, and never too small to be read. */
  function fit() {
    zoom(Math.min(1, Math.max(0.62, canvas.clientWidth / size.width)));
    canvas.scrollTo({ left: 0, top: 0 });
  }

  dragToScroll(canvas);
  canvas.addEventListener(
    'wheel',
    (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      zoom(scale * (event.deltaY < 0 ? 1.15 : 1 / 1.15));
    },
    { passive: false },
  );
  return {
    show,
    choose,
    mark,
    fade,
    scrollTo,
    fit,
    larger: () => zoom(scale * 1.25),
    smaller: () => zoom(scale / 1.25),
  };
}

/**
 * @param {readonly string[]} roles
 * @param {readonly SchemaTable[]} tables
 */
function titleOf(roles, tables) {
  return roles.filter((role) => tables.some((table) => table.role === role)).join(', ');
}

/** A mouse drags the ground; fingers scroll by themselves. @param {HTMLElement} canvas */
function dragToScroll(canvas) {
  /** @type {{x: number, y: number} | undefined} */
  let last;
  canvas.addEventListener('pointerdown', (event) => {
    const isOnBox = event.target instanceof Element && event.target.closest('.box') !== null;
    if (event.pointerType === 'mouse' && event.button === 0 && !isOnBox)
      last = { x: event.clientX, y: event.clientY };
  });
  addEventListener('pointermove', (event) => {
    if (!last) return;
    canvas.scrollBy(last.x - event.clientX, last.y - event.clientY);
    last = { x: event.clientX, y: event.clientY };
  });
  addEventListener('pointerup', () => (last = undefined));
}

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
          h('tr', {}, ...['Column', 'Type', 'Role', 'Called'].map((text) => h('th', { scope: 'col' }, text))),
        ),
        h(
          'tbody',
          {},
          ...table.columns.map((column) =>
            h(
              'tr',
              {},
              h('th', { scope: 'row', class: column.isKey ? 'key' : undefined }, column.name),
              h('td', {}, column.type),
              h(
                'td',
                {},
                column.role,
                column.pointsTo !== undefined && ' → ',
                column.pointsTo !== undefined && link(column.pointsTo),
              ),
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
