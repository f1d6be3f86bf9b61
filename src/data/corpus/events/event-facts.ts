import type { SampleDraw } from '../draw.js';
import { say, valuePhrase, type Phrase } from '../question/phrase.js';
import { daysValue } from '../question/values.js';
import { column, compare } from '../statement/program.js';
import type { Fact } from './fact.js';
import type { EncounterTable, EventModel, EventTable } from './model.js';
import { isSameTable, type EventQuery } from './query.js';
import { type SpokenEvent, isMeasured, measuresOf, speakOf } from './spoken-event.js';
import { fill } from './template.js';
import { drawTime, use } from './times.js';
import { callsStay, drawTraitValue, fitsTrait, stayWords } from './trait-facts.js';
import { traitWords } from './traits.js';
import { drawName } from './values.js';
import { modifier, NEGATIONS, NEGATIONS_THEN, negatedModifier, past, present } from './verbs.js';

/** Patients to whom an event happened: `who were prescribed … in 2104`. */
export function eventFact(draw: SampleDraw, model: EventModel, event: EventTable): Fact | undefined {
  const { random } = draw;
  const spoken = speakOf(draw, model, event, undefined, 'either');
  if (spoken === undefined) return undefined;
  const { x } = spoken;
  const route = event.route;
  const how =
    spoken.value !== undefined && route !== undefined && random.chance(0.15)
      ? drawName(draw, model, route, traitRoute)
      : undefined;
  // What somebody had in May may have begun before.
  const time =
    event.time !== undefined && !LASTS.test(spoken.verb) && random.chance(0.4)
      ? drawTime(draw, event.time)
      : undefined;
  const by =
    how === undefined
      ? []
      : fill(
          /^(po|iv|im|sc|pr|sl)$/i.test(how.text) ? ' (via|by) {r}' : ' (via|by) the {r} route',
          { r: valuePhrase(how) },
          random,
        );
  const tail = say`${by}${time?.words ?? []}`;
  return {
    of: event,
    topic: topicOf(event, spoken),
    isWithout: false,
    isDated: time !== undefined,
    modifier: MODIFIES.test(spoken.verb)
      ? say`${fill(modifier(spoken.verb), { x }, random)}${tail}`
      : undefined,
    // A disease is had, and was had.
    verb: say`${fill(REMAINS.test(spoken.verb) && random.chance(0.6) ? present(spoken.verb, true) : past(spoken.verb, true), { x }, random)}${tail}`,
    predicates: (query, at) => [
      ...spoken.predicates(query, at),
      ...(how === undefined ? [] : [compare(query.column(route!, at), '=', use(how))]),
      ...(time?.predicates(column(at, event.time!.name)) ?? []),
    ],
  };
}

/** Verbs whose participle goes well behind a noun: `prescribed`, `with`, `taking`. */
const MODIFIES =
  /^(be(?! administered| dispensed| put on)|have(?!.* (done|performed|administered|dispensed)$)|suffer|follow) /;
/** What lasts, so that people have it and not only had it. */
export const LASTS =
  /^(have (\{x\}|\{a x\})$|suffer from|be allergic|be on|use |have an allergy|have (a|\{a x\}) care plan)/;
/** What is still so, as far as anybody knows: a drug or a device may have been taken away. */
const REMAINS = /^(have \{x\}$|suffer from|be allergic|have an allergy)/;

/** An event of a certain thing may be told beside another; one of any thing may not. */
function topicOf(event: EventTable, { value }: SpokenEvent): string {
  return value?.text ?? (event.kind.name === 'other' ? event.table.name : event.kind.name);
}

function traitRoute(random: SampleDraw['random']): string {
  return random.pick(['po', 'iv', 'im', 'sc', 'oral', 'topical', 'pr', 'sl', 'inhaled', 'nasal']);
}

/** Patients to whom an event never happened. Its name must be in its own row, or the join would have to be bracketed. */
export function withoutFact(draw: SampleDraw, model: EventModel, event: EventTable): Fact | undefined {
  const { random } = draw;
  if (event.patient === undefined || event.patient.joins.length > 0) return undefined;
  // Who has not died is alive, and a drug that is on the list may not have been given.
  if (/^(death|administration)$/.test(event.kind.name)) return undefined;
  const isBare = event.label === undefined || event.label.joins.length > 0 || random.chance(0.15);
  const spoken = speakOf(draw, model, event, isBare, random.chance(0.8) ? 'neither' : 'either');
  if (spoken === undefined) return undefined;
  const { value, x } = spoken;
  const time =
    event.time !== undefined && !LASTS.test(spoken.verb) && random.chance(0.25)
      ? drawTime(draw, event.time, 'absence')
      : undefined;
  const t = time?.words ?? [];
  const said = (text: string): Phrase => say`${fill(text, { x }, random)}${t}`;
  const isNeither = x.some((piece) => typeof piece === 'string' && piece.startsWith('neither'));
  const fact = {
    of: event,
    topic: topicOf(event, spoken),
    isWithout: true,
    predicates: (query: EventQuery, at: number) => [
      ...spoken.predicates(query, at),
      ...(time?.predicates(column(at, event.time!.name)) ?? []),
    ],
  };
  if (isNeither)
    return { ...fact, modifier: said(modifier(spoken.verb)), verb: said(past(spoken.verb, true)) };
  if (value === undefined && event.kind.name !== 'device' && random.chance(0.5))
    return { ...fact, ...sayNone(draw, event, t) };
  // An allergy lasts.
  if (event.kind.name === 'allergy' && value !== undefined)
    return {
      ...fact,
      modifier: said('(not allergic to {x}|without {a x} allergy)'),
      verb: said('(are not allergic to {x}|have no allergy to {x})'),
    };
  const verb = value === undefined ? spoken.verb.replace(/ an? /, ' any ') : spoken.verb;
  const negate = random.pick(time === undefined ? NEGATIONS : NEGATIONS_THEN);
  return {
    ...fact,
    modifier: random.chance(0.5) || !MODIFIES.test(verb) ? undefined : said(negatedModifier(verb)),
    verb: said(negate(verb)),
  };
}

