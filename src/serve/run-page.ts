import { Hono } from 'hono';
import { runPage } from '../engine/report/page.js';
import { checkSource } from './guards.js';
import { listen, type Listening } from './listen.js';
import { errorResponse, tell } from './respond.js';

export interface RunPageOptions {
  /** 0 for any free one. */
  port: number;
  /** The state of the run, for a page that has just been opened; undefined until there is one. */
  run: () => object | undefined;
}

/** A page that reads slower than this many events behind is cut off; it connects again and gets the state anew. */
const MOST_WAITING = 256;
const STOP_MS = 2000;
/** Proxies close a connection on which nothing comes. */
const ALIVE_MS = 15_000;

type Reader = ReadableStreamDefaultController<Uint8Array>;

/** A run's page on this machine's loopback address, live by server-sent events until it is closed. */
export class RunPageServer {
  readonly #readers = new Set<Reader>();
  readonly #alive: NodeJS.Timeout;

  private constructor(
    private readonly options: RunPageOptions,
    private server: Listening | undefined,
  ) {
    this.#alive = setInterval(() => this.#sendAll(': alive\n\n'), ALIVE_MS);
    this.#alive.unref();
  }

  /** @throws ServeError `cannot-listen` */
  static async open(options: RunPageOptions): Promise<RunPageServer> {
    const page = new RunPageServer(options, undefined);
    try {
      page.server = await listen(page.#app(), {
        host: '127.0.0.1',
        port: options.port,
        portOption: '--ui-port',
      });
      return page;
    } catch (error) {
      clearInterval(page.#alive);
      throw error;
    }
  }

  get url(): string {
    return this.server!.url;
  }

  /** Tells every open page. */
  send(event: 'run' | 'steps', data: object): void {
    this.#sendAll(eventText(event, data));
  }

  /** Tells every open page that the training has ended, and stops listening. */
  async close(): Promise<void> {
    clearInterval(this.#alive);
    this.#sendAll(eventText('end', {}));
    for (const reader of this.#readers) reader.close();
    this.#readers.clear();
    await this.server?.stop(STOP_MS);
  }

  #sendAll(text: string): void {
    const bytes = new TextEncoder().encode(text);
    for (const reader of this.#readers) {
      if ((reader.desiredSize ?? 0) > -MOST_WAITING) reader.enqueue(bytes);
      else {
        this.#readers.delete(reader);
        reader.close();
      }
    }
  }

  #app(): Hono {
    const app = new Hono();
    const { html, policy } = runPage(undefined);
    app.use(async (c, next) => {
      const guards = { isPublic: false, hosts: [], origins: [], rateLimit: 0 };
      checkSource(new URL(c.req.url), c.req.header('origin'), guards);
      await next();
      c.res.headers.set('content-security-policy', `${policy}; frame-ancestors 'none'`);
      c.res.headers.set('x-content-type-options', 'nosniff');
      c.res.headers.set('referrer-policy', 'no-referrer');
      c.res.headers.set('cache-control', 'no-store');
    });
    app.onError((error, c) => errorResponse(c, tell(error)));
    app.get('/', (c) => c.html(html));
    app.get('/events', () => this.#events());
    return app;
  }

  #events(): Response {
    let own: Reader | undefined;
    const body = new ReadableStream<Uint8Array>({
      start: (reader) => {
        own = reader;
        const run = this.options.run();
        if (run) reader.enqueue(new TextEncoder().encode(eventText('run', run)));
        this.#readers.add(reader);
      },
      cancel: () => {
        if (own) this.#readers.delete(own);
      },
    });
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  }
}

const eventText = (event: string, data: object): string =>
  `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
