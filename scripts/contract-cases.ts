/**
 * npm run contract:cases -- FILE [--only KIND] [--verbose]
 *
 * Runs a list of cases, one JSON object a line, through the command line as a person would, and counts those that hold.
 * A case says what to do (`vault`, `validate`, `answerable` or `import`), with which input, and what to expect. Cases of
 * one command, schema and flags share a process. Exits with 1 if a case fails. FILE is never part of the repository.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { packageRoot } from '../src/base/paths.js';
import type { SchemaBundle, Table } from '../src/data/schema/bundle.js';

interface Case {
  id: string;
  kind: string;
  schema?: string;
  do: 'vault' | 'validate' | 'answerable' | 'import';
  input: unknown;
  placeholders?: unknown;
  question?: string;
  flags?: string[];
  expect: Expected;
  why: string;
}

interface Expected {
  values?: { family: string | string[]; text: string | string[] }[];
  only?: true;
  not?: string[];
  stay?: string[];
  gone?: string[];
  note?: true;
  asks?: true;
  refused?: true;
  ok?: boolean;
  orBadSchema?: true;
  code?: string;
  says?: string[];
  hides?: string[];
  tables?: string[];
  absent?: string[];
  count?: number;
  columns?: Record<string, string[]>;
  types?: Record<string, string>;
  keys?: Record<string, string[]>;
  references?: Record<string, string[]>;
  seconds?: number;
  mib?: number;
}

/** What a process did. */
interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
  seconds: number;
  mib: number;
}

const PASSWORD = 'Wrong-Horse-17';
const DEADLINE_MS = 120_000;

