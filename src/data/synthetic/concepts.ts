import { CLINICAL_CONCEPTS } from './clinical.js';
import { OPERATIONS_CONCEPTS } from './operations.js';

/**
 * The things that invented schemas are about, with their attributes and references, before tables and columns are
 * named. Each line reads `noun|synonym~name: attribute:type|synonym~name, … > reference, role=reference?, …`. People
 * say the words and synonyms; a schema may use any of them, or one of the names behind `~`. A `?` marks an optional
 * reference; the role is what its column calls the referenced row.
 */
export type AttributeType = keyof typeof ATTRIBUTE_ROLES;

/** The types of an attribute, each with the role of its column. */
export const ATTRIBUTE_ROLES = {
  /** A date, a time; the same that begin or end what the row is about. */
  d: 'time',
  t: 'time',
  D: 'start',
  A: 'start',
  E: 'end',
  Z: 'end',
  /** A name, a long and a short free text. */
  s: 'name',
  x: 'text',
  r: 'text',
  /** A code, a status, an identifier other than the key, a unit. */
  c: 'code',
  S: 'status',
  k: 'key',
  u: 'unit',
  b: 'flag',
  /** Whole numbers, decimals, money, a year, a place in an order. */
  i: 'value',
  n: 'value',
  m: 'money',
  y: 'time',
  o: 'other',
  /** A coded thing, such as a diagnosis: a code with a label, or a key to a catalogue. */
  q: 'code',
} as const;

export interface ConceptAttribute {
  words: string;
  type: AttributeType;
  synonyms: string[];
  /** Words that only schemas use. */
  names: string[];
}

export interface ConceptReference {
  concept: string;
  /** What the referring column is named after; by default the concept's noun. */
  role: string;
  optional: boolean;
}

export interface Concept {
  noun: string;
  synonyms: string[];
  names: string[];
  attributes: ConceptAttribute[];
  references: ConceptReference[];
}

export type Domain = 'clinical' | 'operations';

/** Phrases that do not fit where a noun is expected: `per how severe`. */
const NO_NOUN =
  /^(how|why|what|where|lives|from|until|ordered|measured|delivered|joined|answered)\b|\b(on|at|to|from|with)$| of (the|a) (?!brain)/;

const CATALOGUES: Record<Domain, Concept[]> = {
  clinical: parse(CLINICAL_CONCEPTS),
  operations: parse(OPERATIONS_CONCEPTS),
};

export function conceptsOf(domain: Domain): readonly Concept[] {
  return CATALOGUES[domain];
}

/** True if the phrase is a word for another concept of the domain than the noun's. */
export function meansAnother(domain: Domain, noun: string, phrase: string): boolean {
  return CATALOGUES[domain].some(
    (one) =>
      one.noun !== noun &&
      (one.noun === phrase || one.synonyms.includes(phrase) || one.names.includes(phrase)),
  );
}

function parse(text: string): Concept[] {
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [head = '', rest = ''] = splitOnce(line, ': ');
      const [attributes = '', references = ''] = splitOnce(rest, ' > ');
      const { words, synonyms, names } = parseWords(head);
      return {
        noun: words,
        synonyms,
        names,
        attributes: attributes.split(', ').map(parseAttribute),
        references: references === '' ? [] : references.split(', ').map(parseReference),
      };
    });
}

function splitOnce(text: string, mark: string): string[] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + mark.length)];
}

function parseWords(text: string): Pick<ConceptAttribute, 'words' | 'synonyms' | 'names'> {
  const [said = '', ...names] = text.split('~');
  const [words = '', ...synonyms] = said.split('|');
  return { words, synonyms: synonyms.filter((phrase) => !NO_NOUN.test(phrase)), names };
}

function parseAttribute(text: string): ConceptAttribute {
  const [, words = '', type = 's', others = ''] = /^([^:]+):(.)(.*)$/.exec(text) ?? [];
  return { type: type as AttributeType, ...parseWords(words + others) };
}

function parseReference(text: string): ConceptReference {
  const optional = text.endsWith('?');
  const plain = optional ? text.slice(0, -1) : text;
  const [role = '', concept = role] = plain.split('=');
  return { concept, role, optional };
}
