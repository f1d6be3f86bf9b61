// Prints a short table of the results of first-contact.sh and second-contact.sh: node bench/gpu/table.mjs LOGS
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2] ?? 'runs/gpu/logs';
const files = readdirSync(folder).sort();
const text = (file) => readFileSync(join(folder, file), 'utf8');
/** Results of one kind. A file that a killed stage left half-written has none. */
const named = (prefix) =>
  files
    .filter((file) => file.startsWith(prefix) && file.endsWith('.json'))
    .flatMap((file) => {
      try {
        return [JSON.parse(text(file))];
      } catch {
        return [];
      }
    });
const gib = (bytes) => (bytes ? `${(bytes / 2 ** 30).toFixed(2)} GiB` : '–');
const tera = (rate) => (rate ? `${(rate / 1e12).toFixed(2)} T` : '–');
const percent = (share) => `${(100 * share).toFixed(1)}%`;
const row = (...cells) => console.log(`| ${cells.join(' | ')} |`);
const head = (title, ...cells) => {
  console.log(`\n${title}\n`);
  row(...cells);
  row(...cells.map(() => '---'));
};

const checks = named('check-');
const steps = named('step-');
const torch = named('pytorch-');
const kernels = named('kernels-');
const variants = named('variants-');
const any = [...checks, ...steps, ...kernels, ...variants].find(({ adapter }) => adapter);
console.log(any ? `${any.adapter.name}, ${any.adapter.description}, commit ${any.commit}` : 'no result');

if (checks.length) {
  head('Correctness', 'kernel path', 'checks passed', 'worst error of an op', 'worst gradient', 'wrong');
  for (const { kernels: path, checks: all, wrong } of checks) {
    const worst = (wanted) => {
      const errors = all.filter(({ what }) => wanted === /gradients/.test(what)).map(({ error }) => error);
      return errors.length ? Math.max(...errors.map((error) => error ?? NaN)).toExponential(1) : '–';
    };
    const faults = all.filter(({ error, tolerance }) => !(error !== null && error <= tolerance));
    const names = faults.map(({ what }) => what.slice(0, 80)).join('; ');
    row(path, `${all.length - wrong} of ${all.length}`, worst(false), worst(true), names);
  }
}

if (steps.length || torch.length) {
  head(
    'Training steps',
    'model',
    'engine',
    'tokens/s',
    'spread',
    'step ms',
    'peak memory',
    'of PyTorch eager, compiled',
  );
  const shown = ({ preset, B, T }) => `${preset} ${B}×${T}`;
  for (const { shape, kernels: path, tokensPerSecond, spread, medianMs, memory } of steps) {
    const theirs = torch.find((report) => shown(report.shape) === shown(shape))?.results ?? [];
    const ratios = ['eager-bf16', 'compile-bf16'].map((mode) => {
      const rate = theirs.find((result) => result.mode === mode)?.tokensPerSecond;
      return rate ? `${(tokensPerSecond / rate).toFixed(2)}×` : '–';
    });
    const figures = [
      Math.round(tokensPerSecond),
      percent(spread),
      medianMs.toFixed(1),
      gib(memory.peakBytes),
    ];
    row(shown(shape), `openward ${path}`, ...figures, ratios.join(', '));
  }
  for (const { shape, version, results } of torch) {
    for (const { mode, failed, tokensPerSecond, spread, medianMs, memory } of results) {
      const engine = `PyTorch ${version} ${mode}`;
      if (failed) {
        row(shown(shape), engine, `failed: ${failed.split('\n')[0].slice(0, 100)}`, '', '', '', '');
        continue;
      }
      const figures = [Math.round(tokensPerSecond), percent(spread), medianMs.toFixed(1)];
      row(shown(shape), engine, ...figures, gib(memory?.peakBytes), '');
    }
  }
}

if (existsSync(join(folder, 'metrics.jsonl'))) {
  // The last line may be cut short.
  const lines = text('metrics.jsonl')
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line)];
      } catch {
        return [];
      }
    });
  if (lines.length) {
    const tail = lines.slice(-Math.min(50, Math.ceil(lines.length / 4)));
    const loss = tail.reduce((sum, line) => sum + line.loss, 0) / tail.length;
    const tokens = lines.reduce((sum, line) => sum + line.tokens, 0);
    const skipped = lines.filter((line) => line.skipped).length;
    console.log(
      `\nTrained: ${lines.length} steps, ${tokens} tokens that are not padding, ${skipped} steps skipped, ` +
        `loss ${lines[0].loss.toFixed(3)} at first, ${loss.toFixed(3)} as the mean of the last ${tail.length}`,
    );
  }
}

if (existsSync(join(folder, 'train.log'))) {
  const [, left, all] = /(\d+) of (\d+) records are longer than the context/.exec(text('train.log')) ?? [];
  if (all)
    console.log(
      `\nLeft out of training: ${left} of ${all} records (${percent(left / all)}), longer than the context`,
    );
}

if (kernels.length) {
  const { bytesPerSecond, f32FlopsPerSecond, f16FlopsPerSecond, matrixFlopsPerSecond } = kernels[0].ceilings;
  console.log(
    `\nCeilings: memory ${tera(bytesPerSecond)}B/s, f32 ${tera(f32FlopsPerSecond)}FLOP/s, ` +
      `f16 ${tera(f16FlopsPerSecond)}FLOP/s, matrix units ${tera(matrixFlopsPerSecond)}FLOP/s`,
  );
  const results = [
    ...new Map(kernels.flatMap((report) => report.results).map((result) => [result.name, result])).values(),
  ];
  const bf16 = torch.find((report) => report.matmul4096FlopsPerSecond)?.matmul4096FlopsPerSecond.bf16;
  const square = results.find(({ name }) => name.startsWith('matmul 4096'));
  if (square && bf16) {
    const rate = square.flops / (square.medianMs / 1000);
    console.log(
      `matmul 4096: ${tera(rate)}FLOP/s, ${percent(rate / bf16)} of PyTorch's bf16, ${tera(bf16)}FLOP/s`,
    );
  }
  head('Kernels', 'kernel', 'median ms', 'spread', 'FLOP/s', 'B/s', 'of ceiling', 'bound');
  for (const { name, medianMs, spread, flops, bytes, ofCeiling, bound } of results) {
    const rate = (amount) => tera(amount / (medianMs / 1000));
    row(name, medianMs.toFixed(4), percent(spread), rate(flops), rate(bytes), percent(ofCeiling), bound);
  }
}

if (variants.length) {
  head(
    'Variants: the fastest right one, and the one in use',
    'op',
    'shape',
    'kernel',
    'median ms',
    'FLOP/s',
    '',
  );
  for (const { op, shape, results } of variants) {
    const right = results.filter((result) => result.right).sort((a, b) => a.medianMs - b.medianMs);
    const shown = results.filter((result) => result === right[0] || result.chosen || !result.right);
    for (const result of shown) {
      const verdict = [
        result === right[0] && 'fastest',
        result.chosen && 'in use',
        !result.right && `WRONG by ${result.error?.toExponential(1)}`,
      ].filter(Boolean);
      const figures = [result.medianMs.toFixed(4), tera((1000 * result.flops) / result.medianMs)];
      row(op, Object.values(shape).join(' '), result.kernel, ...figures, verdict.join(', '));
    }
  }
}

if (existsSync(join(folder, 'stages.tsv'))) {
  head('Stages', 'stage', 'result', 'seconds');
  for (const line of text('stages.tsv').trim().split('\n')) row(...line.split('\t'));
}
