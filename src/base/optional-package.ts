import { AppError } from './errors.js';

/** An optional package that is not installed. The message says what needs it and how to install it. */
export class MissingPackageError extends AppError<'not-installed'> {
  constructor(
    readonly packageName: string,
    purpose: string,
    options?: ErrorOptions,
  ) {
    super(
      'not-installed',
      `${purpose} needs the package ${packageName}: npm i ${packageName} (add -g if openward is installed globally)`,
      options,
    );
  }
}

/**
 * Imports a package that users install only if they need it.
 *
 * @param purpose begins the message: `the embedded database`
 * @param load the import, spelled out by the caller so that its types are known: `() => import('mssql')`
 * @throws MissingPackageError when the package is missing; any other failure of the import passes through
 */
export async function importOptional<Module>(
  packageName: string,
  purpose: string,
  load: () => Promise<Module>,
): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    throw isNotFound(error, packageName)
      ? new MissingPackageError(packageName, purpose, { cause: error })
      : error;
  }
}

/** Whether `error` says that this package, not one of its dependencies, is missing. */
function isNotFound(error: unknown, packageName: string): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  const isMissing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
  return isMissing && error.message.includes(`'${packageName}'`);
}
