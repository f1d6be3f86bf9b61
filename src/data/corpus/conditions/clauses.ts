import type { SpokenCondition } from './conditions.js';
import type { SampleDraw } from '../draw.js';
import { say, type Phrase } from '../question/phrase.js';

export type ClauseStyle = 'with' | 'whose' | 'where';

/**
 * The conditions as one modifier of the preceding noun, starting with a space; empty without conditions.
 *
 *     ␣for patient __ID_1__ with start date after __DATE_1__ and end date before __DATE_2__
 *     ␣whose start date is after __DATE_1__ and whose end date is missing
 */
export function sayConditions(
  draw: SampleDraw,
  conditions: readonly SpokenCondition[],
  junction: 'AND' | 'OR' = 'AND',
  /** Whether the question ends with the conditions: elsewhere a clause with `where` would take in what follows. */
  isLast = true,
): Phrase {
  const word = junction === 'AND' ? ' and ' : ' or ';
  const drawn = draw.random.pick(draw.knobs.clauses);
  const style = drawn === 'where' && !isLast ? 'whose' : drawn;
  let phrase: Phrase = [];
  let previous: 'own' | 'other' | ClauseStyle | undefined;
  for (const condition of conditions) {
    if (condition.other !== undefined) {
      const { lead: to, clause } = condition.other;
      phrase = previous === 'other' ? say`${phrase} and ${clause}` : say`${phrase} ${to} ${clause}`;
      previous = 'other';
      continue;
    }
    if (condition.own !== undefined && junction === 'AND') {
      phrase = say`${phrase}${previous === undefined ? ' ' : ' and '}${condition.own}`;
      previous = 'own';
      continue;
    }
    const glue = previous === style ? word : ' ';
    phrase = say`${phrase}${glue}${lead(style, previous === style)}${core(style, condition)}`;
    previous = style;
  }
  return phrase;
}

function lead(style: ClauseStyle, isRepeated: boolean): string {
  if (style === 'with') return isRepeated ? '' : 'with ';
  return style === 'whose' ? 'whose ' : isRepeated ? '' : 'where ';
}

function core(style: ClauseStyle, { named, is, bare, after }: SpokenCondition): Phrase {
  if (style === 'with') return after ?? say`${named} ${bare}`;
  if (style === 'whose') return say`${named} ${is}`;
  return say`the ${named} ${is}`;
}
