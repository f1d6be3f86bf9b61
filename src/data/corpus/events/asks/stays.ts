import { inPast, keyFirst, TIMED, bareWords } from '../framing.js';
import { groupWords } from '../traits.js';
import { type Phrase, say, valuePhrase } from '../../question/phrase.js';
import { daysValue } from '../../question/values.js';
import {
  type QueryExpression,
  type QueryPredicate,
  aggregateOf,
  column,
  compare,
} from '../../statement/program.js';
import { pluralise } from '../../topics/words.js';
import type { EventAsk, Frames } from '../ask.js';
import { LONGER, lengthOf } from '../facts.js';
import { callsStay, drawTraitValue, inPlural } from '../trait-facts.js';
import type { Trait } from '../columns.js';
import type { EncounterTable } from '../model.js';
import type { Asking } from '../plan.js';
import { isNull } from '../query.js';
import { drawStay, drawStays, takesDays } from '../some-stays.js';
import { fill } from '../template.js';
import { use } from '../times.js';

// Questions about stays and visits: how many, how long, of which kind.

/** AVG, MIN or MAX of the length of stay. */
export const lengthOfStay: EventAsk = {
  name: 'lengthOfStay',
  weight: 3,
  compose(asking) {
    const { random } = asking.draw;
    const stay = drawStay(asking, takesDays);
    // Who is still there has no length of stay, and most kinds of visit take no days.
    const isTold = ({ name }: Trait): boolean =>
      name !== 'status' && (name !== 'type' || stay?.kind.name !== 'visit');
    // `The longest stay today` is not asked.
    const stays = stay && drawStays(asking, stay, undefined, isTold, 'asked event');
    if (stays === undefined) return undefined;
    const { query, many, one, tail } = stays;
    const [name, word] = random.pick([['AVG', 'average'], ['AVG', 'mean'], ['MAX', 'longest'], ['MIN', 'shortest']] as const); // prettier-ignore
    const of = lengthOf(stay!, 0);
    query.program.select.push(aggregateOf(name, of));
    return {
      program: query.program,
      variant: name === 'AVG' ? 'average' : 'extreme',
      slots: { many, one, tail, word },
      frames: inPast(
        name === 'AVG'
          ? {
              question: [
                "(What is|What's|What was) the {word} length of {many}{tail}?",
                'How long (do|did) {many}{tail} last on average?',
                'On average, how many days did {many}{tail} last?',
                '(Can|Could) you tell me the {word} length, in days, of {many}{tail}?',
                'What is the {word} length, in days, of {many}{tail}?',
              ],
              imperative: [
                '(Calculate|Show|Give me) the {word} length in days of {many}{tail}.',
                'Tell me how long {many}{tail} last on average.',
                'Find the {word} length of {many}{tail}, in days.',
                'Work out how many days {many}{tail} lasted on average.',
              ],
              telegraphic: ['{word} length of {many}{tail}', '{word} length in days of {many}{tail}'],
            }
          : {
              question: [
                'How many days did the {word} {one}{tail} last?',
                'How long, in days, was the {word} {one}{tail}?',
                'How long was the {word} {one}{tail}, in days?',
                '(Can|Could) you tell me how many days the {word} {one}{tail} lasted?',
              ],
              imperative: [
                'Tell me how many days the {word} {one}{tail} lasted.',
                '(Show|Give me) the length in days of the {word} {one}{tail}.',
              ],
              telegraphic: ['length in days of the {word} {one}{tail}'],
            },
        tail,
      ),
    };
  },
};

