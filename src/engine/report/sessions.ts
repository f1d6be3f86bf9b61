import { appendFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterCutLine } from '../../base/files.js';

/** A line of `sessions.jsonl`: where and with which code a run was started or resumed. Fields may be added, never renamed. */
export interface RunSession {
  /** Of the day, in ISO 8601. */
  time: string;
  /** Steps done before. */
  resumedFrom: number;
  adapter: string;
  /** `f32`, `f16` or `tensor`. */
  kernels: string;
  /** Of this program. */
  commit: string;
  /** Of Node. */
  node: string;
}

/** In a run's folder. */
export const SESSIONS_FILE = 'sessions.jsonl';

export function noteSession(folder: string, session: RunSession): void {
  const file = join(folder, SESSIONS_FILE);
  appendFileSync(file, afterCutLine(file) + JSON.stringify(session) + '\n');
}

/** The sessions of a run, oldest first; none for runs of older versions. */
export async function readSessions(folder: string): Promise<RunSession[]> {
  return wholeLines<RunSession>(join(folder, SESSIONS_FILE));
}

/** The whole lines of a file of JSON lines: a killed process may have cut its last one short. Nothing without the file. */
export async function wholeLines<Line>(file: string): Promise<Line[]> {
  const content = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return content.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as Line];
    } catch {
      return [];
    }
  });
}
