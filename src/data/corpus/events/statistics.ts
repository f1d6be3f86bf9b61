import type { AggregateName } from '../statement/program.js';

export const STATISTICS: [AggregateName, string[]][] = [
  ['AVG', ['average', 'mean']],
  ['MAX', ['maximum', 'highest', 'max']],
  ['MIN', ['minimum', 'lowest', 'min']],
];
