import { singularOf } from '../../data/values/fold.js';

/** Words by what they say about whether a database can answer; written for this program, from what people ask. */

function list(words: string): ReadonlySet<string> {
  return new Set(words.trim().split(/\s+/));
}

function singulars(words: string): ReadonlySet<string> {
  return new Set([...list(words)].map(singularOf));
}

/**
 * Things that a schema has or lacks. A question that names one needs it: if no table, column or synonym does, the
 * question cannot be answered. Plurals are listed where they differ by more than an `s`.
 */
export const THINGS = list(`
  appointment schedule timetable booking reservation shift rota agenda meeting
  phone telephone fax email website webpage url contact guardian kin parent mother father mom dad spouse wife husband
  relative family families sibling brother sister son daughter caregiver companion carer friend visitor neighbour neighbor
  doctor dr physician nurse surgeon specialist clinician staff employee manager volunteer operator receptionist requester
  department bed parking cafeteria pharmacy building floor wing elevator entrance route directions path distance
  hotel restaurant flight airline airport train bus taxi vehicle car truck tractor bicycle ship vessel boat ticket
  weather forecast rainfall news article journal newspaper paper publication magazine video movie film music song album artist band
  game football soccer basketball team player coach league tournament goalkeeper book novel author publisher library
  document form copy photocopy transcript consent agreement certificate signature permit licence license passport contract guideline
  protocol regulation law lawyer court tax election vote party parliament president
  requirement restriction limitation limit standard criteria rule instruction manual handbook brochure
  company companies firm corporation enterprise startup salary wage payroll bonus budget revenue profit stock inventory warehouse shipment supplier manufacturer vendor brand
  distributor retailer customer catalog coupon discount currency exchange deposit loan mortgage refund
  reimbursement insurance coverage premium subscription invoice bill payment account password username login website
  software hardware computer server printer network algorithm app application model
  color colour shape flavor flavour taste smell packaging
  precaution contraindication interaction indication mechanism effect effectiveness efficacy prognosis
  survival recommendation advice suggestion alternative remedy remedies antidote cure
  antibiotic antihistamine opioid opiate sedative painkiller analgesic antidepressant anticancer chemotherapy stimulant
  scan mri ultrasound xray radiograph imaging endoscopy colonoscopy gene genetic genome dna sequencing biopsy
  allergy allergies vaccine immunization vaccination quarantine isolation lockdown donor donation
  diet meal menu food recipe restaurant exercise sport gym hobby hobbies smoker alcohol tobacco
  occupation job profession education school university degree major majors course curriculum semester diploma income religion nationality citizenship
  height weight bmi handedness eyesight
  satisfaction complaint feedback survey rating review opinion preference
  package delay queue waiting wait agreement equipment supply machine spare battery batteries
  animal pet dog cat horse cow sheep plant tree flower farm crop harvest garden
  country countries continent capital mountain river ocean island planet star galaxy
  latitude longitude altitude coordinates zip postcode
`);

/**
 * Things of other fields, and what people are like: no part of the name of a drug, a test or a diagnosis, however long the
 * name is.
 */
export const FOREIGN = list(`
  parcel courier cargo freight mailbox store shop shopping sale seller selling buyer merchandise shipping shipped
  click clicked button browser pixel download streaming follower tweet hashtag blog podcast
  hotel restaurant flight airline airport tourist luggage speed mileage fuel stadium goalkeeper championship
  movie film song concert orchestra poem lesson teacher pupil homework classroom
  bakery pizza recipe furniture carpet dividend investor broker bitcoin euro
  friendly friendliness friendlier friendliest polite rude nice nicer nicest helpful honest handsome pretty beautiful ugly
  clever lazy funny cheerful charming competent trustworthy attentive unfriendly impolite grumpy
`);

/** Clinical things by one word, and how such words end: a question that has one asks about care. */
export const CLINICAL = singulars(`
  culture swab smear stain gas panel urinalysis xray radiograph ultrasound sonogram mri ct ecg ekg eeg echo echocardiogram
  mammogram angiogram biopsy transfusion dialysis intubation ventilation catheter stent suture infusion injection
  fever pain cough rash headache nausea sepsis stroke cancer tumor tumour diabetes asthma pneumonia infection
  fracture wound ulcer bleed bleeding abscess seizure allergy allergic pregnancy covid flu influenza hiv
  vaccine vaccination immunization immunisation antibiotic insulin heparin opioid steroid chemotherapy chemo radiotherapy
  blood urine sputum stool plasma serum saliva csf
`);

/** Words about what will be or should be. A database holds what was recorded. */
export const AHEAD = list(`
  will shall should must ought upcoming scheduled planned planning expected forthcoming tomorrow soon forecast predict
  prediction likely plan plans planning recommend recommended advised suggest necessary allowed permitted
  prohibited
`);

/** What a question may begin with that asks for a deed, not for data. */
export const ORDERS =
  list(`arrange call play develop design build write invent remind book cancel cluster train
  predict draw compose buy sell send open close turn`);

/** One-word terms of the field's lexicon that questions also use in other senses. */
export const AMBIGUOUS = list(`
  address admitted agent amount balance begin birthday born bp category cause city class client clinic comment
  condition contract culture demographic department description diastolic died directions discharged discipline
  disease disorder document dosage dose drip encounter end equipment exam examination expiration expiry facility
  fill finding finish frequency from group hadm height history hospital house household illness implant
  individual institution instructions job kind label location login los mail material measurement member move
  name note number observation onset operation order organization patient people person place plan policy
  problem pulse quantity reading reason record reference relation relationship remark request result sample scan
  schedule service shot sig site start state status stay stop study subject sum supplies systolic tall
  temperature term test therapy total town treatment type unit until uom use user value visit weight
`);
