import { sayList, say, valuePhrase, type Phrase } from '../../question/phrase.js';
import { column, compare, type QueryExpression } from '../../statement/program.js';
import type { EventAsk } from '../ask.js';
import { ageOf } from '../facts.js';
import { leadsFamily, thingsOf } from '../spoken-event.js';
import type { PatientTable } from '../model.js';
import { familyName, givenName } from '../names.js';
import { drawEvent, type Asking } from '../plan.js';
import { EventQuery } from '../query.js';
import { use } from '../times.js';
import { drawName } from '../values.js';
import { drawPatient, type OnePatient } from '../one-patient.js';

// Questions that ask for several things about one patient, by key or by name.

/** A patient by full name, if the schema holds one. */
function drawNamedPatient({ draw, model }: Asking, patient: PatientTable): OnePatient | undefined {
  if (patient.fullName === undefined) return undefined;
  const way = { joins: [], table: patient.table, column: patient.fullName };
  const value = drawName(draw, model, way, (random) => `${givenName(random)} ${familyName(random)}`);
  const name = valuePhrase(value);
  const before = draw.random.pick(['', '', 'patient ', 'the patient ', 'the patient named ']);
  return {
    p: say`${before}${name}`,
    s: say`${name}'s`,
    filter: (query) => query.filter(compare(query.column(way, 0), '=', use(value))),
  };
}

/** SELECT two or three columns of one patient, and what an event of theirs is of. */
export const detailsOfPatient: EventAsk = {
  name: 'detailsOfPatient',
  weight: 3,
  compose(asking) {
    const { draw, model } = asking;
    const { random } = draw;
    const { patient } = model;
    if (patient === undefined) return undefined;
    const one = (random.chance(0.4) ? drawNamedPatient(asking, patient) : undefined) ?? drawPatient(asking);
    if (one === undefined) return undefined;
    const query = new EventQuery(model, patient.table.name);
    const wanted: [string, (at: number) => QueryExpression][] = patient.traits.map((trait) => [
      random.pick(trait.asked.filter((word) => !word.startsWith('place'))),
      (at) => query.column(trait.label ?? trait, at),
    ]);
    const age = ageOf(patient);
    if (age !== undefined) wanted.push(['age', age]);
    const { birth, death } = patient;
    if (birth !== undefined)
      wanted.push([random.pick(['date of birth', 'birth date']), (at) => column(at, birth.name)]);
    if (death !== undefined) wanted.push(['date of death', (at) => column(at, death.name)]);
    const hasEvent = random.chance(0.2);
    const asked = random.sample(wanted, random.pick(hasEvent ? [0, 0, 0, 1] : [1, 1, 2, 2, 3]));
    const things: string[] = asked.map(([word]) => word);
    // The dead have no age today.
    if (things.includes('age') && (hasEvent || things.some((thing) => /death|birth/.test(thing))))
      return undefined;
    query.program.select.push(...asked.map(([, of]) => of(0)));
    if (hasEvent) {
      const event = drawEvent(
        asking,
        (other) =>
          other.label !== undefined &&
          leadsFamily(model, other) &&
          other.things.length > 0 &&
          other.kind.name !== 'death',
      );
      const at = event && query.beside(event, 0);
      if (event?.label === undefined || at === undefined) return undefined;
      query.program.select.push(query.column(event.label, at));
      things.push(random.pick(thingsOf(model, event))[1]);
    }
    if (things.length === 0) return undefined;
    query.program.distinct = hasEvent || patient.repeats;
    one.filter(query, column(0, patient.key.name));
    const isOne = things.length === 1 && !hasEvent;
    const d: Phrase = sayList(things.map((thing) => [thing]));
    return {
      program: query.program,
      slots: { p: one.p, s: one.s, d },
      variant: isOne ? 'one' : 'many',
      frames: {
        question: [
          'What are the {d} of {p}?',
          "(What is|What's) the {d} of {p}?",
          '(Can|Could) you tell me the {d} of {p}?',
          'What {d} are recorded for {p}?',
          'Do you know the {d} of {p}?',
          'What are {s} {d}?',
        ].filter((frame) => (isOne ? !/ are /.test(frame) : !/ is\|/.test(frame))),
        imperative: [
          '(Show|Tell|Give) me the {d} of {p}.',
          '(Find|Get|Look up) {s} {d}.',
          'For {p}, show the {d}.',
          'I need the {d} of {p}.',
          ...(isOne ? [] : ['List the {d} for {p}.']),
          'Let me know {s} {d}.',
        ],
        telegraphic: ['{d} of {p}', '{s} {d}', '{p}: {d}'],
      },
    };
  },
};
