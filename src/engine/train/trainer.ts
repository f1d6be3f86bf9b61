import { appendFile } from 'node:fs/promises';
import { CheckpointError, NumericsError } from '../errors.js';
import type { Gpu } from '../gpu/device.js';
import { makeFolder } from '../../base/files.js';
import { lockFolder } from '../../base/lock.js';
import { Decoder } from '../nn/decoder.js';
import type { Batch } from './batch.js';
import { bestFiles, captureBest } from './best.js';
import { decoderStep } from './decoder-step.js';
import { FiniteWatch } from './finite-watch.js';
import { MetricsReader } from './metrics.js';
import { Mirror } from './mirror.js';
import { ProgressLog, SmoothedLoss } from './progress.js';
import type { StepReport, TrainResult, TrainRun } from './run.js';
import { captureRun, metricsFile, resumeRun, rollBack, type RunState } from './run-state.js';
import { Saver } from './saver.js';
import { RunSchedule } from './schedule.js';
import type { TrainStep } from './step.js';
import { Validator, type ValidationReport } from './validation.js';

export type { BatchSource, StepReport, TrainOptions, TrainResult, TrainRun, TrainStart } from './run.js';

/**
 * Trains a decoder: batches → recorded step → metrics → checkpoint. Resumes from the newest whole checkpoint in the
 * folder, if there is one: the loss curve continues to the bit as if the run had never stopped. A timed run (`seconds`)
 * ends once its time is spent, after the step in progress and a checkpoint. It continues from the exact state of its
 * checkpoint at the time spent so far; since time decides the learning rate, its curve depends on the machine.
 *
 * A checkpoint is copied to the host's memory, if there is room, and written while the next steps run. All are written
 * when this returns or throws.
 *
 * A step whose gradients are not finite changes nothing. If the loss stays that way, the run goes back to its last
 * checkpoint, with other records and a lower loss scale, at most `maxRollbacks` times.
 *
 * @throws CheckpointError when the folder has a run of another model or other options, another run is using it, or the
 *   disk is full (`disk-full`)
 * @throws DeviceError, ShapeError from the device and the ops
 * @throws NumericsError when the loss stays not finite; with `checkFinite`: the step, the op and the place of the first
 *   number that is not finite
 */
export async function train(gpu: Gpu, run: TrainRun): Promise<TrainResult> {
  const { options, folder, modelFiles = [], onProblem = () => {} } = run;
  const schedule = new RunSchedule(options, run.now);
  await makeFolder(folder);
  const unlock = await lockFolder(folder);
  const along = async (): Promise<string[]> => [
    ...run.mirror!.along,
    ...(await bestFiles(folder, modelFiles)),
  ];
  const mirror = run.mirror && new Mirror(run.mirror.folder, folder, along, onProblem);
  try {
    return await trainLocked(gpu, run, schedule, mirror);
  } finally {
    await mirror?.settled();
    await unlock();
  }
}

async function trainLocked(
  gpu: Gpu,
  run: TrainRun,
  schedule: RunSchedule,
  mirror: Mirror | undefined,
): Promise<TrainResult> {
  const { config, options, validation, checkFinite = false } = run;
  const decoder = new Decoder(gpu, config, { trainable: true, recompute: options.recompute });
  const step = await decoderStep(decoder, options, options, { checkFinite }).catch((error: unknown) => {
    decoder.dispose();
    throw error;
  });
  const metrics = new MetricsReader(gpu);
  let validator: Validator | undefined;
  try {
    validator = validation && (await Validator.create(decoder, validation, options));
    const state: RunState = { decoder, step, schedule, smoothed: new SmoothedLoss() };
    return await new Session(run, state, metrics, validator, mirror).run();
  } finally {
    validator?.dispose();
    metrics.dispose();
    step.dispose();
    decoder.dispose();
  }
}

/** A step that was submitted and whose numbers are still on the device. */
type Pending = Pick<
  StepReport,
  'step' | 'learningRate' | 'seconds' | 'tokens' | 'lossTokens' | 'rolledBackFrom'
>;

const MAX_ROLLBACKS = 3;
/** By which the loss scale is lower after each return to a checkpoint. */
const SCALE_FACTOR = 1 / 16;

/** The steps from the start of a process to its end. */
class Session {
  readonly #now: () => number;
  readonly #pending: Pending[] = [];
  readonly #watch = new FiniteWatch();
  readonly #saver: Saver;
  #log!: ProgressLog;
  #began = 0;
  #done = 0;
  /** Steps in the newest checkpoint, and in the newest that is whole. */
  #saved = 0;
  #written = 0;
  #savedAt = 0;
  #validated = 0;
  #rollbacks = 0;
  #rolledBackFrom: number | undefined;

