import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Runs an example in a process of its own, which must end by itself, and returns what it printed. */
export async function runExample(file: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--import',
    'tsx',
    `examples/${file}`,
    ...args,
  ]);
  return stdout;
}

/** The last number after `name` in a text. */
export function numberAfter(name: string, text: string): number {
  return Number([...text.matchAll(new RegExp(`${name} ([\\d.]+)`, 'g'))].at(-1)?.[1]);
}
