import type { TableRole } from './roles.js';

/** What is known of a table before its role is; `references` are roles of tables that its keys point to. */
export interface TableFacts {
  /** What its rows are about, in the singular: `visit`, `patient identifier type`. */
  subject: readonly string[];
  /** Whether a column holds a birth date, an age or a sex: the row is a human being. */
  hasDemographics: boolean;
  hasTimes: boolean;
  hasName: boolean;
  hasCode: boolean;
  hasPatient: boolean;
  hasEncounter: boolean;
  /** Whether it has a key of its own, declared or by its name. */
  hasKey: boolean;
  /** Columns, and foreign keys, apart from those that record who changed the row and when. */
  columns: number;
  foreignKeys: number;
  /** Tables whose foreign keys point here. */
  pointedTo: number;
}

const set = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

export const PATIENT_NOUNS = set(
  'patient person demographic demographics insuree beneficiary subject client individual enrollee member people',
);
export const ENCOUNTER_NOUNS = set(
  'encounter visit stay admission hospitalization inpatient outpatient contact',
);
const STAFF_NOUNS = set(
  'provider doctor physician practitioner caregiver nurse user staff employee officer clinician surgeon personnel administration administrator secretary receptionist therapist dentist midwife pharmacist technician agent',
);
const PLACE_NOUNS = set(
  'location hospital ward facility department site organization clinic room bed institution pharmacy practice center office',
);
const CATALOGUE_NOUNS = set(
  `type class category code dictionary vocabulary lookup concept term status reason source domain frequency language modifier workflow
  gender education profession relation form privilege role permission program tag datatype classification group icd drug vaccine
  disease operation exam product service item`,
);
/** Last words of tables that say something about a row of another table. */
const SATELLITE_NOUNS = set(
  `map mapping attribute property name address identifier synonym relationship ancestor setting log audit photo member merge
  answer role privilege collection conversion template parameter resource distribution village right district catchment recipient`,
);

/** What happens between a payer and somebody, whether or not the table names a patient. */
const BUSINESS_NOUNS = set('payment invoice bill claim transaction refund remittance');

const last = (words: readonly string[]): string => words.at(-1) ?? '';

/**
 * The role of a table, from what it is called and from its shape. Whether an undecided table is an event depends on the
 * tables that it points to, so `inferRoles` asks again as those become known.
 */
export function tableRole(facts: TableFacts): TableRole {
  const { subject } = facts;
  const noun = last(subject);
  const isOneThing = subject.length === 1;
  if (PATIENT_NOUNS.has(noun) && isOneThing && (facts.hasDemographics || noun === 'patient'))
    return 'patient';
  if (subject.at(-2) === 'patient' && noun === 'dimension') return 'patient';
  const isSatellite = SATELLITE_NOUNS.has(noun);
  if (isEncounterName(subject) && facts.hasTimes && (facts.hasPatient || facts.hasDemographics))
    return 'encounter';
  const carries = facts.hasPatient || facts.hasEncounter;
  if (STAFF_NOUNS.has(noun) && (!carries || (isOneThing && !facts.hasEncounter))) return 'person';
  if (PLACE_NOUNS.has(noun) && !carries && !isSatellite && facts.foreignKeys <= 5) return 'place';
  if (carries && !isSatellite) return facts.hasTimes || facts.columns > 2 ? 'event' : 'other';
  if (carries) return 'other';
  if (BUSINESS_NOUNS.has(noun) && facts.hasTimes && facts.columns > 2) return 'event';
  if (isCatalogue(facts, noun)) return 'catalogue';
  return 'other';
}

function isEncounterName(subject: readonly string[]): boolean {
  return ENCOUNTER_NOUNS.has(last(subject)) || subject.join(' ') === 'outpatient department';
}

function isCatalogue(facts: TableFacts, noun: string): boolean {
  if (/^(code set|lookup)\b/.test(facts.subject.join(' ')) && facts.foreignKeys <= 2) return true;
  if (CATALOGUE_NOUNS.has(noun) && facts.foreignKeys === 0 && facts.columns <= 4) return true;
  // A code and its name, and little else.
  if (facts.hasCode && facts.hasName && facts.foreignKeys === 0 && facts.columns <= 5) return true;
  if (CATALOGUE_NOUNS.has(noun) && facts.hasKey && (facts.hasName || facts.pointedTo > 0)) return true;
  if (!facts.hasName) return false;
  if (SATELLITE_NOUNS.has(noun)) return facts.subject.length === 1 && facts.hasKey && facts.pointedTo > 0;
  return facts.hasKey && facts.foreignKeys <= 2 && facts.columns <= 12 && facts.pointedTo > 0;
}
