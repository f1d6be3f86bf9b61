import { LASTS } from '../event-facts.js';
import type { Column } from '../../../schema/bundle.js';
import type { Phrase } from '../../question/phrase.js';
import { column } from '../../statement/program.js';
import type { EventAsk, Frames } from '../ask.js';
import type { EncounterTable, EventTable } from '../model.js';
import { askWhen, drawOneEvent, drawPatient, orderByTime, type OneEvent } from '../one-patient.js';
import type { Asking } from '../plan.js';
import { EventQuery, NOW, isNull } from '../query.js';
import { fill, type Slots } from '../template.js';
import { drawTime } from '../times.js';
import { inverted, past, perfect } from '../verbs.js';

// Questions about what happened to one patient, who is named by a key.

/** Whether the column knows the hour. */
function isMoment({ type }: Column): boolean {
  return !/^date$/i.test(type);
}

const happensAgain = ({ time, kind }: EventTable): boolean => time !== undefined && kind.name !== 'death';

/** The forms of the verb: `did … receive {x}`, `received {x}`, `has received {x}`. */
function formsOf({ draw: { random } }: Asking, { verb, slots }: OneEvent): Slots {
  const { auxiliary, rest } = inverted(verb, false);
  const said = (text: string): Phrase => fill(text, slots, random);
  return {
    ...slots,
    aux: auxiliary,
    rest: said(rest),
    pp: said(perfect(verb)),
    past: said(past(verb, false)),
  };
}

/** CASE WHEN COUNT(*) > 0: whether something happened to a patient. */
export const hadEvent: EventAsk = {
  name: 'hadEvent',
  weight: 6,
  compose(asking) {
    const one = drawOneEvent(asking);
    if (one === undefined) return undefined;
    one.query.program.select.push({ kind: 'anyRow' });
    return {
      program: one.query.program,
      slots: formsOf(asking, one),
      frames: {
        question: [
          '{aux} {p} {rest}{t}?',
          'Has {p} {pp}{t}?',
          'Has {p} ever {pp}{t}?',
          '{aux} {p} ever {rest}{t}?',
          '(Can|Could) you tell me (if|whether) {p} {past}{t}?',
          'Is it true that {p} {past}{t}?',
          'Do we know (if|whether) {p} {past}{t}?',
          'Is there any record that {p} {past}{t}?',
          '(Ok,|So,|Hi,) {aux} {p} {rest}{t}?',
          'Do the records say that {p} {past}{t}?',
          'Would you check (if|whether) {p} {past}{t}?',
        ],
        imperative: [
          '(Check|Verify|Find out) (if|whether) {p} {past}{t}.',
          'Tell me (if|whether) {p} {past}{t}.',
          'Let me know (if|whether) {p} {past}{t}.',
          'Please check (if|whether) {p} has {pp}{t}.',
          'See (if|whether) {p} {past}{t}.',
          'I need to know (if|whether) {p} {past}{t}.',
        ],
        telegraphic: ['{p} {past}{t}?', '{p} {past}{t}, yes or no', 'has {p} {pp}{t}'],
      },
    };
  },
};

/** TOP (1) time ORDER BY time: when it first or last happened. */
export const whenEvent: EventAsk = {
  name: 'whenEvent',
  weight: 6,
  compose(asking) {
    const one = drawOneEvent(asking, happensAgain, { of: 'asked event' });
    if (one === undefined) return undefined;
    const { query, event, verb, slots } = one;
    const { random } = asking.draw;
    const isFirst = random.chance(0.5);
    const by = column(0, event.time!.name);
    query.program.top = 1;
    query.program.select.push(by);
    orderByTime(query, by, isFirst);
    return askWhen(asking, query, verb, slots, isFirst);
  },
};

/** COUNT(*) of the events of one patient. */
export const howOften: EventAsk = {
  name: 'howOften',
  weight: 3,
  compose(asking) {
    const one = drawOneEvent(
      asking,
      ({ kind, isSplit }) => !/^(death|allergy|care plan)$/.test(kind.name) && !isSplit,
      { bare: 0.3 },
    );
    // A disease is had for long, and not often.
    if (one === undefined || LASTS.test(one.verb)) return undefined;
    one.query.program.select.push({ kind: 'count' });
    return {
      program: one.query.program,
      slots: formsOf(asking, one),
      frames: {
        question: [
          'How (often|many times) {aux} {p} {rest}{t}?',
          'How many times has {p} {pp}{t}?',
          '(Can|Could) you tell me how (often|many times) {p} {past}{t}?',
          "(What is|What's) the number of times (that |){p} {past}{t}?",
          'On how many occasions {aux} {p} {rest}{t}?',
          'Do you know how many times {p} {past}{t}?',
        ],
        imperative: [
          'Count (|the number of times |how often ){p} {past}{t}.',
          'Tell me how (often|many times) {p} {past}{t}.',
          'Find out how many times {p} {past}{t}.',
          '(Show|Give) me the number of times {p} {past}{t}.',
        ].map((frame) => frame.replace('Count (|the', 'Count (the')),
        telegraphic: ['how (often|many times) {aux} {p} {rest}{t}', 'number of times {p} {past}{t}'],
      },
    };
  },
};

