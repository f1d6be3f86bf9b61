/** En dash, em dash and minus sign, which word processors write for a hyphen; elsewhere they separate. */
const LONG_DASH = /[\u2013\u2014\u2212]/;
const LONG_DASHES = /[\u2013\u2014\u2212]/g;

/** Hyphens by another name: U+2010; U+2011, at which no line breaks; the small and the full-width one. */
const OTHER_HYPHEN = /[\u2010\u2011\ufe63\uff0d]/;
const OTHER_HYPHENS = new RegExp(OTHER_HYPHEN, 'g');
/** Figure dash, horizontal bar and small em dash, which stand where an en dash does. */
const OTHER_DASH = /[\u2012\u2015\ufe58]/;
const OTHER_DASHES = new RegExp(OTHER_DASH, 'g');
/** Every sign that is read as a hyphen inside an ID. */
export const ANY_DASH = /[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]/;

/** Three parts or more, or two after a word that announces a code: `004–82–913`, `LOINC 4548–4`. */
const IN_ID =
  /(?<![\p{L}\p{N}/.-])[A-Za-z0-9]{1,12}(?:[\u2013\u2014\u2212][A-Za-z0-9]{1,12}){2,4}(?![\p{L}\p{N}/.-])/gu;
const IN_CODE =
  /(?<=\b(?:loinc|ndc|mrn|cpt|icd(?:-?(?:9|10))?|zip|code|id|number|no)[ :#=]{1,3})([A-Za-z]{0,4}\d{1,12})[\u2013\u2014\u2212](\d{1,6})(?![\p{L}\p{N}/.-])/giu;

/** An ID whose noun says so needs no further proof: `NDC 0093–7214–01`, `MRN A–17`; `MRNs 12–15` is a range. */
const LABELLED =
  /(?<=\b(?:ndcs?|mrns?|ssns?|accounts?|identifiers?|loincs?|patients?|members?|encounters?|visits?|claims?|orders?|accessions?|specimens?|serial)(?: (?:number|no|code|id)s?\.?)?[ :#=]{1,3}(?:[A-Za-z0-9\u2013\u2014\u2212-]{1,24}(?:, | and | or |, and )){0,4})[A-Za-z0-9]{1,12}(?:[\u2013\u2014\u2212][A-Za-z0-9]{1,12}){1,4}(?![\p{L}\p{N}/.-])/giu;

/**
 * Writes a hyphen for every long dash inside an ID or a code, at the same offset. Ranges (`5–10`), lists of small numbers
 * (`2–3–10`) and dates keep theirs.
 */
export function withHyphens(written: string): string {
  let text = OTHER_HYPHEN.test(written) ? written.replace(OTHER_HYPHENS, '-') : written;
  if (OTHER_DASH.test(text)) text = text.replace(OTHER_DASHES, '\u2013');
  if (!LONG_DASH.test(text)) return text;
  return text
    .replace(IN_ID, (id) => {
      const parts = id.split(LONG_DASH);
      const isCode = /\d/.test(id) && parts.some((part) => part.length >= 3) && !/^\d{4}$/.test(parts[0]!);
      return isCode ? id.replace(LONG_DASHES, '-') : id;
    })
    .replace(LABELLED, (id) => {
      const parts = id.split(LONG_DASH);
      const isId = /\d/.test(id) && (parts.length > 2 || isPair(parts[0]!, parts[1]!));
      return isId ? id.replace(LONG_DASHES, '-') : id;
    })
    .replace(IN_CODE, (code, first: string, second: string) =>
      first.length === second.length ? code : code.replace(LONG_DASHES, '-'),
    );
}

/** `A–17`, `W12–4478`, `40117–2`, but not `A1–A9` and `2021–22`, which are ranges. */
function isPair(first: string, second: string): boolean {
  if (/^[A-Za-z]{1,4}$/.test(first)) return true;
  if (!/^\d+$/.test(second)) return false;
  const isYear = /^(?:19|20)\d\d$/.test(first);
  return /^[A-Za-z]{1,4}\d+$/.test(first) || (first.length > 2 && first.length > second.length && !isYear);
}
