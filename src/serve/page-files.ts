import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { packageRoot } from '../base/paths.js';

/** The files of the page at `/`. */
export const PAGE_FOLDER = join(packageRoot, 'src', 'serve', 'page');

export interface PageFile {
  bytes: Uint8Array<ArrayBuffer>;
  type: string;
  /** Of the content, for `If-None-Match`. */
  etag: string;
}

/** By URL path: `/`, `/page.css`. */
export type PageFiles = ReadonlyMap<string, PageFile>;

/** Files of other types are not served. */
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
};

/**
 * Reads the files of a page into memory, so that no request can name any other file. `index.html` is also its folder's
 * path.
 *
 * @param more files of packages, by URL path: `{'/vendor/uplot.js': '/…/uPlot.esm.js'}`
 */
export function readPageFiles(
  folder: string = PAGE_FOLDER,
  more: Readonly<Record<string, string>> = {},
): PageFiles {
  const files = new Map<string, PageFile>();
  const add = (urlPath: string, file: string): void => {
    const type = TYPES[extname(file)];
    if (type === undefined) return;
    const bytes = new Uint8Array(readFileSync(file));
    const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
    files.set(urlPath, { bytes, type, etag });
    if (urlPath.endsWith('/index.html'))
      files.set(urlPath.slice(0, -'index.html'.length), files.get(urlPath)!);
  };
  for (const [urlPath, file] of Object.entries(more)) add(urlPath, file);
  if (!existsSync(folder)) return files;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    add(`/${relative(folder, file).split(sep).join('/')}`, file);
  }
  return files;
}
