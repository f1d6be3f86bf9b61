import { SIDES } from './anatomy.js';
import { words } from './cue-words.js';

/** Words of names that questions also use otherwise; compounds.ts says how. */

export const TITLES = words('dr mr mrs ms miss prof st ste mt ft rev sr');
export const CAPITAL_TITLES = words('Dr Mr Mrs Ms Prof St Ste Mt Ft Rev Sr');

/** Categories of race and ethnicity as the US census names them, and findings with words of grammar inside. */
const PHRASES: readonly (readonly string[])[] = `black or african american
native hawaiian or other pacific islander
native hawaiian or pacific islander
american indian or alaska native
american indian or alaskan native
not hispanic or latino
hispanic or latino
non hispanic white
non hispanic black
white non hispanic
black non hispanic
two or more races
more than one race
against medical advice
against advice
shortness of breath
loss of consciousness
do not resuscitate`
  .split('\n')
  .map((phrase) => phrase.split(' '));
/** By their first word. */
export const FIXED: ReadonlyMap<string, readonly (readonly string[])[]> = new Map(
  PHRASES.map(([first]) => [first!, PHRASES.filter((one) => one[0] === first)]),
);

export const QUALIFIERS = words('type types stage grade class phase group factor level category');
export const LETTERED = words(
  'vitamin hepatitis influenza protein troponin immunoglobulin complement hemoglobin haemoglobin omega',
);

/** Words that questions use otherwise, and what they qualify in a name. */
export const MODIFIERS: ReadonlyMap<string, RegExp> = new Map(
  Object.entries({
    'multiple single double triple': /^(?:sclerosis|myeloma|gestation|pregnancy|births?|organ|vessel|vision|trauma|fractures?|system|pneumonia|bypass|endocrine)$/,
    'total partial complete full open closed incomplete':
      /^(?:blood|wounds?|fractures?|reduction|bilirubin|protein|cholesterol|parenteral|thickness|abdominal|body|arthroplasty|joint|\w*(?:ectomy|plasty|otomy|scopy)|heart|hip|knee|shoulder|ankle|angle|nephrectomy|breech|mole|placenta|hearing|vision|loss|tear|thyroid|paralysis|abortion|biopsy)$/,
    'first second third fourth': /^(?:degree|trimester)$/,
    'early late adult juvenile infantile young': /^(?:onset|effects?|stage|pregnancy|latent|syphilis)$/,
    'minor major primary secondary general common': /^(?:depression|depressive|burns?|trauma|injury|hypertension|malignant|malignancy|cold|anxiety|anaesthesia|anesthesia|biliary|hyperparathyroidism|insomnia|neoplasm|sclerosing|syphilis|osteoarthritis|tumou?r|bile)$/,
    'normal regular old present': /^(?:saline|insulin|myocardial|pressure|sinus|pregnancy|tuberculosis)$/,
    'small large great big long short': /^(?:bowel|intestine|cell|toe|bone|qt|covid|acting|vessel|breath|stature|gestational|saphenous)$/,
    'high low': /^(?:blood|cholesterol|back|density|fever|grade|birth|molecular|output|risk|pressure|bone)$/,
    'heavy frequent rapid fast slow rare': /^(?:bleeding|menstruation|menstrual|urination|falls|heartbeat|heart|vomiting|metal|metals)$/,
    'drug alcohol substance': /^(?:abuse|overdose|dependence|addiction|withdrawal|poisoning|toxicity|rash|reaction|eluting|resistant|fever|hypersensitivity|misuse|intoxication)$/,
    'lead iron mercury arsenic food': /^(?:poisoning|toxicity|exposure|allergy|intolerance|deficiency|overload|infusion|sucrose)$/,
    'birth night morning day age': /^(?:defects?|trauma|injury|injuries|asphyxia|sweats|terrors|sickness|stiffness|blindness|weight|related|macular)$/,
    'fall return visual hearing cut crush broken split bite': /^(?:risk|field|loss|acuity|finger|injury|wound|nose|lip)$/,
    'urine blood stool sputum wound throat': /^(?:cultures?|smears?|gas|gases|sugar|pressure|count|loss|clot|clots|transfusion)$/,
    body: /^(?:mass|surface|height)$/,
    random: /^(?:glucose|blood|plasma|serum|urine|sugar|cortisol)$/,
    mean: /^(?:arterial|corpuscular|platelet|cell)$/,
    median: /^(?:nerves?|sternotomy|sternotomies|neuropathy|neuropathies|lobe)$/,
    'cardiac respiratory': /^(?:arrest|failure)$/,
  }).flatMap(([mods, next]) => mods.split(' ').map((mod) => [mod, next] as const)),
); // prettier-ignore

export const TOWARDS =
  words(`failure exposure injury trauma damage reaction resistance intolerance allergy inability sensitivity
  hypersensitivity secondary due adherence response metastatic`);
/** Of these, what also names events of a schema. */
export const INFLICTED = words('allergy allergies exposure injury damage trauma reaction resistance failure');
export const BOTHERED = words('difficulty trouble problems problem pain disturbance delay');

/** Plain words that end the name of a test or an event, and what they end. */
export const ENDINGS: ReadonlyMap<string, RegExp> = new Map(
  Object.entries({
    time: /^(?:prothrombin|thromboplastin|thrombin|coagulation|transit)$/,
    fraction: /^(?:ejection|shortening|filtration)$/,
    death: /^(?:cardiac|brain|fetal|foetal|neonatal|crib)$/,
    shot: /^(?:flu|tetanus|allergy|hepatitis|pneumonia|rabies|covid|polio)$/,
  }),
);
/** Participles between two parts of a name: `ventilator associated pneumonia`. */
export const LINKING = words(
  'associated related acquired induced borne resistant dependent transmitted eluting assisted guided mediated',
);

export const PLACE_ENDS =
  words(`city town county state hospital clinic center centre university college street avenue road island
  islands valley beach springs falls hills heights park river lake bay institute foundation home unit ward infirmary`);
export const PLACE_STARTS = words(
  'new north south east west northern southern eastern western upper lower great saint fort port mount lake san santa los las el la general memorial royal national central city county university',
);

export const SMALL_PLACE_STARTS = words('new north south east west great port fort lake');

export const HAVING = words('with have has had having');

/** What kind of compound a word may begin, as bits. */
export const START = {
  title: 1,
  fixed: 2,
  qualified: 4,
  modifier: 8,
  inflicted: 16,
  place: 32,
  having: 64,
} as const;

/** Every word that may begin a compound, with its bits: one look-up rules out most kinds. */
export const COMPOUND_STARTS: ReadonlyMap<string, number> = startsOf([
  [START.title, TITLES],
  [START.fixed, FIXED.keys()],
  [START.qualified, [...QUALIFIERS, ...LETTERED]],
  [START.modifier, [...SIDES, ...MODIFIERS.keys(), 'broken']],
  [START.inflicted, INFLICTED],
  [START.place, SMALL_PLACE_STARTS],
  [START.having, HAVING],
]);

function startsOf(lists: readonly (readonly [number, Iterable<string>])[]): Map<string, number> {
  const starts = new Map<string, number>();
  for (const [bit, list] of lists) for (const word of list) starts.set(word, (starts.get(word) ?? 0) | bit);
  return starts;
}
