import { type Phrase, say, valuePhrase } from '../question/phrase.js';
import { type QueryExpression, compare } from '../statement/program.js';
import type { AskedOfEvents } from './ask.js';
import { LASTS } from './event-facts.js';
import { speakOf } from './spoken-event.js';
import type { EventTable } from './model.js';
import { type Asking, drawEvent } from './plan.js';
import { EventQuery, type Happening } from './query.js';
import { fill } from './template.js';
import { drawWhen, use, type TimeOf } from './times.js';
import { drawKey } from './values.js';
import { inverted, past } from './verbs.js';

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
  const key = holder === undefined ? patient?.key : model.index.column(holder, name!)?.column;
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
      ]),
      { id },
      random,
    ),
    s: say`patient ${id}'s`,
    filter: (query, of) => query.filter(compare(of, '=', use(value))),
  };
}

/** A statement about one event of one patient, filtered by what the event is of and by time. */
export interface OneEvent {
  query: EventQuery;
  event: EventTable;
  /** The verb with its object: `be prescribed __TEXT_1__`. */
  verb: string;
  slots: { p: Phrase; s: Phrase; x: Phrase; t: Phrase };
}

export function drawOneEvent(
  asking: Asking,
  fits: (event: EventTable) => boolean = () => true,
  { bare = 0.2, time: timeShare = 0.45, of = 'event' }: { bare?: number; time?: number; of?: TimeOf } = {},
): OneEvent | undefined {
  const { draw, model } = asking;
  const event = drawEvent(asking, fits);
  const patient = event && drawPatient(asking, event);
  if (patient === undefined || event === undefined) return undefined;
  const drawn = speakOf(draw, model, event, draw.random.chance(bare));
  if (drawn === undefined) return undefined;
  // `Has patient 12 been allergic` is not said.
  const spoken = { ...drawn, verb: drawn.verb.replace('be allergic to', 'have an allergy to') };
  const query = new EventQuery(model, event.table.name);
  query.filter(...spoken.predicates(query, 0));
  patient.filter(query, query.patientKey(event, 0));
  const time =
    timeShare === 0 || LASTS.test(drawn.verb) ? undefined : drawWhen(draw, query, event, timeShare, true, of);
  time?.add();
  return {
    query,
    event,
    verb: spoken.verb,
    slots: {
      p: patient.p,
      s: patient.s,
      x: spoken.x,
      t: time?.words ?? [],
    },
  };
}

/** The earliest row must have a time. */
export function orderByTime({ program }: EventQuery, by: QueryExpression, isFirst: boolean): void {
  program.orderBy.push({ by, direction: isFirst ? 'ASC' : 'DESC' });
}

export function askWhen(
  { draw: { random } }: Asking,
  query: EventQuery,
  verb: string,
  slots: Record<'p' | 's' | 'x' | 't', Phrase>,
  isFirst: boolean,
): AskedOfEvents {
  const { auxiliary, rest } = inverted(verb, false);
  const said = (text: string): Phrase => fill(text, slots, random);
  const ordinal = isFirst ? 'first' : 'last';
  // `Had a visit for the last time after March` is not said.
  const isTimed = slots.t.length > 0;
  const time = isFirst
    ? random.pick(isTimed ? ['first'] : ['for the first time', 'first'])
    : random.pick(isTimed ? ['last', 'most recently'] : ['for the last time', 'last', 'most recently']);
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
      past: say`${said(between)}${tail}`,
      said: said(pastVerb),
      ord: ordinal,
    },
    frames: {
      question: [
        'When {aux} {p} {rest}{t}?',
        'When was the {ord} time (|that ){p} {said}{t}?',
        'On what date {aux} {p} {rest}{t}?',
        '(Can|Could) you tell me when {p} {past}{t}?',
        'Do you know when {p} {past}{t}?',
        'On which day {aux} {p} {rest}{t}?',
        'Do we know when {p} {past}{t}?',
        '(So|Ok,) when {aux} {p} {rest}{t}?',
      ],
      imperative: [
        'Tell me when {p} {past}{t}.',
        '(Show|Give) me the date (on which|when) {p} {past}{t}.',
        'Find (out |)when {p} {past}{t}.',
        'Let me know when {p} {past}{t}.',
        'I need the date when {p} {past}{t}.',
        'Look up when {p} {past}{t}.',
      ],
      telegraphic: ['when {p} {past}{t}', '{ord} time {p} {said}{t}', 'date {p} {past}{t}'],
    },
  };
}
