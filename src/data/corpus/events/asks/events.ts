import { type Phrase, say, valuePhrase } from '../../question/phrase.js';
import { aggregateOf, compare } from '../../statement/program.js';
import type { EventAsk, Frames } from '../ask.js';
import { drawTraitValue } from '../trait-facts.js';
import { leadsFamily, thingsOf } from '../spoken-event.js';
import { drawExclusion } from '../exclusions.js';
import { drawEvents, labelled } from '../some-events.js';
import { fill } from '../template.js';
import { inPast, TIMED, bareWords } from '../framing.js';
import { use } from '../times.js';
import { beforeNoun, drawName } from '../values.js';

// Questions about the events themselves: which are common, how many there are.

/** TOP (n) labels by their number: the most common diagnoses. */
export const topThings: EventAsk = {
  name: 'topThings',
  weight: 5,
  compose(asking) {
    const { random } = asking.draw;
    const events = drawEvents(
      asking,
      (one) => !one.isSplit && labelled(one) && leadsFamily(asking.model, one),
      true,
      {
        time: 0.4,
        who: 0.35,
        // `The most common drug today` is not asked.
        of: 'asked event',
      },
    );
    if (events === undefined) return undefined;
    const { query, event, t, who } = events;
    const label = query.column(event.label!, 0);
    const isOne = random.chance(0.3);
    const n = asking.draw.topCount();
    const isMost = random.chance(0.85);
    query.program.top = isOne ? 1 : n;
    query.program.select.push(label);
    query.program.groupBy.push(label);
    query.program.orderBy.push({ by: { kind: 'count' }, direction: isMost ? 'DESC' : 'ASC' });
    const [one, many] = random.pick(thingsOf(asking.model, event));
    const except = drawExclusion(asking.draw, asking.model, query, event) ?? [];
    const [thing, things] = [say`${one}${except}`, say`${many}${except}`];
    const words = isMost
      ? ['most common', 'most frequent', 'commonest']
      : ['least common', 'rarest', 'least frequent'];
    const slots = { thing, things, t, who, n: valuePhrase(n), most: random.pick(words) };
    return {
      program: query.program,
      variant: isOne ? 'one' : 'many',
      slots,
      frames: inTime(isOne ? TOP_ONE : isMost ? TOP_MANY : withoutTop(TOP_MANY), say`${t}${who}`),
    };
  },
};

const TOP_ONE: Frames = {
  question: [
    "(What is|What's|What was) the {most} {thing}{who}{t}?",
    'Which {thing} (is|was) the {most}{who}{t}?',
    '(Can|Could) you tell me the {most} {thing}{who}{t}?',
    'Do you know the {most} {thing}{who}{t}?',
  ],
  imperative: [
    '(Show|Tell|Give) me the {most} {thing}{who}{t}.',
    '(Find|Name) the {most} {thing}{who}{t}.',
    'I need the {most} {thing}{who}{t}.',
    'Let me know the {most} {thing}{who}{t}.',
  ],
  telegraphic: ['{most} {thing}{who}{t}', 'the {most} {thing}{who}{t}'],
};

const TOP_MANY: Frames = {
  question: [
    'What (are|were) the {n} {most} {things}{who}{t}?',
    'What (are|were) the top {n} {most} {things}{who}{t}?',
    'Which {n} {things} (are|were) the {most}{who}{t}?',
    '(Can|Could) you list the {n} {most} {things}{who}{t}?',
    'What are our {n} {most} {things}{who}{t}?',
    'Do you know the {n} {most} {things}{who}{t}?',
    '(So|Ok,) what are the {n} {most} {things}{who}{t}?',
    'Which {n} {things} (are|were) the {most} ones{who}{t}?',
    'Which {n} {things} (are|were) {most}{who}{t}?',
    'May I see the {n} {most} {things}{who}{t}?',
    'Could I get the {n} {most} {things}{who}{t}?',
  ],
  imperative: [
    '(List|Show|Give me) the {n} {most} {things}{who}{t}.',
    '(List|Show|Find) the top {n} {most} {things}{who}{t}.',
    'Tell me the {n} {most} {things}{who}{t}.',
    'Name the {n} {most} {things}{who}{t}.',
    'I (want|need) the {n} {most} {things}{who}{t}.',
    'Let me know the {n} {most} {things}{who}{t}.',
  ],
  telegraphic: ['{n} {most} {things}{who}{t}', 'top {n} {most} {things}{who}{t}'],
};

