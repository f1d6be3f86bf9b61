import { describe, expect, test } from 'vitest';
import type { SchemaColumn } from '../../../src/data/schema/schema-index.js';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';
import { validate } from '../../../src/sql/validator/validate.js';
import { MAX_SQL_LENGTH } from '../../../src/tsql/lexer.js';
import { extract, VaultError } from '../../../src/sql/vault/index.js';
import { clinic, clinicBundle } from './clinic.js';

/**
 * Work is counted instead of timed: a text that is too long is refused unread, and one that is just short enough asks the
 * schema no more often than it has characters.
 */
const MEGABYTE = 1 << 20;

/** A text that throws at any use but its length. */
function unreadable(length: number): string {
  return new Proxy({} as object, {
    get(_, property) {
      if (property === 'length') return length;
      throw new Error(`the text was read: ${String(property)}`);
    },
  }) as unknown as string;
}

/** Runs something while methods of strings and regular expressions throw on a long text. */
function withoutReading(run: () => void): void {
  const owners: object[] = [String.prototype, RegExp.prototype, Buffer];
  const kept = owners.flatMap((owner) =>
    Object.entries(Object.getOwnPropertyDescriptors(owner))
      .filter(([name, { value }]) => typeof value === 'function' && name !== 'constructor')
      .map(([name, descriptor]) => ({ owner, name, descriptor })),
  );
  const isLong = (value: unknown): boolean => typeof value === 'string' && value.length >= MEGABYTE;
  try {
    for (const { owner, name, descriptor } of kept) {
      const real = descriptor.value as (...args: unknown[]) => unknown;
      const guarded = function (this: unknown, ...args: unknown[]): unknown {
        if (isLong(this) || isLong(args[0])) throw new Error(`the text was read: ${name}`);
        return real.apply(this, args);
      };
      Object.defineProperty(owner, name, { ...descriptor, value: guarded });
    }
    run();
  } finally {
    for (const { owner, name, descriptor } of kept) Object.defineProperty(owner, name, descriptor);
  }
}

const filled = (head: string, unit: string, length = MEGABYTE): string =>
  head + unit.repeat(Math.ceil(length / unit.length));

const MEGABYTES: [string, string][] = [
  ['blanks', filled('', ' ')],
  ['parentheses', filled('SELECT ', '(')],
  ['SELECT', filled('', 'SELECT ')],
  ['one name', filled('SELECT ', 'a')],
  ['one string', `${filled("SELECT '", 'a')}'`],
  ['one comment', `${filled('SELECT mrn /*', 'a')}*/`],
  ['nested CASE', filled('SELECT ', 'CASE WHEN 1 = 1 THEN ')],
  ['nested calls', filled('SELECT ', 'UPPER(')],
  ['emoji', filled('', '💉')],
];

describe('a megabyte', () => {
  test('is refused because of its length, unread', () => {
    for (const length of [MAX_SQL_LENGTH + 1, MEGABYTE]) {
      const { errors } = validate(unreadable(length), clinic);
      expect(errors.map((error) => error.code)).toEqual(['too-long']);
    }
    expect(() => validate(unreadable(MAX_SQL_LENGTH), clinic)).toThrow('the text was read');
  });

  test.each(MEGABYTES)('of %s is refused as a statement, unread', (_, sql) => {
    withoutReading(() => {
      const [first] = validate(sql, clinic).errors;
      if (first?.code !== 'too-long') throw new Error(`not refused for its length: ${first?.code}`);
    });
  });

  test.each(MEGABYTES)('of %s is refused as a question, unread', (_, question) => {
    withoutReading(() => {
      try {
        extract(question);
      } catch (error) {
        if (error instanceof VaultError && error.code === 'question-too-long') return;
        throw error;
      }
      throw new Error('the question was accepted');
    });
  });

  test('would be noticed if it were read', () => {
    expect(() => withoutReading(() => filled('', 'a').slice(1))).toThrow('the text was read: slice');
    expect(() => withoutReading(() => /b/.test(filled('', 'a')))).toThrow('the text was read: test');
  });
});

