import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { SchemaError } from '../../errors.js';

/** Folders of a project that hold copies or tools, not its scripts. */
const PASSED_OVER = new Set(['node_modules', 'bin', 'obj', '.git', '.vs', '.svn']);

/**
 * The scripts that paths name, each once: a file, a folder (its `.sql` files at any depth), a SQL Server database project
 * (`.sqlproj`: the scripts that it builds, or its folder if it lists none), or a pattern with `*`, `?` and `**`. Files of one path are sorted by name, numbers by value.
 * @throws SchemaError `schema-not-found` if a path names nothing
 */
export function scriptFiles(paths: readonly string[]): string[] {
  const files = new Map<string, string>();
  for (const path of paths) {
    const found = filesOf(path);
    if (found.length === 0) {
      throw new SchemaError({ code: 'schema-not-found', file: path, message: 'has no .sql file' });
    }
    for (const file of found) if (!files.has(resolve(file))) files.set(resolve(file), file);
  }
  return [...files.values()];
}

function filesOf(path: string): string[] {
  const found = existsSync(path) ? statSync(path) : undefined;
  if (found?.isDirectory()) return sqlFiles(path);
  if (found) return path.toLowerCase().endsWith('.sqlproj') ? projectFiles(path) : [path];
  if (!/[*?]/.test(path)) {
    throw new SchemaError({ code: 'schema-not-found', file: path, message: 'no such file or folder' });
  }
  const parts = path.split(/[\\/]/);
  const fixed = parts.slice(
    0,
    parts.findIndex((part) => /[*?]/.test(part)),
  );
  const root = fixed.join(sep) || (path.startsWith('/') ? '/' : '.');
  const pattern = patternOf(parts.slice(fixed.length).join('/'));
  if (!existsSync(root) || !statSync(root).isDirectory()) return [];
  return walk(root).filter((file) => pattern.test(relative(root, file).split(sep).join('/')));
}

/** A project of the older form lists what it builds; other scripts of its folder are drafts, seeds and upgrades. */
function projectFiles(project: string): string[] {
  const folder = dirname(project);
  const items = readFileSync(project, 'utf8').matchAll(/<Build\s[^>]*?\bInclude\s*=\s*"([^"]*)"/gi);
  const patterns = [...items].flatMap(([, list]) =>
    fromXml(list!)
      .split(';')
      .map((item) => item.trim()),
  );
  const scripts = patterns.filter((item) => /\.sql$/i.test(item));
  if (scripts.length === 0) return sqlFiles(folder);
  const named = new Set(scripts.map((item) => item.replaceAll('\\', '/').toLowerCase()));
  const wild = [...named].filter((item) => /[*?]/.test(item)).map(patternOf);
  return sqlFiles(folder).filter((file) => {
    const item = relative(folder, file).split(sep).join('/');
    return named.has(item.toLowerCase()) || wild.some((pattern) => pattern.test(item));
  });
}

function fromXml(text: string): string {
  const signs: Record<string, string> = { amp: '&', apos: "'", quot: '"', lt: '<', gt: '>' };
  return text.replace(/&(\w+);/g, (whole, name: string) => signs[name] ?? whole);
}

function patternOf(glob: string): RegExp {
  const source = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(
      /\*\*\/|\*\*|\*|\?/g,
      (mark) => ({ '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*', '?': '[^/]' })[mark]!,
    );
  return new RegExp(`^${source}$`, 'i');
}

function sqlFiles(folder: string): string[] {
  return walk(folder).filter((file) => file.toLowerCase().endsWith('.sql'));
}

/** The files below a folder, sorted. Links are not followed: they may lead in circles. */
function walk(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) =>
    a.name.localeCompare(b.name, 'en', { numeric: true }),
  );
  return entries.flatMap((entry) => {
    if (entry.isDirectory()) return PASSED_OVER.has(entry.name) ? [] : walk(join(folder, entry.name));
    return entry.isFile() ? [join(folder, entry.name)] : [];
  });
}
