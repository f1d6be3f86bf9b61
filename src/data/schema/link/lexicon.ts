/** What the words of questions hint at; what names mean is in ../words/. */

/** Verbs and adjectives that say the same as a noun: who died is in the table of deaths. */
export const SAME_AS: ReadonlyMap<string, string> = byWord({
  die: 'death', dies: 'death', died: 'death', dead: 'death', deceased: 'death', alive: 'death', survived: 'death',
  fitted: 'device', implanted: 'device',
}); // prettier-ignore

/**
 * Words that a word of a question hints at: a question about who is old needs a birth date. Keys are single words,
 * values one or more; all are stemmed before use.
 */
export const RELATED: ReadonlyMap<string, string> = byWord({
  age: 'birth', aged: 'birth age', old: 'birth age', older: 'birth age', oldest: 'birth age', young: 'birth age',
  younger: 'birth age', youngest: 'birth age', born: 'birth', newborn: 'birth', birthday: 'birth', adult: 'birth age',
  child: 'birth', dob: 'birth date', children: 'birth', elderly: 'birth age', pediatric: 'birth', minor: 'birth',
  senior: 'birth', female: 'gender sex', male: 'gender sex', woman: 'gender sex', women: 'gender sex', man: 'gender sex',
  men: 'gender sex', sex: 'gender', gender: 'sex', girl: 'gender sex', boy: 'gender sex', married: 'marital',
  unmarried: 'marital', widowed: 'marital', divorced: 'marital', speak: 'language', speaks: 'language',
  speaking: 'language', died: 'death expire', die: 'death expire', dead: 'death expire', death: 'expire deceased',
  deceased: 'death expire', mortality: 'death expire', alive: 'death expire', survived: 'death expire', passed: 'death', living: 'death',
  killed: 'death', admitted: 'admission', admit: 'admission', hospitalized: 'admission hospital',
  hospitalised: 'admission hospital', discharged: 'discharge',   prescribed: 'prescription drug medication', prescribe: 'prescription drug medication', taking: 'drug medication',
  took: 'drug medication', drug: 'medication',   medication: 'drug', medicine: 'drug medication',       intake: 'input', infused: 'infusion input', infusion: 'input', drip: 'infusion input',
  vaccinated: 'immunization vaccine', vaccine: 'immunization', vaccination: 'immunization', urine: 'output',
  drain: 'output', drainage: 'output', diagnosed: 'diagnosis condition',
  diagnosis: 'condition', diagnose: 'diagnosis condition', disease: 'condition diagnosis',
  illness: 'condition diagnosis', condition: 'diagnosis', suffering: 'diagnosis condition',
  suffer: 'diagnosis condition', suffered: 'diagnosis condition', symptom: 'condition diagnosis',
  lab: 'laboratory', laboratory: 'lab', tested: 'lab measurement microbiology',   measured: 'measurement observation vital chart',
      reading: 'measurement observation vital chart', charted: 'observation measurement vital chart', left: 'discharge visit end', leave: 'discharge visit end',
  leaving: 'discharge visit end', seen: 'visit encounter',
  recorded: 'observation', pressure: 'vital measurement observation chart',
  heart: 'vital measurement observation chart', pulse: 'vital measurement observation chart',
  respiratory: 'vital measurement observation chart', temperature: 'vital measurement observation chart',
  spo2: 'vital measurement observation chart', sao2: 'vital measurement observation chart',
  saturation: 'vital measurement observation chart', bp: 'vital measurement observation chart',
        specimen: 'microbiology', culture: 'microbiology', swab: 'microbiology', organism: 'microbiology',
  microbiological: 'microbiology', doctor: 'provider', physician: 'provider', clinician: 'provider',
  visited: 'visit encounter', visit: 'encounter', encounter: 'visit', stay: 'visit admission encounter',
  stayed: 'stay visit admission encounter', icu: 'icu intensive stay', intensive: 'icu',
  ward: 'ward unit transfer', careunit: 'unit care transfer', transferred: 'transfer',
  insured: 'insurance payer', insurer: 'payer', paid: 'payment', pay: 'payment paid', billed: 'charge claim',
  bill: 'charge claim', cost: 'charge', patient: 'person', person: 'patient', people: 'person patient',   address: 'location', live: 'address city location', hospital: 'facility', operated: 'procedure',
  operation: 'procedure', surgery: 'procedure', undergone: 'procedure', underwent: 'procedure', undergo: 'procedure',
  scan: 'imaging', mri: 'imaging', xray: 'imaging', implanted: 'device', allergic: 'allergy',
  when: 'date time', day: 'date', daily: 'date', weekly: 'date', month: 'date', monthly: 'date', year: 'date',
  yearly: 'date', annual: 'date', quarter: 'date', week: 'date', hour: 'time', recent: 'date', latest: 'date', newest: 'date',
  earliest: 'date', since: 'date', ago: 'date', long: 'start end', duration: 'start end', length: 'start end', lasted: 'start end',
  ended: 'end stop', started: 'start', stopped: 'stop end', began: 'start', begin: 'start', finish: 'end', called: 'name',
  named: 'name', mrn: 'medical record number', zip: 'postal', postal: 'zip', abnormal: 'range flag', weigh: 'weight',
  tall: 'height',
}); // prettier-ignore

/** Words that hint at something less surely: many questions use them for something else. */
export const WEAKLY_RELATED: ReadonlyMap<string, string> = byWord({ level: 'lab laboratory measurement observation', levels: 'lab laboratory measurement observation', value: 'lab laboratory measurement observation chart', values: 'lab laboratory measurement observation chart', readings: 'measurement observation vital chart', done: 'procedure', got: 'drug medication procedure', gets: 'drug medication procedure', getting: 'drug medication procedure', stays: 'visit end', took: 'end', maximum: 'lab laboratory measurement chart', minimum: 'lab laboratory measurement chart', average: 'lab laboratory measurement chart', mean: 'lab laboratory measurement chart', highest: 'lab laboratory measurement chart', lowest: 'lab laboratory measurement chart', test: 'lab laboratory measurement', tests: 'lab laboratory measurement',  volume: 'output', unit: 'ward', dose: 'drug medication', take: 'drug medication', taken: 'drug medication', given: 'drug medication administration input device', received: 'drug medication administration input', receive: 'drug medication administration input', administered: 'drug medication administration input', produced: 'output', who: 'patient person', whose: 'patient person', fluid: 'input', route: 'drug medication', dosage: 'dose drug medication' }); // prettier-ignore

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
function byWord(entries: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(entries));
}
