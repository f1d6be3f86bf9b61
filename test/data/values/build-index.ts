import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Column, SchemaBundle } from '../../../src/data/schema/bundle.js';
import { buildValueIndex, type ValueBuildOptions } from '../../../src/data/values/build.js';

/** A bundle of one table, `item`, whose columns hold text of up to 255 characters. */
export function itemBundle(columns: string[] = ['label', 'name'], name = 'clinic'): SchemaBundle {
  return {
    name,
    title: 'Clinic',
    version: '1',
    source: 'invented',
    licence: 'none',
    tables: [
      {
        name: 'item',
        description: 'Things.',
        primaryKey: [],
        foreignKeys: [],
        columns: columns.map((column): Column => ({ name: column, type: 'varchar(255)', nullable: true })),
      },
    ],
  };
}

/** Builds an index of rows `[column, value]` of `itemBundle()`. @returns the file, in a folder of its own */
export async function buildItems(
  rows: readonly (readonly ['label' | 'name', string])[],
  options: Partial<ValueBuildOptions> & { folder: string },
): Promise<string> {
  const { folder, ...others } = options;
  const columns = ['label', 'name'];
  const out = join(folder, 'items.values');
  await buildValueIndex({
    bundle: itemBundle(),
    out,
    source: {
      columns: columns.map((column) => ({ table: 'item', column })),
      read: ({ value }) => {
        for (const [column, text] of rows) value(columns.indexOf(column), text);
        return Promise.resolve();
      },
    },
    ...others,
  });
  return out;
}

/** A folder that `remove` deletes. */
export function temporaryFolder(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'values-test-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
