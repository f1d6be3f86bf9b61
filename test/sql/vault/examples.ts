/** Questions with their values marked, as marked.ts reads them. */
export const EXAMPLES: Record<string, string> = {
  'IDs named by a noun': `
Show visits for patient {12345|patient}
show all encounters of patient id {12345|patient}
patient ID: {12345|patient}
patient #{12345|patient}
Patient number {12345|patient} had how many visits?
patient no. {77|patient} in the last 6 months
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
  'ISO dates and timestamps': `
{2024-03-05|date}
visits on {2024-03-05|date}
visits on {2024-3-5|date|2024-03-05}
since {2024/03/05|date|2024-03-05}
on {2024.03.05|date|2024-03-05}
from {2024-03-01|date} to {2024-03-31|date}
between {2024-03-01|date} and {2024-03-31|date}
{2024-03-01|date}/{2024-03-31|date}
{2024-03-01|date}..{2024-03-31|date}
{2024-03-01|date}–{2024-03-31|date}
{2024-02-29|date}
at {2024-03-05T10:00:00|timestamp}
at {2024-03-05 10:00|timestamp|2024-03-05T10:00:00}
{2024-03-05T10:00:00.123|timestamp}
{2024-03-05T10:00:00Z|timestamp|2024-03-05T10:00:00}
{2024-03-05T10:00:00+01:00|timestamp|2024-03-05T10:00:00}
{2024-03-05 10:30 PM|timestamp|2024-03-05T22:30:00}
{2024-03-05 at 9 am|timestamp|2024-03-05T09:00:00}
{3/5/2024 10:30 PM|timestamp|2024-03-05T22:30:00}
{March 5, 2024 at 10:30|timestamp|2024-03-05T10:30:00}
{5 March 2024, 10:30|timestamp|2024-03-05T10:30:00}
on {20240305|date|2024-03-05}
admitted {2024-03-05|date}, discharged {2024-03-09|date}.
{2024/03|month|2024-03}
in {2024-03|month}
during {2024/12|month|2024-12}
in {03/2024|month|2024-03}
in {3/2024|month|2024-03}
`,
  'numeric day and month': `
on {03/05/2024|date|2024-03-05}
on {3/5/2024|date|2024-03-05}
on {13/04/2024|date|2024-04-13}
on {12/31/2023|date|2023-12-31}
on {03-05-2024|date|2024-03-05}
on {25.12.2023|date|2023-12-25}
on {05.03.24|date|2024-05-03}
on {3/5/24|date|2024-03-05}
on {3/3/2024|date|2024-03-03}
{1/1/2024|date|2024-01-01}-{3/31/2024|date|2024-03-31}
`,
  'month names': `
on {5 March 2024|date|2024-03-05}
on {05 March 2024|date|2024-03-05}
on the {5th of March 2024|date|2024-03-05}
on {5th March, 2024|date|2024-03-05}
on {5 Mar 24|date|2024-03-05}
on {5-Mar-2024|date|2024-03-05}
on {05-MAR-24|date|2024-03-05}
on {05MAR2024|date|2024-03-05}
on {5. March 2024|date|2024-03-05}
on {March 5, 2024|date|2024-03-05}
on {march 5, 2024|date|2024-03-05}
on {March 5 2024|date|2024-03-05}
on {March 5th, 2024|date|2024-03-05}
on {Mar 5, 2024|date|2024-03-05}
on {Mar. 5, 2024|date|2024-03-05}
on {MAR 5, 2024|date|2024-03-05}
on {Sept 5, 2024|date|2024-09-05}
on {December 31, 1999|date|1999-12-31}
on Tuesday, {March 5, 2024|date|2024-03-05}
on {March 5 '24|date|2024-03-05}
in {March 2024|month|2024-03}
in {march 2024|month|2024-03}
in {Mar 2024|month|2024-03}
in {Mar. 2024|month|2024-03}
in {March, 2024|month|2024-03}
in {March of 2024|month|2024-03}
in {Mar-2024|month|2024-03}
in {Mar-24|month|2024-03}
in {May 2024|month|2024-05}
from {January 2020|month|2020-01} to {March 2021|month|2021-03}
{January|month|2024-01} to {March 2024|month|2024-03}
between {5 March 2024|date|2024-03-05} and {10 April 2024|date|2024-04-10}
between {5|date|2024-03-05} and {10 March 2024|date|2024-03-10}
{5|date|2024-03-05}-{10 March 2024|date|2024-03-10}
{March 5|date|2024-03-05}–{10, 2024|date|2024-03-10}
from {March 5|date|2024-03-05} to {April 10, 2024|date|2024-04-10}
from {5 March|date|2024-03-05} to {10 April 2024|date|2024-04-10}
before {5 March 2024|date|2024-03-05} or after {March 5, 2024|date|2024-03-05}
`,
  'years and quarters': `
in {2023|year}
since {2019|year}
before {1950|year}
born after {1950|year}
born in {1980|year}
during {2023|year}?
visits {2023|year}
{2023|year} visits
the {2023|year} admissions
{2023|year}'s visits
in {2019|year}, {2020|year} and {2021|year}
from {2019|year} to {2021|year}
between {2019|year} and {2021|year}
{2019|year}-{2021|year}
{2019|year}–{2021|year}
{2019|year}-{21|year|2021}
year {2023|year}
year = {2023|year}
year >= {2019|year}
later than {2020|year}
no later than {2020|year}
past {2016|year}
FY{2023|year}
FY {2023|year}
FY{23|year|2023}
the {1990|year}s
pre-{2020|year} visits
{2023|year}-based rates
show {2023|year} admissions
claims {2019|year}, {2020|year} and {2021|year}
encounter ids in {2023|year}
{Q1 2024|quarter|2024-Q1}
in {Q1 2024|quarter|2024-Q1}
in {q4 2023|quarter|2023-Q4}
{Q1/2024|quarter|2024-Q1}
{Q1-2024|quarter|2024-Q1}
{2024 Q1|quarter|2024-Q1}
{2024-Q1|quarter}
{2024Q1|quarter|2024-Q1}
{1Q2024|quarter|2024-Q1}
{1Q24|quarter|2024-Q1}
{Q1 of 2024|quarter|2024-Q1}
{Q1 '24|quarter|2024-Q1}
the {first quarter of 2024|quarter|2024-Q1}
the {second quarter 2024|quarter|2024-Q2}
{3rd quarter of 2023|quarter|2023-Q3}
{fourth quarter in 2023|quarter|2023-Q4}
{quarter 1 of 2024|quarter|2024-Q1}
from {Q1 2023|quarter|2023-Q1} to {Q3 2024|quarter|2024-Q3}
{Q1|quarter|2024-Q1}-{Q3 2024|quarter|2024-Q3}
{Q1|quarter|2024-Q1} and {Q2 2024|quarter|2024-Q2}
`,
  'quoted text': `
drug named {'metformin'|quoted|metformin}
drug named {"metformin"|quoted|metformin}
drug named {“metformin”|quoted|metformin}
drug named {‘metformin’|quoted|metformin}
drug named {«metformin»|quoted|metformin}
drugs {'metformin'|quoted|metformin} or {'insulin glargine'|quoted|insulin glargine}
named {'type 2 diabetes'|quoted|type 2 diabetes}
named {'O''Brien'|quoted|O'Brien}
named {'O'Brien'|quoted|O'Brien}
named {"O'Brien"|quoted|O'Brien}
status={'active'|quoted|active}
in ({'a'|quoted|a},{'b'|quoted|b})
patient {'John Smith'|quoted|John Smith}
name {"Smith, John 12345"|quoted|Smith, John 12345}
city is {'New York'|quoted|New York}?
{'metformin'|quoted|metformin} and {"metformin"|quoted|metformin}
{'65'|quoted|65} as text
code {'E11.9'|icd10|E11.9}
on {'2024-03-05'|date|2024-03-05}
year {"2023"|year|2023}
key {"AB-1234-X"|key|AB-1234-X}
the patients' visits and the doctors' orders
patient's visits
O'Brien's patients
'' and ""
an unclosed 'quote stays
rock 'n roll
{5|threshold}'{10|threshold}" tall
`,
  thresholds: `
older than {65|threshold}
patients older than {65|threshold}
patients over {65|threshold}
patients aged {65|threshold}
patients aged {18|threshold} to {65|threshold}
patients {18|threshold}-{65|threshold}
patients {18|threshold} to {65|threshold}
patients {65|threshold} and older
patients {65|threshold} or older
patients {65|threshold}+
age {65|threshold}
age >= {65|threshold}
{65|threshold} years old
{65|threshold}-year-old patients
{65|threshold} years of age
a {65|threshold}yo
under {18|threshold}
at least {3|threshold} visits
at most {3|threshold} visits
up to {3|threshold} visits
more than {3|threshold} visits
no more than {3|threshold} visits
fewer than {3|threshold} visits
{3|threshold} or more visits
with {3|threshold} visits
exactly {3|threshold} visits
visits = {3|threshold}
>= {140|threshold}
>={140|threshold}
> {140|threshold} mg/dL
≥ {140|threshold}
<{90|threshold}
below {90|threshold} mg/dL
over {7.5|threshold}
HbA1c over {7.5|threshold}
HbA1c > {7.5|threshold}%
over {50|threshold}%
BMI between {18.5|threshold} and {24.9|threshold}
between {10|threshold} and {20|threshold}
between {10|threshold} and {20|threshold} visits
between {1000|threshold} and {2000|threshold}
between {2000|threshold} and {2010|threshold} mg
between {30|threshold} and {90|threshold} days
between {10000|threshold} and {50000|threshold}
cost over {1,000|threshold|1000}
cost over \${1,000.50|threshold|1000.50}
cost of more than \${250|threshold}
\${5000|threshold} or more
over {100000|threshold}
over {2000|threshold}
{2000|threshold} mg
{500|threshold}mg
{7.5|threshold}mg/dL
{100|threshold}-mg tablets
blood pressure over {140|threshold}/{90|threshold}
blood pressure {140|threshold}/{90|threshold} mmHg
T-score below {-2.5|threshold}
T-score < {-2.5|threshold}
over {.5|threshold|0.5}
more than {30|threshold} days
length of stay over {7|threshold} days
longer than {24|threshold} hours
more than {50k|threshold|50000} in cost
a score of {15|threshold}
a minimum of {5|threshold}
{10|threshold}-{20|threshold} visits
older than {65|threshold} with at least {65|threshold} visits
glucose level {140|threshold}
{30|threshold} days or more
more than {100|threshold} patients
{10,000|threshold|10000} patients
ejection fraction < {40|threshold} %
`,
  'what stays': `
top 10
top 10 diagnoses
top-10 drugs
first 5
first 5 patients
last 20 visits
bottom 3 hospitals
the 10 most common diagnoses
10 most common diagnoses
5 oldest patients
what about 10 most recent visits
the 5 patients with the most visits
which 20 drugs have the highest cost
show 10 patients
list 5 visits
limit 100
30-day readmission
30-day readmission rate
90-day mortality
1-year survival
24-hour urine
12-lead ECG
type 2 diabetes
type II diabetes
diabetes mellitus type 2
stage 3 CKD
stage 3b kidney disease
CKD 3
phase 2 trial
grade 3 tumours
class 2 obesity
NYHA class 3
level 1 trauma
COVID-19
COVID19
SARS-CoV-2
COVID-19-positive patients
vitamin B12
B12 deficiency
vitamin D3
omega-3
HbA1c
A1c
T2DM
CD4 count
HIV-1
H1N1
HPV-16
HER2 positive
BRCA1
IL-6
CA-125
CA 125
PHQ-9
GLP-1 agonists
SGLT2 inhibitors
CYP2D6
SpO2
PM2.5
FEV1
N95
V600E mutation
mRNA-1273 vaccine
BNT162b2
G6PD
ICD-10 codes for diabetes
ICD-9 and ICD-10
DSM-5 criteria
HL7 messages
OMOP 5.4
version 2.1
last 6 months
last 30 days
in the last 12 months
past 3 years
previous 2 weeks
next 7 days
within 30 days of discharge
more than 2 weeks ago
30 days after discharge
every 3 months
2 years ago
6 months
2nd visit
1st admission
95th percentile
dose 2
week 12
day 30
month 6
3D imaging
5-FU
6-MP
17-OHP
25-OH vitamin D
voided = 0
How many patients are there?
patient HbA1c values
patient count by year
patients by visit type
order by name
visit types
no patients
in order of age
claim amount by month
may patients march in june?
What is the MRN of the oldest patient?
encounter class
a first visit
m² and ½
`,
};
