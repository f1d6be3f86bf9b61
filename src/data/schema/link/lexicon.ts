/** What the words of questions hint at; what names mean is in ../words/. */

/** One hint: what a question says, and what the schema may call it. Words are single; all are stemmed before use. */
type Row = readonly [said: string, hints: string];

/** What is said of somebody who is dead, or not. */
const DYING = 'die died dead deceased alive survived surviving';

/** Verbs and adjectives that say the same as a noun: who died is in the table of deaths. */
export const SAME_AS = byWord([
  // `passed away`, `still living`
  [`${DYING} dies living away`, 'death'],
  ['fitted implanted', 'device'],
]);

/** Words that a word of a question hints at: a question about who is old needs a birth date. */
export const RELATED = byWord([
  // People
  ['age born newborn birthday child children pediatric minor senior', 'birth'],
  ['aged old older oldest young younger youngest adult elderly', 'birth age'],
  ['dob', 'birth date'],
  ['female male woman women man men girl boy', 'gender sex'],
  ['sex', 'gender'],
  ['gender', 'sex'],
  ['married unmarried widowed divorced', 'marital'],
  ['speak speaks speaking', 'language'],
  ['weigh', 'weight'],
  ['tall', 'height'],
  ['patient patients', 'person'],
  ['person persons', 'patient'],
  ['subject subjects individual individuals client clients member members', 'patient person'],
  ['people', 'person patient'],
  ['doctor physician clinician', 'provider'],
  ['address', 'location'],
  ['live lives lived reside resides', 'address city location'],
  ['mrn', 'medical record number'],
  ['zip', 'postal'],
  ['postal', 'zip'],
  ['called named', 'name'],
  // Death; the words of SAME_AS mean it besides.
  [DYING, 'expire dead deceased'],
  ['mortality', 'death expire'],
  ['death', 'expire deceased'],
  ['passed killed', 'death'],
  // Stays
  ['admitted admit', 'admission encounter visit'],
  ['hospitalized hospitalised', 'admission hospital'],
  ['discharged', 'discharge'],
  ['left leave leaving', 'discharge visit end'],
  ['seen visited', 'visit encounter'],
  ['visit', 'encounter'],
  ['encounter', 'visit'],
  ['stay', 'visit admission encounter'],
  ['stayed', 'stay visit admission encounter'],
  ['icu', 'intensive stay'],
  ['intensive', 'icu'],
  ['ward', 'unit transfer'],
  ['careunit', 'unit care transfer'],
  ['transferred', 'transfer'],
  ['hospital', 'facility'],
  // Drugs, fluids and vaccines
  ['prescribed prescribe', 'prescription drug medication'],
  ['treated', 'drug medication'],
  ['taking took medicine', 'drug medication'],
  ['drug', 'medication'],
  ['medication', 'drug'],
  ['intake infusion', 'input'],
  ['infused drip', 'infusion input'],
  ['urine drain drainage', 'output'],
  ['vaccinated', 'immunization vaccine'],
  ['vaccine vaccination', 'immunization'],
  // Diagnoses and procedures
  ['diagnosed diagnose suffering suffer suffered', 'diagnosis condition'],
  ['disease illness symptom', 'condition diagnosis'],
  ['diagnosis', 'condition'],
  ['condition', 'diagnosis'],
  ['operated operation surgery undergone undergoing underwent undergo', 'procedure'],
  ['scan mri xray', 'imaging'],
  ['implanted', 'device'],
  ['allergic allergen allergens', 'allergy'],
  // What is measured
  ['lab', 'laboratory'],
  ['laboratory', 'lab'],
  ['tested', 'lab measurement microbiology'],
  ['measured reading charted', 'measurement observation vital chart'],
  ['recorded record noted', 'observation finding'],
  ['observation', 'finding'],
  ['finding', 'observation'],
  [
    'pressure heart pulse respiratory temperature spo2 sao2 saturation bp',
    'vital measurement observation chart',
  ],
  ['specimen culture swab organism microbiological', 'microbiology'],
  ['abnormal', 'range flag'],
  // Money
  ['insured', 'insurance payer'],
  ['insurance', 'payer'],
  ['insurer', 'payer'],
  ['paid', 'payment payer'],
  ['covered', 'payer coverage'],
  ['pay', 'payment paid'],
  ['billed bill', 'charge claim'],
  ['cost', 'charge'],
  // Time
  ['when', 'date time'],
  ['day daily week weekly month monthly quarter year yearly annual', 'date'],
  ['recent latest newest earliest since ago', 'date'],
  ['hour', 'time'],
  ['long longest shortest duration length lasted', 'start end stop'],
  ['started began begin', 'start'],
  ['ended stopped', 'end stop'],
  ['finish', 'end'],
]);

