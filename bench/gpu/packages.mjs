// Prints the packages that the project needs to run from source, one folder a line: those for production, tsx and what
// tsx needs. SQL Server's client and peers are left out. Usage: node bench/gpu/packages.mjs
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { packages } = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8'));
const wanted = new Set();
/** Carried for the SwiftShader in it, which needs no other package. */
const ALONE = '@sparticuz/chromium';

/** Adds a package that `from` needs, and all that it needs itself. npm looks in the nearest node_modules first. */
function add(name, from) {
  for (let at = from; ; at = at.slice(0, at.lastIndexOf('/node_modules/'))) {
    const path = `${at}/node_modules/${name}`.replace(/^\//, '');
    const entry = packages[path];
    if (entry !== undefined) {
      if (wanted.has(path) || !existsSync(`${root}${path}`)) return; // an optional package of another platform
      wanted.add(path);
      if (name === ALONE) return;
      const { dependencies = {}, optionalDependencies = {} } = entry;
      for (const needed of Object.keys({ ...dependencies, ...optionalDependencies })) add(needed, `/${path}`);
      return;
    }
    if (at === '') return;
  }
}

const { dependencies, optionalDependencies } = packages[''];
for (const name of [...Object.keys({ ...dependencies, ...optionalDependencies }), 'tsx']) add(name, '');
console.log([...wanted].sort().join('\n'));
