import { aggregateOf, column } from '../../statement/program.js';
import type { EventAsk } from '../ask.js';
import { lengthOf } from '../facts.js';
import type { Trait } from '../columns.js';
import { drawPatient } from '../one-patient.js';
import { EventQuery } from '../query.js';
import { drawStay, takesDays } from '../some-stays.js';

// Questions about the stays of one patient.

/** The length of one patient's first or last stay, or of all of them. */
export const lengthOfOneStay: EventAsk = {
  name: 'lengthOfOneStay',
  weight: 2,
  compose(asking) {
    const { random } = asking.draw;
    const stay = drawStay(asking, takesDays);
    const patient = stay && drawPatient(asking, stay);
    if (stay === undefined || patient === undefined) return undefined;
    const query = new EventQuery(asking.model, stay.table.name);
    patient.filter(query, query.patientKey(stay, 0));
    const of = lengthOf(stay, 0);
    const [one, many] = random.pick(stay.kind.acts);
    if (random.chance(0.25) && stay.kind.name !== 'visit') {
      query.program.select.push(aggregateOf('SUM', of));
      return {
        program: query.program,
        variant: 'total',
        slots: { p: patient.p, s: patient.s, many },
        frames: {
          question: [
            'How many days did all {many} of {p} last in total?',
            'What is the total length of {s} {many} in days?',
            'How many days did {s} {many} add up to?',
          ],
          imperative: [
            '(Show|Give me) the total number of days of {s} {many}.',
            'Calculate the total length of {s} {many} in days.',
          ],
          telegraphic: ['total length of {s} {many} in days'],
        },
      };
    }
    const isFirst = random.chance(0.4);
    query.program.top = 1;
    query.program.select.push(of);
    query.program.orderBy.push({ by: column(0, stay.start!.name), direction: isFirst ? 'ASC' : 'DESC' });
    return {
      program: query.program,
      variant: 'one',
      slots: {
        p: patient.p,
        s: patient.s,
        one,
        ord: isFirst ? 'first' : random.pick(['last', 'latest', 'most recent']),
      },
      frames: {
        question: [
          'How long was {s} {ord} {one}, in days?',
          'How many days did {s} {ord} {one} last?',
          "(What is|What's|What was) the length of {s} {ord} {one} in days?",
          '(Can|Could) you tell me how many days the {ord} {one} of {p} lasted?',
          'What was the length, in days, of the {ord} {one} of {p}?',
        ],
        imperative: [
          '(Show|Tell|Give) me the length of {s} {ord} {one} in days.',
          'Find out how many days {s} {ord} {one} lasted.',
          'Calculate the length in days of the {ord} {one} of {p}.',
        ],
        telegraphic: ['length of {s} {ord} {one}, days', 'length in days of {ord} {one} of {p}'],
      },
    };
  },
};

/** What a person is does not change from stay to stay. */
function isOfStay({ name }: Trait): boolean {
  return !['gender', 'race', 'ethnicity', 'marital', 'language', 'religion', 'city'].includes(name);
}

/** What one column says of a patient's first or last stay: where it began, which kind it was. */
export const traitOfStay: EventAsk = {
  name: 'traitOfStay',
  weight: 2,
  compose(asking) {
    const { random } = asking.draw;
    const stay = drawStay(asking, ({ traits, start }) => traits.some(isOfStay) && start !== undefined);
    const patient = stay && drawPatient(asking, stay);
    if (stay === undefined || patient === undefined) return undefined;
    const query = new EventQuery(asking.model, stay.table.name);
    const trait = random.pick(stay.traits.filter(isOfStay));
    const of = query.column(trait.label ?? trait, 0);
    patient.filter(query, query.patientKey(stay, 0));
    const isFirst = random.chance(0.4);
    query.program.top = 1;
    query.program.select.push(of);
    query.program.orderBy.push({ by: column(0, stay.start!.name), direction: isFirst ? 'ASC' : 'DESC' });
    const [one] = random.pick(stay.kind.acts);
    const asked = random.pick(trait.asked.filter((word) => !word.startsWith('place')));
    return {
      program: query.program,
      slots: {
        p: patient.p,
        s: patient.s,
        one,
        d: asked,
        ord: isFirst ? 'first' : random.pick(['last', 'latest', 'most recent']),
      },
      frames: {
        question: [
          "(What is|What's|What was) the {d} of {s} {ord} {one}?",
          'What was the {d} of the {ord} {one} of {p}?',
          'Which {d} was recorded for {s} {ord} {one}?',
          '(Can|Could) you tell me the {d} of {s} {ord} {one}?',
          'Do you know the {d} of the {ord} {one} of {p}?',
        ],
        imperative: [
          '(Show|Tell|Give) me the {d} of {s} {ord} {one}.',
          'Look up the {d} of the {ord} {one} of {p}.',
          'Find the {d} for {s} {ord} {one}.',
        ],
        telegraphic: ['{d} of {s} {ord} {one}', '{p}, {d} of {ord} {one}'],
      },
    };
  },
};
