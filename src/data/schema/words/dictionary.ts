/**
 * What the abbreviations in healthcare identifiers stand for. Where one has several senses, `|` separates them, the most
 * usual first. Words that are also plain English (`to`, `as`, `it`) are left out unless a column name hardly ever means
 * the English word.
 */
// prettier-ignore
const PEOPLE = {
  pt: 'patient', pat: 'patient', patid: 'patient id', pid: 'patient id', pnt: 'patient', ptnt: 'patient',
  subj: 'subject', pers: 'person', prsn: 'person', indiv: 'individual', mbr: 'member', mem: 'member', memb: 'member',
  bene: 'beneficiary', benef: 'beneficiary', subscr: 'subscriber', dep: 'dependent|department',
  depn: 'dependent', prov: 'provider|province', prvdr: 'provider', prv: 'provider|previous', prvd: 'provider',
  pcp: 'primary care provider', phys: 'physician', md: 'physician', dr: 'doctor', doc: 'document|doctor',
  att: 'attending|attribute', attn: 'attending|attention', rfr: 'referring', refr: 'referring',
  ordr: 'ordering|order', nrs: 'nurse', pharm: 'pharmacy', emp: 'employee|employer',
  empl: 'employee|employer', usr: 'user', op: 'outpatient|operation', ip: 'inpatient', inpt: 'inpatient',
  outpt: 'outpatient', opd: 'outpatient department', ipd: 'inpatient department', nok: 'next of kin',
  guar: 'guarantor', rel: 'relation', rltn: 'relation', reltn: 'relationship', moth: 'mother', fath: 'father',
  fam: 'family', contct: 'contact', cntct: 'contact', ctc: 'contact', spec: 'specimen|specialty', spclty: 'specialty',
  splty: 'specialty', splt: 'specialty', prof: 'profession', occ: 'occupation|occurrence', occup: 'occupation',
  edu: 'education', educ: 'education', npi: 'national provider identifier', dea: 'dea number',
  upin: 'physician identification number', ccn: 'certification number', tin: 'tax id',
  ein: 'employer identification number', prsnl: 'personnel', clin: 'clinical|clinician', surg: 'surgery|surgeon',
  anes: 'anesthesia', anesth: 'anesthesia', resp: 'respiratory|responsible', tech: 'technician|technical',
  intrp: 'interpreter',
};

// prettier-ignore
const IDENTITY = {
  mrn: 'medical record number', mpi: 'master patient index', empi: 'enterprise patient index',
  ehr: 'electronic health record', emr: 'electronic medical record', ssn: 'social security number',
  nin: 'national id number', mbi: 'medicare beneficiary id', hicn: 'health insurance claim number',
  hic: 'health insurance claim', dl: 'driver license', ident: 'identifier', idn: 'identification number',
  uid: 'unique id', uuid: 'unique id', guid: 'unique id', sk: 'surrogate key', fk: 'foreign key', pk: 'primary key',
  acct: 'account', acc: 'accession|account', accn: 'accession', accss: 'accession', csn: 'contact serial number',
  har: 'hospital account', fin: 'financial number', rec: 'record', recd: 'received', rcd: 'record', rcrd: 'record',
  medrec: 'medical record',
};

