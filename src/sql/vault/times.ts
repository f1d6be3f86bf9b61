import { two } from './calendar.js';
import { matchAt } from './text.js';

/** A time of day. `value` is `HH:MM:SS`, with the fraction as written. */
export interface Time {
  value: string;
  end: number;
  zone: boolean;
}

/** The note on a time with a zone. */
export const ZONE = {
  code: 'time-zone-ignored',
  message: 'names a time zone; the clock time is used as written',
} as const;

const CLOCK =
  /(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,7}))?)?(?:[ \t]?(?:([ap])m(?![a-z])|([ap])\.m\.|h(?:(?:ou)?rs?)?(?![a-z])))?(?:[ \t]?(Z|UTC|GMT|(?:[ECMP][SD]|CES|CE|BS|IS|JS|AES)T|[+-]\d{2}:?\d{2})(?![0-9A-Za-z]))?(?![0-9A-Za-z:]|\.\d)/iy;
const HOUR =
  /(\d{1,2})(?:\.([0-5]\d))?[ \t]?(?:([ap])m(?![0-9a-z])|([ap])\.m\.)(?:[ \t](UTC|GMT|(?:[ECMP][SD]|CES|CE|BS|IS|JS|AES)T)(?![0-9A-Za-z]))?/iy;
/** `7 in the morning`, `9:30 in the evening`, `11 at night` */
const NAMED_HALF =
  /(\d{1,2})(?::([0-5]\d))?(?:[ ]o['’]clock)?[ ](?:in[ ]the[ ](?:(morning)|afternoon|evening)|at[ ]night)(?![a-z])/iy;
const LEAD_IN = /(T)(?=\d)|(?:,[ \t]?|[ \t]{1,2})(?:at[ \t]{1,2})?/iy;

/** A time right after a date: `T10:00:00`, ` 10:00`, ` at 10:30 pm`, `, 10 am`. */
export function readTimeAfter(text: string, at: number): Time | undefined {
  const leadIn = matchAt(LEAD_IN, text, at);
  return leadIn === null ? undefined : readTime(text, at + leadIn[0].length, leadIn[1] !== undefined);
}

/**
 * `10:30`, `10:30:15.250`, `10:30 PM`, `10.30 am`, `10 am`, `10:30Z`. In `8:00-17:00` another time follows the hyphen;
 * only the ISO form (`afterT`, or seconds) makes it a zone offset.
 */
export function readTime(text: string, at: number, afterT = false): Time | undefined {
  const named = matchAt(NAMED_HALF, text, at);
  if (named !== null) {
    const hour = hourOfDay(Number(named[1]), named[3] === undefined ? 'p' : 'a');
    if (hour === undefined) return undefined;
    return { value: `${two(hour)}:${named[2] ?? '00'}:00`, end: at + named[0].length, zone: false };
  }
  const clock = matchAt(CLOCK, text, at);
  if (clock !== null) {
    const hour = hourOfDay(Number(clock[1]), clock[5] ?? clock[6]);
    const minute = Number(clock[2]);
    const second = Number(clock[3] ?? 0);
    if (hour === undefined || minute > 59 || second > 59) return undefined;
    const fraction = clock[4] === undefined ? '' : `.${clock[4]}`;
    const value = `${two(hour)}:${two(minute)}:${two(second)}${fraction}`;
    const zone = clock[7];
    const end = at + clock[0].length;
    if (
      zone?.startsWith('-') &&
      clock[3] === undefined &&
      !afterT &&
      !/[ \t]/.test(text[end - zone.length - 1]!)
    )
      return { value, end: end - zone.length, zone: false };
    return { value, end, zone: zone !== undefined };
  }
  const whole = matchAt(HOUR, text, at);
  if (whole === null) return undefined;
  const hour = hourOfDay(Number(whole[1]), whole[3] ?? whole[4]);
  return hour === undefined
    ? undefined
    : {
        value: `${two(hour)}:${whole[2] ?? '00'}:00`,
        end: at + whole[0].length,
        zone: whole[5] !== undefined,
      };
}

function hourOfDay(hour: number, half: string | undefined): number | undefined {
  if (half === undefined) return hour <= 23 ? hour : undefined;
  if (hour < 1 || hour > 12) return undefined;
  return (hour % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
}
