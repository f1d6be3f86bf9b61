import { describe, expect, test } from 'vitest';
import { parseSqlType } from '../../src/tsql/types.js';

describe('parseSqlType', () => {
  test.each([
    ['int', { base: 'int', family: 'number' }],
    ['BIT', { base: 'bit', family: 'bool' }],
    ['varchar(50)', { base: 'varchar', family: 'string', length: 50 }],
    ['nvarchar( MAX )', { base: 'nvarchar', family: 'string', length: 'max' }],
    ['decimal(18, 2)', { base: 'decimal', family: 'number', precision: 18, scale: 2 }],
    ['numeric(9)', { base: 'numeric', family: 'number', precision: 9, scale: 0 }],
    ['datetime2(7)', { base: 'datetime2', family: 'date', precision: 7 }],
    ['time', { base: 'time', family: 'time' }],
    ['timestamp', { base: 'timestamp', family: 'binary' }],
    ['uniqueidentifier', { base: 'uniqueidentifier', family: 'uuid' }],
  ])('reads %s', (text, type) => {
    expect(parseSqlType(text)).toEqual(type);
  });

  test.each([
    '',
    'integer',
    'boolean',
    'int(4)',
    'varchar(0)',
    'varchar(8001)',
    'nvarchar(4001)',
    'char(max)',
  ])('rejects %j, an unknown type', (text) => {
    expect(parseSqlType(text)).toBeUndefined();
  });

  test.each([
    'decimal(39)',
    'decimal(5,6)',
    'varchar(5,5)',
    'datetime2(8)',
    'float(54)',
    'decimal(max)',
    'int; drop',
  ])('rejects %j, with invalid arguments', (text) => {
    expect(parseSqlType(text)).toBeUndefined();
  });
});
