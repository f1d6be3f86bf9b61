/** Healthcare vocabulary: the part of the linker that knows the field. */

/** Abbreviations in identifiers, and what they stand for. */
export const IDENTIFIER_ABBREVIATIONS: ReadonlyMap<string, string> = byWord({
  addr: 'address', adm: 'admission', admit: 'admission', admt: 'admission', amt: 'amount', appt: 'appointment',
  avg: 'average', cd: 'code', cnt: 'count', desc: 'description', descr: 'description', dept: 'department',
  diag: 'diagnosis', disch: 'discharge', dob: 'birth date', dod: 'death date', doc: 'document', dt: 'date',
  dttm: 'date time', dur: 'duration', dx: 'diagnosis', ed: 'emergency', enc: 'encounter', end: 'end', enr: 'enrollment',
  fac: 'facility', freq: 'frequency', hadm: 'hospital admission', hosp: 'hospital', ht: 'height', icu: 'intensive care',
  ident: 'identifier', ins: 'insurance', itm: 'item', lang: 'language', loc: 'location', los: 'length stay',
  med: 'medication', meds: 'medication', mrn: 'medical record number', nbr: 'number', nm: 'name', no: 'number',
  npi: 'national provider identifier', num: 'number', obs: 'observation', org: 'organization', pat: 'patient',
  patid: 'patient id', pct: 'percent', pers: 'person', phys: 'physician', prov: 'provider', proc: 'procedure', pt: 'patient',
  px: 'procedure', qty: 'quantity', rec: 'record', ref: 'reference', res: 'result', rx: 'prescription', sched: 'schedule',
  seq: 'sequence', spec: 'specimen', src: 'source', ssn: 'social security number', stat: 'status', tel: 'telephone',
  tm: 'time', txt: 'text', typ: 'type', uom: 'unit measure', val: 'value', vis: 'visit', wt: 'weight', yr: 'year',
}); // prettier-ignore

/** Words that identifiers run together without a separator: `admittime`, `encounterid`. */
export const COMPOUND_PARTS: ReadonlySet<string> = new Set(
  `address admin admission admit allergy amount birth care charge chart city claim code comment concept cost country count
  covered date death department desc description diagnosis disch dispense drug ed emar encounter end enrollment entry
  event events expire facility family fee flag gender group hosp icd icu id in income inpatient input inputs insurance item items
  lab last line lookup marital med method modifier name note number obs observation order org organization out output
  pat patient payer payment pharmacy place plan prefix prescribing prescription procedure procedures provider
  quantity reason reg referral report result route schedule sequence service services site source start state status
  stay stays stop store subject supervising support system text time times title transaction transactions transfer type unit
  unit units uncovered utilization value visit zip`.split(/\s+/),
);

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