/** Words that hint at something less surely: many questions use them for something else. */
export const WEAKLY_RELATED = byWord([
  ['who whose', 'patient person'],
  ['level levels', 'lab laboratory measurement observation'],
  ['value values', 'lab laboratory measurement observation chart'],
  ['readings', 'measurement observation vital chart'],
  ['test tests', 'lab laboratory measurement'],
  ['maximum minimum average mean highest lowest', 'lab laboratory measurement chart'],
  ['dose take taken route', 'drug medication'],
  ['dosage', 'dose drug medication'],
  ['given', 'prescription drug medication administration input device'],
  ['received receive', 'prescription drug medication administration input'],
  ['administered', 'drug medication administration input'],
  ['got gets getting', 'prescription drug medication procedure'],
  ['done', 'procedure'],
  ['used using', 'device'],
  ['fluid', 'input'],
  ['volume produced', 'output'],
  ['unit', 'ward'],
  ['stays', 'visit end'],
  ['took', 'end'],
]);

/** What comes from something else than where somebody lives: `died from`, `admitted from`. */
export const NOT_A_HOME =
  'die|died|dead|death|deaths|suffer\\w*|admi\\w+|transfer\\w*|discharged?|recover\\w*|apart|aside|different|result\\w*|ill|sick';

/** Phrases that hint at more than their words: who is from a town lives there. */
export const IDIOMS: readonly (readonly [phrase: RegExp, hints: string])[] = [
  [new RegExp(`(?<!\\b(?:${NOT_A_HOME}) )\\bfrom (neither )?__TEXT_\\d+__`, 'i'), 'city'],
  [/\b(on|started on|put on) __TEXT_\d+__/i, 'drug medication'],
  [/\b(paid|paid for|covered) by __TEXT_\d+__/i, 'payer'],
  [/\b(living|lives?|resid\w+) in\b/i, 'city'],
  [/\b(admitted|admission) from\b/i, 'admission source'],
  [/\b(discharged?|sent) to\b/i, 'discharge disposition'],
];

/** Words of measured values: what is asked for has a table with numbers. */
export const ASKING_FOR_VALUE: ReadonlySet<string> = new Set(
  `level levels value values result results average mean minimum maximum min max lowest highest measured reading
  readings latest earliest initial`.split(/\s+/),
);

/** Words for people: they mean the patients, whatever else is named after them. */
export const PEOPLE: ReadonlySet<string> = new Set(
  `patient person people individual subject client member`.split(/\s+/),
);

/** Words of phrases that questions are made of; a misspelled one is read as the word that it is a typo of. */
export const SPELLED: ReadonlySet<string> = new Set(
  `patient patients people person persons individual individuals subject subjects member members client clients recorded
  record documented discharged discharge admitted admission admissions living reside resides residing fitted implanted
  visits visit lasted lasting procedure procedures operation operations performed prescribed prescription prescriptions
  diagnosed diagnosis received underwent tested treated`.split(/\s+/),
);

/** Words that do not help to find a column. */
export const STOP_WORDS: ReadonlySet<string> = new Set(
  `a about all an and any are as at be been by can did do does each every find for from get give had has have having
  here how i in into is it its list many me more most much my of on or our out over per please return she he show so
  than that the their them then there these they this those to under up us was we were what where which who whom
  whose will with within without would you your`.split(/\s+/),
);

/** Words that ask about time, so that the times of what is asked about are needed. */
export const ASKING_FOR_TIME: ReadonlySet<string> = new Set(
  `when date day days week weeks month months year years quarter hour hours time times since until before after during
  ago today yesterday recent recently latest earliest first last newest oldest current currently annual monthly daily
  yearly weekly long duration length per between`.split(/\s+/),
);

/** A Map, because an object would know words such as `constructor`. */
function byWord(rows: readonly Row[]): ReadonlyMap<string, string> {
  return new Map(rows.flatMap(([said, hints]) => said.split(' ').map((word) => [word, hints] as const)));
}
