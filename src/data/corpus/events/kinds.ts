import type { Random } from '../../../base/random.js';
import {
  bodyPart,
  deviceName,
  diseaseName,
  drugName,
  notedName,
  observationName,
  outputName,
  organismName,
  planName,
  procedureName,
  specimenName,
  substanceName,
  surgeryName,
  testName,
  vaccineName,
  vitalName,
} from './names.js';

/**
 * What kind of thing an event is, and how people speak of it. Verbs are in the infinitive (`be prescribed {x}`); `{x}` is
 * what the event is of, `{a x}` the same with an article. The plainest comes first.
 */
export interface EventKind {
  name: string;
  /** Words of a table, and of a column that names what the event is of. */
  pattern: RegExp;
  /** Other words of a column that names what the event is of. */
  names: RegExp;
  /** Words of the table that comes first among several of the kind. */
  first: RegExp;
  /** Words of the time that the verbs speak of: a drug is dispensed on its dispense date. */
  done: RegExp;
  /** Said of an event of a certain thing. */
  verbs: readonly string[];
  /** Said too, if no table of a kind with the same verbs comes first. */
  sharedVerbs: readonly string[];
  /** Said of an event of any thing. */
  bareVerbs: readonly string[];
  /** What the event is of: `drug`, `drugs`. */
  things: readonly [one: string, many: string][];
  /** The event itself: `prescription`, `prescriptions`. */
  acts: readonly [one: string, many: string][];
  /** The event of a certain thing: `{x} tests`; `{many}` is the plural of an act. */
  named: readonly string[];
  /** What is measured, with `{x}`: `{x} level`. */
  measures: readonly string[];
  /** Said too, if no table of a kind with the same verbs comes first: a reading may be a laboratory result. */
  sharedMeasures: readonly string[];
  make(random: Random): string;
}

const FAMILY: Partial<EventKind> = {
  named: ['{x} {many}'],
  sharedVerbs: [],
  measures: [],
  sharedMeasures: [],
  bareVerbs: [],
  names: /(?!)/,
  first: /^$/,
  done: /(?!)/,
};

function kind(
  definition: Partial<EventKind> & Pick<EventKind, 'name' | 'pattern' | 'verbs' | 'things' | 'acts' | 'make'>,
): EventKind {
  return { ...FAMILY, ...definition } as EventKind;
}

const GIVING = ['be given {x}', 'receive {x}', 'get {x}', 'take {x}', 'be on {x}', 'be treated with {x}'];
const FOR = ['{many} for {x}', '{x} {many}'];
const OF = ['{many} of {x}', '{x} {many}'];
const MEASURING = ['have {x} measured', 'have {x} checked', 'have {a x} measurement'];

