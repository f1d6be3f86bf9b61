export { Gpu } from './gpu/device.js';
export { record } from './gpu/program.js';
