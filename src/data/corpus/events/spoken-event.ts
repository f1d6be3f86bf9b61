import type { SampleDraw } from '../draw.js';
import { say, valuePhrase, type Phrase } from '../question/phrase.js';
import { type QueryPredicate, type QueryValue, compare } from '../statement/program.js';
import type { EventModel, EventTable } from './model.js';
import type { EventQuery } from './query.js';
import { fill } from './template.js';
import { use } from './times.js';
import { beforeNoun, columnPath, drawName } from './values.js';

/** What an event is of, with the verb that says it. */
export interface SpokenEvent {
  verb: string;
  /** The value, the first of two; undefined if any event of the kind will do. */
  value: QueryValue | undefined;
  /** What fills `{x}`: the value, `a drug other than __TEXT_1__`, `__TEXT_1__ or __TEXT_2__`. */
  x: Phrase;
  predicates(query: EventQuery, at: number): QueryPredicate[];
}

/** Of kinds with the same verbs, the one that people mean first. */
const FAMILY_ORDER = ['prescription', 'administration', 'dispensing', 'lab', 'observation'];

/** Whether verbs that several kinds share (`be given`) mean this table. */
export function leadsFamily(model: EventModel, { kind, leads }: EventTable): boolean {
  if (!leads) return false;
  if (kind.sharedVerbs.length === 0) return true;
  const rank = FAMILY_ORDER.indexOf(kind.name);
  return !model.events.some(
    (other) =>
      other.leads &&
      other.label !== undefined &&
      other.kind.sharedVerbs === kind.sharedVerbs &&
      FAMILY_ORDER.indexOf(other.kind.name) < rank,
  );
}

/** The verbs of an event's kind, those of its family only if it comes first there. */
export function verbsOf(model: EventModel, event: EventTable): string[] {
  if (!event.leads) return [];
  return [...event.kind.verbs, ...(leadsFamily(model, event) ? event.kind.sharedVerbs : [])];
}

/**
 * What is measured, in words that do not mean another table: what several kinds share is said of the first of them, or
 * of a name that the vault knows in this one only.
 */
export function measuresOf(model: EventModel, event: EventTable, { columns }: QueryValue): string[] {
  const { label, kind } = event;
  const path = label && columnPath(label.table, label.column);
  const isElsewhere = model.events.some(
    (other) =>
      other !== event &&
      other.kind.sharedVerbs === kind.sharedVerbs &&
      other.label !== undefined &&
      columnPath(other.label.table, other.label.column) === path,
  );
  const isOnlyHere = columns?.length === 1 && columns[0] === path && !isElsewhere;
  const isShared = isOnlyHere || leadsFamily(model, event);
  return [...kind.measures, ...(isShared ? kind.sharedMeasures : [])];
}

/** What was done with the drugs of a table, where several tables hold drugs. */
const DONE: Readonly<Record<string, string>> = {
  prescription: 'prescribed',
  administration: 'administered',
  dispensing: 'dispensed',
};

/** What events are of, in words that mean no other table: `prescribed drugs` where drugs are also administered. */
export function thingsOf(model: EventModel, { kind, things }: EventTable): EventTable['things'] {
  const done = DONE[kind.name];
  const isOne = !model.events.some((other) => other.kind.name !== kind.name && other.kind.name in DONE);
  if (done === undefined || isOne) return things;
  return things.map(([one, many]) =>
    one === 'prescription' ? ([one, many] as const) : ([`${done} ${one}`, `${done} ${many}`] as const),
  );
}

/** Whether people ask for the values of the table: where laboratory results stand beside, a measured value is theirs. */
export function isMeasured(model: EventModel, event: EventTable): boolean {
  const { kind, leads, label, value } = event;
  if (!leads || label === undefined || value === undefined || kind.measures.length === 0) return false;
  return (
    kind.name !== 'observation' ||
    !model.events.some((other) => other.kind.name === 'lab' && other.leads && other.value !== undefined)
  );
}

/** `be prescribed {x}` with a name for `{x}`, or `have a prescription`. */
export function speakOf(
  draw: SampleDraw,
  model: EventModel,
  event: EventTable,
  isBare = draw.random.chance(0.15),
  among?: 'other' | 'either' | 'neither',
): SpokenEvent | undefined {
  const { random } = draw;
  const { label } = event;
  const verbs = label === undefined || isBare ? [] : verbsOf(model, event);
  if (verbs.length === 0) {
    const noun = random.pick(event.nouns).one;
    const bare =
      event.leads && event.kind.bareVerbs.length > 0
        ? random.pick(event.kind.bareVerbs)
        : `have ${/^[aeio]/.test(noun) ? 'an' : 'a'} ${noun}`;
    return { verb: bare, value: undefined, x: [], predicates: () => [] };
  }
  const verb = random.chance(0.6) ? verbs[random.int(Math.min(verbs.length, 3))]! : random.pick(verbs);
  const make = /\{(a )?x\} \w/.test(verb) ? beforeNoun(event.kind.make) : event.kind.make;
  const value = drawName(draw, model, label!, make);
  const x = valuePhrase(value);
  const plain = {
    verb,
    value,
    x,
    predicates: (query: EventQuery, at: number): QueryPredicate[] => [
      compare(query.column(label!, at), '=', use(value)),
    ],
  };
  // `Be prescribed a prescription other than` would say it twice.
  const things = event.things.filter(([one]) => one !== 'prescription' && !repeats(verb, one));
  if (!TAKES_ANY.test(verb) || things.length === 0 || !random.chance(SPECIAL_SHARE)) return plain;
  if (among === 'other' || (among === undefined && event.kind.name !== 'diagnosis' && random.chance(0.5))) {
    const [thing] = random.pick(things);
    return {
      ...plain,
      x: fill('{a thing} other than {x}', { thing, x }, random),
      predicates: (query, at) => [compare(query.column(label!, at), '<>', use(value))],
    };
  }
  const second = drawName(draw, model, label!, event.kind.make);
  const both = valuePhrase(second);
  return {
    ...plain,
    x: among === 'neither' ? say`neither ${x} nor ${both}` : say`${x} or ${both}`,
    predicates: (query, at) => [
      { kind: 'in', of: query.column(label!, at), values: [value, second], negated: false },
    ],
  };
}

/** `Have a diagnosis of a diagnosis`. */
function repeats(verb: string, thing: string): boolean {
  return verb.split(' ').some((word) => word.length > 3 && thing.includes(word.slice(0, 4)));
}

/** Verbs whose object may be `a drug other than {x}`. */
const TAKES_ANY = /^((?:be|receive|get|undergo|take|have|suffer|develop|use) ?(?:\w+ ?){0,3}?) ?\{x\}$/;
/** How often an event is not simply of one thing. */
const SPECIAL_SHARE = 0.14;
