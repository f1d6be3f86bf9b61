/** A word that can precede an ID and says what the ID identifies. */
export interface IdNoun {
  kind: string;
  /** `patients 12, 15 and 19` */
  plural: boolean;
  /** Whether the word alone announces an ID (`mrn`, `id`). `patient` needs `id`, `number` or a value after it. */
  label: boolean;
}

const NOUNS = new Map<string, IdNoun>();

function add(kind: string, label: boolean, words: string): void {
  for (const word of words.trim().split(/\s+/)) {
    NOUNS.set(word, { kind, plural: false, label });
    const plural = word.endsWith('y') && !/[aeiou]y$/.test(word) ? `${word.slice(0, -1)}ies` : `${word}s`;
    NOUNS.set(plural, { kind, plural: true, label });
    for (const tail of ['id', 'number', 'no', 'key', 'nbr'])
      NOUNS.set(word + tail, { kind, plural: false, label: true });
  }
}

add('patient', false, 'patient person pt');
add('visit', false, 'visit');
add('encounter', false, 'encounter enc');
add('encounter', true, 'csn');
add('order', false, 'order');
add('claim', false, 'claim');
add('claim', true, 'icn dcn');
add(
  'key',
  false,
  `provider practitioner doctor physician clinician location department dept room bed facility clinic hospital ward
   account acct invoice policy member subscriber beneficiary payer plan specimen accession device prescription note
   document concept case study trial site batch lot transaction chart folio file ticket appointment referral
   organization caregiver item badge stay subject admission hadm`,
);
add('key', true, 'id identifier nhs drg cvx har udi');
add('uuid', true, 'guid uuid');
add('mrn', true, 'mrn');
add('npi', true, 'npi');
add('ssn', true, 'ssn');
add('phone', false, 'phone telephone tel mobile cell cellphone fax');
add('cpt', true, 'cpt cpt4 hcpcs');
add('loinc', true, 'loinc');
add('ndc', true, 'ndc ndc11');
add('snomed', true, 'snomed snomedct sct sctid');
add('rxnorm', true, 'rxnorm rxcui');
add('atc', true, 'atc');
add('icd', true, 'icd');
add('icd10', true, 'icd10 icd10cm icd10pcs');
add('icd9', true, 'icd9 icd9cm');
add('diagnosis', false, 'diagnosis dx');
NOUNS.set('diagnoses', { kind: 'diagnosis', plural: true, label: false });
add('procedure', false, 'procedure px');
add('code', true, 'code');

/** Names of several words, by first word: the words that must follow, and the kind of ID. */
const PHRASES = new Map<string, { rest: readonly string[]; kind: string }>([
  ['medical', { rest: ['record'], kind: 'mrn' }],
  ['med', { rest: ['rec'], kind: 'mrn' }],
  ['social', { rest: ['security'], kind: 'ssn' }],
  ['national', { rest: ['provider'], kind: 'npi' }],
]);

export function phraseAt(word: string): { rest: readonly string[]; kind: string } | undefined {
  return PHRASES.get(word);
}

export function phraseWords(): Iterable<string> {
  return PHRASES.keys();
}

const IDENTIFIER_TAIL = /_(?:id|ids|key|no|nbr|num|number|identifier)$/;

/** The noun for a lower-case word. A column name such as `person_id` counts, with the kind of its first part. */
export function nounOf(word: string): IdNoun | undefined {
  const known = NOUNS.get(word);
  if (known !== undefined) return known;
  if (word.includes('_') && IDENTIFIER_TAIL.test(word)) {
    const first = NOUNS.get(word.slice(0, word.indexOf('_')));
    return { kind: first?.kind ?? 'key', plural: false, label: true };
  }
  const isPossessive = word.endsWith("'s") || word.endsWith('’s');
  return isPossessive ? NOUNS.get(word.slice(0, -2)) : undefined;
}

/** Every single-word noun. */
export function nounWords(): Iterable<string> {
  return NOUNS.keys();
}

/** Nouns and labels that may be written with a dot: `tel. 555-1234`. */
export const DOTTED_NOUNS: ReadonlySet<string> = new Set('no nos nr nbr tel pt enc dx px'.split(' '));

const ICD_PARTS = '9 10 9cm 10cm 10pcs cm pcs diagnosis dx procedure px';
const SYSTEM_PARTS = new Map(
  Object.entries({
    icd: ICD_PARTS,
    icd9: ICD_PARTS,
    icd10: ICD_PARTS,
    snomed: 'ct us concept',
    rxnorm: 'concept cui',
    cpt: '4 ii',
    atc: 'class group',
  }).map(([kind, words]) => [kind, new Set(words.split(' '))]),
);

/** Words that extend a code system's name: `ICD-10-CM`, `SNOMED CT concept`, `CPT-4`. */
export function systemParts(kind: string): ReadonlySet<string> | undefined {
  return SYSTEM_PARTS.get(kind);
}

/** Words that turn the noun before them into a label for an ID. */
export const LABELS: ReadonlySet<string> = new Set(
  'id ids identifier identifiers number numbers no nos nr nbr num code codes key keys mrn mrns'.split(' '),
);

/** Words that may stand between a noun and its label: `patients with id`, `visit occurrence id`. */
export const BETWEEN: ReadonlySet<string> = new Set(
  'with having by using the a an has of record occurrence exposure account source hospital external internal unique'.split(
    ' ',
  ),
);

/** Words that may stand between a label and its value: `id is 17`, `MRNs in (…)`, `ids between 1 and 9`. */
export const LINKS: ReadonlySet<string> = new Set(
  'is was are not equals equal exactly other than differs different from either neither none one to of in between like being as'.split(
    ' ',
  ),
);
