import { paintFor } from './paint.js';

/** Ends the process when the reader of our output stops early (`engine … | head`). */
export function guardOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit();
      throw error;
    });
  }
}

/** Writes a line to stdout. Waits while the reader is behind, so that long output does not pile up in memory. */
export async function printLine(line: string): Promise<void> {
  if (process.stdout.write(line + '\n')) return;
  await new Promise<void>((resolve) => process.stdout.once('drain', resolve));
}

export function printJson(value: unknown): Promise<void> {
  return printLine(JSON.stringify(value, null, 2));
}

/** Prints rows of two columns, the first as wide as its widest cell and bold in a terminal. */
export async function printRows(rows: readonly (readonly [string, string])[]): Promise<void> {
  const width = Math.max(...rows.map(([name]) => name.length));
  const { bold } = paintFor(process.stdout);
  for (const [name, value] of rows) await printLine(`${bold(name.padEnd(width))}  ${value}`);
}

/** Writes a line to stderr: everything that is not the command's result. */
export function note(line: string): void {
  process.stderr.write(line + '\n');
}

/** Resolves when everything written has left the process. */
export async function endOutput(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise<void>((resolve) => stream.write('', () => resolve()));
  }
}
