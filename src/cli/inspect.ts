import type { Command } from 'commander';
import { UsageError } from './errors.js';
import { adapterOption, OVERLAY_HELP } from './options.js';
import { note, printJson, printLine } from './output.js';
import { fileToWrite } from './paths.js';

interface Options {
  tensor?: string;
  json?: true;
  attention?: string;
  schema?: string;
  overlay?: string;
  out?: string;
  adapter: string;
}

export function inspectCommand(command: Command): void {
  command
    .argument('<model>', 'model folder')
    .option('--tensor <part>', 'only tensors with this in their names')
    .option('--json', 'print JSON; with --attention the tokens and, by part, the average shares')
    .option(
      '--attention <question>',
      'ask a question, and write a page of what the model read for its statement',
    )
    .option('--schema <file>', 'with --attention: schema bundle, or the name of one of the package')
    .option('--overlay <file>', OVERLAY_HELP)
    .option('--out <file>', 'with --attention: the page, NAME.html', fileToWrite('--out'))
    .addOption(adapterOption())
    .action(run);
}

async function run(model: string, options: Options): Promise<void> {
  if (options.attention !== undefined) return showAttention(model, options.attention, options);
  const misplaced = (['schema', 'overlay', 'out'] as const).find((name) => options[name] !== undefined);
  if (misplaced) throw new UsageError(`--${misplaced} needs --attention`);
  const { inspectWeights } = await import('../engine/nn/inspect-weights.js');
  const { config, step, parameters, tensors } = await inspectWeights(model, options.tensor);
  if (options.json) return printJson({ model, step, config, parameters, tensors });
  const { nLayer, nHead, width, mlpWidth, vocabSize, context, tiedHead } = config;
  await printLine(
    `step ${step}: ${parameters} parameters, ${nLayer} layers, ${nHead} heads, width ${width}, MLP ${mlpWidth}, ` +
      `vocabulary ${vocabSize}, context ${context}, ${tiedHead ? 'tied' : 'untied'} head`,
  );
  const rows = tensors.map((tensor) => {
    const { name, shape, dtype, norm, mean, std, min, max, notFinite, histogram } = tensor;
    const figures = [norm, mean, std, min, max].map(short);
    const broken = notFinite > 0 ? `  ${notFinite} not finite` : '';
    return [name, `[${shape.join(',')}]`, dtype, ...figures, bars(histogram) + broken];
  });
  const head = ['tensor', 'shape', 'dtype', 'norm', 'mean', 'std', 'min', 'max', 'values from min to max'];
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  for (const row of [head, ...rows])
    await printLine(
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    );
}

const short = (value: number): string => (value === 0 ? '0' : value.toPrecision(3));

const BARS = '▁▂▃▄▅▆▇█';

/** One character per range; a range without values is a dot. */
function bars(histogram: readonly number[]): string {
  const most = Math.max(...histogram);
  return histogram
    .map((count) => (count === 0 ? '·' : BARS[Math.ceil((count / most) * BARS.length) - 1]))
    .join('');
}

async function showAttention(model: string, question: string, options: Options): Promise<void> {
  const { schema, overlay, out, json, adapter, tensor } = options;
  if (tensor !== undefined) throw new UsageError('--tensor and --attention exclude each other');
  if (schema === undefined) throw new UsageError('--attention needs --schema');
  if (out === undefined && !json) throw new UsageError('--attention needs --out FILE.html');
  const { loadBundle } = await import('../data/schema/load.js');
  const bundle = loadBundle(schema, overlay);
  const { Gpu } = await import('../engine/gpu/device.js');
  const { DecoderModel } = await import('../sql/decoder-model.js');
  const { traceAttention } = await import('../sql/inspect/trace-attention.js');
  const { attentionPage, averageShares } = await import('../sql/inspect/attention-page.js');
  await DecoderModel.readFolder(model);
  const gpu = await Gpu.open({ adapter });
  try {
    const decoder = await DecoderModel.load(gpu, model);
    decoder.warnings.forEach(note);
    const trace = await traceAttention(question, model, { model: decoder, schema: bundle });
    await decoder.dispose();
    if (out !== undefined) {
      const { writeFileAtomic } = await import('../base/files.js');
      await writeFileAtomic(out, attentionPage(trace));
      note(`${trace.statement}\nwrote ${out}`);
    }
    if (json) {
      const { question: masked, statement, accepted, tokens, promptTokens } = trace;
      await printJson({
        question: masked,
        statement,
        accepted,
        tokens,
        promptTokens,
        read: averageShares(trace),
      });
    }
  } finally {
    gpu.close();
  }
}
