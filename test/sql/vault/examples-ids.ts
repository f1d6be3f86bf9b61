/** IDs, keys, phone numbers and codes, in the notation of marked.ts. */
export const ID_EXAMPLES: Record<string, string> = {
  'IDs named by a noun': `
Show visits for patient {12345|patient}
show all encounters of patient id {12345|patient}
patient ID: {12345|patient}
patient #{12345|patient}
Patient number {12345|patient} had how many visits?
patient no. {77|patient} in the last {6|count} months
patient no {77|patient}
What is the birth date of person {17|patient}?
person_id = {17|patient}
person_id={17|patient}
p.person_id = {17|patient}
patient_id in ({12|patient}, {15|patient}, {19|patient})
patients {12|patient}, {15|patient} and {19|patient}
patients {12|patient}, {15|patient}, and {19|patient} with their visits
patients {12|patient} or {15|patient}
patients {12|patient} & {15|patient}
Compare patients {1001|patient} and {1002|patient} by length of stay
patient {12345|patient}'s medications
patient's id is {12345|patient}
patients with id {12345|patient}
patients with ids {12345|patient} and {12346|patient}
patient with the id {9|patient}
patient having id {12345|patient}
patient id is not {12345|patient}
patient id other than {12345|patient}
patient id <> {12345|patient}
PATIENT {12345|patient}
PatientID {12345|patient}
patientid={12345|patient}
pt {4711|patient} labs
patient {P-00123|patient} was seen: which {P-00123|patient} visits are open?
visit #{42|visit}
visit {42|visit}
Visit number {42|visit} details
visit id {42|visit}
visit_occurrence_id = {987654321|visit}
visit occurrence id {987654321|visit}
encounter {900100200|encounter} diagnoses
encounter id: {E-7781|encounter}
encounters {1|encounter}, {2|encounter} and {3|encounter}
encounter number {12|encounter}
encounter no. {00042|encounter}
order {5550001|order}
order number {5550001|order}
order #{5550001|order} status
lab orders for order id {31|order}
claim {CLM-2023-0001|claim}
claim number {99887766|claim} amount
claim id {0099887766|claim}
claims {11|claim} and {12|claim}
MRN {00123456|mrn}
MRN: {00123456|mrn}
mrn={00123456|mrn}
MRN #{00123456|mrn}
MRN is {A-00123|mrn}
MRN {MR0012345|mrn}
MRNs {00123|mrn}, {00124|mrn} and {00125|mrn}
patient with MRN {00123456|mrn}
medical record number {00123456|mrn}
medical record no. {00123456|mrn}
MRN {'00123'|mrn|00123}
patient with mrn {"00123"|mrn|00123}
NPI {1234567893|npi}
provider NPI: {1003000126|npi}
national provider identifier {1234567893|npi}
NPI in ({1234567893|npi}, {1003000126|npi})
SSN {123-45-6789|ssn}
social security number {123456789|ssn}
SSN {123 45 6789|ssn}
Who has {123-45-6789|ssn}?
provider {88|key}
provider id {88|key}
doctor {123|key} saw how many patients
room {12|key} occupancy
care site id {7|key}
account number {0012|key}
invoice {INV-77|key}
location_id = {5|key}
device {3001|key} alerts
specimen {S-22-0099|key}
member {123456789012|key}
badge number {12|key}
ID {12345|key}
id = {12345|key}
IDs {12345|key} and {12346|key}
#{12345|key}
concept id {201826|key}
concept_id = {201826|key}
drug_concept_id = {1503297|key}
visits of patient {12345|patient} and encounter {12345|encounter}
patient {12345|patient} and again {12345|patient}
patient {12345|patient} and {E11.9|icd10}
patients of the provider with id {7|key}
patient id: {ABC-DEF|patient}
NHS number {943 476 5919|key}
visit kind is exactly {6519569|key}
Is patient {123|patient} older than {65|threshold}?
patient {123|patient} over {7|threshold} days
patients {5186296|patient} and {1970292|patient}
patients {00574002|patient} and {LW997503|patient}
`,
  'keys by their make': `
{AB-1234-X|key}
What happened to {AB-1234-X|key} and {ab-1234-x|key}?
find {A12345678|key}
{X7Y8Z9|key} results
{00123456|key}
show {0042|key}
{12345678901234567890|key} is whose number?
{12345678901234567890123456789012345678|key}
records of {1234567|key}
{1.2.840.113619|key} studies
{12-345-67|key}
{ENC_2023_0001|key}
{550e8400-e29b-41d4-a716-446655440000|uuid}
patient {550e8400-e29b-41d4-a716-446655440000|uuid}
rows where guid = {550E8400-E29B-41D4-A716-446655440000|uuid}
{john.doe@example.org|email}
mail {j.o'brien+lab@mail.hospital.co.uk|email}, please
user {first_last99@x-y.com|email}?
{MRN-00123|mrn} visits
{\u0661\u0662\u0663\u0664\u0665|key} visits
patient {12345|patient}. Next
patient ({12345|patient})
`,
  'phone numbers': `
phone {555-123-4567|phone}
{(555) 123-4567|phone}
call {(555)123-4567|phone} now
{555.123.4567|phone}
{+1 555 123 4567|phone}
{+1-555-123-4567|phone}
{1-800-555-0199|phone}
{+49 30 1234567|phone}
phone number {5551234567|phone}
patients with phone {555 123 4567|phone}
tel. {555-1234|phone}
{555-123-4567 x12|phone}
`,
  codes: `
{E11.9|icd10}
patients with {E11.9|icd10}
patients with {E11.9|icd10}, {I10|icd10} or {J45.901|icd10}
ICD-10 {E11.9|icd10}
ICD-10 code {E11.9|icd10}
ICD10 {e119|icd10}
ICD-10-CM code {S72.001A|icd10}
ICD-10 codes {E11.9|icd10} and {I10|icd10}
ICD 10: {I10|icd10}
icd10={Z79.4|icd10}
{U07.1|icd10} cases
diagnosis {E11.9|icd10}
diagnosis of {E11.9|icd10}
diagnosis code {E11.9|icd10}
diagnoses {E10|icd10}, {E11|icd10}
{E10|icd10}-{E14|icd10}
codes {E11.9|icd10}/{I10|icd10}
{E11|icd10}.x
{E11|icd10}.*
{e11.9|icd10} patients
ICD-9 {250.00|icd9}
ICD-9 code {250.00|icd9}
ICD9 {250|icd9}
ICD-9-CM {V58.67|icd9}
diagnosis code {250.00|icd9}
dx {401.9|icd9}
{E850.0|icd9}
ICD codes {E11.9|icd10} and {250.00|icd9}
CPT {99213|cpt}
CPT code {99213|cpt}
CPT codes {99213|cpt}, {99214|cpt}
CPT {99213-25|cpt}
procedure code {99213|cpt}
procedure {99213|cpt}
HCPCS {J1100|cpt}
{J1100|cpt} injections
{G0008|cpt} in {2023|year}
LOINC {4548-4|loinc}
LOINC code {2345-7|loinc}
{4548-4|loinc}
results of {2345-7|loinc} over {200|threshold}
NDC {0002-8215-01|ndc}
{0002-8215-01|ndc}
{50242-040-62|ndc}
{12345-6789-01|ndc}
NDC {00028215|ndc}
SNOMED {44054006|snomed}
SNOMED CT {44054006|snomed}
SNOMED code {73211009|snomed}
RxNorm {860975|rxnorm}
rxcui {860975|rxnorm}
ATC {A10BA02|atc}
ATC code {A10B|atc}
{A10BA02|atc} users
code {99213|key}
code {E11.9|icd10}
code {4548-4|loinc}
`,
};
