/**
 * A reader of TensorBoard event files that shares no code with the writer: the checksum is computed bit by bit, and
 * protobuf fields are read by number.
 */

/** CRC32C of RFC 3720 by polynomial division, then masked as TFRecord says. */
function checksum(bytes: Uint8Array): number {
  let rest = 0xffffffffn;
  for (const byte of bytes) {
    rest ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) rest = rest % 2n === 1n ? (rest / 2n) ^ 0x82f63b78n : rest / 2n;
  }
  const crc = rest ^ 0xffffffffn;
  return Number((crc / 2n ** 15n + (crc % 2n ** 15n) * 2n ** 17n + 0xa282ead8n) % 2n ** 32n);
}

/** @throws Error where a length, a checksum or the end of the file does not fit */
export function readRecords(file: Buffer): Buffer[] {
  const records: Buffer[] = [];
  for (let at = 0; at < file.length;) {
    const length = Number(file.readBigUInt64LE(at));
    if (file.readUInt32LE(at + 8) !== checksum(file.subarray(at, at + 8)))
      throw new Error(`checksum of the length at byte ${at}`);
    const data = file.subarray(at + 12, at + 12 + length);
    if (file.readUInt32LE(at + 12 + length) !== checksum(data))
      throw new Error(`checksum of the data at byte ${at}`);
    records.push(data);
    at += length + 16;
  }
  return records;
}

type Field = number | bigint | Buffer;

/** The fields of a message by number, in order; varints as bigint, fixed ones as numbers. */
function fieldsOf(bytes: Buffer): Map<number, Field[]> {
  const fields = new Map<number, Field[]>();
  let at = 0;
  const varint = (): bigint => {
    let [value, shift] = [0n, 0n];
    for (;;) {
      const byte = bytes[at++]!;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
      shift += 7n;
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    let value: Field;
    if (tag % 8 === 0) value = varint();
    else if (tag % 8 === 1) [value, at] = [bytes.readDoubleLE(at), at + 8];
    else if (tag % 8 === 5) [value, at] = [bytes.readFloatLE(at), at + 4];
    else {
      const length = Number(varint());
      [value, at] = [bytes.subarray(at, at + length), at + length];
    }
    const number = Math.floor(tag / 8);
    fields.set(number, [...(fields.get(number) ?? []), value]);
  }
  return fields;
}

export interface ReadEvent {
  wallTime: number;
  step: number;
  version?: string;
  /** Whether events of this step and later ones are to be forgotten. */
  restarts: boolean;
  scalars: Record<string, number>;
  texts: Record<string, string>;
}

export function readEvents(file: Buffer): ReadEvent[] {
  return readRecords(file).map((record) => {
    const event = fieldsOf(record);
    const [log] = event.get(7) ?? [];
    const read: ReadEvent = {
      wallTime: event.get(1)![0] as number,
      step: Number(event.get(2)?.[0] ?? 0),
      restarts: log !== undefined && fieldsOf(log as Buffer).get(1)?.[0] === 1n,
      scalars: {},
      texts: {},
    };
    const [version] = event.get(3) ?? [];
    if (version !== undefined) read.version = (version as Buffer).toString();
    for (const summary of event.get(5) ?? []) {
      for (const one of fieldsOf(summary as Buffer).get(1) ?? []) {
        const value = fieldsOf(one as Buffer);
        const tag = (value.get(1)![0] as Buffer).toString();
        const [simple] = value.get(2) ?? [];
        if (simple !== undefined) read.scalars[tag] = simple as number;
        const [tensor] = value.get(8) ?? [];
        if (tensor !== undefined)
          read.texts[tag] = (fieldsOf(tensor as Buffer).get(8)![0] as Buffer).toString();
      }
    }
    return read;
  });
}
