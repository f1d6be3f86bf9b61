import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunSession } from '../../../src/engine/report/sessions.js';
import type { TrainProgress } from '../../../src/engine/train/progress.js';
import type { StepReport } from '../../../src/engine/train/run.js';
import { TINY } from '../tiny-model.js';

/** The report of a step of an invented run with a loss that falls; every tenth step is validated. */
export function reportOf(step: number): StepReport {
  const loss = 2 + 4 / step;
  const report: StepReport = {
    step,
    loss: loss + 0.1 * Math.sin(step),
    smoothedLoss: loss,
    learningRate: 0.001 / step,
    gradNorm: 1 + 1 / step,
    skipped: false,
    lossScale: 1024,
    tokens: 100,
    lossTokens: 60,
  };
  if (step % 10 === 0) {
    const samples = [
      {
        question: 'How many <b>beds</b>?',
        answer: 'SELECT COUNT(*)\nFROM bed',
        verdict: 'right: the same result',
        right: true,
      },
      { question: 'List </script> wards', answer: 'SELECT 1', verdict: 'wrong: rows', right: false },
    ];
    report.validation = { loss: loss + 0.2, right: 1, asked: 2, samples };
  }
  return report;
}

export const START = Date.UTC(2026, 0, 1, 12);

export const progressOf = (step: number): TrainProgress => ({
  step,
  time: new Date(START + step * 1000).toISOString(),
  stepMs: 1000,
  tokensPerSecond: 100 + step,
  learnedPerSecond: 60 + step,
  flopsPerSecond: 1e9,
  memoryBytes: 2 ** 30,
  peakMemoryBytes: 2 ** 31,
  checkpointStep: 5,
  checkpointSeconds: 5,
  sessionSeconds: step,
  savingSeconds: step / 50,
  secondsLeft: 100 - step,
});

export const SESSION: RunSession = {
  time: new Date(START).toISOString(),
  resumedFrom: 0,
  adapter: 'Test Device (software, bundled driver)',
  kernels: 'f32',
  commit: 'abc1234',
  node: '20.19.0',
};

const lines = (values: object[]): string => values.map((value) => JSON.stringify(value) + '\n').join('');

/** Writes the folder of such a run. */
export function writeRun(folder: string, steps: number): void {
  mkdirSync(folder, { recursive: true });
  const numbers = Array.from({ length: steps }, (_, i) => i + 1);
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  write('model.json', JSON.stringify({ format: 'openward-model', version: 1, config: TINY }));
  write('settings.json', JSON.stringify({ steps, preset: 'tiny', learningRate: 0.001 }));
  write('metrics.jsonl', lines(numbers.map(reportOf)));
  write('progress.jsonl', lines(numbers.filter((step) => step % 5 === 0).map(progressOf)));
  write('sessions.jsonl', lines([SESSION]));
}
