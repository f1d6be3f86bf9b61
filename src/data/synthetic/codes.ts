import type { Random } from '../../base/random.js';
import type { CodedValue } from '../schema/bundle.js';

/**
 * Values that coded attributes take: for each attribute the meanings, each with the words that people use, the usual
 * code first: `M=male=man` is a value that people call male or man.
 */
const MEANINGS: Record<string, string> = {
  sex: 'M=male=man, F=female=woman, U=unknown sex',
  'marital status': 'M=married, S=single=unmarried, D=divorced, W=widowed',
  ethnicity: 'H=hispanic, N=not hispanic',
  race: 'W=white, B=black, A=asian, O=other race',
  'visit type': 'IP=inpatient, OP=outpatient=ambulatory, ER=emergency, TH=telehealth=virtual',
  'visit status': 'PL=planned, AR=arrived, IP=in progress=ongoing, FI=finished=completed, CA=cancelled',
  'admission source': 'ER=emergency room, RF=referral, TR=transfer, HO=home',
  'discharge disposition':
    'HOM=home, SNF=nursing home=skilled nursing facility, EXP=died=expired, TRF=transferred, AMA=against advice',
  'insurance type': 'MCR=medicare, MCD=medicaid, PRV=private, SLF=self pay',
  'payer type': 'MCR=medicare, MCD=medicaid, COM=commercial, GOV=government',
  'plan type': 'HMO=hmo, PPO=ppo, EPO=epo',
  'triage level': '1=resuscitation, 2=emergent, 3=urgent, 4=less urgent, 5=not urgent',
  'arrival mode': 'AMB=ambulance, WLK=walk in, HEL=helicopter, CAR=car',
  'first care unit': 'MICU=medical icu, SICU=surgical icu, CCU=coronary care unit, NICU=neonatal icu',
  'last care unit': 'MICU=medical icu, SICU=surgical icu, CCU=coronary care unit, NICU=neonatal icu',
  severity: 'MI=mild, MO=moderate, SE=severe, LT=life threatening',
  priority: 'R=routine, U=urgent, S=stat, A=as soon as possible',
  route: 'PO=oral, IV=intravenous, IM=intramuscular, SC=subcutaneous, TOP=topical',
  frequency: 'QD=daily=once a day, BID=twice daily=twice a day, TID=three times a day, PRN=as needed',
  'order status': 'NEW=new, ACT=active, COM=completed=done, CAN=cancelled',
  'administration status': 'GIV=given, HLD=held, REF=refused, MIS=missed',
  'observation status': 'P=preliminary, F=final, C=corrected, X=cancelled',
  'appointment status': 'BKD=booked, CMP=completed, CAN=cancelled, NSH=no show',
  'referral status': 'PEN=pending, ACC=accepted, REJ=rejected',
  'claim status': 'SUB=submitted, PD=paid, DEN=denied, PEN=pending',
  'claim type': 'I=institutional, P=professional, R=pharmacy, D=dental',
  'payment method': 'CHK=check, EFT=electronic transfer, CSH=cash, CRD=card',
  'specimen type': 'BLD=blood, URN=urine, TIS=tissue, SWB=swab, CSF=cerebrospinal fluid',
  interpretation: 'S=susceptible=sensitive, I=intermediate, R=resistant',
  modality: 'CT=ct=computed tomography, MR=mri, US=ultrasound, XR=x ray',
  'body part': 'CH=chest, AB=abdomen, HD=head, EX=extremity',
  'anesthesia type': 'G=general anesthesia, L=local anesthesia, S=spinal anesthesia, N=no anesthesia',
  outcome: 'REC=recovered=resolved, IMP=improved, UNC=unchanged, DTH=fatal',
  'pregnancy outcome': 'LB=live birth, SB=stillbirth, MC=miscarriage',
  'wound class': '1=clean, 2=clean contaminated, 3=contaminated, 4=dirty',
  'note type': 'PRG=progress note, DIS=discharge summary, CON=consultation note, OPN=operative note',
  'plan status': 'DRA=draft, ACT=active, COM=completed, REV=revoked',
  'smoking status': 'CUR=current smoker, FOR=former smoker, NEV=never smoker',
  'vital status': 'A=alive, D=dead=deceased, U=vital status unknown',
  stage: '1=stage one=early stage, 2=stage two, 3=stage three, 4=stage four=late stage',
  'disease stage': '1=early stage, 2=intermediate stage, 3=advanced stage',
  grade: 'L=low grade, M=intermediate grade, H=high grade',
  phase: '1=phase one, 2=phase two, 3=phase three',
  arm: 'T=treatment arm=treated, C=control arm, P=placebo',
  'delivery mode': 'V=vaginal, C=cesarean, A=assisted',
  'blood group': 'A=group a, B=group b, AB=group ab, O=group o',
  'ventilation mode': 'AC=assist control, SIM=simv, PS=pressure support',
  'employment status': 'E=employed, U=unemployed, R=retired from work, S=student',
  'bed type': 'STD=standard, ICU=intensive care, ISO=isolation',
  specialty: 'CAR=cardiology, ONC=oncology, SUR=surgery, PED=pediatrics, NEU=neurology',
  'job status': 'OPN=open, PRG=in progress, DON=done',
  'ticket status': 'OPN=open, WRK=in progress, CLS=closed',
  'project status': 'PLN=planned, RUN=running, DON=finished, STP=stopped',
  'task status': 'OPN=open, BSY=in progress, DON=done',
  'shift type': 'D=day shift, E=evening shift, N=night shift',
};

/** Codes of a yes-or-no column that is not a bit. */
export const YES_NO: readonly CodedValue[] = [
  { value: 'Y', words: ['yes'] },
  { value: 'N', words: ['no'] },
];

/** How a schema spells its codes. */
export type CodeSpelling = 'short' | 'word' | 'number';

/**
 * The coded values of an attribute; undefined if none are known.
 * @param words the attribute's words in concepts.ts
 */
export function codesFor(words: string, spelling: CodeSpelling, random: Random): CodedValue[] | undefined {
  const meanings = MEANINGS[words];
  if (meanings === undefined) return undefined;
  const first = random.pick([0, 1, 1, 100, 8500]);
  return meanings.split(', ').map((meaning, i) => {
    const [code = '', ...said] = meaning.split('=');
    const value = {
      short: code,
      word: said[0]!.replaceAll(' ', '_').toUpperCase(),
      number: String(first + i),
    }[spelling];
    return { value, words: said };
  });
}
