import { type Phrase, say, valuePhrase } from '../question/phrase.js';
import { column, compare } from '../statement/program.js';
import { callsStay, drawTraitValue, fitsTrait, inPlural } from './trait-facts.js';
import type { Trait } from './columns.js';
import type { EncounterTable } from './model.js';
import { type Asking, drawPatientFact, sayPeople } from './plan.js';
import { EventQuery } from './query.js';
import { fill } from './template.js';
import { drawTime, use, type TimeOf } from './times.js';
import { traitWords } from './traits.js';

export function drawStay(
  { draw, model }: Asking,
  fits: (stay: EncounterTable) => boolean = () => true,
): EncounterTable | undefined {
  const stays = model.encounters.filter((stay) => stay.patient !== undefined && fits(stay));
  return stays.length === 0 ? undefined : draw.random.pick(stays);
}

/** Whether people count the days of such a stay: that in an emergency department takes hours. */
export function takesDays({ start, end, kind }: EncounterTable): boolean {
  return start !== undefined && end !== undefined && kind.name !== 'emergency stay';
}

/** What is said of a stay: patients are discharged, and stays end. */
const OF_STAY = {
  source: '(for patients admitted from {x}|with admission from {x})',
  destination: '(for patients discharged to {x}|that ended with discharge to {x})',
  ward: '(in the {x}|on the {x})',
};
const NOT_OF_STAY = {
  source: 'for patients not admitted from {x}',
  destination: '(for patients not discharged to {x}|that did not end with discharge to {x})',
  ward: 'not in the {x}',
};

export interface SpokenStays {
  query: EventQuery;
  /** `emergency admissions`, `admissions` and its singular. */
  many: Phrase;
  one: Phrase;
  /** What follows: ` of women in 2104`. */
  tail: Phrase;
}

/** Stays of a kind, of certain patients, of a time. */
export function drawStays(
  asking: Asking,
  stay: EncounterTable,
  shares = { trait: 0.4, who: 0.25, time: 0.4 },
  isWanted: (trait: Trait) => boolean = () => true,
  about: TimeOf = 'event',
): SpokenStays | undefined {
  const { draw, model } = asking;
  const { random } = draw;
  const query = new EventQuery(model, stay.table.name);
  const [one, acts] = random.pick(stay.kind.acts);
  let many: Phrase = [acts];
  let single: Phrase = [one];
  const traits = stay.traits.filter(
    (trait) =>
      isWanted(trait) &&
      (traitWords(trait.name).adjective !== undefined || traitWords(trait.name).modifiers.length > 0),
  );
  let before: Phrase = [];
  let after: Phrase = [];
  let people: Phrase | undefined;
  if (traits.length > 0 && random.chance(shares.trait)) {
    const trait = random.pick(traits);
    const { adjective, modifiers } = traitWords(trait.name);
    // `White admissions` is not said: what people are does not pass to their stays.
    const isKind =
      adjective !== undefined &&
      (trait.name === 'type' || trait.name === 'status' || trait.name === 'priority');
    if (!isKind && modifiers.length === 0) return undefined;
    const { value, way } = drawTraitValue(draw, model, trait);
    if (!fitsTrait(trait, value)) return undefined;
    const isNot = random.chance(0.15);
    query.filter(compare(query.column(way, 0), isNot ? '<>' : '=', use(value)));
    const x = valuePhrase(value);
    if (isNot) {
      if (isKind && callsStay(value))
        after = fill(' (other than|except) {xs}', { xs: valuePhrase(inPlural(value)) }, random);
      else if (isKind) after = fill(' (other than {x} ones|that were not {x})', { x }, random);
      else if (['source', 'destination', 'ward'].includes(trait.name))
        after = fill(` ${NOT_OF_STAY[trait.name as keyof typeof NOT_OF_STAY]}`, { x }, random);
      else return undefined;
    } else if (isKind && callsStay(value)) {
      single = valuePhrase(value);
      many = valuePhrase(inPlural(value));
    } else if (isKind) before = say`${fill(adjective, { x }, random)} `;
    else if (['source', 'destination', 'ward'].includes(trait.name))
      after = fill(` ${OF_STAY[trait.name as keyof typeof OF_STAY]}`, { x }, random);
    else if (trait.name === 'insurance')
      after = fill(
        way.joins.length > 0 ? ' (paid for|covered) by {x}' : ' covered by {x} insurance',
        { x },
        random,
      );
    else after = say` for patients ${fill(random.pick(modifiers), { x }, random)}`;
  }
  if (after.length === 0 && random.chance(shares.who)) {
    const fact = drawPatientFact(asking, ['trait', 'age']);
    const at = fact && query.toPatient(stay, 0);
    if (fact === undefined || at === undefined) return undefined;
    query.filter(...fact.predicates(query, at));
    people = sayPeople(asking, [fact], false).full;
  }
  const time =
    stay.start !== undefined && random.chance(shares.time) ? drawTime(draw, stay.start, about) : undefined;
  query.filter(...(time?.predicates(column(0, stay.start!.name)) ?? []));
  const t = time?.words ?? [];
  if (people !== undefined) after = say` for ${people}`;
  return { query, many: say`${before}${many}`, one: say`${before}${single}`, tail: say`${t}${after}` };
}
