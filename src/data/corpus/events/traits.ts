import type { Random } from '../../../base/random.js';
import { groupName, placeName, specimenName, wardName } from './names.js';

/** What one column says of a person, a stay or an event, and how people say it. */
export interface TraitWords {
  pattern: RegExp;
  /** Before a noun: `{x}` in `{x} patients`. */
  adjective?: string;
  /** After a noun: `from {x}`. */
  modifiers: readonly string[];
  /** In the infinitive: `speak {x}`. */
  verbs: readonly string[];
  /** What people call it when they ask for it: `marital status`. */
  asked: readonly string[];
  /** Words of any column that what people call it might mean. */
  fits?: RegExp;
  make(random: Random, isKnown: boolean): string;
}

/** A name that no column is known to hold must be one that everybody knows. */
const group =
  (name: string) =>
  (random: Random, isKnown: boolean): string =>
    groupName(random, name, isKnown);

export const TRAITS = {
  gender: {
    pattern: /^((patient|administrative|birth|provider) )?(gender|sex)( code)?( concept)?$/,
    adjective: '{x}',
    modifiers: [],
    verbs: ['be {x}'],
    asked: ['gender', 'sex'],
    fits: /\b(gender|sex)\b/,
    make: (random: Random) => random.pick(['male', 'female']),
  },
  marital: {
    pattern: /marital|civil status/,
    adjective: '{x}',
    modifiers: ['with marital status {x}'],
    verbs: ['be {x}'],
    asked: ['marital status'],
    fits: /\bmarital|civil status/,
    make: group('marital'),
  },
  race: {
    pattern: /^race( code)?( concept)?$/,
    adjective: '{x}',
    modifiers: ['of {x} race', 'of race {x}'],
    verbs: ['be {x}'],
    asked: ['race'],
    fits: /\brace\b/,
    make: group('race'),
  },
  ethnicity: {
    pattern: /^(ethnicity|hispanic|ethnic group)( code)?( concept)?$/,
    modifiers: ['of {x} ethnicity'],
    verbs: ['be of {x} ethnicity'],
    asked: ['ethnicity'],
    fits: /\bethnic/,
    make: group('ethnicity'),
  },
  language: {
    pattern: /language/,
    adjective: '{x}-speaking',
    modifiers: ['speaking {x}', 'whose language is {x}'],
    verbs: ['speak {x}'],
    asked: ['language', 'spoken language'],
    fits: /\blanguage\b/,
    make: group('language'),
  },
  religion: {
    pattern: /religion/,
    adjective: '{x}',
    modifiers: ['of {x} religion'],
    verbs: ['be {x} by religion'],
    asked: ['religion'],
    fits: /\breligio/,
    make: group('religion'),
  },
  insurance: {
    pattern: /^(insurance|payer|plan|insurance (type|plan|provider)|payer (name|type( primary)?))$/,
    modifiers: ['with {x} insurance', 'on {x} insurance'],
    verbs: ['have {x} insurance'],
    asked: ['insurance', 'health insurance'],
    fits: /\b(insurance|payer|plan)\b/,
    make: group('insurance'),
  },
  city: {
    pattern: /^(city|town|home city|city name|residence city|city village)$/,
    modifiers: ['from {x}', 'living in {x}', 'in the city of {x}'],
    verbs: ['live in {x}', 'come from {x}', 'reside in {x}'],
    asked: ['city'],
    fits: /\b(city|town|village)\b/,
    make: placeName,
  },
  source: {
    pattern:
      /^(admission (location|source)|admitt(ed|ing) (from|source)|referral source|source of admission)$/,
    modifiers: ['admitted from {x}'],
    verbs: ['be admitted from {x}'],
    asked: ['admission source'],
    make: group('source'),
  },
  destination: {
    pattern: /^discharge (location|disposition|destination)$|^discharged to$/,
    modifiers: ['discharged to {x}', 'sent to {x} at discharge'],
    verbs: ['be discharged to {x}', 'be sent to {x} at discharge'],
    asked: ['discharge destination'],
    make: group('destination'),
  },
  type: {
    pattern:
      /^((admission|visit|encounter|stay|care) )?(type|class)( code)?$|^encounter ?class$|^enc(ounter)? type$|^visit concept( id)?$/,
    adjective: '{x}',
    modifiers: ['with {a x} visit', 'with a visit of type {x}'],
    verbs: ['have {a x} visit'],
    asked: ['type'],
    fits: /\b(type|class)\b/,
    make: group('type'),
  },
  ward: {
    pattern: /^((current|hospital) )?(care ?unit|ward|ward name|unit name|department name|department)$/,
    modifiers: ['in the {x}', 'on the {x}', 'at the {x}'],
    verbs: ['be in the {x}', 'stay in the {x}', 'be treated in the {x}'],
    asked: ['care unit', 'ward'],
    make: wardName,
  },
  flag: {
    pattern: /^(flag|abnormal( flag)?|result flag|interpretation|abnormality)$/,
    adjective: '{x}',
    modifiers: ['flagged {x}', 'flagged as {x}'],
    verbs: ['be flagged {x}', 'come back {x}'],
    asked: ['flag', 'abnormal flag'],
    make: group('flag'),
  },
  vital: {
    pattern: /^(vital|life|living|survival|death) status$/,
    adjective: '{x}',
    modifiers: [],
    verbs: ['be {x}'],
    asked: ['vital status'],
    make: (random: Random) => random.pick(['alive', 'dead', 'deceased']),
  },
  status: {
    pattern:
      /^((order|claim|prescription|appointment|referral|visit|plan|clinical|condition|procedure|task) )?status$/,
    adjective: '{x}',
    modifiers: ['with status {x}', 'marked {x}'],
    verbs: ['be {x}', 'have status {x}'],
    asked: ['status'],
    fits: /\bstatus\b/,
    make: group('status'),
  },
  severity: {
    pattern: /^severity$/,
    adjective: '{x}',
    modifiers: ['of {x} severity'],
    verbs: ['be {x}'],
    asked: ['severity'],
    make: group('severity'),
  },
  priority: {
    pattern: /^priority$/,
    adjective: '{x}',
    modifiers: ['with priority {x}', 'with {x} priority'],
    verbs: ['have {x} priority'],
    asked: ['priority'],
    make: group('priority'),
  },
  specimen: {
    pattern: /^(fluid|specimen( type| source)?|sample type|body fluid)$/,
    modifiers: ['from {x}', 'on {x} samples', 'in {x}'],
    verbs: ['be done on {x}'],
    asked: ['fluid', 'specimen'],
    make: specimenName,
  },
} satisfies Record<string, TraitWords>;

export type TraitName = keyof typeof TRAITS;
const NAMES = Object.keys(TRAITS) as TraitName[];

export function traitWords(name: TraitName): TraitWords {
  return TRAITS[name];
}

/** By what rows are grouped: by insurance, and not by health insurance. */
export function groupWords(asked: readonly string[]): string[] {
  return asked.filter((word) => !/^place|^health insurance$/.test(word));
}

/** The trait that a column of these words holds; undefined for any other column. */
export function traitOf(words: string): TraitName | undefined {
  return NAMES.find((name) => TRAITS[name].pattern.test(words));
}
