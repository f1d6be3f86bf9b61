// Prints one table of all results of bench/gpu/run.sh in a folder: node bench/gpu/table.mjs FOLDER
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2] ?? 'bench/results/gpu';
const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
const read = (file) => JSON.parse(readFileSync(join(folder, file), 'utf8'));
const named = (prefix) => files.filter((file) => file.startsWith(prefix)).map(read);
const gib = (bytes) => (bytes ? `${(bytes / 2 ** 30).toFixed(2)} GiB` : '–');
const tera = (rate) => (rate ? `${(rate / 1e12).toFixed(2)} T` : '–');
const percent = (share) => `${(100 * share).toFixed(1)}%`;
const row = (...cells) => console.log(`| ${cells.join(' | ')} |`);
const head = (...cells) => {
  row(...cells);
  row(...cells.map(() => '---'));
};

const steps = named('step-');
const torch = named('pytorch-');
const kernels = existsSync(join(folder, 'kernels.json')) ? read('kernels.json') : undefined;
const any = steps[0] ?? kernels;
console.log(
  any ? `${any.adapter.name}, ${any.adapter.description}, commit ${any.commit}\n` : 'nothing was measured\n',
);

console.log('Training, tokens/s\n');
head('model', 'engine', 'tok/s', 'spread', 'step ms', 'peak memory', 'on the device', 'of predicted', 'host');
for (const { shape, kernels: path, tokensPerSecond, spread, medianMs, memory, host } of steps) {
  const hostText = `${host.encodeUsPerDispatch.toFixed(2)} µs per dispatch, ${percent(host.shareOfStep)}`;
  const model = `${shape.preset} ${shape.B}×${shape.T}`;
  const predicted = percent(memory.peakBytes / memory.predictedBytes);
  const figures = [Math.round(tokensPerSecond), percent(spread), medianMs.toFixed(1), gib(memory.peakBytes)];
  row(model, `openward ${path}`, ...figures, gib(memory.deviceBytes), predicted, hostText);
}
for (const { shape, version, results } of torch) {
  const model = `${shape.preset} ${shape.B}×${shape.T}`;
  for (const { mode, failed, tokensPerSecond, spread, medianMs, memory, flashAttention } of results) {
    const engine = `PyTorch ${version} ${mode}${flashAttention ? ', flash' : ''}`;
    if (failed) row(model, engine, `failed: ${failed.split('\n')[0]}`, '', '', '', '', '', '');
    else {
      const figures = [
        Math.round(tokensPerSecond),
        percent(spread),
        medianMs.toFixed(1),
        gib(memory?.peakBytes),
      ];
      row(model, engine, ...figures, gib(memory?.deviceBytes), '', '');
    }
  }
}

if (torch.length && steps.length) {
  console.log('\nSpeed relative to PyTorch (1 is equal)\n');
  head('model', 'ours', ...['eager-bf16', 'compile-bf16', 'eager-fp32', 'compile-fp32']);
  for (const step of steps) {
    const { preset, B, T } = step.shape;
    const theirs = torch.find(({ shape }) => shape.preset === preset && shape.B === B && shape.T === T);
    if (!theirs) continue;
    const ratios = ['eager-bf16', 'compile-bf16', 'eager-fp32', 'compile-fp32'].map((mode) => {
      const result = theirs.results.find((one) => one.mode === mode);
      return result?.tokensPerSecond ? `${(step.tokensPerSecond / result.tokensPerSecond).toFixed(2)}×` : '–';
    });
    row(`${preset} ${B}×${T}`, step.kernels, ...ratios);
  }
}

const decodes = named('decode-');
if (decodes.length) {
  console.log('\nDecoding one statement at a time\n');
  head('model', 'kernels', 'tok/s under masks', 'step ms', 'without masks', 'added by masks');
  for (const { preset, kernels: path, tokensPerSecond, stepMs, plainStepMs, share } of decodes)
    row(preset, path, tokensPerSecond.toFixed(1), stepMs.toFixed(3), plainStepMs.toFixed(3), percent(share));
}

if (kernels) {
  const { ceilings, results } = kernels;
  const { bytesPerSecond, f32FlopsPerSecond, f16FlopsPerSecond, matrixFlopsPerSecond } = ceilings;
  console.log(
    `\nCeilings: memory ${tera(bytesPerSecond)}B/s, f32 ${tera(f32FlopsPerSecond)}FLOP/s, ` +
      `f16 ${tera(f16FlopsPerSecond)}FLOP/s, matrix units ${tera(matrixFlopsPerSecond)}FLOP/s\n`,
  );
  const product = results.find(({ name }) => name.startsWith('matmul 4096'));
  const bf16 = torch.find((report) => report.matmul4096FlopsPerSecond)?.matmul4096FlopsPerSecond.bf16;
  if (product && bf16) {
    const rate = product.flops / (product.medianMs / 1000);
    console.log(
      `matmul 4096: ${tera(rate)}FLOP/s, PyTorch bf16 ${tera(bf16)}FLOP/s: ${percent(rate / bf16)}\n`,
    );
  }
  head('kernel', 'median ms', 'spread', 'FLOP/s', 'B/s', 'of ceiling', 'bound');
  for (const { name, medianMs, spread, flops, bytes, ofCeiling, bound } of results) {
    const rate = (amount) => tera(amount / (medianMs / 1000));
    row(name, medianMs.toFixed(4), percent(spread), rate(flops), rate(bytes), percent(ofCeiling), bound);
  }
}

for (const { results } of named('peers')) {
  console.log('\nPeers, ms\n');
  head('task', 'engine', 'median ms', 'spread', 'time of the fastest peer / ours');
  for (const { task, entries, ratio } of results) {
    for (const { engine, timing, failed } of entries) {
      if (!timing) row(task, engine, `failed: ${failed}`, '', '');
      else
        row(
          task,
          engine,
          timing.medianMs.toFixed(2),
          percent(timing.spread),
          ratio ? `${ratio.toFixed(2)}×` : '',
        );
    }
  }
}

if (files.includes('check.json')) {
  const { checks, wrong } = read('check.json');
  const paths = [...new Set(checks.map(({ path }) => path))].join(', ');
  console.log(
    `\nCorrectness: ${checks.length - wrong} of ${checks.length} checks passed, on the paths ${paths}`,
  );
}
if (files.includes('parity.json')) {
  const { results, broken, torch } = read('parity.json');
  for (const [path, { gradients, sameChoice }] of Object.entries(results)) {
    const worst = gradients.worst.toExponential(1);
    console.log(
      `Parity with PyTorch ${torch} in float64, ${path}: gradients ${worst}, same choice ${percent(sameChoice)}`,
    );
  }
  if (broken.length > 0) console.log(`Broken bars: ${broken.join('; ')}`);
}
console.log('\nStages\n');
head('stage', 'exit code', 'seconds');
for (const line of readFileSync(join(folder, 'stages.tsv'), 'utf8').trim().split('\n'))
  row(...line.split('\t'));
