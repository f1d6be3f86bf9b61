// A two-layer MLP tells two spirals apart: npx tsx examples/mlp.ts [STEPS]
import { adamw, Gpu, nn, ops, record, trainStep, type Tensor } from 'openward/engine';

const [steps = '300'] = process.argv.slice(2);
const N = 256;
const points = new Float32Array(N * 4);
const labels = Uint32Array.from({ length: N }, (_, i) => i % 2);
labels.forEach((label, i) => {
  const radius = 0.1 + (0.9 * i) / N;
  const angle = 5 * radius + Math.PI * label;
  points.set([radius * Math.cos(angle), radius * Math.sin(angle), 1, 0], 4 * i); // the 1 serves as a bias
});

const gpu = await Gpu.open();
const parameters = new nn.Parameters(
  gpu,
  [
    { name: 'hidden', shape: [2 * 64, 4], std: 1 },
    { name: 'out', shape: [2, 64] },
  ],
  { seed: 1 },
);
const hidden = (x: Tensor): Tensor => ops.swiglu(nn.linearLayer(parameters, 'hidden', x));
const step = await trainStep(
  parameters,
  ({ x, label, scale }) => ops.headLoss(hidden(x), parameters.get('out'), label, scale),
  { batch: { x: [N, 4], label: { shape: [N], dtype: 'u32' }, scale: [1] }, optimizer: adamw(3e-2) },
);
const batch = { x: points, label: labels, scale: Float32Array.of(1 / N) };
for (let i = 0; i < Number(steps); i++) await step.run(batch);

const x = gpu.tensor([N, 4], points);
const test = await record(gpu, () => nn.linearLayer(parameters, 'out', hidden(x)));
test.run();
const logits = await test.outputs.read();
const right = labels.filter((label, i) => Number(logits[2 * i + 1]! > logits[2 * i]!) === label).length;
console.log(`loss ${(await step.loss()).toFixed(3)}, accuracy ${((100 * right) / N).toFixed(1)}%`);
gpu.close();
