import type { Command } from 'commander';
import type { SweepReport, SweptProduct } from '../engine/bench/sweep.js';
import { printRunHeader } from './bench-report.js';
import { formatCount } from './format.js';
import { parseTime, parseWholeNumber, withDevice, type DeviceOptions } from './options.js';
import { note, printJson, printLine } from './output.js';
import { fileToWrite } from './paths.js';

interface Options extends DeviceOptions {
  preset?: string;
  batch?: number;
  context?: number;
  for?: number;
  only?: string[];
  keep?: true;
  out?: string;
  json?: true;
}

export function benchSweepCommand(bench: Command): void {
  withDevice(bench.command('sweep'))
    .description(
      'time and check every matmul variant at the products of a training step, the largest first; exit code 1 if one is wrong',
    )
    .option('--preset <name>', 'model (default: tiny on software, tier-a on a GPU)')
    .option('--batch <rows>', 'rows per batch', parseWholeNumber())
    .option('--context <tokens>', 'tokens per row', parseWholeNumber())
    .option('--for <time>', 'begin no further product after this time, such as 40s', parseTime)
    .option('--only <names...>', 'besides the variant in use, only those whose name contains one of these')
    .option(
      '--keep',
      'store the fastest right variant of each product, if it gains beyond noise; later runs use it',
    )
    .option('--out <file>', 'store the times as JSON, after every product', fileToWrite('--out'))
    .option('--json', 'print JSON')
    .action(run);
}

async function run(options: Options): Promise<void> {
  const { adapter, kernels, preset, batch, context, for: seconds, only, keep, out, json } = options;
  const { Gpu } = await import('../engine/gpu/device.js');
  const { benchShape } = await import('../engine/bench/cases.js');
  const { stepProducts, sweepProducts } = await import('../engine/bench/sweep.js');
  const { fastest } = await import('../engine/bench/fastest.js');
  const { deviceKey, storeChoices } = await import('../engine/gpu/kernel-choices.js');
  const { writeJsonAtomic } = await import('../base/files.js');
  const gpu = await Gpu.open({ adapter, kernels });
  const shape = benchShape(gpu.adapter.kind, { preset, B: batch, T: context });
  const report = await sweepProducts(gpu, stepProducts(shape, gpu.path), {
    seconds,
    only,
    onProgress: note,
    async onProduct(soFar) {
      if (out !== undefined) await writeJsonAtomic(out, soFar);
      const product = soFar.products.at(-1)!;
      // At once: what follows may crash the driver.
      if (!json && soFar.products.length === 1) await printRunHeader(soFar);
      if (!json) await printProduct(product, soFar.clock);
      const { use, results } = product;
      const choices = fastest({ results: results.map((result) => ({ ...result, use })) });
      if (keep && choices[use] !== undefined) await storeChoices(deviceKey(soFar.adapter), choices);
    },
  });
  gpu.close();
  if (out !== undefined) await writeJsonAtomic(out, report);
  const isWrong = ({ results }: SweptProduct): boolean =>
    results.some(({ right, failed }) => !right && failed === undefined);
  if (report.products.some(isWrong)) process.exitCode = 1;
  if (json) return printJson(report);
  await printTotals(report);
  if (report.leftOut.length > 0) await printLine(`no time left for: ${report.leftOut.join('; ')}`);
}

async function printProduct({ use, count, flops, results }: SweptProduct, clock: string): Promise<void> {
  await printLine(`\n${use}, ${count} times a step; clock: ${clock}`);
  for (const { variant, splits, medianMs, spread, error, right, chosen, failed } of results) {
    const timed = medianMs.toFixed(medianMs < 1 ? 4 : 2);
    const rate = `${formatCount((1000 * flops) / medianMs)}FLOP/s`;
    const marks = [
      ...(splits > 1 ? [`${splits} parts`] : []),
      ...(chosen ? ['in use'] : []),
      ...(right ? [] : [`WRONG by ${error.toExponential(1)}`]),
    ];
    await printLine(
      failed === undefined
        ? `${timed.padStart(10)} ms ${`±${(100 * spread).toFixed(0)}%`.padStart(5)} ${rate.padStart(12)}  ${variant} ${marks.join(', ')}`.trimEnd()
        : `${'failed'.padStart(10)}  ${variant}: ${failed.split('\n')[0]}`,
    );
  }
}

/** What the products of a step take: with the variants in use, with the best of each, and with one variant for all. */
async function printTotals({ products }: SweepReport): Promise<void> {
  const best = ({ results }: SweptProduct): number => results.find(({ right }) => right)?.medianMs ?? NaN;
  const total = (msOf: (product: SweptProduct) => number): number =>
    products.reduce((sum, product) => sum + product.count * msOf(product), 0);
  const inUse = total(({ results }) => results.find(({ chosen }) => chosen)?.medianMs ?? NaN);
  const names = [...new Set(products.flatMap(({ results }) => results.map(({ variant }) => variant)))];
  // Where a variant cannot compute a product, the best one stands in for it.
  const totals = names.map((name) => {
    const own = (product: SweptProduct): SweptProduct['results'][number] | undefined =>
      product.results.find(({ variant, right }) => variant === name && right);
    const missing = products.filter((product) => own(product) === undefined).length;
    return { name, missing, ms: total((product) => own(product)?.medianMs ?? best(product)) };
  });
  await printLine(
    `\nproducts of a step: ${inUse.toFixed(2)} ms as they are computed now, ${total(best).toFixed(2)} ms with the best of each`,
  );
  for (const { name, missing, ms } of totals.sort((a, b) => a.ms - b.ms)) {
    const left = missing > 0 ? `, but for ${missing} of ${products.length} products` : '';
    await printLine(`${ms.toFixed(2).padStart(10)} ms with ${name}${left}`);
  }
}
