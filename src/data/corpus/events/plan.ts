import type { SampleDraw } from '../draw.js';
import { say, sayList, tablePhrase, type Phrase } from '../question/phrase.js';
import { aggregateOf, column, type QueryExpression } from '../statement/program.js';
import { codeFact } from './code-fact.js';
import { deathFact } from './death-facts.js';
import type { Fact } from './fact.js';
import { ageFact, birthFact, encounterFact, lastNameFact } from './facts.js';
import { eventFact, noStayFact, valueFact, withoutFact } from './event-facts.js';
import type { Trait } from './columns.js';
import type { EventModel, EventTable, PatientTable } from './model.js';
import { EventQuery, isSameTable } from './query.js';
import { traitFact } from './trait-facts.js';
import { traitWords } from './traits.js';
import { meaningsOf } from './values.js';

/** What an ask draws from. */
export interface Asking {
  draw: SampleDraw;
  model: EventModel;
}

type FactKind =
  | 'event'
  | 'trait'
  | 'age'
  | 'birth'
  | 'death'
  | 'encounter'
  | 'value'
  | 'without'
  | 'no stay'
  | 'name'
  | 'code';
const WEIGHTS: [FactKind, number][] = [
  ['event', 9], ['trait', 7], ['age', 1.5], ['birth', 2], ['death', 2], ['encounter', 3.5], ['value', 2], ['without', 4], ['no stay', 1.2], ['name', 0.4], ['code', 1],
]; // prettier-ignore
const CUMULATIVE = WEIGHTS.map((_, i) =>
  WEIGHTS.slice(0, i + 1).reduce((sum, [, weight]) => sum + weight, 0),
);

/** Facts about patients themselves, which need no other table. */
export function drawPatientFact(
  { draw, model }: Asking,
  among: readonly FactKind[] = ['trait', 'age', 'birth', 'death'],
): Fact | undefined {
  const { patient } = model;
  if (patient === undefined) return undefined;
  switch (draw.random.pick(among)) {
    case 'trait': {
      const traits = patient.traits.filter(({ name }) => traitWords(name).verbs.length > 0);
      return traits.length === 0
        ? undefined
        : traitFact(draw, model, pickTrait(draw, model, traits), undefined);
    }
    case 'age':
      return ageFact(draw, patient);
    case 'birth':
      return birthFact(draw, patient);
    case 'death': {
      // A table of deaths is another table.
      const fact = deathFact(draw, model);
      return fact?.of === undefined ? fact : undefined;
    }
    case 'name':
      return lastNameFact(draw, model, patient);
    default:
      return undefined;
  }
}

/** Coded traits are asked about most. */
function pickTrait({ random }: SampleDraw, model: EventModel, traits: readonly Trait[]): Trait {
  const coded = traits.filter((trait) => meaningsOf(model, trait).length > 0);
  return random.pick(coded.length > 0 && random.chance(0.6) ? coded : traits);
}

/** An event table that people ask about; those that lead their kind are asked about most. */
export function drawEvent(
  { draw, model }: Asking,
  fits: (event: EventTable) => boolean = () => true,
): EventTable | undefined {
  const all = model.events.filter((event) => event.patient !== undefined && isAsked(event) && fits(event));
  const leading = all.filter(({ leads, kind }) => leads && kind.name !== 'other');
  const labelled = leading.filter(({ label }) => label !== undefined);
  const { random } = draw;
  if (labelled.length > 0 && random.chance(0.8)) return random.pick(labelled);
  if (leading.length > 0 && random.chance(0.75)) return random.pick(leading);
  return all.length === 0 ? undefined : random.pick(all);
}

/** Of what has no kind, what people say that patients had: an appointment, and not an address, a claim or an order group. */
function isAsked({ kind, nouns, leads }: EventTable): boolean {
  // Nobody has a cause of death; people die of one.
  if (kind.name === 'death' && !leads) return false;
  // A second table of diagnoses has conditions and problems, which people have for long.
  if (kind.name === 'diagnosis' && !leads) return false;
  return kind.name !== 'other' || nouns.every(({ one }) => ASKED.test(one));
}

