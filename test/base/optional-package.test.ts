import { expect, test } from 'vitest';
import { AppError } from '../../src/base/errors.js';
import { importOptional, MissingPackageError } from '../../src/base/optional-package.js';

/** What Node throws for `import(name)` when `missing` cannot be found. */
function notFound(missing: string): Error {
  const message = `Cannot find package '${missing}' imported from /app/main.js`;
  return Object.assign(new Error(message), { code: 'ERR_MODULE_NOT_FOUND' });
}

const failWith = (error: unknown) => (): Promise<never> => Promise.reject(error as Error);

test('an installed package is returned', async () => {
  const path = await importOptional('node:path', 'joining', () => import('node:path'));
  expect(path.posix.join('a', 'b')).toBe('a/b');
});

test.each([
  ['@electric-sql/pglite', 'the embedded database'],
  ['mssql', 'talking to a SQL Server'],
])('a missing package is named, with the command that installs it: %s', async (name, purpose) => {
  const cause = notFound(name);
  const failure = importOptional(name, purpose, failWith(cause));
  await expect(failure).rejects.toBeInstanceOf(MissingPackageError);
  await expect(failure).rejects.toBeInstanceOf(AppError);
  await expect(failure).rejects.toMatchObject({ code: 'not-installed', packageName: name, cause });
  await expect(failure).rejects.toThrow(`${purpose} needs the package ${name}: npm i ${name}`);
});

test.each([
  ['a package that the optional one needs is missing', notFound('tedious')],
  ['the package itself fails', new TypeError('broken')],
])('any other failure passes through: %s', async (_name, error) => {
  await expect(importOptional('mssql', 'talking to a SQL Server', failWith(error))).rejects.toBe(error);
});
