import type { Random } from '../../../base/random.js';

/**
 * Invented names of drugs, diseases, tests and so on. They look like the real ones, numbers, commas and units
 * included, and there are thousands of each, so that a model learns the shape of a name and not its letters. The model
 * itself reads only placeholders; the names train whatever must find them in a typed question.
 */

const list = (text: string): string[] => text.split(/\s+/);

const ONSETS =
  list(`b br c cl d dr f fl g gl k l m n p pr r s st t tr v z az ox im ar el in or ac ben cal dex eth fen gab hal
  ket lor met nal oxi pan quin ros sul tam val xer zol`);
const VOWELS = list('a e i o u a e i o ia eo y');
const MIDDLES = list('l m n r t v x d b p s c f g z st nd lt rm nt pr');
const DRUG_ENDINGS =
  list(`ol ine ide ate um in ast il pril artan statin azole cillin mycin oxin amide onium idone azepam
  triptan parin mab nib vir dipine lukast gliptin formin setron thiazide sone caine profen`);
const DISEASE_ENDINGS =
  list(`itis osis emia oma pathy algia uria plegia penia edema ectasia rrhea megaly sclerosis trophy lithiasis
  thorax phagia pnea cele ptysis`);
const BODY =
  list(`hepat nephr cardi gastr derm neur arthr oste my bronch pneum encephal mening thyr aden enter col cyst
  phleb chondr splen ot rhin pancreat vascul laryng kerat`);
const PARTS =
  list(`hip knee shoulder lung liver kidney heart bowel stomach skin eye ear neck spine wrist ankle bladder
  spleen colon forearm chest breast jaw aorta femur tibia thigh`);
const QUALITIES =
  list(`acute chronic benign malignant primary secondary recurrent unspecified bilateral congenital severe mild
  idiopathic diffuse focal obstructive hereditary juvenile postoperative septic viral bacterial`);
const TROUBLES =
  list(`failure infection fracture ulcer disease disorder syndrome pain injury abscess hemorrhage insufficiency
  stenosis embolism obstruction neoplasm dysfunction rupture lesion deficiency`);
/** What a drug is given as, with the routes and the units of strength that go with it. */
const FORMS: readonly (readonly [forms: string[], routes: string[], units: string[]])[] = [
  [list('tablet capsule tab cap'), ['oral'], list('mg mg mcg g')],
  [list('solution suspension drops'), ['oral'], list('mg ml')],
  [list('injection syringe vial solution'), list('iv im sc'), list('mg mg mcg ml units')],
  [list('infusion bag'), ['iv'], list('mg ml g')],
  [list('cream ointment gel'), list('topical rectal'), list('mg g')],
  [list('spray drops'), ['nasal'], list('mcg ml')],
  [list('inhaler'), ['inhaled'], ['mcg']],
  [list('patch'), ['topical'], ['mcg', 'mg']],
];
const ANALYTES =
  list(`glycerate calcide ferrase protein albumate sodide potassol chloride lactase bilirate urease creatase
  troponate magnesol phosphase amylate lipide cortisate thyrol insulate hematocrin globulate platelase ferritate`);
const MEASURED = ['heart rate', 'heart {v}', 'lung {v}', 'bladder {v}', 'liver {v}', 'kidney {v}', 'aorta diameter', 'arterial pressure', 'venous pressure', 'airway pressure', 'oxygen saturation', 'skin temperature']; // prettier-ignore
const FLUIDS = list('blood urine serum plasma csf stool saliva');
const PROCEDURE_ENDINGS = list('ectomy otomy ostomy oscopy plasty graphy centesis pexy desis tripsy');
const ACTS =
  list(`repair removal replacement insertion drainage biopsy excision reconstruction bypass incision closure
  irrigation transplant fixation ablation`);
const GIVEN =
  list(`Alda Bram Corin Della Ewan Fenna Garet Hilla Iven Jorin Kessa Liam Mirel Nadia Orin Petra Quill Rosalyn
  Sander Tilda Ulric Vera Willem Xenia Yorick Zelda Anneke Bastian Clara Dorian`);
