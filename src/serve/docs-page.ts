import type { OpenApi, Operation } from './openapi.js';

export const DOCS_CSS = `
:root { color-scheme: light dark; --line: #8885; --soft: #8881; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; }
h2 { margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: 1rem; }
code, pre { font-family: ui-monospace, monospace; font-size: .875rem; }
pre { background: var(--soft); padding: .75rem; overflow: auto; }
summary { cursor: pointer; }
td, th { text-align: left; vertical-align: top; padding: .125rem 1rem .125rem 0; }
`;

/** A page that shows an OpenAPI document. It has no script, and loads nothing but `/docs.css`. */
export function docsPage({ info, paths }: OpenApi): string {
  const sections = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => section(method, path, operation)),
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(info.title)} API</title>
<link rel="stylesheet" href="/docs.css">
<h1>${escaped(info.title)} ${escaped(info.version)}</h1>
<p>${escaped(info.description)} The same as JSON: <a href="/openapi.json">openapi.json</a>.</p>
${sections.join('\n')}
</html>
`;
}

function section(method: string, path: string, operation: Operation): string {
  const { summary, requestBody, responses } = operation;
  const { 200: done, ...errors } = responses;
  const bodies = [
    ...Object.values(requestBody?.content ?? {}).map(({ schema }) => details('Request', schema)),
    ...Object.entries(done?.content ?? {}).map(([type, { schema }]) => details(`Answer, ${type}`, schema)),
  ];
  const rows = Object.entries(errors).map(
    ([code, { description }]) => `<tr><td>${code}<td>${escaped(description)}`,
  );
  return `<section>
<h2><code>${method.toUpperCase()} ${escaped(path)}</code></h2>
<p>${escaped(summary)}.</p>
${bodies.join('\n')}
<details><summary>Errors</summary><table>${rows.join('')}</table></details>
</section>`;
}

function details(title: string, schema: object): string {
  const json = escaped(JSON.stringify(schema, null, 2));
  return `<details><summary>${escaped(title)}</summary><pre>${json}</pre></details>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (c) => ENTITIES[c]!);
}
