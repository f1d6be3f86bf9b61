/** The longest phrase that a refusal quotes. */
const MOST_CHARACTERS = 60;

/** A phrase of the question as a message quotes it: whole words, and not too many. */
export function shorten(phrase: string): string {
  const text = phrase.replace(/^[\s\W]+(?=[\w<>≥≤])|[\s\W]+$/g, '');
  if (text.length <= MOST_CHARACTERS) return text;
  return `${text.slice(0, text.lastIndexOf(' ', MOST_CHARACTERS))} …`;
}

/** The beginning of a phrase, up to a noun in lower case that is in it. */
export function upTo(phrase: string, noun: string): string {
  const at = phrase.toLowerCase().lastIndexOf(noun);
  return at < 0 ? phrase : phrase.slice(0, at + noun.length);
}
