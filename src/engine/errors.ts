/** Every error that the engine throws on purpose. `code` is stable; the message is for a person. */
export class EngineError extends Error {
  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** No adapter, a lost device, memory that the device does not have, a kernel that does not compile. */
export class DeviceError extends EngineError {}

/** Shapes, dtypes or hyperparameters that do not fit together. The message names the op and the shapes. */
export class ShapeError extends EngineError {
  constructor(op: string, message: string) {
    super('shape', `${op}: ${message}`);
  }
}

/** A NaN or an infinity in a tensor, found because somebody asked to look for one. */
export class NumericsError extends EngineError {
  constructor(
    message: string,
    /** The op that read or wrote it, where that is known. */
    readonly origin?: { op: string; phase: 'forward' | 'backward' | 'update'; path: string },
  ) {
    super('not-finite', message);
  }
}

/** A checkpoint that is absent, cut short, altered, or made for another model. */
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
