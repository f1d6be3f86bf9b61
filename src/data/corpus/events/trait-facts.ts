import type { SampleDraw } from '../draw.js';
import { type Phrase, say, valuePhrase } from '../question/phrase.js';
import { type QueryPredicate, type QueryValue, compare } from '../statement/program.js';
import type { Fact } from './fact.js';
import type { ColumnWay, Trait } from './columns.js';
import type { EncounterTable, EventModel } from './model.js';
import type { EventQuery } from './query.js';
import { fill } from './template.js';
import { use } from './times.js';
import { traitWords } from './traits.js';
import { drawCode, drawName, meaningsOf } from './values.js';
import { negatedPresent, past, present } from './verbs.js';

/** A value of a trait, and the column with which it is compared. */
export interface SpokenTrait {
  value: QueryValue;
  way: ColumnWay;
}

const PLURAL: Record<string, string> = { man: 'men', woman: 'women', boy: 'boys', girl: 'girls' };
/** How often the name of a code is known from its catalogue, and not as the code. */
const CATALOGUE_SHARE = 0.08;

/** Codes whose words call the stay itself: `inpatient visit`, `hospital stay`. */
const STAY = /\b(consult|visit|stay|hospitalization|admission|encounter|transfer)$/;

export function callsStay({ text, kind }: QueryValue): boolean {
  return kind === 'code' && STAY.test(text);
}

/** The same code, said of several: `inpatient visits`. */
export function inPlural(value: QueryValue): QueryValue {
  return Object.assign(value, { text: `${value.text}s` });
}

/** No place: `discharged alive`, `expired`. */
const NO_PLACE =
  /^(discharged?|left|expired|died|dead|deceased|alive|transferred|admitted|against|other|unknown|still)\b/i;
/** Words that deny already: `not unmarried` is not said. */
const DENIES = /^(un|non|not|no)\b|^(unmarried|unknown|nonwhite)/i;

/** True if the words say where somebody came from or went, or the trait is of another kind. */
export function fitsTrait({ name }: Trait, { text }: QueryValue): boolean {
  return !((name === 'destination' || name === 'source') && NO_PLACE.test(text));
}

/** `visit` in what is said of a stay, as people call that stay. */
export function stayWords(words: string, { kind }: EncounterTable): string {
  const noun =
    kind.name !== 'visit' ? 'stay' : kind.acts.some(([one]) => one === 'visit') ? 'visit' : kind.acts[0]![0];
  return words.replace(/\bvisit\b/, noun);
}

/** A value of a trait as people say it: the words of a code, or a name. */
export function drawTraitValue(draw: SampleDraw, model: EventModel, trait: Trait): SpokenTrait {
  const { random } = draw;
  // `An emergency department admit to inpatient stay` is said by nobody.
  const all = meaningsOf(model, trait);
  const short = all.filter(({ words }) => words.some((word) => word.split(' ').length <= 3));
  const codes = short.length > 0 ? short : all;
  if (codes.length === 0) {
    return { value: drawName(draw, model, trait, traitWords(trait.name).make), way: trait };
  }
  const code = random.pick(codes);
  const words = code.words.filter((word) => !(word in PLURAL));
  // `Inpatient visit` is a name of the code: nobody takes `inpatient` alone out of it.
  const isBegun = (word: string): boolean =>
    words.some((longer) => longer.startsWith(`${word} `) && STAY.test(longer));
  const plain = words.filter((word) => !STAY.test(word) && !isBegun(word));
  const word = random.pick([plain, words, code.words].find((list) => list.length > 0)!);
  if (trait.label !== undefined && !STAY.test(word) && !isBegun(word) && random.chance(CATALOGUE_SHARE)) {
    return { value: drawName(draw, model, trait.label, () => word, true), way: trait.label };
  }
  return { value: drawCode(draw, model, trait, code, word), way: trait };
}