// prettier-ignore
const DEMOGRAPHICS = {
  dob: 'birth date', bdate: 'birth date', bday: 'birth date', birthdt: 'birth date', brth: 'birth', btd: 'birth date',
  dod: 'death date', dth: 'death', deced: 'deceased', decd: 'deceased', dcsd: 'deceased', gndr: 'gender',
  gend: 'gender', sx: 'sex|symptom', ethn: 'ethnicity', eth: 'ethnicity', ethnic: 'ethnicity', nat: 'nationality',
  natl: 'national', lang: 'language', lng: 'language', relig: 'religion', rlgn: 'religion', marit: 'marital',
  mar: 'marital', marstat: 'marital status', citiz: 'citizenship', fname: 'first name', lname: 'last name',
  mname: 'middle name', fnm: 'first name', lnm: 'last name', sname: 'surname', frst: 'first', fst: 'first',
  lst: 'last|list', mid: 'middle', mdl: 'middle', nm: 'name', nme: 'name', pfx: 'prefix', sfx: 'suffix',
  alia: 'alias', pref: 'preferred', prefr: 'preferred', addr: 'address', adr: 'address', address1: 'address line 1',
  address2: 'address line 2', st: 'street|state|status', str: 'street', cty: 'city|county', cnty: 'county',
  ctry: 'country', cntry: 'country', zipcode: 'zip code', pcode: 'postal code', postcd: 'postal code',
  fips: 'county code', lat: 'latitude', lon: 'longitude', tel: 'telephone', tele: 'telephone', phn: 'phone',
  ph: 'phone', mob: 'mobile', cel: 'cell phone', eml: 'email', fx: 'fax', inc: 'income', hh: 'household',
  vet: 'veteran',
};

// prettier-ignore
const CARE = {
  enc: 'encounter', enct: 'encounter', encntr: 'encounter', enctr: 'encounter', encr: 'encounter', vis: 'visit',
  vst: 'visit', vt: 'visit', adm: 'admission', admt: 'admission', admsn: 'admission', admis: 'admission',
  admiss: 'admission', hadm: 'hospital admission', hosp: 'hospital', hsp: 'hospital', hos: 'hospital',
  hf: 'health facility', disch: 'discharge', dsch: 'discharge', dischg: 'discharge', dc: 'discharge',
  dschg: 'discharge', disp: 'dispensed|disposition', dispo: 'disposition', los: 'length of stay',
  icu: 'intensive care', ccu: 'coronary care', nicu: 'newborn intensive care', picu: 'pediatric intensive care',
  ed: 'emergency department', er: 'emergency department', amb: 'ambulatory|ambulance', appt: 'appointment',
  apt: 'appointment|apartment', appmt: 'appointment', sched: 'schedule', schd: 'schedule', wl: 'waiting list',
  wtlst: 'waiting list', xfer: 'transfer', trnsfr: 'transfer', transf: 'transfer', tfr: 'transfer',
  adt: 'admission discharge transfer', wrd: 'ward', bd: 'bed', rm: 'room', dept: 'department', dpt: 'department',
  clnc: 'clinic', fac: 'facility', facil: 'facility', fclty: 'facility', loc: 'location', locn: 'location',
  locatn: 'location', org: 'organization', orgn: 'organization', orgnztn: 'organization',
  inst: 'institution|instance', svc: 'service', svcs: 'services', srv: 'service', serv: 'service', srvc: 'service',
  pos: 'place of service|position', ref: 'reference|referral', rfl: 'referral', refl: 'referral', refrl: 'referral',
  trt: 'treatment', tx: 'treatment|transaction', thr: 'therapy|threshold', thrpy: 'therapy', ther: 'therapy',
  pgm: 'program', prog: 'program|progress|prognosis', prgm: 'program', cpl: 'care plan', careplan: 'care plan',
  eoc: 'episode of care', epi: 'episode', episd: 'episode', snf: 'skilled nursing facility', ltc: 'long term care',
  hha: 'home health agency', triag: 'triage', arr: 'arrival', arriv: 'arrival', depart: 'departure',
  readm: 'readmission', readmt: 'readmission', surgproc: 'surgical procedure', ope: 'operation', oper: 'operation',
  opn: 'operation', anest: 'anesthesia', preop: 'before operation', postop: 'after operation', px: 'procedure',
  proc: 'procedure|process', procd: 'procedure', prcdr: 'procedure', prc: 'price|procedure', proced: 'procedure',
  edreg: 'emergency registration', edout: 'emergency departure', edstay: 'emergency stay',
  icustay: 'intensive care stay', hx: 'history', hist: 'history', pmh: 'past medical history', fh: 'family history',
  hpi: 'history of present illness',
};

