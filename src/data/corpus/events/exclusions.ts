import type { SampleDraw } from '../draw.js';
import { say, valuePhrase, type Phrase } from '../question/phrase.js';
import { compare } from '../statement/program.js';
import type { EventModel, EventTable } from './model.js';
import type { EventQuery } from './query.js';
import { fill } from './template.js';
import { use } from './times.js';
import { drawName } from './values.js';

/** How often a question about what there is leaves something out. */
const SHARE = 0.05;

/**
 * Sometimes leaves out one or two of the things that the question asks for: ` other than __TEXT_1__`.
 * @returns what follows the noun, starting with a space; undefined if nothing is left out
 */
export function drawExclusion(
  draw: SampleDraw,
  model: EventModel,
  query: EventQuery,
  { label, kind }: EventTable,
): Phrase | undefined {
  const { random } = draw;
  if (label === undefined || !random.chance(SHARE)) return undefined;
  const first = drawName(draw, model, label, kind.make);
  const of = query.column(label, 0);
  const x = valuePhrase(first);
  if (random.chance(0.7)) {
    query.filter(compare(of, '<>', use(first)));
    return fill(' other than {x}', { x }, random);
  }
  const second = drawName(draw, model, label, kind.make);
  query.filter({ kind: 'in', of, values: [first, second], negated: true });
  const both = say`${x} and ${valuePhrase(second)}`;
  return fill(' other than {both}', { both }, random);
}
