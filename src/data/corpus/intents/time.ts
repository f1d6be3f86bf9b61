import { aggregateOf, type DateUnit, type QueryExpression } from '../statement/program.js';
import { columnPhrase, say, type Phrase } from '../question/phrase.js';
import { intent } from './intent.js';
import { amongFirst, compoundOf, periodOf } from './phrases.js';
import type { Attribute } from '../topics/entities.js';
import { rolesOf } from '../../schema/roles/infer.js';
import type { SchemaIndex } from '../../schema/schema-index.js';
import { isBirthDate, isPeriodDate, isEndDate, isStartDate } from '../topics/uses.js';

const PARTS = ['year', 'month', 'quarter', 'weekday'] as const;
/** DATEPART(month, …) ignores the year, so the words must say `month of the year`. */
const PART_WORDS: Record<(typeof PARTS)[number], string> = {
  year: 'year',
  month: 'month of the year',
  quarter: 'calendar quarter',
  weekday: 'day of the week',
};

/** SELECT YEAR(date), COUNT(*) … GROUP BY YEAR(date). */
export const perPeriod = intent<{ part: string; what: Phrase }>({
  name: 'perPeriod',
  compose(draw, topic, draft) {
    const date = draw.dateOf(topic, 'periodDate', isPeriodDate);
    if (date === undefined) return undefined;
    const part = draw.random.pick(PARTS);
    const of: QueryExpression = { kind: 'datePart', part, of: draft.expression(date) };
    draft.program.select.push(of, { kind: 'count' });
    draft.program.groupBy.push(of);
    return { part: PART_WORDS[part], what: periodOf(draw, date) };
  },
  frames: {
    question: [
      (q) => say`How many ${q.many}${q.when} are there per ${q.part} of ${q.what}?`,
      (q) => say`What is the number of ${q.many}${q.when} by ${q.part} of ${q.what}?`,
      (q) => say`For each ${q.part} of ${q.what}, how many ${q.many}${q.when} are there?`,
    ],
    imperative: [
      (q) => say`Count the ${q.many}${q.when} per ${q.part} of ${q.what}.`,
      (q) => say`Count ${q.many}${q.when} by ${q.part} of ${q.what}.`,
      (q) => say`Show the number of ${q.many}${q.when} for each ${q.part} of ${q.what}.`,
      (q) => say`Group ${q.many}${q.when} by ${q.part} of ${q.what} and count them.`,
      (q) => say`For each ${q.part} of ${q.what}, count the ${q.many}${q.when}.`,
    ],
    telegraphic: [
      (q) => say`number of ${q.many}${q.when} by ${q.part} of ${q.what}`,
      (q) => say`${compoundOf(q, 'counts')} per ${q.part} of ${q.what}`,
      (q) => say`for each ${q.part} of ${q.what}, number of ${q.many}${q.when}`,
    ],
  },
});

type Duration = { adjective: string; from: Phrase; to: Phrase; unit: string };

/** Units for the time between a start and an end: visits last days or hours, insurance lasts months. */
export function spanUnits(start: Attribute, end: Attribute, index: SchemaIndex): readonly DateUnit[] {
  const isMoment = start.kind === 'datetime' && end.kind === 'datetime';
  const isShort = rolesOf(index.bundle).ofTable(start.table).role === 'encounter' || isMoment;
  if (isShort) return isMoment ? ['hour', 'day'] : ['day'];
  return ['day', 'day', 'week', 'month'];
}

