/**
 * The words that names are made of, for splitting names without separators. Each tier holds words about e times as
 * frequent as those of the next; the tiers were judged from the names of published schemas.
 */
const EVERYWHERE = `patient code date name type id number time status value description start end encounter provider
  amount unit reason source flag count created modified user order location result text comment concept version
  birth death visit address`;

const OFTEN = `admission admit discharge diagnosis procedure medication drug dose quantity claim payer plan insurance payment
  charge cost paid total balance price care site service department facility hospital ward room bed unit item line
  test lab observation measurement specimen sample collection result units range low high normal abnormal
  first last middle family given maiden full prefix suffix gender sex race ethnicity language religion marital
  city state county country zip postal phone email street person member subject provider physician doctor nurse
  specialty practitioner organization group class category level code set list detail history event entry record
  table field key index sequence priority primary secondary current previous next parent child other role right
  begin stop from to by of on in at is has year month day hour minute week period duration interval age
  update updated modified changed deleted active voided retired valid expiration expiry effective
  prescription prescribing prescriber dispense dispensing administration route frequency strength form refill refills
  supply days length stay height weight temperature pressure rate heart blood oxygen
  condition problem allergy reaction severity symptom complaint disease immunization vaccine
  document note report message image file data info information label title short long
  request response appointment schedule scheduled referral transfer treatment therapy program plan goal
  transaction account invoice bill billing policy coverage enrollment eligibility contract product premium
  registration emergency intensive inpatient outpatient ambulatory clinic pharmacy laboratory radiology surgery
  operation surgical anesthesia device equipment stock lot batch inventory supplier manufacturer`;