/** `without any prescription`, `have no prescriptions`. */
function sayNone(
  { random }: SampleDraw,
  { acts: own, leads, nouns }: EventTable,
  t: Phrase,
): Pick<Fact, 'modifier' | 'verb'> {
  const acts = leads && own.length > 0 ? own : nouns.map(({ one, many }) => [one, many] as const);
  const [one, many] = random.pick(acts);
  const slots = { one, many };
  return {
    modifier: say`${fill('(without any {many}|with no {many}|without {a one})', slots, random)}${t}`,
    verb: say`${fill(t.length > 0 ? '(had no {many}|did not have any {many})' : '(have no {many}|do not have any {many}|have never had {a one}|have not had any {many}|had no {many})', slots, random)}${t}`,
  };
}

/** Patients who never had a stay, or none of a kind: `were never admitted`, `had no emergency visit`. */
export function noStayFact(draw: SampleDraw, model: EventModel, of: EncounterTable): Fact | undefined {
  const { random } = draw;
  if (of.patient === undefined || of.patient.joins.length > 0) return undefined;
  if (model.patient !== undefined && isSameTable(of, model.patient)) return undefined;
  const traits = of.traits.filter(({ name, joins }) => joins.length === 0 && OF_STAY.has(name));
  const trait = traits.length > 0 && random.chance(0.6) ? random.pick(traits) : undefined;
  const drawn = trait && drawTraitValue(draw, model, trait);
  if (drawn !== undefined && (drawn.way !== trait || !fitsTrait(trait, drawn.value))) return undefined;
  const words = trait && traitWords(trait.name);
  // `Patients who have not been seen` says too little.
  const bareVerbs = of.kind.verbs.filter((verb) => verb !== 'be seen');
  const verbs = drawn === undefined ? bareVerbs : words!.verbs;
  if (verbs.length === 0 && !(drawn !== undefined && callsStay(drawn.value))) return undefined;
  const stayVerb =
    drawn === undefined
      ? random.pick(bareVerbs).replace(/ an? /, ' any ')
      : callsStay(drawn.value)
        ? 'have {a x}'
        : stayWords(random.pick(words!.verbs), of);
  const x = drawn === undefined ? [] : valuePhrase(drawn.value);
  const time = of.start !== undefined && random.chance(0.3) ? drawTime(draw, of.start, 'absence') : undefined;
  const t = time?.words ?? [];
  const said = (text: string): Phrase => say`${fill(text, { x }, random)}${t}`;
  const bare = drawn === undefined && random.chance(0.5);
  const [one, many] = random.pick(of.kind.acts);
  return {
    of,
    topic: 'no stay',
    isWithout: true,
    modifier: bare
      ? say`${fill('(without any {many}|with no {many}|without {a one})', { one, many }, random)}${t}`
      : undefined,
    verb: bare
      ? say`${fill(t.length > 0 ? '(had no {many}|did not have any {many})' : '(have no {many}|do not have any {many}|have never had {a one})', { one, many }, random)}${t}`
      : said(random.pick(time === undefined ? NEGATIONS : NEGATIONS_THEN)(stayVerb)),
    predicates: (query, at) => [
      ...(drawn === undefined ? [] : [compare(query.column(trait!, at), '=', use(drawn.value))]),
      ...(time?.predicates(column(at, of.start!.name)) ?? []),
    ],
  };
}

const OF_STAY: ReadonlySet<string> = new Set(['type', 'ward']);

/** Patients with a measured value beyond a limit. */
export function valueFact(draw: SampleDraw, model: EventModel, event: EventTable): Fact | undefined {
  const { random } = draw;
  const { label, value, kind } = event;
  if (label === undefined || value === undefined || !isMeasured(model, event)) return undefined;
  const name = drawName(draw, model, label, kind.make);
  const limit = draw.fresh(() => daysValue(random));
  const isAbove = random.chance(0.6);
  const slots = {
    x: fill(random.pick(measuresOf(model, event, name)), { x: valuePhrase(name) }, random),
    n: valuePhrase(limit),
  };
  const than = isAbove
    ? '(above|over|higher than|greater than|of more than) {n}'
    : '(below|under|lower than|less than) {n}';
  return {
    of: event,
    topic: name.text,
    isWithout: false,
    modifier: fill(`with {a x} ${than}`, slots, random),
    verb: fill(`had {a x} ${than}`, slots, random),
    predicates: (query, at) => [
      compare(query.column(label, at), '=', use(name)),
      compare(column(at, value.name), isAbove ? '>' : '<', use(limit)),
    ],
  };
}
