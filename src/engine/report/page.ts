import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../base/paths.js';
import type { RunView } from './view.js';

const PAGE = join(packageRoot, 'src', 'engine', 'report', 'page');
const uplot = (name: string): string => join(dirname(createRequire(import.meta.url).resolve('uplot')), name);

/**
 * A page that draws a run: HTML with its styles, its scripts and uPlot inside. It loads nothing from anywhere.
 *
 * @param view what to draw; without it the page asks the server that it comes from for `/events`
 * @returns the page, and the content security policy that it needs and states
 */
export function runPage(view: RunView | undefined): { html: string; policy: string } {
  const scripts = [uplot('uPlot.iife.min.js'), join(PAGE, 'charts.js'), join(PAGE, 'run.js')].map(read);
  const styles = [uplot('uPlot.min.css'), join(PAGE, 'run.css')].map(read);
  const policy = [
    "default-src 'none'",
    `script-src ${scripts.map(hashed).join(' ')}`,
    `style-src ${styles.map(hashed).join(' ')}`,
    'img-src data:',
    ...(view ? [] : ["connect-src 'self'"]),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const title = escapeMarkup(view?.name ?? 'training');
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<link rel="icon" href="data:,">
<title>${title}</title>
${styles.map((style) => `<style>${style}</style>`).join('\n')}
</head>
<body>
<header><h1>${title}</h1><p id="state" role="status"></p></header>
<main>
<noscript>This page draws with a script that it contains; the browser does not run it.</noscript>
<dl id="figures"></dl>
<p><label><input type="checkbox" id="logarithmic"> loss on a logarithmic scale</label></p>
<div id="charts"></div>
<h2>Answers</h2>
<div id="answers"></div>
<h2>Run</h2>
<div id="facts"></div>
</main>
<script type="application/json" id="run">${inertJson(view ?? null)}</script>
${scripts.map((script) => `<script>${script}</script>`).join('\n')}
</body>
</html>
`;
  return { html, policy };
}

/** A script or a style must not end the element that it stands in. */
function read(file: string): string {
  return readFileSync(file, 'utf8').replaceAll('</script', '<\\/script');
}

const hashed = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** JSON that cannot end the script it stands in. */
const inertJson = (value: unknown): string => JSON.stringify(value).replace(/</g, '\\u003c');

const escapeMarkup = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
