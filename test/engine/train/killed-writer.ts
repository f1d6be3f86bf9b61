/**
 * A child process of checkpoint.test.ts: saves step 2 into the given folder and kills itself with SIGKILL at the given
 * place. No handler and no `finally` runs after that signal.
 */
import { saveCheckpoint } from '../../../src/engine/train/checkpoint.js';
import type { TensorSource } from '../../../src/engine/train/safetensors.js';

const [folder, place] = process.argv.slice(2) as [string, 'first tensor' | 'last tensor' | 'json'];

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  for (;;);
}

const tensors = ['a', 'b', 'c'].map((name): TensorSource => ({
  name,
  dtype: 'F32',
  shape: [1 << 18],
  read: () => {
    if (place === 'first tensor' && name === 'a') die();
    if (place === 'last tensor' && name === 'c') die();
    return new Float32Array(1 << 18).fill(2);
  },
}));
// JSON.stringify reads the property when the tensors are in place and the JSON is not.
const meta = {
  get trap(): string {
    return die();
  },
};
await saveCheckpoint(folder, 2, { tensors, meta });
