import { DeviceError } from '../errors.js';
import type { Backend } from './backend.js';
import { Recorder } from './recording.js';

let current: Recorder | undefined;

/** The recording in progress. @throws DeviceError `not-recording` outside `record` */
export function recorder(): Recorder {
  if (!current) throw new DeviceError('not-recording', 'ops run inside record(gpu, () => …)');
  return current;
}

/** Runs `body` once with a new recorder in place, and returns the recording and the result of `body`. */
export function trace<T>(gpu: Backend, body: () => T): { recording: Recorder; outputs: T } {
  const recording = new Recorder(gpu);
  const outer = current;
  current = recording;
  try {
    return { recording, outputs: body() };
  } finally {
    current = outer;
  }
}
