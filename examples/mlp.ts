// A two-layer MLP tells two spirals apart: npx tsx examples/mlp.ts [STEPS]
import { adamw, Gpu, nn, ops, record, trainStep, type Tensor } from 'openward/engine';

const [steps = '300'] = process.argv.slice(2);
const N = 256;
const points = new Float32Array(2 * N);
const labels = Uint32Array.from({ length: N }, (_, i) => i % 2);
labels.forEach((label, i) => {
  const radius = 0.1 + (0.9 * i) / N;
  const angle = 5 * radius + Math.PI * label;
  points.set([2 * radius * Math.cos(angle), 2 * radius * Math.sin(angle)], 2 * i);
});

const gpu = await Gpu.open();
const specs = [...nn.linearSpecs('hidden', 64, 2), ...nn.linearSpecs('out', 2, 64)];
const parameters = new nn.Parameters(gpu, specs, { seed: 1 });
const mlp = (x: Tensor): Tensor =>
  nn.linearLayer(parameters, 'out', ops.gelu(nn.linearLayer(parameters, 'hidden', x)));
const step = await trainStep(parameters, ({ x, label }) => ops.crossEntropy(mlp(x), label), {
  batch: { x: [N, 2], label: { shape: [N], dtype: 'u32' } },
  optimizer: adamw(3e-2),
});
for (let i = 0; i < Number(steps); i++) await step.run({ x: points, label: labels });

const x = gpu.tensor([N, 2], points);
const test = await record(gpu, () => mlp(x));
test.run();
const logits = await test.outputs.read();
const right = labels.filter((label, i) => Number(logits[2 * i + 1]! > logits[2 * i]!) === label).length;
console.log(`loss ${(await step.loss()).toFixed(3)}, accuracy ${((100 * right) / N).toFixed(1)}%`);
gpu.close();