/** The first that matches the words of a table wins. */
export const EVENT_KINDS: readonly EventKind[] = [
  kind({
    name: 'immunization',
    done: /vaccinat|immuni|administ/,
    named: ['{many} with {x}', '{x} {many}'],
    pattern: /immuni[sz]|vaccin/,
    verbs: ['receive the {x} vaccine', 'be vaccinated with {x}', 'get {a x} vaccine', 'be immunized with {x}', 'get {a x} shot', 'have {a x} vaccination', 'be given the {x} vaccine'],
    bareVerbs: ['be vaccinated', 'receive a vaccine', 'get a shot', 'have a vaccination'],
    things: [['vaccine', 'vaccines'], ['immunization', 'immunizations']],
    acts: [['vaccination', 'vaccinations'], ['immunization', 'immunizations']],
    make: vaccineName,
  }),
  kind({
    name: 'allergy',
    named: ['{many} to {x}', '{x} {many}'],
    pattern: /allerg|intoleran/,
    verbs: ['have an allergy to {x}', 'be allergic to {x}', 'have {a x} allergy', 'have a known allergy to {x}'],
    bareVerbs: ['have an allergy'],
    things: [['allergy', 'allergies'], ['allergen', 'allergens']],
    acts: [['allergy', 'allergies']],
    make: substanceName,
  }),
  kind({
    name: 'microbiology',
    pattern: /microbio|culture/,
    names: /\bspecimen\b/,
    verbs: ['have {a x} culture', 'have {a x} microbiology test', 'undergo {a x} microbiology test', 'get {a x} culture', 'receive {a x} microbiology test'],
    bareVerbs: ['have a microbiology test', 'undergo a microbiology test', 'have a culture taken'],
    things: [['specimen', 'specimens']],
    acts: [['microbiology test', 'microbiology tests'], ['culture', 'cultures']],
    make: specimenName,
  }),
  kind({
    name: 'administration',
    done: /administ|\bgiven\b/,
    named: OF,
    pattern: /administ|\binput\b|\bemar\b/,
    verbs: ['be administered {x}', 'have {x} administered'],
    sharedVerbs: GIVING,
    bareVerbs: ['be administered a drug', 'be given a drug'],
    things: [['drug', 'drugs'], ['medication', 'medications'], ['medicine', 'medicines']],
    acts: [['drug administration', 'drug administrations'], ['administration', 'administrations']],
    make: drugName,
  }),
  kind({
    name: 'infusion',
    named: OF,
    pattern: /\binfusions?\b/,
    names: /\bdrug\b|medic|\bfluid\b|solution/,
    verbs: ['receive an infusion of {x}', 'be given an infusion of {x}', 'have an infusion of {x}'],
    bareVerbs: ['have an infusion', 'be given an infusion', 'receive an infusion'],
    things: [],
    acts: [['infusion', 'infusions']],
    make: drugName,
  }),
  kind({
    name: 'dispensing',
    done: /dispens|\bfill(ed)?\b/,
    named: OF,
    pattern: /dispens|pharmacy fill/,
    verbs: ['be dispensed {x}', 'fill a prescription for {x}', 'have {x} dispensed'],
    sharedVerbs: GIVING,
    bareVerbs: ['be dispensed a drug', 'have a drug dispensed'],
    things: [['drug', 'drugs'], ['medication', 'medications']],
    acts: [['dispensing', 'dispensings']],
    make: drugName,
  }),
  kind({
    name: 'prescription',
    done: /prescri|\border(ed)?\b/,
    named: FOR,
    pattern: /prescri|\bmedications?\b|\bdrugs?\b|medicine|medicinal|\brx\b/,
    first: /prescri|\brx\b/,
    verbs: ['be prescribed {x}', 'have a prescription for {x}', 'receive a prescription for {x}', 'be put on {x}', 'be started on {x}', 'get a prescription for {x}', 'have {a x} prescription'],
    sharedVerbs: GIVING,
    bareVerbs: ['be prescribed a drug', 'have a prescription', 'receive a prescription'],
    things: [['drug', 'drugs'], ['medication', 'medications'], ['medicine', 'medicines'], ['prescription', 'prescriptions']],
    acts: [['prescription', 'prescriptions'], ['medication order', 'medication orders']],
    make: drugName,
  }),
  kind({
    name: 'surgery',
    done: /surger|operat|perform/,
    pattern: /surger|surgical|\boperations?\b|\boperative\b/,
    verbs: ['have {x} surgery', 'undergo {x} surgery', 'have {a x} operation', 'undergo {a x} operation'],
    bareVerbs: ['have surgery', 'undergo surgery', 'have an operation'],
    things: [['operation', 'operations'], ['surgery', 'surgeries']],
    acts: [['operation', 'operations'], ['surgery', 'surgeries']],
    make: surgeryName,
  }),
  kind({
    name: 'procedure',
    done: /procedure|perform/,
    pattern: /procedure|intervention/,
    first: /procedure/,
    verbs: ['undergo {x}', 'have {x} done', 'have {a x} procedure', 'undergo {a x} procedure', 'receive {a x} procedure', 'go through {x}', 'have {x} performed', 'get {x} done'],
    bareVerbs: ['undergo a procedure', 'have a procedure', 'receive a procedure'],
    things: [['procedure', 'procedures'], ['procedure', 'procedures'], ['intervention', 'interventions']],
    acts: [['procedure', 'procedures']],
    make: procedureName,
  }),
  kind({
    name: 'diagnosis',
    done: /diagnos/,
    named: OF,
    pattern: /diagnos|condition|problem|disease|disorder|\bdx\b|\bicd\b/,
    first: /diagnos|\bdx\b/,
    verbs: ['be diagnosed with {x}', 'have {x}', 'have a diagnosis of {x}', 'suffer from {x}', 'be found to have {x}', 'receive a diagnosis of {x}', 'develop {x}', 'get diagnosed with {x}'],
    bareVerbs: ['have a diagnosis', 'receive a diagnosis'],
    things: [['diagnosis', 'diagnoses'], ['condition', 'conditions'], ['disease', 'diseases'], ['problem', 'problems']],
    acts: [['diagnosis', 'diagnoses']],
    make: diseaseName,
  }),
  kind({
    name: 'imaging',
    named: ['{many} of the {x}', '{x} {many}'],
    pattern: /imaging|radiolog|\bscan\b|x ray/,
    verbs: ['have an imaging study of the {x}', 'undergo imaging of the {x}', 'have {a x} scan', 'get {a x} scan'],
    bareVerbs: ['have an imaging study', 'undergo imaging', 'have a scan'],
    things: [['imaging study', 'imaging studies'], ['scan', 'scans']],
    acts: [['imaging study', 'imaging studies'], ['scan', 'scans']],
    make: bodyPart,
  }),
  kind({
    name: 'test order',
    named: FOR,
    pattern: /\b(lab|laboratory|tests?) orders?\b(?! results?)/,
    names: /\btests?\b|analy[st]|\blab\b/,
    verbs: ['have {a x} test ordered', 'have a test order for {x}', 'have {a x} test order'],
    bareVerbs: ['have a test order', 'have a lab test ordered'],
    things: [],
    acts: [['test order', 'test orders']],
    make: testName,
  }),
  kind({
    name: 'lab',
    named: FOR,
    pattern: /\blab\b|laborator|measurement|\btests?\b|\bassay\b|analy[st]/,
    first: /\blab\b|laborator/,
    verbs: ['have {a x} lab test', 'have {a x} test', 'be tested for {x}', 'undergo {a x} lab test', 'get {a x} test', 'have {a x} lab result', 'receive {a x} lab test', 'have a lab test for {x}'],
    sharedVerbs: MEASURING,
    bareVerbs: ['have a lab test', 'undergo a lab test', 'get a lab test'],
    things: [['lab test', 'lab tests'], ['test', 'tests'], ['laboratory test', 'laboratory tests']],
    acts: [['lab test', 'lab tests'], ['lab result', 'lab results'], ['test', 'tests']],
    measures: ['{x} level', '{x}', '{x} value', '{x} lab value', '{x} result', '{x} lab result', '{x} test result'],
    make: testName,
  }),
  kind({
    name: 'vitals',
    pattern: /\bvitals?\b/,
    verbs: ['have {x} recorded', 'have {a x} reading', 'have {x} taken'],
    bareVerbs: ['have vital signs taken', 'have vital signs recorded'],
    things: [['vital sign', 'vital signs']],
    acts: [['vital sign measurement', 'vital sign measurements']],
    measures: ['{x} reading', '{x} measurement', '{x}', '{x} value'],
    make: vitalName,
  }),
  kind({
    name: 'observation',
    pattern: /observation|\bchart\b|finding/,
    verbs: ['have {x} recorded', 'have {a x} observation', 'have {x} charted', 'have {x} on record'],
    sharedVerbs: MEASURING,
    bareVerbs: ['have an observation', 'have an observation recorded'],
    things: [['observation', 'observations']],
    acts: [['observation', 'observations']],
    measures: ['recorded {x}', 'charted {x}', '{x} observation'],
    sharedMeasures: ['{x} reading', '{x} measurement', '{x}', '{x} value'],
    make: observationName,
  }),
  kind({
    name: 'output',
    pattern: /\boutputs?\b/,
    verbs: ['have {a x} output', 'have {x} output recorded'],
    bareVerbs: ['have an output recorded'],
    things: [['output', 'outputs']],
    acts: [['output', 'outputs']],
    measures: ['{x} output', 'output of {x}', 'amount of {x} output'],
    make: outputName,
  }),
  kind({
    name: 'device',
    pattern: /device|implant|equipment/,
    verbs: ['be fitted with {a x}', 'use {a x}', 'have {a x} fitted', 'get {a x} fitted'],
    bareVerbs: ['use a device'],
    things: [['device', 'devices']],
    acts: [],
    make: deviceName,
  }),
  kind({
    name: 'care plan',
    named: FOR,
    pattern: /care plan|careplan|treatment plan/,
    verbs: ['have {a x} care plan', 'be on {a x} care plan', 'have a care plan for {x}'],
    bareVerbs: ['have a care plan'],
    things: [['care plan', 'care plans']],
    acts: [['care plan', 'care plans']],
    make: planName,
  }),
  kind({
    name: 'death',
    pattern: /\bdeaths?\b/,
    verbs: ['die of {x}', 'die from {x}'],
    bareVerbs: ['die', 'pass away'],
    things: [['cause of death', 'causes of death']],
    acts: [['death', 'deaths']],
    make: diseaseName,
  }),
]; // prettier-ignore

