/** Parameters, and the layers that a `Decoder` is built from. */
export { blockSpecs, decoderBlock, type BlockOptions } from './block.js';
export { type DecoderConfig, type DecoderShape } from './config.js';
export { linearLayer, linearSpec } from './linear.js';
export { normLayer, normSpecs, type NormOptions } from './norm.js';
export {
  Parameters,
  type ParameterDeclaration,
  type ParameterOptions,
  type ParameterSpec,
} from './parameters.js';
