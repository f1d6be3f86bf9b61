import { typeOfId } from './numbers.js';
import { endsClean, matchAt } from './text.js';
import type { Match } from './types.js';

/** GS1: `(01)` and 14 digits of the device, then parts in brackets: expiry, lot, serial number. */
const GS1 = /\(01\)\d{14}(?:\(\d{2,4}\)[A-Za-z0-9][A-Za-z0-9./+-]{0,29}){0,6}/y;

/** A unique device identifier as it is printed, at an opening bracket: `(01)00844588003288(17)141120(10)7654321D`. */
export function udiAt(text: string, at: number): Match | undefined {
  const udi = text[at] === '(' ? matchAt(GS1, text, at) : null;
  if (udi === null) return undefined;
  const value = udi[0].replace(/[./+-]+$/, '');
  const end = at + value.length;
  if (!endsClean(text, end)) return undefined;
  return { start: at, end, prefix: 'ID', kind: 'key', type: typeOfId(value), value };
}
