import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { DataError } from '../errors.js';
import { recordFormatShape } from '../record-format.js';
import { DATE_FORMATS } from './question/values.js';

const share = z.number().min(0).max(1);
const weight = z.number().min(0);
const range = z
  .tuple([z.number().int().min(0), z.number().int().min(0)])
  .refine(([from, to]) => from <= to, 'the first number must not be larger than the second');
const isPositive = (weights: Record<string, number>): boolean =>
  Object.values(weights).some((value) => value > 0);

/** What the generator may do, and how often. Every corpus stores its knobs. */
const knobsShape = z.strictObject({
  /** The weight of each family; families not listed are not used. */
  families: z.record(z.string(), weight).refine(isPositive, 'at least one weight must be above 0'),
  /**
   * How often a question is about events, as people ask (default never), and the weight of each ask where it differs
   * from the usual one (see events/asks.ts).
   */
  eventShare: share.optional(),
  eventAsks: z.record(z.string(), weight).optional(),
  /** The tables that may be asked about, each with the columns that may be named. Absent or null: all of them. */
  tables: z.record(z.string(), z.array(z.string()).min(1).nullable()).optional(),
  /** How often a question is about an invented schema (default never), and how many such schemas there are. */
  syntheticShare: share.optional(),
  syntheticSchemas: z.number().int().min(1).optional(),
  /** How many foreign keys away an attribute may be, and how often one is taken from another table. */
  joinDepth: z.number().int().min(0).max(2),
  joinShare: share,
  /** How often a question has one condition more than its family requires. */
  extraConditionShare: share,
  aliases: z.enum(['always', 'joins']),
  /** Weights of the three ways to ask. */
  styles: z
    .strictObject({ imperative: weight, question: weight, telegraphic: weight })
    .refine(isPositive, 'at least one weight must be above 0'),
  /** How often a question has no capitals, no end mark, or a typo in a long word. */
  lowerCaseShare: share,
  noEndMarkShare: share,
  typoShare: share,
  /** How many frames, clause wordings, table nouns and column phrases may be used; 1 allows only the plainest. */
  maxFrames: z.number().int().min(1),
  maxWordings: z.number().int().min(1),
  maxNouns: z.number().int().min(1),
  maxPhrases: z.number().int().min(1),
  clauses: z.array(z.enum(['with', 'whose', 'where'])).min(1),
  /** How often a date in a comparison is a whole month, quarter or year. */
  periodShare: share,
  dateFormats: z.array(z.enum(DATE_FORMATS)).min(1),
  /** How many tables, and columns over all tables, the prompt shows beyond what the statement needs: [least, most]. */
  distractorTables: range,
  distractorColumns: range,
  /** How often the prompt is filled as the linker fills it at inference, overriding those two (default never). */
  filledShare: share.optional(),
  /** How records are written (default: `FIRST_FORMAT`). */
  format: recordFormatShape.optional(),
  /** Unanswerable questions. They are refused before the model reads them, so training has none. */
  negativeShare: z.literal(0, 'must be 0: the model is trained on questions that have an answer').default(0),
});
export type CorpusKnobs = z.infer<typeof knobsShape>;

/** The same knobs without invented schemas. */
export function withoutSynthetic(knobs: CorpusKnobs): CorpusKnobs {
  return { ...knobs, syntheticShare: 0 };
}

/**
 * Reads a knobs file (JSON, see `configs/corpus*.json`). A file that says `"extends": "corpus.json"` takes what it does not
 * set from that file beside it.
 * @throws DataError naming the file and the first field at fault
 */
export function loadKnobs(path: string): CorpusKnobs {
  const result = knobsShape.safeParse(withBase(path));
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new DataError({
    code: 'bad-config',
    message: issue.message,
    file: path,
    field: issue.path.join('.'),
  });
}

/** The settings of a file over those of the file that it extends. One level: a base extends nothing. */
function withBase(path: string): unknown {
  const json = readJson(path);
  if (typeof json !== 'object' || json === null || !('extends' in json)) return json;
  const { extends: base, ...own } = json;
  if (typeof base !== 'string') {
    throw new DataError({
      code: 'bad-config',
      message: 'must be the name of a file',
      file: path,
      field: 'extends',
    });
  }
  return { ...(readJson(join(dirname(path), base)) as object), ...own };
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new DataError({ code: 'broken-config', message, file: path, hint: 'it must be valid JSON' });
  }
}
