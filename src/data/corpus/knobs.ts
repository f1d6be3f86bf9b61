import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { DataError } from '../errors.js';
import { DATE_FORMATS } from './question/values.js';

const share = z.number().min(0).max(1);
const weight = z.number().min(0);
const range = z
  .tuple([z.number().int().min(0), z.number().int().min(0)])
  .refine(([from, to]) => from <= to, 'the first number must not be larger than the second');
const isPositive = (weights: Record<string, number>): boolean =>
  Object.values(weights).some((value) => value > 0);

/** What the generator may do, and how often. The knobs are stored with the corpus that they made. */
export const knobsShape = z.strictObject({
  /** Weight of each family; a family that is not named is not used. */
  families: z.record(z.string(), weight).refine(isPositive, 'one weight at least must be above 0'),
  /** Tables that may be asked about (all when absent), and the columns that may be named (all when absent). */
  tables: z.record(z.string(), z.array(z.string()).min(1).nullable()).optional(),
  /** How often a question is about an invented schema (never when absent), and how many of those there are. */
  syntheticShare: share.optional(),
  syntheticSchemas: z.number().int().min(1).optional(),
  /** How many foreign keys away an attribute may lie, and how often one is taken from another table. */
  joinDepth: z.number().int().min(0).max(2),
  joinShare: share,
  /** How often a question carries one condition more than its family needs. */
  extraConditionShare: share,
  aliases: z.enum(['always', 'joins']),
  /** Weights of the three ways to ask. */
  styles: z
    .strictObject({ imperative: weight, question: weight, telegraphic: weight })
    .refine(isPositive, 'one weight at least must be above 0'),
  /** How often a question is typed without capitals, without its end mark, and with one slip in a long word. */
  lowerCaseShare: share,
  noEndMarkShare: share,
  typoShare: share,
  /** How many frames, clause wordings, table nouns and column phrases may be used: 1 is the plainest language. */
  maxFrames: z.number().int().min(1),
  maxWordings: z.number().int().min(1),
  maxNouns: z.number().int().min(1),
  maxPhrases: z.number().int().min(1),
  clauses: z.array(z.enum(['with', 'whose', 'where'])).min(1),
  /** How often a date in a comparison is a whole month, quarter or year. */
  periodShare: share,
  dateFormats: z.array(z.enum(DATE_FORMATS)).min(1),
  /** Tables and columns (of all tables together) that the prompt shows and the statement does not need: from … to. */
  distractorTables: range,
  distractorColumns: range,
  /** How often the prompt is filled as the linker fills it at inference, whatever those two say (never when absent). */
  filledShare: share.optional(),
  /** Questions that no statement answers. Whoever asks one is refused before the model reads it, so it learns none. */
  negativeShare: z.literal(0, 'must be 0: the model is trained on questions that have an answer').default(0),
});
export type CorpusKnobs = z.infer<typeof knobsShape>;

/** The same knobs for questions about the given schemas alone, none about an invented one. */
export function withoutSynthetic(knobs: CorpusKnobs): CorpusKnobs {
  return { ...knobs, syntheticShare: 0 };
}

/**
 * Reads a knobs file (JSON, see `configs/corpus*.json`).
 * @throws DataError naming the file and the first field at fault
 */
export function loadKnobs(path: string): CorpusKnobs {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new DataError({ code: 'broken-config', message, file: path, hint: 'it has to be readable JSON' });
  }
  const result = knobsShape.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new DataError({
    code: 'bad-config',
    message: issue.message,
    file: path,
    field: issue.path.join('.'),
  });
}