/** DATEDIFF from the first or last event until now, or the age at it. */
export const sinceEvent: EventAsk = {
  name: 'sinceEvent',
  weight: 2.5,
  compose(asking) {
    const one = drawOneEvent(asking, happensAgain, { bare: 0.2, time: 0 });
    if (one === undefined || !asking.draw.mayMeanNow()) return undefined;
    const { query, event, verb, slots } = one;
    const { draw, model } = asking;
    const { random } = draw;
    const isFirst = random.chance(0.5);
    const by = column(0, event.time!.name);
    const birth = model.patient?.birth;
    const isAge = birth !== undefined && random.chance(0.2);
    const ordinal = isFirst ? 'first' : 'last';
    const said = (text: string): Phrase => fill(text, slots, random);
    const plural = past(verb, true);
    const adv = said(
      /^were /.test(plural) ? plural.replace('were', `were ${ordinal}`) : `${ordinal} ${plural}`,
    );
    const all = { ...slots, past: said(past(verb, false)), ord: ordinal, adv };
    query.program.top = 1;
    if (isAge) {
      const at = query.toPatient(event, 0);
      if (at === undefined) return undefined;
      query.program.select.push({ kind: 'dateDiff', unit: 'year', from: column(at, birth.name), to: by });
      orderByTime(query, by, isFirst);
      return { program: query.program, slots: all, variant: 'age', frames: AGE_AT };
    }
    // DATEDIFF counts the months begun, and a month has not passed when the next one begins.
    const unit = isMoment(event.time!) && random.chance(0.25) ? 'hour' : 'day';
    query.program.select.push({ kind: 'dateDiff', unit, from: by, to: NOW });
    orderByTime(query, by, isFirst);
    return { program: query.program, slots: { ...all, units: `${unit}s` }, variant: 'since', frames: SINCE };
  },
};

const AGE_AT: Frames = {
  question: ['How old was {p} when they {adv}?', 'What age was {p} when they {adv}?', '(Can|Could) you tell me how old {p} was when they {adv}?', 'What was the age of {p} when they {adv}?'],
  imperative: ['Tell me how old {p} was when they {adv}.', 'Find out how old {p} was when they {adv}.', 'Give me the age of {p} when they {adv}.'],
  telegraphic: ['age of {p} when they {adv}', 'how old {p} was when they {adv}'],
}; // prettier-ignore

const SINCE: Frames = {
  question: [
    'How many {units} (have passed|has it been|is it) since {p} {past} for the {ord} time?',
    'How many {units} have passed since the {ord} time (that |){p} {past}?',
    'How many {units} ago was the {ord} time {p} {past}?',
    'How long, in {units}, has it been since {p} {past} for the {ord} time?',
    '(Can|Could) you tell me how many {units} have gone by since the {ord} time {p} {past}?',
    'What is the number of {units} since {p} {past} for the {ord} time?',
  ],
  imperative: [
    '(Count|Calculate) the {units} since {p} {past} for the {ord} time.',
    'Tell me how many {units} have passed since the {ord} time {p} {past}.',
    'Give me the time in {units} since {p} {past} for the {ord} time.',
  ],
  telegraphic: ['{units} since {p} {past} for the {ord} time', '{units} since the {ord} time {p} {past}'],
};

/** When a patient was first or last admitted or discharged. */
export const whenStay: EventAsk = {
  name: 'whenStay',
  weight: 3,
  compose(asking) {
    const { draw, model } = asking;
    const { random } = draw;
    const stays = model.encounters.filter(
      ({ patient, start }) => patient !== undefined && start !== undefined,
    );
    if (stays.length === 0) return undefined;
    const stay: EncounterTable = random.pick(stays);
    const isEnd = stay.end !== undefined && stay.kind.endVerbs.length > 0 && random.chance(0.35);
    const patient = drawPatient(asking, stay);
    if (patient === undefined) return undefined;
    const query = new EventQuery(model, stay.table.name);
    patient.filter(query, query.patientKey(stay, 0));
    const at = isEnd ? stay.end! : stay.start!;
    const by = column(0, at.name);
    const time = random.chance(0.35) ? drawTime(draw, at, 'asked event') : undefined;
    query.filter(...(time?.predicates(by) ?? []));
    const isFirst = random.chance(0.5);
    query.program.top = 1;
    query.program.select.push(by);
    orderByTime(query, by, isFirst);
    const verb = random.pick(isEnd ? stay.kind.endVerbs : stay.kind.verbs);
    const asked = askWhen(
      asking,
      query,
      verb,
      { p: patient.p, s: patient.s, x: [], t: time?.words ?? [] },
      isFirst,
    );
    return { ...asked, last: isEnd && isFirst ? [isNull(by, true)] : [] };
  },
};
