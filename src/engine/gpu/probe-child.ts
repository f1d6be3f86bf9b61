/** The child process of `probe`: tries one kernel path and prints what it found. */
import { writeSync } from 'node:fs';
import { Gpu } from './device.js';
import { proveStep } from './prove-step.js';
import { RESULT_MARK, type ProbeRequest } from './probe.js';

const { adapter, path, kernelFolder, emulateMatrices } = JSON.parse(process.argv[2]!) as ProbeRequest;
let outcome: object;
try {
  const gpu = await Gpu.open({ adapter, kernels: path, kernelFolder, emulateMatrices });
  outcome = await proveStep(gpu);
} catch (error) {
  const [first = ''] = (error instanceof Error ? error.message : String(error)).trim().split('\n');
  outcome = { verdict: 'failed', reason: first };
}
// Synchronous, since a driver may crash while the process ends.
writeSync(1, `\n${RESULT_MARK}${JSON.stringify(outcome)}\n`);
process.exit(0);
