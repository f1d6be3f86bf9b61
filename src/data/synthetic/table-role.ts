import type { TableRole } from '../schema/roles/roles.js';

/** What a table of an invented schema is made from. */
export type TableKind = 'event' | 'other' | 'catalogue';

const ENCOUNTERS = ['visit', 'admission', 'emergency visit', 'intensive care stay'];
const PEOPLE = ['provider', 'employee'];
const PLACES = ['department', 'facility', 'pharmacy', 'warehouse', 'bed', 'room'];

export function isPatientOrEncounter(noun: string): boolean {
  return noun === 'patient' || ENCOUNTERS.includes(noun);
}

/** The role that follows from the noun; undefined where it may be read from names and shape alone. */
export function roleOfTable(noun: string, kind: TableKind, isAboutPatient: boolean): TableRole | undefined {
  if (kind === 'catalogue') return 'catalogue';
  if (noun === 'patient') return 'patient';
  if (ENCOUNTERS.includes(noun)) return isAboutPatient ? 'encounter' : undefined;
  if (PEOPLE.includes(noun)) return 'person';
  if (PLACES.includes(noun)) return 'place';
  return isAboutPatient && kind === 'event' ? 'event' : undefined;
}
