import type { SchemaOverview, TableOverview } from './overview.js';
import type { TableRole } from './roles/roles.js';

/** Roles that share a lane, from left to right: patients and stays beside what happened, then what it refers to. */
const LANES: readonly (readonly TableRole[])[] = [
  ['patient', 'encounter', 'person', 'place'],
  ['event'],
  ['catalogue'],
  ['other'],
];
/** Boxes below each other; more stand in further columns of their lane. */
const ROWS = 30;

/**
 * A page that shows a schema: tables as boxes in lanes by role, foreign keys as lines, and a search over names and words.
 * Everything is in the file: no script, font or image is loaded from anywhere.
 */
export function overviewPage(overview: SchemaOverview): string {
  const columns = overview.tables.reduce((sum, table) => sum + table.columns.length, 0);
  const title = escapeHtml(overview.title);
  const lanes = LANES.flatMap((roles) => {
    const groups = roles.flatMap((role) => roleGroup(role, overview));
    return groups.length === 0 ? [] : `<div class="lane">${groups.join('\n')}</div>`;
  });
  const keys = overview.tables.flatMap((table) =>
    [...new Set(table.columns.flatMap(({ pointsTo }) => (pointsTo === undefined ? [] : pointsTo)))].map(
      (to) => [table.name, to],
    ),
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${title}</title><style>${STYLE}</style></head><body>
<header><h1>${title}</h1><p>${overview.tables.length} tables, ${columns} columns, <span id="keys"></span></p>
<input id="search" type="search" placeholder="Search tables, columns and words" autofocus><span id="found"></span></header>
<main><svg id="lines"></svg>${lanes.join('\n')}</main>
<script>const KEYS = ${scriptJson(keys)};${SCRIPT}</script></body></html>
`;
}

function roleGroup(role: TableRole, { tables }: SchemaOverview): string[] {
  const here = tables.filter((table) => table.role === role);
  if (here.length === 0) return [];
  const rows = Math.min(ROWS, here.length);
  const boxes = here.map(tableBox).join('\n');
  return [
    `<section class="${role}"><h2>${role} <small>${here.length}</small></h2>` +
      `<div style="grid-template-rows: repeat(${rows}, auto)">${boxes}</div></section>`,
  ];
}

function tableBox(table: TableOverview): string {
  const rows = table.columns.map((column) => {
    const arrow = column.pointsTo === undefined ? '' : ` → ${escapeHtml(column.pointsTo)}`;
    const words = escapeHtml([column.words, ...column.synonyms].join(', '));
    return (
      `<tr title="${words}"><td>${column.isKey ? '<b>' : ''}${escapeHtml(column.name)}${column.isKey ? '</b>' : ''}` +
      `</td><td>${escapeHtml(column.type)}${arrow}</td><td>${column.role}</td></tr>`
    );
  });
  const called = escapeHtml([...new Set([table.words, ...table.synonyms])].join(', '));
  const find = escapeHtml(
    [table, ...table.columns]
      .flatMap(({ name, words, synonyms }) => [name, words, ...synonyms])
      .join('\n')
      .toLowerCase(),
  );
  return (
    `<details data-name="${escapeHtml(table.name)}" data-find="${find}"><summary>${escapeHtml(table.name)}` +
    `${table.isView ? ' <i>view</i>' : ''}<small>${called}</small></summary>` +
    `<p>${escapeHtml(table.description)}</p><table>${rows.join('')}</table></details>`
  );
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** JSON that cannot end the script it stands in. */
function scriptJson(value: unknown): string {
  return JSON.stringify(value).replace(/</g, '\\u003c');
}

const STYLE = `
:root { color-scheme: light dark; --line: #8888; font: 13px/1.4 system-ui, sans-serif }
body { margin: 0; width: max-content; min-width: 100% }
header { position: sticky; top: 0; left: 0; z-index: 2; padding: 8px 16px; background: Canvas; border-bottom: 1px solid #8884;
  display: flex; gap: 8px 20px; align-items: baseline; box-sizing: border-box; width: calc(100vw - 20px); flex-wrap: wrap }
h1 { font-size: 18px; margin: 0 } header p { margin: 0; opacity: .8 } #search { width: 22em; padding: 4px 8px }
main { position: relative; display: flex; gap: 64px; padding: 16px 24px; width: max-content }
.lane { display: flex; flex-direction: column; gap: 18px }
#lines { position: absolute; inset: 0; width: 100%; height: 100%; pointer-events: none }
section > div { display: grid; grid-auto-flow: column; gap: 6px 36px; align-items: start; justify-content: start }
h2 { font-size: 15px; margin: 0 0 6px; position: relative; width: max-content; background: Canvas } small { opacity: .7; font-weight: normal }
details { position: relative; width: 230px; border: 1px solid #8886; border-left: 5px solid var(--role); border-radius: 4px; background: Canvas }
details[open] { width: max-content; min-width: 230px; max-width: 700px; z-index: 1 } summary { padding: 3px 8px; cursor: pointer; font-weight: 600; overflow: hidden; text-overflow: ellipsis }
summary small { display: block; white-space: nowrap; overflow: hidden; text-overflow: ellipsis }
details p { margin: 0 8px } table { border-collapse: collapse; margin: 4px 8px } td { padding: 1px 8px 1px 0; white-space: nowrap }
td + td { color: GrayText } .faded { opacity: .15 } .near { outline: 2px solid var(--role) }
path { fill: none; stroke: var(--line); stroke-width: 1; opacity: .45 }
path.near { stroke: #e60; stroke-width: 2; opacity: 1 } path.faded { opacity: .08 }
.patient { --role: #c33 } .encounter { --role: #c80 } .event { --role: #393 } .catalogue { --role: #36c }
.person { --role: #939 } .place { --role: #099 } .other { --role: #888 }`;

const SCRIPT = `
const boxes = new Map([...document.querySelectorAll('details')].map((box) => [box.dataset.name.toLowerCase(), box]));
const svg = document.getElementById('lines'), main = document.querySelector('main');
const links = KEYS.map(([a, b]) => [boxes.get(a.toLowerCase()), boxes.get(b.toLowerCase().replace(/^dbo\\./, ''))])
  .filter(([a, b]) => a && b && a !== b)
  .map(([from, to]) => ({ from, to, path: svg.appendChild(document.createElementNS(svg.namespaceURI, 'path')) }));
document.getElementById('keys').textContent = links.length + ' foreign keys between tables';
function draw() {
  const origin = main.getBoundingClientRect();
  const at = new Map([...boxes.values()].map((box) => [box, box.getBoundingClientRect()]));
  for (const { from, to, path } of links) {
    const a = at.get(from), b = at.get(to);
    const y1 = a.top - origin.top + 12, y2 = b.top - origin.top + 12;
    // Sideways between columns; within one column, around its left side.
    const right = a.right < b.left, left = b.right < a.left, bend = right ? 40 : left ? -40 : -24;
    const x1 = (right ? a.right : a.left) - origin.left, x2 = (left ? b.right : b.left) - origin.left;
    const pull = right || left ? -bend : bend;
    path.setAttribute('d', 'M' + x1 + ' ' + y1 + ' C' + (x1 + bend) + ' ' + y1 + ' ' + (x2 + pull) + ' ' + y2 + ' ' + x2 + ' ' + y2);
  }
}
function highlight(box) {
  for (const link of links) link.path.classList.toggle('near', !!box && (link.from === box || link.to === box));
  const near = new Set(links.filter((l) => l.from === box || l.to === box).flatMap((l) => [l.from, l.to]));
  for (const other of boxes.values()) other.classList.toggle('near', !!box && near.has(other));
}
for (const box of boxes.values()) {
  box.addEventListener('toggle', draw);
  box.addEventListener('mouseenter', () => highlight(box));
  box.addEventListener('mouseleave', () => highlight());
}
const search = document.getElementById('search');
search.addEventListener('input', () => {
  const text = search.value.trim().toLowerCase();
  let count = 0;
  for (const box of boxes.values()) {
    const isFound = box.dataset.find.includes(text);
    if (isFound) count++;
    box.classList.toggle('faded', !isFound);
  }
  for (const { from, to, path } of links)
    path.classList.toggle('faded', from.classList.contains('faded') || to.classList.contains('faded'));
  document.getElementById('found').textContent = text === '' ? '' : count === 1 ? '1 table' : count + ' tables';
  if (text !== '') [...boxes.values()].find((box) => !box.classList.contains('faded'))?.scrollIntoView({ block: 'center', inline: 'center' });
});
addEventListener('resize', draw);
draw();`;
