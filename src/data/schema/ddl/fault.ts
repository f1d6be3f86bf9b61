import { SchemaError } from '../../errors.js';

/** Something in a script that cannot be read. The reader lists it and goes on. */
export class DdlFault extends Error {
  constructor(
    readonly offset: number,
    message: string,
    readonly code = 'broken-ddl',
  ) {
    super(message);
  }
}

/** A place in a script; line and column start at 1. */
export interface ScriptPlace {
  file: string;
  line: number;
  column: number;
}

/** A declaration that did not come in, or not whole. */
export interface Skipped extends ScriptPlace {
  code: string;
  reason: string;
}

export function placeText({ file, line, column }: ScriptPlace): string {
  return `${file}:${line}:${column}`;
}

/** `clinic.sql:12:3: type geometryish has no SQL Server equivalent`. */
export function skippedText(skipped: Skipped): string {
  return `${placeText(skipped)}: ${skipped.reason}`;
}

export function ddlError(place: ScriptPlace, code: string, message: string): SchemaError {
  return new SchemaError({ code, file: placeText(place), message });
}

/** Turns rising offsets of one text into places, counting each line once. */
export class PlaceFinder {
  #line = 1;
  #lineStart = 0;
  #counted = 0;

  constructor(
    readonly text: string,
    readonly file: string,
  ) {}

  at(offset: number): ScriptPlace {
    if (offset < this.#counted) {
      // Rare: a fault is found after what it is about.
      if (offset >= this.#lineStart) return this.#place(offset);
      return new PlaceFinder(this.text, this.file).at(offset);
    }
    for (;;) {
      const newline = this.text.indexOf('\n', this.#counted);
      if (newline < 0 || newline >= offset) break;
      this.#line += 1;
      this.#counted = this.#lineStart = newline + 1;
    }
    this.#counted = offset;
    return this.#place(offset);
  }

  #place(offset: number): ScriptPlace {
    return { file: this.file, line: this.#line, column: offset - this.#lineStart + 1 };
  }
}
