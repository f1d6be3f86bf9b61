import type { Column } from '../../schema/bundle.js';
import type { SampleDraw } from '../draw.js';
import { say, valuePhrase } from '../question/phrase.js';
import { ageInYears, ageValue, daysValue } from '../question/values.js';
import { type ComparisonOperator, type QueryExpression, column, compare } from '../statement/program.js';
import type { Fact } from './fact.js';
import type { EncounterTable, EventModel, PatientTable } from './model.js';
import { familyName } from './names.js';
import { NOW, isNull } from './query.js';
import { fill } from './template.js';
import { drawBirthYear, drawTime, use } from './times.js';
import { drawName } from './values.js';
import { modifier, past } from './verbs.js';
import { traitFact } from './trait-facts.js';
import { withArticle } from '../topics/words.js';

/** The age of a patient today, in years; undefined if neither an age nor a birth date is known. */
export function ageOf({ age, birth }: PatientTable): ((at: number) => QueryExpression) | undefined {
  if (age !== undefined) return (at) => column(at, age.name);
  if (birth === undefined) return undefined;
  return (at) => ({ kind: 'dateDiff', unit: 'year', from: column(at, birth.name), to: NOW });
}

const AGES: [ComparisonOperator, string[]][] = [
  ['>', ['older than {n}', 'over {n}', 'above {n} years of age', 'over the age of {n}', 'aged over {n}', 'older than {n} years']],
  ['<', ['younger than {n}', 'under {n}', 'below {n} years of age', 'under the age of {n}', 'aged under {n}', 'less than {n} years old']],
  ['>=', ['aged {n} or older', 'at least {n} years old', 'aged {n} and above']],
  ['<=', ['aged {n} or younger', 'at most {n} years old', 'up to {n} years old']],
  ['=', ['aged {n}']],
]; // prettier-ignore

export function ageFact(draw: SampleDraw, patient: PatientTable): Fact | undefined {
  const { random } = draw;
  const age = ageOf(patient);
  if (age === undefined || !draw.mayMeanNow()) return undefined;
  if (random.chance(0.3)) {
    const decade = random.between(1, 8) * 10;
    const isDecade = random.chance(0.6);
    const low = draw.fresh(() => ageInYears(isDecade ? decade : random.between(15, 50)));
    const high = draw.fresh(() => ageInYears(isDecade ? decade + 9 : random.between(51, 95)));
    const template = isDecade
      ? 'aged {a} to {b}'
      : random.pick([
          'aged {a} to {b}',
          'between {a} and {b} years old',
          'aged between {a} and {b}',
          'between the ages of {a} and {b}',
        ]);
    const words = fill(
      template.replaceAll('{a}', '{low}').replaceAll('{b}', '{high}'),
      { low: valuePhrase(low), high: valuePhrase(high) },
      random,
    );
    return {
      of: undefined,
      topic: 'age',
      isWithout: false,
      modifier: words,
      verb: say`are ${words}`,
      predicates: (_, at) => [{ kind: 'between', of: age(at), low: use(low), high: use(high) }],
    };
  }
  const [operator, templates] = random.pick(AGES);
  const value = draw.fresh(() => (operator === '=' ? ageInYears(random.between(18, 95)) : ageValue(random)));
  const words = fill(random.pick(templates), { n: valuePhrase(value) }, random);
  return {
    of: undefined,
    topic: 'age',
    isWithout: false,
    // `Patients at least 65 years old` wants a verb.
    modifier: typeof words[0] === 'string' && /^at /.test(words[0]) ? undefined : words,
    verb: say`are ${words}`,
    predicates: (_, at) => [compare(age(at), operator, use(value))],
  };
}

export function birthFact(draw: SampleDraw, { birth, birthYear }: PatientTable): Fact | undefined {
  const of = birthYear ?? birth;
  if (of === undefined) return undefined;
  const time = of === birthYear ? drawBirthYear(draw) : drawTime(draw, of, 'birth');
  return {
    of: undefined,
    topic: 'age',
    isWithout: false,
    modifier: say`born${time.words}`,
    verb: say`were born${time.words}`,
    predicates: (_, at) => time.predicates(column(at, of.name)),
  };
}

