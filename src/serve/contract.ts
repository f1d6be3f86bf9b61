/**
 * The requests and answers of the server. Requests are checked by these schemas, types are inferred from them, and
 * `/openapi.json` is generated from them.
 */
import { z } from 'zod';

const text = z.string();
const share = z.number().min(0).max(1);

/** The most questions of one batch. */
export const MAX_BATCH = 32;

const schemaName = text.max(200).describe('a schema that GET /v1/schemas lists; without it, the first one');
const showValues = z.boolean().describe('also return the values behind the placeholders (default false)');

export const sqlRequest = z
  .strictObject({
    question: text.optional().describe('one question; it is asked as it is written, with its values'),
    questions: z.array(text).min(1).max(MAX_BATCH).optional().describe('a batch instead of one question'),
    schema: schemaName.optional(),
    values: showValues.optional(),
    stream: z.boolean().optional().describe('answer with server-sent events: stage, token, answer, error'),
    candidates: z.number().int().min(1).max(16).optional().describe('statements that the model writes'),
    minConfidence: share.optional().describe('refuse statements below this confidence'),
    dateOrder: z.enum(['mdy', 'dmy']).optional().describe('how 03/04/2024 is read'),
  })
  .refine(({ question, questions }) => (question === undefined) !== (questions === undefined), {
    message: 'give either question or questions',
  });
export type SqlRequest = z.infer<typeof sqlRequest>;

export const confidenceShape = z.object({
  mean: share.describe('geometric mean over the tokens'),
  least: share.describe('probability of the least likely token'),
  whole: share.describe('probability of the whole statement; the model is judged by it'),
  chance: share.optional().describe('how often answers of this confidence were right when it was measured'),
});

export const faultShape = z.object({
  code: text,
  message: text,
  number: z.number().optional().describe("SQL Server's number of the same fault"),
  at: z.object({ offset: z.number(), line: z.number(), column: z.number() }).optional(),
});

export const placeholderShape = z.object({
  name: text.describe('__ID_1__, __DATE_1__, __TEXT_1__, __NUM_1__'),
  kind: text.describe('what it is: mrn, date, quoted, threshold, code, …'),
  type: text.describe('SQL type of the value'),
  columns: z.array(text).optional().describe('columns that hold such a value, as table.column'),
  spans: z
    .array(z.object({ start: z.number(), end: z.number() }))
    .describe('where it stands in the question, in UTF-16 units; end is exclusive'),
  text: text.optional().describe('as it was written; only with "values": true'),
  value: text.optional().describe('normalised; only with "values": true'),
});

export const noteShape = z.object({
  code: text,
  message: text,
  name: text.optional().describe('the placeholder that it is about'),
  start: z.number(),
  end: z.number(),
});

/** The checks between a question and its statement, in order. */
export const GATES = ['read', 'answerable', 'placeable', 'valid', 'fits', 'confident'] as const;
export type GateName = (typeof GATES)[number];

export const gateShape = z.object({
  gate: z.enum(GATES),
  passed: z.boolean().nullable().describe('null: the question did not get that far'),
});

export const answerShape = z.object({
  id: text.optional().describe('for POST /v1/rows, if this server can run the statement'),
  schema: text,
  statement: text.nullable().describe('one safe T-SQL SELECT with its values, or null'),
  masked: text.describe('the question as the model saw it'),
  maskedStatement: text.nullable().describe('the statement as the model wrote it'),
  verdict: z.object({ ok: z.boolean(), errors: z.array(faultShape), gates: z.array(gateShape) }),
  refusal: z.object({ code: text, message: text }).nullable().describe('why there is no statement'),
  placeholders: z.array(placeholderShape),
  confidence: confidenceShape.nullable(),
  explanation: text.nullable().describe('what the statement does, in plain words; it contains values'),
  alternatives: z
    .array(
      z.object({
        sql: text.describe('with placeholders'),
        confidence: confidenceShape.nullable(),
        errors: z.array(faultShape).describe('empty if it passed'),
      }),
    )
    .describe('every statement that the model wrote, most confident first'),
  notes: z.array(noteShape).describe('how doubtful values were read'),
  tables: z.array(text).describe('tables that the model was shown'),
  unexplained: z.array(text).describe('words of the question that the schema does not explain'),
  timings: z
    .object({
      queue: z.number(),
      vault: z.number(),
      link: z.number(),
      decode: z.number(),
      check: z.number(),
      total: z.number(),
    })
    .describe('milliseconds'),
});
export type AnswerBody = z.infer<typeof answerShape>;

export const errorShape = z.object({
  error: z.object({ code: text, message: text, type: text }),
});
export type ErrorBody = z.infer<typeof errorShape>;

export const batchShape = z.object({ answers: z.array(z.union([answerShape, errorShape])) });

export const validateRequest = z.strictObject({
  sql: text.max(100_000).describe('a statement'),
  schema: schemaName.optional(),
  question: text
    .max(10_240)
    .optional()
    .describe('its question with placeholders: values that it does not hold are refused'),
  placeholders: z
    .union([z.record(text, z.unknown()), z.array(z.unknown()).max(256)])
    .optional()
    .describe('of the question, if the statement has placeholders: as /v1/vault returns them'),
  sense: z.boolean().optional().describe('also refuse what runs and means nothing (default true)'),
});

export const validateShape = z.object({
  ok: z.boolean(),
  errors: z.array(faultShape),
  explanation: text.nullable().describe('what the statement does; null unless ok and free of placeholders'),
});

export const vaultRequest = z.strictObject({
  question: text.max(100_000),
  schema: schemaName.optional(),
  values: showValues.optional(),
  dateOrder: z.enum(['mdy', 'dmy']).optional(),
});

