import { InvalidArgumentError, Option, type Command } from 'commander';
import type { KernelPath } from '../engine/tensor/dtype.js';

/** Parses an option's value as a whole number from `least` to `most`. */
export function parseWholeNumber(least = 1, most = Infinity): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^-?\d+$/.test(text) && Number.isSafeInteger(value) && value >= least && value <= most) return value;
    const range = most === Infinity ? `${least} or more` : `${least} to ${most}`;
    throw new InvalidArgumentError(`Expected a whole number, ${range}.`);
  };
}

/** Parses an option's value as a number above zero. */
export function parsePositive(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('Expected a number above 0.');
}

const SECONDS_OF = { s: 1, m: 60, h: 3600 } as const;

/** Parses a time such as `270s`, `10m` or `1.5h`. @returns seconds */
export function parseTime(text: string): number {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)([smh])$/.exec(text) ?? [];
  const seconds = Number(digits) * SECONDS_OF[unit as keyof typeof SECONDS_OF];
  if (seconds > 0 && Number.isFinite(seconds)) return seconds;
  throw new InvalidArgumentError('Expected a time above 0, such as 270s, 10m or 2h.');
}

/** An option that takes a time. @param seconds its default */
export function timeOption(flags: string, description: string, seconds: number): Option {
  return new Option(flags, description).argParser(parseTime).default(seconds, `${seconds}s`);
}

const BYTES_OF = {
  B: 1,
  ...{ KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 },
  ...{ KIB: 2 ** 10, MIB: 2 ** 20, GIB: 2 ** 30, TIB: 2 ** 40 },
} as const;

/** Whole bytes of `1.5GiB`, `900 MB` or a bare number of `unit`; undefined for anything else. Case does not matter. */
function bytesOf(text: string, unit: keyof typeof BYTES_OF): number | undefined {
  const [, digits = '', given = unit] = /^(\d+(?:\.\d+)?) ?([KMGT]?I?B)?$/.exec(text.toUpperCase()) ?? [];
  const bytes = Math.floor(Number(digits) * BYTES_OF[given as keyof typeof BYTES_OF]);
  return bytes > 0 && Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Parses a size such as `15MiB`; a bare number is bytes. @returns bytes */
export function parseSize(text: string): number {
  const bytes = bytesOf(text, 'B');
  if (bytes !== undefined) return bytes;
  throw new InvalidArgumentError('Expected a size above 0, such as 15MiB, 1.5GB or 1GiB.');
}

/** Parses an amount of memory such as `22GB`, `900MB`, `20.5GiB`, or `22` for 22 GB. @returns bytes */
export function parseMemory(text: string): number {
  const bytes = bytesOf(text, 'GB');
  if (bytes !== undefined) return bytes;
  throw new InvalidArgumentError('Expected an amount above 0, such as 22GB, 900MB or 20.5GiB.');
}

/** Parses an option's value as a share, from 0 to 1. */
export function parseShare(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('Expected a number from 0 to 1.');
}

export function adapterOption(): Option {
  return new Option(
    '--adapter <which>',
    'auto, gpu, software, or part of an adapter name (engine doctor lists them)',
  ).default('auto');
}

/**
 * `auto` is `tensor` on GPUs with matrix units, `f16` on other GPUs, and `f32` on software adapters.
 *
 * @param auto says in the help what `auto` means for a command without an adapter
 */
export function kernelsOption(auto = 'auto depends on the adapter'): Option {
  return new Option('--kernels <path>', `how matrices are stored and multiplied; ${auto}`)
    .choices(['auto', 'f32', 'f16', 'tensor'])
    .default('auto');
}

export function recomputeOption(): Option {
  return new Option(
    '--recompute <part>',
    "compute a block's MLP, or the whole block but its attention, again in the backward pass: less memory, more time, " +
      'the same numbers (default: none)',
  ).choices(['none', 'mlp', 'block']);
}

export interface DeviceOptions {
  adapter: string;
  kernels: KernelPath | 'auto';
}

/** Adds the options that choose a device and its kernel path. */
export function withDevice(command: Command): Command {
  return command.addOption(adapterOption()).addOption(kernelsOption());
}

export function dateOrderOption(): Option {
  return new Option(
    '--date-order <order>',
    'read 03/04/2024 as March 4 (mdy, the default) or April 3 (dmy); a note says which',
  ).choices(['mdy', 'dmy']);
}

/** For options that may be repeated. */
export function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

export const OVERLAY_HELP =
  "your own words and roles for the schema's tables and columns, from engine schema words --out";

export const VALUES_HELP =
  'values of the database: an index, a list of them, or a folder with BUNDLE.values or BUNDLE.jsonl';

/** Help text of the two commands that take --server. */
export const SERVER_HELP = `
With --server: the password comes from OPENWARD_SQL_PASSWORD, the user from the address or OPENWARD_SQL_USER.
The login needs CONNECT and VIEW DEFINITION; give it no right to write. The connection uses TLS with a certificate
that this machine trusts; ?encrypt=false, ?trustServerCertificate=true and ?timeout=SECONDS at the end of the address
change that. A server that redirects the login elsewhere is followed only with ?redirect=true.
No statement of yours is executed (sp_describe_first_result_set checks it), and no row of a table is read.
Needs the package mssql. Untried on a real SQL Server: it is tested against a stand-in that speaks the protocol.`;

/** One of several parts of some work, counted from 0. */
export interface ShardPart {
  index: number;
  of: number;
}

/** `3/8`: part 3 of the parts 0 to 7. */
export function parsePart(text: string): ShardPart {
  const [, index, of] = (/^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []).map(Number);
  if (index !== undefined && of !== undefined && index < of) return { index, of };
  throw new InvalidArgumentError('Expected I/N, with I from 0 to N-1, such as 0/8.');
}
