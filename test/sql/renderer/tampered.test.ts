import { afterEach, describe, expect, test, vi } from 'vitest';
import { RenderError } from '../../../src/sql/errors.js';
import type { Literal } from '../../../src/sql/renderer/literal.js';
import { render } from '../../../src/sql/renderer/render.js';
import type { PlaceholderValue } from '../../../src/sql/values.js';
import { clinic } from '../validator/clinic.js';

/**
 * A broken or malicious literal writer claims the right tree but writes a different text. The statement is parsed again,
 * so nothing gets through.
 */
const tamper = vi.hoisted(() => ({ with: undefined as ((sql: string) => string) | undefined }));

vi.mock(import('../../../src/sql/renderer/literal.js'), async (importOriginal) => {
  const real = await importOriginal();
  const writeLiteral = (...args: Parameters<typeof real.writeLiteral>): Literal => {
    const literal = real.writeLiteral(...args);
    return { ...literal, sql: tamper.with?.(literal.sql) ?? literal.sql };
  };
  return { ...real, writeLiteral };
});

afterEach(() => {
  tamper.with = undefined;
});

const id: PlaceholderValue = { name: '__ID_1__', kind: 'mrn', type: 'varchar', text: "0'7345" };
const year: PlaceholderValue = { name: '__NUM_1__', kind: 'threshold', type: 'int', text: '1950' };
const SQL =
  'SELECT p.mrn FROM patient AS p WHERE p.mrn = __ID_1__ AND p.birth_year > __NUM_1__ ORDER BY p.mrn;';
const values = new Map([id, year].map((one) => [one.name, one]));

function codeAfter(change: (sql: string) => string): string {
  tamper.with = change;
  try {
    return render(SQL, clinic, values).sql;
  } catch (error) {
    if (error instanceof RenderError) return error.code;
    throw error;
  }
}

const inText = (to: string) => (sql: string) => (sql.startsWith("'") ? to : sql);
const inNumber = (to: string) => (sql: string) => (sql.startsWith("'") ? sql : to);

describe('a literal that is not the tree it claims', () => {
  test('is the only fault here: without it the statement is rendered', () => {
    expect(codeAfter((sql) => sql)).toBe(
      "SELECT p.mrn FROM patient AS p WHERE p.mrn = '0''7345' AND p.birth_year > 1950 ORDER BY p.mrn;",
    );
  });

  test.each([
    ['another value', inText("'0''7346'")],
    ['a lost zero', inText("'''7345'")],
    ['a blank after it', inText("'0''7345 '")],
    ['a prefix', inText("N'0''7345'")],
    ['a condition more', inText("'0''7345' OR 1 = 1")],
    ['a wider condition', inText("'0''7345' OR p.mrn <> ''")],
    ['a call around it', inText("UPPER('0''7345')")],
    ['a column', inText('p.gender')],
    ['NULL added', inText("COALESCE('0''7345', NULL)")],
    ['another number', inNumber('1951')],
    ['another way to write the number', inNumber('1950.0')],
    ['a minus', inNumber('-1950')],
    ['a sum', inNumber('1950 + 0')],
    ['a sort key', inNumber('1950 ORDER BY p.mrn, p.gender')],
  ])('changes the tree or the verdict: %s', (_, change) => {
    expect(codeAfter(change)).toMatch(/^(tree-changed|rendered-invalid)$/);
  });

  test.each([
    ['a quote that is not doubled', inText("'0'7345'")],
    ['a second statement', inText("''; DROP TABLE patient; --'")],
    ['a comment', inNumber('1950 --')],
    ['a subquery', inNumber('(SELECT 1)')],
    ['a placeholder left in its place', inText('__ID_1__')],
    ['nothing', inNumber('')],
  ])('is refused by the validator: %s', (_, change) => {
    expect(codeAfter(change)).toBe('rendered-invalid');
  });

  test('is found by the tree alone if the statement stays valid', () => {
    expect(codeAfter(inText("'0''7346'"))).toBe('tree-changed');
    expect(codeAfter(inNumber('1951'))).toBe('tree-changed');
    expect(codeAfter(inText("'0''7345' OR p.mrn <> ''"))).toBe('tree-changed');
  });
});
