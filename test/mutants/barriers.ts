import { parseArgs } from 'node:util';
import { Gpu, type GpuOptions } from '../../src/engine/gpu/device.js';
import type { Kernel } from '../../src/engine/gpu/kernel.js';
import { hasWorkgroupMemory } from '../../src/engine/gpu/race-text.js';
import { allCases } from '../engine/races/cases.js';

// Takes out one barrier of a kernel at a time and looks for races. A barrier that no case misses is either superfluous, or
// no case does what it is there for. Exits with 1 if there is one that SPARE does not explain.

/** `FILE:LINE` of barriers that order nothing, with the reason why they stay. */
const SPARE: Readonly<Record<string, string>> = {};

const DEVICES: [string, GpuOptions][] = [
  ['f32', { kernels: 'f32' }],
  ['emulated matrices', { kernels: 'tensor', emulateMatrices: 16 }],
];
const BARRIER = 'workgroupBarrier();';

/** Offsets and lines of the barriers in a kernel's text; those in comments do not count. */
function barriersOf({ source }: Kernel): { offset: number; line: number }[] {
  const code = source.replace(/\/\/.*/g, (comment) => ' '.repeat(comment.length));
  return [...code.matchAll(/workgroupBarrier\(\);/g)].map(({ index }) => ({
    offset: index,
    line: code.slice(0, index).split('\n').length,
  }));
}

const { values } = parseArgs({
  options: { only: { type: 'string', default: '' }, help: { type: 'boolean' } },
});
if (values.help) {
  console.log(
    'npm run test:barriers -- [--only PART_OF_A_KERNEL_NAME]\n' +
      'Takes out each barrier of each kernel and reports those that the check for races does not miss.',
  );
  process.exit(0);
}

/** By `FILE:LINE`: the race that appears without the barrier, or undefined while no case has one. */
const found = new Map<string, string | undefined>();
for (const [device, options] of DEVICES) {
  const gpu = await Gpu.open({ adapter: process.env['TEST_ADAPTER'] ?? 'auto', ...options });
  for (const { name, kernel: wanted, record } of allCases(gpu)) {
    if (!(wanted ?? values.only).includes(values.only)) continue;
    const program = await record();
    for (const kernel of program.kernels) {
      const { file, source } = kernel;
      if (!hasWorkgroupMemory(source) || (wanted !== undefined && file !== `${wanted}.wgsl`)) continue;
      if (!file.includes(values.only)) continue;
      for (const { offset, line } of barriersOf(kernel)) {
        const place = kernel.place(line);
        if (found.get(place) !== undefined) continue;
        const text =
          source.slice(0, offset) + ' '.repeat(BARRIER.length) + source.slice(offset + BARRIER.length);
        const textOf = (other: Kernel): string | undefined => (other === kernel ? text : undefined);
        const { races } = await program.findRaces({ textOf });
        const [race] = races;
        found.set(place, race && `${race.kind} of ${race.variable}: ${race.places.join(' and ')}`);
        if (race) console.log(`noticed   ${place} (${device}, ${name}): ${found.get(place)!}`);
      }
    }
    program.dispose();
  }
  gpu.close();
}
const missed = [...found].filter(([, race]) => race === undefined).map(([place]) => place);
for (const place of missed) {
  const reason = SPARE[place];
  console.log(reason === undefined ? `MISSED    ${place}` : `spare     ${place} [${reason}]`);
}
const unexplained = missed.filter((place) => !(place in SPARE));
console.log(
  `${found.size - missed.length} of ${found.size} barriers noticed, ${unexplained.length} not explained`,
);
process.exit(found.size > 0 && unexplained.length === 0 ? 0 : 1);