/** Of a patient, or of a stay: `from Elville`, `with private insurance`, `not married`, `married or divorced`. */
export function traitFact(
  draw: SampleDraw,
  model: EventModel,
  trait: Trait,
  of: EncounterTable | undefined,
): Fact | undefined {
  const { random } = draw;
  const plural = of === undefined ? pluralCode(draw, model, trait) : undefined;
  if (plural !== undefined) {
    const words = valuePhrase(plural);
    return {
      of,
      topic: trait.name,
      isWithout: false,
      noun: words,
      verb: say`are ${words}`,
      predicates: (query, at) => [compare(query.column(trait, at), '=', use(plural))],
    };
  }
  const { adjective, modifiers, verbs } = traitWords(trait.name);
  if (verbs.length === 0 || (adjective === undefined && modifiers.length === 0)) return undefined;
  const first = drawTraitValue(draw, model, trait);
  if (!fitsTrait(trait, first.value)) return undefined;
  // Several stays of one patient differ, so that `not admitted from` would be said of none of them.
  const mode = of !== undefined || trait.name === 'gender' ? random.int(20) : random.int(14);
  if (of === undefined && mode < 2)
    return DENIES.test(first.value.text) ? undefined : notFact(draw, trait, first);
  const second =
    mode >= 2 && mode < 4 && trait.name !== 'gender' ? drawTraitValue(draw, model, trait) : undefined;
  if (second !== undefined && (second.way !== first.way || !fitsTrait(trait, second.value))) return undefined;
  if (second !== undefined && [first, second].some(({ value }) => DENIES.test(value.text))) return undefined;
  const x = valuePhrase(first.value);
  const isNeither = second !== undefined && of === undefined && mode === 3;
  const both = second && valuePhrase(second.value);
  const said: Phrase =
    both === undefined ? x : isNeither ? say`neither ${x} nor ${both}` : say`${x} or ${both}`;
  const predicates = (query: EventQuery, at: number): QueryPredicate[] => {
    const left = query.column(first.way, at);
    if (second === undefined) return [compare(left, '=', use(first.value))];
    return [{ kind: 'in', of: left, values: [first.value, second.value], negated: isNeither }];
  };
  const isStay = callsStay(first.value) || (second !== undefined && callsStay(second.value));
  const verb = isStay ? (second === undefined ? 'have {a x}' : undefined) : random.pick(verbs);
  if (verb === undefined || (second !== undefined && /\{a x\}/.test(verb))) return undefined;
  const plain =
    second === undefined ? modifiers : modifiers.filter((one) => !/^(in the|with marital)/.test(one));
  const modifier = isStay ? 'with {a x}' : plain.length === 0 ? undefined : random.pick(plain);
  return {
    of,
    topic: trait.name,
    isWithout: false,
    isNegative: isNeither,
    adjective:
      adjective === undefined || isNeither || isStay || (of !== undefined && trait.name !== 'insurance')
        ? undefined
        : fill(adjective, { x: said }, random),
    modifier:
      modifier === undefined || (second !== undefined && /\{a x\}/.test(modifier))
        ? undefined
        : fill(of === undefined ? modifier : stayWords(modifier, of), { x: said }, random),
    verb: fill(of === undefined ? present(verb, true) : stayWords(past(verb, true), of), { x: said }, random),
    predicates,
  };
}

/** `not married`, `do not speak Dutch`. */
function notFact(draw: SampleDraw, trait: Trait, { value, way }: SpokenTrait): Fact {
  const { random } = draw;
  const { adjective, modifiers, verbs } = traitWords(trait.name);
  const x = valuePhrase(value);
  const plain = modifiers.filter((one) => !/^(with|whose) /.test(one));
  return {
    of: undefined,
    topic: trait.name,
    isWithout: false,
    isNegative: true,
    modifier:
      adjective !== undefined || plain.length === 0
        ? undefined
        : fill(`not ${random.pick(plain)}`, { x }, random),
    verb: fill(negatedPresent(random.pick(verbs), random.chance(0.25)), { x }, random),
    predicates: (query, at) => [compare(query.column(way, at), '<>', use(value))],
  };
}

/** `women`, if the column has a code for it. */
function pluralCode(draw: SampleDraw, model: EventModel, trait: Trait): QueryValue | undefined {
  if (!draw.random.chance(0.25)) return undefined;
  const codes = meaningsOf(model, trait).flatMap((code) =>
    // A boy is a child, and the code says nothing of that.
    code.words.filter((word) => word === 'man' || word === 'woman').map((word) => ({ code, word })),
  );
  if (codes.length === 0) return undefined;
  const { code, word } = draw.random.pick(codes);
  const value = drawCode(draw, model, trait, code, word);
  return Object.assign(value, { text: PLURAL[word]! });
}
