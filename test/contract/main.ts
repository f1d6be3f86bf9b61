import { Gpu } from '../../src/engine/gpu/device.js';
import { formatProof, holds, prove } from './proof.js';

/**
 * `npm run test:contract` runs the proof at full size and prints a table. The exit code is 0 only if everything passed.
 * CONTRACT_QUESTIONS (default 1000) and CONTRACT_SEED (default 1) choose the questions, TEST_ADAPTER the adapter.
 */
const questions = Number(process.env['CONTRACT_QUESTIONS'] ?? 1000);
const seed = Number(process.env['CONTRACT_SEED'] ?? 1);
const SCHEMAS = ['omop_cdm_5_4', 'mimic_iv', 'synthea', 'i2b2', 'openmrs_2_8'];
const SHOWN = 20;

const gpu = await Gpu.open({ adapter: process.env['TEST_ADAPTER'] ?? 'auto' });
const started = performance.now();
let last = started;
const proof = await prove(gpu, {
  questions,
  seed,
  schemas: SCHEMAS,
  temperatures: [0, 0.02, 2],
  onProgress: (done) => {
    const now = performance.now();
    if (now - last < 10_000) return;
    last = now;
    console.error(`${done} of ${questions} questions`);
  },
});
const seconds = (performance.now() - started) / 1000;
console.log(`An untrained decoder under the grammar, on ${gpu.adapter.name}, seed ${seed}\n`);
console.log(formatProof(proof));
console.log(`\n${proof.tokens} tokens in ${seconds.toFixed(0)} s`);
for (const { schema, check, code, message, question, sql } of proof.faults.slice(0, SHOWN)) {
  console.log(`\n${schema}: ${check}: ${code}: ${message}\n  ${question}\n  ${sql}`);
}
if (proof.faults.length > SHOWN) console.log(`\n… and ${proof.faults.length - SHOWN} more faults`);
gpu.close();
process.exit(holds(proof) ? 0 : 1);
