import { describe, expect, it } from 'vitest';
import { formatIdMap, parseIdMap, typeOfSpelling, type PlaceholderInfo } from '../../src/data/placeholder.js';

describe('ID map', () => {
  const map: PlaceholderInfo[] = [
    { name: '__ID_1__', kind: 'mrn', type: 'varchar' },
    {
      name: '__TEXT_1__',
      kind: 'value',
      type: 'varchar',
      columns: ['concept.concept_name', 'cdm.drug.label'],
    },
    { name: '__TEXT_2__', kind: 'code', type: 'varchar', columns: ['order.visit or date, x'] },
    { name: '__NUM_1__', kind: 'count', type: 'int', columns: undefined },
  ];

  it('names the columns of a value', () => {
    expect(formatIdMap(map.slice(0, 2))).toBe(
      '__ID_1__ mrn varchar, __TEXT_1__ value varchar of concept.concept_name or cdm.drug.label',
    );
  });

  it('is read back as it was written, odd names included', () => {
    expect(parseIdMap(formatIdMap(map))).toEqual(map);
    expect(parseIdMap('')).toEqual([]);
  });

  it('names at most three columns', () => {
    const columns = ['t.a', 't.b', 't.c', 't.d'];
    const text = formatIdMap([{ name: '__TEXT_1__', kind: 'value', type: 'varchar', columns }]);
    expect(text).toBe('__TEXT_1__ value varchar of t.a or t.b or t.c');
  });

  it.each(['__ID_1__ mrn', '__ID_1__ mrn int, ', '__ID_1__ mrn int of x', '__ID_1__ mrn money', 'text'])(
    'does not read %s',
    (text) => {
      expect(parseIdMap(text)).toBeUndefined();
    },
  );
});

describe('type of a spelling', () => {
  it.each([
    ['2147483647', 'int'],
    ['2147483648', 'bigint'],
    ['9223372036854775807', 'bigint'],
    ['-9223372036854775807', 'bigint'],
    ['9223372036854775808', 'decimal'],
    ['12345678901234567890', 'decimal'],
    ['1'.repeat(38), 'decimal'],
    ['1'.repeat(39), 'varchar'],
    ['0012', 'varchar'],
    ['7.35', 'decimal'],
  ])('%s is %s', (text, type) => {
    expect(typeOfSpelling(text)).toBe(type);
  });
});
