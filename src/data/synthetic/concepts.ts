/**
 * The things that invented schemas are about, with their attributes and references, before tables and columns are
 * named. Each line reads `noun|synonym: attribute:type|synonym, … > reference, role=reference?, …`. A `?` marks an
 * optional reference; the role is what its column calls the referenced row.
 * Types: d date, t date and time, s text, c code, b flag, i whole number, n decimal, m money, x long text, y year.
 */
const CLINICAL = `
patient|client: last name:s|surname, first name:s|given name, birth date:d|date of birth, sex:c|gender, city:s, postal code:c|zip code, deceased flag:b, preferred language:c, height:n, weight:n > primary provider=provider?, mother=patient?
provider|clinician: last name:s|surname, specialty:c, licence number:c, hire date:d, active flag:b, birth year:y > department?, supervisor=provider?
department|unit: department name:s|title, floor:i, bed count:i, phone extension:c, opened date:d > facility, parent department=department?
facility|site: facility name:s|title, city:s, region:c, bed capacity:i, accreditation date:d
visit|encounter: start time:t|arrival time, end time:t|departure time, visit type:c, visit status:c|state, length of stay:i, urgent flag:b > patient, attending provider=provider?, referring provider=provider?, department?, previous visit=visit?
admission|inpatient stay: admission date:t|admit date, discharge date:t, admission source:c, discharge disposition:c, total charge:m > patient, facility?, admitting provider=provider?
diagnosis|condition: diagnosis code:c, onset date:d, resolution date:d, severity:c, chronic flag:b, rank:i > patient, visit?, recording provider=provider?
procedure|operation: procedure code:c, procedure date:t, duration minutes:i, anesthesia type:c, outcome:c > patient, visit?, performing provider=provider?
medication order|prescription: drug name:s|medication name, dose:n, dose unit:c, start date:d, stop date:d|end date, refill count:i, route:c > patient, prescribing provider=provider?, visit?
dispense|dispensing: dispense date:d, quantity:n|amount dispensed, days supply:i, unit price:m > medication order, pharmacy?
pharmacy|drugstore: pharmacy name:s|title, city:s, chain flag:b
lab order|laboratory order: order date:t, priority:c, order status:c > patient, ordering provider=provider?, visit?
lab result|test result: test name:s, result value:n|measured value, unit:c, lower limit:n, upper limit:n, abnormal flag:b, result date:t > lab order, patient
specimen|sample: specimen type:c, collection date:t, received date:t, volume:n > lab order?, patient
vital sign|vital measurement: measured time:t, systolic pressure:i, diastolic pressure:i, heart rate:i|pulse, temperature:n, oxygen saturation:n > visit, patient
allergy|intolerance: substance:s|allergen, reaction:s, severity:c, noted date:d > patient
immunization|vaccination: vaccine code:c, vaccination date:d|administration date, dose number:i, lot number:c > patient, administering provider=provider?
appointment|booking: scheduled time:t, duration minutes:i, appointment status:c, cancellation reason:s, no show flag:b > patient, provider?, department?
referral|referral request: referral date:d, reason:s, referral status:c, approved flag:b > patient, from provider=provider, to provider=provider?
claim|insurance claim: service date:d, billed amount:m, allowed amount:m, paid amount:m, claim status:c, denial code:c > patient, payer?, visit?, billing provider=provider?
claim line|claim item: line amount:m, units:i, revenue code:c, modifier:c > claim
payer|insurer: payer name:s|title, payer type:c, contract date:d
coverage|insurance policy: start date:d, end date:d, plan type:c, deductible:m, copay:m > patient, payer
bed|bed place: bed label:c, bed type:c, isolation flag:b > department
transfer|bed transfer: transfer time:t, reason:c > visit, from department=department?, to department=department
imaging study|scan: modality:c, study date:t, body part:c, image count:i, radiation dose:n > patient, visit?, reading provider=provider?
surgery|surgical case: start time:t, end time:t, blood loss:n, wound class:c, cancelled flag:b > patient, surgeon=provider, assistant=provider?
clinical note|document: written time:t|note time, note type:c, note text:x, signed flag:b, word count:i > visit?, patient, author=provider?
care plan|treatment plan: start date:d, end date:d, goal:s, plan status:c > patient, coordinator=provider?
device|medical device: device name:s, serial number:c, purchase date:d, purchase price:m, warranty end date:d > department?
device use|device assignment: start time:t, end time:t, reading count:i > device, patient
infusion|drip: start time:t, end time:t, rate:n, volume:n, fluid:c > visit, medication order?
consent|consent form: signed date:d, consent type:c, revoked flag:b > patient
death|death record: death date:d, cause code:c, autopsy flag:b > patient
family history|family condition: relation:c, condition code:c, onset age:i > patient
smoking history|tobacco record: pack years:n, smoking status:c, quit date:d, recorded date:d > patient
study|trial: study name:s|title, phase:c, start date:d, end date:d, target enrollment:i > sponsor?, principal investigator=provider?
sponsor|study sponsor: sponsor name:s|title, country:c
enrollment|study participation: enrollment date:d, withdrawal date:d, arm:c, screening number:c > study, patient
adverse event|side effect: onset date:d, severity:c, serious flag:b, outcome:c > enrollment?, patient
questionnaire|survey: questionnaire name:s|title, version number:i, item count:i
questionnaire response|survey answer: answered date:t, total score:i, completed flag:b > questionnaire, patient
pregnancy|gestation: due date:d, outcome:c, gestation weeks:i > patient
birth|delivery: birth time:t, birth weight:n, delivery mode:c, apgar score:i > mother=patient, midwife=provider?, pregnancy?
meal order|diet order: meal date:d, diet code:c, calories:i > visit
isolation|isolation episode: start date:d, end date:d, organism:s > patient, department?
blood unit|blood product: product code:c, blood group:c, donation date:d, expiry date:d, volume:n
transfusion|blood transfusion: start time:t, end time:t, reaction flag:b > patient, blood unit
`;