/** Counts how often the binder asks for columns. */
class CountingIndex extends SchemaIndex {
  reads = 0;
  override column(table: string, column: string): SchemaColumn | undefined {
    this.reads++;
    return super.column(table, column);
  }
  override columns(table: string): SchemaColumn[] {
    this.reads++;
    return super.columns(table);
  }
}

/** `head`, then as many units as fit, then `tail`. */
function longest(head: string, unit: (i: number) => string, tail: string): string {
  const parts = [head];
  let room = MAX_SQL_LENGTH - head.length - tail.length;
  for (let i = 0; unit(i).length <= room; i++) {
    parts.push(unit(i));
    room -= unit(i).length;
  }
  return parts.join('') + tail;
}

const joins = Array.from(
  { length: 150 },
  (_, i) => ` JOIN patient a${i} ON a${i}.patient_id = p.patient_id`,
).join('');

describe('a statement of the greatest length', () => {
  test.each<[string, string, string | undefined]>([
    [
      'thousands of unknown columns over 151 tables',
      longest('SELECT mrm', () => ',wrdxxq', ` FROM patient p${joins};`),
      'unknown-column',
    ],
    [
      'stars times sort keys times tables',
      longest(`SELECT ${'*,'.repeat(1500)}* FROM patient p${joins} ORDER BY 1`, () => ',mrn', ';'),
      'too-many-columns',
    ],
    [
      'stars times sort keys',
      longest(`SELECT ${'*,'.repeat(270)}* FROM patient ORDER BY 1`, () => ',patient.mrn', ';'),
      'order-by-twice',
    ],
    [
      'stars of one table among 151',
      longest('SELECT p.*', () => ',p.*', ` FROM patient p${joins};`),
      'too-many-columns',
    ],
    [
      'one bare name a thousand times over 171 tables',
      longest(
        `SELECT COUNT(*) FROM diagnosis AS d${Array.from({ length: 170 }, (_, i) => ` JOIN visit a${i} ON a${i}.visit_id=d.rank`).join('')} WHERE rank IN (1`,
        () => ',rank',
        ');',
      ),
      undefined,
    ],
    ['10,000 columns', longest('SELECT 1', () => ',1', ' FROM patient;'), 'too-many-columns'],
    ['columns', longest('SELECT mrn', () => ',mrn', ' FROM patient;'), undefined],
    ['AND', longest('SELECT mrn FROM patient WHERE mrn=mrn', () => ' AND mrn=mrn', ';'), undefined],
  ])('with %s asks the schema less often than it has characters', (_, sql, code) => {
    const index = new CountingIndex(clinicBundle);
    index.reads = 0;
    expect(validate(sql, index).errors[0]?.code).toBe(code);
    expect(index.reads).toBeLessThan(sql.length);
  });
});

/** Counts the operations on big numbers. */
function bigOperations(run: () => void): number {
  const real = globalThis.BigInt;
  let made = 0;
  globalThis.BigInt = new Proxy(real, {
    apply: (target, self, args: [string]) => (made++, Reflect.apply(target, self, args)),
  });
  try {
    run();
  } finally {
    globalThis.BigInt = real;
  }
  return made;
}

describe('constants', () => {
  const cast = `${'CAST('.repeat(25)}1${' AS int)'.repeat(25)}`;
  test.each<[string, string, number]>([
    ['a chain', `1${'+1'.repeat(499)}`, 499],
    ['casts', [...Array<string>(40)].fill(cast).join(','), 40 * 25],
  ])('in %s are each computed once', (_, list, computed) => {
    const sql = `SELECT mrn FROM patient WHERE birth_year IN (${list});`;
    const made = bigOperations(() => expect(validate(sql, clinic).errors).toEqual([]));
    expect(made).toBeGreaterThan(computed);
    expect(made).toBeLessThan(4 * computed);
  });
});
