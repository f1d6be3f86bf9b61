import type { SampleDraw } from '../draw.js';
import { say, valuePhrase } from '../question/phrase.js';
import { daysValue } from '../question/values.js';
import { column, compare } from '../statement/program.js';
import type { Fact } from './facts.js';
import type { EventModel, EventTable } from './model.js';
import { type SpokenEvent, speakOf } from './spoken-event.js';
import { fill } from './template.js';
import { drawTime, use } from './times.js';
import { drawName } from './values.js';
import { modifier, negated, negatedModifier, past } from './verbs.js';

/** Patients to whom an event happened: `who were prescribed … in 2104`. */
export function eventFact(draw: SampleDraw, model: EventModel, event: EventTable): Fact | undefined {
  const { random } = draw;
  const spoken = speakOf(draw, model, event);
  if (spoken === undefined) return undefined;
  const x = spoken.value === undefined ? [] : valuePhrase(spoken.value);
  const route = event.route;
  const how =
    spoken.value !== undefined && route !== undefined && random.chance(0.15)
      ? drawName(draw, model, route, traitRoute)
      : undefined;
  const time = event.time !== undefined && random.chance(0.4) ? drawTime(draw, event.time) : undefined;
  const by =
    how === undefined ? [] : fill(' (via|by|via the|by the) {r}( route|)', { r: valuePhrase(how) }, random);
  const tail = say`${by}${time?.words ?? []}`;
  return {
    of: event,
    topic: topicOf(event, spoken),
    isWithout: false,
    modifier: say`${fill(modifier(spoken.verb), { x }, random)}${tail}`,
    verb: say`${fill(past(spoken.verb, true), { x }, random)}${tail}`,
    predicates: (query, at) => [
      ...spoken.predicates(query, at),
      ...(how === undefined ? [] : [compare(query.column(route!, at), '=', use(how))]),
      ...(time?.predicates(column(at, event.time!.name)) ?? []),
    ],
  };
}

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
  const spoken = speakOf(
    draw,
    model,
    event,
    event.label === undefined || event.label.joins.length > 0 || random.chance(0.2),
  );
  if (spoken === undefined) return undefined;
  const x = spoken.value === undefined ? [] : valuePhrase(spoken.value);
  const verb = spoken.value === undefined ? spoken.verb.replace(/ an? /, ' any ') : spoken.verb;
  const isNever = random.chance(0.5);
  const time =
    event.time !== undefined && !isNever && random.chance(0.25) ? drawTime(draw, event.time) : undefined;
  return {
    of: event,
    topic: topicOf(event, spoken),
    isWithout: true,
    modifier: isNever ? undefined : say`${fill(negatedModifier(verb), { x }, random)}${time?.words ?? []}`,
    verb: say`${fill(negated(verb, true, isNever), { x }, random)}${time?.words ?? []}`,
    predicates: (query, at) => [
      ...spoken.predicates(query, at),
      ...(time?.predicates(column(at, event.time!.name)) ?? []),
    ],
  };
}

/** Patients with a measured value beyond a limit. */
export function valueFact(draw: SampleDraw, model: EventModel, event: EventTable): Fact | undefined {
  const { random } = draw;
  const { label, value, kind } = event;
  if (label === undefined || value === undefined || kind.measures.length === 0 || !event.leads)
    return undefined;
  const name = drawName(draw, model, label, kind.make);
  const limit = draw.fresh(() => daysValue(random));
  const isAbove = random.chance(0.6);
  const slots = {
    x: fill(random.pick(kind.measures), { x: valuePhrase(name) }, random),
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
