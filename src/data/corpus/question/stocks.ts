/**
 * `word`: one of a short list. `name`: one of many, asked for whole or in part. `code`: of a coding system. `prose`: a
 * part of a longer text. `flag`: yes or no.
 */
export interface TextStock {
  sort: 'word' | 'name' | 'code' | 'prose' | 'flag';
  values: readonly string[];
  /** Of codes: what the vault calls them. */
  kind?: string | undefined;
  /** How some of the values end. */
  ends?: readonly string[] | undefined;
}

const list = (text: string): string[] => text.split(', ');
const word = (name: RegExp, values: string): Row => [name, { sort: 'word', values: list(values) }];
const code = (name: RegExp, kind: string, values: string): Row => [
  name,
  { sort: 'code', kind, values: list(values) },
];
const prose = (name: RegExp, values: string): Row => [name, { sort: 'prose', values: list(values) }];
const names = (name: RegExp, values: string, ends?: string): Row => [
  name,
  { sort: 'name', values: list(values), ends: ends === undefined ? undefined : list(ends) },
];
type Row = [RegExp, TextStock];

const DRUGS =
  'metformin, lisinopril, atorvastatin, insulin glargine, albuterol, warfarin, amoxicillin, furosemide';
const DISEASES =
  'hypertension, asthma, pneumonia, sepsis, heart failure, atrial fibrillation, migraine, anemia';
const PROCEDURES = 'appendectomy, colonoscopy, hip replacement, dialysis, skin biopsy, coronary angiography';
const TESTS = 'glucose, creatinine, hemoglobin, sodium, potassium, white blood cell count';
const SURNAMES = 'Smith, Jones, Garcia, Meyer, Okafor, Larsen, Robertson';

