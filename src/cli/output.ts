/** Whoever reads our output may stop early (`engine … | head`): then there is nothing left to do. */
export function guardOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit();
      throw error;
    });
  }
}

/** Writes a line to stdout; waits while the reader is behind, so that a stream of lines needs no memory. */
export async function printLine(line: string): Promise<void> {
  if (process.stdout.write(line + '\n')) return;
  await new Promise<void>((resolve) => process.stdout.once('drain', resolve));
}

export function printJson(value: unknown): Promise<void> {
  return printLine(JSON.stringify(value, null, 2));
}

/** Everything that is not the command's result goes to stderr. */
export function note(line: string): void {
  process.stderr.write(line + '\n');
}

/** Resolves when everything written has left the process. */
export async function endOutput(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise<void>((resolve) => stream.write('', () => resolve()));
  }
}
