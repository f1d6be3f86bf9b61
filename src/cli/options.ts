import { InvalidArgumentError, Option } from 'commander';

/** Parses an option's value as a whole number from `least` on, up to `most`. */
export function wholeNumber(least = 1, most = Infinity): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^-?\d+$/.test(text) && Number.isSafeInteger(value) && value >= least && value <= most) return value;
    const range = most === Infinity ? `from ${least} on` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`A whole number ${range} is meant.`);
  };
}

/** Parses an option's value as a number above zero. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('A number above 0 is meant.');
}

export function shareOfOne(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('A number from 0 to 1 is meant.');
}

export function adapterOption(): Option {
  return new Option(
    '--adapter <which>',
    'auto, gpu, software, or a part of an adapter name (engine doctor lists them)',
  ).default('auto');
}

/** `auto` is matrix units where there are any, else f16 on GPUs, f32 on the processor. */
export function kernelsOption(): Option {
  return new Option('--kernels <path>', 'how matrices are stored and multiplied; auto goes by the adapter')
    .choices(['auto', 'f32', 'f16', 'tensor'])
    .default('auto');
}

export function dateOrderOption(): Option {
  return new Option(
    '--date-order <order>',
    'how a date such as 03/04/2024 is read: March 4 (mdy, also where nothing is said) or 3 April (dmy); it is reported either way',
  ).choices(['mdy', 'dmy']);
}

/** For options that may be given several times. */
export function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

/** What both commands that take --server say of it. */
export const SERVER_HELP = `
With --server: the password is read from OPENWARD_SQL_PASSWORD, the user from the address or OPENWARD_SQL_USER.
A login that may read definitions is enough (CONNECT and VIEW DEFINITION; give it no right to write). The connection
uses TLS with a certificate that this machine trusts; ?encrypt=false, ?trustServerCertificate=true and ?timeout=SECONDS
change that. Statements are never executed (sp_describe_first_result_set), and no row of a table is read.
Tested against a stand-in that speaks the protocol, for its errors alone; no real SQL Server has been met yet.`;
