import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../../src/base/paths.js';
import type { RunIndex } from './ours.js';

/** How llama.cpp's probabilities of the next token compare with ours. */
export interface LlamaResult {
  version: string;
  positions: number;
  /** Positions at which both find the same token likeliest. */
  sameChoice: number;
  /** ‖p - q‖ / ‖p‖ over all positions and tokens. */
  probabilities: number;
}

/** The part of node-llama-cpp 3 that is used. The package is not a dependency: it is installed by hand. */
interface LlamaPackage {
  getLlama(options: Record<string, unknown>): Promise<{
    loadModel(options: { modelPath: string }): Promise<{
      createContext(options: { contextSize: number; threads: number }): Promise<{
        getSequence(): {
          clearHistory(): Promise<void>;
          controlledEvaluate(
            input: readonly (readonly [token: number, options: unknown])[],
          ): Promise<{ next: { probabilities: Map<number, number> } }[]>;
        };
      }>;
      dispose(): Promise<void>;
    }>;
  }>;
}

/** Where `npm install --no-save --prefix .cache/llama node-llama-cpp@3.22.1` puts it. */
export const LLAMA_FOLDER = join(packageRoot, '.cache', 'llama');

/** The folder of node-llama-cpp: below `folder`, or where this repository finds it; undefined if it is nowhere. */
export function findLlama(folder = LLAMA_FOLDER): string | undefined {
  return [folder, packageRoot]
    .map((base) => join(base, 'node_modules', 'node-llama-cpp'))
    .find((found) => existsSync(join(found, 'package.json')));
}

const SEQUENCES = 2;

/** Evaluates the first sequences of the first batch in llama.cpp, and compares with the logits of a run. */
export async function compareWithLlama(
  packageFolder: string,
  modelPath: string,
  folder: string,
  { tensors }: RunIndex,
): Promise<LlamaResult> {
  const entry = createRequire(join(packageFolder, 'package.json'));
  const { version } = entry('./package.json') as { version: string };
  const { getLlama } = (await import(
    pathToFileURL(join(packageFolder, 'dist', 'index.js')).href
  )) as LlamaPackage;
  const bytes = readFileSync(join(folder, 'tensors.bin'));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [, T, V] = tensors['logits']!.shape as [number, number, number];
  const tokenAt = (i: number): number => view.getUint32(tensors['tokens.0']!.offset + 4 * i, true);
  const logitAt = (i: number): number => view.getFloat32(tensors['logits']!.offset + 4 * i, true);

  const llama = await getLlama({ gpu: false, build: 'never', progressLogs: false, logLevel: 'error' });
  const model = await llama.loadModel({ modelPath });
  const context = await model.createContext({ contextSize: 2 * T, threads: 2 });
  const sequence = context.getSequence();
  const next = { probabilities: true, options: { temperature: 1, topK: 0, topP: 1, minP: 0 } };
  let [sameChoice, error, norm] = [0, 0, 0];
  for (let row = 0; row < SEQUENCES; row++) {
    await sequence.clearHistory();
    const input = Array.from(
      { length: T },
      (_, t) => [tokenAt(row * T + t), { generateNext: next }] as const,
    );
    const results = await sequence.controlledEvaluate(input);
    for (let t = 0; t < T; t++) {
      const start = (row * T + t) * V;
      const logits = Float64Array.from({ length: V }, (_, v) => logitAt(start + v));
      const highest = Math.max(...logits);
      const total = logits.reduce((sum, logit) => sum + Math.exp(logit - highest), 0);
      // Sorted: the likeliest token comes first.
      const theirs = results[t]!.next.probabilities;
      if (logits[[...theirs.keys()][0]!] === highest) sameChoice++;
      logits.forEach((logit, v) => {
        const ours = Math.exp(logit - highest) / total;
        error += ((theirs.get(v) ?? NaN) - ours) ** 2;
        norm += ours ** 2;
      });
    }
  }
  await model.dispose();
  return { version, positions: SEQUENCES * T, sameChoice, probabilities: Math.sqrt(error / norm) };
}
