import { EngineError } from '../../../src/engine/errors.js';
import { Gpu } from '../../../src/engine/gpu/device.js';
import { record } from '../../../src/engine/gpu/program.js';
import { add } from '../../../src/engine/ops/add.js';

// A child process for close.test.ts: it computes, closes the device while a read is waiting, and must then exit.
const gpu = await Gpu.open({ adapter: process.env.TEST_ADAPTER ?? 'auto' });
const x = gpu.tensor([4], Float32Array.of(1, 2, 3, 4));
const program = await record(gpu, () => add(x, x));
program.run();
console.log((await program.outputs.read())[0]! + 1);
for (let i = 0; i < 20; i++) program.run();
const read = program.outputs.read();
gpu.close();
await read.catch((error: EngineError) => console.log(`read failed: ${error.code}`));
console.log('closed');