// prettier-ignore
const DIAGNOSES = {
  dx: 'diagnosis', dgns: 'diagnosis', diag: 'diagnosis', diagn: 'diagnosis', dgn: 'diagnosis',
  pdx: 'principal diagnosis', ppx: 'principal procedure', sdx: 'secondary diagnosis', admdx: 'admission diagnosis',
  poa: 'present on admission', cond: 'condition', prob: 'problem', prblm: 'problem', sympt: 'symptom',
  symp: 'symptom', cc: 'chief complaint', complnt: 'complaint', chiefcomplaint: 'chief complaint', sev: 'severity',
  svrty: 'severity', sevrty: 'severity', comorb: 'comorbidity', icd9: 'icd 9', icd10: 'icd 10', snmd: 'snomed',
  sct: 'snomed', lnc: 'loinc', hcpc: 'hcpcs', drg: 'diagnosis related group', msdrg: 'diagnosis related group',
  mdc: 'major diagnostic category', hcc: 'risk category', ndc: 'national drug code', rxcui: 'rxnorm code',
  cui: 'concept id', atc: 'drug class', ccs: 'clinical classification', vocab: 'vocabulary', trm: 'term',
  cncpt: 'concept', dis: 'disease|discharge', dcl: 'disease class', inj: 'injury|injection', allrg: 'allergy',
  allgy: 'allergy', algy: 'allergy', alrg: 'allergy', alg: 'allergy', rxn: 'reaction', reac: 'reaction',
  react: 'reaction', imm: 'immunization', immun: 'immunization', imz: 'immunization', vac: 'vaccine', vacc: 'vaccine',
  vax: 'vaccine', vx: 'vaccine', cvx: 'vaccine code', preg: 'pregnancy', grav: 'gravida',
  lmp: 'last menstrual period', edd: 'due date',
};

// prettier-ignore
const TESTS = {
  lab: 'laboratory', labs: 'laboratory', lb: 'laboratory', obs: 'observation', obsv: 'observation',
  obsrv: 'observation', meas: 'measurement', msr: 'measurement', measmt: 'measurement', tst: 'test', exm: 'exam',
  exa: 'exam', examn: 'examination', res: 'result', rslt: 'result', reslt: 'result', rsl: 'result', val: 'value',
  vlu: 'value', valuenum: 'numeric value', numval: 'numeric value', nval: 'numeric value', tval: 'text value',
  valueuom: 'unit of measure', uom: 'unit of measure', unt: 'unit', rng: 'range', abn: 'abnormal', abnl: 'abnormal',
  norm: 'normal', nrml: 'normal', lo: 'low', hi: 'high', crit: 'critical', interp: 'interpretation',
  spcmn: 'specimen', specmn: 'specimen', spm: 'specimen', smpl: 'sample', samp: 'sample', coll: 'collection',
  collct: 'collection', cult: 'culture', orgm: 'organism', organsm: 'organism', abx: 'antibiotic',
  antibio: 'antibiotic', sens: 'sensitivity', susc: 'susceptibility', mic: 'minimum inhibitory concentration',
  micro: 'microbiology',  rad: 'radiology', img: 'imaging', imag: 'imaging', xr: 'x ray',
  xray: 'x ray', ct: 'computed tomography|count', mr: 'magnetic resonance', usg: 'ultrasound',
  ekg: 'electrocardiogram', ecg: 'electrocardiogram', eeg: 'electroencephalogram', echo: 'echocardiogram',
  vs: 'vital signs', vit: 'vital', vitl: 'vital', bp: 'blood pressure', sbp: 'systolic blood pressure',
  dbp: 'diastolic blood pressure', sys: 'systolic|system', syst: 'system|systolic', dia: 'diastolic',
  dias: 'diastolic', diast: 'diastolic', hr: 'heart rate|hour',
  rr: 'respiratory rate', resprate: 'respiratory rate', heartrate: 'heart rate', temp: 'temperature',
  tmp: 'temperature|temporary', spo2: 'oxygen saturation', o2sat: 'oxygen saturation', sao2: 'oxygen saturation',
  sat: 'saturation', o2: 'oxygen', fio2: 'inspired oxygen', ht: 'height', hgt: 'height', wt: 'weight', wgt: 'weight',
  bmi: 'body mass index', bsa: 'body surface area', hc: 'head circumference', gcs: 'coma score', hgb: 'hemoglobin',
  hb: 'hemoglobin', hct: 'hematocrit', wbc: 'white blood cells', rbc: 'red blood cells', plt: 'platelets',
  cbc: 'blood count', bun: 'urea nitrogen', creat: 'creatinine', gluc: 'glucose', glu: 'glucose', bg: 'blood glucose',
  a1c: 'hemoglobin a1c', hba1c: 'hemoglobin a1c', chol: 'cholesterol', ldl: 'ldl cholesterol', hdl: 'hdl cholesterol',
  trig: 'triglycerides', alt: 'alternate', alb: 'albumin', bili: 'bilirubin', ptt: 'clotting time',
  tsh: 'thyroid stimulating hormone', psa: 'prostate antigen', egfr: 'filtration rate', gfr: 'filtration rate',
  hep: 'hepatitis', tb: 'tuberculosis', ua: 'urinalysis', csf: 'spinal fluid', abg: 'blood gas', vent: 'ventilator',
  peep: 'end expiratory pressure', cvp: 'central venous pressure', icp: 'intracranial pressure',
  cpap: 'positive airway pressure', io: 'intake output', intak: 'intake', meanbp: 'mean blood pressure',
  noninv: 'noninvasive', bld: 'blood', urn: 'urine', btype: 'blood type', abo: 'blood group',
};

