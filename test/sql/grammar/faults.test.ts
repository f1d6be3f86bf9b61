import { describe, expect, test } from 'vitest';
import type { Column } from '../../../src/data/schema/bundle.js';
import type { PlaceholderInfo } from '../../../src/data/placeholder.js';
import { FIRST_FORMAT } from '../../../src/data/record-format.js';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';
import { trainTokenizer } from '../../../src/data/tokenizer/train.js';
import { createGrammar, GrammarError, type GrammarOptions } from '../../../src/sql/grammar/index.js';
import { allowedTokens, walk } from './decoding.js';

// Each test notices a planted fault that no other test did (test/mutants/sql.ts).

const columnsOf = (text: string): Column[] =>
  text.split(', ').map((column) => {
    const [name, type] = column.split(' ') as [string, string];
    return { name, type, nullable: true };
  });

const garage = new SchemaIndex({
  name: 'garage',
  title: 'Garage',
  version: '1',
  source: 'invented for the tests',
  licence: 'MIT',
  tables: [
    {
      name: 'car',
      description: '',
      primaryKey: ['car_id'],
      foreignKeys: [],
      columns: columnsOf('car_id int, built date, value int, parked bit, is_sold smallint, doors int'),
    },
    {
      name: 'repair',
      description: '',
      primaryKey: ['repair_id'],
      foreignKeys: [{ columns: ['car_id'], references: { table: 'car', columns: ['car_id'] } }],
      columns: columnsOf('repair_id int, car_id int, label varchar(40), value varchar(40)'),
    },
    {
      name: 'weather',
      description: '',
      primaryKey: [],
      foreignKeys: [],
      columns: columnsOf('seen date, rain float'),
    },
  ],
});
const tokenizer = trainTokenizer(
  [
    'SELECT COUNT(*), SUM(CASE WHEN t1.value = 1 THEN 1 ELSE 0 END) FROM car AS t1 INNER JOIN repair AS t2 ON t1.car_id = t2.car_id',
    'SELECT TOP (1) seen, DATEDIFF(day, built, GETDATE()), MONTH(built) FROM weather LEFT JOIN car AS c WHERE parked IS NOT NULL;',
  ],
  { vocabSize: 420 },
);
const NUMBERED = { ...FIRST_FORMAT, aliases: 'numbered' } as const;

const DAY: PlaceholderInfo = { name: '__DATE_1__', kind: 'date', type: 'date' };
const TEXT: PlaceholderInfo = { name: '__TEXT_1__', kind: 'quoted', type: 'varchar' };
const NUMBER: PlaceholderInfo = { name: '__NUM_1__', kind: 'threshold', type: 'decimal' };
const OTHER: PlaceholderInfo = { name: '__NUM_2__', kind: 'threshold', type: 'int' };
const HUGE: PlaceholderInfo = { name: '__ID_1__', kind: 'key', type: 'decimal' };

function written(sql: string, infos: PlaceholderInfo[] = [], options: GrammarOptions = {}): string {
  const grammar = createGrammar(garage, tokenizer, options);
  return walk(grammar.start(infos), tokenizer, sql);
}

