import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { packageRoot } from '../base/paths.js';
import { DataError } from '../data/errors.js';

export const CARD_FILE = 'card.json';

const shareWithEnds = z.tuple([z.number(), z.number(), z.number()]);

/** What `models/NAME/card.json` says about a model that ships: where its questions come from, and how it was trained. */
const card = z.strictObject({
  name: z.string(),
  /** In one or two sentences, for people. */
  description: z.string(),
  /** The bundles that it was trained on; absent: all of the package, and invented ones. */
  schemas: z.array(z.string()).min(1).optional(),
  /** The corpus: its knobs file below `configs`, its seed, and what is held out. */
  corpus: z.strictObject({
    knobs: z.string(),
    seed: z.number().int(),
    samples: z.number().int(),
    holdOut: z.enum(['pairs', 'statements']),
  }),
  training: z.strictObject({
    preset: z.string(),
    parameters: z.number().int(),
    steps: z.number().int(),
    tokens: z.number().int(),
    seed: z.number().int(),
    adapter: z.string(),
    seconds: z.number(),
    commit: z.string(),
    date: z.string(),
    /** Loss at some steps: `[step, loss]`. */
    loss: z.array(z.tuple([z.number(), z.number()])),
    /** The commands that make the model again. */
    commands: z.array(z.string()),
  }),
  /** Later trainings, each from the weights before it, over newer corpora: so none of them can be repeated to the byte. */
  continued: z
    .array(
      z.strictObject({
        steps: z.number().int(),
        tokens: z.number().int(),
        learningRate: z.number(),
        corpusSeed: z.number().int(),
        adapter: z.string(),
        date: z.string(),
        /** Mean loss of the 50 steps around some steps: `[step, loss]`. */
        loss: z.array(z.tuple([z.number(), z.number()])),
      }),
    )
    .optional(),
  /** What `npm run eval:report -- --card` measured, on questions that the corpus keeps from training. */
  accuracy: z
    .strictObject({
      commit: z.string(),
      date: z.string(),
      adapter: z.string(),
      /** By set. Shares come with the ends of their 95% intervals. */
      sets: z.record(
        z.string(),
        z.strictObject({
          questions: z.number().int(),
          right: shareWithEnds,
          wrong: shareWithEnds,
          refused: shareWithEnds,
        }),
      ),
    })
    .optional(),
});
export type ModelCard = z.infer<typeof card>;

/** @throws DataError `no-card`, `bad-card` */
export function readCard(folder: string): ModelCard {
  const file = join(folder, CARD_FILE);
  if (!existsSync(file)) throw new DataError({ code: 'no-card', message: 'does not exist', file });
  try {
    return card.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new DataError({ code: 'bad-card', message: 'is not a model card', file }, { cause: error });
  }
}

/** The folder of the models that ship with the package. */
export const SHIPPED_MODELS = join(packageRoot, 'models');

/**
 * The shipped model for a schema: one trained on that schema alone if there is one, otherwise one for any schema.
 * @returns its folder; undefined if no model ships
 */
export function shippedModel(bundleName: string): string | undefined {
  if (!existsSync(SHIPPED_MODELS)) return undefined;
  const folders = readdirSync(SHIPPED_MODELS)
    .sort()
    .map((name) => join(SHIPPED_MODELS, name))
    .filter((folder) => existsSync(join(folder, CARD_FILE)));
  const cards = folders.map((folder) => ({ folder, schemas: readCard(folder).schemas }));
  const found =
    cards.find(({ schemas }) => schemas?.includes(bundleName)) ??
    cards.find(({ schemas }) => schemas === undefined);
  return found?.folder;
}
