import type { Random } from '../../base/random.js';
import type { Domain } from './concepts.js';

/** How a schema keeps what is coded: in the row, as code and label, or as a key to a table of codes. */
export type Coding = 'label' | 'code' | 'pair' | 'catalogue' | 'concept' | 'dictionary';

/** A way to build the database of a hospital. */
export interface Structure {
  name: string;
  weight: number;
  domain: Domain;
  /** Nouns of the concepts that the schema may contain, the one it begins with first; absent: all of them. */
  concepts?: readonly string[];
  /** Ways to keep diagnoses, drugs and tests; one is drawn for the schema. */
  coding: readonly Coding[];
  /** How often a code with few values, such as a visit type, is kept as a key to a table of codes. */
  lookups: number;
  /** Words before the names of tables of events, of other tables, and of catalogues. */
  prefixes: { event?: readonly string[]; other?: readonly string[]; catalogue: readonly string[] };
  /** Words that the schema uses in place of the usual ones. */
  words?: Readonly<Record<string, readonly string[]>>;
  keys?: readonly string[];
}

const HOSPITAL: readonly string[] = [
  'patient', 'visit', 'admission', 'provider', 'department', 'facility', 'diagnosis', 'procedure', 'medication order',
  'lab result', 'vital sign', 'observation', 'emergency visit', 'intensive care stay', 'medication administration',
  'microbiology culture', 'transfer', 'imaging study', 'clinical note', 'allergy', 'immunization', 'death', 'surgery',
  'specimen', 'lab order', 'fluid output', 'infusion', 'ventilation', 'smoking history', 'social history', 'address',
  'device', 'device use', 'care plan', 'appointment', 'referral', 'birth', 'pregnancy',
]; // prettier-ignore

export const STRUCTURES: readonly Structure[] = [
  {
    name: 'transactional record',
    weight: 22,
    domain: 'clinical',
    coding: ['label', 'pair', 'catalogue'],
    lookups: 0.25,
    prefixes: { catalogue: ['', 'lkp', 'ref', 'cd', 'lu', 'code'] },
  },
  {
    name: 'star schema',
    weight: 12,
    domain: 'clinical',
    concepts: HOSPITAL,
    coding: ['catalogue', 'pair', 'label'],
    lookups: 0.3,
    prefixes: { event: ['fact', 'f', 'fct'], other: ['dim', 'd'], catalogue: ['dim', 'd'] },
    keys: ['noun key', 'noun sk', 'noun id'],
  },
  {
    name: 'common data model',
    weight: 12,
    domain: 'clinical',
    concepts: HOSPITAL,
    coding: ['concept'],
    lookups: 0.85,
    prefixes: { catalogue: ['', '', 'ref', 'std'] },
    keys: ['noun id', 'noun id', 'noun uid'],
    words: { patient: ['person', 'subject', 'individual'] },
  },
  {
    name: 'intensive care archive',
    weight: 10,
    domain: 'clinical',
    concepts: HOSPITAL,
    coding: ['dictionary'],
    lookups: 0.05,
    prefixes: { catalogue: ['d', 'dict', 'def'] },
    keys: ['noun id', 'noun id', 'noun number'],
    words: { patient: ['subject', 'patient', 'pat'], admission: ['hospital admission', 'hospital stay'] },
  },
  {
    name: 'claims',
    weight: 10,
    domain: 'clinical',
    concepts: [
      'patient', 'claim', 'claim line', 'payer', 'coverage', 'provider', 'facility', 'diagnosis', 'procedure',
      'medication order', 'dispense', 'pharmacy', 'payment', 'charge', 'admission', 'referral',
    ], // prettier-ignore
    coding: ['code', 'pair', 'catalogue'],
    lookups: 0.15,
    prefixes: { catalogue: ['ref', 'cd', 'lkp'] },
    words: { patient: ['member', 'beneficiary', 'enrollee', 'subscriber'] },
  },
  {
    name: 'registry',
    weight: 9,
    domain: 'clinical',
    concepts: [
      'patient', 'baseline visit', 'follow up', 'tumor', 'study', 'sponsor', 'enrollment', 'adverse event',
      'questionnaire', 'questionnaire response', 'death', 'consent', 'family history', 'smoking history', 'surgery',
      'imaging study', 'specimen', 'lab result', 'medication order', 'provider', 'facility', 'vital sign',
    ], // prettier-ignore
    coding: ['label', 'code', 'pair'],
    lookups: 0.1,
    prefixes: { event: ['', 'frm', 'crf'], catalogue: ['', 'codelist'] },
    words: { patient: ['participant', 'subject', 'case', 'patient'] },
  },
  {
    name: 'flattened resources',
    weight: 8,
    domain: 'clinical',
    concepts: HOSPITAL,
    coding: ['pair'],
    lookups: 0,
    prefixes: { catalogue: [''] },
    keys: ['id', 'noun id'],
    words: {
      'start time': ['period start'], 'end time': ['period end'], 'admission date': ['period start'],
      'discharge date': ['period end'], 'result value': ['value quantity'], value: ['value quantity'],
      'visit type': ['class code'], 'visit status': ['status'], 'observation status': ['status'],
      'order status': ['status'], 'result date': ['effective time'], 'observed time': ['effective time'],
      sex: ['gender'], 'last name': ['family name'], 'first name': ['given name'], visit: ['encounter'],
      provider: ['practitioner'], 'medication order': ['medication request'], 'lab result': ['diagnostic observation'],
    }, // prettier-ignore
  },
  {
    name: 'message segments',
    weight: 4,
    domain: 'clinical',
    concepts: HOSPITAL,
    coding: ['pair', 'code'],
    lookups: 0.05,
    prefixes: { event: ['msg', 'seg'], other: ['msg', 'seg'], catalogue: ['tab'] },
    words: {
      'last name': ['family name'], sex: ['administrative sex'], 'admission date': ['admit datetime'],
      'discharge date': ['discharge datetime'], 'visit type': ['patient class'], 'result value': ['observation value'],
      'result date': ['observation datetime'], 'abnormal flag': ['abnormal flags'], provider: ['attending doctor'],
    }, // prettier-ignore
  },
  {
    name: 'laboratory system',
    weight: 6,
    domain: 'clinical',
    concepts: [
      'lab result', 'lab order', 'specimen', 'patient', 'provider', 'microbiology culture', 'instrument',
      'quality control', 'department', 'facility', 'transfusion', 'blood unit', 'visit',
    ], // prettier-ignore
    coding: ['catalogue', 'pair', 'dictionary', 'label'],
    lookups: 0.25,
    prefixes: { catalogue: ['', 'cat', 'def', 'lkp'] },
  },
  {
    name: 'pharmacy system',
    weight: 5,
    domain: 'clinical',
    concepts: [
      'medication order', 'dispense', 'pharmacy', 'patient', 'provider', 'medication administration', 'drug stock',
      'allergy', 'payer', 'claim', 'coverage', 'visit',
    ], // prettier-ignore
    coding: ['catalogue', 'pair', 'label', 'code'],
    lookups: 0.2,
    prefixes: { catalogue: ['', 'cat', 'ref'] },
  },
  {
    name: 'administration',
    weight: 10,
    domain: 'operations',
    coding: ['label'],
    lookups: 0.2,
    prefixes: { catalogue: ['', 'lkp', 'ref', 'cd'] },
  },
];

const CUMULATIVE = STRUCTURES.map((_, i) =>
  STRUCTURES.slice(0, i + 1).reduce((sum, one) => sum + one.weight, 0),
);

export function drawStructure(random: Random): Structure {
  return STRUCTURES[random.weighted(CUMULATIVE)]!;
}
