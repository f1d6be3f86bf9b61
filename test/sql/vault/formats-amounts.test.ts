import { describe, expect, test } from 'vitest';
import { extract } from '../../../src/sql/vault/index.js';
import { describeMarked } from './marked.js';

describeMarked({
  ages: `
    {65|threshold} y/o patients
    {65|threshold} yrs old
    {65|threshold}-year-olds
    over {65|threshold}s
    children aged {2|age}-{5|age}
    age>={18|threshold} and age<{65|threshold}
    {18|threshold} years or older
    {18|threshold}–{64|threshold} year olds
    {18|threshold}-to-{64|threshold}-year-olds
    adults {18|threshold}-{65|threshold} years
    adults {18|threshold} to {65|threshold} years
    age group {18|threshold}-{64|threshold}
    type 2 diabetics aged {40|age}-{60|age} with HbA1c > {7.5|threshold}%
    {E11.9|icd10} patients aged {65|threshold}+ since {2020|year}
    infants under {6|threshold} months
  `,
  'amounts with units': `
    {5|threshold} mg/kg
    {0.5|threshold} mg twice daily
    dose {5|threshold} mg
    dose {5|threshold}-{10|threshold} mg
    show {5|threshold} mg tablets
    {5|threshold} to {10|threshold} mg
    {5|threshold}–{10|threshold} mg/kg/day
    {7.5|threshold} %
    {2|threshold}-{3|threshold}mg
    {2|threshold}-{3|threshold}L O2
    {5|threshold} and {10|threshold} mg
    BP > {140|threshold}/{90|threshold} mmHg
    eGFR < {60|threshold} mL/min/1.73m2
    eGFR < {60|threshold} mL/min/1.73 m2
    eGFR < {60|threshold} mL/min/1.73m²
    {60|threshold}mL/min/1.73m2
    CD4 count below {200|threshold} cells/mm3
    creatinine ≥ {1.5|threshold}x baseline
    temp > {38.5|threshold}°C
    glucose {140|threshold}-{200|threshold} mg/dL in {2023|year}
    platelets < {50,000|threshold|50000}
    WBC > {11K|threshold|11000}/µL
    {−2.5|threshold|-2.5} SD
  `,
  'large amounts': `
    \${1,000.50|threshold|1000.50}
    \${50k|threshold|50000}
    \${1.5M|threshold|1500000}
    over \${2 million|threshold|2000000}
    cost above \${1.25 billion|threshold|1250000000}
    over {2.5 million|threshold|2500000}
    between {1k|threshold|1000} and {5k|threshold|5000}
    cost > {1e5|threshold|100000}
    {1e5|threshold|100000} copies/mL
    > {1.5e3|threshold|1500}
    {1e-3|threshold|0.001} mg
    between {1,000|threshold|1000} and {5,000|threshold|5000}
    patient ids between {1,000|threshold|1000} and {2,000|threshold|2000}
  `,
  'counts and spans that are compared': `
    {3|threshold}+ visits
    {2|threshold} or fewer
    {2|threshold} or {3|threshold} visits
    patients with {2|threshold} or more {E11.9|icd10} visits in {2023|year}
    between {2|threshold}-{5|threshold} days
    over {24|threshold}-{48|threshold} hours
    LOS > {7|threshold} days
    patients {65|threshold}+ with >= {3|threshold} ED visits in {90|count} days
    COVID-19 and {3|threshold} comorbidities
    grade 3 and older than {65|threshold}
    type 2, {65|threshold} years old
  `,
  'stages, types and doses stay': `
    type 1 or 2 diabetes
    types 1 and 2
    stage 3 or 4 CKD
    CKD stages 3, 4 and 5
    stages 3-5
    stage 3 to 5
    stage 3-5 in {2023|year}
    grade 3/4 toxicity
    phase 1/2 trial
    NYHA class 3 or 4
    ASA 3-4
    Gleason 3+4
    HPV 16/18
    weeks 12 and 24
    days 1-3
    dose 1 and 2
    level 1 or 2 trauma
    post-op day 3
    POD 3
  `,
  'rows and spans of time stay': `
    Top {10|count} diagnoses in {2023|year}
    show me {20|count} patients
    give me {10|count} examples
    list the {10|count} oldest patients
    show the {5|count} most expensive claims for NPI {1234567893|npi} last year
    first {100|count} rows
    in the last {90|count} days
    over the past {5|count} years
    last {2|count}-{3|count} years
    in {24|count}-{48|count} hours
    every {4|count}-{6|count} hours
    {2|count} or {3|count} days
    readmission within {7|count}, {14|count} or {30|count} days
    {1|count}-, {3|count}- and {5|count}-year survival
    at {3|count} and {6|count} months
    average cost per visit in {2023|year}
    average cost per visit {2023|year}
    {30|count}-day readmission rate for {I50.9|icd10} in {2022|year} vs {2023|year}
    readmitted within {30|count} days
    within {48|count}h of admission
    labs in the past {36|count}hrs, stays of {6|threshold}d, the last {8|count}wks
    a 2d echo
    {7|count}-day follow-up
  `,
  'terms of the field stay': `
    COVID-19's impact
    Covid-19-related
    vitamin B-12
    b12 levels
    CA 19-9
    CA 15-3
    cd 4 count
    HIV-1 RNA > {1000|threshold}
    B12 < {200|threshold} pg/mL
    L4-L5
    C5-C6 fusion
    T12 fracture
    G2P1
    T1a N0 M0
    CHA2DS2-VASc
    CMS-1500
    UB-04
    64-slice CT
    1.5T MRI
    2nd line
    {U07.1|icd10} from {3/1/2020|date|2020-03-01} to {12/31/2021|date|2021-12-31}
    how many type 2 diabetics ({E11|icd10}.x) had A1c > {9|threshold} in the last {12|count} months?
  `,
});

describe('the type of an amount', () => {
  test.each([
    ['over 1e5', 'int'],
    ['over $3 billion', 'bigint'],
    ['over $1.5M', 'int'],
    ['over 1e-3', 'decimal'],
    ['SSN ends in 0789', 'varchar'],
    ['patient ids between 1 and 9', 'int'],
    ['MRNs between 001 and 009', 'varchar'],
  ])('%s', (question, type) => {
    expect(extract(question).placeholders[0]!.type).toBe(type);
  });
});
