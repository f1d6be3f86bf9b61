import { createHash } from 'node:crypto';
import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../../src/base/random.js';
import type { Life } from './training.js';

const stemOf = (step: number): string => `checkpoint-${String(step).padStart(8, '0')}`;

/** The steps whose checkpoints are whole, ascending: the JSON can be read, and the tensors have its hash. */
export function wholeSteps(folder: string): number[] {
  const checkpoints = join(folder, 'checkpoints');
  return stepsIn(checkpoints, '.json').filter((step) => {
    try {
      const { sha256 } = JSON.parse(readFileSync(join(checkpoints, `${stemOf(step)}.json`), 'utf8')) as {
        sha256: string;
      };
      const tensors = readFileSync(join(checkpoints, `${stemOf(step)}.safetensors`));
      return createHash('sha256').update(tensors).digest('hex') === sha256;
    } catch {
      return false;
    }
  });
}

function stepsIn(checkpoints: string, suffix: string): number[] {
  return namesIn(checkpoints)
    .filter((name) => name.startsWith('checkpoint-') && name.endsWith(suffix))
    .map((name) => Number(name.slice('checkpoint-'.length, -suffix.length)))
    .sort((a, b) => a - b);
}

const namesIn = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);

/** Checkpoints that have tensors and no JSON. */
export function halves(folder: string): number[] {
  const checkpoints = join(folder, 'checkpoints');
  const whole = new Set(stepsIn(checkpoints, '.json'));
  return stepsIn(checkpoints, '.safetensors').filter((step) => !whole.has(step));
}

/** What a process was doing when it was killed, from what it left behind. */
export function phaseOf(folder: string, { pid, startMs }: Life, halvesBefore: readonly number[]): string {
  const mine = (place: string, kind: string): boolean =>
    namesIn(join(folder, place)).some((name) => name.includes(`${kind}.${pid}-`) && name.endsWith('.tmp'));
  if (mine('checkpoints', '.safetensors')) return "writing a checkpoint's tensors";
  if (mine('checkpoints', '.json')) return "writing a checkpoint's JSON";
  if (halves(folder).some((step) => !halvesBefore.includes(step)))
    return 'between the two files of a checkpoint';
  if (mine('best/checkpoints', '') || mine('best', '')) return 'keeping the best weights';
  if (mine('', '')) return "writing the run's other files";
  return startMs === undefined ? 'starting and compiling' : 'training';
}

export const DAMAGES = ['a flipped bit', 'tensors cut short', 'JSON cut short', 'JSON missing'] as const;
export type Damage = (typeof DAMAGES)[number];

/** Damages the checkpoint of a step. @returns the part of the name that both of its files have */
export function damage(folder: string, step: number, kind: Damage, random: Random): string {
  const stem = join(folder, 'checkpoints', stemOf(step));
  const [tensors, json] = [`${stem}.safetensors`, `${stem}.json`];
  if (kind === 'a flipped bit') flipBit(tensors, random);
  else if (kind === 'JSON missing') rmSync(json);
  else cutShort(kind === 'JSON cut short' ? json : tensors, random);
  return stemOf(step);
}

export function flipBit(file: string, random: Random): void {
  const bytes = readFileSync(file);
  const at = random.int(bytes.length);
  bytes[at]! ^= 1 << random.int(8);
  writeFileSync(file, bytes);
}

function cutShort(file: string, random: Random): void {
  truncateSync(file, random.int(statSync(file).size - 1));
}

/** The files that must be equal to the byte, whatever happened on the way, by their names in the run's folder. */
export function resultsOf(folder: string, steps: number): Map<string, Buffer> {
  const best = JSON.parse(readFileSync(join(folder, 'best', 'best.json'), 'utf8')) as { step: number };
  const names = [
    `checkpoints/${stemOf(steps)}.safetensors`,
    `checkpoints/${stemOf(steps)}.json`,
    'metrics.jsonl',
    'best/best.json',
    `best/checkpoints/${stemOf(best.step)}.safetensors`,
  ];
  return new Map(names.map((name) => [name, readFileSync(join(folder, name))]));
}
