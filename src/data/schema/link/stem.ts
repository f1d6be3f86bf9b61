/**
 * Removes common English endings, so that `diagnoses` matches `diagnosis` and `discharged` matches `discharge`. Stems
 * are only compared with each other; they need not be words.
 */
export function stem(word: string): string {
  if (word.length <= 3) return word;
  let s = word;
  if (/(ss|x|z|ch|sh)es$/.test(s)) s = s.slice(0, -2);
  else if (/[^aeiou]ies$/.test(s)) s = s.slice(0, -3) + 'y';
  else if (/(s[ei])s$/.test(s)) s = s.slice(0, -2);
  else if (/[^su]s$/.test(s)) s = s.slice(0, -1);
  if (s.length > 6 && s.endsWith('ing')) s = s.slice(0, -3);
  else if (s.length > 5 && s.endsWith('ed')) s = s.slice(0, -2);
  if (s.length > 4 && s.endsWith('e')) s = s.slice(0, -1);
  return s;
}

/** True if inserting, dropping or changing one letter, or swapping two neighbours, turns `a` into `b`. */
export function isOneTypoAway(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1 || a === b) return false;
  let i = 0;
  while (i < a.length && a[i] === b[i]) i += 1;
  const restA = a.slice(i);
  const restB = b.slice(i);
  return (
    restA.slice(1) === restB.slice(1) ||
    restA.slice(1) === restB ||
    restA === restB.slice(1) ||
    (restA.slice(2) === restB.slice(2) && restA[0] === restB[1] && restA[1] === restB[0])
  );
}