/** SELECT AVG(DATEDIFF(day, start, end)). */
export const duration = intent<Duration>({
  name: 'duration',
  compose(draw, topic, draft) {
    const start = draw.ownAttribute(topic, 'start', isStartDate);
    const end = draw.ownAttribute(topic, 'end', isEndDate);
    if (start === undefined || end === undefined) return undefined;
    const unit = draw.random.pick(spanUnits(start, end, draw.topics.index));
    const [name, adjective] = draw.random.pick([
      ['AVG', 'average'],
      ['MIN', 'minimum'],
      ['MAX', 'maximum'],
    ] as const);
    const [from, to] = [draft.expression(start), draft.expression(end)];
    draft.program.select.push(aggregateOf(name, { kind: 'dateDiff', unit, from, to }));
    return {
      adjective,
      from: columnPhrase(draw.phraseOf(start)),
      to: columnPhrase(draw.phraseOf(end)),
      unit: `${unit}s`,
    };
  },
  frames: {
    question: [
      (q) =>
        say`What is the ${q.adjective} number of ${q.unit} from ${q.from} to ${q.to} of ${q.many}${q.when}?`,
      (q) =>
        say`For ${q.many}${q.when}, what is the ${q.adjective} number of ${q.unit} between ${q.from} and ${q.to}?`,
      (q) =>
        say`What is the ${q.adjective} time in ${q.unit} between ${q.from} and ${q.to} for ${q.many}${q.when}?`,
      (q) =>
        say`${amongFirst(q)}, what is the ${q.adjective} duration in ${q.unit} from ${q.from} to ${q.to}?`,
    ],
    imperative: [
      (q) =>
        say`Show the ${q.adjective} number of ${q.unit} from ${q.from} to ${q.to} of ${q.many}${q.when}.`,
      (q) =>
        say`Calculate the ${q.adjective} time in ${q.unit} between ${q.from} and ${q.to} for ${q.many}${q.when}.`,
      (q) =>
        say`For ${q.many}${q.when}, compute the ${q.adjective} duration in ${q.unit} from ${q.from} to ${q.to}.`,
      (q) =>
        say`Give me the ${q.adjective} number of ${q.unit} between ${q.from} and ${q.to} of ${q.many}${q.when}.`,
    ],
    telegraphic: [
      (q) => say`${q.adjective} ${q.unit} from ${q.from} to ${q.to}, ${q.many}${q.when}`,
      (q) => say`${q.many}${q.when}: ${q.adjective} duration in ${q.unit} from ${q.from} to ${q.to}`,
    ],
  },
});

/** SELECT AVG(DATEDIFF(year, birth, GETDATE())): DATEDIFF counts calendar years, so this year's birthday always counts. */
export const age = intent<{ adjective: string }>({
  name: 'age',
  compose(draw, topic, draft) {
    const birth = draw.ownAttribute(topic, 'birth', isBirthDate);
    if (birth === undefined) return undefined;
    // The dead have no age today.
    draw.asksForTime = true;
    const [name, adjective] = draw.random.pick([
      ['AVG', 'average'],
      ['MIN', 'lowest'],
      ['MAX', 'highest'],
    ] as const);
    const from = draft.expression(birth);
    draft.program.select.push(
      aggregateOf(name, { kind: 'dateDiff', unit: 'year', from, to: { kind: 'now' } }),
    );
    return { adjective };
  },
  frames: {
    question: [
      (q) => say`What is the ${q.adjective} age of ${q.many}${q.when}?`,
      (q) => say`What is the ${q.adjective} age in years among ${q.many}${q.when}?`,
      (q) => say`${amongFirst(q)}, what is the ${q.adjective} age?`,
      (q) => say`Can you tell me the ${q.adjective} current age of ${q.many}${q.when}?`,
    ],
    imperative: [
      (q) => say`Show the ${q.adjective} age of ${q.many}${q.when}.`,
      (q) => say`Calculate the ${q.adjective} age of all ${q.many}${q.when}.`,
      (q) => say`For ${q.many}${q.when}, compute the ${q.adjective} age today.`,
      (q) => say`Give me the ${q.adjective} age in years of ${q.many}${q.when}.`,
    ],
    telegraphic: [
      (q) => say`${q.adjective} age of ${q.many}${q.when}`,
      (q) => say`${q.many}${q.when}: ${q.adjective} age`,
    ],
  },
});