const SOMETIMES = `abort absolute accepted access accession accident accommodation account action activated activation activity actual
  acute additional adjusted adjustment admin administered administrative admitted admitting adult advance adverse
  agency agent agreement aid alcohol alert alias alive alternate alternative ambulance analysis ancestor anchor
  annual answer antibiotic anatomic anatomical apache applied applies approval approved area arrival arrived arterial
  assay assessment assigned assistant associated attempt attempts attending attention attribute audit author
  authorization authorized auto availability available average back bag bank bar barcode basal base basis benefit
  beneficiary biopsy birthday birthplace body bone bottle bowel brand breast breath building business button bypass
  calculated call caller cancel canceled cancelled cancer card cardiac care caregiver carrier case cash catchment
  category cause ceiling cell cells census center central certificate certification change chart check chief children
  circumference claimed clerk client clinical clinician clob closed code coded cohort coinsurance coma comment comments
  commission common communication company comparison complete completed completion complex complication component
  confidence config confirmation confirmed consensus consent consult consultation contact container content context
  continue continued control conversion coordinates copay copayment core coronary correction counter covered
  credentials credit criteria critical culture currency custom customer cycle daily dead deactivated dealer death
  deceased decision decimal deductible deduct deduction default definition degree delay delete delivered delivery
  demographic demographics denied denominator density dental departure dependent deposit descendant destination
  details diabetes diagnosed diagnoses diagnostic dialysis diastolic diet difference digit dilution dimension direct
  direction disability discontinue discontinued discount display disposition distance district distribution division
  doctors domain donor dosage due duplicate durable education effect elective electronic eligible employee employer
  enabled encoding enrolled enter entered episode era error estimated ethnic evaluation exam examination exception
  exclusion expected expenditure expense expire expired exposure extension external extract eye eyes fact failed
  failure father fax feature fee fees feedback female fetal fill filler final financial finding first fluid folder
  follow followup food foreign format formulary frame free friend fulfiller function fund funding gas general generated
  generic genetic gestation given glucose goal government grade grant gross guarantor guardian handler head header
  health healthcare heath helper hepatic hidden hierarchy hip hire home household human icon identification identified
  identifier identity image imaging import incident income indication indicator individual infant infection infusion
  ingredient initial initials injection injury inpatient input inputs inspired instance institution instruction
  instructions insured insuree insurer intake intake intent interface internal interpretation interpreter intervention
  interview invoice isolate issue issued issuer items job join kin label landed language laterality lead leave left
  legal lens liability licence license life limit limitation link load local locale lock locked log login logout lookup
  loss lump lung main maintenance major male manager managing manual map margin mass master match matched material
  maternal maximum mean meals medical medicaid medicare medicine medicines members membership menu merge message meta
  metadata method methods microbiology midwife mild military minimum minor minutes missing mobile mode model moderate
  modality modifier module mother motor movement multiple national nationality need needed neonatal net network new
  newborn night non none notes notice notification numeric numerator nursing nutrition object occupation occurrence
  occurred offer office officer offset old onset open operand operating operator opinion option ordered ordering
  orders ordinal organ organism organisation origin original outcome output outputs outstanding overdue override owner
  oxygen package page pain panel parameter parent part participant party passport password past path pathology pathway
  patients payable payments pending people percent perform performed performer perinatal permanent permission
  personal personnel photo physical pharmacist place plan planned platform point population portal position positive
  post posted power practice preceding predicted preference preferred pregnancy pregnant prep preparation presence
  present prices principal print prior private privilege problem procedures process processed product production
  profession professional profile profit prognosis progress prompt property proposal protocol provided providers
  province provisional public publish published pulse purchase purpose qualifier quality query question queue radius
  rank ratio raw reading ready received receipt recipient recommended reconciliation recorded recovery recurrence
  reference refer referred referring refill refund refusal refused region register registered registry regular
  rehab reimbursement reject rejected rejection related relation relations relationship release religion remaining
  remarks reminder remote removal removed renal renewal repeat replaced reporting requested required requester research
  reservation residence resident resistance resolution resolve resolved resource respiration respiratory responsible
  restart resume return returned revenue review reviewed revised revision rhythm risk routine row rule sale satisfied
  saturation scale scan schema school scope score screen screening search season seat second section sector security
  segment select self send sender senior sensitivity sent separation serial series serum service services session set
  setting settings setup severe shift ship shipped side sign signature signed signs site size skill skin sleep slot
  small smoker smoking social software sort special speciality specific specimen spouse staff stage standard state
  statement station statistics step sterile stopped storage store stored strategy street stress string structure
  student study style sub subcategory subject submitted submission subscriber subtype sum summary supervising
  supervisor supplement support surname survey surveillance suspended swab switch symptoms synonym system systolic tag
  target task tax teaching team technician technique telephone template term terminal terminated termination tested tests
  theater theatre theoretic thickness third threshold ticket tissue title tobacco tone tool top topic tracking trade
  trail training transaction transactions transfer transferred transfers transfusion transmission transport trauma
  travel treated treatment trial triage trigger true tumor tumour type typed types unique university unknown update
  upload urgency urgent urine usage use used user users utilization vaccination validated validation validity valuation
  valuated vendor ventilation ventilator verbal verbatim verification verified version vial view village visit visits visual
  vital vitals vocabulary void volume volunteer voucher vulnerability wait waiting warning waste weekly weights well
  window withdraw withdrawn withhold word work worker workflow wound write written yearly yes zone units lines names dates
  discharged admits drugs doses labs codes stays hosp therapies expires billed allowed approved asked valve bicarbonate creatinine
  hemoglobin hematocrit albumin bilirubin sodium potassium chloride calcium uncovered unabridged charting periodic
  save saved discussion taken airway assessed ownership transport urgency mortality severity save payor
  out yes inputs items events stays units icd reg aperiodic systemic noninvasive invasive nonsurgical severity comorbidity antenatal postnatal delivery surgery`;

/** Words of one or two letters that may be a part of a longer name: `admitdt`, `provid`. */
export const SHORT_PARTS: ReadonlySet<string> = new Set(
  'id dx rx px cd dt tm nm no by in of to is hx wt ht bp ed'.split(' '),
);

const tiers = [EVERYWHERE, OFTEN, SOMETIMES].map((text) => text.split(/\s+/));

/** The cost of a word, in nats: the negative logarithm of its frequency, up to a constant. */
export const WORD_COSTS: ReadonlyMap<string, number> = new Map(
  tiers.flatMap((words, tier) => words.map((word) => [word, 4 + 1.5 * tier] as const)).reverse(),
);