describe('the grammar writes', () => {
  test.each([
    ['SELECT COUNT(*) FROM car WHERE doors > __NUM_1__;', [NUMBER]],
    ['SELECT COUNT(*) FROM car WHERE doors BETWEEN __NUM_1__ AND __NUM_2__ AND built = __DATE_1__;', [NUMBER, OTHER, DAY]],
    ['SELECT COUNT(*) FROM car WHERE parked = 0 AND is_sold = 1;', []],
    ['SELECT COUNT(*) FROM car WHERE doors = value AND doors = __NUM_1__;', [NUMBER]],
    ['SELECT COUNT(*) FROM car WHERE DATEDIFF(day, built, GETDATE()) > __NUM_1__ AND DATEDIFF(month, built, GETDATE()) < __NUM_1__;', [NUMBER]],
    ['SELECT COUNT(*) FROM car WHERE MONTH(built) > 9 AND MONTH(built) <> 11;', []],
    ['SELECT SUM(CASE WHEN value > __NUM_1__ THEN 1 ELSE 0 END) FROM car;', [NUMBER]],
    ['SELECT SUM(CASE WHEN value LIKE __TEXT_1__ + \'%\' THEN 1 ELSE 0 END) FROM repair;', [TEXT]],
    ['SELECT c.built FROM car AS c INNER JOIN repair AS r ON c.car_id = r.car_id AND r.label = __TEXT_1__;', [TEXT]],
  ] as const)('%s', (sql, infos) => {
    expect(written(sql, [...infos])).toBe('complete');
  }); // prettier-ignore

  test('as many tables as it may, and no more', () => {
    const sql =
      'SELECT COUNT(*) FROM car AS c INNER JOIN repair AS r ON c.car_id = r.car_id WHERE c.built = __DATE_1__ AND r.label = __TEXT_1__;';
    expect(written(sql, [DAY, TEXT], { maxTables: 2 })).toBe('complete');
    expect(() => written(sql, [DAY, TEXT], { maxTables: 1 })).toThrow(GrammarError);
    const numbered =
      'SELECT t1.built, t2.label FROM car AS t1 INNER JOIN repair AS t2 ON t1.car_id = t2.car_id;';
    expect(written(numbered, [], { maxTables: 2, format: NUMBERED })).toBe('complete');
  });

  test('joins of tables without keys if any columns may join', () => {
    const sql = 'SELECT COUNT(*) FROM car AS c INNER JOIN weather AS w ON c.built = w.seen;';
    expect(written(sql, [], { joins: 'any' })).toBe('complete');
    expect(written(sql)).toContain('⟨');
  });
});

describe('the grammar stops', () => {
  test.each([
    ['SELECT COUNT(*) FROM car WHERE built BETWEEN __DATE_1__ AND ', '__DATE_1__', [DAY]],
    ['SELECT COUNT(*) FROM car WHERE MONTH(built) < MONTH(GETDATE()) AND MONTH(built) > 6 AND MONTH(built) <', ' 3;', []],
    ['SELECT COUNT(*) FROM car WHERE MONTH(built) > 9 AND MONTH(built) <= 1', ';', []],
    ['SELECT AVG(DATEDIFF(day, built, GETDATE())), AVG(DATEDIFF(', 'day, built, GETDATE())) FROM car;', []],
    [
      'SELECT COUNT(*) FROM car AS c LEFT JOIN repair AS r ON c.car_id = r.car_id AND r.label IS NOT NULL AND r.value IS NOT NULL AND r.repair_id IS NOT NULL AND c.built IS NOT NULL',
      ' AND c.doors IS NOT NULL;',
      [],
    ],
    ['SELECT SUM(CASE WHEN value > __NUM_1__ THEN 1 ELSE 0 END) FROM ', 'repair;', [NUMBER]],
  ] as const)('after %s', (upTo, rest, infos) => {
    const stopped = written(upTo + rest, [...infos]);
    expect(stopped).toContain('⟨');
    expect(stopped.slice(0, upTo.length + 1)).toBe(` ${upTo}`);
  }); // prettier-ignore

  test('at an ID that no column can hold', () => {
    const start = (): unknown => createGrammar(garage, tokenizer).start([HUGE]);
    const numbers = garage.tables.find(({ name }) => name === 'car')!;
    const selection = { index: garage, tables: [{ table: numbers, columns: numbers.columns }] };
    expect(start).not.toThrow();
    expect(() => createGrammar(garage, tokenizer).start([HUGE], { selection })).toThrow(
      'no column can be compared with __ID_1__',
    );
  });

  test('at a token that leaves no room for the rest', () => {
    const grammar = createGrammar(garage, tokenizer);
    const wide = grammar.start([TEXT]);
    const tight = grammar.start([TEXT], { maxTokens: 70 });
    const isTight = (token: number): boolean => allowedTokens(tight.allowed()).includes(token);
    let refused: number | undefined;
    for (const token of tokenizer.encode(
      ' SELECT TOP (1) r.label, r.value, r.repair_id, r.car_id, COUNT(*)',
    )) {
      refused = allowedTokens(wide.allowed()).find((one) => !isTight(one));
      if (refused !== undefined || !isTight(token)) break;
      wide.advance(token);
      tight.advance(token);
    }
    expect(refused).toBeDefined();
    expect(() => tight.advance(refused!)).toThrow(GrammarError);
  });
});

test('what is forced goes on from one text to the next', () => {
  const mask = createGrammar(garage, tokenizer).start([]);
  for (const token of tokenizer.encode(' SELECT CASE WHEN COUNT')) mask.advance(token);
  expect(tokenizer.decode([...mask.forced()])).toContain('ELSE 0 END FROM');
});
