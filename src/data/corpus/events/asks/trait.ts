import { column } from '../../statement/program.js';
import type { EventAsk, AskedOfEvents, Frames } from '../ask.js';
import { ageOf } from '../facts.js';
import { drawPatient } from '../one-patient.js';
import { EventQuery, isNull } from '../query.js';

// Questions about one patient and not about events.

/** SELECT trait, age, birth or death of one patient. */
export const traitOfPatient: EventAsk = {
  name: 'traitOfPatient',
  weight: 3,
  compose(asking) {
    const { draw, model } = asking;
    const { random } = draw;
    const { patient } = model;
    const one = patient && drawPatient(asking);
    if (one === undefined) return undefined;
    const query = new EventQuery(model, patient!.table.name);
    const key = column(0, patient!.key.name);
    query.program.distinct = patient!.repeats;
    one.filter(query, key);
    const slots = { p: one.p, s: one.s };
    const age = ageOf(patient!);
    const options: (() => AskedOfEvents | undefined)[] = [
      () => {
        if (patient!.traits.length === 0) return undefined;
        const trait = random.pick(patient!.traits);
        query.program.select.push(query.column(trait.label ?? trait, 0));
        return {
          program: query.program,
          variant: 'trait',
          slots: { ...slots, d: random.pick(trait.asked) },
          frames: TRAIT,
        };
      },
      () => {
        if (age === undefined) return undefined;
        query.program.select.push(age(0));
        return { program: query.program, variant: 'age', slots, frames: AGE };
      },
      () => {
        if (patient!.birth === undefined) return undefined;
        query.program.select.push(column(0, patient!.birth.name));
        return { program: query.program, variant: 'birth', slots, frames: BIRTH };
      },
      () => {
        if (patient!.death === undefined) return undefined;
        query.program.select.push(column(0, patient!.death.name));
        return { program: query.program, variant: 'death', slots, frames: DEATH };
      },
      () => {
        if (patient!.death === undefined) return undefined;
        const isDead = random.chance(0.5);
        query.filter(isNull(column(0, patient!.death.name), isDead));
        query.program.select.push({ kind: 'anyRow' });
        return {
          program: query.program,
          variant: isDead ? 'dead' : 'alive',
          slots: {
            ...slots,
            state: isDead
              ? random.pick(['dead', 'deceased'])
              : random.pick(['alive', 'still alive', 'still living']),
          },
          frames: ALIVE,
        };
      },
    ];
    return random.pick([options[0]!, options[0]!, ...options])();
  },
};

const TRAIT: Frames = {
  question: ["(What is|What's|What was) the {d} of {p}?", "(What is|What's) {s} {d}?", 'Which {d} does {p} have?', '(Can|Could) you tell me the {d} of {p}?', 'What {d} is recorded for {p}?', 'Do you know {s} {d}?'],
  imperative: ['(Show|Tell|Give) me the {d} of {p}.', '(Find|Get|Look up) {s} {d}.', 'I need the {d} of {p}.', 'Specify the {d} of {p}.'],
  telegraphic: ['{d} of {p}', '{s} {d}', '{p}: {d}'],
}; // prettier-ignore
const AGE: Frames = {
  question: ['How old is {p}?', "(What is|What's) the age of {p}?", "(What is|What's) {s} age?", '(Can|Could) you tell me how old {p} is?', 'Do you know the age of {p}?'],
  imperative: ['(Show|Tell|Give) me the age of {p}.', 'Find out how old {p} is.', 'Get {s} age.'],
  telegraphic: ['age of {p}', '{s} age'],
}; // prettier-ignore
const BIRTH: Frames = {
  question: ['When was {p} born?', 'On what day was {p} born?', "(What is|What's) {s} date of birth?", "When is {s} birthday?", '(Can|Could) you tell me when {p} was born?', 'What is the dob of {p}?'],
  imperative: ['(Show|Give|Tell) me the date of birth of {p}.', 'Find out when {p} was born.', 'Look up {s} birth date.'],
  telegraphic: ['dob of {p}', 'birth date of {p}', '{s} date of birth'],
}; // prettier-ignore
const DEATH: Frames = {
  question: ['When did {p} die?', 'On which date did {p} die?', 'When did {p} pass away?', "(What is|What's|What was) {s} date of death?", '(Can|Could) you tell me when {p} died?'],
  imperative: ['(Show|Give|Tell) me the date of death of {p}.', 'Find out when {p} died.', 'Look up when {p} passed away.'],
  telegraphic: ['date of death of {p}', '{s} date of death', 'when {p} died'],
}; // prettier-ignore
const ALIVE: Frames = {
  question: ['Is {p} {state}?', '(Can|Could) you tell me (if|whether) {p} is {state}?', 'Do we know (if|whether) {p} is {state}?', 'Is it true that {p} is {state}?'],
  imperative: ['(Check|Tell me|Find out) (if|whether) {p} is {state}.', 'Let me know (if|whether) {p} is {state}.'],
  telegraphic: ['{p} {state}?', 'is {p} {state}'],
}; // prettier-ignore
