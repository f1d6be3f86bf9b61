import { AppError } from '../../base/errors.js';

/** A statement or schema that the embedded database cannot take. */
export class EmbeddedError extends AppError<'bad-rows' | 'placeholder' | 'untranslatable'> {}
