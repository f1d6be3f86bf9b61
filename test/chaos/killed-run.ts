import { join } from 'node:path';
import type { Random } from '../../src/base/random.js';
import { damage, DAMAGES, halves, phaseOf, resultsOf, wholeSteps } from './folder.js';
import { live, STEPS, trainArguments, type Life, type Plan } from './training.js';

/** One SIGKILL. */
export interface Kill {
  run: number;
  plan: Plan['when'];
  /** What the process was doing. */
  phase: string;
  /** The newest whole checkpoint that was left. */
  newest: number;
  /** How that checkpoint was damaged afterwards. */
  damage?: string | undefined;
}

export interface KilledRun {
  seed: number;
  kills: Kill[];
  /** Names of files that must equal those of an uninterrupted run. */
  compared: string[];
  /** What was not as documented; none if all is well. */
  faults: string[];
  adapter: string;
}

export interface ChaosOptions {
  engine: readonly string[];
  folder: string;
  text: string;
  adapter: string;
  steps?: number | undefined;
  /** Whether another kill is wanted; called before each process. */
  wantsKill: () => boolean;
  onKill?: ((kill: Kill) => void) | undefined;
}

/** The share of kills after which the newest checkpoint is damaged too. */
const DAMAGED_SHARE = 0.15;

/**
 * Trains without interruption, then trains the same again and kills the process until no kill is wanted or the run has
 * ended, and compares what the two leave behind.
 */
export async function killedRun(seed: number, random: Random, options: ChaosOptions): Promise<KilledRun> {
  const { engine, text, adapter, steps = STEPS, wantsKill, onKill } = options;
  const [calm, wild] = ['calm', 'wild'].map((name) => join(options.folder, `${name}-${seed}`)) as [
    string,
    string,
  ];
  const args = (folder: string): string[] => trainArguments(folder, text, { seed, steps, adapter });
  const result: KilledRun = { seed, kills: [], compared: [], faults: [], adapter: '' };
  const fault = (text: string): void =>
    void result.faults.push(`run ${seed}, kill ${result.kills.length}: ${text}`);

  const reference = await live(engine, args(calm), calm, { when: 'never' });
  result.adapter = /^adapter: (.*)$/m.exec(reference.stderr)?.[1] ?? '';
  if (reference.code !== 0) {
    fault(`the uninterrupted run ended with ${reference.code}: ${reference.stderr.trim()}`);
    return result;
  }
  let startMs = reference.startMs!;
  const stepMs = reference.runMs / steps;
  let damaged: string | undefined;
  for (;;) {
    const before = wholeSteps(wild).at(-1) ?? 0;
    const halvesBefore = halves(wild);
    const plan = wantsKill() ? drawPlan(random, startMs, stepMs, damaged !== undefined) : NEVER;
    const life = await live(engine, args(wild), wild, plan);
    checkLife(life, before, damaged, fault);
    damaged = undefined;
    startMs = life.startMs ?? startMs;
    if (life.code !== null) {
      if (life.code !== 0) fault(`ended with ${life.code}: ${life.stderr.trim()}`);
      break;
    }
    const whole = wholeSteps(wild);
    const newest = whole.at(-1) ?? 0;
    if (newest < before) fault(`the kill took the checkpoint of step ${before}; the newest is ${newest}`);
    const kill: Kill = { run: seed, plan: plan.when, phase: phaseOf(wild, life, halvesBefore), newest };
    if (whole.length > 1 && random.chance(DAMAGED_SHARE)) {
      kill.damage = random.pick(DAMAGES);
      damaged = damage(wild, newest, kill.damage as (typeof DAMAGES)[number], random);
    }
    result.kills.push(kill);
    onKill?.(kill);
  }
  if (result.faults.length > 0) return result;
  const expected = resultsOf(calm, steps);
  const found = resultsOf(wild, steps);
  result.compared = [...expected.keys()];
  for (const [name, bytes] of expected) {
    if (!found.get(name)?.equals(bytes)) fault(`${name} differs from that of the uninterrupted run`);
  }
  return result;
}

const NEVER: Plan = { when: 'never' };

function drawPlan(random: Random, startMs: number, stepMs: number, mustStart: boolean): Plan {
  const share = random.int(1000) / 1000;
  const steps = Math.ceil(stepMs * random.between(0, 16));
  if (mustStart || share < 0.3) return { when: 'after the start', ms: steps };
  if (share < 0.55) return { when: 'any time', ms: random.int(Math.ceil(startMs + 10 * stepMs)) };
  // Two temporary files for each checkpoint; at once, or up to 3 ms later.
  return { when: 'at a checkpoint', nth: random.between(1, 8), ms: random.between(0, 3) };
}

/** A process that came so far goes on from the newest whole checkpoint, and names the one that was damaged. */
function checkLife(
  { startMs, stderr }: Life,
  newest: number,
  damaged: string | undefined,
  fault: (text: string) => void,
): void {
  if (startMs === undefined) return;
  const resumed = Number(/^resuming from step (\d+)/m.exec(stderr)?.[1] ?? 0);
  if (resumed !== newest)
    fault(`resumed from step ${resumed}, and the newest whole checkpoint is of ${newest}`);
  if (damaged !== undefined && !new RegExp(`^skipping a damaged checkpoint: .*${damaged}`, 'm').test(stderr))
    fault(`did not name the damaged ${damaged}: ${stderr.trim()}`);
}