const { values: options, positionals } = parseArgs({
  options: { only: { type: 'string' }, verbose: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const [list] = positionals;
if (list === undefined) {
  console.error('usage: npm run contract:cases -- FILE [--only KIND] [--verbose]');
  process.exit(2);
}
const folder = dirname(resolve(list));
const scratch = mkdtempSync(join(tmpdir(), 'contract-'));
process.on('exit', () => {
  rmSync(scratch, { recursive: true, force: true });
});

const cases = readFileSync(list, 'utf8')
  .split('\n')
  .filter((line) => line.trim() !== '')
  .map((line) => JSON.parse(line) as Case)
  .filter(({ kind, id }) => options.only === undefined || kind.includes(options.only) || id === options.only);

/** What is wrong with each case; nothing if it holds. */
const faults = new Map<Case, string[]>();

function grouped(all: readonly Case[]): Case[][] {
  const groups = new Map<string, Case[]>();
  for (const one of all) {
    const key = JSON.stringify([one.do, one.schema, one.flags]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()];
}

async function runLines(group: readonly Case[]): Promise<void> {
  const { do: command, flags = [] } = group[0]!;
  const schema = await schemaOf(group[0]!);
  const lines = group.map(({ input, placeholders, question }) =>
    command === 'validate' ? { sql: input, placeholders, question } : { question: input },
  );
  const args = [command, '--jsonl', ...(schema === undefined ? [] : ['--schema', schema]), ...flags];
  const ended = await engine(args, lines.map((line) => JSON.stringify(line)).join('\n') + '\n');
  const answers = ended.stdout.split('\n').filter((line) => line !== '');
  group.forEach((one, i) => {
    const answer = answers[i];
    if (answer === undefined) {
      const isRefused = one.expect.orBadSchema === true && ended.code === 2;
      faults.set(one, isRefused ? [] : [`no answer: ${ended.stderr.split('\n')[0]}`]);
      return;
    }
    const value = JSON.parse(answer) as Record<string, unknown>;
    faults.set(one, command === 'vault' ? faultsOfVault(one, value) : faultsOfVerdict(one, value));
  });
}

const imported = new Map<string, Promise<string>>();

async function schemaOf({ schema }: Case): Promise<string | undefined> {
  if (schema === undefined) return undefined;
  const path = join(folder, schema);
  if (!path.endsWith('.sql')) return path;
  const bundle = join(scratch, `schema-${imported.size}.json`);
  if (!imported.has(path)) {
    const run = engine(['schema', 'import', '--ddl', path, '--out', bundle]).then(() => bundle);
    imported.set(path, run);
  }
  return imported.get(path);
}

/** Runs the command line, and watches the most memory that it holds. */
function engine(args: readonly string[], stdin = '', env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const started = Date.now();
  const child = spawn('node', ['--import', 'tsx', 'src/cli/main.ts', ...args], {
    cwd: packageRoot,
    env: { ...process.env, ...env },
  });
  const ended: Ended = { code: null, stdout: '', stderr: '', seconds: 0, mib: 0 };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (ended.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (ended.stderr += text));
  child.stdin.on('error', () => {});
  child.stdin.end(stdin);
  const watch = setInterval(() => {
    const status = `/proc/${child.pid}/status`;
    const most = existsSync(status) ? /VmHWM:\s+(\d+)/.exec(readFileSync(status, 'utf8')) : undefined;
    if (most) ended.mib = Number(most[1]) / 1024;
  }, 100);
  const deadline = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS);
  return new Promise((done) => {
    child.on('close', (code) => {
      clearInterval(watch);
      clearTimeout(deadline);
      done({ ...ended, code, seconds: (Date.now() - started) / 1000 });
    });
  });
}

const fold = (text: string): string => text.toLowerCase();
const asList = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);
const familyOf = (name: string): string => /^__([A-Z]+)_/.exec(name)?.[1] ?? '';

function faultsOfVault({ expect }: Case, answer: Record<string, unknown>): string[] {
  const found: string[] = [];
  const isRefused = answer['error'] !== undefined;
  const notes = (answer['notes'] as unknown[] | undefined) ?? [];
  if (expect.refused === true && !isRefused) found.push('is not refused');
  if (expect.note === true && notes.length === 0) found.push('gives no note');
  if (expect.asks === true && notes.length === 0 && !isRefused) found.push('neither asks nor refuses');
  if (isRefused) {
    if (expect.refused !== true && expect.asks !== true)
      found.push(`is refused: ${JSON.stringify(answer['error'])}`);
    return [...found, ...hidden(expect, answer)];
  }
  const rest =
    (answer['placeholders'] as { name: string; value?: string; text?: string; spans?: unknown }[]) ?? [];
  const seen = rest.map(({ name, value, text }) => `${name}=${value ?? text}`).join(', ');
  const open = [...rest];
  for (const { family, text } of expect.values ?? []) {
    const at = open.findIndex((one) => {
      const isId = familyOf(one.name) === 'ID';
      const spellings = [one.value, one.text, ...spansOf(one.spans)].filter(
        (t): t is string => t !== undefined,
      );
      const isText = spellings.some((t) =>
        asList(text).some((wanted) => (isId ? wanted === t : fold(wanted) === fold(t))),
      );
      return asList(family).includes(familyOf(one.name)) && isText;
    });
    if (at < 0) found.push(`has no ${asList(family).join('|')} ${asList(text).join('|')} (${seen})`);
    else open.splice(at, 1);
  }
  if (expect.only === true && open.length > 0) found.push(`has more: ${open.map(({ name }) => name).join()}`);
  const unwanted = rest.filter(({ name }) => expect.not?.includes(familyOf(name)));
  if (unwanted.length > 0) found.push(`has ${seen}`);
  const question = fold(String(answer['question']));
  const holds = (word: string): boolean => question.includes(fold(word));
  for (const word of expect.stay ?? []) if (!holds(word)) found.push(`'${word}' is gone: ${question}`);
  for (const word of expect.gone ?? []) if (holds(word)) found.push(`'${word}' stays: ${question}`);
  return [...found, ...hidden(expect, { notes })];
}

function spansOf(spans: unknown): string[] {
  if (!Array.isArray(spans)) return [];
  return spans.flatMap((span: { text?: unknown }) => (typeof span.text === 'string' ? [span.text] : []));
}

function hidden({ hides = [] }: Expected, said: unknown): string[] {
  const text = typeof said === 'string' ? said : JSON.stringify(said);
  return hides.filter((word) => text.includes(word)).map((word) => `shows ${word}`);
}

function saidIn({ says }: Expected, text: string): string[] {
  if (says === undefined || says.some((word) => fold(text).includes(fold(word)))) return [];
  return [`says none of ${says.join(', ')}: ${text.slice(0, 200)}`];
}

function faultsOfVerdict({ expect, do: command }: Case, answer: Record<string, unknown>): string[] {
  const verdict = command === 'validate' ? answer['ok'] : answer['answerable'];
  const text = JSON.stringify({ ...answer, question: undefined });
  const found = verdict === expect.ok ? [] : [`${text.slice(0, 300)}`];
  const errors = (answer['errors'] ?? answer['reasons'] ?? []) as { code: string }[];
  if (expect.code !== undefined && !errors.some(({ code }) => code === expect.code))
    found.push(`no error ${expect.code}: ${text.slice(0, 200)}`);
  return [...found, ...saidIn(expect, text), ...hidden(expect, text)];
}

interface Files {
  files: { name: string; text: string; encoding?: 'utf8' | 'utf16le' | 'utf16be'; bom?: boolean }[];
  folder?: true;
  args?: string[];
}

interface Hostile {
  server: string;
  seconds: number;
  message?: string;
}

async function runImport({ id, input, expect }: Case): Promise<string[]> {
  if (typeof input === 'object' && input !== null && 'server' in input)
    return runServer(input as Hostile, expect);
  const root = join(scratch, id);
  const given: Files =
    typeof input === 'string' ? { files: [{ name: 'script.sql', text: input }] } : (input as Files);
  const paths = given.files.map(({ name, text, encoding = 'utf8', bom = false }) => {
    const path = join(root, 'in', name);
    mkdirSync(dirname(path), { recursive: true });
    const marked = (bom ? '\ufeff' : '') + text;
    const bytes = Buffer.from(marked, encoding === 'utf8' ? 'utf8' : 'utf16le');
    writeFileSync(path, encoding === 'utf16be' ? bytes.swap16() : bytes);
    return path;
  });
  const out = join(root, 'bundle.json');
  const ddl = (given.folder ? [join(root, 'in')] : paths).flatMap((path) => ['--ddl', path]);
  const ended = await engine(['schema', 'import', ...ddl, ...(given.args ?? []), '--out', out]);
  const isWritten = existsSync(out);
  const said = ended.stderr.slice(0, 300);
  const found = [...saidIn(expect, ended.stderr), ...hidden(expect, ended.stderr)];
  if (expect.ok === false && (ended.code !== 2 || isWritten)) found.push(`exit ${ended.code}: ${said}`);
  if (expect.ok === true && (ended.code !== 0 || !isWritten))
    return [...found, `exit ${ended.code}: ${said}`];
  if (isWritten) found.push(...faultsOfBundle(expect, JSON.parse(readFileSync(out, 'utf8')) as SchemaBundle));
  return found;
}

function faultsOfBundle(expect: Expected, { tables }: SchemaBundle): string[] {
  const full = (name: string): string => fold(name.includes('.') ? name : `dbo.${name}`);
  const own = (table: Table & { schema?: string }): string =>
    table.schema === undefined ? full(table.name) : fold(`${table.schema}.${table.name}`);
  const bare = (name: string): string => fold(name.split('.').at(-1)!);
  const find = (name: string): Table | undefined =>
    tables.find((table) =>
      name.includes('.') ? own(table) === fold(name) : bare(own(table)) === fold(name),
    );
  const found: string[] = [];
  const check = (isSo: boolean, text: string): void => {
    if (!isSo) found.push(text);
  };
  for (const name of expect.tables ?? []) check(find(name) !== undefined, `no table ${name}`);
  for (const name of expect.absent ?? []) check(find(name) === undefined, `a table ${name}`);
  if (expect.count !== undefined) check(tables.length === expect.count, `${tables.length} tables`);
  for (const [name, columns] of Object.entries(expect.columns ?? {})) {
    const there = find(name)?.columns.map((column) => fold(column.name)) ?? [];
    for (const column of columns) check(there.includes(fold(column)), `${name} has no ${column}`);
  }
  for (const [path, type] of Object.entries(expect.types ?? {})) {
    const dot = path.lastIndexOf('.');
    const column = find(path.slice(0, dot))?.columns.find(
      ({ name }) => fold(name) === fold(path.slice(dot + 1)),
    );
    check(column?.type === type, `${path} is ${column?.type}`);
  }
  for (const [name, key] of Object.entries(expect.keys ?? {})) {
    const there = find(name)?.primaryKey ?? [];
    check(fold(there.join()) === fold(key.join()), `the key of ${name} is ${there.join()}`);
  }
  for (const [name, targets] of Object.entries(expect.references ?? {})) {
    const there = find(name)?.foreignKeys.map((key) => bare(key.references.table)) ?? [];
    for (const target of targets) check(there.includes(bare(target)), `${name} does not refer to ${target}`);
  }
  return found;
}

async function runServer(input: Hostile, expect: Expected): Promise<string[]> {
  const { port, close } = await hostileServer(input);
  try {
    const url = `mssql://reader@127.0.0.1:${port}/clinic?encrypt=false&timeout=${input.seconds}`;
    const args = ['schema', 'import', '--server', url, '--out', join(scratch, `server-${port}.json`)];
    const ended = await engine(args, '', { OPENWARD_SQL_PASSWORD: PASSWORD });
    const lines = ended.stderr.split('\n').filter((line) => line !== '');
    const found = saidIn(expect, ended.stderr);
    if (ended.code !== 2) found.push(`exit ${ended.code}: ${ended.stderr.slice(0, 200)}`);
    if (lines.length === 0 || lines.length > 3) found.push(`${lines.length} lines`);
    if (ended.stderr.includes(PASSWORD)) found.push('shows the password');
    if (/(?!\n)\p{Cc}/u.test(ended.stderr)) found.push('shows control characters');
    if (ended.seconds > (expect.seconds ?? Infinity)) found.push(`took ${ended.seconds} s`);
    if (ended.mib > (expect.mib ?? Infinity)) found.push(`took ${Math.round(ended.mib)} MiB`);
    return found;
  } finally {
    close();
  }
}

/** A server on the loopback interface that answers as `server` says: never, without an end, or with a refusal. */
function hostileServer({ server: how, message = '' }: Hostile): Promise<{ port: number; close: () => void }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    if (how === 'hangs-up') socket.destroy();
    socket.on('data', (data) => {
      if (how === 'endless') void pour(socket);
      if (how !== 'refuses') return;
      // TDS ([MS-TDS]): 0x12 is the handshake, answered with "no encryption"; 0x10 is the login.
      if (data[0] === 0x12)
        socket.write(packet(Buffer.from([0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff, 16, 0, 0, 0, 0, 0, 2])));
      if (data[0] === 0x10) socket.write(packet(refusal(message.replace('{password}', PASSWORD))));
    });
  });
  return new Promise((done) => {
    server.listen(0, '127.0.0.1', () => {
      const close = (): void => {
        for (const socket of sockets) socket.destroy();
        server.close();
      };
      done({ port: (server.address() as AddressInfo).port, close });
    });
  });
}

