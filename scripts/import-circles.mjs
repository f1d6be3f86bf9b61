/**
 * Finds circles of imports in a folder of TypeScript, type imports included. Prints one shortest circle for each
 * group of files that import each other, and exits with 1 if there is any.
 *
 *     node scripts/import-circles.mjs [FOLDER = src]
 */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { argv, exit } from 'node:process';
import { fileURLToPath } from 'node:url';

const folder = argv[2] ?? fileURLToPath(new URL('../src', import.meta.url));
const files = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith('.ts'));
const known = new Set(files);

// Static imports, re-exports and `import('…')`; a relative specifier names the `.ts` file by its compiled name.
const SPECIFIER = /\b(?:from|import)\s*\(?\s*'(\.[^']*)'/g;

const imports = new Map(
  files.map((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    const targets = [...text.matchAll(SPECIFIER)].map(([, specifier]) =>
      normalize(join(dirname(file), specifier)).replace(/\.js$/, '.ts'),
    );
    return [file, targets.filter((target) => known.has(target))];
  }),
);

/** The shortest way along imports from `start` back to itself; undefined if there is none. */
function circleThrough(start) {
  const cameFrom = new Map();
  const queue = [start];
  for (const file of queue) {
    for (const target of imports.get(file)) {
      if (target === start) {
        const circle = [start];
        for (let at = file; at !== start; at = cameFrom.get(at)) circle.unshift(at);
        return [start, ...circle];
      }
      if (cameFrom.has(target)) continue;
      cameFrom.set(target, file);
      queue.push(target);
    }
  }
  return undefined;
}

const circles = files.map(circleThrough).filter((circle) => circle !== undefined);
circles.sort((a, b) => a.length - b.length || (a[0] < b[0] ? -1 : 1));
const seen = new Set();
for (const circle of circles) {
  // Report a file once: a long circle through a short one adds nothing.
  if (!circle.some((file) => seen.has(file))) console.error(circle.join(' → ').replaceAll(sep, '/'));
  for (const file of circle) seen.add(file);
}
if (circles.length > 0) {
  console.error(`${circles.length} of ${files.length} files are on circles of imports`);
  exit(1);
}
