/** Text that looks like a value but is not one, so nothing is marked; and numbers of structure. */
export const STAYING_EXAMPLES: Record<string, string> = {
  'what stays': `
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
may patients march in {june|incomplete-date}?
What is the MRN of the oldest patient?
encounter class
a first visit
m² and m³
`,
  'numbers of structure': `
top {10|count}
top {10|count} diagnoses
top-{10|count} drugs
first {5|count}
first {5|count} patients
last {20|count} visits
bottom {3|count} hospitals
the {10|count} most common diagnoses
{10|count} most common diagnoses
{5|count} oldest patients
what about {10|count} most recent visits
the {5|count} patients with the most visits
which {20|count} drugs have the highest cost
show {10|count} patients
list {5|count} visits
limit {100|count}
{30|count}-day readmission
{30|count}-day readmission rate
{90|count}-day mortality
{1|count}-year survival
{24|count}-hour urine
last {6|count} months
last {30|count} days
in the last {12|count} months
past {3|count} years
previous {2|count} weeks
next {7|count} days
within {30|count} days of discharge
more than {2|count} weeks ago
{30|count} days after discharge
every {3|count} months
{2|count} years ago
{6|count} months
top {four|count|4} drugs
the {twenty-five|count|25} most common drugs
the last {two|count|2} weeks
{one|count|1} year ago
older than {sixty|threshold|60}
at least {three|threshold|3} visits
stayed {12|threshold} days
a stay of {12|threshold} days
which ward is the one with the most beds
the last one
two of the patients
on {June|month-number|6} {9|day-number} of last year
on {9|day-number} {June|month-number|6} of this year
in {December|month-number|12} of this year
on {03|month-number|3}/{07|day-number|7}/this year
in {12|month-number}/last year
on the {6th|day-number|6} of last month
on last month/{27|day-number}
`,
};