const OPERATIONS = `
employee|staff member: last name:s|surname, hire date:d, leave date:d, job title:s, salary:m, active flag:b, birth date:d|date of birth > department?, manager=employee?
department|division: department name:s|title, cost center:c, budget:m, opened date:d > parent department=department?
shift|work shift: start time:t, end time:t, overtime hours:n, shift type:c > employee, department?
supplier|vendor: supplier name:s|title, country:c, rating:n, contract date:d
item|article: item name:s, category:c, unit price:m, reorder level:i, discontinued flag:b > preferred supplier=supplier?
stock|inventory: quantity on hand:i, counted date:d, expiry date:d, lot number:c > item, warehouse
warehouse|store: warehouse name:s|title, city:s, capacity:i
purchase order|supply order: order date:d, delivery date:d, total amount:m, order status:c > supplier, requester=employee?, approver=employee?
purchase order line|order line: quantity:i, unit price:m, discount:n > purchase order, item
vehicle|ambulance: plate number:c, model year:y, mileage:i, purchase date:d > depot=warehouse?
trip|ride: departure time:t, arrival time:t, distance:n, priority:c > vehicle, driver=employee?
asset|equipment: asset name:s, serial number:c, purchase date:d, purchase price:m > department?, parent asset=asset?
maintenance|service job: planned date:d, done date:d, cost:m, job status:c > asset, technician=employee?
course|training: course name:s|title, credit hours:n, mandatory flag:b
attendance|course attendance: attended date:d, score:n, passed flag:b > course, employee
room|office: room number:c, floor:i, area:n, seats:i > department?
complaint|grievance: received date:d, closed date:d, severity:c, complaint text:x > department?, handler=employee?
customer|account: customer name:s|title, city:s, segment:c, credit limit:m, created date:d > referrer=customer?
invoice|bill: invoice date:d, due date:d, total amount:m, paid flag:b, tax amount:m > customer
payment|receipt: payment date:d, amount:m, method:c > invoice
contract|agreement: start date:d, end date:d, yearly value:m, contract type:c > customer?, owner=employee?
ticket|support ticket: opened time:t, closed time:t, priority:c, ticket status:c > customer?, assignee=employee?
project|initiative: project name:s|title, start date:d, end date:d, budget:m, project status:c > department?, lead=employee?
task|work item: due date:d, done date:d, effort hours:n, task status:c > project, assignee=employee?, parent task=task?
incident|safety incident: occurred time:t, reported time:t, harm level:c, lost days:i > department?, reporter=employee?
student|pupil: last name:s|surname, birth date:d|date of birth, enrolled date:d, grade point average:n
class|lecture: term:c, seats:i, start date:d > course, teacher=employee?
grade|mark: graded date:d, points:n, final flag:b > class, student
`;

export type AttributeType = 'd' | 't' | 's' | 'c' | 'b' | 'i' | 'n' | 'm' | 'x' | 'y';

export interface ConceptAttribute {
  words: string;
  type: AttributeType;
  synonyms: string[];
}

export interface ConceptReference {
  concept: string;
  /** What the referring column is named after; by default the concept's noun. */
  role: string;
  optional: boolean;
}

export interface Concept {
  noun: string;
  synonyms: string[];
  attributes: ConceptAttribute[];
  references: ConceptReference[];
}

export type Domain = 'clinical' | 'operations';

const CATALOGUES: Record<Domain, Concept[]> = {
  clinical: parse(CLINICAL),
  operations: parse(OPERATIONS),
};

export function conceptsOf(domain: Domain): readonly Concept[] {
  return CATALOGUES[domain];
}

function parse(text: string): Concept[] {
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [head = '', rest = ''] = splitOnce(line, ': ');
      const [attributes = '', references = ''] = splitOnce(rest, ' > ');
      const [noun = '', ...synonyms] = head.split('|');
      return {
        noun,
        synonyms,
        attributes: attributes.split(', ').map(parseAttribute),
        references: references === '' ? [] : references.split(', ').map(parseReference),
      };
    });
}

function splitOnce(text: string, mark: string): string[] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + mark.length)];
}

function parseAttribute(text: string): ConceptAttribute {
  const [named = '', ...synonyms] = text.split('|');
  const [words = '', type = 's'] = named.split(':');
  return { words, type: type as AttributeType, synonyms };
}

function parseReference(text: string): ConceptReference {
  const optional = text.endsWith('?');
  const plain = optional ? text.slice(0, -1) : text;
  const [role = '', concept = role] = plain.split('=');
  return { concept, role, optional };
}
