/** Draws rows that are a measure for each group: bars, or a line over time. The table beside it has the same numbers. */
import { svg } from './dom.js';

/** @typedef {import('./api.js').RowsBody} RowsBody */
/** @typedef {{label: string, value: number}} Point */

/** In units of the drawing, which are pixels: a narrow chart is not a small one. */
const width = () => Math.min(640, Math.max(280, innerWidth - 80));
/** More groups make no readable chart. */
const MOST_BARS = 30;
const MOST_POINTS = 400;

/** @param {RowsBody} rows */
export function chartView({ chart, columns, rows }) {
  if (!chart) return undefined;
  const points = rows.flatMap((row) => {
    const value = row[chart.value];
    const label = chart.labels
      .map((i) => labelOf(row[i], chart.kind))
      .join(chart.kind === 'line' ? '-' : ', ');
    return typeof value === 'number' ? [{ label, value }] : [];
  });
  if (points.length < 2) return undefined;
  const what = columns[chart.value]?.name || 'Measure';
  const by = chart.labels.map((i) => columns[i]?.name || 'group').join(' and ');
  if (chart.kind === 'line' && points.length <= MOST_POINTS) {
    const inOrder = [...points].sort((a, b) => a.label.localeCompare(b.label, 'en', { numeric: true }));
    return lineChart(inOrder, `${what} by ${by}, over time`);
  }
  return points.length <= MOST_BARS ? barChart(points, `${what} by ${by}`) : undefined;
}

/** @param {RowsBody['rows'][number][number] | undefined} value @param {string} kind */
function labelOf(value, kind) {
  if (value === null || value === undefined) return 'NULL';
  // Months of one digit line up with the others.
  return kind === 'line' && typeof value === 'number' ? String(value).padStart(2, '0') : String(value);
}

/** @param {Point[]} points @param {string} title */
function barChart(points, title) {
  const [row, right, WIDTH] = [22, 70, width()];
  const left = Math.round(WIDTH * 0.31);
  const [low, high] = extent(points);
  const x = (/** @type {number} */ value) => left + ((value - low) / (high - low)) * (WIDTH - left - right);
  return chart(
    title,
    [WIDTH, points.length * row + 4],
    ...points.flatMap(({ label, value }, i) => {
      const y = 4 + i * row;
      const [from, to] = value < 0 ? [x(value), x(0)] : [x(0), x(value)];
      return [
        svg('text', { x: left - 8, y: y + 13, 'text-anchor': 'end' }, shortened(label, Math.floor(left / 7))),
        svg(
          'rect',
          { class: 'bar', x: from, y, width: Math.max(1, to - from), height: row - 6, rx: 2 },
          svg('title', {}, `${label}: ${numberText(value)}`),
        ),
        svg('text', { x: to + 6, y: y + 13 }, numberText(value)),
      ];
    }),
  );
}

/** @param {Point[]} points @param {string} title */
function lineChart(points, title) {
  const [height, left, right, top, bottom] = [220, 64, 20, 12, 26];
  const WIDTH = width();
  const [low, high] = extent(points);
  const x = (/** @type {number} */ i) => left + (i / (points.length - 1)) * (WIDTH - left - right);
  const y = (/** @type {number} */ value) =>
    height - bottom - ((value - low) / (high - low)) * (height - top - bottom);
  const step = Math.ceil(points.length / (WIDTH / 80));
  return chart(
    title,
    [WIDTH, height],
    ...[low, (low + high) / 2, high].flatMap((value) => [
      svg('line', { class: 'grid', x1: left, x2: WIDTH - right, y1: y(value), y2: y(value) }),
      svg('text', { x: left - 8, y: y(value) + 4, 'text-anchor': 'end' }, numberText(value)),
    ]),
    svg('polyline', { class: 'line', points: points.map(({ value }, i) => `${x(i)},${y(value)}`).join(' ') }),
    ...points.flatMap(({ label, value }, i) => [
      svg(
        'circle',
        { class: 'point', cx: x(i), cy: y(value), r: points.length > 60 ? 1.5 : 3.5 },
        svg('title', {}, `${label}: ${numberText(value)}`),
      ),
      i % step === 0 &&
        svg('text', { x: x(i), y: height - 8, 'text-anchor': 'middle' }, shortened(label, 12)),
    ]),
  );
}

/** @param {string} title @param {[width: number, height: number]} size @param {...import('./dom.js').Child} children */
function chart(title, [across, down], ...children) {
  const size = { viewBox: `0 0 ${across} ${down}`, class: 'chart' };
  return svg('svg', { ...size, role: 'img', 'aria-label': title }, ...children);
}

/** From 0 or the lowest value to 0 or the highest. @param {Point[]} points @returns {[number, number]} */
function extent(points) {
  const values = points.map(({ value }) => value);
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  return low === high ? [0, 1] : [low, high];
}

/** @param {number} value */
function numberText(value) {
  return value.toLocaleString('en', { maximumFractionDigits: 2 });
}

/** @param {string} text @param {number} most */
function shortened(text, most) {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
