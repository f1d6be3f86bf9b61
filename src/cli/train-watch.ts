import { join } from 'node:path';
import type { LiveRun } from '../engine/report/live.js';
import type { TensorBoardLog } from '../engine/report/tensorboard.js';
import type { TrainProgress } from '../engine/train/progress.js';
import type { StepReport, TrainStart } from '../engine/train/trainer.js';
import { UsageError } from './errors.js';
import { formatAdapter } from './format.js';
import { note } from './output.js';
import { UI_PORT, type AllTrainOptions } from './train-options.js';

/** What shows a run elsewhere than in the terminal: its page, and TensorBoard's files. */
export interface TrainWatch {
  start(info: TrainStart): void;
  step(report: StepReport): void;
  at(progress: TrainProgress): void;
  close(): Promise<void>;
}

interface WatchedGpu {
  adapter: { name: string; kind: string; driver: string };
  path: string;
}

/** @throws UsageError, ServeError `cannot-listen`; `start` Node's own error for a folder that cannot be written */
export async function watchTraining(
  { model, ui, uiPort, tensorboard }: AllTrainOptions,
  gpu: WatchedGpu,
): Promise<TrainWatch> {
  if (uiPort !== undefined && !ui) throw new UsageError('--ui-port needs --ui');
  const watches = [await sessionNote(model, gpu)];
  if (tensorboard !== undefined)
    watches.push(await tensorBoard(tensorboard === true ? join(model, 'tensorboard') : tensorboard));
  if (ui) watches.push(await livePage(model, uiPort ?? UI_PORT));
  return {
    start: (info) => watches.forEach((watch) => watch.start?.(info)),
    step: (report) => watches.forEach((watch) => watch.step?.(report)),
    at: (progress) => watches.forEach((watch) => watch.at?.(progress)),
    async close() {
      for (const watch of watches) await watch.close?.();
    },
  };
}

async function sessionNote(model: string, { adapter, path }: WatchedGpu): Promise<Partial<TrainWatch>> {
  const { noteSession } = await import('../engine/report/sessions.js');
  const { currentCommit } = await import('../base/commit.js');
  const facts = {
    adapter: formatAdapter(adapter),
    kernels: path,
    commit: currentCommit(),
    node: process.versions.node,
  };
  return {
    start: ({ resumedFrom }) => noteSession(model, { time: new Date().toISOString(), resumedFrom, ...facts }),
  };
}

/** A file that cannot be written any more ends the log, not the training. */
async function tensorBoard(folder: string): Promise<Partial<TrainWatch>> {
  const { TensorBoardLog: Log } = await import('../engine/report/tensorboard.js');
  let log: TensorBoardLog | undefined;
  const guarded = (action: (open: TensorBoardLog) => void): void => {
    try {
      if (log) action(log);
    } catch (error) {
      log = undefined;
      note(`tensorboard: no more is written: ${(error as Error).message}`);
    }
  };
  return {
    start: ({ resumedFrom }) => {
      // Only now is the folder known to be this run's.
      log = new Log(folder);
      note(`tensorboard: ${folder}`);
      if (resumedFrom > 0) guarded((open) => open.resumed(resumedFrom));
    },
    step: (report) => guarded((open) => open.step(report)),
    at: (progress) => guarded((open) => open.progress(progress)),
    close: () => Promise.resolve(guarded((open) => open.close())),
  };
}

async function livePage(model: string, port: number): Promise<Partial<TrainWatch>> {
  const { LiveRun: Live } = await import('../engine/report/live.js');
  const { RunPageServer } = await import('../serve/run-page.js');
  let live: LiveRun | undefined;
  // What comes while the folder is read.
  let early: StepReport[] = [];
  const page = await RunPageServer.open({ port, run: () => live?.view });
  note(`page: ${page.url}`);
  const open = async (): Promise<void> => {
    const opened = await Live.open(model);
    early.forEach((report) => opened.step(report));
    early = [];
    live = opened;
    page.send('run', live.view);
  };
  return {
    start: () => {
      open().catch((error: unknown) => note(`page: ${(error as Error).message}`));
    },
    step: (report) => (live ? live.step(report) : early.push(report)),
    at: (progress) => {
      if (live) page.send('steps', live.at(progress));
    },
    close: () => page.close(),
  };
}
