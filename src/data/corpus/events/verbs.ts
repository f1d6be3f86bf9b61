/** A verb phrase in the infinitive (`be prescribed {x}`) in the forms that questions need. */

/** Past and participle of the irregular verbs that the corpus uses. */
const IRREGULAR: Record<string, readonly [past: string, participle: string]> = {
  be: ['was', 'been'],
  have: ['had', 'had'],
  get: ['got', 'gotten'],
  take: ['took', 'taken'],
  undergo: ['underwent', 'undergone'],
  go: ['went', 'gone'],
  come: ['came', 'come'],
  leave: ['left', 'left'],
  spend: ['spent', 'spent'],
  speak: ['spoke', 'spoken'],
  understand: ['understood', 'understood'],
  die: ['died', 'died'],
};

function split(verb: string): [first: string, rest: string] {
  const at = verb.indexOf(' ');
  return at < 0 ? [verb, ''] : [verb.slice(0, at), verb.slice(at)];
}

function regularPast(word: string): string {
  if (word.endsWith('e')) return `${word}d`;
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ied`;
  return `${word}ed`;
}

/** `was prescribed {x}`, `received {x}`; in the plural `were prescribed {x}`. */
export function past(verb: string, isPlural: boolean): string {
  const [first, rest] = split(verb);
  if (first === 'be') return (isPlural ? 'were' : 'was') + rest;
  return (IRREGULAR[first]?.[0] ?? regularPast(first)) + rest;
}

/** `is allergic to {x}`, `speaks {x}`; in the plural `are allergic to {x}`, `speak {x}`. */
export function present(verb: string, isPlural: boolean): string {
  const [first, rest] = split(verb);
  if (first === 'be') return (isPlural ? 'are' : 'is') + rest;
  if (first === 'have') return (isPlural ? 'have' : 'has') + rest;
  if (isPlural) return verb;
  return (
    (/[^aeiou]y$/.test(first)
      ? `${first.slice(0, -1)}ies`
      : /(s|x|ch|sh|o)$/.test(first)
        ? `${first}es`
        : `${first}s`) + rest
  );
}

/** What follows `has` or `have`: `been prescribed {x}`, `received {x}`. */
export function perfect(verb: string): string {
  const [first, rest] = split(verb);
  return (IRREGULAR[first]?.[1] ?? regularPast(first)) + rest;
}

/** The auxiliary of a question in the past and what follows the subject: `was … prescribed {x}`, `did … receive {x}`. */
export function inverted(verb: string, isPlural: boolean): { auxiliary: string; rest: string } {
  const [first, rest] = split(verb);
  if (first === 'be') return { auxiliary: isPlural ? 'were' : 'was', rest: rest.slice(1) };
  return { auxiliary: 'did', rest: verb };
}

/** After a noun, without a pronoun: `prescribed {x}`, `with {x}`, `receiving {x}`. */
export function modifier(verb: string): string {
  const [first, rest] = split(verb);
  if (first === 'be') return rest.slice(1);
  if (first === 'have') return `with${rest}`;
  if (first === 'get') return `getting${rest}`;
  return `${first.endsWith('e') && !first.endsWith('ee') ? first.slice(0, -1) : first}ing${rest}`;
}

/** `were not prescribed {x}`, `did not receive {x}`, `never received {x}`. */
export function negated(verb: string, isPlural: boolean, isNever: boolean): string {
  const [first, rest] = split(verb);
  if (first === 'be') return `${isPlural ? 'were' : 'was'} ${isNever ? 'never' : 'not'}${rest}`;
  return isNever ? `never ${past(verb, isPlural)}` : `did not ${verb}`;
}

/** `not prescribed {x}`, `without {x}`. */
export function negatedModifier(verb: string): string {
  const [first, rest] = split(verb);
  if (first === 'be') return `not${rest}`;
  if (first === 'have') return `without${rest}`;
  return `not ${modifier(verb)}`;
}

/** `are not {x}`, `do not speak {x}`; shortened, `aren't {x}`, `don't speak {x}`. */
export function negatedPresent(verb: string, isShort: boolean): string {
  const [first, rest] = split(verb);
  if (first === 'be') return `${isShort ? "aren't" : 'are not'}${rest}`;
  return `${isShort ? "don't" : 'do not'} ${verb}`;
}

/** The same of a time: `were not given {x} in 2012`. */
export const NEGATIONS_THEN: readonly ((verb: string) => string)[] = [
  (verb) => negated(verb, true, false),
  (verb) => negated(verb, true, false).replace(/^(were|did) not/, "$1n't"),
];

/** What follows a plural noun of those to whom it never happened: `were not given {x}`, `have never received {x}`. */
export const NEGATIONS: readonly ((verb: string) => string)[] = [
  (verb) => negated(verb, true, false),
  (verb) => negated(verb, true, false),
  (verb) => negated(verb, true, true),
  (verb) => negated(verb, true, true),
  (verb) => `have not ${perfect(verb)}`,
  (verb) => `have never ${perfect(verb)}`,
  (verb) => `haven't ${perfect(verb)}`,
  (verb) => negated(verb, true, false).replace(/^(were|did) not/, "$1n't"),
];

/** `diagnosis` of `receive a diagnosis`. */
export function nounOfVerb(verb: string): string {
  return /\ban? (.+?)( (?:taken|recorded|ordered|done))?$/.exec(verb)?.[1] ?? '';
}