/** What a column of that name may hold, so that a value says something of its column. The first that fits counts. */
const STOCKS: readonly Row[] = [
  // Codes of coding systems come first: a `procedure code` holds no name.
  code(/\bicd ?9\b/, 'icd9', '410.71, 250.00, 401.9, 428.0, 584.9'),
  code(/\bicd\b|\b(diagnosis|condition|disease|cause|problem|event|site) code\b/, 'icd10', 'E11.9, I10, J18.9, N17.9, I50.9, C34.1'),
  code(/\b(cpt|hcpcs)\b|\b(procedure|operation|service) code\b/, 'cpt', '99213, 45378, 93000, 71046, 27447'),
  code(/\bloinc\b|\b(test|lab|analyte|component) code\b/, 'loinc', '2345-7, 718-7, 2160-0, 4548-4, 2951-2'),
  code(/\bndc\b|national drug/, 'ndc', '00093-1048-01, 00378-0018-05, 68180-0513-01'),
  code(/\b(drug|medication|medicine|rxnorm|vaccine) code\b/, 'key', '860975, 197361, 314076, 617311'),
  code(/\b(observation|finding|allergen|substance|organism|condition|concept) code\b|\bsnomed\b/, 'key', '38341003, 73211009, 195967001, 22298006'),
  code(/\bdrg( code)?$/, 'key', '470, 871, 291, 392'),
  code(/\brevenue (code|center)\b/, 'key', '0450, 0300, 0636, 0250'),
  word(/\bmodifier\b/, '25, 59, 76, LT, RT'),
  code(/\b(charge|billing) code\b/, 'key', '4500120, 4500233, 3017740'),
  code(/\bcost (center|centre)\b/, 'key', 'CC1040, CC2210, CC3075'),
  code(/\b(zip|postal|postcode)\b/, 'key', '02139, 60614, 73301, 98101'),
  word(/\bplace of (death|service)\b/, 'home, hospital, hospice'),
  word(/\bunits?\b.*\b(dose|drug)\b|\b(dose|drug|total|rate) units?\b/, 'mg, mL, mcg, units, g'),
  word(/\b(unit of measure|units?|uom)( of \w+| of the \w+)?$(?<!care unit)|\bunit (name|code)$/, 'mg, mL, mmol/L, mg/dL, units, g/dL'),
  // People and places.
  names(/\b(first|given|middle) ?name\b|forename/, 'Anna, James, Maria, Peter, Lena, Omar', 'a, ia, er'),
  names(/\b(last|family|maiden|second last) ?name\b|surname/, SURNAMES, 'son, er, sen'),
  names(/\b(city|town|village|municipality)\b/, 'Boston, Springfield, Dayton, Salem, Lakewood, Northfield', 'ton, field, ville'),
  names(/\b(county|district)\b/, 'Essex, Middlesex, Orange, Suffolk', 'sex, folk'),
  word(/(^|us|home|headquarters|patient|person|client|member|provider|doctor|physician|clinician|hospital|facility|organization|site|individual|subject) ?(state|province|region|state province)$/, 'Ohio, Texas, Maine, Ontario, Utah'),
  word(/\b(country|nationality)\b/, 'Canada, France, Norway, Brazil, Japan'),
  word(/\blanguage\b/, 'English, Spanish, French, Arabic'),
  word(/\bethnic/, 'hispanic, not hispanic, unknown'),
  word(/\brace\b/, 'asian, black, white, other'),
  word(/\b(gender|sex)\b/, 'F, M, U'),
  word(/\b(marital|civil) (status|state)\b/, 'married, single, divorced, widowed'),
  word(/\breligion\b/, 'catholic, muslim, jewish, none'),
  word(/\b(employment)\b/, 'employed, unemployed, retired, student'),
  word(/\b(occupation|profession|job title|position|job)\b/, 'nurse, technician, pharmacist, manager'),
  word(/\b(living situation|housing|lives with)\b/, 'alone, with family, nursing home'),
  word(/\b(alcohol|drinking)\b/, 'none, moderate, heavy'),
  word(/\b(smok|tobacco)/, 'current smoker, former smoker, never smoker'),
  word(/\b(relation|relative)\b/, 'mother, father, sister, brother'),
  word(/\b(specialty|speciality|discipline|field of medicine)\b/, 'cardiology, oncology, radiology, general surgery, pediatrics'),
  // Stays.
  word(/\b(care ?unit|first unit|last unit|ward)\b/, 'MICU, SICU, CCU, NICU, TSICU'),
  word(/\b(current|previous|curr|prev|hospital) service\b/, 'MED, SURG, CMED, TRAUM, NMED'),
  word(/\b(visit|encounter|patient|stay) (type|class|category|kind)\b|\b(kind|type|class) of (visit|stay|encounter)\b/, 'inpatient, outpatient, emergency, telehealth'),
  word(/\badmission type\b|\btype of admission\b/, 'elective, urgent, emergency, newborn'),
  word(/\b(admission|admit) (source|location)\b|\b(admitted|admission) from\b/, 'emergency room, clinic referral, transfer, home'),
  word(/\bdischarge|disposition\b/, 'home, skilled nursing facility, hospice, transferred'),
  word(/\b(arrival|transport|way of arrival|mode of arrival)\b/, 'ambulance, walk in, helicopter, car'),
  word(/\b(triage|acuity)\b/, '1, 2, 3, 4, 5'),
  names(/\b(complaint|reason for the visit)\b(?<!text)/, 'chest pain, fever, shortness of breath, abdominal pain, back pain', 'pain, breath'),
  // Ways, states and grades.
  word(/\b(dose|dosage|drug) form\b/, 'tablet, capsule, injection, cream'),
  word(/\b(route|way of administration)\b/, 'oral, intravenous, subcutaneous, topical'),
  word(/\bfrequency|how often\b/, 'daily, twice daily, as needed, every 6 hours'),
  word(/\b(priority|urgency)\b/, 'routine, urgent, stat'),
  word(/\b(severity|criticality|harm)\b/, 'mild, moderate, severe'),
  word(/\b(claim) status|status of the claim\b/, 'paid, denied, pending, submitted'),
  word(/\b(appointment|booking) status\b/, 'booked, completed, cancelled, no show'),
  word(/\breferral status\b/, 'pending, accepted, rejected'),
  word(/\b(visit|encounter) (status|state)|state of the visit\b/, 'planned, arrived, in progress, finished'),
  word(/\b(observation|result) status\b/, 'preliminary, final, corrected'),
  word(/\b(administration) status\b/, 'given, held, refused, missed'),
  word(/\b(order|prescription) status|status of the order\b/, 'active, completed, cancelled'),
  word(/\b(plan status)\b/, 'draft, active, completed, revoked'),
  word(/\bvital status|alive or dead\b/, 'alive, dead, unknown'),
  word(/\b(ticket|task|job|project) status\b/, 'open, in progress, closed'),
  word(/\b(cancer|tumor|disease)? ?stage\b/, 'I, II, III, IV'),
  word(/\b(tumor )?grade\b/, 'low, intermediate, high'),
  word(/^(status|clinical status|condition status)$/, 'active, completed, cancelled, inactive'),
  word(/\b(outcome|how it ended)\b/, 'recovered, improved, unchanged, fatal'),
  word(/\b(interpretation|sensitivity|resistance)\b/, 'S, I, R'),
  word(/\bwound\b/, 'clean, contaminated, dirty'),
  word(/\basa\b/, '1, 2, 3, 4'),
  word(/\banesthesia\b/, 'general, local, spinal'),
  word(/\bmodality|kind of imaging|imaging type\b/, 'CT, MRI, ultrasound, X-ray'),
  word(/\b(body (part|site)|part of the body|anatomy)\b/, 'chest, abdomen, head, knee'),
  word(/\blaterality|body side\b/, 'left, right, bilateral'),
  word(/\bspecimen|sample|type of sample\b/, 'blood, urine, serum, swab, tissue'),
  word(/\bventilation mode|mode of ventilation\b/, 'assist control, pressure support, SIMV'),
  word(/\b(fluid)\b/, 'normal saline, lactated Ringer, dextrose'),
  word(/\boutput (type)|kind of output\b/, 'urine, drain, stool'),
  word(/\bnote (type|category)|kind of note\b/, 'discharge summary, progress note, radiology report'),
  word(/\bconsent type|kind of consent\b/, 'surgery, research, anesthesia'),
  word(/\bdelivery|kind of delivery\b/, 'vaginal, cesarean, assisted'),
  word(/\bpregnancy outcome\b/, 'live birth, stillbirth, miscarriage'),
  word(/\bblood (group|type)\b/, 'A, B, AB, O'),
  word(/\bkind of product|product type\b/, 'red cells, plasma, platelets'),
  word(/\bdiet\b/, 'regular, diabetic, low sodium'),
  word(/\bphase\b/, 'I, II, III'),
  word(/\b(study|treatment) arm|arm$/, 'treatment, control, placebo'),
  word(/\bdenial|denied\b/, 'not covered, duplicate claim, missing authorization'),
  word(/\bclaim type|type of claim\b/, 'professional, institutional, pharmacy'),
  word(/\bpayment method|way of payment|^method$/, 'check, cash, card'),
  word(/\b(plan type|type of plan)\b/, 'HMO, PPO, EPO'),
  word(/\b(payer|insurer) type|type of insurer|kind of payer\b/, 'commercial, government, self pay'),
  word(/\binsurance( type)?$|\btype of insurance\b/, 'Medicare, Medicaid, Private, Self pay'),
  word(/\bbed type|kind of bed\b/, 'standard, intensive care, isolation'),
  word(/\bshift type|kind of shift\b/, 'day, evening, night'),
  word(/\bkind of leave|leave type\b/, 'sick, vacation, parental'),
  word(/\bcontract type|kind of contract\b/, 'service, lease, supply'),
  word(/\bcontrol level\b/, 'low, normal, high'),
  word(/\bsegment\b/, 'retail, corporate, public'),
  word(/\bsemester|term$/, 'spring, summer, fall'),
  word(/\breaction( to it)?$/, 'rash, hives, anaphylaxis, nausea'),
  // Prose.
  prose(/\b(note|comments?|report|remark|narrative)( text)?$|\btext of the (note|report)\b/, 'no acute distress, follow up, fall risk, stable'),
  prose(/\b(directions|instructions)\b/, 'with food, at bedtime, as needed'),
  prose(/\bgoal|aim\b/, 'weight loss, pain control, mobility'),
  prose(/\breason\b/, 'pain, follow up, transfer, bed needed'),
  // Names of things.
  names(/\b(organism|germ|bacterium|bacteria)\b/, 'Escherichia coli, Staphylococcus aureus, Klebsiella pneumoniae', 'coli, aureus'),
  names(/\b(antibiotic|antibacterial)\b/, 'ciprofloxacin, vancomycin, gentamicin, oxacillin', 'mycin, floxacin, cillin'),
  names(/\b(vaccine|immunization)\b/, 'influenza, hepatitis B, tetanus, pneumococcal', 'B'),
  names(/\b(allergen|substance)\b/, 'penicillin, peanuts, latex, sulfonamides', 'cillin, nuts'),
  names(/\b(drug|medication|medicine|ingredient)\b/, DRUGS, 'statin, pril, cillin, formin'),
  names(/\b(diagnosis|condition|disease|problem|side effect|complication|cause|tumor site|primary site)\b/, DISEASES, 'emia, itis, failure'),
  names(/\b(procedure|operation|intervention)\b/, PROCEDURES, 'ectomy, oscopy, biopsy'),
  names(/\b(test|analyte|component|observation|finding|measurement|lab)\b/, TESTS, 'count, globin'),
  names(/\b(device|implant)\b/, 'infusion pump, cardiac monitor, ventilator, insulin pump', 'pump, monitor'),
  names(/\b(pharmacy|drugstore)\b/, 'Main Street Pharmacy, Corner Drugs, Lakeside Pharmacy', 'Pharmacy, Drugs'),
  names(/\b(payer|insurer|insurance company|plan)\b/, 'Medicare, Medicaid, Blue Shield, Aetna', 'Shield, care'),
  names(/\b(facility|hospital|organization|site of care|care site|site)\b/, 'General Hospital, Lakeside Clinic, Mercy Hospital', 'Hospital, Clinic'),
  names(/\b(department|division|unit|ward|service unit)\b/, 'cardiology, oncology, radiology, emergency department', 'ology, department'),
  names(/\b(provider|doctor|physician|clinician|customer)\b/, SURNAMES, 'son, er, sen'),
  names(/\b(study|trial)\b/, 'Heart Failure Study, Asthma Trial, Sleep Study', 'Study, Trial'),
  names(/\b(supplier|vendor|sponsor)\b/, 'Medline, Northstar Supply, Apex Medical', 'Supply, Medical'),
  names(/\b(item|article|product|supply)\b/, 'surgical gloves, syringes, face masks, gauze', 'gloves, masks'),
  names(/\b(asset|equipment|instrument)\b/, 'ultrasound scanner, patient monitor, centrifuge', 'scanner, monitor'),
  names(/\b(course|training)\b/, 'basic life support, infection control, fire safety', 'safety, control'),
  names(/\b(survey|questionnaire)\b/, 'pain survey, sleep questionnaire, intake form', 'survey, form'),
  names(/\bproject\b/, 'ward renovation, record migration, bed planning', 'planning, migration'),
  names(/\b(warehouse|depot)\b/, 'Central Store, North Depot', 'Store, Depot'),
]; // prettier-ignore

/** Words that say that a column names something, and not what. */
const BARE = /^(name|label|title|description|full name|short name|long title|name of the \w+)$/;

/**
 * Texts for a column; undefined if its words suggest none.
 * @param phrase what people call the column
 * @param words what its name says
 * @param subject what people call the rows of its table
 */
export function stockOf(phrase: string, words: string, subject: string): TextStock | undefined {
  const find = (text: string): TextStock | undefined => STOCKS.find(([name]) => name.test(text))?.[1];
  if (BARE.test(phrase)) return find(subject);
  return find(phrase) ?? (BARE.test(words) ? find(subject) : find(words));
}
