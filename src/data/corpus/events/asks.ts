import type { EventAsk } from './ask.js';
import * as breakdowns from './asks/breakdowns.js';
import * as costs from './asks/costs.js';
import * as details from './asks/details.js';
import * as events from './asks/events.js';
import * as groups from './asks/groups.js';
import * as patient from './asks/patient.js';
import * as patients from './asks/patients.js';
import * as stay from './asks/stay.js';
import * as stays from './asks/stays.js';
import * as trait from './asks/trait.js';
import * as values from './asks/values.js';
import * as what from './asks/what.js';

/** Everything that people ask of events, by name. Sorted: loaders disagree about the order of a module's exports. */
export const ASKS: ReadonlyMap<string, EventAsk> = new Map(
  [patients, groups, patient, what, trait, details, values, costs, events, breakdowns, stays, stay]
    .flatMap((asks) => Object.entries<EventAsk>(asks).sort(([a], [b]) => (a < b ? -1 : 1)))
    .map(([, ask]) => [ask.name, ask]),
);
