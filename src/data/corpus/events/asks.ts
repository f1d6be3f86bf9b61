import type { Ask } from './ask.js';
import * as events from './asks/events.js';
import * as patient from './asks/patient.js';
import * as patients from './asks/patients.js';
import * as stays from './asks/stays.js';
import * as values from './asks/values.js';

/** Everything that people ask of events, by name. */
export const ASKS: ReadonlyMap<string, Ask> = new Map(
  [
    ...Object.values(patients),
    ...Object.values(patient),
    ...Object.values(values),
    ...Object.values(stays),
    ...Object.values(events),
  ]
    .filter(isAsk)
    .map((ask) => [ask.name, ask]),
);

function isAsk(exported: unknown): exported is Ask {
  return typeof exported === 'object';
}