// prettier-ignore
const DRUGS = {
  rx: 'prescription', rxs: 'prescription', med: 'medication', meds: 'medication', medic: 'medication',
  medctn: 'medication', medn: 'medication', mdctn: 'medication', presc: 'prescription', prescr: 'prescription',
  prscr: 'prescription', prscrb: 'prescription', scrip: 'prescription', dspn: 'dispense', dispns: 'dispense',
  dispd: 'dispensed', disps: 'dispense', dosag: 'dosage', ds: 'days supply', dos: 'date of service',
  daw: 'dispense as written', prn: 'as needed', npo: 'nothing by mouth', sig: 'directions', frq: 'frequency',
  freq: 'frequency', rte: 'route', rout: 'route', strn: 'strength', stren: 'strength', strgth: 'strength',
  conc: 'concentration', qty: 'quantity', quan: 'quantity', qnty: 'quantity', qti: 'quantity',
  supp: 'supply|supplement', sply: 'supply', rfll: 'refill', refil: 'refill', gsn: 'generic sequence number',
  gpi: 'generic product id', gcn: 'generic code number', otc: 'over the counter', inf: 'infusion|information',
  infus: 'infusion', iv: 'intravenous', ivf: 'intravenous fluid', im: 'intramuscular',
  emar: 'medication administration', medadmin: 'medication administration', admin: 'administration',
  admn: 'administration', medrecon: 'medication reconciliation', pharma: 'pharmacy', phcy: 'pharmacy',
  poe: 'provider order entry', cpoe: 'provider order entry', ord: 'order', ordrs: 'orders', ingr: 'ingredient',
  gen: 'generic|general', brnd: 'brand', mfr: 'manufacturer', manuf: 'manufacturer', dev: 'device', dvc: 'device',
  udi: 'unique device id', eqp: 'equipment', dme: 'medical equipment',
};

