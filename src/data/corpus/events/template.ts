import type { Random } from '../../../base/random.js';
import type { Phrase, Piece } from '../question/phrase.js';

/** What goes into the slots of a template. */
export type Slots = Readonly<Record<string, Phrase | string | undefined>>;

type Part = string | { slot: string } | { choices: Part[][] };

/** Parsed templates; bounded by the number of templates in the code. */
const parsed = new Map<string, Part[]>();

function parse(template: string): Part[] {
  let parts = parsed.get(template);
  if (parts === undefined) {
    parts = template
      .split(/(\([^()]*\))/)
      .filter((piece) => piece !== '')
      .map((piece): Part[] =>
        piece.startsWith('(') && piece.includes('|')
          ? [{ choices: piece.slice(1, -1).split('|').map(parseSlots) }]
          : parseSlots(piece),
      )
      .flat();
    parsed.set(template, parts);
  }
  return parts;
}

function parseSlots(text: string): Part[] {
  return text
    .split(/\{([a-zA-Z ]+)\}/)
    .map((piece, i): Part => (i % 2 === 0 ? piece : { slot: piece }))
    .filter((part) => part !== '');
}

/**
 * Fills a template: `(a|b)` is one of the two at random, `{x}` the phrase in that slot, and `{a x}` the same after `a`
 * or `an`. An empty choice is written `(|b)`.
 * @throws RangeError for a slot that is not filled
 */
export function fill(template: string, slots: Slots, random: Random): Phrase {
  const pieces: Piece[] = [];
  write(parse(template), slots, random, pieces);
  return pieces;
}

function write(parts: readonly Part[], slots: Slots, random: Random, pieces: Piece[]): void {
  for (const part of parts) {
    if (typeof part === 'string') pieces.push(part);
    else if ('choices' in part) write(random.pick(part.choices), slots, random, pieces);
    else {
      const isNamed = part.slot.startsWith('a ');
      const filling = slots[isNamed ? part.slot.slice(2) : part.slot];
      if (filling === undefined) throw new RangeError(`fill: the slot '${part.slot}' is empty`);
      if (isNamed) pieces.push(startsWithVowel(filling) ? 'an ' : 'a ');
      if (typeof filling === 'string') pieces.push(filling);
      else for (const piece of filling) pieces.push(piece);
    }
  }
}

function startsWithVowel(filling: Phrase | string): boolean {
  const first = typeof filling === 'string' ? filling : filling[0];
  const text =
    first === undefined
      ? ''
      : typeof first === 'string'
        ? first
        : first.kind === 'name'
          ? first.text
          : first.value.text;
  return /^(8\d*\b|11\b|18\b|x-ray|mri\b|[aeio]|u(?!ni|s|r(?!g)|t[ei]))/i.test(text);
}
