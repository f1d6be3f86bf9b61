import { say, valuePhrase, type Phrase } from '../../question/phrase.js';
import { column, compare, type QueryExpression } from '../../statement/program.js';
import type { Ask, Asked, Frames } from '../ask.js';
import { ageOf, leadsFamily, speakOf, verbsOf } from '../facts.js';
import type { EncounterTable, EventTable } from '../model.js';
import { drawEvent, type Asking } from '../plan.js';
import { EventQuery, isNull, NOW, type Happening } from '../query.js';
import { fill } from '../template.js';
import { drawTime, use } from '../times.js';
import { traitWords } from '../traits.js';
import { drawKey, drawName } from '../values.js';
import { inverted, past, perfect } from '../verbs.js';

// Questions about one patient, who is named by a key.

/** One patient in a question: `patient __ID_1__`, `patient __ID_1__'s`. */
export interface OnePatient {
  p: Phrase;
  s: Phrase;
  filter(query: EventQuery, of: QueryExpression): void;
}

export function drawPatient({ draw, model }: Asking, event?: Happening): OnePatient | undefined {
  const { random } = draw;
  const { patient } = model;
  const holder = event?.patient?.joins.at(-1)?.to.table ?? event?.table.name;
  const name = event?.patient?.column;
  const key = patient?.key ?? (holder === undefined ? undefined : model.index.column(holder, name!)?.column);
  if (key === undefined) return undefined;
  const value = drawKey(draw, key, 'patient');
  const id = valuePhrase(value);
  return {
    p: fill(
      random.pick([
        'patient {id}',
        'patient {id}',
        'patient {id}',
        'patient id {id}',
        'the patient with id {id}',
        'the patient {id}',
      ]),
      { id },
      random,
    ),
    s: say`patient ${id}'s`,
    filter: (query, of) => query.filter(compare(of, '=', use(value))),
  };
}

/** A statement about one event of one patient, filtered by what the event is of and by time. */
interface OneEvent {
  query: EventQuery;
  event: EventTable;
  /** The verb with its object: `be prescribed __TEXT_1__`. */
  verb: string;
  slots: { p: Phrase; s: Phrase; x: Phrase; t: Phrase };
}

function drawOneEvent(
  asking: Asking,
  fits: (event: EventTable) => boolean = () => true,
  bareShare = 0.2,
  timeShare = 0.45,
): OneEvent | undefined {
  const { draw, model } = asking;
  const event = drawEvent(asking, fits);
  const patient = event && drawPatient(asking, event);
  if (patient === undefined || event === undefined) return undefined;
  const spoken = speakOf(draw, model, event, draw.random.chance(bareShare));
  if (spoken === undefined) return undefined;
  const query = new EventQuery(model, event.table.name);
  query.filter(...spoken.predicates(query, 0));
  patient.filter(query, query.patientKey(event, 0));
  const time =
    event.time !== undefined && draw.random.chance(timeShare) ? drawTime(draw, event.time) : undefined;
  query.filter(...(time?.predicates(column(0, event.time!.name)) ?? []));
  return {
    query,
    event,
    verb: spoken.verb,
    slots: {
      p: patient.p,
      s: patient.s,
      x: spoken.value === undefined ? [] : valuePhrase(spoken.value),
      t: time?.words ?? [],
    },
  };
}

/** CASE WHEN COUNT(*) > 0: whether something happened to a patient. */
export const hadEvent: Ask = {
  name: 'hadEvent',
  weight: 6,
  compose(asking) {
    const one = drawOneEvent(asking);
    if (one === undefined) return undefined;
    const { query, verb, slots } = one;
    const { random } = asking.draw;
    query.program.select.push({ kind: 'anyRow' });
    const { auxiliary, rest } = inverted(verb, false);
    const said = (text: string): Phrase => fill(text, slots, random);
    return {
      program: query.program,
      slots: {
        ...slots,
        aux: auxiliary,
        rest: said(rest),
        pp: said(perfect(verb)),
        past: said(past(verb, false)),
      },
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
          'Has {p} already {pp}{t}?',
        ],
        imperative: [
          '(Check|Verify|Find out) (if|whether) {p} {past}{t}.',
          'Tell me (if|whether) {p} {past}{t}.',
          'Let me know (if|whether) {p} {past}{t}.',
          'Please check (if|whether) {p} has {pp}{t}.',
          'See (if|whether) {p} (ever|) {past}{t}.',
          'I need to know (if|whether) {p} {past}{t}.',
        ],
        telegraphic: ['{p} {past}{t}?', '{p} {past}{t}, yes or no', 'has {p} {pp}{t}'],
      },
    };
  },
};

