import { describeMarked } from './marked.js';

describeMarked({
  'ICD-10': `
    patients with {e11.9|icd10}.
    Patients coded {E11.9|icd10}/{I10|icd10}
    hypertension ({I10|icd10})
    {E11.9|icd10}'s prevalence
    {E11.9|icd10}-related visits
    how many {E11.9|icd10}s
    {I10|icd10}-coded patients
    dx:{E11.9|icd10}
    ICD-10:{“E11.9”|icd10|E11.9}
    icd-10-cm code: {e11.65|icd10}
    ICD-10 diagnosis {E11.9|icd10}
    primary dx={I63.9|icd10}
    dx codes {E11.9|icd10}; {I10|icd10}; {Z79.4|icd10}
    {E11.9|icd10},{I10|icd10},{J44.9|icd10}
    {E11.9|icd10}:{I10|icd10}
    diagnosis codes {E10|icd10}-{E14|icd10}
    ICD range {E10|icd10}–{E14|icd10}
    {E11.9|icd10}-{E13.9|icd10}
    codes between {E10|icd10} and {E14|icd10}
    {I21|icd10}.x
    {I21|icd10}.X codes
    {E11|icd10}.XX
    {E11.6|icd10}x
    {E11|icd10}%
    codes starting with {E11|icd10}
    ICD-10 {W19.XXXA|icd10}
    {T36.0X1A|icd10}
    {S72.001A|icd10}, {S72.001D|icd10}
    {F32.A|icd10} depression
    ICD-10-PCS {02703DZ|icd10} procedures
    patients who had {0DTJ4ZZ|icd10} or {0HBT0ZX|icd10}
    ICD-10 diagnosis {5|threshold} or more
    ICD-10 diagnoses in {2023|year}
    MRN {00123456|mrn} {E11.9|icd10} {2024-03-05|date}
  `,
  'ICD-9': `
    ICD-9 codes {250.00|icd9}, {250.02|icd9} and {401.9|icd9}
    ICD-9 codes {250|icd9}-{259|icd9}
    ICD-9 codes {250.00|icd9}-{250.93|icd9}
    icd9 {4019|icd9}
    icd-9: {410|icd9}.xx
    ICD-9 {250|icd9}.x
    ICD9CM {038.9|icd9}
    dx {042|icd9}
    diagnosis {428.0|icd9}
    ICD-9-CM procedure {36.15|icd9}
    ICD-9 procedure code {36.15|icd9}
    ICD-9 and ICD-10 codes
  `,
  'CPT and HCPCS': `
    CPT {99213|cpt}, {99214|cpt} and {99215|cpt}
    CPT codes {99213|cpt}-{99215|cpt}, {99281|cpt}-{99285|cpt}
    CPT codes {99213|cpt}–{99215|cpt}
    CPT between {99213|cpt} and {99215|cpt}
    CPT {99213-25|cpt} claims
    CPT-4 {99213|cpt}
    CPT4 {99213|cpt}
    CPT II {3044F|cpt}
    cpt={99213|cpt}; cost
    CPT code {“99285”|cpt|99285}
    procedure {27447|cpt} in {2023|year}
    HCPCS codes {J1100|cpt} & {G0438|cpt}
    hcpcs {j1100|cpt}
    {J1234-JW|cpt} claims
    {A4253|cpt} test strips
    top {10|count} CPT codes in {Q1 2024|quarter|2024-Q1}
  `,
  LOINC: `
    LOINC codes {4548-4|loinc}, {2345-7|loinc} and {718-7|loinc}
    LOINC: {4548-4|loinc} (HbA1c)
    HbA1c (LOINC {4548-4|loinc}) above {9|threshold}
    {4548-4|loinc} > {6.5|threshold}
    results for {4548-4|loinc}'s
    loinc={2160-0|loinc}.
    serum creatinine {2160-0|loinc}
    LOINC {LP16413-4|loinc}
    LOINC# {2160-0|loinc}
  `,
  NDC: `
    NDC: {50242-040-62|ndc}
    NDC {00002-8215-01|ndc} refills
    NDC {00002821501|ndc}
    NDC11 {00002821501|ndc}
    NDC codes {0002-8215-01|ndc}, {50242-040-62|ndc}
    NDC {0002 8215 01|ndc}
    ndc {0002-8215|ndc}
    drug {00002-8215-01|ndc}
    NDC {"0002-8215-01"|ndc|0002-8215-01}
  `,
  'SNOMED CT, RxNorm and ATC': `
    SNOMED-CT code {44054006|snomed}
    SNOMED CT concept {44054006|snomed}
    SNOMED CT concept ID {900000000000003001|snomed}
    SNOMEDCT {44054006|snomed}
    SNOMED: {44054006|snomed}, {73211009|snomed}
    SCTID: {73211009|snomed} |Diabetes mellitus|
    RxNorm code {860975|rxnorm}, {861007|rxnorm}
    RxNorm CUI {860975|rxnorm}
    RXCUI: {860975|rxnorm}
    ATC code {C09AA05|atc} or {C09AA|atc}
    ATC class {C09|atc}
    ATC group {A10|atc}
    {c09aa05|atc} users
    atc {c09aa05|atc}
    {2|threshold} units of {A10BA02|atc} {500|threshold} mg
  `,
});
