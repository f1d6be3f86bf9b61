import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../src/base/paths.js';
import { runNode } from '../cli/run-engine.js';

const client = new Client({ name: 'test', version: '1' });
beforeAll(() =>
  client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: ['--import', 'tsx', join(packageRoot, 'test', 'serve', 'mcp-stub.ts')],
      cwd: packageRoot,
    }),
  ),
);
afterAll(() => client.close());

const call = async (
  name: string,
  args: Record<string, unknown>,
): Promise<{ text: string; data: unknown; isError: unknown }> => {
  const { content, structuredContent: data, isError } = await client.callTool({ name, arguments: args });
  return { text: (content as { text: string }[])[0]!.text, data, isError };
};

test('a client finds two tools that change nothing, with the schemas they know', async () => {
  expect(client.getServerVersion()).toMatchObject({ name: 'openward', version: '1.2.3' });
  const { tools } = await client.listTools();
  expect(tools.map(({ name, annotations }) => [name, annotations?.readOnlyHint])).toEqual([
    ['ask_sql', true],
    ['validate_sql', true],
  ]);
  for (const { inputSchema } of tools) {
    expect(inputSchema.properties!['schema']).toMatchObject({ enum: ['omop_cdm_5_4', 'mimic_iv'] });
  }
});

test('ask_sql writes a statement, or says why there is none', async () => {
  const answered = await call('ask_sql', { question: 'How many visits did patient 48213 have?' });
  expect(answered.text).toMatch(/^SELECT COUNT\(\*\) FROM person AS t1 WHERE t1\.person_id = 48213;\n/);
  expect(answered.data).toMatchObject({ schema: 'omop_cdm_5_4', refusal: null });
  const named = await call('ask_sql', { question: 'How many?', schema: 'mimic_iv' });
  expect(named.text).toMatch(/FROM patients/);
  const refused = await call('ask_sql', { question: 'How is the weather?' });
  expect(refused.text).toMatch(/^refused, .*weather/);
  expect(refused.data).toMatchObject({ statement: null, refusal: { code: 'not-in-schema' } });
});

test('validate_sql accepts a safe statement and says what is wrong with another', async () => {
  const accepted = await call('validate_sql', { sql: 'SELECT COUNT(*) FROM person AS t1;' });
  expect(accepted.data).toMatchObject({ ok: true });
  expect(accepted.text).toMatch(/^ok\. Counts/);
  const refused = await call('validate_sql', { sql: 'DELETE FROM person' });
  expect(refused.data).toMatchObject({ ok: false });
  expect(refused.text).toMatch(/^1:1: /);
});

test('a question that cannot be taken is an error of the tool, and the next one is answered', async () => {
  expect(await call('ask_sql', { question: ' ' })).toMatchObject({
    isError: true,
    text: expect.stringMatching(/^empty-question: /),
  });
  const unknown = await call('ask_sql', { question: 'How many?', schema: 'none' });
  expect(unknown.isError).toBe(true);
  expect((await call('ask_sql', { question: 'How many?' })).text).toMatch(/^SELECT/);
});

test('input that ends with a request is answered before the server ends', () => {
  const clientInfo = { name: 'test', version: '1' };
  const messages: object[] = [
    { id: 1, method: 'initialize', params: { protocolVersion: '2024-11-05', capabilities: {}, clientInfo } },
    { method: 'notifications/initialized' },
    { id: 2, method: 'tools/call', params: { name: 'ask_sql', arguments: { question: 'How many?' } } },
    { id: 3, method: 'tools/call', params: { name: 'ask_sql', arguments: { question: 'How many?' } } },
    { method: 'notifications/cancelled', params: { requestId: 3 } },
  ];
  const input = messages.map((message) => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`).join('');
  const { code, stdout } = runNode([join('test', 'serve', 'mcp-stub.ts')], { input });
  const answers = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: number });
  expect(code).toBe(0);
  expect(answers.map(({ id }) => id)).toEqual([1, 2]);
});
