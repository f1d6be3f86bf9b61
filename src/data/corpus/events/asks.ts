import type { Ask } from './ask.js';
import * as patients from './asks/patients.js';

/** Everything that people ask of events, by name. */
export const ASKS: ReadonlyMap<string, Ask> = new Map(
  [...Object.values(patients)].map((ask) => [ask.name, ask]),
);