/** COUNT(*) of stays; of those that took longer, of those that have not ended. */
export const countStays: EventAsk = {
  name: 'countStays',
  weight: 3,
  compose(asking) {
    const { random } = asking.draw;
    const stay = drawStay(asking);
    const hasMore = random.chance(0.4);
    const about = hasMore ? 'asked event' : 'event';
    // What ended with a discharge has ended.
    const isOpen = ({ name }: Trait): boolean => !hasMore || name !== 'destination';
    const stays = stay && drawStays(asking, stay, { trait: 0.5, who: 0.25, time: 0.5 }, isOpen, about);
    if (stays === undefined) return undefined;
    const { query, many, tail } = stays;
    const more = hasMore ? drawMore(asking, stay!) : undefined;
    if (more !== undefined) query.filter(...more.predicates);
    query.program.select.push({ kind: 'count' });
    return {
      program: query.program,
      variant: more === undefined ? 'all' : 'some',
      slots: { many, tail, vp: more?.words ?? [] },
      frames: inPast(more === undefined ? COUNT_ALL : COUNT_SOME, tail),
    };
  },
};

const COUNT_ALL: Frames = {
  question: ['How many {many}{tail} are there?', 'How many {many} were there{tail}?', 'How many {many} did we have{tail}?', "(What is|What's) the number of {many}{tail}?", '(Can|Could) you tell me how many {many} there were{tail}?', 'How many {many} were recorded{tail}?', 'Do you know how many {many} there were{tail}?', 'How many {many} in all{tail}?'],
  imperative: ['Count (|all |the ){many}{tail}.', '(Give|Tell|Show) me the number of {many}{tail}.', 'Find out how many {many} there were{tail}.', 'I need the number of {many}{tail}.'],
  telegraphic: ['number of {many}{tail}', '{many}{tail}, count', 'count of {many}{tail}'],
}; // prettier-ignore
const COUNT_SOME: Frames = {
  question: ['How many {many}{tail} {vp}?', 'How many of the {many}{tail} {vp}?', "(What is|What's) the number of {many}{tail} that {vp}?", '(Can|Could) you tell me how many {many}{tail} {vp}?', 'Of all {many}{tail}, how many {vp}?', 'Do you know how many {many}{tail} {vp}?'],
  imperative: ['Count the {many}{tail} that {vp}.', 'Tell me how many {many}{tail} {vp}.', 'Find the number of {many}{tail} that {vp}.', 'I need the number of {many}{tail} that {vp}.'],
  telegraphic: ['number of {many}{tail} that {vp}', '{many}{tail} that {vp}, count'],
}; // prettier-ignore

/** `lasted longer than 7 days`, `have not ended`. */
function drawMore(
  { draw }: Asking,
  stay: EncounterTable,
): { words: Phrase; predicates: QueryPredicate[] } | undefined {
  const { random } = draw;
  const { start, end } = stay;
  if (end === undefined) return undefined;
  if (end.nullable && stay.kind.name !== 'visit' && random.chance(0.35))
    return {
      words: [
        random.pick(['have not ended', 'are still going on', 'have no end date', 'have not ended yet']),
      ],
      predicates: [isNull(column(0, end.name))],
    };
  if (start === undefined || !takesDays(stay)) return undefined;
  const [operator, templates] = random.pick(LONGER);
  const days = draw.fresh(() => daysValue(random, 30));
  return {
    words: fill(`lasted ${random.pick(templates)}`, { n: valuePhrase(days) }, random),
    predicates: [compare(lengthOf(stay, 0), operator, use(days))],
  };
}

