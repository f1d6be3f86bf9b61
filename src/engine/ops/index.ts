/** Every op that a loss can be built from. Ops run inside `record`, or inside the loss of `trainStep`. */
export { add } from './add.js';
export { attention } from './attention/attention.js';
export { embedding } from './embedding.js';
export { gatherRows } from './gather-rows.js';
export { headLoss } from './head-loss.js';
export { IGNORE_INDEX } from './ignore-index.js';
export { layernorm } from './layernorm.js';
export { matmul } from './matmul/matmul.js';
export { rotary } from './rotary.js';
export { swiglu } from './swiglu.js';
