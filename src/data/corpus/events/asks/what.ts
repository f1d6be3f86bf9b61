import { type Phrase, say, valuePhrase } from '../../question/phrase.js';
import type { Random } from '../../../../base/random.js';
import { type QueryExpression, type QueryValue, column, compare } from '../../statement/program.js';
import { pluralise } from '../../topics/words.js';
import type { EventAsk, Frames } from '../ask.js';
import { vitalName } from '../names.js';
import { drawExclusion } from '../exclusions.js';
import { leadsFamily, thingsOf, verbsOf } from '../spoken-event.js';
import type { EventTable } from '../model.js';
import { drawPatient, orderByTime } from '../one-patient.js';
import { type Asking, drawEvent } from '../plan.js';
import { EventQuery } from '../query.js';
import { fill } from '../template.js';
import { drawWhen, use, type TimeOf } from '../times.js';
import { drawName } from '../values.js';
import { inverted, past, perfect, present } from '../verbs.js';

// Questions about what one patient was given, had, was tested for.

/** What somebody was told in May is said with a verb: `their problems in May` may have begun before. */
function isOpen({ event, slots }: What): boolean {
  return event.kind.name === 'diagnosis' && slots.t.length > 0;
}

/** The frames in which nothing follows the things but what was done with them. */
function framesFor(which: What, frames: Frames): Frames {
  if (isOpen(which))
    return Object.fromEntries(
      Object.entries(frames).map(([style, list]) => [
        style,
        list.filter((frame) => /\{(past|rest|pp)\}/.test(frame)),
      ]),
    );
  if (which.isWhole) return frames;
  return Object.fromEntries(
    Object.entries(frames).map(([style, list]) => [
      style,
      list.filter((frame) => !/\{things?\}( \(?of|\{t\}| \{p\})/.test(frame)),
    ]),
  );
}

/** SELECT DISTINCT label: what a patient was given, had, was diagnosed with. */
export const whatEvents: EventAsk = {
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
      frames: framesFor(which, {
        question: [
          '(What|Which) {things} {aux} {p} {rest}{t}?',
          '(What|Which) {things} has {p} {pp}{t}?',
          '(Can|Could) you list the {things} {p} {past}{t}?',
          'What were the {things} of {p}{t}?',
          'What were {s} {things}{t}?',
          'Which {things} were recorded for {p}{t}?',
          'Do you know (what|which) {things} {p} {past}{t}?',
          'What (different|) {things} {aux} {p} {rest}{t}?',
        ],
        imperative: [
          '(List|Show|Get) (|all |the ){things} of {p}{t}.',
          '(Show|Give) me the {things} that {p} {past}{t}.',
          'Tell me (what|which) {things} {p} {past}{t}.',
          'Show (|all of |me ){s} {things}{t}.',
          'Find the {things} that {p} {past}{t}.',
          'For {p}, list the {things}{t}.',
        ],
        telegraphic: ['{things} of {p}{t}', '{s} {things}{t}', '{p}: {things}{t}'],
      }),
    };
  },
};

interface What {
  query: EventQuery;
  event: EventTable;
  label: QueryExpression;
  verb: string;
  slots: { p: Phrase; s: Phrase; t: Phrase; things: Phrase; thing: Phrase };
  /** False if some things are left out: `drugs other than __TEXT_1__ of patient 12` is not said. */
  isWhole: boolean;
}

/** What an event of one patient is of, said by a verb without its object. */
function drawWhat(
  asking: Asking,
  fits: (event: EventTable) => boolean = () => true,
  of: TimeOf = 'event',
): What | undefined {
  const { draw, model } = asking;
  const { random } = draw;
  const event = drawEvent(
    asking,
    (one) => one.label !== undefined && leadsFamily(model, one) && one.things.length > 0 && fits(one),
  );
  const patient = event && drawPatient(asking, event);
  const verbs =
    event === undefined
      ? []
      : verbsOf(model, event)
          .map((verb) => BARE_OBJECT.exec(verb)?.[1])
          .filter((verb): verb is string => verb !== undefined && !/\ban? /.test(verb));
  const [one, many] =
    event === undefined || event.things.length === 0 ? ['', ''] : random.pick(thingsOf(model, event));
  // `The test that the patient was tested for` says it twice.
  // Patients have prescriptions, and are treated with drugs.
  const fitting = verbs.filter(
    (verb) =>
      (one !== 'prescription' || /^(receive|get)$/.test(verb)) &&
      !verb.split(' ').some((word) => word.length > 3 && one.includes(word.slice(0, 4))),
  );
  if (event === undefined || patient === undefined || fitting.length === 0) return undefined;
  const query = new EventQuery(model, event.table.name);
  const label = query.column(event.label!, 0);
  patient.filter(query, query.patientKey(event, 0));
  const verb = random.pick(fitting);
  // What somebody had in May may have begun before.
  const time = drawWhen(draw, query, event, /^(have|suffer)/.test(verb) ? 0 : 0.45, true, of);
  time.add();
  const except = drawExclusion(draw, model, query, event) ?? [];
  return {
    query,
    event,
    label,
    verb,
    slots: {
      p: patient.p,
      s: patient.s,
      t: time.words,
      thing: say`${one}${except}`,
      things: say`${many}${except}`,
    },
    isWhole: except.length === 0,
  };
}

/** `be prescribed {x}` → be prescribed: the object is what the question asks for. */
const BARE_OBJECT = /^((?:be|receive|get|undergo|take|have|suffer|develop|use) ?(?:\w+ ?){0,3}?) ?\{x\}$/;

