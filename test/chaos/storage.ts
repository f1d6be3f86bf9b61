import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '../../src/base/random.js';
import { flipBit, resultsOf, wholeSteps } from './folder.js';
import { live, trainArguments } from './training.js';

export interface Outcome {
  /** One line: what happened, or why it was not tried. */
  outcome: string;
  ok: boolean;
  skipped?: true | undefined;
}

interface Place {
  engine: readonly string[];
  folder: string;
  text: string;
  adapter: string;
}

/** Far more than one checkpoint and the run's other files take, and less than two do. */
const ROOM = 0.5;

/**
 * Trains on a small disk until it is full. The error must name it, the checkpoints that were written must stay whole, and
 * the same command must go on to the same bytes once there is room.
 */
export async function fullDisk({ engine, folder, text, adapter }: Place): Promise<Outcome> {
  const [calm, disk] = [join(folder, 'roomy'), join(folder, 'small-disk')];
  const steps = 12;
  const args = (run: string): string[] => trainArguments(run, text, { seed: 7, steps, adapter });
  const reference = await live(engine, args(calm), calm, { when: 'never' });
  if (reference.code !== 0) return fail(`the roomy run ended with ${reference.code}: ${reference.stderr}`);
  mkdirSync(disk);
  const size = Math.ceil(sizeOf(calm) + 64 * 1024);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', disk], {
    encoding: 'utf8',
  });
  if (mounted.error || mounted.status !== 0) {
    const reason = mounted.error?.message ?? mounted.stderr.trim();
    return { outcome: `not tried: a tmpfs cannot be mounted here (${reason})`, ok: true, skipped: true };
  }
  try {
    const run = join(disk, 'run');
    // The ballast leaves room for the run's files and one or two checkpoints.
    const checkpoint = statSync(join(calm, 'checkpoints', tensorsIn(calm)[0]!)).size;
    const ballast = join(disk, 'ballast');
    writeFileSync(ballast, Buffer.alloc(Math.max(0, size - Math.ceil((2 + ROOM) * checkpoint) - 48 * 1024)));
    const full = await live(engine, args(run), run, { when: 'never' });
    if (full.code !== 2 || !/the disk is full/.test(full.stderr))
      return fail(`expected exit code 2 and "the disk is full", got ${full.code}: ${full.stderr}`);
    const kept = wholeSteps(run).at(-1);
    if (kept === undefined) return fail('no whole checkpoint is left on the full disk');
    const promised = /goes on from step (\d+)/.exec(full.stderr)?.[1];
    if (promised !== String(kept))
      return fail(`says step ${promised}, and the newest checkpoint is of ${kept}`);
    rmSync(ballast);
    const again = await live(engine, args(run), run, { when: 'never' });
    if (again.code !== 0) return fail(`ended with ${again.code} once there was room: ${again.stderr}`);
    const [expected, found] = [resultsOf(calm, steps), resultsOf(run, steps)];
    const differ = [...expected]
      .filter(([name, bytes]) => !found.get(name)?.equals(bytes))
      .map(([name]) => name);
    if (differ.length > 0) return fail(`${differ.join(', ')} differ from those of a run with room`);
    return {
      outcome: `disk-full, exit code 2; went on from step ${kept} once there was room, to the same bytes`,
      ok: true,
    };
  } finally {
    spawnSync('umount', [disk]);
  }
}

const tensorsIn = (run: string): string[] =>
  readdirSync(join(run, 'checkpoints')).filter((name) => name.endsWith('.safetensors'));

function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => statSync(join(folder, name)))
    .reduce((sum, file) => sum + (file.isFile() ? Math.ceil(file.size / 4096) * 4096 : 4096), 0);
}

/** Flips one bit of a shard. Training must end before it begins, with exit code 2 and the shard's name. */
export async function flippedShard({ engine, folder, adapter }: Place): Promise<Outcome> {
  const [corpus, damaged] = [join(folder, 'corpus'), join(folder, 'damaged-corpus')];
  const build = [
    ...[
      'data',
      'build',
      '--schema',
      'omop_cdm_5_4',
      '--knobs',
      'configs/corpus.demo.json',
      '--samples',
      '60',
    ],
    ...[
      '--held-out',
      '0',
      '--hold-out',
      'statements',
      '--vocab-size',
      '400',
      '--workers',
      '1',
      '--out',
      corpus,
    ],
  ];
  const built = spawnSync(process.execPath, [...engine, ...build], { encoding: 'utf8' });
  if (built.status !== 0) return fail(`the corpus was not built: ${built.stderr}`);
  cpSync(corpus, damaged, { recursive: true });
  flipBit(join(damaged, 'shard-00000.bin'), new Random(3, 0));
  const run = join(folder, 'on-damaged-corpus');
  const args = ['train', '--corpus', damaged, '--model', run, '--steps', '2', '--adapter', adapter];
  const life = await live(engine, args, run, { when: 'never' });
  if (life.code !== 2 || !/damaged-corpus\/shard-00000\.bin/.test(life.stderr) || life.startMs !== undefined)
    return fail(
      `expected exit code 2 and the shard's name before the first step, got ${life.code}: ${life.stderr}`,
    );
  return { outcome: 'exit code 2 before the first step; the error names shard-00000.bin', ok: true };
}

const fail = (outcome: string): Outcome => ({ outcome: outcome.trim(), ok: false });
