import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { TrainProgress } from '../train/progress.js';
import type { StepReport } from '../train/run.js';
import type { AskedSample } from '../train/validation.js';

/**
 * Event files for TensorBoard: records in TFRecord framing, each an `Event` in protobuf. Field numbers are those of
 * tensorflow/core/util/event.proto and tensorflow/core/framework/{summary,tensor}.proto.
 */

/** CRC32C (Castagnoli, RFC 3720 B.4), bits reflected. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

function maskedCrc(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = CRC_TABLE[(crc ^ byte) & 255]! ^ (crc >>> 8);
  crc = ~crc >>> 0;
  // A checksum of data that holds checksums is weak, so it is rotated and shifted: tensorflow/core/lib/hash/crc32c.h
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** A record as it stands in a file: length, its checksum, the data, its checksum; little-endian. */
function framed(data: Uint8Array): Buffer {
  const record = Buffer.alloc(data.length + 16);
  record.writeBigUInt64LE(BigInt(data.length), 0);
  record.writeUInt32LE(maskedCrc(record.subarray(0, 8)), 8);
  record.set(data, 12);
  record.writeUInt32LE(maskedCrc(data), 12 + data.length);
  return record;
}

const enum Wire {
  varint = 0,
  fixed64 = 1,
  bytes = 2,
  fixed32 = 5,
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return Buffer.from([...bytes, value]);
}

const key = (field: number, wire: Wire): Buffer => varint(field * 8 + wire);

const integer = (field: number, value: number): Buffer =>
  Buffer.concat([key(field, Wire.varint), varint(value)]);

function double(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([key(field, Wire.fixed64), bytes]);
}

function float(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([key(field, Wire.fixed32), bytes]);
}

/** A string, or a message of these parts. */
function message(field: number, ...parts: (Buffer | string)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  return Buffer.concat([key(field, Wire.bytes), varint(content.length), content]);
}

/** Summary.Value with simple_value. */
const scalar = (tag: string, value: number): Buffer => message(1, message(1, tag), float(2, value));

const DT_STRING = 7;
const DATA_CLASS_TENSOR = 2;

/** Summary.Value for the text plugin, which shows Markdown: a tensor of shape [1]. */
function text(tag: string, markdown: string): Buffer {
  const shape = message(2, message(2, integer(1, 1)));
  const tensor = message(8, integer(1, DT_STRING), shape, message(8, markdown));
  const metadata = message(9, message(1, message(1, 'text')), integer(4, DATA_CLASS_TENSOR));
  return message(1, message(1, tag), tensor, metadata);
}

/** Writes a run's numbers as TensorBoard event files. Each session has a file of its own in the folder. */
export class TensorBoardLog {
  readonly file: string;
  readonly #handle: number;
  #waiting: Buffer[] = [];

  /**
   * @param now milliseconds since 1970
   * @throws Node's own error when the folder cannot be written
   */
  constructor(
    folder: string,
    private readonly now: () => number = Date.now,
  ) {
    mkdirSync(folder, { recursive: true });
    const seconds = String(Math.floor(now() / 1000)).padStart(10, '0');
    this.file = join(folder, `events.out.tfevents.${seconds}.openward.${process.pid}`);
    this.#handle = openSync(this.file, 'a');
    this.#event(message(3, 'brain.Event:2'));
  }

  /** Makes TensorBoard forget what an earlier session wrote of steps after `done`: they are done again. */
  resumed(done: number): void {
    const START = 1;
    this.#event(integer(2, done + 1), message(7, integer(1, START)));
  }

  step(report: StepReport): void {
    const { step, loss, smoothedLoss, learningRate, gradNorm, lossScale, rolledBackFrom, validation } =
      report;
    if (rolledBackFrom !== undefined) this.resumed(step - 1);
    this.#scalars(step, {
      'loss/step': loss,
      'loss/smoothed': smoothedLoss,
      'loss/validation': validation?.loss,
      'optimizer/learning rate': learningRate,
      'optimizer/gradient norm': gradNorm,
      'optimizer/loss scale': lossScale,
      'answers/right': validation?.asked === undefined ? undefined : validation.right! / validation.asked,
    });
    const { samples = [] } = validation ?? {};
    if (samples.length > 0)
      this.#summary(step, [text('answers/samples', samples.map(asMarkdown).join('\n\n'))]);
  }

  /** Also writes what was noted since the last call. */
  progress({ step, tokensPerSecond, learnedPerSecond, utilisation, memoryBytes }: TrainProgress): void {
    this.#scalars(step, {
      'speed/tokens per second': tokensPerSecond,
      'speed/learned tokens per second': learnedPerSecond,
      'speed/MFU': utilisation,
      'memory/bytes': memoryBytes,
    });
    this.flush();
  }

  flush(): void {
    if (this.#waiting.length === 0) return;
    const bytes = Buffer.concat(this.#waiting);
    this.#waiting = [];
    for (let at = 0; at < bytes.length;) at += writeSync(this.#handle, bytes, at);
  }

  close(): void {
    this.flush();
    closeSync(this.#handle);
  }

  #scalars(step: number, values: Readonly<Record<string, number | undefined>>): void {
    this.#summary(
      step,
      Object.entries(values).flatMap(([tag, value]) => (value === undefined ? [] : scalar(tag, value))),
    );
  }

  #summary(step: number, values: Buffer[]): void {
    this.#event(integer(2, step), message(5, ...values));
  }

  #event(...parts: Buffer[]): void {
    this.#waiting.push(framed(Buffer.concat([double(1, this.now() / 1000), ...parts])));
  }
}

function asMarkdown({ question, answer, verdict }: AskedSample): string {
  const parts = [`**${question}**`];
  if (answer !== undefined) parts.push(answer.replace(/^/gm, '    '));
  if (verdict !== undefined) parts.push(verdict);
  return parts.join('\n\n');
}
