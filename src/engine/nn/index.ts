/** Parameters, and the layers that a `Decoder` is built from. */
export { blockSpecs, decoderBlock, RECOMPUTE, type BlockOptions, type Recompute } from './block.js';
export { type DecoderConfig, type DecoderShape } from './config.js';
export { linearLayer, linearSpec, linearSpecs } from './linear.js';
export { normLayer, normSpecs, type NormOptions } from './norm.js';
export {
  Parameters,
  type Arena,
  type ParameterDeclaration,
  type ParameterOptions,
  type ParameterSpec,
} from './parameters.js';
