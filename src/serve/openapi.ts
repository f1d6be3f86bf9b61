import { z } from 'zod';
import { errorShape } from './contract.js';
import { ALL_ENDPOINTS, type Endpoint } from './endpoints.js';

/** An OpenAPI 3.1 document, as far as the docs page reads it. */
export interface OpenApi {
  openapi: string;
  info: { title: string; version: string; description: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: object; securitySchemes: object };
}

export interface Operation {
  operationId: string;
  summary: string;
  security: object[];
  parameters?: object[] | undefined;
  requestBody?: { required: true; content: Record<string, { schema: object }> } | undefined;
  responses: Record<string, { description: string; content: Record<string, { schema: object }> }>;
}

const ERRORS: Readonly<Record<number, string>> = {
  400: 'Not JSON, or not what the request should be',
  401: 'The API key is missing or wrong',
  403: 'The host or origin may not ask here',
  404: 'There is no such schema, or this server does not offer it',
  413: 'The body is too large',
  415: 'The body is not JSON by its Content-Type',
  422: 'The question or statement cannot be taken; the code says why',
  429: 'Too many requests, or the queue is full: Retry-After says when to ask again',
  500: 'A bug',
  502: 'The database cannot be asked; the code says why',
  503: 'The server is stopping',
  504: 'Not done within the time limit',
};

/** The document of `/openapi.json`, from the schemas that check requests. */
export function openApi(version: string): OpenApi {
  const paths: OpenApi['paths'] = {};
  for (const [id, endpoint] of ALL_ENDPOINTS.map((one) => [operationId(one), one] as const)) {
    const path = endpoint.path.replace(/:(\w+)/g, '{$1}');
    (paths[path] ??= {})[endpoint.method.toLowerCase()] = operation(id, endpoint);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'openward',
      version,
      description: 'A question about a healthcare database becomes one safe T-SQL SELECT.',
    },
    paths,
    components: {
      schemas: { Error: jsonSchema(errorShape) },
      securitySchemes: { key: { type: 'http', scheme: 'bearer' } },
    },
  };
}

function operationId({ method, path }: Endpoint): string {
  const words = path.replace(/[:.]/g, '').split('/').filter(Boolean);
  return [method.toLowerCase(), ...words].join('_');
}

function operation(id: string, { summary, path, request, response, streams, open }: Endpoint): Operation {
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name!);
  const content =
    typeof response === 'string'
      ? { [response]: { schema: { type: 'string' } } }
      : {
          'application/json': { schema: jsonSchema(response) },
          ...(streams ? { 'text/event-stream': { schema: { type: 'string' } } } : {}),
        };
  const error = { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } };
  const codes = Object.keys(ERRORS).filter((code) => request || /^(401|403|404|429|500)$/.test(code));
  const responses = Object.fromEntries(
    codes.map((code) => [code, { description: ERRORS[Number(code)]!, content: error }]),
  );
  return {
    operationId: id,
    summary,
    security: open ? [] : [{ key: [] }, {}],
    ...(names.length > 0 && {
      parameters: names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
    }),
    ...(request && {
      requestBody: {
        required: true as const,
        content: { 'application/json': { schema: jsonSchema(request, 'input') } },
      },
    }),
    responses: { 200: { description: 'Done', content }, ...responses },
  };
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output' = 'output'): object {
  const json = z.toJSONSchema(schema, { io });
  delete json.$schema;
  return json;
}
