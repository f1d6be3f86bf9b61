import type { SampleDraw } from '../draw.js';
import { columnPhrase, say, tablePhrase, type Phrase } from '../question/phrase.js';
import type { Attribute } from '../topics/entities.js';
import { hasPlural, hasTail } from '../topics/plain.js';
import { pluralise, singularise } from '../topics/words.js';
import type { Nouns } from './intent.js';

/** What a question calls the values of an attribute: `visit types`, `patients`; undefined if no plural fits. */
export function pluralPhrase(draw: SampleDraw, attribute: Attribute): Phrase | undefined {
  if (attribute.kind === 'id') {
    const noun = draw.referenceNoun(attribute);
    return noun === undefined ? undefined : tablePhrase(pluralise(noun));
  }
  const among = attribute.phrases.filter(hasPlural);
  return among.length === 0 ? undefined : columnPhrase(pluralise(draw.phraseOf(attribute, among)));
}

/** The same in a list of values: `the birth dates`, or `the discharge destination` where no plural fits. */
export function spokenValues(draw: SampleDraw, attribute: Attribute): { what: Phrase; is: 'is' | 'are' } {
  const plural = attribute.kind === 'id' ? undefined : pluralPhrase(draw, attribute);
  if (plural !== undefined) return { what: plural, is: 'are' };
  // `The visit ids of visits` says it twice.
  const phrase = attribute.isPrimaryKey ? 'id' : draw.phraseOf(attribute);
  return attribute.kind === 'id' && /(^| )id$/.test(phrase)
    ? { what: columnPhrase(`${phrase}s`), is: 'are' }
    : { what: columnPhrase(phrase), is: 'is' };
}

/** A column, and that of another row as a possessive: `start date`, `patient's home town`. */
export function ofRow(draw: SampleDraw, attribute: Attribute): Phrase {
  const phrase = draw.phraseOf(attribute);
  const split = attribute.isLabel ? undefined : attribute.ofRow.get(phrase);
  return split === undefined
    ? columnPhrase(attribute.isPrimaryKey ? 'id' : phrase)
    : say`the ${columnPhrase(`${split.row}'s ${split.tail}`)}`;
}

/** What a question groups by: `visit type`, and `patient` rather than `patient id`. */
export function groupOf(draw: SampleDraw, attribute: Attribute): Phrase {
  const noun = attribute.kind === 'id' ? draw.referenceNoun(attribute) : undefined;
  return noun === undefined ? columnPhrase(draw.phraseOf(attribute)) : tablePhrase(noun);
}

/** A time of which the year or the month is asked: `birth` of the year of birth. */
export function periodOf(draw: SampleDraw, date: Attribute): Phrase {
  return columnPhrase(draw.phraseOf(date).replace(/^(date|time|day) of (the )?/, ''));
}

/** `visit counts`, or `counts of visits whose …`: what follows must stand next to its noun. */
export function compoundOf({ one, many, when }: Nouns, head: string): Phrase {
  const [noun] = one;
  const isLong = typeof noun === 'object' && noun.kind === 'name' && hasTail(noun.text);
  return isLong || when.length > 0 ? say`${head} of ${many}${when}` : say`${one} ${head}`;
}

/** `Among visits whose …`, with a capital; of all rows `Across all visits`: nothing is singled out. */
export function amongFirst({ many, when }: Nouns): Phrase {
  return when.length === 0 ? say`Across all ${many}` : say`Among ${many}${when}`;
}

/** The phrase of one value: `birth date` of `birth dates`. */
export function onePhrase(phrase: Phrase): Phrase {
  return phrase.map((piece) =>
    typeof piece === 'object' && piece.kind === 'name' ? { ...piece, text: singularise(piece.text) } : piece,
  );
}