/** The rarest are at the bottom, and no `top three`. */
function withoutTop(frames: Frames): Frames {
  return Object.fromEntries(
    Object.entries(frames).map(([style, list]) => [style, list.filter((frame) => !/\btop\b/.test(frame))]),
  );
}

/** What was common in 2012 is not said to be so: `were`, and of a time that goes on `have been`. */
function inTime(frames: Frames, when: Phrase): Frames {
  const said = bareWords(when);
  // `The most frequent of women` is not said.
  const fits = (frame: string): boolean => !said.startsWith(' of ') || !frame.includes('{most}{who}');
  const isOpen = /\b(this|current) (year|month)\b/.test(said);
  const isTimed = isOpen || TIMED.test(said);
  const [was, were] = isOpen ? ['has been', 'have been'] : ['was', 'were'];
  const put = (frame: string): string =>
    frame
      .replace(/^\(What is\|.*?\)/, 'What was')
      .replace('(is|was)', was)
      .replace('(are|were)', were)
      .replace(/\b(hat) are (our|the)\b/, '$1 were $2');
  return Object.fromEntries(
    Object.entries(frames).map(([style, list]) => {
      const fitting = list.filter((frame) => fits(frame) && (!isOpen || !/[Ww]hat\b/.test(frame)));
      return [style, isTimed ? fitting.map(put) : fitting];
    }),
  );
}