const FAMILY_STARTS = list(
  'Hal Ren Mor Tal Wes Bran Cor Del El Fair Gar Hart Ing Kel Lan Mar Nor Ost Pem Ral',
);
const FAMILY_ENDS = list(
  'ston ford wick by ley man son berg dale worth field well more land quist sen ski vic ez ani',
);
const PLACE_ENDS = list('ville ton burg field haven port mouth bridge wood dale');
const WARDS = list(
  'medical surgical cardiac neuro trauma coronary pediatric burn oncology stepdown observation maternity',
);
const WARD_NOUNS = list('unit ward floor wing bay suite');
const GENUS_ENDS = list('bacter coccus ella monas bacillus myces spora vibrio');
const SPECIES_ENDS = list('ans ensis icus alis oides ata osa ae');

function syllables(random: Random, count: number): string {
  let text = random.pick(ONSETS) + random.pick(VOWELS);
  for (let i = 1; i < count; i++) text += random.pick(MIDDLES) + random.pick(VOWELS);
  return text;
}

/** Syllables that end in a consonant, so that an ending follows well. */
function stem(random: Random, count: number): string {
  return syllables(random, count + 1).replace(/[aeiouy]+$/, '');
}

/** The substance alone: `metavostatin`. */
function ingredientName(random: Random): string {
  return stem(random, random.between(1, 2)) + random.pick(DRUG_ENDINGS);
}

/** `metavostatin`, `sodium bretol 20 mg tablet`, `insulate (human)`, `5% dextrol`. */
export function drugName(random: Random): string {
  const name = ingredientName(random);
  const [forms, routes, units] = random.pick(FORMS);
  const strength = `${random.pick(['0.5', '1', '2.5', '5', '10', '20', '25', '40', '100', '250', '500'])} ${random.pick(units)}`;
  switch (random.int(14)) {
    case 0:
      return `${name} ${strength} ${random.pick(forms)}`;
    case 1:
      return `${name} ${strength} ${random.pick(routes)} ${random.pick(forms)}`;
    case 2:
      return `${random.pick(['sodium', 'potassium', 'calcium', 'zinc'])} ${name}`;
    case 3:
      return `${name} ${random.pick(['hydrochloride', 'sulfate', 'sodium', 'acetate', 'xr', 'hcl'])}`;
    case 4:
      return `${name} (${random.pick(['human', 'iv', 'oral', 'nicu', 'premix'])})`;
    case 5:
      return `${random.pick(['5', '0.9', '10', '0.45', '2'])}% ${name}`;
    case 6:
      return `${name}-${syllables(random, 1)}${random.pick(DRUG_ENDINGS)}`;
    case 7:
      return `${strength.replace(' ', '')} ${name} ${random.pick(forms)}`;
    default:
      return name;
  }
}

/** `hepatosis`, `acute lung failure`, `recurrent nephritis, unspecified`, `kelston's disease`. */
export function diseaseName(random: Random): string {
  const one = random.pick(BODY) + random.pick(DISEASE_ENDINGS);
  switch (random.int(12)) {
    case 0:
      return `${random.pick(QUALITIES)} ${random.pick(PARTS)} ${random.pick(TROUBLES)}`;
    case 1:
      return `${random.pick(PARTS)} ${random.pick(TROUBLES)}`;
    case 2:
      return `${one}, ${random.pick(['unspecified', 'left side', 'right side', 'stage 2'])}`;
    case 3:
      return `${random.pick(QUALITIES)} ${one}`;
    case 4:
      return `${familyName(random)}'s ${random.pick(['disease', 'syndrome'])}`;
    case 5:
      return `type ${random.between(1, 4)} ${one}`;
    case 6:
      return `${one} of ${random.pick(['the ', ''])}${random.pick(PARTS)}`;
    case 7:
      return `${random.pick(PARTS)} ${random.pick(TROUBLES)} nos`;
    case 8:
      return `${random.pick(QUALITIES)} ${random.pick(PARTS)} ${random.pick(TROUBLES)} (disorder)`;
    default:
      return one;
  }
}

/** `ferritate`, `urine calcide`, `25-oh lipide`, `fasting lactase`, `thyrol (free)`. */
export function testName(random: Random): string {
  const analyte = random.chance(0.5)
    ? random.pick(ANALYTES)
    : stem(random, 1) + random.pick(['ide', 'ase', 'ate', 'in', 'ol', 'one']);
  switch (random.int(12)) {
    case 0:
      return `${random.pick(FLUIDS)} ${analyte}`;
    case 1:
      return `${analyte}, ${random.pick(FLUIDS)}`;
    case 2:
      return `${random.between(1, 25)}-oh ${analyte}`;
    case 3:
      return `${random.pick(['fasting', 'total', 'ionized'])} ${analyte}`;
    case 4:
      return `${analyte} (${random.pick(['free', 'total', 'whole blood', 'calculated'])})`;
    case 5:
      return `${analyte} ${random.pick(['a1', 'b12', 'd2', 'iga', 'igm'])}`;
    case 6:
      return `${analyte}/${random.pick(ANALYTES)} ratio`;
    default:
      return analyte;
  }
}