/** TOP (1) time ORDER BY time: when it first or last happened. */
export const whenEvent: Ask = {
  name: 'whenEvent',
  weight: 6,
  compose(asking) {
    const one = drawOneEvent(asking, ({ time, kind }) => time !== undefined && kind.name !== 'death');
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

/** The earliest row must have a time. */
function orderByTime({ program }: EventQuery, by: QueryExpression, isFirst: boolean): void {
  program.orderBy.push({ by, direction: isFirst ? 'ASC' : 'DESC' });
}

function askWhen(
  { draw: { random } }: Asking,
  query: EventQuery,
  verb: string,
  slots: Record<'p' | 's' | 'x' | 't', Phrase>,
  isFirst: boolean,
): Asked {
  const { auxiliary, rest } = inverted(verb, false);
  const said = (text: string): Phrase => fill(text, slots, random);
  const ordinal = isFirst ? 'first' : 'last';
  const time = isFirst
    ? random.pick(['for the first time', 'first'])
    : random.pick(['for the last time', 'last', 'most recently']);
  const pastVerb = past(verb, false);
  const split = /^(was|were) /.exec(pastVerb);
  const between = time.includes('for')
    ? pastVerb
    : split === null
      ? `${time} ${pastVerb}`
      : `${split[0]}${time} ${pastVerb.slice(split[0].length)}`;
  const tail = time.includes('for') ? ` ${time}` : '';
  const inverse = time.includes('for') ? say`${said(rest)} ${time}` : say`${time} ${said(rest)}`;
  return {
    program: query.program,
    slots: {
      ...slots,
      aux: auxiliary,
      rest: inverse,
      plain: said(rest),
      past: say`${said(between)}${tail}`,
      said: said(pastVerb),
      ord: ordinal,
    },
    frames: {
      question: [
        'When {aux} {p} {rest}{t}?',
        'When was the {ord} time (|that ){p} {said}{t}?',
        'On what date {aux} {p} {rest}{t}?',
        "(What is|What was|What's) the {ord} time {p} {said}{t}?",
        '(Can|Could) you tell me when {p} {past}{t}?',
        'Do you know when {p} {past}{t}?',
        'What was the date when {p} {past}{t}?',
        'At what time {aux} {p} {rest}{t}?',
        'When did it happen that {p} {past}{t}?',
        'Do we know when {p} {past}{t}?',
        '(So|Ok,) when {aux} {p} {rest}{t}?',
        'When, for the {ord} time, {aux} {p} {plain}{t}?',
      ],
      imperative: [
        'Tell me when {p} {past}{t}.',
        '(Show|Give) me the (|date of the |time of the ){ord} time {p} {said}{t}.',
        'Find (out |)when {p} {past}{t}.',
        'Let me know when {p} {past}{t}.',
        'I need the date when {p} {past}{t}.',
        'Look up when {p} {past}{t}.',
      ],
      telegraphic: ['when {p} {past}{t}', '{ord} time {p} {said}{t}', 'date {p} {past}{t}'],
    },
  };
}

/** SELECT DISTINCT label: what a patient was given, had, was diagnosed with. */
export const whatEvents: Ask = {
  name: 'whatEvents',
  weight: 5,
  compose(asking) {
    const which = drawWhat(asking);
    if (which === undefined) return undefined;
    const { query, label, slots, verb } = which;
    query.program.distinct = true;
    query.program.select.push(label);
    return {
      program: query.program,
      slots: { ...slots, ...whatSlots(verb) },
      frames: {
        question: [
          '(What|Which) {things} {aux} {p} {rest}{t}?',
          '(What|Which) {things} has {p} {pp}{t}?',
          'What are the {things} {p} {past}{t}?',
          '(Can|Could) you list the {things} {p} {past}{t}?',
          '(What|Which) were the {things} of {p}{t}?',
          '(What|Which) {things} does {p} have{t}?',
          'What were {s} {things}{t}?',
          'Which {things} are recorded for {p}{t}?',
          'Do you know (what|which) {things} {p} {past}{t}?',
          'What (different|) {things} {aux} {p} {rest}{t}?',
        ],
        imperative: [
          '(List|Show|Get) (|all |the ){things} of {p}{t}.',
          '(List|Show|Give) me the {things} {p} {past}{t}.',
          'Tell me (what|which) {things} {p} {past}{t}.',
          'Show (|all of |me ){s} {things}{t}.',
          'Find the {things} that {p} {past}{t}.',
          'For {p}, list the {things}{t}.',
        ],
        telegraphic: ['{things} of {p}{t}', '{s} {things}{t}', '{p} {things}{t}'],
      },
    };
  },
};

interface What {
  query: EventQuery;
  event: EventTable;
  label: QueryExpression;
  verb: string;
  slots: { p: Phrase; s: Phrase; t: Phrase; things: Phrase; thing: Phrase };
}

/** What an event of one patient is of, said by a verb without its object. */
function drawWhat(asking: Asking, fits: (event: EventTable) => boolean = () => true): What | undefined {
  const { draw, model } = asking;
  const { random } = draw;
  const event = drawEvent(
    asking,
    (one) => one.label !== undefined && leadsFamily(model, one) && one.kind.things.length > 0 && fits(one),
  );
  const patient = event && drawPatient(asking, event);
  const verbs =
    event === undefined
      ? []
      : verbsOf(model, event)
          .map((verb) => BARE_OBJECT.exec(verb)?.[1])
          .filter((verb): verb is string => verb !== undefined && !/\ban? /.test(verb));
  if (event === undefined || patient === undefined || verbs.length === 0) return undefined;
  const query = new EventQuery(model, event.table.name);
  const label = query.column(event.label!, 0);
  patient.filter(query, query.patientKey(event, 0));
  const time = event.time !== undefined && random.chance(0.45) ? drawTime(draw, event.time) : undefined;
  query.filter(...(time?.predicates(column(0, event.time!.name)) ?? []));
  const [thing, things] = random.pick(event.kind.things);
  return {
    query,
    event,
    label,
    verb: random.pick(verbs),
    slots: { p: patient.p, s: patient.s, t: time?.words ?? [], thing: [thing], things: [things] },
  };
}

/** `be prescribed {x}` → be prescribed: the object is what the question asks for. */
const BARE_OBJECT = /^((?:be|receive|get|undergo|take|have|suffer|develop|use) ?(?:\w+ ?){0,3}?) ?\{x\}$/;

function whatSlots(verb: string): Record<'aux' | 'rest' | 'pp' | 'past', string> {
  const { auxiliary, rest } = inverted(verb, false);
  return { aux: auxiliary, rest, pp: perfect(verb), past: past(verb, false) };
}

/** TOP (1) label ORDER BY time: the first or last drug, diagnosis, test. */
export const lastWhat: Ask = {
  name: 'lastWhat',
  weight: 4,
  compose(asking) {
    const which = drawWhat(asking, ({ time }) => time !== undefined);
    if (which === undefined) return undefined;
    const { query, event, label, slots, verb } = which;
    const isFirst = asking.draw.random.chance(0.4);
    query.program.top = 1;
    query.program.select.push(label);
    orderByTime(query, column(0, event.time!.name), isFirst);
    return {
      program: query.program,
      slots: {
        ...slots,
        ...whatSlots(verb),
        ord: isFirst ? 'first' : asking.draw.random.pick(['last', 'last', 'latest', 'most recent']),
      },
      frames: {
        question: [
          "(What is|What was|What's) the {ord} {thing} (of|for) {p}{t}?",
          'What was the {ord} {thing} (that |){p} {past}{t}?',
          'What was {s} {ord} {thing}{t}?',
          "(What is|What's) the name of the {ord} {thing} {p} {past}{t}?",
          'Which {thing} {aux} {p} {rest} {adv}{t}?',
          '(Can|Could) you tell me the {ord} {thing} {p} {past}{t}?',
          'Which was {s} {ord} {thing}{t}?',
          'Do you know the {ord} {thing} {p} {past}{t}?',
        ].map((frame) => frame.replace('{adv}', isFirst ? 'first' : 'last')),
        imperative: [
          '(Show|Tell|Give) me the {ord} {thing} {p} {past}{t}.',
          '(Find|Get) the {ord} {thing} of {p}{t}.',
          'Show {s} {ord} {thing}{t}.',
          'Look up the {ord} {thing} that {p} {past}{t}.',
          'I need {s} {ord} {thing}{t}.',
          'Name the {ord} {thing} of {p}{t}.',
        ],
        telegraphic: ['{ord} {thing} of {p}{t}', '{s} {ord} {thing}{t}', '{p} {ord} {thing}{t}'],
      },
    };
  },
};

/** COUNT(*) of the events of one patient. */
export const howOften: Ask = {
  name: 'howOften',
  weight: 3,
  compose(asking) {
    const one = drawOneEvent(asking, ({ kind }) => kind.name !== 'death', 0.3);
    if (one === undefined) return undefined;
    const { query, verb, slots } = one;
    const { random } = asking.draw;
    query.program.select.push({ kind: 'count' });
    const { auxiliary, rest } = inverted(verb, false);
    const said = (text: string): Phrase => fill(text, slots, random);
    return {
      program: query.program,
      slots: {
        ...slots,
        aux: auxiliary,
        rest: said(rest),
        past: said(past(verb, false)),
        pp: said(perfect(verb)),
      },
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
        telegraphic: ['how (often|many times) {p} {past}{t}', 'number of times {p} {past}{t}'],
      },
    };
  },
};

/** DATEDIFF from the first or last event until now, or the age at it. */
export const sinceEvent: Ask = {
  name: 'sinceEvent',
  weight: 2.5,
  compose(asking) {
    const one = drawOneEvent(asking, ({ time, kind }) => time !== undefined && kind.name !== 'death', 0.2, 0);
    if (one === undefined) return undefined;
    const { query, event, verb, slots } = one;
    const { draw, model } = asking;
    const { random } = draw;
    const isFirst = random.chance(0.5);
    const by = column(0, event.time!.name);
    const birth = model.patient?.birth;
    const isAge = birth !== undefined && random.chance(0.5);
    const ordinal = isFirst ? 'first' : 'last';
    const said = (text: string): Phrase => fill(text, slots, random);
    const all = { ...slots, past: said(past(verb, false)), ord: ordinal };
    query.program.top = 1;
    if (isAge) {
      const at = query.toPatient(event, 0);
      if (at === undefined) return undefined;
      query.program.select.push({ kind: 'dateDiff', unit: 'year', from: column(at, birth.name), to: by });
      orderByTime(query, by, isFirst);
      return { program: query.program, slots: all, variant: 'age', frames: AGE_AT };
    }
    const unit = random.pick(['day', 'day', 'day', 'month', 'year', 'hour'] as const);
    query.program.select.push({ kind: 'dateDiff', unit, from: by, to: NOW });
    orderByTime(query, by, isFirst);
    return { program: query.program, slots: { ...all, units: `${unit}s` }, variant: 'since', frames: SINCE };
  },
};

const AGE_AT: Frames = {
  question: ['How old was {p} when the patient {ord} {past}?', 'What age was {p} the {ord} time the patient {past}?', 'At what age {p} {ord} {past}?', '(What was|What is) the age of {p} at the {ord} time the patient {past}?', 'How old was {p} the {ord} time they {past}?'].filter((frame) => !frame.startsWith('At what')).map((frame) => frame.replace('when the patient {ord} {past}', 'the {ord} time the patient {past}').replace('they {past}', 'this patient {past}')),
  imperative: ['Tell me the age of {p} the {ord} time the patient {past}.', 'Find out how old {p} was the {ord} time the patient {past}.', 'Give me the age at which {p} {past} for the {ord} time.'],
  telegraphic: ['age of {p} the {ord} time the patient {past}'],
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

/** SELECT dose, route or unit of a drug or test. */
export const detailOfEvent: Ask = {
  name: 'detailOfEvent',
  weight: 3,
  compose(asking) {
    const { draw, model } = asking;
    const { random } = draw;
    const event = drawEvent(
      asking,
      (one) => one.leads && one.label !== undefined && (one.dose ?? one.route ?? one.unit) !== undefined,
    );
    if (event?.label === undefined) return undefined;
    const isOne = random.chance(0.65);
    const patient = isOne ? drawPatient(asking, event) : undefined;
    if (isOne && patient === undefined) return undefined;
    const query = new EventQuery(model, event.table.name);
    const details: [string, QueryExpression | undefined][] = [
      [random.pick(['dose', 'dosage']), event.dose && column(0, event.dose.name)],
      [random.pick(['route', 'route', 'route of administration']), undefined],
      ['unit', event.unit && column(0, event.unit.name)],
    ];
    if (event.route !== undefined)
      details[1]![1] = event.route.joins.length === 0 ? column(0, event.route.column.name) : undefined;
    const open = details.filter(([, of]) => of !== undefined);
    if (open.length === 0) return undefined;
    const [detail, of] = random.pick(open);
    const name = drawName(draw, model, event.label, event.kind.make);
    query.filter(compare(query.column(event.label, 0), '=', use(name)));
    patient?.filter(query, query.patientKey(event, 0));
    const isLast = patient !== undefined && event.time !== undefined && random.chance(0.5);
    const isFirst = random.chance(0.4);
    if (isLast) {
      query.program.top = 1;
      orderByTime(query, column(0, event.time!.name), isFirst);
    } else query.program.distinct = true;
    query.program.select.push(of!);
    const slots = {
      d: detail,
      x: valuePhrase(name),
      p: patient?.p ?? [],
      s: patient?.s ?? [],
      ord: isFirst ? 'first' : 'last',
      given: event.kind.measures.length > 0 ? 'measured' : 'given',
    };
    if (patient === undefined)
      return { program: query.program, slots, variant: 'all', frames: DETAIL_OF_ALL };
    return {
      program: query.program,
      slots,
      variant: isLast ? 'last' : 'one',
      frames: isLast ? DETAIL_OF_LAST : DETAIL_OF_ONE,
    };
  },
};

const DETAIL_OF_ALL: Frames = {
  question: ['What {d}s are there for {x}?', 'What are the possible {d}s of {x}?', 'Which {d}s has {x} been {given} (with|in)?', '(Can|Could) you tell me the {d}s of {x}?', 'What is the {d} of {x}?', 'Which {d} does {x} have?', "(What's|What is) the usual {d} for {x}?"].filter((frame) => !/usual|been/.test(frame)),
  imperative: ['(List|Show|Give me) the {d}s of {x}.', 'Tell me the {d} of {x}.', 'Find the (|different ){d}s recorded for {x}.', '(Show|Specify) the {d} of {x}.'],
  telegraphic: ['{d} of {x}', '{x} {d}', '{d}s of {x}'],
}; // prettier-ignore

const DETAIL_OF_ONE: Frames = {
  question: ['What {d} of {x} did {p} get?', 'What was the {d} of {x} for {p}?', 'What was the {d} of {s} {x}?', 'Which {d} of {x} was recorded for {p}?', '(Can|Could) you tell me the {d} of {x} for {p}?', 'What is the {d} for {s} {x}?'],
  imperative: ['(Show|Give me|Find) the {d} of {x} for {p}.', 'Tell me the {d} of {s} {x}.', 'For {p}, show the {d} of {x}.'],
  telegraphic: ['{d} of {x}, {p}', '{s} {x} {d}'],
}; // prettier-ignore

const DETAIL_OF_LAST: Frames = {
  question: ['What was the {d} of {s} {ord} {x}?', 'What was the {d} of the {ord} {x} of {p}?', 'What {d} of {x} did {p} get the {ord} time?', '(Can|Could) you tell me the {d} of {s} {ord} {x}?', 'When {p} {ord} got {x}, what was the {d}?'],
  imperative: ['(Show|Give me|Find) the {d} of {s} {ord} {x}.', 'Tell me the {d} of the {ord} {x} for {p}.', 'For {p}, show the {d} of the {ord} {x}.'],
  telegraphic: ['{d} of {s} {ord} {x}', '{p}, {d} of {ord} {x}'],
}; // prettier-ignore

/** SELECT trait, age, birth or death of one patient. */
export const traitOfPatient: Ask = {
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
    one.filter(query, key);
    const slots = { p: one.p, s: one.s };
    const age = ageOf(patient!);
    const options: (() => Asked | undefined)[] = [
      () => {
        if (patient!.traits.length === 0) return undefined;
        const trait = random.pick(patient!.traits);
        query.program.select.push(query.column(trait, 0));
        return {
          program: query.program,
          variant: 'trait',
          slots: { ...slots, d: random.pick(traitWords(trait.name).asked) },
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
  telegraphic: ['{d} of {p}', '{s} {d}', '{p} {d}'],
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

/** When a patient was first or last admitted or discharged. */
export const whenStay: Ask = {
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
    const isEnd = stay.end !== undefined && random.chance(0.35);
    const patient = drawPatient(asking, stay);
    if (patient === undefined) return undefined;
    const query = new EventQuery(model, stay.table.name);
    patient.filter(query, query.patientKey(stay, 0));
    const at = isEnd ? stay.end! : stay.start!;
    const by = column(0, at.name);
    const time = random.chance(0.35) ? drawTime(draw, at) : undefined;
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
