import type { AggregateName } from '../statement/program.js';

export const STATISTICS: [AggregateName, string[]][] = [
  ['AVG', ['average', 'mean']],
  ['MAX', ['maximum', 'highest', 'max', 'largest']],
  ['MIN', ['minimum', 'lowest', 'min', 'smallest']],
];
