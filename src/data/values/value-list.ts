import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { whyUnreadable } from '../../base/system-faults.js';
import { DataError } from '../errors.js';
import type { SchemaBundle } from '../schema/bundle.js';
import { foldName, foldTableName } from '../../tsql/identifier.js';
import { isIndexable, isShort } from './column-filter.js';
import { foldedWords, singularOf } from './fold.js';
import {
  howAlike,
  longestMatches,
  MOST_VALUES,
  wholeValues,
  type MatchedValue,
  type PhraseMatch,
  type ValueLookup,
  type ValueTree,
} from './longest.js';
import { candidatesFor, fileTypos, type WordCandidate, type WordTable } from './words.js';

/** Values of one column, as a value list has them. */
export interface ColumnValues {
  table: string;
  column: string;
  values: readonly string[];
}

const lineShape = z.object({
  table: z.string(),
  column: z.string(),
  values: z.array(z.string()),
});

/**
 * Reads a value list: one JSON object a line, `{"table", "column", "values"}`. Values that are no names (numbers, dates,
 * long texts) are passed over, as an index does.
 * @throws DataError `values-not-found`, `values-unreadable`; `values-bad-line` for a line that is no such object;
 *   `values-unknown-column` for a column that the bundle does not have
 */
export function readValueList(path: string, bundle: SchemaBundle): ValueList {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new DataError(
      {
        code: isMissing ? 'values-not-found' : 'values-unreadable',
        file: path,
        message: isMissing ? 'does not exist' : whyUnreadable(error),
      },
      { cause: error },
    );
  }
  const lists: ColumnValues[] = [];
  text
    .replace(/^\ufeff/, '')
    .split('\n')
    .forEach((line, i) => {
      if (line.trim() !== '') lists.push(readLine(line, `${path}:${i + 1}`, bundle));
    });
  return new ValueList(lists);
}

function readLine(line: string, file: string, bundle: SchemaBundle): ColumnValues {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    json = undefined;
  }
  const parsed = lineShape.safeParse(json);
  if (!parsed.success) {
    const message = 'is not one object with "table", "column" and a list of texts in "values"';
    throw new DataError({ code: 'values-bad-line', file, message });
  }
  const [values] = columnValues([parsed.data], bundle);
  if (values !== undefined) return values;
  const { table, column } = parsed.data;
  const message = `names ${table}.${column}, which the bundle ${bundle.name} does not have`;
  throw new DataError({ code: 'values-unknown-column', file, message });
}

/** The columns as the bundle spells them, without those that it does not have. */
export function columnValues(lists: readonly ColumnValues[], bundle: SchemaBundle): ColumnValues[] {
  return lists.flatMap(({ table: tableName, column: columnName, values }) => {
    const table = bundle.tables.find(({ name }) => foldTableName(name) === foldTableName(tableName));
    const column = table?.columns.find(({ name }) => foldName(name) === foldName(columnName));
    return table && column ? [{ table: table.name, column: column.name, values }] : [];
  });
}

interface Node {
  children: Map<number, number>;
  /** Columns by value. */
  values: Map<string, string[]>;
}

/** Values of a few columns, in memory. It finds what a value index of the same values would find. */
export class ValueList implements ValueLookup {
  readonly #nodes: Node[] = [newNode()];
  readonly #table: WordTable;
  readonly #candidates = new Map<string, WordCandidate[]>();
  readonly #tree: ValueTree;

  /** @param lists columns spelled as in the bundle */
  constructor(lists: Iterable<ColumnValues>) {
    const all = [...lists].flatMap(({ table, column, values }) =>
      values
        .map((value) => value.trim())
        .filter(isIndexable)
        .map((value) => ({ value, words: foldedWords(value), column: `${table}.${column}` })),
    );
    const entries = all.filter(({ words }) => isShort(words));
    this.#table = tableOf(entries.flatMap(({ words }) => words.map(singularOf)));
    for (const { value, words, column } of entries) this.#add(value, words, column);
    const nodes = this.#nodes;
    this.#tree = {
      candidates: (folded) => this.#candidatesOf(folded),
      child: (node, word) => nodes[node]!.children.get(word) ?? -1,
      hasChildren: (node) => nodes[node]!.children.size > 0,
      isWhole: (node) => nodes[node]!.values.size > 0,
      valuesAt: ({ node, edits }, phrase, words) =>
        [...nodes[node]!.values].slice(0, MOST_VALUES).map(([value, columns]) => ({
          value,
          columns,
          how: edits === 0 ? howAlike(value, phrase, words) : 'typo',
          edits,
        })),
      valuesBelow: ({ node, edits }) => this.#below(node, edits),
    };
  }

  longestMatches(
    words: readonly string[],
    { beginnings = false }: { beginnings?: boolean | undefined } = {},
  ): PhraseMatch[] {
    return longestMatches(this.#tree, words, beginnings);
  }

  wholeValues(
    words: readonly string[],
    { beginnings = false }: { beginnings?: boolean | undefined } = {},
  ): MatchedValue[] {
    return wholeValues(this.#tree, words, beginnings);
  }

  #add(value: string, words: readonly string[], column: string): void {
    let at = 0;
    for (const word of words) {
      const [{ word: number }] = this.#candidatesOf(word) as [WordCandidate];
      let next = this.#nodes[at]!.children.get(number);
      if (next === undefined) {
        next = this.#nodes.push(newNode()) - 1;
        this.#nodes[at]!.children.set(number, next);
      }
      at = next;
    }
    const columns = this.#nodes[at]!.values.get(value);
    if (columns === undefined) this.#nodes[at]!.values.set(value, [column]);
    else if (!columns.includes(column)) columns.push(column);
  }

  #candidatesOf(folded: string): WordCandidate[] {
    let found = this.#candidates.get(folded);
    if (found === undefined) {
      found = candidatesFor(this.#table, folded);
      if (this.#candidates.size >= MOST_REMEMBERED) this.#candidates.clear();
      this.#candidates.set(folded, found);
    }
    return found;
  }

  #below(node: number, edits: number): MatchedValue[] {
    const found: MatchedValue[] = [];
    const visit = (at: number): void => {
      for (const [value, columns] of this.#nodes[at]!.values) {
        if (found.length < MOST_VALUES) found.push({ value, columns, how: 'prefix', edits });
      }
      for (const child of this.#nodes[at]!.children.values()) if (found.length < MOST_VALUES) visit(child);
    };
    visit(node);
    return found;
  }
}

const MOST_REMEMBERED = 1 << 15;

function newNode(): Node {
  return { children: new Map(), values: new Map() };
}

function tableOf(all: readonly string[]): WordTable {
  // In the order of UTF-16 units, which sort() without a comparison keeps.
  const words = [...new Set(all)].sort();
  const wordEnds = new Uint32Array(words.length);
  const units = new Uint16Array(words.reduce((sum, word) => sum + word.length, 0));
  let at = 0;
  words.forEach((word, i) => {
    for (let k = 0; k < word.length; k++) units[at++] = word.charCodeAt(k);
    wordEnds[i] = at;
  });
  return { words: units, wordEnds, ...fileTypos({ words: units, wordEnds }) };
}