// prettier-ignore
const MONEY = {
  amt: 'amount', amnt: 'amount', chg: 'charge|change', chrg: 'charge', chrgs: 'charges', cst: 'cost', pmt: 'payment',
  pymt: 'payment', pymnt: 'payment', pmnt: 'payment', pd: 'paid', bal: 'balance', outstd: 'outstanding',
  coins: 'coinsurance', cop: 'copay', ded: 'deductible', deduct: 'deductible', allwd: 'allowed', alwd: 'allowed',
  allow: 'allowed', adj: 'adjustment', adjmt: 'adjustment', adjst: 'adjustment', reimb: 'reimbursement',
  remb: 'reimbursement', rev: 'revenue|revision', tot: 'total', ttl: 'total', prem: 'premium',
  curr: 'current|currency', cur: 'current', ccy: 'currency', inv: 'invoice|inventory', invc: 'invoice', bll: 'bill',
  blng: 'billing', clm: 'claim', claimno: 'claim number', ln: 'line', lne: 'line', hdr: 'header', dtl: 'detail',
  mstr: 'master', mst: 'master',
  dtls: 'details', det: 'detail', ins: 'insurance', insur: 'insurance', insr: 'insurance', pyr: 'payer',
  payor: 'payer', pln: 'plan', pol: 'policy', plcy: 'policy', polcy: 'policy', cov: 'coverage', cvrg: 'coverage',
  covg: 'coverage', enr: 'enrollment', enrl: 'enrollment', enroll: 'enrollment', elig: 'eligibility', grp: 'group',
  auth: 'authorization', prauth: 'prior authorization', mcare: 'medicare', mcaid: 'medicaid', finc: 'financial',
  eob: 'explanation of benefits', cob: 'coordination of benefits', lob: 'line of business', dedn: 'deduction',
  disc: 'discount|discontinued',
};

// prettier-ignore
const TIME = {
  dt: 'date', dte: 'date', dttm: 'date time', dtm: 'date time', dtime: 'date time', tmstmp: 'timestamp',
  tstamp: 'timestamp', ts: 'timestamp', tm: 'time', tme: 'time', datetime: 'date time', strt: 'start', beg: 'begin',
  bgn: 'begin', frm: 'from', thru: 'through', stp: 'stop', fnsh: 'finish', eff: 'effective', efctv: 'effective',
  effdt: 'effective date', exp: 'expiration', expir: 'expiration', expr: 'expiration', trmn: 'termination',
  termdt: 'termination date', yr: 'year', yrs: 'years', mo: 'month', mos: 'months', mth: 'month', mnth: 'month',
  mon: 'month', wk: 'week', wks: 'weeks', dy: 'day', dys: 'days', hrs: 'hours', mins: 'minutes',
  sec: 'second|secondary', dur: 'duration', durn: 'duration', prd: 'period', per: 'period', intvl: 'interval',
  intrvl: 'interval', qtr: 'quarter', upd: 'update', updt: 'update', crt: 'created', crtd: 'created', cre: 'created',
  mod: 'modified|modifier', modf: 'modified', lstmod: 'last modified', del: 'deleted|delivery', ver: 'version',
  vers: 'version', vrsn: 'version', chk: 'check', subm: 'submitted', prev: 'previous', nxt: 'next',
  lupd: 'last update', prep: 'preparation',
};

