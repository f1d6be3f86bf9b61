import { expect, test } from 'vitest';
import { ALL_ENDPOINTS } from '../../src/serve/endpoints.js';
import { openApi, type Operation } from '../../src/serve/openapi.js';
import { stubApp } from './stub.js';

test('the document describes every endpoint of the app, and no others', async () => {
  const { app, get } = stubApp();
  const served = app.routes
    .filter(({ method, path }) => method !== 'ALL' && path !== '/docs.css')
    .map(({ method, path }) => `${method} ${path}`);
  const described = ALL_ENDPOINTS.map(({ method, path }) => `${method} ${path}`);
  expect([...new Set(served)].sort()).toEqual([...described].sort());
  const document = (await (await get('/openapi.json')).json()) as ReturnType<typeof openApi>;
  expect(document).toEqual(JSON.parse(JSON.stringify(openApi('1.2.3'))));
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
  expect(operations).toHaveLength(described.length);
  const ids = operations.map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
});

test('the document states the limits that requests are checked by', () => {
  const { paths } = openApi('1.2.3');
  const { requestBody } = paths['/v1/sql']!['post'] as Operation;
  const schema = requestBody!.content['application/json']!.schema as {
    properties: Record<string, object>;
    additionalProperties: boolean;
  };
  expect(schema.properties['questions']).toMatchObject({ type: 'array', minItems: 1, maxItems: 32 });
  expect(schema.additionalProperties).toBe(false);
});

test('the docs page names every path, and loads nothing from elsewhere', async () => {
  const { get } = stubApp();
  const page = await (await get('/docs')).text();
  for (const { path } of ALL_ENDPOINTS) expect(page).toContain(path.replace(/:(\w+)/, '{$1}'));
  expect([...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, url]) => url)).toEqual([
    '/docs.css',
    '/openapi.json',
  ]);
  expect(page).not.toMatch(/<script|style="/);
  expect((await get('/docs.css')).headers.get('content-type')).toMatch(/^text\/css/);
});