  constructor(
    private readonly given: TrainRun,
    private readonly state: RunState,
    private readonly metrics: MetricsReader,
    private readonly validator: Validator | undefined,
    private readonly mirror: Mirror | undefined,
  ) {
    this.#now = given.now ?? (() => performance.now());
    this.#saver = new Saver(this.#now);
  }

  async run(): Promise<TrainResult> {
    try {
      return await this.#write(this.#run());
    } finally {
      // What fails while another failure ends the run has been told, or is the same.
      await this.#saver.settled().catch(() => undefined);
    }
  }

  async #run(): Promise<TrainResult> {
    const { state, metrics } = this;
    const { schedule } = state;
    const { options } = this.given;
    const resumed = await resumeRun(this.given, state);
    this.#began = this.#savedAt = this.#now();
    this.#done = this.#saved = this.#written = this.#validated = resumed.step;
    this.#log = this.#progressLog();
    // The first steps allocate and warm up: they are not typical.
    const traced = options.seconds ? this.#done + 2 : Math.min(this.#done + 2, options.steps - 1);
    metrics.restartClock();
    schedule.start(resumed.seconds);
    while (!schedule.isOver(this.#done) && !this.#isOver) {
      this.#saver.throwIfFailed();
      await this.#submit(traced);
      const isLast = schedule.isLast(this.#done);
      const { every = Infinity } = this.given.validation ?? {};
      const validates = this.#done % every === 0 || isLast;
      const saves = this.#done % options.checkpointEvery === 0 || isLast || this.#isTimeToSave;
      const isDue = saves || validates;
      if (metrics.note(state.step.lossTensor, state.step.optimizer) || isDue || schedule.mustWait) {
        await this.#report({ validates, isLast: isDue });
      }
      if (this.#watch.isLost || (isLast && this.#watch.isDoubtful)) await this.#rollBack();
      else if (saves && !this.#watch.isDoubtful) await this.#save();
      if (!isDue) continue;
      schedule.caughtUp();
      metrics.restartClock();
    }
    return this.#end();
  }

  async #end(): Promise<TrainResult> {
    const { schedule } = this.state;
    // A checkpoint that already exists is not rewritten: it would be incomplete while being replaced.
    if (this.#done > this.#saved) {
      await this.#report({ validates: schedule.isOver(this.#done), isLast: true });
      if (!this.#watch.isDoubtful) await this.#save();
      else {
        this.given.onProblem?.(
          `step ${this.#done} has a loss that is not finite and is not saved; the run goes on from step ${this.#saved}`,
        );
      }
    }
    await this.#saver.settled();
    const seconds = this.given.options.seconds === undefined ? undefined : schedule.spent;
    return { step: this.#done, seconds, finished: schedule.isOver(this.#done) };
  }

  get #isOver(): boolean {
    const { signal, maxSeconds = Infinity } = this.given;
    return signal?.aborted === true || this.#now() - this.#began >= 1000 * maxSeconds;
  }

  get #isTimeToSave(): boolean {
    const { checkpointSeconds = Infinity } = this.given.options;
    return this.#now() - this.#savedAt >= 1000 * checkpointSeconds;
  }

  async #submit(traced: number): Promise<void> {
    const { source, options, trace, checkFinite = false } = this.given;
    const { step, schedule } = this.state;
    const batches = Array.from({ length: options.microBatches }, () => source.next());
    const { learningRate, ...time } = schedule.next(this.#done);
    if (trace && this.#done === traced) await step.profile(batches, this.#done, learningRate, trace);
    else step.submit(batches, this.#done, learningRate);
    this.#done++;
    if (checkFinite) await verify(step, this.#done);
    this.#pending.push({
      step: this.#done,
      learningRate,
      ...time,
      tokens: batches.reduce((sum, { tokens }) => sum + tokens, 0),
      lossTokens: batches.reduce((sum, { lossTokens }) => sum + lossTokens, 0),
      rolledBackFrom: this.#rolledBackFrom,
    });
    this.#rolledBackFrom = undefined;
  }

  /** Reads the numbers of the steps since the last report, and tells them. */
  async #report({ validates, isLast }: { validates: boolean; isLast: boolean }): Promise<void> {
    const { folder, onStep, onProgress } = this.given;
    const { smoothed, schedule } = this.state;
    const numbers = await this.metrics.read();
    schedule.caughtUp();
    if (numbers.length === 0) return;
    const reports = this.#pending.splice(0).map((known, i): StepReport => {
      const { loss, ...others } = numbers[i]!;
      this.#watch.note(numbers[i]!);
      return { ...known, loss, smoothedLoss: smoothed.add(loss), ...others };
    });
    if (validates && !this.#watch.isDoubtful) reports.at(-1)!.validation = await this.#validate();
    const { stepMs } = this.metrics;
    const lines = reports.map((line) => JSON.stringify(line) + '\n').join('');
    await appendFile(metricsFile(folder), lines);
    for (const line of reports) onStep?.({ ...line, stepMs });
    const saved = { savingSeconds: this.#saver.waited, checkpointStep: this.#written };
    const secondsLeft = this.#secondsLeft(stepMs);
    const progress = await this.#log.note(reports, { stepMs, secondsLeft, ...saved, isLast });
    onProgress?.(progress);
  }

  #secondsLeft(stepMs: number): number {
    const { seconds, steps } = this.given.options;
    return seconds === undefined
      ? ((steps - this.#done) * stepMs) / 1000
      : seconds - this.state.schedule.spent;
  }

  async #validate(): Promise<ValidationReport | undefined> {
    if (!this.validator || this.#validated === this.#done) return undefined;
    this.#validated = this.#done;
    const { folder, modelFiles = [] } = this.given;
    const { decoder } = this.state;
    const report = await this.validator.run(this.#done);
    const step = this.#done;
    await this.#saver.save(async () => {
      await this.#saver.settled(); // The last best score is read from its file.
      const best = await captureBest(folder, decoder, { step, report, modelFiles });
      if (best) report.best = true;
      return best;
    });
    return report;
  }

  async #save(): Promise<void> {
    const step = this.#done;
    if (step === this.#saved) return;
    await this.#saver.save(() =>
      captureRun(this.given, this.state, step, (checkpoint) => {
        this.#written = step;
        this.mirror?.copy(checkpoint);
      }),
    );
    this.#saved = step;
    this.#savedAt = this.#now();
    this.#log.saved();
  }

  async #rollBack(): Promise<void> {
    const { maxRollbacks = MAX_ROLLBACKS, onProblem } = this.given;
    const from = this.#done;
    await this.#saver.settled();
    if (this.#rollbacks >= maxRollbacks) {
      const tries = maxRollbacks === 0 ? '' : `, also after ${maxRollbacks} returns to a checkpoint`;
      throw new NumericsError(
        `step ${from}: the loss or its gradients are not finite${tries}; the last checkpoint is of step ${this.#saved}. ` +
          'Lower --learning-rate, or find the place with --check-finite',
      );
    }
    this.#rollbacks++;
    this.#done =
      this.#saved =
      this.#written =
        await rollBack(this.given, this.state, SCALE_FACTOR ** this.#rollbacks);
    this.#validated = Math.min(this.#validated, this.#done);
    this.#watch.reset();
    this.#rolledBackFrom = from;
    onProblem?.(
      `step ${from}: the loss or its gradients are not finite: back to step ${this.#done}, with other records ` +
        `and a lower loss scale (${this.#rollbacks} of ${maxRollbacks})`,
    );
  }

  #progressLog(): ProgressLog {
    const { folder, ceilingFlops, maxSeconds = Infinity, options } = this.given;
    const { step } = this.state;
    const { microBatch, update } = step.programs;
    const flops = microBatch.flops * options.microBatches + (update?.flops ?? 0);
    const flopsPerStep = this.given.flopsPerStep ?? flops;
    const memory = this.state.decoder.gpu.buffers;
    return new ProgressLog({ folder, flopsPerStep, ceilingFlops, memory, maxSeconds, now: this.#now });
  }

  async #write<T>(action: Promise<T>): Promise<T> {
    try {
      return await action;
    } catch (error) {
      const { code, path } = error as NodeJS.ErrnoException;
      if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error;
      throw new CheckpointError(
        'disk-full',
        path ?? this.given.folder,
        `the disk is full: free some space and run the same command again; it goes on from step ${this.#written}`,
        { cause: error },
      );
    }
  }
}

/** Gradients beyond f16's range are no error if the loss is scaled: the step is skipped and the scale halves. */
async function verify(step: TrainStep<Batch>, number: number): Promise<void> {
  try {
    await step.verify();
  } catch (error) {
    if (!(error instanceof NumericsError)) throw error;
    const { scalesLoss, lossScale } = step.optimizer;
    // The head's op computes its gradient in the forward pass.
    const ofGradient = error.origin && (error.origin.phase !== 'forward' || error.origin.op === 'headLoss');
    if (scalesLoss && ofGradient && (await lossScale.read())[0]! > 1) return;
    throw new NumericsError(`step ${number}: ${error.message}`, error.origin);
  }
}