function whatSlots(verb: string): Record<'aux' | 'rest' | 'pp' | 'past', string> {
  // An allergy lasts.
  if (verb.startsWith('be allergic'))
    return { aux: 'is', rest: verb.slice(3), pp: perfect(verb), past: present(verb, false) };
  const { auxiliary, rest } = inverted(verb, false);
  return { aux: auxiliary, rest, pp: perfect(verb), past: past(verb, false) };
}

/** TOP (1) label ORDER BY time: the first or last drug, diagnosis, test. */
export const lastWhat: EventAsk = {
  name: 'lastWhat',
  weight: 4,
  compose(asking) {
    const which = drawWhat(asking, ({ time }) => time !== undefined, 'asked event');
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
      frames: framesFor(which, {
        question: [
          "(What is|What was|What's) the {ord} {thing} (of|for) {p}{t}?",
          'What was the {ord} {thing} (that |){p} {past}{t}?',
          'What was {s} {ord} {thing}{t}?',
          'Which {thing} {aux} {p} {adv} {rest}{t}?',
          '(Can|Could) you tell me the {ord} {thing} {p} {past}{t}?',
          '(So|Ok,) what was {s} {ord} {thing}{t}?',
          'Do you know the {ord} {thing} {p} {past}{t}?',
        ].map((frame) =>
          frame
            .replace('{adv}', isFirst ? 'first' : 'last')
            .replace(/^\(What is\|.*?\)/, isFirst ? 'What was' : '$&'),
        ),
        imperative: [
          '(Show|Tell|Give) me the {ord} {thing} {p} {past}{t}.',
          '(Find|Get) the {ord} {thing} of {p}{t}.',
          'Show {s} {ord} {thing}{t}.',
          'Look up the {ord} {thing} that {p} {past}{t}.',
          'I need {s} {ord} {thing}{t}.',
          'Name the {ord} {thing} of {p}{t}.',
        ],
        telegraphic: ['{ord} {thing} of {p}{t}', '{s} {ord} {thing}{t}', '{p}: {ord} {thing}{t}'],
      }),
    };
  },
};

/** SELECT dose, route or unit of a drug or test. */
export const detailOfEvent: EventAsk = {
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
      [event.kind.measures.length > 0 ? 'unit' : 'dose unit', event.unit && column(0, event.unit.name)],
    ];
    if (event.route !== undefined)
      details[1]![1] = event.route.joins.length === 0 ? column(0, event.route.column.name) : undefined;
    const open = details.filter(([, of]) => of !== undefined);
    if (open.length === 0) return undefined;
    const [detail, of] = random.pick(open);
    // A score has no unit.
    const make = detail === 'unit' && event.kind.name === 'observation' ? vitalName : event.kind.make;
    const name = drawName(draw, model, event.label, make);
    query.filter(compare(query.column(event.label, 0), '=', use(name)));
    patient?.filter(query, query.patientKey(event, 0));
    const isLast = patient !== undefined && event.time !== undefined && random.chance(0.5);
    const isFirst = random.chance(0.4);
    if (isLast) {
      query.program.top = 1;
      orderByTime(query, column(0, event.time!.name), isFirst);
    } else query.program.distinct = true;
    query.program.select.push(of!);
    const x = measured(name, event.kind, random, isLast);
    const slots = {
      d: detail,
      ds: pluralise(detail),
      x,
      tx: event.kind.measures.length > 0 ? say`the ${x}` : x,
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

/** `sodium level`, whose unit is asked for; the last of a drug is a `prescription for` it. */
function measured(name: QueryValue, kind: EventTable['kind'], random: Random, isLast: boolean): Phrase {
  const { measures } = kind;
  const x = valuePhrase(name);
  const said = measures.filter((one) => /^\{x\} ./.test(one));
  if (said.length > 0) return fill(random.pick(said), { x }, random);
  const act = kind.named.find((one) => /^\{many\} (for|of) /.test(one));
  return isLast && act !== undefined ? fill(act, { many: kind.acts[0]![0], x }, random) : x;
}

const DETAIL_OF_ALL: Frames = {
  question: ['What {ds} are there for {tx}?', 'What are the possible {ds} of {tx}?', 'Which {ds} has {x} been {given} (with|in)?', '(Can|Could) you tell me the {ds} of {tx}?', 'What is the {d} of {tx}?', 'Which {d} does {tx} have?', "(What's|What is) the usual {d} for {tx}?"].filter((frame) => !/usual|been/.test(frame)),
  imperative: ['(List|Show|Give me) the {ds} of {tx}.', 'Tell me the {d} of {tx}.', 'Find the (|different ){ds} recorded for {tx}.', '(Show|Specify) the {d} of {tx}.'],
  telegraphic: ['{d} of {tx}', '{ds} of {tx}'],
}; // prettier-ignore

const DETAIL_OF_ONE: Frames = {
  question: ['What was the {d} of {tx} for {p}?', 'What was the {d} of {s} {x}?', 'Which {d} of {tx} was recorded for {p}?', '(Can|Could) you tell me the {d} of {tx} for {p}?', 'What is the {d} for {s} {x}?'],
  imperative: ['(Show|Give me|Find) the {d} of {tx} for {p}.', 'Tell me the {d} of {s} {x}.', 'For {p}, show the {d} of {tx}.'],
  telegraphic: ['{d} of {tx} for {p}', '{d} of {s} {x}'],
}; // prettier-ignore

const DETAIL_OF_LAST: Frames = {
  question: ['What was the {d} of {s} {ord} {x}?', '(Can|Could) you tell me the {d} of {s} {ord} {x}?'],
  imperative: ['(Show|Give me|Find) the {d} of {s} {ord} {x}.', 'For {p}, show the {d} of the {ord} {x}.'],
  telegraphic: ['{d} of {s} {ord} {x}'],
}; // prettier-ignore
