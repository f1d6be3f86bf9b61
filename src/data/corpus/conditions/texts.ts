import type { Random } from '../../../base/random.js';
import type { Attribute } from '../topics/entities.js';
import type { QueryValue } from '../statement/program.js';
import { quotedValue, textValue } from '../question/values.js';

const list = (text: string): string[] => text.split(', ');

/** What a column of that name may hold, so that a value says something of its column. The first that fits counts. */
const TEXTS: readonly [RegExp, string[]][] = [
  [/\b(city|town|county|municipality)\b/, list('Boston, Chicago, Springfield, New York, Dayton, Salem')],
  [/\b(state|province|region)$/, list('Ohio, Texas, Maine, Ontario, Utah')],
  [/\b(country|nationality|land)\b/, list('Canada, France, Norway, Brazil, Japan')],
  [/\b(first|given|middle) ?(name|title)?\b|forename/, list('Anna, James, Maria, Peter, Lena, Omar')],
  [/\b(last|family|sur|maiden) ?(name|title)?\b|surname/, list('Smith, Jones, Garcia, Meyer, Okafor, Larsen')],
  [/\blanguage\b/, list('English, Spanish, French, Arabic')],
  [/\b(drug|medication|medicine|substance|allergen|ingredient|product)\b/, list('metformin, lisinopril, atorvastatin, insulin, albuterol, warfarin, penicillin')],
  [/\b(diagnosis|condition|disease|problem|cause|complaint|reason|event)\b/, list('type 2 diabetes, hypertension, asthma, pneumonia, sepsis, heart failure, chest pain')],
  [/\b(procedure|operation|intervention|surgery|service)\b/, list('appendectomy, colonoscopy, hip replacement, dialysis, biopsy')],
  [/\b(test|analyte|component|measurement|observation|finding|item|concept)\b/, list('glucose, creatinine, hemoglobin, sodium, blood pressure, heart rate')],
  [/\b(specialty|discipline|department|unit name|ward)\b/, list('cardiology, oncology, radiology, general surgery, pediatrics')],
  [/\bunit|\buom\b/, list('mg, ml, mmol/L, mg/dL, units')],
  [/\broute\b/, list('oral, intravenous, subcutaneous, topical')],
  [/\b(gender|sex)\b/, list('female, male, F, M')],
  [/\brace|ethnic/, list('asian, black, white, hispanic')],
  [/\b(payer|insur|plan|coverage)/, list('Medicare, Medicaid, self pay, HMO')],
  [/\b(status|state|disposition|outcome|stage)\b/, list('active, completed, cancelled, final, pending')],
  [/\b(note|text|comment|report|remark|narrative)\b/, list('fever, follow up, no acute distress, fall risk')],
  [/\b(visit|encounter|admission|class|type|kind|category|source)\b/, list('inpatient, outpatient, emergency, urgent, elective')],
]; // prettier-ignore

const known = new WeakMap<Attribute, readonly string[]>();

/** The texts that fit the attribute: its coded values, or what its words suggest; empty if they suggest nothing. */
function textsOf(attribute: Attribute): readonly string[] {
  let texts = known.get(attribute);
  if (texts === undefined) {
    const words = `${attribute.phrases[0]} ${attribute.words}`;
    const codes = attribute.column.codes?.map(({ value }) => value);
    texts = codes ?? TEXTS.find(([name]) => name.test(words))?.[1] ?? [];
    known.set(attribute, texts);
  }
  return texts;
}

/** A quoted text to compare the attribute with. */
export function textFor(random: Random, attribute: Attribute): QueryValue {
  const texts = textsOf(attribute);
  // Two values of one question must differ, and a column of codes may have few: now and then it is any text.
  return texts.length === 0 || random.chance(0.1)
    ? textValue(random)
    : quotedValue(random, random.pick(texts));
}