/** Writes packets that never end the message. */
async function pour(socket: Socket): Promise<void> {
  const full = packet(Buffer.alloc(4000, 0x20), 0);
  while (!socket.destroyed) {
    if (!socket.write(full)) await new Promise((on) => socket.once('drain', on).once('close', on));
  }
}

function packet(body: Buffer, isLast = 1): Buffer {
  const header = Buffer.from([4, isLast, 0, 0, 0, 0, 1, 0]);
  header.writeUInt16BE(8 + body.length, 2);
  return Buffer.concat([header, body]);
}

/** The tokens ERROR (18456, class 14) and DONE. */
function refusal(message: string): Buffer {
  const text = Buffer.from(message, 'utf16le');
  const head = Buffer.alloc(11);
  head[0] = 0xaa;
  head.writeUInt16LE(8 + text.length + 6, 1);
  head.writeUInt32LE(18456, 3);
  head.set([1, 14], 7);
  head.writeUInt16LE(message.length, 9);
  const done = Buffer.from([0xfd, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  return Buffer.concat([head, text, Buffer.from([0, 0, 1, 0, 0, 0]), done]);
}

function report(): void {
  const kinds = new Map<string, [passed: number, all: number]>();
  for (const one of cases) {
    const [passed, all] = kinds.get(one.kind) ?? [0, 0];
    const wrong = faults.get(one) ?? ['not run'];
    kinds.set(one.kind, [passed + (wrong.length === 0 ? 1 : 0), all + 1]);
    if (wrong.length > 0 && options.verbose) console.log(`${one.id}: ${wrong.join('; ')}`);
  }
  for (const [kind, [passed, all]] of [...kinds].sort()) {
    console.log(`${passed === all ? 'ok  ' : 'fail'} ${String(passed).padStart(3)} of ${all}  ${kind}`);
  }
  const passed = cases.filter((one) => faults.get(one)?.length === 0).length;
  console.log(`${passed} of ${cases.length} cases hold`);
  process.exitCode = passed === cases.length ? 0 : 1;
}

for (const group of grouped(cases.filter((one) => one.do !== 'import'))) await runLines(group);
for (const one of cases.filter((one) => one.do === 'import')) faults.set(one, await runImport(one));
report();
