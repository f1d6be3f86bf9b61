import { appendFile, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Where to keep what people say about statements. Lines hold values of questions, so only the owner reads the files. */
export class FeedbackFile {
  /** Lines are added one after another. */
  #last: Promise<void> = Promise.resolve();

  /** @param path pairs for training: `{"question", "sql", "schema"}` lines */
  constructor(readonly path: string) {}

  /** For statements that are wrong while no right one is known: training must not see them. */
  get rejectedPath(): string {
    return this.path.replace(/(?:\.jsonl)?$/, '.rejected.jsonl');
  }

  keepPair(pair: { question: string; sql: string; schema: string }): Promise<void> {
    return this.#add(this.path, pair);
  }

  keepRejection(rejection: { question: string; rejected: string; schema: string }): Promise<void> {
    return this.#add(this.rejectedPath, rejection);
  }

  #add(path: string, line: object): Promise<void> {
    const added = this.#last.then(() => append(path, `${JSON.stringify(line)}\n`));
    this.#last = added.catch(() => undefined);
    return added;
  }
}

async function append(path: string, line: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  // A line that an earlier process did not finish stays a line of its own.
  const start = (await endsInside(path)) ? '\n' : '';
  await appendFile(path, start + line, { mode: 0o600 });
}

/** Whether the file's last line has no end. */
async function endsInside(path: string): Promise<boolean> {
  const file = await open(path, 'a+', 0o600);
  try {
    const { size } = await file.stat();
    if (size === 0) return false;
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
    return buffer[0] !== 0x0a;
  } finally {
    await file.close();
  }
}