/** `bladder volume`: what an organ has. */
export function vitalName(random: Random): string {
  return random.pick(MEASURED).replace('{v}', random.pick(['volume', 'index', 'output']));
}

/** `left knee pain score`, `bramal scale`, `resting heart rate`: what is charted and not measured in a laboratory. */
export function observationName(random: Random): string {
  switch (random.int(4)) {
    case 0:
      return `${bodyPart(random)} ${random.pick(['pain', 'swelling', 'mobility', 'strength'])} score`;
    case 1:
      return `${stem(random, 1)}${random.pick(['al', 'en', 'on'])} ${random.pick(['scale', 'score', 'index'])}`;
    case 2:
      return `${random.pick(['resting ', 'mean ', 'peak ', ''])}${vitalName(random)}`;
    default:
      return `${random.pick(BODY)}${random.pick(['ic', 'al'])} ${random.pick(['function', 'pressure', 'output'])}`;
  }
}

/**
 * What is observed, is not measured and is no diagnosis: `exposure to bramal`, `bramal score`. `History of gastritis` is one
 * too, but said in a question it is a diagnosis.
 */
export function notedName(random: Random): string {
  const one = `${stem(random, 1)}${random.pick(['al', 'en', 'on'])}`;
  switch (random.int(4)) {
    case 0:
      return `exposure to ${one}`;
    case 1:
      return `${one} ${random.pick(['scale', 'score', 'index'])}`;
    default:
      return one;
  }
}

/** `gastroplasty`, `left hip replacement`, `insertion of 2 arterial stents`, `ct of chest`. */
export function procedureName(random: Random): string {
  const one = random.pick(BODY) + random.pick(PROCEDURE_ENDINGS);
  switch (random.int(9)) {
    case 0:
      return `${random.pick(['left', 'right', 'open', 'closed', 'partial', 'total'])} ${random.pick(PARTS)} ${random.pick(ACTS)}`;
    case 1:
      return `${random.pick(PARTS)} ${random.pick(ACTS)}`;
    case 2:
      return `${random.pick(ACTS)} of ${random.pick(PARTS)}`;
    case 3:
      return `insertion of ${random.pick(['2', '3', '4'])} ${random.pick(PARTS)} stents`;
    case 4:
      return `${random.pick(['ct', 'mri', 'x-ray', 'ultrasound'])} of ${random.pick(PARTS)}`;
    case 5:
      return `${random.pick(['endoscopic', 'percutaneous', 'laparoscopic'])} ${one}`;
    default:
      return one;
  }
}

/** `left hip replacement`: a part of the body and what is done to it. */
export function surgeryName(random: Random): string {
  const act = random.pick(ACTS.filter((one) => !/irrigation|drainage|incision|closure/.test(one)));
  const side = random.pick(['', '', 'left ', 'right ', 'partial ']);
  return `${side}${random.pick(PARTS)} ${act}`;
}

export function vaccineName(random: Random): string {
  const one = stem(random, 1);
  switch (random.int(4)) {
    case 0:
      return `${one}itis ${random.pick(['a', 'b', 'c'])}`;
    case 1:
      return `${one}ella`;
    case 2:
      return `${one}us ${random.pick(['quadrivalent', 'trivalent', 'conjugate', '0.5 ml', '13'])}`;
    default:
      return `${one}us`;
  }
}

export function organismName(random: Random): string {
  const genus = syllables(random, 1) + random.pick(GENUS_ENDS);
  const species = stem(random, 1) + random.pick(SPECIES_ENDS);
  return random.chance(0.7) ? `${genus} ${species}` : `${genus} sp.`;
}

export function specimenName(random: Random): string {
  if (random.chance(0.5)) return random.pick(FLUIDS);
  return `${random.pick(PARTS)} ${random.pick(['swab', 'fluid', 'tissue', 'aspirate', 'tissue/biopsy', 'fluid/aspirate'])}`;
}

