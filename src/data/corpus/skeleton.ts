import type { Program } from './program.js';
import { renderProgram } from './render.js';

/**
 * The statement with its names taken out: tables become t1, t2, … and columns c1, c2, … in the order in which the
 * statement first mentions them. Two statements of one skeleton differ in names alone.
 */
export function sqlSkeletonOf(program: Program): string {
  const columns = new Map<string, string>();
  const tables = new Map<string, string>();
  const number = (names: Map<string, string>, prefix: string, key: string): string => {
    const known = names.get(key) ?? `${prefix}${names.size + 1}`;
    names.set(key, known);
    return known;
  };
  const renamed = JSON.parse(
    JSON.stringify(program, (key, value: unknown) => {
      if (key === 'ref' || key === 'left' || key === 'right') return renameColumn(value);
      if (key === 'table') return number(tables, 't', String(value));
      return value;
    }),
  ) as Program;
  return renderProgram(renamed, 'always');

  function renameColumn(value: unknown): unknown {
    if (typeof value !== 'object' || value === null || !('source' in value) || !('column' in value))
      return value;
    const { source, column } = value as { source: number; column: string };
    return { source, column: number(columns, 'c', `${source}.${column}`) };
  }
}
