import { describe, expect, test } from 'vitest';
import { checkSource, isLoopback, RateLimit, type GuardOptions } from '../../src/serve/guards.js';
import { DecodeQueue } from '../../src/serve/queue.js';
import { stubApp } from './stub.js';

const OPTIONS: GuardOptions = { isPublic: false, hosts: ['ward.local'], origins: [], rateLimit: 0 };
const check = (url: string, origin?: string, options: Partial<GuardOptions> = {}): void =>
  checkSource(new URL(url), origin, { ...OPTIONS, ...options });

describe('a request that another page may have caused', () => {
  test.each([
    'http://localhost:8080',
    'http://127.0.0.1',
    'http://[::1]:80',
    'http://ward.local',
    'http://WARD.local',
  ])('to %s is answered', (url) => expect(() => check(url)).not.toThrow());

  test.each([
    'http://evil.example',
    'http://127.0.0.1.evil.example',
    'http://10.0.0.5',
    'http://localhost.evil',
  ])('to %s is refused, as a name that was rebound to this machine would be', (url) =>
    expect(() => check(url)).toThrow(expect.objectContaining({ code: 'foreign-host', status: 403 })),
  );

  test('may name any address, but no foreign name, where the server is public', () => {
    expect(() => check('http://10.0.0.5:8080', undefined, { isPublic: true })).not.toThrow();
    expect(() => check('http://evil.example', undefined, { isPublic: true })).toThrow(/known by that name/);
  });

  test.each(['http://evil.example', 'http://localhost:9999', 'null', 'nonsense'])(
    'from origin %s is refused',
    (origin) =>
      expect(() => check('http://localhost:8080', origin)).toThrow(
        expect.objectContaining({ code: 'foreign-origin' }),
      ),
  );

  test('from its own page or an allowed origin is answered', () => {
    expect(() => check('http://localhost:8080', 'http://localhost:8080')).not.toThrow();
    const origins = ['https://clinic.example'];
    expect(() => check('http://localhost:8080', 'https://clinic.example', { origins })).not.toThrow();
  });

  test('is refused by the app, on every path', async () => {
    const { app } = stubApp();
    for (const path of ['/', '/health', '/v1/schemas', '/openapi.json']) {
      expect((await app.request(`http://evil.example${path}`)).status, path).toBe(403);
    }
    const { post } = stubApp();
    expect((await post('/v1/sql', { question: 'How many?' }, { Origin: 'http://evil.example' })).status).toBe(
      403,
    );
  });
});

test('an address of this machine is told from others', () => {
  const ours = ['localhost', '127.0.0.1', '127.8.0.1', '::1', '[::1]', 'LOCALHOST'];
  const others = ['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example', 'example'];
  expect([ours.filter(isLoopback), others.filter(isLoopback)]).toEqual([ours, []]);
});

test('with an API key, everything but health and documents asks for it', async () => {
  const apiKey = 'a-key-of-some-length';
  const { get, post } = stubApp({ guards: { ...OPTIONS, apiKey } });
  for (const path of ['/health', '/openapi.json', '/docs']) expect((await get(path)).status, path).toBe(200);
  for (const path of ['/v1/schemas', '/v1/models', '/v1/settings', '/metrics']) {
    expect((await get(path)).status, path).toBe(401);
    expect((await get(path, { Authorization: `Bearer ${apiKey}x` })).status, path).toBe(401);
    expect((await get(path, { Authorization: `Bearer ${apiKey}` })).status, path).toBe(200);
  }
  const question = { question: 'How many?' };
  expect((await post('/v1/sql', question)).status).toBe(401);
  expect((await post('/v1/sql', question, { 'X-API-Key': apiKey })).status).toBe(200);
});

describe('the rate limit', () => {
  test('lets a client ask so often a minute, and says when it may again', () => {
    let now = 0;
    const limit = new RateLimit(6, () => now);
    for (let i = 0; i < 6; i++) limit.take('a');
    expect(() => limit.take('a')).toThrow(expect.objectContaining({ status: 429, retryAfter: 10 }));
    limit.take('b');
    now += 10_000;
    limit.take('a');
    expect(() => limit.take('a')).toThrow();
  });

  test('is kept by the app', async () => {
    const { get } = stubApp({ guards: { ...OPTIONS, rateLimit: 2 } });
    const statuses: number[] = [];
    for (let i = 0; i < 3; i++) statuses.push((await get('/v1/settings')).status);
    expect(statuses).toEqual([200, 200, 429]);
    expect((await get('/health')).status).toBe(200);
  });
});

describe('the queue', () => {
  const later = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

  test('runs one work at a time, in order, after one that failed too', async () => {
    const queue = new DecodeQueue({ capacity: 4 });
    const log: string[] = [];
    const work = (name: string) => async (): Promise<string> => {
      log.push(`${name}+`);
      await later(3);
      log.push(`${name}-`);
      if (name === 'a') throw new Error('broken');
      return name;
    };
    const results = await Promise.allSettled([
      ...queue.runAll([work('a'), work('b')]),
      ...queue.runAll([work('c')]),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    expect(log).toEqual(['a+', 'a-', 'b+', 'b-', 'c+', 'c-']);
    expect([queue.waiting, queue.running]).toEqual([0, 0]);
  });

  test('drops a waiting work whose client went away, and never runs it', async () => {
    const queue = new DecodeQueue({ capacity: 4 });
    let ran = false;
    const gone = new AbortController();
    const [first] = queue.runAll([() => later(10)]);
    const [second] = queue.runAll([async () => void (ran = true)], gone.signal);
    gone.abort();
    await expect(second).rejects.toThrow(/abort/);
    expect(queue.waiting).toBe(0);
    await first;
    await queue.idle();
    expect(ran).toBe(false);
  });

  test('is idle only when nothing waits or runs', async () => {
    const queue = new DecodeQueue({ capacity: 4 });
    let done = 0;
    const work = async (): Promise<void> => {
      await later(3);
      done++;
    };
    void queue.runAll([work, work]);
    await queue.idle();
    expect(done).toBe(2);
  });
});
