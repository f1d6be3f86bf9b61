import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { validate } from '../../../src/sql/validator/validate.js';
import { seededPicks } from './choices.js';
import { clinic, placeholdersOf } from './clinic.js';
import { generateStatement } from './generate.js';
import { render } from '../../../src/sql/renderer/render.js';
import { VALID } from './valid.js';

/**
 * Cross-check with node-sql-parser's T-SQL mode. It knows less of T-SQL than SQL Server, so its refusal proves nothing;
 * what it does read must be one SELECT over the same tables.
 */
const { Parser } = createRequire(import.meta.url)('node-sql-parser/build/transactsql.js') as {
  Parser: new () => {
    parse(sql: string, options: { database: string }): { ast: unknown; tableList: string[] };
  };
};
const peer = new Parser();

function read(sql: string): { types: string[]; tables: string[] } | undefined {
  let result;
  try {
    result = peer.parse(sql, { database: 'transactsql' });
  } catch {
    return undefined;
  }
  const asts = (Array.isArray(result.ast) ? result.ast : [result.ast]) as { type: string }[];
  const tables = result.tableList.map((entry) => entry.split('::').at(-1)!.toLowerCase());
  return { types: asts.map((ast) => ast.type), tables: [...new Set(tables)].sort() };
}

function tablesOf(sql: string): string[] {
  const { statement } = validate(sql, clinic, placeholdersOf(sql));
  const refs = [statement!.from, ...statement!.joins.map((join) => join.table)];
  return [...new Set(refs.map((ref) => ref.table.text.toLowerCase()))].sort();
}

describe('node-sql-parser agrees', () => {
  test('on the valid statements that it can read: one SELECT, the same tables', () => {
    const all = Object.values(VALID).flat();
    const answers = all
      .map((sql) => ({ sql, answer: read(sql) }))
      .filter(({ answer }) => answer !== undefined);
    for (const { sql, answer } of answers) {
      expect({ sql, ...answer }).toEqual({ sql, types: ['select'], tables: tablesOf(sql) });
    }
    expect(answers.length / all.length).toBeGreaterThan(0.8);
  });

  test('on generated statements, rendered', () => {
    let readable = 0;
    const count = 150;
    for (let seed = 1; seed <= count; seed++) {
      const { sql, values } = generateStatement(seededPicks(seed), clinic);
      const rendered = render(sql, clinic, values).sql;
      const answer = read(rendered);
      if (answer === undefined) continue;
      readable++;
      expect({ rendered, ...answer }).toEqual({ rendered, types: ['select'], tables: tablesOf(rendered) });
    }
    expect(readable / count).toBeGreaterThan(0.8);
  });
});
