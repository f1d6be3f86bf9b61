/** What the words of questions hint at; what names mean is in ../words/. */

/**
 * Words that a word of a question hints at: a question about who is old needs a birth date. Keys are single words,
 * values one or more; all are stemmed before use.
 */
export const RELATED: ReadonlyMap<string, string> = byWord({
  age: 'birth', aged: 'birth', old: 'birth', older: 'birth', oldest: 'birth', young: 'birth', younger: 'birth',
  youngest: 'birth', born: 'birth', newborn: 'birth', birthday: 'birth', adult: 'birth', child: 'birth', dob: 'birth date',
  children: 'birth', elderly: 'birth', pediatric: 'birth', minor: 'birth', senior: 'birth',
  female: 'gender sex', male: 'gender sex', woman: 'gender sex', women: 'gender sex', man: 'gender sex',
  men: 'gender sex', sex: 'gender', gender: 'sex', girl: 'gender sex', boy: 'gender sex',
  died: 'death', die: 'death', dead: 'death', deceased: 'death', mortality: 'death', alive: 'death', killed: 'death',
  admitted: 'admission', admit: 'admission', hospitalized: 'admission hospital', hospitalised: 'admission hospital',
  discharged: 'discharge', prescribed: 'prescription drug medication', prescribe: 'prescription drug medication',
  taking: 'drug medication', took: 'drug medication', drug: 'medication', medication: 'drug',
  medicine: 'drug medication', vaccinated: 'immunization vaccine', vaccine: 'immunization', vaccination: 'immunization',
  diagnosed: 'diagnosis condition', diagnosis: 'condition', diagnose: 'diagnosis condition', disease: 'condition diagnosis',
  illness: 'condition diagnosis', condition: 'diagnosis', lab: 'laboratory', laboratory: 'lab', tested: 'lab measurement',
  measured: 'measurement', doctor: 'provider', physician: 'provider', clinician: 'provider',
  visited: 'visit encounter', visit: 'encounter', encounter: 'visit', stay: 'visit admission', insured: 'insurance payer',
  insurer: 'payer', paid: 'payment', pay: 'payment paid', billed: 'charge claim', bill: 'charge claim', cost: 'charge',
  patient: 'person', person: 'patient', people: 'person patient', address: 'location', live: 'address city location',
  hospital: 'facility', operated: 'procedure', operation: 'procedure', surgery: 'procedure', allergic: 'allergy',
  when: 'date time', day: 'date', daily: 'date', weekly: 'date', month: 'date', monthly: 'date', year: 'date',
  yearly: 'date', annual: 'date', quarter: 'date', week: 'date', hour: 'time', recent: 'date', latest: 'date', newest: 'date',
  earliest: 'date', since: 'date', ago: 'date', long: 'start end', duration: 'start end', length: 'start end', lasted: 'start end',
  ended: 'end stop', started: 'start', stopped: 'stop end', began: 'start', begin: 'start', finish: 'end', called: 'name',
  named: 'name', mrn: 'medical record number', zip: 'postal', postal: 'zip', abnormal: 'range', weigh: 'weight', tall: 'height',
}); // prettier-ignore

/** Words that do not help to find a column. */
export const STOP_WORDS: ReadonlySet<string> = new Set(
  `a about all an and any are as at be been by can did do does each every find for from get give had has have having
  here how i in into is it its list many me more most much my of on or our out over per please return she he show so
  than that the their them then there these they this those to under up us was we were what where which who whom
  whose will with within without would you your`.split(/\s+/),
);

/** A Map, because an object would know words such as `constructor`. */
function byWord(entries: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(entries));
}