/** COUNT(*) of the events of a certain thing. */
export const countEvents: EventAsk = {
  name: 'countEvents',
  weight: 3,
  compose(asking) {
    const { draw, model } = asking;
    const { random } = draw;
    const isNamed = random.chance(0.65);
    const events = drawEvents(
      asking,
      (one) =>
        one.leads &&
        one.acts.length > 0 &&
        one.kind.name !== 'death' &&
        !one.isSplit &&
        (!isNamed || (one.label !== undefined && leadsFamily(model, one))),
      isNamed,
    );
    if (events === undefined) return undefined;
    const { query, event, t, who } = events;
    const named = random.pick(event.kind.named);
    const make = /\{x\} \{/.test(named) ? beforeNoun(event.kind.make) : event.kind.make;
    const value = isNamed ? drawName(draw, model, event.label!, make) : undefined;
    if (value !== undefined) query.filter(compare(query.column(event.label!, 0), '=', use(value)));
    const trait = event.traits.find(
      ({ name }) => name === 'flag' || name === 'status' || name === 'priority',
    );
    const state = trait !== undefined && random.chance(0.3) ? drawTraitValue(draw, model, trait) : undefined;
    const isNot = random.chance(0.2);
    if (state !== undefined)
      query.filter(compare(query.column(state.way, 0), isNot ? '<>' : '=', use(state.value)));
    query.program.select.push({ kind: 'count' });
    const [, many] = random.pick(event.acts);
    const adjective = state === undefined || isNot ? [] : say`${valuePhrase(state.value)} `;
    const x = value === undefined ? [] : valuePhrase(value);
    const things: Phrase =
      value === undefined ? say`${adjective}${many}` : say`${adjective}${fill(named, { x, many }, random)}`;
    const said =
      state !== undefined && isNot ? say`${things} that were not ${valuePhrase(state.value)}` : things;
    return {
      program: query.program,
      slots: { things: said, t, who },
      frames: inPast(COUNT, say`${t}${who}`),
    };
  },
};

const COUNT: Frames = {
  question: [
    'How many {things} are there{who}{t}?',
    'How many {things} were there{who}{t}?',
    'How many {things} do we have{who}{t}?',
    "(What is|What's) the (total |)number of {things}{who}{t}?",
    '(Can|Could) you tell me how many {things} there were{who}{t}?',
    'How many {things} were (recorded|registered){who}{t}?',
    'How many {things} did we have{who}{t}?',
    'Do you know how many {things} there are{who}{t}?',
    '(So|Ok,) how many {things} were there{who}{t}?',
    'How many {things} in total{who}{t}?',
    'How many {things} have been recorded{who}{t}?',
    "What's the count of {things}{who}{t}?",
  ],
  imperative: [
    'Count (|all |the ){things}{who}{t}.',
    '(Give|Show|Tell) me the number of {things}{who}{t}.',
    'Find out how many {things} there were{who}{t}.',
    'Let me know the number of {things}{who}{t}.',
    'I need the number of {things}{who}{t}.',
    'Calculate the number of {things}{who}{t}.',
  ],
  telegraphic: ['number of {things}{who}{t}', 'count of {things}{who}{t}', '{things}{who}{t}, count'],
};

/** SELECT DISTINCT labels, or their number. */
export const whichThings: EventAsk = {
  name: 'whichThings',
  weight: 3,
  compose(asking) {
    const { random } = asking.draw;
    const events = drawEvents(asking, (one) => labelled(one) && leadsFamily(asking.model, one), true, {
      time: 0.5,
      who: 0.6,
    });
    if (events === undefined || (events.who.length === 0 && events.t.length === 0 && !random.chance(0.3)))
      return undefined;
    const { query, event, t, who } = events;
    const label = query.column(event.label!, 0);
    const isCount = random.chance(0.4);
    if (isCount) query.program.select.push(aggregateOf('COUNT', label, true));
    else {
      query.program.distinct = true;
      query.program.select.push(label);
    }
    // `Different prescriptions` might be rows.
    const kinds = thingsOf(asking.model, event).filter(([one]) => one !== 'prescription');
    if (kinds.length === 0) return undefined;
    const [one, plural] = random.pick(kinds);
    // A unique device may be one that has a number of its own.
    const isNumbered = event.table.columns.some((column) =>
      asking.model.isCalled(
        column,
        new RegExp(`\\b(unique|serial)\\b.*\\b${one}\\b|\\b${one}\\b.*\\bserial\\b`),
      ),
    );
    const many = isNumbered ? `${one} types` : plural;
    const things = say`${many}${drawExclusion(asking.draw, asking.model, query, event) ?? []}`;
    const slots = { things, t, who };
    return {
      program: query.program,
      variant: isCount ? 'count' : 'list',
      slots,
      frames: inPast(
        isCount
          ? {
              question: [
                'How many (different|distinct|unique) {things} are there{who}{t}?',
                'How many (different|distinct) {things} were recorded{who}{t}?',
                "(What is|What's) the number of (different|distinct|unique) {things}{who}{t}?",
                '(Can|Could) you tell me how many (different|distinct) {things} there are{who}{t}?',
              ],
              imperative: [
                'Count the (different|distinct|unique) {things}{who}{t}.',
                '(Give|Tell) me the number of (different|distinct) {things}{who}{t}.',
                'Find out how many (different|distinct) {things} there are{who}{t}.',
              ],
              telegraphic: ['number of (different|distinct|unique) {things}{who}{t}'],
            }
          : {
              question: [
                '(What|Which) (different|distinct) {things} are there{who}{t}?',
                '(What|Which) (different|distinct) {things} were recorded{who}{t}?',
                '(Can|Could) you list the (different|distinct|unique) {things}{who}{t}?',
                'What are the (different|distinct|unique) {things}{who}{t}?',
                'Which (different|unique) {things} do we see{who}{t}?',
                ...(isNumbered ? [] : ['What kinds of {things} were there{who}{t}?']),
              ],
              imperative: [
                '(List|Show|Give me) (all distinct |the distinct |the unique ){things}{who}{t}.',
                'Tell me (which|what) (different|distinct) {things} there are{who}{t}.',
                'I need a list of the (different|distinct|unique) {things}{who}{t}.',
                'Find all distinct {things}{who}{t}.',
              ],
              telegraphic: [
                '(distinct|different|unique) {things}{who}{t}',
                'list of (distinct|unique) {things}{who}{t}',
              ],
            },
        say`${t}${who}`,
      ),
    };
  },
};
