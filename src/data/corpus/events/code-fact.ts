import type { SampleDraw } from '../draw.js';
import { valuePhrase } from '../question/phrase.js';
import { codedId } from '../question/values.js';
import { compare } from '../statement/program.js';
import { roomIn } from './columns.js';
import type { Fact } from './fact.js';
import type { EventModel, EventTable } from './model.js';
import { fill } from './template.js';
import { use } from './times.js';

/** Patients with an event of a certain code: `with diagnosis code E11.9`. */
export function codeFact(draw: SampleDraw, model: EventModel, event: EventTable): Fact | undefined {
  const { random } = draw;
  const { label, code, things } = event;
  if (label === undefined || code === undefined || things.length === 0 || !event.leads) return undefined;
  if (!['diagnosis', 'procedure', 'prescription', 'lab'].includes(event.kind.name)) return undefined;
  const words = model.wordsOfColumn(code);
  const value = draw.fresh(() => codedId(random, words));
  if (value.text.length > roomIn(code)) return undefined;
  const system = /icd ?9/.test(words) ? 'icd9' : /icd/.test(words) ? 'icd10' : /cpt/.test(words) ? 'cpt' : '';
  const [thing] = random.pick(things);
  const called =
    system === ''
      ? `${thing} code`
      : random.pick([`${system} code`, `${thing} ${system} code`, `${thing} code`]);
  const way = { ...label, column: code };
  const slots = { c: called, x: valuePhrase(value) };
  const acts = event.acts.map(([one]) => one);
  // A prescription has a drug code, and its patient has none.
  const isOfEvent = event.kind.name !== 'diagnosis' && acts.length > 0;
  const ofEvent = { act: isOfEvent ? random.pick(acts) : '', c: system === '' ? 'code' : called, x: slots.x };
  return {
    of: event,
    topic: value.text,
    isWithout: false,
    modifier: isOfEvent ? undefined : fill('with {c} {x}', slots, random),
    verb: isOfEvent
      ? fill('had {a act} with {c} {x}', ofEvent, random)
      : fill('(have|had) {c} {x}', slots, random),
    predicates: (query, at) => [compare(query.column(way, at), '=', use(value))],
  };
}
