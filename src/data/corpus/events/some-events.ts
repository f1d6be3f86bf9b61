import { say, type Phrase } from '../question/phrase.js';
import { column } from '../statement/program.js';
import type { EventTable } from './model.js';
import { type Asking, drawEvent, drawPatientFact, sayPeople } from './plan.js';
import { EventQuery } from './query.js';
import { fill } from './template.js';
import { drawTime, type TimeOf } from './times.js';

export const labelled = ({ label, leads, things }: EventTable): boolean =>
  label !== undefined && leads && things.length > 0;

export interface Events {
  query: EventQuery;
  event: EventTable;
  /** ` in 2104`, ` among female patients`: starting with a space, or nothing. */
  t: Phrase;
  who: Phrase;
}

/** The events of a time, of all patients or of some. */
export function drawEvents(
  asking: Asking,
  fits: (event: EventTable) => boolean,
  needsLabel: boolean,
  shares: { time: number; who: number; of?: TimeOf } = { time: 0.4, who: 0.35 },
): Events | undefined {
  const { draw, model } = asking;
  const { random } = draw;
  const event = drawEvent(asking, fits);
  if (event === undefined) return undefined;
  const query = new EventQuery(model, event.table.name);
  if (needsLabel && event.label !== undefined) query.column(event.label, 0);
  const fact = random.chance(shares.who)
    ? drawPatientFact(asking, ['trait', 'trait', 'age', 'age', 'birth'])
    : undefined;
  let who: Phrase = [];
  if (fact !== undefined) {
    const at = query.toPatient(event, 0);
    if (at === undefined) return undefined;
    query.filter(...fact.predicates(query, at));
    who = sayPeople(asking, [fact], random.chance(0.3)).full;
  }
  const time =
    event.time !== undefined && random.chance(shares.time)
      ? drawTime(draw, event.time, shares.of ?? 'event')
      : undefined;
  query.filter(...(time?.predicates(column(0, event.time!.name)) ?? []));
  const t = time?.words ?? [];
  if (who.length === 0) return { query, event, t, who };
  // `In 2104 among women`: the other way round, the time would be that of the women.
  const of = fill(' (among|for) ', {}, random);
  return { query, event, t: [], who: say`${t}${of}${who}` };
}
