/** Text that looks like a value but is not one, so nothing is marked. */
export const STAYING_EXAMPLES: Record<string, string> = {
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
