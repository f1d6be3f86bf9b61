import type { SampleDraw } from '../draw.js';
import { type QueryPredicate, type QueryValue, compare } from '../statement/program.js';
import type { EventModel, EventTable } from './model.js';
import type { EventQuery } from './query.js';
import { use } from './times.js';
import { drawName } from './values.js';

/** What an event is of, with the verb that says it. */
export interface SpokenEvent {
  verb: string;
  /** The value; undefined if any event of the kind will do. */
  value: QueryValue | undefined;
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

/** `be prescribed {x}` with a name for `{x}`, or `have a prescription`. */
export function speakOf(
  draw: SampleDraw,
  model: EventModel,
  event: EventTable,
  isBare = draw.random.chance(0.15),
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
    return { verb: bare, value: undefined, predicates: () => [] };
  }
  const value = drawName(draw, model, label!, event.kind.make);
  return {
    verb: random.chance(0.6) ? verbs[random.int(Math.min(verbs.length, 3))]! : random.pick(verbs),
    value,
    predicates: (query, at) => [compare(query.column(label!, at), '=', use(value))],
  };
}
