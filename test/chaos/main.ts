import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { currentCommit } from '../../src/base/commit.js';
import { writeJsonAtomic } from '../../src/base/files.js';
import { Random } from '../../src/base/random.js';
import { killedRun, type Kill, type KilledRun } from './killed-run.js';
import { flippedShard, fullDisk } from './storage.js';
import { BUILT, writeText } from './training.js';

/**
 * `npm run test:chaos` kills real trainings CHAOS_KILLS (100) times from seed CHAOS_SEED (1), in CHAOS_LANES (2) runs side
 * by side, within CHAOS_MINUTES (15), on CHAOS_ADAPTER (software). Then it fills a disk and flips a bit in a shard.
 * CHAOS_OUT receives the report. The exit code is 0 only if every outcome is as documented and no kill is missing.
 */
const setting = (name: string, otherwise: number): number =>
  Number(process.env[`CHAOS_${name}`] ?? otherwise);
const wanted = setting('KILLS', 100);
const seed = setting('SEED', 1);
const lanes = setting('LANES', 2);
const minutes = setting('MINUTES', 15);
const commit = currentCommit();
const adapter = process.env['CHAOS_ADAPTER'] ?? 'software';

const began = performance.now();
const isLate = (): boolean => performance.now() - began > minutes * 60_000;
const folder = await mkdtemp(join(tmpdir(), 'chaos-'));
const text = join(folder, 'text.txt');
await writeText(text);
const place = { engine: BUILT, folder, text, adapter };

let started = 0;
let killed = 0;
const runs: KilledRun[] = [];
const say = ({ run, plan, phase, newest, damage }: Kill): void =>
  console.log(
    `kill ${++killed} of ${wanted}: run ${run}, ${plan}: ${phase}, newest checkpoint ${newest}` +
      (damage === undefined ? '' : `; then damaged: ${damage}`),
  );

async function lane(): Promise<void> {
  while (killed < wanted && !isLate()) {
    const number = started++;
    const wantsKill = (): boolean => killed < wanted && !isLate();
    const run = await killedRun(seed * 1000 + number, new Random(seed, number), {
      ...place,
      wantsKill,
      onKill: say,
    });
    runs.push(run);
    const outcome = run.faults.length === 0 ? 'equal to the byte' : run.faults.join('\n  ');
    console.log(`run ${run.seed}: ${run.kills.length} kills, ${outcome}`);
    if (run.faults.length > 0) return;
  }
}

try {
  const shard = await flippedShard(place);
  console.log(`a flipped bit in a shard: ${shard.outcome}`);
  const disk = await fullDisk(place);
  console.log(`a full disk: ${disk.outcome}`);
  await Promise.all(Array.from({ length: lanes }, lane));
  const kills = runs.flatMap((run) => run.kills);
  const faults = runs.flatMap((run) => run.faults);
  const ok = kills.length >= wanted && faults.length === 0 && shard.ok && disk.ok;
  const report = {
    date: new Date().toISOString().slice(0, 10),
    commit,
    adapter: runs[0]?.adapter,
    node: process.version,
    seed,
    minutes: Math.round((performance.now() - began) / 6000) / 10,
    ok,
    kills: kills.length,
    byPhase: counted(kills.map(({ phase }) => phase)),
    byPlan: counted(kills.map(({ plan }) => plan)),
    damagedCheckpoints: counted(kills.flatMap(({ damage = [] }) => damage)),
    runs: runs.map(({ seed, kills, compared, faults }) => ({ seed, kills: kills.length, compared, faults })),
    fullDisk: disk,
    flippedShard: shard,
  };
  console.log(JSON.stringify({ ...report, runs: runs.length }, null, 2));
  const out = process.env['CHAOS_OUT'];
  if (out !== undefined) await writeJsonAtomic(out, report);
  if (kills.length < wanted && faults.length === 0)
    console.error(`only ${kills.length} of ${wanted} kills fit into ${minutes} minutes; see CHAOS_MINUTES`);
  process.exitCode = ok ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}

function counted(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of [...names].sort()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