/** The percentage of stays that took longer, or are of a kind. */
export const shareOfStays: EventAsk = {
  name: 'shareOfStays',
  weight: 1.5,
  compose(asking) {
    const { draw, model } = asking;
    const stay = drawStay(asking);
    const stays =
      stay && drawStays(asking, stay, { trait: 0, who: 0.3, time: 0.4 }, undefined, 'asked event');
    if (stays === undefined) return undefined;
    const { query, many, tail } = stays;
    const type = stay!.traits.find(({ name }) => name === 'type');
    let target = draw.random.chance(0.5) ? drawMore(asking, stay!) : undefined;
    if (target === undefined && type?.joins.length === 0) {
      const { value, way } = drawTraitValue(draw, model, type);
      if (way !== type) return undefined;
      const isNot = draw.random.chance(0.2);
      const said = callsStay(value) ? inPlural(value) : value;
      // `Visits that are emergency department` is not said.
      const isLong = !callsStay(value) && value.text.includes(' ');
      target = {
        words: say`${TIMED.test(bareWords(tail)) ? 'were' : 'are'} ${isNot ? 'not ' : ''}${valuePhrase(said)}${isLong ? say` ${many}` : []}`,
        predicates: [compare(query.column(type, 0), isNot ? '<>' : '=', use(value))],
      };
    }
    if (target === undefined) return undefined;
    query.program.select.push({ kind: 'share', predicates: target.predicates });
    return {
      program: query.program,
      slots: { many, tail, vp: target.words },
      frames: {
        question: [
          'What (percentage|share|percent) of {many}{tail} {vp}?',
          "(What is|What's) the (percentage|share) of {many}{tail} that {vp}?",
          'Of all {many}{tail}, what percentage {vp}?',
          '(Can|Could) you tell me what percentage of {many}{tail} {vp}?',
        ],
        imperative: [
          '(Calculate|Show|Give me) the percentage of {many}{tail} that {vp}.',
          'Tell me what percentage of {many}{tail} {vp}.',
          'Work out the share of {many}{tail} that {vp}, in percent.',
        ],
        telegraphic: ['percentage of {many}{tail} that {vp}', '% of {many}{tail} that {vp}'],
      },
    };
  },
};

/** COUNT(*), or the average length, per trait of the stay. */
export const staysPerTrait: EventAsk = {
  name: 'staysPerTrait',
  weight: 2,
  compose(asking) {
    const { random } = asking.draw;
    const stay = drawStay(asking, ({ traits }) => traits.length > 0);
    const stays =
      stay && drawStays(asking, stay, { trait: 0, who: 0.25, time: 0.35 }, undefined, 'asked event');
    if (stays === undefined) return undefined;
    const { query, many, tail } = stays;
    const trait = random.pick(stay!.traits);
    const by = query.column(trait.label ?? trait, 0);
    const hasLength = takesDays(stay!) && random.chance(0.35);
    const figure: QueryExpression = hasLength ? aggregateOf('AVG', lengthOf(stay!, 0)) : { kind: 'count' };
    query.program.select.push(by, figure);
    query.program.groupBy.push(by);
    const key = random.pick(groupWords(trait.asked));
    return {
      program: query.program,
      variant: hasLength ? 'length' : 'count',
      slots: { many, tail, key, keys: pluralise(key) },
      frames: keyFirst(
        / for /.test(bareWords(tail)),
        '{key}',
        '{many}',
        inPast(
          hasLength
            ? {
                question: [
                  'What is the average length of {many}{tail} (per|by|for each) {key}?',
                  'For each {key}, what is the average length of {many}{tail}?',
                  'How long, on average, did {many}{tail} last (per|for each) {key}?',
                  '(Can|Could) you show the average length of {many}{tail} by {key}?',
                ],
                imperative: [
                  '(Show|Calculate|Give me) the average length of {many}{tail} in days (per|by|for each) {key}.',
                  'For each {key}, give the average length of {many}{tail}.',
                ],
                telegraphic: [
                  'average length of {many}{tail} by {key}',
                  'average length in days of {many}{tail} per {key}',
                ],
              }
            : {
                question: [
                  'How many {many}{tail} are there (per|by|for each) {key}?',
                  'What is the number of {many}{tail} (per|by) {key}?',
                  'For each {key}, how many {many}{tail} are there?',
                  'How do {many}{tail} break down by {key}?',
                ],
                imperative: [
                  'Count the {many}{tail} (per|by|for each) {key}.',
                  '(Show|Give me) the number of {many}{tail} by {key}.',
                  'Break down the {many}{tail} by {key}.',
                  'For each {key}, count the {many}{tail}.',
                ],
                telegraphic: [
                  '{many}{tail} (per|by) {key}',
                  'number of {many}{tail} per {key}',
                  'for each {key}, number of {many}{tail}',
                ],
              },
          tail,
        ),
      ),
    };
  },
};
