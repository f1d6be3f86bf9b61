/** What the rows of a table are. */
export const TABLE_ROLES = [
  'patient',
  'encounter',
  'event',
  'catalogue',
  'person',
  'place',
  'other',
] as const;
export type TableRole = (typeof TABLE_ROLES)[number];

/** What the values of a column are. `time` is a point in time that neither begins nor ends what the row is about. */
export const COLUMN_ROLES = [
  'key', 'foreign-key', 'code', 'name', 'start', 'end', 'time', 'value', 'unit', 'status', 'text', 'money', 'flag',
  'other',
] as const; // prettier-ignore
export type ColumnRole = (typeof COLUMN_ROLES)[number];

/** The role of a table, and for an event the columns that say when, to whom and in which encounter it happened. */
export interface TableRoles {
  role: TableRole;
  time?: string | undefined;
  patient?: string | undefined;
  encounter?: string | undefined;
}
