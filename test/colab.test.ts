import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { packageRoot } from '../src/base/paths.js';

// Cells run the engine in child processes, which open adapters: Gpu.open(
const notebook = z
  .object({
    nbformat: z.literal(4),
    cells: z.array(
      z.object({
        cell_type: z.enum(['markdown', 'code']),
        id: z.string(),
        source: z.array(z.string()),
        metadata: z.object({ tags: z.array(z.enum(['google', 'gpu'])).optional() }),
        outputs: z.array(z.never()).optional(),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(join(packageRoot, 'colab', 'train.ipynb'), 'utf8')));

const folder = mkdtempSync(join(tmpdir(), 'colab-'));
afterAll(() => rmSync(folder, { recursive: true }));

const shellCells = notebook.cells
  .filter(({ cell_type, metadata }) => cell_type === 'code' && metadata.tags === undefined)
  .map(({ source }) => source.join(''));

test('every cell that needs neither Google nor a GPU runs, in order, and training goes on when run again', () => {
  expect(shellCells).toHaveLength(5);
  const env = {
    ...process.env,
    ADAPTER: 'software',
    DRIVE: join(folder, 'drive'),
    CORPUS: join(folder, 'corpus'),
    MODEL: join(folder, 'model'),
    DATA_OPTIONS:
      '--knobs configs/corpus.demo.json --samples 200 --held-out 5 --hold-out statements --vocab-size 512 --workers 1',
    CONFIG: 'configs/demo.json',
    TRAIN_OPTIONS: '--steps 2 --warmup-steps 1 --batch-size 1 --validate-every 0',
    MAX_TIME: '10m',
    EVAL_OPTIONS: '--knobs configs/corpus.demo.json --hold-out statements --questions 1',
  };
  const run = (cell: string): string => {
    expect(cell).toMatch(/^%%bash\nsource colab\/settings\.sh\n/);
    const script = cell.replace(/^%%bash\n/, '');
    const { status, stdout, stderr } = spawnSync('bash', ['-c', script], {
      cwd: packageRoot,
      env,
      encoding: 'utf8',
    });
    expect(status, `${script}\n${stdout}\n${stderr}`).toBe(0);
    return stdout + stderr;
  };
  const outputs = shellCells.map(run);
  expect(outputs[2]).toMatch(/trained 2 steps/);
  expect(outputs[3]).toMatch(/^values: 1 questions/m);
  // A new session has lost its disk, and finds the run on the Drive.
  rmSync(env.MODEL, { recursive: true });
  expect(run(shellCells[2]!)).toMatch(/resuming from step 2/);
  expect(existsSync(join(env.MODEL, 'checkpoints', 'checkpoint-00000002.json'))).toBe(true);
  expect(readdirSync(join(env.DRIVE, 'checkpoints'))).toContain('manifest.json');
});