const ASKED =
  /^(booking|appointment|scheduled visit|referral( request)?|consult request|pregnancy|(blood )?transfusion|side effect|adverse event|complication|follow-up visit|follow up|(iv )?infusion|drip|scan|imaging (study|exam)|vaccination|immunization|shot|surgery|surgical case|intolerance|allergy|allergic reaction)$/;

function drawFact(asking: Asking): Fact | undefined {
  const { draw, model } = asking;
  const kind = WEIGHTS[draw.random.weighted(CUMULATIVE)]![0];
  switch (kind) {
    case 'event':
    case 'code':
    case 'without':
    case 'value': {
      const event = drawEvent(
        asking,
        kind === 'value' ? ({ value, label }) => value !== undefined && label !== undefined : undefined,
      );
      if (event === undefined) return undefined;
      return { event: eventFact, code: codeFact, without: withoutFact, value: valueFact }[kind](
        draw,
        model,
        event,
      );
    }
    case 'death':
      return deathFact(draw, model);
    case 'no stay':
      return model.encounters.length === 0
        ? undefined
        : noStayFact(draw, model, draw.random.pick(model.encounters));
    case 'encounter': {
      const encounters = model.encounters.filter(({ patient }) => patient !== undefined);
      return encounters.length === 0 ? undefined : encounterFact(draw, model, draw.random.pick(encounters));
    }
    default:
      return drawPatientFact(asking, [kind]);
  }
}

const COUNTS = [1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 4];

/** One to four facts about patients that go together; those told by adjectives come first. */
export function drawFacts(asking: Asking, most = 4): Fact[] | undefined {
  const { random } = asking.draw;
  const wanted = Math.min(random.pick(COUNTS), most);
  const facts: Fact[] = [];
  for (let tries = 3 * wanted; facts.length < wanted && tries > 0; tries--) {
    const fact = drawFact(asking);
    if (fact !== undefined && isNew(fact, facts)) facts.push(fact);
  }
  if (facts.length === 0) return undefined;
  addRival(asking, facts, most);
  // A period after the last of two events would close over both.
  const isTimeless = (fact: Fact): boolean => fact.of !== undefined && fact.isDated !== true;
  const order = (fact: Fact): number =>
    fact.noun !== undefined || fact.adjective !== undefined ? 0 : isNot(fact) ? 3 : isTimeless(fact) ? 2 : 1;
  return facts.sort((a, b) => order(a) - order(b));
}

/**
 * Beside an event that a catalogue names, sometimes tells of a trait that a catalogue names too: then each value must
 * find its own key.
 */
function addRival({ draw, model }: Asking, facts: Fact[], most: number): void {
  const [fact] = facts;
  const isNamed = fact?.of !== undefined && 'leads' in fact.of && (fact.of.label?.joins.length ?? 0) > 0;
  if (facts.length > 1 || most < 2 || !isNamed || !draw.random.chance(RIVAL_SHARE)) return;
  const rivals = model.patient?.traits.filter((trait) => trait.joins.length > 0) ?? [];
  if (rivals.length === 0) return;
  const rival = traitFact(draw, model, draw.random.pick(rivals), undefined);
  if (rival !== undefined && isNew(rival, facts)) facts.push(rival);
}

const RIVAL_SHARE = 0.4;

function isNot({ isWithout, isNegative = false }: Fact): boolean {
  return isWithout || isNegative;
}

