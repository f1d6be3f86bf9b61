import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { CallToolResult, RequestId } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { answerShape, validateShape, type AnswerBody } from './contract.js';
import { inOwnWords } from './own-words.js';
import { tell } from './respond.js';
import type { SqlService } from './service.js';

/** Of an answer: what a program that asked needs. Its placeholders would tell it nothing that the question did not. */
const askOutput = answerShape.pick({
  ...{
    schema: true,
    statement: true,
    explanation: true,
    refusal: true,
    confidence: true,
    notes: true,
    tables: true,
  },
});

/** An MCP server with the tools `ask_sql` and `validate_sql`; connect it to a transport. */
export function createMcpServer(service: SqlService, version: string): McpServer {
  const server = new McpServer({ name: 'openward', version });
  const [first, ...others] = service.schemaNames;
  const schema = z
    .enum([first!, ...others])
    .optional()
    .describe(`the database schema (default ${first})`);
  const annotations = { readOnlyHint: true, openWorldHint: false };
  server.registerTool(
    'ask_sql',
    {
      title: 'Question to T-SQL',
      description:
        'Turns one question about a healthcare database into one safe T-SQL SELECT that a validator has checked. It runs ' +
        'nothing. Write the question with its values, such as patient numbers and dates. If there is no statement, the ' +
        'refusal says why: ask in other words, or tell the person.',
      inputSchema: { question: z.string().describe('one question, in English'), schema },
      outputSchema: askOutput.shape,
      annotations,
    },
    ({ question, schema: name }, { signal }) =>
      withErrors(async () => {
        const answer = await service.ask(question, { schema: name, values: true }, { signal });
        return result(textOf(answer), askOutput.parse(answer));
      }),
  );
  server.registerTool(
    'validate_sql',
    {
      title: 'Check a T-SQL statement',
      description:
        'Says whether a text is one safe SELECT over the schema, and what is wrong with it if not. It runs nothing.',
      inputSchema: { sql: z.string().describe('the statement'), schema },
      outputSchema: validateShape.shape,
      annotations,
    },
    ({ sql, schema: name }) =>
      withErrors(() => {
        const verdict = service.validate({ sql, schema: name });
        const faults = verdict.errors.map(
          ({ at, code, message }) => `${at?.line}:${at?.column}: ${code}: ${message}`,
        );
        return result(verdict.ok ? `ok. ${verdict.explanation}` : faults.join('\n'), verdict);
      }),
  );
  return server;
}

/**
 * Follows which requests a connected transport brings. A client that ends its input after its last request still waits for
 * the answers.
 *
 * @returns waits until every request is answered, or was taken back by its client
 */
export function followAnswers(transport: Transport): () => Promise<void> {
  const open = new Set<RequestId>();
  let onSettled = (): void => {};
  const settle = (id: unknown): void => {
    open.delete(id as RequestId);
    if (open.size === 0) onSettled();
  };
  const { onmessage } = transport;
  const send = transport.send.bind(transport);
  transport.onmessage = (message, extra) => {
    if ('method' in message && 'id' in message) open.add(message.id);
    onmessage?.(message, extra);
    if ('method' in message && message.method === 'notifications/cancelled')
      settle(message.params?.['requestId']);
  };
  transport.send = async (message, options) => {
    await send(message, options);
    if (!('method' in message)) settle(message.id);
  };
  return () => (open.size === 0 ? Promise.resolve() : new Promise((done) => (onSettled = done)));
}

function result(text: string, structuredContent: Record<string, unknown>): CallToolResult {
  // Fields that are undefined do not travel as JSON.
  const plain = JSON.parse(JSON.stringify(structuredContent)) as Record<string, unknown>;
  return { content: [{ type: 'text', text }], structuredContent: plain };
}

function textOf({ statement, explanation, refusal, notes, placeholders }: AnswerBody): string {
  const said = [refusal?.message ?? '', ...notes.map(({ message }) => message)];
  const [why, ...others] = said.map((text) => inOwnWords(text, placeholders));
  const parts = statement === null ? [`refused, ${why}`] : [statement, explanation ?? ''];
  return [...parts, ...others].filter(Boolean).join('\n');
}

async function withErrors(work: () => CallToolResult | Promise<CallToolResult>): Promise<CallToolResult> {
  try {
    return await work();
  } catch (error) {
    const { code, message } = tell(error).body.error;
    return { content: [{ type: 'text', text: `${code}: ${message}` }], isError: true };
  }
}
