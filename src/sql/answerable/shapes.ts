import { wordsOf } from '../../data/schema/words/derive.js';
import type { SchemaIndex } from '../../data/schema/schema-index.js';
import { splitWords } from '../../data/schema/words.js';
import { singularOf } from '../../data/values/fold.js';

/** A construct that no statement of ours has, and the words that ask for it. */
export interface OtherShape {
  code: 'needs-having' | 'needs-window' | 'needs-subquery' | 'needs-union';
  message: string;
}

const NUMBER = String.raw`(?:__(?:NUM|ID)_\d+__|\d+|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|a dozen|several)`;
const BOUND = String.raw`(?:more than|over|fewer than|less than|at least|at most|no more than|no fewer than|exactly|above|under)`;
const RANKED = `(?:most|highest|lowest|largest|smallest|biggest|greatest|longest|shortest|oldest|youngest|latest|earliest|last|newest|fewest|best|worst|common)`;

/** `more than three visits`, `three or more visits`, `at least two different drugs`: the noun is checked apart. */
const COUNTED = new RegExp(
  String.raw`\b(?:${BOUND} (?:${NUMBER}|one|once)|${NUMBER} or (?:more|fewer|less)|${NUMBER}\+|multiple|repeated)` +
    String.raw`\s+(?:(?:different|distinct|separate|unique|other|such|recorded)\s+)?((?:[a-z]+\s+){0,2}[a-z]+)`,
  'gi',
);
const OFTEN = new RegExp(
  String.raw`\b(?:more than once|at least twice|more than twice|(?:${BOUND} )?${NUMBER} (?:or more )?times|multiple times|several times|repeatedly)\b`,
  'i',
);
const WINDOW = new RegExp(
  String.raw`\b(?:second|third|fourth|fifth|2nd|3rd|4th|5th|next)[ -](?:to[ -])?(?:the[ -])?${RANKED}\b` +
    String.raw`|\bpenultimate\b|\bsecond to last\b|\blast but one\b|\brunning (?:total|sum|average)|\bmoving average` +
    String.raw`|\bcumulative\b.*\bover time\b|\bconsecutive\b|\bin a row\b` +
    String.raw`|\brank(?:ed|ing)? (?:[a-z]+ )?within (?:each|every)\b|\b(?:first|last|latest|most recent|highest|lowest|top) [a-z _\d]+ (?:of|for|in|per) each\b`,
  'i',
);
const SUBQUERY = new RegExp(
  String.raw`\b(?:above|below|over|under|exceed(?:s|ing)?|(?:than|to)) (?:the |their |its )?(?:overall |own |hospital |general )?(?:average|mean|median|typical)\b` +
    String.raw`|\b(?:than|as) (?:the )?(?:average|mean|median|oldest|youngest|maximum|minimum|others?)\b` +
    String.raw`|\bthe same [a-z ]{0,30}\bas (?:the )?(?:patient|person|__)|\bthan (?:any|all) (?:other|of)\b`,
  'i',
);
const UNION =
  /\b(?:union of|combined? (?:list|with)|merged? (?:list|with)|in one list|together in (?:a|one) list|a single list of)\b/i;

/**
 * What a question needs that one flat SELECT has not: a condition on the size of a group (HAVING), a rank within rows
 * (a window function), a comparison with another query's result (a subquery), or two lists in one (UNION).
 *
 * @param question with placeholders for its values
 */
export function otherShapeOf(question: string, index: SchemaIndex): OtherShape | undefined {
  const text = question.replace(/\s+/g, ' ');
  const counted = countedNoun(text, index);
  if (counted !== undefined) {
    return shape('needs-having', `it keeps groups by how many ${counted} they have, which needs HAVING`);
  }
  if (WINDOW.test(text)) return shape('needs-window', 'it asks for a place in an order other than the first, which needs a window function or OFFSET'); // prettier-ignore
  if (SUBQUERY.test(text)) return shape('needs-subquery', 'it compares rows with the result of another query, which needs a subquery'); // prettier-ignore
  if (UNION.test(text)) return shape('needs-union', 'it puts two lists into one, which needs UNION');
  return undefined;
}

function shape(code: OtherShape['code'], why: string): OtherShape {
  return { code, message: `the question cannot be answered by one flat SELECT: ${why}` };
}

/** What is counted per group: a table's rows, never a column of numbers or a unit of time. */
function countedNoun(text: string, index: SchemaIndex): string | undefined {
  if (OFTEN.test(text)) return 'times something happened';
  const nouns = nounsOf(index);
  for (const [, phrase = ''] of text.matchAll(COUNTED)) {
    const words = phrase.toLowerCase().split(' ');
    // The head of the noun phrase: the last word before one that begins another phrase.
    const end = words.findIndex((word) =>
      /^(?:in|of|for|on|at|with|who|that|during|since|and|or|per|to|by|from)$/.test(word),
    );
    const noun = (end < 0 ? words : words.slice(0, end)).join(' ');
    const known = [noun, ...tails(noun)].find(
      (part) => nouns.tables.has(singularOf(part)) && part !== singularOf(part),
    );
    if (known !== undefined && !nouns.numbers.has(singularOf(known))) return known;
  }
  return undefined;
}

/** `hospital visits` also ends as `visits`, and `visits` begins `visits last`. */
function tails(noun: string): string[] {
  const words = noun.split(' ');
  return words.flatMap((_, i) => [words.slice(i).join(' '), words.slice(0, i + 1).join(' ')]);
}

interface Nouns {
  /** What a table's rows are called, in the singular. */
  tables: ReadonlySet<string>;
  /** What columns of numbers are called. */
  numbers: ReadonlySet<string>;
}

const cache = new WeakMap<SchemaIndex, Nouns>();

function nounsOf(index: SchemaIndex): Nouns {
  let nouns = cache.get(index);
  if (!nouns) {
    const words = wordsOf(index.bundle);
    const tables = new Set<string>(USUAL);
    const numbers = new Set<string>();
    for (const table of index.tables) {
      const { words: name, synonyms } = words.ofTable(table);
      for (const text of [name, words.subjectOf(table), ...synonyms.map(({ text }) => text)])
        tables.add(singularOf(text));
      for (const { column, type, isForeignKey, isPrimaryKey } of index.columns(table.name)) {
        if (type.family !== 'number' || isForeignKey || isPrimaryKey) continue;
        numbers.add(singularOf(splitWords(column.name).join(' ')));
      }
    }
    cache.set(index, (nouns = { tables, numbers }));
  }
  return nouns;
}

/** Things that every schema of a hospital counts, whatever its tables are called. */
const USUAL =
  `patient visit stay admission encounter diagnosis procedure prescription medication drug test lab measurement
  doctor order transfer claim condition`.split(/\s+/);