/** What leaves the body: `urine`, `left chest drain`. */
export function outputName(random: Random): string {
  if (random.chance(0.5)) return random.pick(list('urine stool bile emesis gastric ileostomy'));
  return `${random.pick(['left ', 'right ', ''])}${random.pick(list('chest neck hip knee breast'))} ${random.pick(['drain', 'tube'])}`;
}

export function substanceName(random: Random): string {
  return random.pick([
    ingredientName,
    (r: Random) => `${syllables(r, 1)}${r.pick(['nut', 'fish', 'pollen', 'mite', 'berry'])}`,
  ])(random);
}

export function deviceName(random: Random): string {
  if (random.chance(0.4))
    return `${random.pick(list('hip knee shoulder wrist ankle forearm'))} ${random.pick(list('prosthesis splint brace'))}`;
  return `${syllables(random, 1)}x ${random.pick(list('stent pump catheter pacemaker wheelchair monitor mask cuff'))}`;
}

export function familyName(random: Random): string {
  return random.pick(FAMILY_STARTS) + random.pick(FAMILY_ENDS);
}

export function givenName(random: Random): string {
  return random.pick(GIVEN) + (random.chance(0.1) ? String(random.between(1, 999)) : '');
}

export function placeName(random: Random): string {
  const one = random.pick(FAMILY_STARTS) + random.pick(PLACE_ENDS);
  return random.chance(0.2) ? `${random.pick(['North', 'New', 'Saint', 'Upper'])} ${one}` : one;
}

export function wardName(random: Random): string {
  const one = `${random.pick(WARDS)} ${random.pick(WARD_NOUNS)}`;
  return random.chance(0.2) ? `${one} ${random.between(1, 9)}` : one;
}

const GROUPS: Record<string, string[]> = {
  route: list('po iv im sc pr sl topical inhaled nasal oral ng buccal dialysis'),
  unit: list('mg ml g mcg units meq mmol mg/dl percent kg cm mmhg'),
  status: list('active completed cancelled pending stopped planned finished'),
  priority: list('routine urgent stat'),
  insurance: ['medicare', 'medicaid', 'private', 'public', 'veld health', 'norcare plus'],
  language: list('english spanish french polish creole tagalog arabic hindi russian dutch'),
  race: list('white black asian polynesian multiracial'),
  ethnicity: ['hispanic', 'hispanic', 'latino', 'hispanic or latino', 'non-hispanic'],
  marital: list('married single divorced widowed separated'),
  religion: list('catholic buddhist jewish muslim protestant hindu quaker'),
  source: ['emergency room', 'nursing facility', 'another hospital', 'rehab facility', 'home', 'clinic'],
  destination: ['home', 'hospice', 'rehab facility', 'nursing home', 'home health care', 'another hospital'],
  type: list('elective urgent emergency newborn routine planned observation outpatient inpatient daycare'),
  flag: list('abnormal normal high low critical delta'),
  severity: list('mild moderate severe critical low high'),
}; // prettier-ignore

export function bodyPart(random: Random): string {
  const part = random.pick(PARTS);
  return random.chance(0.4) ? `${random.pick(['left', 'right'])} ${part}` : part;
}

export function planName(random: Random): string {
  return random.chance(0.5)
    ? `${random.pick(BODY)}${random.pick(DISEASE_ENDINGS)} ${random.pick(['self-management', 'prevention', 'clinical management'])}`
    : `${random.pick(PARTS)} ${random.pick(['exercise', 'rehabilitation', 'training', 'physiotherapy'])}`;
}

/** A word of a small closed list, such as a route or a status; some are invented if `mayInvent`. */
export function groupName(random: Random, group: string, mayInvent: boolean): string {
  const names = GROUPS[group]!;
  if (mayInvent && group === 'insurance' && random.chance(0.3))
    return stem(random, 1) + random.pick(['al', 'ed', 'ic', 'ary', 'y']);
  return random.pick(names);
}

/** The name as a person types it: mostly lower case, sometimes each word or the first one with a capital. */
export function typed(random: Random, name: string): string {
  switch (random.int(6)) {
    case 0:
      return name.replace(/(^|[ (/-])[a-z]/g, (letter) => letter.toUpperCase());
    case 1:
      return name.charAt(0).toUpperCase() + name.slice(1);
    case 2:
      return random.chance(0.3) ? name.toUpperCase() : name;
    default:
      return name;
  }
}
