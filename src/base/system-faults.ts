/** What the operating system says of a file, in words: `is a folder, not a file`. */
const FAULTS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EISDIR: 'is a folder, not a file',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EEXIST: 'exists already',
  EACCES: 'this user has no permission',
  EPERM: 'this user has no permission',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: "this user's share of the disk is full",
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'the name is too long',
};

/**
 * Why a file or folder cannot be read, to follow its name: `is a folder: name a file`. The one place that says so.
 * @param error of the operating system, or of a parser
 */
export function whyUnreadable(error: unknown): string {
  const { code, syscall, message = String(error) } = error as NodeJS.ErrnoException;
  if (code === 'EISDIR') return 'is a folder: name a file';
  if (code === 'ENOTDIR' && syscall === 'scandir') return 'is a file: name a folder';
  return FAULTS[code ?? ''] ?? `cannot be read (${code ?? message})`;
}

/**
 * An error of the operating system as one line, `/tmp: is a folder, not a file (EISDIR)`.
 * @param path of the file, if the error does not name it
 * @returns undefined for other errors, and where no file is known
 */
export function systemFault(error: unknown, path?: string): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, path: own, dest } = error as NodeJS.ErrnoException & { dest?: unknown };
  // A renamed file is known by its new name.
  const named = typeof dest === 'string' ? dest : (own ?? path);
  const words = FAULTS[code ?? ''];
  return words === undefined || named === undefined ? undefined : `${named}: ${words} (${code})`;
}
