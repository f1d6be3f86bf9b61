/** Words that identifiers run together without a separator: `admittime`, `encounterid`. */
const COMPOUND_PARTS: ReadonlySet<string> = new Set(
  `address admin admission admit allergy amount birth care category charge chart chief city claim code comment complaint
  concept cost country count covered date death department desc description diagnosis disch dispense drug ed emar encounter end enrollment entry
  event events expire facility family fee flag gender group hosp icd icu id in income inpatient input inputs insurance item items
  lab last line lookup marital med method microbiology modifier name normal note num number obs observation order org organization original out output
  pat patient payer payment pharmacy place plan prefix prescribing prescription procedure procedures provider
  quantity rate reason reg referral report result route schedule sequence service services site source start state status
  stay stays stop store subject supervising support system text time times title total transaction transactions transfer type unit uom
  unit units uncovered utilization value visit weight zip`.split(/\s+/),
);

/** The lower-case words of an identifier, split at `_`, spaces, punctuation and changes of case. */
export function splitIdentifier(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase());
}

/** Abbreviations that schemas use and people do not say. */
const EXPANSIONS: Record<string, string> = {
  addr: 'address',
  admittime: 'admission time',
  admt: 'admission',
  amt: 'amount',
  avg: 'average',
  cd: 'code',
  dept: 'department',
  desc: 'description',
  dischtime: 'discharge time',
  disch: 'discharge',
  dob: 'date of birth',
  dod: 'date of death',
  dt: 'date',
  dttm: 'datetime',
  dx: 'diagnosis',
  edouttime: 'ed out time',
  edregtime: 'ed registration time',
  enc: 'encounter',
  hadm: 'hospital admission',
  intime: 'in time',
  los: 'length of stay',
  med: 'medication',
  num: 'number',
  outtime: 'out time',
  patid: 'patient id',
  pt: 'patient',
  px: 'procedure',
  qty: 'quantity',
  rx: 'prescription',
  seq: 'sequence',
  uom: 'unit of measure',
};

const spoken = new Map<string, readonly string[]>();

/** The words a person says for an identifier: `visit_start_date` → visit start date, `AdmitDT` → admit date. */
export function spokenWords(name: string): readonly string[] {
  let words = spoken.get(name);
  if (words === undefined) {
    words = splitIdentifier(name).flatMap((word) => EXPANSIONS[word]?.split(' ') ?? splitCompound(word));
    spoken.set(name, words);
  }
  return words;
}

/** `patientid` → patient id, if every part is a known word; any other word is kept whole. */
function splitCompound(word: string): string[] {
  if (COMPOUND_PARTS.has(word)) return [word];
  for (let cut = word.length - 2; cut >= 2; cut--) {
    if (!COMPOUND_PARTS.has(word.slice(0, cut))) continue;
    // `started` has no emergency department.
    if (word.slice(cut) === 'ed') continue;
    const rest = splitCompound(word.slice(cut));
    if (rest.length > 1 || COMPOUND_PARTS.has(rest[0]!)) return [word.slice(0, cut), ...rest];
  }
  return [word];
}

const IRREGULAR_PLURALS: Record<string, string> = {
  person: 'persons',
  people: 'people',
  child: 'children',
  datum: 'data',
  criterion: 'criteria',
  diagnosis: 'diagnoses',
  analysis: 'analyses',
  index: 'indexes',
  staff: 'staff',
  history: 'histories',
  data: 'data',
  metadata: 'metadata',
};
const IRREGULAR_SINGULARS: Record<string, string> = Object.fromEntries(
  Object.entries(IRREGULAR_PLURALS).map(([one, many]) => [many, one]),
);
// Singular words that end in `s`.
const SINGULAR_IN_S = /(ss|us|is|series|class|status|address|diagnosis|analysis)$/;

/** Plural of a noun phrase. */
export function pluralise(phrase: string): string {
  const { before, noun, after } = splitNoun(phrase);
  return before + pluralOfWord(noun) + after;
}

/** Singular of a noun phrase; a singular phrase is returned unchanged. */
export function singularise(phrase: string): string {
  const { before, noun, after } = splitNoun(phrase);
  return before + singularOfWord(noun) + after;
}

/** Finds the noun to inflect: the last word, or the last one before `of`, as in `place of residence`. */
function splitNoun(phrase: string): { before: string; noun: string; after: string } {
  const of = phrase.search(/ (of|for) /);
  const end = of < 0 ? phrase.length : of;
  const start = phrase.lastIndexOf(' ', end - 1) + 1;
  return { before: phrase.slice(0, start), noun: phrase.slice(start, end), after: phrase.slice(end) };
}

function pluralOfWord(word: string): string {
  const irregular = IRREGULAR_PLURALS[word];
  if (irregular !== undefined) return irregular;
  if (IRREGULAR_SINGULARS[word] !== undefined || (word.endsWith('s') && !SINGULAR_IN_S.test(word)))
    return word;
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  if (/(s|x|z|ch|sh)$/.test(word)) return `${word}es`;
  return `${word}s`;
}

function singularOfWord(word: string): string {
  const irregular = IRREGULAR_SINGULARS[word];
  if (irregular !== undefined) return irregular;
  if (!word.endsWith('s') || SINGULAR_IN_S.test(word)) return word;
  if (/[^aeiou]ies$/.test(word)) return `${word.slice(0, -3)}y`;
  if (/(ss|x|z|ch|sh)es$/.test(word)) return word.slice(0, -2);
  return word.slice(0, -1);
}

/** The phrase with `a` or `an` before it. */
export function withArticle(phrase: string): string {
  return /^([aeio]|u(?!ni|s|r(?!g)|t[ei]))/i.test(phrase) ? `an ${phrase}` : `a ${phrase}`;
}
