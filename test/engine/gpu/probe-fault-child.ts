import { writeSync } from 'node:fs';
import { RESULT_MARK, type ProbeRequest } from '../../../src/engine/gpu/probe.js';

// Stands in for probe-child.ts, with a driver that misbehaves as the adapter's name says.
const { adapter, path } = JSON.parse(process.argv[2]!) as ProbeRequest;
// Several faults, each on paths of its own, are joined by `and`.
const faults = adapter.split(' and ').map((text) => text.split(' on '));
const [fault, at] = faults.find(([, paths]) => !paths || paths.split(',').includes(path)) ?? ['', ''];
writeSync(1, 'a driver says hello\n');
if (at === undefined || at.split(',').includes(path)) {
  const signal = { 'a segmentation fault': 'SIGSEGV', 'an interrupt': 'SIGINT' }[fault!];
  if (signal) {
    process.kill(process.pid, signal);
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  }
  if (fault === 'an abort') {
    writeSync(2, 'driver: assertion failed\n');
    process.exit(134);
  }
  // Busy, as in a compiler that never ends: timers would not run.
  while (fault === 'a hang');
}
writeSync(1, `${RESULT_MARK}{"verdict":"right","worst":{"share":0.1,"where":"matmul"},"ms":1}\n`);
