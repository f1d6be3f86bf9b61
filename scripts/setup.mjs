// Makes a fresh clone ready to run: checks the version of Node and installs the locked packages if they are missing.
// Uses only Node's own modules, since it runs before any package is installed. Writes only to the clone and npm's cache.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const OLDEST_NODE = [20, 19];

function fail(message) {
  console.error(`setup: ${message}`);
  process.exit(2);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const recent = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  if (recent) return;
  fail(`this is Node ${process.versions.node}; ${OLDEST_NODE.join('.')} or newer is required (nodejs.org)`);
}

function readPackages(lockFile) {
  return JSON.parse(readFileSync(join(root, lockFile), 'utf8')).packages;
}

/** Compares npm's record of installed packages with the lock file. Only optional packages may be missing. */
function isInstalled() {
  const record = 'node_modules/.package-lock.json';
  if (!existsSync(join(root, record))) return false;
  const installed = readPackages(record);
  return Object.entries(readPackages('package-lock.json')).every(([path, wanted]) => {
    if (path === '') return true;
    const found = installed[path];
    if (found === undefined) return wanted.optional === true;
    return found.version === wanted.version && existsSync(join(root, path));
  });
}

function install() {
  console.error('setup: installing packages (only once; takes 1 to 2 minutes)');
  const command = ['npm', 'ci', '--no-audit', '--no-fund', '--loglevel=error'];
  // `npm ci` inherits the settings of the npm that runs this script; an outer `--omit=dev` must not reach it.
  const env = { ...process.env, NODE_ENV: undefined, npm_config_omit: undefined };
  const options = { cwd: root, env, encoding: 'utf8', shell: process.platform === 'win32' };
  const { status, error, stdout, stderr } = spawnSync(command[0], command.slice(1), options);
  if (status === 0) return;
  console.error(stdout ?? '', stderr ?? '');
  fail(`\`${command.join(' ')}\` failed (${error?.message ?? `exit code ${status}`}); see its output above`);
}

checkNode();
if (!isInstalled()) install();
