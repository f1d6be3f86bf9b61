/** Parts of the body and words for where in it; written for this program. */

function list(words: string): string[] {
  return words.trim().split(/\s+/);
}

const PARTS = list(`
  abdomen ankle anus aorta appendix arch arm artery axilla back bladder blood body bone bowel brain breast bronchus
  buttock calf cervix cheek chest chin clavicle colon cord cornea disc disk duct ear elbow esophagus extremity eye eyelid
  face femur fibula finger foot forearm forehead gallbladder gland groin gum hand head heart heel hip humerus intestine
  jaw joint kidney knee larynx leg lens ligament limb lip liver lobe lung mandible mouth muscle nail neck nerve node nose
  ovary palate pancreas pelvis penis pharynx placenta pleura prostate quadrant radius rectum retina rib scalp scapula
  shoulder sinus skin skull spine spleen sternum stomach tendon testicle testis thigh throat thumb thyroid tibia toe
  tongue tonsil tooth trachea tract tube ulna ureter urethra uterus vagina valve vein vertebra ventricle vulva wrist`);
const IRREGULAR = list(
  'arteries axillae bodies bronchi extremities feet ovaries pleurae teeth testes vertebrae',
);

const BODY_PARTS: ReadonlySet<string> = new Set([...PARTS, ...PARTS.map((part) => `${part}s`), ...IRREGULAR]);

export function isBodyPart(word: string): boolean {
  return BODY_PARTS.has(word);
}

/** Adjectives of the body's parts: `ventricular`, `femoral`, `gastric`; and what only parts have: `bundle`, `sided`. */
export function isOfBody(word: string): boolean {
  return BODY_PARTS.has(word) || OF_BODY.test(word);
}

const NOT_OF_BODY = 'initial special partial social official material memorial';
const OF_BODY = new RegExp(
  `^(?:bundle|sided|side|cardiac|(?:gastr|thorac|hepat|splen|pelv|aort|pancreat|prostat)ic|` +
    `(?!(?:${NOT_OF_BODY.replaceAll(' ', '|')})$).{2,}(?:[rnt]al|eal|[clrt]ial|ar|iary|onary|atric|gastric|thoracic))$`,
);

/** What is measured or done at a part of the body, by words that questions also use otherwise: `breast output`, `lung transplant`. */
const AT_BODY: ReadonlySet<string> = new Set(
  list(
    'volume output span scan drain tube transplant transplantation implant removal repair biopsy capacity pulse size replacement',
  ).flatMap((word) => [word, word === 'biopsy' ? 'biopsies' : `${word}s`]),
);

export function isAtBody(word: string): boolean {
  return AT_BODY.has(word);
}

/** Parts of the body that are also said of other things. */
const ALSO_OTHER: ReadonlySet<string> = new Set(
  list('blood body back head node hand face arch disc disk tube valve nail'),
);

/** Whether a word before a name is a part of it: `joint mobility`. */
export function beginsName(word: string): boolean {
  return BODY_PARTS.has(word) && !ALSO_OTHER.has(word);
}

/** Which side or end of a part. */
export const SIDES: ReadonlySet<string> = new Set(
  list(
    'left right both upper lower mid middle inner outer front rear bilateral anterior posterior medial lateral distal proximal',
  ),
);