export const vaultShape = z.object({
  question: text.describe('with placeholders'),
  placeholders: z.array(placeholderShape),
  notes: z.array(noteShape),
  clear: z.array(text).describe('content words that the model reads'),
});

export const feedbackRequest = z.strictObject({
  question: text.min(1).max(10_240),
  statement: text.max(100_000).describe('the statement that was given'),
  verdict: z.enum(['up', 'down']),
  corrected: text.max(100_000).optional().describe('the right statement, if the given one was wrong'),
  schema: schemaName.optional(),
});

export const feedbackShape = z.object({
  kept: z.enum(['pair', 'rejection']).describe('pair: training can use it; rejection: no right one is known'),
});

export const rowsRequest = z.strictObject({
  id: text.max(100).describe('of an answer of POST /v1/sql; its statement is run'),
});

export const rowsShape = z.object({
  columns: z.array(z.object({ name: text, type: text.describe('SQL type, without its length') })),
  rows: z
    .array(z.array(z.union([text, z.number(), z.boolean(), z.null()])))
    .describe('the first ones, up to the limit of GET /v1/settings; dates and times as text, long texts cut'),
  more: z.boolean().describe('whether there are more rows'),
  chart: z
    .object({
      kind: z.enum(['bar', 'line']),
      labels: z.array(z.number()).describe('numbers of the columns that name a group'),
      value: z.number().describe('number of the column with the measure'),
    })
    .nullable()
    .describe('how to draw the rows, if they are a measure for each group'),
  ms: z.number().describe('milliseconds'),
});
export type RowsBody = z.infer<typeof rowsShape>;

export const wordsRequest = z.strictObject({
  schema: schemaName.optional(),
  overlay: z
    .record(text, z.unknown())
    .describe('what changes, as --overlay reads it: words, roles and coded values of tables and columns'),
});

const columnShape = z.object({
  name: text,
  type: text,
  nullable: z.boolean(),
  description: text.optional(),
  role: text,
  words: text.describe('its name as words'),
  synonyms: z.array(text),
  isKey: z.boolean(),
  pointsTo: text.optional().describe('the table that a foreign key points to'),
  codes: z.array(z.object({ value: text, words: z.array(text) })).describe('coded values'),
});

const keyShape = z.object({
  columns: z.array(text),
  references: z.object({ table: text, columns: z.array(text) }),
});

const tableShape = z.object({
  name: text,
  description: text,
  role: text,
  isView: z.boolean(),
  words: text,
  synonyms: z.array(text),
  time: text.optional().describe('the column of its time'),
  patient: text.optional().describe('the column of its patient'),
  encounter: text.optional(),
  primaryKey: z.array(text),
  foreignKeys: z.array(keyShape),
  columns: z.array(columnShape),
});
export type SchemaTable = z.infer<typeof tableShape>;

const schemaSummary = z.object({
  name: text,
  title: text,
  version: text,
  source: text,
  licence: text,
  tableCount: z.number(),
  isDefault: z.boolean(),
});

export const schemaShape = schemaSummary.extend({
  tables: z.array(tableShape),
  joins: z
    .array(z.object({ from: text, to: text }))
    .describe('joins without a declared key, as table.column'),
});
export type SchemaBody = z.infer<typeof schemaShape>;

export const schemasShape = z.object({ schemas: z.array(schemaShape) });

export const modelsShape = z.object({
  object: z.literal('list'),
  data: z.array(
    z.object({
      id: text.describe('MODEL, or MODEL:SCHEMA; "model" of /v1/chat/completions'),
      object: z.literal('model'),
      created: z.number(),
      owned_by: text,
      schema: text,
      context: z.number().describe('tokens'),
    }),
  ),
});

export const settingsShape = z.object({
  version: text,
  model: text,
  adapter: text.nullable(),
  schemas: z.array(text).describe('the first is the default'),
  feedback: z.boolean().describe('whether POST /v1/feedback keeps anything'),
  rows: z
    .object({ schema: text, limit: z.number(), timeLimit: z.number().describe('milliseconds') })
    .nullable()
    .describe('the schema whose statements POST /v1/rows runs, and its limits; null: it runs nothing'),
  words: text.nullable().describe('the schema whose words POST /v1/words keeps; null: it keeps none'),
  needsKey: z.boolean(),
  limits: z.object({ batch: z.number(), body: z.number(), queue: z.number(), timeLimit: z.number() }),
});
export type SettingsBody = z.infer<typeof settingsShape>;

export const healthShape = z.object({
  status: z.enum(['ok', 'stopping']),
  waiting: z.number().describe('questions in the queue'),
  running: z.number(),
});

/** Of OpenAI's chat completions: what is used here. Other fields are ignored. */
export const chatRequest = z.object({
  model: text.optional().describe('an id of GET /v1/models; "MODEL:SCHEMA" chooses a schema'),
  messages: z
    .array(
      z.object({
        role: text,
        content: z.union([text, z.array(z.object({ type: text, text: text.optional() }))]).nullish(),
      }),
    )
    .min(1)
    .describe('the last message of the user is the question'),
  stream: z.boolean().nullish(),
});

export const chatShape = z.object({
  id: text,
  object: z.literal('chat.completion'),
  created: z.number(),
  model: text,
  choices: z.array(
    z.object({
      index: z.number(),
      message: z.object({
        role: z.literal('assistant'),
        content: text.describe('the statement, or why there is none as an SQL comment'),
        refusal: text.nullable(),
      }),
      finish_reason: z.literal('stop'),
      logprobs: z.null(),
    }),
  ),
});