/** No two facts about one topic, no two about one stay's table, one absence; a bare event stands alone in its table. */
function isNew(fact: Fact, facts: readonly Fact[]): boolean {
  return facts.every((other) => {
    if (fact.topic === other.topic || (fact.isWithout && other.isWithout)) return false;
    // Nobody dies twice, of two causes.
    if (isDeath(fact) && isDeath(other)) return false;
    if (!agree(fact, other)) return false;
    if (fact.of === undefined || other.of === undefined) return true;
    const isEncounter = !('leads' in fact.of);
    if (isEncounter && !('leads' in other.of)) return false;
    // Who had a test and no visit is nobody; who had `any drug` is asked for alone.
    const isVague = (one: Fact): boolean => one.topic === 'no stay' || isBare(one);
    if (isVague(fact) || isVague(other)) return false;
    if (!isSameTable(fact.of, other.of)) return true;
    return !isEncounter && !isBare(fact) && !isBare(other);
  });
}

function isDeath({ of, topic }: Fact): boolean {
  return topic === 'death' || (of !== undefined && 'leads' in of && of.kind.name === 'death');
}

/** The dead have no age today, and what happened to them, or did not, happened before. */
function agree(a: Fact, b: Fact): boolean {
  const topics = [a.topic, b.topic];
  if (!isDeath(a) && !isDeath(b)) return true;
  const other = isDeath(a) ? b : a;
  return !topics.includes('age') && other.isDated !== true && !other.isWithout;
}

function isBare({ of, topic }: Fact): boolean {
  return of !== undefined && 'leads' in of && (topic === of.kind.name || topic === of.table.name);
}

export interface QueryPlace {
  query: EventQuery;
  /** The patient's key in every row. */
  key: QueryExpression;
  /** True if a patient may have several rows. */
  isMany: boolean;
  /** The source of the patients themselves, if they are joined. */
  patient: number | undefined;
}

/**
 * Builds the rows that the facts describe. One event or stay stands alone; several hang on the patient, for each says
 * something of its own.
 * @param needsPatient whether the patients' own table is needed anyway
 * @returns undefined if the tables cannot be joined so
 */
export function placeFacts(
  { model }: Asking,
  facts: readonly Fact[],
  needsPatient = false,
): QueryPlace | undefined {
  const events = facts.filter(({ of, isWithout }) => of !== undefined && !isWithout);
  const own = facts.some(({ of, isWithout }) => of === undefined || isWithout);
  const { patient } = model;
  const isRooted = needsPatient || own || events.length !== 1;
  if (isRooted && patient === undefined) return undefined;
  const root = isRooted ? patient!.table : events[0]!.of!.table;
  const query = new EventQuery(model, root.name);
  for (const fact of facts) {
    const at = placeOf(query, fact, isRooted && patient);
    if (at === undefined) return undefined;
    query.filter(...at);
  }
  const key = isRooted ? column(0, patient!.key.name) : query.patientKey(events[0]!.of!, 0);
  return {
    query,
    key,
    isMany: events.length > 0 || (isRooted && patient!.repeats),
    patient: isRooted ? 0 : undefined,
  };
}

function placeOf(
  query: EventQuery,
  fact: Fact,
  /** The patients' table, if it comes first. */
  root: PatientTable | undefined | false,
): ReturnType<Fact['predicates']> | undefined {
  const { of, isWithout } = fact;
  if (of === undefined) return fact.predicates(query, 0);
  if (isWithout) {
    const absence = query.without(of, 0, (at) => fact.predicates(query, at));
    return absence && [absence];
  }
  const isRoot = !root || isSameTable(of, root);
  const at = isRoot ? 0 : query.fromPatient(of, 0);
  return at === undefined ? undefined : fact.predicates(query, at);
}

/** How a question calls the patients: `female patients older than 60`, and what it says they did. */
export interface People {
  /** The noun with adjectives and modifiers. */
  np: Phrase;
  /** What they did; undefined if the noun phrase says everything. */
  vp: Phrase | undefined;
  /** Both: `patients who were prescribed …`. */
  full: Phrase;
}

