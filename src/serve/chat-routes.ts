import { randomUUID } from 'node:crypto';
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { z } from 'zod';
import { chatRequest, type AnswerBody, type chatShape } from './contract.js';
import { ServeError } from './errors.js';
import { readBody } from './respond.js';
import type { SqlService } from './service.js';
import { countAnswers, EventWriter, type SqlRoute } from './sql-routes.js';

type Chat = z.infer<typeof chatRequest>;

/**
 * `POST /v1/chat/completions`: the last message of the user is the question, whatever was said before. The content is the
 * statement; where there is none, an SQL comment says why.
 */
export async function answerChat(c: Context, route: SqlRoute): Promise<Response> {
  const request = await readBody(c, chatRequest, route.maxBody);
  const question = questionOf(request);
  route.logQuestion?.(question);
  const { service, metrics } = route;
  const model = request.model ?? service.options.model;
  const asking = { schema: schemaOf(model, service) };
  const [answer] = countAnswers(
    service.askAll([question], asking, () => ({ signal: c.req.raw.signal })),
    metrics,
  );
  // The statement is known only once every gate has passed it, so a stream is one piece.
  const chat = chatOf(await answer!, model);
  if (!request.stream) return c.json(chat);
  const { id, created, choices } = chat;
  const { content, refusal } = choices[0]!.message;
  const chunk = (delta: object, finish: 'stop' | null): object => ({
    ...{ id, created, model, object: 'chat.completion.chunk' },
    choices: [{ index: 0, delta, finish_reason: finish, logprobs: null }],
  });
  return streamSSE(c, async (stream) => {
    const events = new EventWriter(stream);
    events.send(undefined, chunk({ role: 'assistant', content: '' }, null));
    events.send(undefined, chunk(refusal === null ? { content } : { content, refusal }, null));
    events.send(undefined, chunk({}, 'stop'));
    events.send(undefined, '[DONE]');
    await events.sent();
  });
}

/** @throws ServeError `no-question` */
function questionOf({ messages }: Chat): string {
  const content = messages.findLast(({ role }) => role === 'user')?.content;
  const text =
    typeof content === 'string' ? content : (content ?? []).map((part) => part.text ?? '').join('');
  if (text !== '') return text;
  throw new ServeError('no-question', 'no message of the user has text', 400);
}

/**
 * The schema that a model's name asks for: `omop:omop_cdm_5_4`; `omop` alone asks for the first.
 * @throws ServeError `unknown-model`, so that no other model's name stands on an answer
 */
function schemaOf(model: string, service: SqlService): string | undefined {
  const own = service.options.model;
  if (model === own) return undefined;
  if (model.startsWith(`${own}:`)) return model.slice(own.length + 1);
  const message = `this server has no such model; it has ${own}, see GET /v1/models`;
  throw new ServeError('unknown-model', message, 404);
}

function chatOf(answer: AnswerBody, model: string): z.infer<typeof chatShape> {
  const { statement, refusal } = answer;
  const why = refusal && `${refusal.code}: ${refusal.message}`;
  const content = statement ?? `-- ${why?.replace(/\s+/g, ' ')}`;
  return {
    id: `chatcmpl-${randomUUID()}`,
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content, refusal: statement === null ? why : null },
        finish_reason: 'stop',
        logprobs: null,
      },
    ],
  };
}
