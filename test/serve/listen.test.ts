import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { listen } from '../../src/serve/listen.js';
import { stubApp } from './stub.js';

const HOST = '127.0.0.1';

async function open(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), HOST);
  socket.setEncoding('utf8');
  await once(socket, 'connect');
  return socket;
}

/** Sends a request that asks to keep the connection open, and returns the whole answer. */
async function ask(socket: Socket): Promise<string> {
  socket.write(`GET /v1/settings HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
  let text = '';
  // Closed too early: what has come so far is the answer.
  const closed = once(socket, 'close').then(() => ['"timeLimit"']);
  while (!text.includes('"timeLimit"'))
    text += ((await Promise.race([once(socket, 'data'), closed])) as [string])[0];
  return text;
}

test('a server that stops answers what comes on an open connection, and closes it then', async () => {
  let isStopping = false;
  const { app } = stubApp({ isStopping: () => isStopping });
  const { url, stop } = await listen(app, { host: HOST, port: 0 });
  const [used, silent] = [await open(url), await open(url)];
  for (const socket of [used, silent]) expect(await ask(socket)).toMatch(/^HTTP\/1\.1 200/);
  isStopping = true;
  const stopped = stop(30_000);
  const answer = await ask(used);
  expect(answer).toMatch(/^HTTP\/1\.1 200/);
  expect(answer).toMatch(/^connection: close\r$/im);
  // The connection that brings nothing more is closed too.
  await Promise.all([once(silent, 'close'), once(used, 'close')]);
  expect(await stopped).toBe(true);
  await expect(fetch(`${url}/health`)).rejects.toThrow();
});

test('a connection that never ends is cut when patience does', async () => {
  const { app } = stubApp({ delay: 2_000 });
  const { url, stop } = await listen(app, { host: HOST, port: 0 });
  const headers = { 'Content-Type': 'application/json' };
  const asked = fetch(`${url}/v1/sql`, { method: 'POST', headers, body: '{"question": "How many?"}' });
  const cut = expect(asked).rejects.toThrow();
  await new Promise((done) => setTimeout(done, 200));
  expect(await stop(50)).toBe(false);
  await cut;
});

test('an address that is taken is an error that says so', async () => {
  const { app } = stubApp();
  const first = await listen(app, { host: HOST, port: 0 });
  const port = Number(new URL(first.url).port);
  await expect(listen(app, { host: HOST, port })).rejects.toMatchObject({
    code: 'cannot-listen',
    message: expect.stringMatching(/another program listens there.*--port/),
  });
  await first.stop(1_000);
});
