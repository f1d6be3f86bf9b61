import { describeMarked } from './marked.js';

// As analysts type them: anywhere in a sentence, with any punctuation before and after.
describeMarked({
  'medical record numbers': `
    Show all visits for MRN {00123456|mrn}.
    mrn {00123456|mrn}
    List labs where MRN={00123456|mrn}, newest first
    MRN# {0045678|mrn}, last visit?
    Patient (MRN {0045678|mrn}) medications
    MRN No. {0045678|mrn}
    MRN:{00123456|mrn};visits
    MRN {0012345|mrn}'s encounters
    MRN {0012345|mrn}’s encounters
    MRN {“0012345”|mrn|0012345} visits
    patient's MRN is {0012345|mrn}, what meds?
    patients whose MRN is one of {00123|mrn}, {00124|mrn}, or {00125|mrn}
    MRNs: {00123|mrn}; {00124|mrn}; {00125|mrn}
    MRNs {00123|mrn} {00124|mrn} {00125|mrn}
    MRNs {00123|mrn}/{00124|mrn}
    MRNs between {00100|mrn} and {00200|mrn}
    MRNs {00100|mrn}-{00200|mrn}
    MRNs {A001|mrn}-{A005|mrn} seen
    MRN {A0012345B|mrn} lab results
    Medical Record Number: {0012-34-56|mrn}
    which patient has mrn {55-66-77|mrn}
    MRN {12-31-99|mrn}
    MRN {12 34 56|mrn}
    med rec no {0012345|mrn}
    medical record number (MRN) {0012345|mrn}
    MRN {00123456|mrn} – {2023|year} visits
    MRN {00123456|mrn}—all visits
    MRNs starting with {00123|key}
    all visits of {00123456|key} (MRN)
  `,
  patients: `
    Patient ID {0012345|patient}'s last visit
    patient id: {12345|patient}, visits?
    Patient No.{12345|patient}
    PATIENT_ID:{12345|patient}
    patients {12345|patient} and {12346|patient}’s labs
    patients #{12|patient}, #{15|patient} and #{19|patient}
    patients [{12|patient}, {15|patient}, {19|patient}]
    patient IDs not in ({12|patient}, {15|patient})
    patient ids {12|patient} {15|patient} {19|patient}
    patient ids {1000|patient}-{2000|patient}
    patient ids {1000|patient} through {1010|patient}
    patients with ids between {1000|patient} and {2000|patient}
    patients with id between {A001|patient} and {A009|patient}
    is patient {12345|patient}, who was seen in {2023|year}, alive?
    patient {12345|patient}/visit {678|visit}
    patient {12345|patient}|visit {678|visit}
    patient={12345|patient}&visit={678|visit}
    patient {12345|patient}:visits
    patient {00012345678901234567|patient}.
    patients {18|threshold}-{65|threshold}
  `,
  'visits and encounters': `
    Visit {V2023000017|visit} charges
    visit number: {V-2023-00017|visit}
    visit no. {1001|visit} and order no. {2002|order}
    visit nos. {1001|visit}, {1002|visit}
    visits {1001|visit}-{1005|visit}
    visits {1001|visit}–{1005|visit}
    [visit {12345|visit}]
    visit #{12345|visit}:
    visit {12345|visit}?!
    encounter {E-7781|encounter}’s orders
    CSN:{123456789|encounter}
    csn {1234|encounter}
    encounter #{12345|encounter}, #{12346|encounter}
    visits of {12345|key}
    visits from {12345|key}
    visits between {1000|threshold} and {2000|threshold}
    encounter ids between {2019|year} and {2021|year}
  `,
  'orders and claims': `
    order# {5550001|order} status?
    order no.: {5550001|order}
    order {5550001-2|order}
    order number {5550001.2|order}
    order numbers {5550001|order} & {5550002|order}
    orders {5550001|order} {5550002|order} in {2023|year}
    Orders {ORD00123|order} and {ORD00124|order}
    claim {CLM-2023-0001|claim}'s denial reason
    claim #{2023-000123|claim}
    claims {2023-0001|claim}, {2023-0002|claim}
    claim ICN {2023123456789|claim}
    claim nos {12|claim} and {13|claim}
    claim {INV/2023/0042|claim}
    claims > {1000|threshold}
    claims between {10000|threshold} and {20000|threshold}
    claims from {12345|key}
  `,
  'providers: NPI': `
    provider with NPI {1234567893|npi}'s claims
    NPI# {1234567893|npi}
    billing NPI = {1234567893|npi}
    NPI: {1234567893|npi}, claims in {2023|year}
    the provider (NPI {1234567893|npi})
    providers NPI {1234567893|npi}/{1003000126|npi}
    npi in ({'1234567893'|npi|1234567893},{'1003000126'|npi|1003000126})
    National Provider Identifier (NPI) {1234567893|npi}
    National Provider ID: {1234567893|npi}
    rendering npi {1234567893|npi} - total charges
    top {5|count} NPIs by volume
    patients per NPI
  `,
  'social security numbers': `
    SSN# {123-45-6789|ssn}.
    SSN: {123456789|ssn}
    ssn={123-45-6789|ssn};
    SSNs {123-45-6789|ssn} and {987-65-4321|ssn}
    Social Security Number (SSN) {123-45-6789|ssn}
    social security # {123-45-6789|ssn}
    who is {123-45-6789|ssn}?
    SSN {123–45–6789|ssn|123-45-6789}
    who is {123–45–6789|ssn|123-45-6789}?
    patients whose SSN ends in {6789|key}
    MRN {00123456|mrn}, DOB {01/15/1980|date|1980-01-15}, SSN {123-45-6789|ssn}
  `,
  'phone numbers': `
    Phone: {(555) 123-4567|phone}.
    patient's phone is {555-123-4567|phone}
    phones {555-123-4567|phone} and {555-123-4568|phone}
    cell {5551234567|phone}
    phone={+15551234567|phone}
    call {+4915112345678|phone} now
    call {555.123.4567 ext. 12|phone}
    call {555-123-4567, ext. 12|phone}
    {555-123-4567 extension 12|phone}
    call {(555) 123-4567 x 12|phone}
    phone {555-1234 ext 5|phone}
    {+1 (555) 123-4567|phone}
    {+44 (0)20 7946 0958|phone}
    tel: {+41 44 668 18 00|phone}
    phone {0044 20 7946 0958|phone}
    mobile no. {07700 900123|phone}
    contact {555–123–4567|phone|555-123-4567}
    who called from {555-123-4567|phone}?
  `,
  'e-mail addresses': `
    e-mail {jane.doe+lab@hospital.org|email}.
    Email: {JANE_DOE@Hospital.ORG|email}, visits
    Email:{jane.doe1@hospital.org|email}
    mailto:{jane1234@x.org|email}
    ({jane.doe@hospital.org|email})
    <{jane.doe@hospital.org|email}>
    {jane.doe@hospital.org|email}'s appointments
    {jane.doe@hospital.org|email}’s appointments
    {“jane.doe@hospital.org”|email|jane.doe@hospital.org}
    email={o'brien@x.org|email}
    email {a@b.org|email};{c@d.org|email}
    {a@b.org|email}/{c@d.org|email}
    {j@x.io|email}/visits
    {müller@klinik.de|email}
    @handle
  `,
  UUIDs: `
    guid {550E8400-E29B-41D4-A716-446655440000|uuid}.
    uuid: {550e8400-e29b-41d4-a716-446655440000|uuid}, status
    id {'550e8400-e29b-41d4-a716-446655440000'|uuid|550e8400-e29b-41d4-a716-446655440000}
    ({550e8400-e29b-41d4-a716-446655440000|uuid})
    urn:uuid:{550e8400-e29b-41d4-a716-446655440000|uuid}
    Patient/{550e8400-e29b-41d4-a716-446655440000|uuid} observations
    row {550e8400-e29b-41d4-a716-446655440000|uuid}’s owner
    {550e8400-e29b-41d4-a716-446655440000|uuid}, {6ba7b810-9dad-11d1-80b4-00c04fd430c8|uuid}
  `,
  'other keys': `
    acct:{0012345|key}
    device SN:{AB12-34CD|key}
    host {AA:BB:CC:11:22:33|key}
    dept {1001|key}
    patients in beds {12|key}-{14|key}
    patient {12345|patient} and {3|count} days
    DRG {470|key}
    clients in {LS2 9JT|key} or {H2X 1Y4|key}, postcode {W1A 0AX|key}
    B12 {5|threshold}MG
    implants {(01)00812345000017(17)301130(10)LOT9(21)A-7|key}.
    UDI: {(01)00812345000017|key} and {(01)00812345000024(21)55|key}
    device ({01|key})
    specimen {23-S-00456|key}
    taxonomy code {207R00000X|key}
    MBI {1EG4TE5MK73|key}
    NHS no. {943-476-5919|key}
    IP {10.0.0.1|key}
    oid {2.16.840.1.113883.6.96|key}
    the id {00000000000000000001|key}.
    {12345678901234567890|key} and {12345678901234567891|key}
    {A12345678|key}’s visits
    patient {12345|patient}; DROP TABLE x
    {12345|key} {2024-03-05|date}
  `,
});
