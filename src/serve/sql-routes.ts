import type { Context } from 'hono';
import { streamSSE, type SSEStreamingApi } from 'hono/streaming';
import { sqlRequest, type AnswerBody, type SqlRequest } from './contract.js';
import type { Metrics } from './metrics.js';
import { readBody, tell } from './respond.js';
import type { Follow, SqlService } from './service.js';

export interface SqlRoute {
  service: SqlService;
  metrics: Metrics;
  maxBody: number;
  /** Only with --log-questions. */
  logQuestion?: ((question: string) => void) | undefined;
}

/** `POST /v1/sql`: one question or a batch, whole or as server-sent events. */
export async function answerSql(c: Context, route: SqlRoute): Promise<Response> {
  const request = await readBody(c, sqlRequest, route.maxBody);
  const { question, questions, stream, ...asking } = request;
  const all = questions ?? [question!];
  all.forEach((one) => route.logQuestion?.(one));
  if (stream) return streamAnswers(c, route, all, asking);
  const { signal } = c.req.raw;
  const answers = countAnswers(
    route.service.askAll(all, asking, () => ({ signal })),
    route.metrics,
  );
  if (questions === undefined) return c.json(await answers[0]!);
  const settled = await Promise.all(
    answers.map((answer) => answer.catch((error: unknown) => tell(error).body)),
  );
  return c.json({ answers: settled });
}

/** Counts what becomes of each question. */
export function countAnswers(answers: Promise<AnswerBody>[], metrics: Metrics): Promise<AnswerBody>[] {
  for (const answer of answers) {
    void answer.then(
      (body) => metrics.answer(body),
      (error: unknown) => metrics.failure(tell(error).body.error.code),
    );
  }
  return answers;
}

/** How a stream ended: the status that its last error would have had without streaming. */
interface StreamEnd {
  status: number;
  code?: string | undefined;
}

const STREAM_ENDS = new WeakMap<Context, Promise<StreamEnd>>();

/** The end of the stream that answers a request, whose own status was sent long before; undefined without one. */
export function streamEnd(c: Context): Promise<StreamEnd> | undefined {
  return STREAM_ENDS.get(c);
}

/**
 * Events: `stage` {index, stage}, `token` {index, draft} with what the first candidate holds so far, `answer`
 * {index, …} as without streaming, `error` {index, error}; at the end `done` {}.
 */
function streamAnswers(
  c: Context,
  { service, metrics }: SqlRoute,
  questions: readonly string[],
  asking: Omit<SqlRequest, 'question' | 'questions' | 'stream'>,
): Response {
  const gone = new AbortController();
  // The first question begins at once, before there is a stream to write to.
  const early: [event: string, data: object][] = [];
  let send = (event: string, data: object): void => void early.push([event, data]);
  const follow = (index: number): Follow => ({
    signal: gone.signal,
    onStage: (stage) => send('stage', { index, stage }),
    onDraft: (draft) => send('token', { index, draft }),
  });
  // Refused here if the queue is full, before the stream begins with status 200.
  const answers = countAnswers(service.askAll(questions, asking, follow), metrics);
  const leave = (): void => gone.abort();
  const ended = Promise.allSettled(answers).then((settled): StreamEnd => {
    const failed = settled.findLast((one) => one.status === 'rejected');
    if (!failed) return { status: 200 };
    const { status, body } = tell(failed.reason);
    return { status, code: body.error.code };
  });
  STREAM_ENDS.set(c, ended);
  c.req.raw.signal.addEventListener('abort', leave, { once: true });
  return streamSSE(c, async (stream) => {
    stream.onAbort(leave);
    const events = new EventWriter(stream);
    send = (event, data) => events.send(event, data);
    for (const [event, data] of early) send(event, data);
    for (const [index, answer] of answers.entries()) {
      try {
        send('answer', { index, ...(await answer) });
      } catch (error) {
        send('error', { index, ...tell(error).body });
      }
    }
    send('done', {});
    await events.sent();
  });
}

/** Writes events in order without making their source wait. */
export class EventWriter {
  #last: Promise<unknown> = Promise.resolve();

  constructor(private readonly stream: SSEStreamingApi) {}

  send(event: string | undefined, data: object | string): void {
    const text = typeof data === 'string' ? data : JSON.stringify(data);
    const message = event === undefined ? { data: text } : { event, data: text };
    this.#last = this.#last.then(() => this.stream.writeSSE(message)).catch(() => undefined);
  }

  sent(): Promise<unknown> {
    return this.#last;
  }
}