// prettier-ignore
const GENERAL = {
  cd: 'code', cde: 'code', cod: 'code', codes: 'code', desc: 'description', descr: 'description', dscr: 'description',
  dsc: 'description', descrip: 'description', lbl: 'label', ttle: 'title', abbr: 'abbreviation',
  abbrev: 'abbreviation', typ: 'type', tp: 'type', tpe: 'type', cat: 'category', catg: 'category', categ: 'category',
  cls: 'class', clss: 'class', subcat: 'subcategory', grpg: 'group', stat: 'status', sts: 'status', stts: 'status',
  stt: 'state', stus: 'status', ste: 'state', ind: 'indicator', indic: 'indicator', flg: 'flag', fl: 'flag',
  yn: 'yes no', num: 'number', nbr: 'number', nmbr: 'number', nr: 'number', no: 'number', numb: 'number',
  cnt: 'count', cntr: 'counter|center', avg: 'average', min: 'minimum|minute', max: 'maximum', pct: 'percent',
  perc: 'percent', prcnt: 'percent', rt: 'rate|right', rto: 'ratio', scr: 'score', lvl: 'level', lev: 'level',
  seq: 'sequence', sq: 'sequence', pri: 'primary|priority', prim: 'primary', prty: 'priority', prio: 'priority',
  scnd: 'secondary', oth: 'other', othr: 'other', unk: 'unknown', src: 'source', srce: 'source',
  orig: 'original|origin', dest: 'destination', tgt: 'target', txt: 'text', cmt: 'comment', cmnt: 'comment',
  cmts: 'comments', comm: 'comment|communication', nte: 'note', rmk: 'remark', rmks: 'remarks', msg: 'message',
  instr: 'instructions', info: 'information', rsn: 'reason', reas: 'reason', reasn: 'reason', meth: 'method',
  mthd: 'method', qual: 'qualifier|quality', modif: 'modifier', attr: 'attribute', prop: 'property',
  param: 'parameter', parm: 'parameter', cfg: 'configuration', conf: 'configuration|confirmed', docmt: 'document',
  docu: 'document', rpt: 'report', rprt: 'report', req: 'request|required', rqst: 'request', reqd: 'required',
  rspns: 'response', actv: 'active', activ: 'active', inact: 'inactive', pend: 'pending',
  cncl: 'cancel', canc: 'cancel', cancld: 'canceled', compl: 'complete|complaint', cmplt: 'complete',
  verif: 'verified', vrfy: 'verify', itm: 'item', elem: 'element', obj: 'object', tbl: 'table', col: 'column',
  fld: 'field', lkp: 'lookup', lkup: 'lookup', lu: 'lookup', xref: 'cross reference', xwalk: 'crosswalk',
  hier: 'hierarchy', par: 'parent', prnt: 'parent', chld: 'child', assoc: 'association', asgn: 'assigned',
  assgn: 'assigned', sign: 'signature', dim: 'dimension', fct: 'fact', stg: 'staging', tmpl: 'template',
  trans: 'transaction', trx: 'transaction', txn: 'transaction', xact: 'transaction', aud: 'audit', sess: 'session',
  perm: 'permission|permanent', priv: 'privilege', pwd: 'password', passwd: 'password', lngth: 'length',
  len: 'length', wdth: 'width', sz: 'size', vol: 'volume', diff: 'difference', std: 'standard',
  stdev: 'standard deviation', ext: 'external|extension', intl: 'internal', dflt: 'default',
  def: 'default|definition', rgn: 'region', reg: 'registration|region', regn: 'registration',
  dist: 'district|distribution', distr: 'district|distribution', vill: 'village', cntrl: 'control', ctrl: 'control',
  mgmt: 'management', mgr: 'manager', eval: 'evaluation', assess: 'assessment', asmt: 'assessment',
  asses: 'assessment', quest: 'question', qstn: 'question', ques: 'question', ans: 'answer', answ: 'answer',
  survy: 'survey', ctr: 'center', cntxt: 'context', dup: 'duplicate', recur: 'recurrence', conseq: 'consequence',
  stk: 'stock', mov: 'movement', mvmt: 'movement', qlty: 'quality', sbj: 'subject', avail: 'available',
  occur: 'occurrence', occurr: 'occurrence', lim: 'limit', thresh: 'threshold', incl: 'included', excl: 'excluded',
  pkg: 'package', pck: 'pack', pcs: 'pieces',
};

/** From an abbreviation in lower case to its senses, the most usual first. A Map, because an object would know `constructor`. */
export const ABBREVIATIONS: ReadonlyMap<string, readonly string[]> = new Map(
  [PEOPLE, IDENTITY, DEMOGRAPHICS, CARE, DIAGNOSES, TESTS, DRUGS, MONEY, TIME, GENERAL].flatMap((topic) =>
    Object.entries(topic).map(([short, senses]) => [short, senses.split('|')] as const),
  ),
);

/** The senses of an abbreviation, which may be a plural (`meds`); undefined if it is none. */
export function sensesOf(word: string): readonly string[] | undefined {
  const plain = ABBREVIATIONS.get(word);
  if (plain || word.length < 4 || !word.endsWith('s')) return plain;
  return ABBREVIATIONS.get(word.slice(0, -1));
}