const PERSON = /^(patient|person|client|member|individual|subject|insuree|beneficiary|enrollee)$/;
const PEOPLE = [
  'patients',
  'patients',
  'patients',
  'patients',
  'patients',
  'patients',
  'people',
  'people',
  'individuals',
  'individuals',
  'subjects',
];

export function sayPeople(
  { draw, model }: Asking,
  facts: readonly Fact[],
  isVerbal = draw.random.chance(0.6),
): People {
  const { random } = draw;
  const nouns = model.patient?.nouns ?? [];
  const known = nouns.filter(({ one }) => PERSON.test(one));
  // Of nobody in particular, `people` are all people.
  const noun =
    facts.length === 0
      ? ['patients']
      : known.length > 0 && random.chance(0.25)
        ? tablePhrase(random.pick(known).many)
        : [random.pick(PEOPLE.filter((word) => !model.isTaken(word)))];
  const adjectives: Phrase[] = [];
  const modifiers: Fact[] = [];
  const verbs: Said[] = [];
  let head: Phrase = noun;
  facts.forEach((fact, i) => {
    const isLast = i === facts.length - 1;
    const asVerb = isVerbal && (isLast || random.chance(0.5));
    if (fact.noun !== undefined && head === noun) head = fact.noun;
    else if (
      fact.adjective !== undefined &&
      !(asVerb && isLast) &&
      verbs.length === 0 &&
      modifiers.length === 0 &&
      adjectives.length < 2
    )
      adjectives.push(fact.adjective);
    else if (fact.modifier !== undefined && !asVerb && verbs.length === 0) modifiers.push(fact);
    else verbs.push({ words: fact.verb, isNot: isNot(fact) });
  });
  // After a participle another verb reads wrongly: `patients given x got y`.
  // Nor is `given x and with a diagnosis of y` said, nor `with the last name x and aged 38`.
  const isMoved = ({ of, modifier: [first] = [] }: Fact): boolean =>
    of !== undefined || (modifiers.length > 1 && typeof first === 'string' && first.startsWith('with '));
  const isSaid = verbs.length > 0 || (modifiers.length > 1 && modifiers.some(isMoved));
  if (isSaid) {
    const moved = modifiers.filter(isMoved);
    verbs.unshift(...moved.map((fact) => ({ words: fact.verb, isNot: isNot(fact) })));
  }
  const left = modifiers
    .filter((fact) => !isSaid || !isMoved(fact))
    .map((fact) => ({ words: fact.modifier!, isNot: isNot(fact) }));
  // `Male people` is not said.
  if (adjectives.length > 0 && noun[0] === 'people') head = ['patients'];
  // `Female surviving patients` is not said.
  adjectives.sort((a, b) => Number(isOfLife(b)) - Number(isOfLife(a)));
  const before = adjectives.flatMap((words) => [...words, ' ']);
  const after = left.length === 0 ? [] : say` ${sayBut(left)}`;
  const np = say`${before}${head}${after}`;
  const vp = verbs.length === 0 ? undefined : sayBut(verbs);
  return { np, vp, full: vp === undefined ? np : say`${np} who ${vp}` };
}

function isOfLife(adjective: Phrase): boolean {
  return typeof adjective[0] === 'string' && /^(dead|deceased|living|surviving)$/.test(adjective[0]);
}

interface Said {
  words: Phrase;
  isNot: boolean;
}

function sayBut(parts: readonly Said[]): Phrase {
  const positive = parts.filter((part) => !part.isNot).map(({ words }) => words);
  const negative = parts.filter((part) => part.isNot).map(({ words }) => words);
  if (negative.length === 0) return sayList(positive);
  if (positive.length === 0) return sayList(negative);
  return say`${sayList(positive)} but ${sayList(negative)}`;
}

/** COUNT(*), or the number of distinct patients where one may have several rows. */
export function countOf({ key, isMany }: QueryPlace): QueryExpression {
  return isMany ? aggregateOf('COUNT', key, true) : { kind: 'count' };
}