const OTHER = kind({ name: 'other', pattern: /^$/, verbs: [], things: [], acts: [], make: procedureName });
const NO_EVENT =
  /\bfamily\b|\bhistory\b|period|enrollment|\btrial\b|attribute|detail|proposal|reconcil|reaction|\brelated group\b|order attribute|reference range|\bera\b|incidents?\b/;

export function eventKindOf(words: string): EventKind {
  if (NO_EVENT.test(words)) return OTHER;
  return EVENT_KINDS.find(({ pattern }) => pattern.test(words)) ?? OTHER;
}

/** How people speak of cultures that are named after what grew in them, and not after the specimen. */
const GROWTHS: Partial<EventKind> = {
  named: ['{many} positive for {x}', '{many} that grew {x}'],
  verbs: ['have a culture positive for {x}', 'have {x} in a culture', 'have a culture that grew {x}', 'test positive for {x}'],
  things: [['organism', 'organisms'], ['cultured organism', 'cultured organisms']],
  acts: [['culture', 'cultures']],
  make: organismName,
}; // prettier-ignore

/** What is left to observations where laboratory results have a table: what is noted, and not measured. */
export function besideLab(kind: EventKind): EventKind {
  return {
    ...kind,
    verbs: ['have {x} recorded', 'have {x} on record', 'have {x} noted'],
    named: ['{many} of {x}'],
    measures: [],
    sharedMeasures: [],
    make: notedName,
  };
}

