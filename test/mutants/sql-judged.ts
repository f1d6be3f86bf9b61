/** A fault that changes nothing, or nothing but which error comes: no test can or need notice it. */
interface Judged {
  file: string;
  what: string;
  /** The line that it is in. */
  text: string;
  why: string;
}

const JUDGED: readonly Judged[] = [];

/** Why the fault need not be noticed; undefined if nobody has judged it, or its line has changed since. */
export function reasonOf(fault: Omit<Judged, 'why'>): string | undefined {
  return JUDGED.find(
    ({ file, what, text }) => file === fault.file && what === fault.what && text === fault.text,
  )?.why;
}
