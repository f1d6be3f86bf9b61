import type { Random } from '../../../base/random.js';
import { parseSqlType } from '../../../tsql/types.js';
import type { Attribute } from '../topics/entities.js';
import type { QueryValue } from '../statement/program.js';
import { givenCode, quotedValue } from '../question/values.js';
import { stockOf, type TextStock } from '../question/stocks.js';
import type { ConditionName } from './wordings.js';

const known = new WeakMap<Attribute, TextStock | null>();

/** The texts that may stand in the attribute's column: its coded values, or what its words suggest. */
function stockFor(attribute: Attribute): TextStock | undefined {
  let stock = known.get(attribute);
  if (stock === undefined) {
    stock = findStock(attribute) ?? null;
    known.set(attribute, stock);
  }
  return stock ?? undefined;
}

function findStock({ column, phrases, words, subject, role }: Attribute): TextStock | undefined {
  const longest = Number(/\((\d+)\)/.exec(column.type)?.[1] ?? Infinity);
  if (column.codes !== undefined) {
    // A quoted number reads as an ID.
    return {
      sort: 'word',
      values: column.codes.map(({ value }) => value).filter((code) => !/^\d/.test(code)),
    };
  }
  if (role === 'flag') return { sort: 'flag', values: ['Y', 'N'] };
  if (parseSqlType(column.type)?.family !== 'string') return undefined;
  if (/\b(id|number|time|date)$/.test(phrases[0]!)) return undefined;
  const stock = stockOf(phrases[0]!, words, subject);
  // A plan of care is none of an insurer.
  if (
    /\b(care|treatment) plan\b/.test(`${subject} ${phrases[0]}`) &&
    stock?.values.includes('Blue Shield') === true
  )
    return undefined;
  // A code is no name, nor is a result.
  if (stock?.sort === 'name' && (role === 'code' || /\b(code|text|result|value)\b/.test(phrases[0]!)))
    return undefined;
  const values = stock?.values.filter((text) => text.length <= longest) ?? [];
  return stock === undefined || values.length < 2 ? undefined : { ...stock, values };
}

/** What each condition on a text asks of it: whole values of a short list, parts of names, words of a prose. */
const SORTS: Partial<Record<ConditionName, readonly TextStock['sort'][]>> = {
  textIs: ['word', 'name', 'code', 'flag'],
  textIsNot: ['word', 'name'],
  textIn: ['word', 'name', 'code'],
  textStarts: ['name'],
  textContains: ['name', 'prose'],
  textEnds: ['name'],
  textContainsNot: ['name', 'prose'],
};

/** True if values are known that the condition may compare the attribute with. */
export function hasTextsFor(name: ConditionName, attribute: Attribute): boolean {
  const stock = stockFor(attribute);
  if (stock === undefined || SORTS[name]?.includes(stock.sort) !== true) return false;
  if (name === 'textEnds') return stock.ends !== undefined;
  return stock.values.length >= (name === 'textIn' ? 3 : 2);
}

/** A quoted text, or a code, to compare the attribute with. */
export function textFor(random: Random, attribute: Attribute, name: ConditionName): QueryValue {
  const stock = stockFor(attribute)!;
  const text = random.pick(name === 'textEnds' ? stock.ends! : stock.values);
  return stock.sort === 'code'
    ? givenCode(stock.kind ?? 'key', text)
    : quotedValue(random, partOf(text, name, stock));
}

/** `Smi` of Smith, `pneumonia` of viral pneumonia. */
function partOf(text: string, name: ConditionName, { sort }: TextStock): string {
  if (sort === 'prose' || name === 'textEnds') return text;
  const words = text.split(' ');
  if (name === 'textStarts') return words.length === 1 ? text.slice(0, 3) : words[0]!;
  if (name === 'textContains' || name === 'textContainsNot') return words[words.length - 1]!;
  return text;
}