/** The kind of an event whose name is in a column of these words. */
export function kindNamedBy(kind: EventKind, words: string): EventKind {
  const grows =
    kind.name === 'microbiology' && /\b(org|organism|germ|bacteri\w+|pathogen|microbe)\b/.test(words);
  return grows ? { ...kind, ...GROWTHS } : kind;
}

/** A stay or a visit. */
export interface EncounterKind {
  name: string;
  pattern: RegExp;
  /** Said of its begin, and of its end. */
  verbs: readonly string[];
  endVerbs: readonly string[];
  stayVerbs: readonly string[];
  acts: readonly [one: string, many: string][];
}

export const ENCOUNTER_KINDS: readonly EncounterKind[] = [
  {
    name: 'icu stay',
    pattern: /intensive|\bicu\b/,
    verbs: ['be admitted to the icu', 'have an icu stay', 'enter the intensive care unit', 'be moved to intensive care'],
    endVerbs: ['be discharged from the icu', 'leave the icu', 'leave intensive care'],
    stayVerbs: ['stay in the icu', 'be in intensive care', 'spend time in the icu'],
    acts: [['icu stay', 'icu stays'], ['intensive care stay', 'intensive care stays'], ['icu admission', 'icu admissions']],
  },
  {
    name: 'emergency stay',
    pattern: /emergency|\bed\b/,
    verbs: ['come to the emergency department', 'be seen in the emergency department', 'visit the emergency department', 'have an emergency visit'],
    endVerbs: ['leave the emergency department'],
    stayVerbs: ['stay in the emergency department'],
    acts: [['emergency department stay', 'emergency department stays'], ['emergency visit', 'emergency visits']],
  },
  {
    name: 'admission',
    pattern: /admission|hospital|\bstay\b|inpatient/,
    verbs: ['be admitted to the hospital', 'be admitted', 'be hospitalized', 'have an admission', 'come to the hospital', 'be hospitalised'],
    endVerbs: ['be discharged', 'be discharged from the hospital', 'leave the hospital'],
    stayVerbs: ['stay in the hospital', 'stay', 'be hospitalized', 'be in the hospital'],
    acts: [['admission', 'admissions'], ['hospital admission', 'hospital admissions'], ['hospital stay', 'hospital stays'], ['hospitalization', 'hospitalizations']],
  },
  {
    name: 'visit',
    pattern: /./,
    verbs: ['have a visit', 'be seen', 'have an encounter', 'come for a visit'],
    // Of visits few are stays: nobody is discharged from an office.
    endVerbs: [],
    stayVerbs: [],
    acts: [['visit', 'visits'], ['encounter', 'encounters']],
  },
]; // prettier-ignore

export function encounterKindOf(words: string): EncounterKind {
  return ENCOUNTER_KINDS.find(({ pattern }) => pattern.test(words))!;
}
