import { describe, expect, test } from 'vitest';
import {
  column,
  compare,
  type QueryProgram,
  type QueryValue,
} from '../../../../src/data/corpus/statement/program.js';
import { aliasesOf, renderProgram } from '../../../../src/data/corpus/statement/render.js';

function value(prefix: QueryValue['prefix'], text: string): QueryValue {
  return { prefix, name: '', kind: 'key', type: 'int', text };
}

describe('a statement', () => {
  const program: QueryProgram = {
    distinct: true,
    top: 5,
    select: [column(0, 'id'), { kind: 'count' }],
    from: [
      { table: 'order' },
      {
        table: 'order_form',
        join: {
          kind: 'LEFT',
          on: [{ left: { source: 0, column: 'id' }, right: { source: 1, column: 'order' } }],
        },
      },
    ],
    where: [
      compare(column(1, 'key'), '>=', { kind: 'value', value: { ...value('ID', '5'), name: '__ID_1__' } }),
    ],
    groupBy: [column(0, 'id')],
    orderBy: [{ by: { kind: 'count' }, direction: 'DESC' }],
  };

  test('has one style, with brackets only around reserved words', () => {
    expect(renderProgram(program)).toBe(
      'SELECT DISTINCT TOP (5) o.id, COUNT(*) FROM [order] AS o LEFT JOIN order_form AS of1 ON o.id = of1.[order] ' +
        'WHERE of1.[key] >= __ID_1__ GROUP BY o.id ORDER BY COUNT(*) DESC;',
    );
  });

  test('has no alias for a single table if the style says so', () => {
    const alone: QueryProgram = { ...program, from: [{ table: 'order' }], where: [] };
    expect(renderProgram(alone, 'joins')).toBe(
      'SELECT DISTINCT TOP (5) id, COUNT(*) FROM [order] GROUP BY id ORDER BY COUNT(*) DESC;',
    );
  });

  test('numbers aliases with the same initials', () => {
    expect(aliasesOf({ from: [{ table: 'person' }, { table: 'provider' }, { table: 'Person' }] })).toEqual([
      'p',
      'p2',
      'p3',
    ]);
  });

  test('takes no alias that a statement may not have', () => {
    expect(aliasesOf({ from: [{ table: 'order_result' }, { table: 'general_order' }] })).toEqual([
      'or1',
      'go1',
    ]);
  });
});
