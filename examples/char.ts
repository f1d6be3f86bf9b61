// Trains a character model on a text and continues its beginning: npx tsx examples/char.ts [FILE] [STEPS]
import { readFileSync } from 'node:fs';
import { adamw, Decoder, Gpu, trainStep, windows } from 'openward/engine';

const [file = 'README.md', steps = '300'] = process.argv.slice(2);
const text = readFileSync(file, 'utf8');
const chars = [...new Set(text)].sort();
const ids = Array.from(text, (char) => chars.indexOf(char));

const gpu = await Gpu.open();
const shape = { vocabSize: chars.length, context: 64, nLayer: 2, nHead: 2, width: 64 };
const model = new Decoder(gpu, shape, { seed: 1 });
const step = await trainStep(model.parameters, (batch) => model.loss(batch), {
  batch: [16, 64],
  optimizer: adamw(3e-3),
});

for (const batch of windows(ids, { batch: [16, 64], steps: Number(steps) })) {
  await step.run(batch);
  if (step.stepsDone % 50 === 0)
    console.log(`step ${step.stepsDone}: loss ${(await step.loss()).toFixed(3)}`);
}

const prompt = ids.slice(0, 16);
const written = await model.generate(prompt, { tokens: 200, temperature: 0.8 });
console.log([...prompt, ...written].map((id) => chars[id]).join(''));
console.log(`loss ${(await step.loss()).toFixed(3)}`);
gpu.close();
