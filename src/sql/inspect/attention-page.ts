import type { AttentionTrace } from './trace-attention.js';

/**
 * A self-contained page: choose a token of the statement, and the prompt is coloured by what the model read when it wrote
 * that token, in one head or on average. It contacts no host.
 */
export function attentionPage(trace: AttentionTrace): string {
  const { tokens, promptTokens, nLayer, nHead, attention, question, statement, accepted } = trace;
  // Square roots, so that a byte tells small shares apart.
  const bytes = Uint8Array.from(attention, (share) => Math.round(255 * Math.sqrt(share)));
  const data = { tokens, promptTokens, nLayer, nHead, attention: Buffer.from(bytes).toString('base64') };
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Attention</title>
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<style>
body { font: 15px/1.6 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color-scheme: light dark; }
pre { font: 13px/1.8 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
button.token { font: inherit; border: 1px solid #8886; background: none; color: inherit; padding: 0; margin: 0 1px; cursor: pointer; white-space: pre; }
button.token[aria-pressed="true"] { outline: 2px solid #d9534a; }
table { border-collapse: collapse; } th, td { text-align: left; padding: 0.1rem 0.8rem 0.1rem 0; }
label { margin-right: 1rem; }
</style></head><body>
<h1>What the model read</h1>
<p>Question: <code>${escape(question)}</code></p>
<p>Statement${accepted ? '' : ' (refused)'}: <code>${escape(statement)}</code></p>
<p><label>Layer <select id="layer"></select></label><label>Head <select id="head"></select></label></p>
<h2>Written</h2>
<p>Choose a token, or use the arrow keys.</p>
<pre id="written"></pre>
<h2>Read when it was written</h2>
<table><thead><tr><th>part</th><th>share</th></tr></thead><tbody id="parts"></tbody></table>
<pre id="read"></pre>
<table><thead><tr><th>token</th><th>part</th><th>share</th></tr></thead><tbody id="most"></tbody></table>
<script type="application/json" id="data">${JSON.stringify(data).replace(/</g, '\\u003c')}</script>
<script>${SCRIPT}</script>
</body></html>
`;
}

const SCRIPT = `
const { tokens, promptTokens, nLayer, nHead, attention } = JSON.parse(document.getElementById('data').textContent);
const bytes = Uint8Array.from(atob(attention), (char) => char.charCodeAt(0));
const rows = tokens.length - promptTokens, T = tokens.length - 1;
const at = (id) => document.getElementById(id);
const fill = (select, count) => {
  select.append(new Option('average', ''));
  for (let i = 0; i < count; i++) select.append(new Option(String(i), String(i)));
};
fill(at('layer'), nLayer);
fill(at('head'), nHead);
const chosen = (id, count) => at(id).value === '' ? [...Array(count).keys()] : [Number(at(id).value)];
let row = 0;
function shares() {
  const sum = new Float64Array(T);
  const layers = chosen('layer', nLayer), heads = chosen('head', nHead);
  for (const layer of layers) for (const head of heads) {
    const from = ((layer * nHead + head) * rows + row) * T;
    for (let j = 0; j < T; j++) sum[j] += (bytes[from + j] / 255) ** 2 / (layers.length * heads.length);
  }
  return sum;
}
const spans = tokens.slice(0, T).map(({ text }) => Object.assign(document.createElement('span'), { textContent: text }));
at('read').append(...spans);
const buttons = tokens.slice(promptTokens).map(({ text }, i) => {
  const button = Object.assign(document.createElement('button'), { textContent: text, className: 'token' });
  button.onclick = () => choose(i);
  return button;
});
at('written').append(...buttons);
const cells = (...texts) => {
  const line = document.createElement('tr');
  for (const text of texts) line.insertCell().textContent = text;
  return line;
};
const percent = (share) => (100 * share).toFixed(1) + '%';
function show() {
  const found = shares();
  const most = found.reduce((a, b) => Math.max(a, b), 0);
  const parts = {};
  spans.forEach((span, j) => {
    span.style.background = 'rgba(217, 83, 74, ' + (found[j] / (most || 1)).toFixed(3) + ')';
    span.title = percent(found[j]);
    span.hidden = j >= promptTokens + row;
    parts[tokens[j].part] = (parts[tokens[j].part] || 0) + found[j];
  });
  buttons.forEach((button, i) => button.setAttribute('aria-pressed', String(i === row)));
  at('parts').replaceChildren(...Object.entries(parts).map(([part, share]) => cells(part, percent(share))));
  const order = [...found.keys()].sort((a, b) => found[b] - found[a]).slice(0, 10);
  at('most').replaceChildren(...order.map((j) => cells(tokens[j].text, tokens[j].part, percent(found[j]))));
}
function choose(i) {
  row = Math.min(rows - 1, Math.max(0, i));
  buttons[row].focus();
  show();
}
at('written').onkeydown = ({ key }) => {
  if (key === 'ArrowRight') choose(row + 1);
  if (key === 'ArrowLeft') choose(row - 1);
};
at('layer').onchange = at('head').onchange = show;
show();
`;

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** For every token of the statement, how much each part had in what was read, on average over layers and heads. */
export function averageShares(trace: AttentionTrace): Record<string, number>[] {
  const { tokens, promptTokens, nLayer, nHead, attention } = trace;
  const rows = tokens.length - promptTokens;
  const T = tokens.length - 1;
  return Array.from({ length: rows }, (_, row) => {
    const shares: Record<string, number> = {};
    for (let head = 0; head < nLayer * nHead; head++) {
      for (let j = 0; j < T; j++) {
        const { part } = tokens[j]!;
        shares[part] = (shares[part] ?? 0) + attention[(head * rows + row) * T + j]! / (nLayer * nHead);
      }
    }
    return shares;
  });
}