export function lastNameFact(draw: SampleDraw, model: EventModel, patient: PatientTable): Fact | undefined {
  const way = patient.last && { joins: [], table: patient.table, column: patient.last };
  if (way === undefined) return undefined;
  const value = drawName(draw, model, way, familyName);
  const words = fill('with the (last|last|family) name {x}', { x: valuePhrase(value) }, draw.random);
  return {
    of: undefined,
    topic: 'name',
    isWithout: false,
    modifier: words,
    verb: fill('have the (last|last|family) name {x}', { x: valuePhrase(value) }, draw.random),
    predicates: (query, at) => [compare(query.column(way, at), '=', use(value))],
  };
}

export const LONGER: [ComparisonOperator, string[]][] = [
  ['>', ['longer than {n} days', 'more than {n} days', 'over {n} days']],
  ['<', ['less than {n} days', 'fewer than {n} days', 'under {n} days']],
  ['>=', ['at least {n} days', '{n} days or more', 'no less than {n} days']],
  ['<=', ['at most {n} days', '{n} days or less', 'no more than {n} days']],
]; // prettier-ignore

/** The days of a stay: what its table says, or the midnights from its start to its end. */
export function lengthOf({ days, start, end }: EncounterTable, at: number): QueryExpression {
  if (days !== undefined) return column(at, days.name);
  return { kind: 'dateDiff', unit: 'day', from: column(at, start!.name), to: column(at, end!.name) };
}

/** Of a stay: when it began or ended, how long it took, that it has not ended. */
export function encounterFact(draw: SampleDraw, model: EventModel, of: EncounterTable): Fact | undefined {
  const { random } = draw;
  const { start, end, kind } = of;
  switch (random.int(6)) {
    case 0: {
      if (start === undefined || end === undefined || kind.name === 'emergency stay') return undefined;
      const [operator, templates] = random.pick(LONGER);
      const value = draw.fresh(() => daysValue(random, 30));
      const length = fill(random.pick(templates), { n: valuePhrase(value) }, random);
      const act = kind.acts[0]![0].replace(/^admission$/, 'hospital stay');
      return {
        of,
        topic: 'stay',
        isWithout: false,
        modifier: kind.name === 'visit' ? undefined : say`with ${withArticle(act)} of ${length}`,
        // `Spent 9 days in the icu` may mean all stays together.
        verb: say`had ${withArticle(act)} ${kind.name === 'visit' ? 'that lasted' : 'of'} ${length}`,
        predicates: (_, at) => [compare(lengthOf(of, at), operator, use(value))],
      };
    }
    case 1: {
      if (end === undefined || !end.nullable || kind.name === 'visit') return undefined;
      const where =
        kind.name === 'icu stay'
          ? 'the icu'
          : kind.name === 'emergency stay'
            ? 'the emergency department'
            : 'the hospital';
      const still = random.pick([
        `still in ${where}`,
        `currently in ${where}`,
        'not yet discharged',
        `still in ${where}`,
      ]);
      return {
        of,
        // The dead are not there any more.
        topic: 'death',
        isWithout: false,
        modifier: [still],
        verb: [`are ${still}`.replace('are not yet', 'have not yet been')],
        predicates: (_, at) => [isNull(column(at, end.name))],
      };
    }
    case 2:
      if (end === undefined || kind.endVerbs.length === 0) return undefined;
      return timed(draw, of, random.pick(kind.endVerbs), end);
    case 3:
    case 4: {
      // Who pays for a visit need not insure the patient.
      const traits = of.traits.filter(
        ({ name, joins }) => OF_A_STAY.has(name) && !(name === 'insurance' && joins.length > 0),
      );
      return traits.length === 0 ? undefined : traitFact(draw, model, random.pick(traits), of);
    }
    default:
      return start === undefined ? undefined : timed(draw, of, random.pick(kind.verbs), start);
  }
}

/** What a stay says of its patient: a stay is cancelled, and not the patient. */
const OF_A_STAY: ReadonlySet<string> = new Set(['type', 'source', 'destination', 'ward', 'insurance']);

function timed(draw: SampleDraw, of: EncounterTable, verb: string, at: Column): Fact {
  const time = drawTime(draw, at);
  return {
    of,
    topic: 'stay',
    isWithout: false,
    isDated: true,
    modifier: /^(be|have) /.test(verb) ? say`${modifier(verb)}${time.words}` : undefined,
    verb: say`${past(verb, true)}${time.words}`,
    predicates: (_, source) => time.predicates(column(source, at.name)),
  };
}
