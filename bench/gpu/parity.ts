/** Exports a model with random weights, together with our logits for some tokens. Usage: parity.ts FOLDER [ADAPTER] */
import { join } from 'node:path';
import { noiseTokens } from '../../src/engine/bench/inputs.js';
import { writeJsonAtomic } from '../../src/base/files.js';
import { Gpu } from '../../src/engine/gpu/device.js';
import { record } from '../../src/engine/gpu/program.js';
import { preset } from '../../src/engine/nn/config.js';
import { Decoder } from '../../src/engine/nn/decoder.js';
import { exportStableLm } from '../../src/engine/nn/hugging-face.js';
import { TokenBatch } from '../../src/engine/ops/embedding.js';

const [folder = 'parity', adapter = 'auto'] = process.argv.slice(2);
const T = 64;
const gpu = await Gpu.open({ adapter, kernels: 'f32' });
const config = preset('tiny');
const decoder = new Decoder(gpu, config, { trainable: false });
decoder.parameters.initialise(5);
await exportStableLm(decoder, folder);
const tokens = noiseTokens(T, config.vocabSize, 3);
const batch = new TokenBatch(gpu, [1, T], config.vocabSize);
batch.write(tokens);
const program = await record(gpu, () => decoder.logits(decoder.hidden(batch)));
program.run();
const logits = [...(await program.outputs.read())];
await writeJsonAtomic(join(folder, 'logits.json'), { tokens: [...tokens], logits });
console.log(`exported with ${logits.length} logits: ${folder}`);
process.exit();
