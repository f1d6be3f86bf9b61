/** The schema as boxes in lanes by role, with foreign keys as lines. Of a large schema, some tables at a time. */
import { svg } from './dom.js';
import { linksOf, mostPointedTo, withNeighbours } from './neighbours.js';

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
/** More tables at once are a thicket. */
const MOST_AT_ONCE = 60;
const MOST_NEIGHBOURS = 40;
/** What a large schema begins with. */
const FIRST = 24;

/**
 * @param {HTMLElement} canvas scrolls over the diagram
 * @param {object} told
 * @param {(table: SchemaTable | undefined) => void} told.onChoose
 * @param {(shown: number, all: number, which: string) => void} told.onDraw which tables are drawn: `those found`
 */
export function createDiagram(canvas, { onChoose, onDraw }) {
  /** @type {SchemaBody | undefined} */
  let schema;
  /** From and to, by key. @type {import('./neighbours.js').Link[]} */
  let links = [];
  /** Whether all tables are drawn at once. */
  let isWhole = true;
  /** @type {Map<string, Box>} */
  let boxes = new Map();
  /** @type {{from: string, to: string, path: SVGPathElement}[]} */
  let lines = [];
  /** @type {string | undefined} */
  let chosen;
  /** Tables of an answer. @type {Set<string>} */
  let used = new Set();
  let size = { width: 1, height: 1, box: 1 };
  let scale = 1;
  let drawing = svg('svg');

  const key = (/** @type {string} */ name) => name.toLowerCase();

  /** @param {SchemaBody} given */
  function show(given) {
    schema = given;
    links = linksOf(given.tables);
    isWhole = given.tables.length <= MOST_AT_ONCE;
    chosen = undefined;
    used = new Set();
    drawFirst();
  }

  /** @param {boolean} whole */
  function showWhole(whole) {
    isWhole = whole;
    chosen = undefined;
    drawFirst();
    onChoose(undefined);
  }

  function drawFirst() {
    const tables = schema?.tables ?? [];
    if (isWhole) draw(tables, 'all of them');
    else draw(mostPointedTo(tables, links, FIRST), 'those that most others point to');
  }

  /**
   * @param {readonly SchemaTable[]} tables
   * @param {string} which
   */
  function draw(tables, which) {
    const longest = Math.max(1, ...tables.map(({ name }) => name.length));
    const width = Math.min(WIDEST, 30 + 7.2 * longest);
    boxes = new Map();
    const ground = svg('g');
    let x = PAD;
    let bottom = 0;
    for (const roles of LANES) {
      const lane = roles.flatMap((role) => tables.filter((table) => table.role === role));
      if (lane.length === 0) continue;
      ground.append(svg('text', { x, y: PAD + 10, class: 'lane' }, titleOf(roles, lane)));
      for (const [i, table] of lane.entries()) {
        const column = Math.floor(i / ROWS);
        const place = { x: x + column * (width + BETWEEN), y: PAD + TITLE + (i % ROWS) * ROW };
        boxes.set(key(table.name), { table, ...place, element: box(table, place, width) });
        bottom = Math.max(bottom, place.y + HEIGHT);
      }
      x += Math.ceil(lane.length / ROWS) * (width + BETWEEN) - BETWEEN + BETWEEN_LANES;
    }
    lines = links
      .filter(({ from, to }) => boxes.has(from) && boxes.has(to))
      .map(({ from, to }) => ({ from, to, path: line(from, to, width) }));
    size = { width: Math.max(1, x - BETWEEN_LANES + PAD), height: bottom + PAD, box: width };
    const elements = [...boxes.values()].map(({ element }) => element);
    elements[0]?.setAttribute('tabindex', '0');
    const lineGroup = svg('g', { class: 'lines' }, ...lines.map(({ path }) => path));
    const label = `${tables.length} tables; arrow keys move, Enter chooses, Escape lets go`;
    drawing = svg(
      'svg',
      { viewBox: `0 0 ${size.width} ${size.height}`, role: 'group', 'aria-label': label, keydown: onKey },
      ground,
      lineGroup,
      ...elements,
    );
    canvas.replaceChildren(drawing);
    showUsed();
    fit();
    onDraw(tables.length, schema?.tables.length ?? 0, which);
  }

  /**
   * Some tables of a large schema with their neighbours.
   * @param {readonly string[]} names
   * @param {string} whom `Patient and its`
   */
  function drawNear(names, whom) {
    const near = withNeighbours(schema?.tables ?? [], links, names.map(key), MOST_NEIGHBOURS);
    const { tables, neighbours } = near;
    const some = neighbours > MOST_NEIGHBOURS;
    draw(
      tables,
      some
        ? whom.replace(/its$|their$/, `${MOST_NEIGHBOURS} of $& ${neighbours} neighbours`)
        : `${whom} neighbours`,
    );
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

  /** @param {string | undefined} name */
  function choose(name) {
    const hadFocus = canvas.contains(document.activeElement);
    if (!isWhole && name !== undefined) drawNear([name], `${name} and its`);
    else if (!isWhole && chosen !== undefined) drawFirst();
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
    // What had it may have been drawn anew.
    if (hadFocus && !canvas.contains(document.activeElement))
      (box ?? [...boxes.values()][0])?.element.focus();
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
    used = new Set(names.map(key));
    if (isWhole || names.length === 0) return showUsed();
    chosen = undefined;
    drawNear(names, 'those of the statement and their');
  }

  function showUsed() {
    for (const [name, { element }] of boxes) element.classList.toggle('used', used.has(name));
    for (const { from, to, path } of lines) path.classList.toggle('used', used.has(from) && used.has(to));
  }

  /**
   * Of a large schema, only the tables that are found are drawn; of others, the rest fades.
   * @param {(table: SchemaTable) => boolean} isFound
   */
  function fade(isFound) {
    let first;
    if (!isWhole && schema) {
      const found = schema.tables.filter(isFound);
      chosen = undefined;
      if (found.length === schema.tables.length) drawFirst();
      else
        draw(
          found.slice(0, MOST_AT_ONCE),
          found.length > MOST_AT_ONCE ? `the first of ${found.length} found` : 'those found',
        );
    }
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
    showWhole,
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
