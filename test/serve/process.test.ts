import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { packageRoot } from '../../src/base/paths.js';

interface Running {
  child: ChildProcess;
  url: string;
  stderr: () => string;
  ended: Promise<number | null>;
}

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

async function start(delay: number, capacity: number): Promise<Running> {
  const script = join(packageRoot, 'test', 'serve', 'stub-server.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, String(delay), String(capacity)], {
    cwd: packageRoot,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  return { child, url: line.trim(), stderr: () => stderr, ended };
}

/** What became of a request: its status and body, or whether the server had taken it at all. */
type Outcome = { status: number; body: string } | { lost: string };

function post(url: string, body: object, agent: Agent, onSent: () => void = () => {}): Promise<Outcome> {
  return new Promise((resolve) => {
    const headers = { 'Content-Type': 'application/json' };
    const sent = request(`${url}/v1/sql`, { method: 'POST', headers, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode!, body: text }));
      response.on('error', (error) => resolve({ lost: `cut: ${error.message}` }));
    });
    sent.on('error', (error: NodeJS.ErrnoException) => resolve({ lost: error.code ?? error.message }));
    sent.end(JSON.stringify(body), onSent);
  });
}

test('SIGTERM under load: every request that was sent is answered, then the process ends', async () => {
  const CLIENTS = 16;
  const { child, url, ended } = await start(10, CLIENTS);
  const outcomes: Outcome[] = [];
  let answered = 0;
  const client = async (): Promise<void> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (;;) {
      const outcome = await post(url, { question: 'How many patients are there?' }, agent);
      // No new connection is accepted any more: that request was never taken.
      if ('lost' in outcome && outcome.lost === 'ECONNREFUSED') return agent.destroy();
      outcomes.push(outcome);
      if (++answered === 60) child.kill('SIGTERM');
      if ('lost' in outcome) return agent.destroy();
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  expect(await ended).toBe(0);
  expect(outcomes.filter((outcome) => 'lost' in outcome)).toEqual([]);
  expect(outcomes.filter((outcome) => 'status' in outcome && outcome.status !== 200)).toEqual([]);
  // Those that waited when the signal came.
  expect(outcomes.length).toBeGreaterThanOrEqual(60 + CLIENTS - 1);
  for (const outcome of outcomes)
    expect(JSON.parse((outcome as { body: string }).body)).toHaveProperty('statement');
});

test('no question, value or statement is logged', async () => {
  const { child, url, stderr, ended } = await start(0, 8);
  const agent = new Agent();
  const secret = 'Zebulon 7654321';
  await post(url, { question: `How many visits did patient 7654321 have, "${secret}"?` }, agent);
  await post(url, { question: secret, shcema: secret }, agent);
  await post(
    `${url}/${encodeURIComponent(secret)}?q=${encodeURIComponent(secret)}`,
    { question: secret },
    agent,
  );
  await fetch(`${url}/v1/schemas/${encodeURIComponent(secret)}?patient=7654321`);
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect(stderr()).toMatch(/^POST \/v1\/sql 200 \d+ ms$/m);
  expect(stderr()).toMatch(/^GET \/v1\/schemas\/:name 404 \d+ ms$/m);
  expect(stderr()).not.toMatch(/7654321|Zebulon|SELECT/i);
});

test('a question whose client went away gives up its place', async () => {
  const { child, url, ended } = await start(2_500, 8);
  const { hostname, port } = new URL(url);
  const agent = new Agent();
  let isAnswered = false;
  const first = post(url, { question: 'How many patients are there?' }, agent);
  void first.then(() => (isAnswered = true));
  await new Promise((done) => setTimeout(done, 50));
  const body = JSON.stringify({ question: 'How many visits are there?' });
  const socket = connect(Number(port), hostname);
  socket.write(
    `POST /v1/sql HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  const health = async (): Promise<{ waiting: number }> =>
    (await (await fetch(`${url}/health`)).json()) as { waiting: number };
  while ((await health()).waiting === 0) await new Promise((done) => setTimeout(done, 2));
  socket.destroy();
  while ((await health()).waiting > 0) await new Promise((done) => setTimeout(done, 2));
  expect(isAnswered).toBe(false);
  expect(await first).toMatchObject({ status: 200 });
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
});
