/**
 * The lower-case words of an identifier or a phrase: `GenderCode`, `gender_code` and `gender code` all give
 * `['gender', 'code']`; `ICD10Code` gives `['icd10', 'code']`, and the plural `MRNs` stays whole.
 */
export function splitWords(text: string): string[] {
  return text
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z](?!s(?![A-Za-z]))[a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}
