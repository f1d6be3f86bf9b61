import { AppError } from '../base/errors.js';

/** Every error that the engine throws on purpose. */
export class EngineError extends AppError {}

/** No adapter, a lost device, too little memory on the device, or a kernel that does not compile. */
export class DeviceError extends EngineError {}

/** Shapes, dtypes or hyperparameters that do not fit together. The message names the op and the shapes. */
export class ShapeError extends EngineError {
  constructor(op: string, message: string) {
    super('shape', `${op}: ${message}`);
  }
}

/** A NaN or an infinity in a tensor, found with `checkFinite`. */
export class NumericsError extends EngineError {
  constructor(
    message: string,
    /** The op that read or wrote the value, if known. */
    readonly origin?: { op: string; phase: 'forward' | 'backward' | 'update'; path: string } | undefined,
  ) {
    super('not-finite', message);
  }
}

/** A checkpoint that is missing, cut short, altered, or made for another model. */
export class CheckpointError extends EngineError {
  constructor(
    code: string,
    readonly file: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, `${file}: ${message}`, options);
  }
}
