/**
 * Builds the bundles in `schemas/` from their publishers' DDL and our overlays. The DDL is not part of this repository;
 * each overlay names its files and says where they are published.
 *
 *     npx tsx scripts/schema-build.ts DDL_FOLDER [NAME …]
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFileAtomic } from '../src/base/files.js';
import { skippedText } from '../src/data/schema/ddl/fault.js';
import { bundleOfScripts } from '../src/data/schema/ddl/import.js';
import { DdlParser } from '../src/data/schema/ddl/parser.js';
import { formatBundle } from '../src/data/schema/format.js';
import { applyOverlay, parseOverlay } from '../src/data/schema/overlay.js';

const schemas = fileURLToPath(new URL('../schemas', import.meta.url));
const [ddlFolder, ...wanted] = process.argv.slice(2);
if (ddlFolder === undefined) {
  console.error('usage: npx tsx scripts/schema-build.ts DDL_FOLDER [NAME …]');
  process.exit(2);
}

for (const entry of readdirSync(join(schemas, 'overlays')).sort()) {
  const name = entry.replace(/\.json$/, '');
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const file = join(schemas, 'overlays', entry);
  const overlay = parseOverlay(JSON.parse(readFileSync(file, 'utf8')), file);
  const { dialect, files } = overlay.ddl;
  const scripts = files.map((path) => {
    const text = readFileSync(join(ddlFolder, path), 'utf8');
    return { dialect, script: new DdlParser(text, dialect, path).parse() };
  });
  // The publisher's comments are documentation, which we do not copy. The shipped bundles write tables without a schema:
  // their publishers leave it to each site.
  const imported = bundleOfScripts(scripts, {
    name,
    comments: 'drop',
    schemas: 'drop',
    onSkipped: (skipped) => console.warn(skippedText(skipped)),
  });
  const bundle = applyOverlay(imported, overlay, file);
  await writeFileAtomic(join(schemas, `${name}.json`), formatBundle(bundle, './bundle.schema.json'));
  const count = (of: (table: (typeof bundle.tables)[number]) => number): number =>
    bundle.tables.reduce((sum, table) => sum + of(table), 0);
  console.log(
    `${name}: ${bundle.tables.length} tables, ${count((t) => t.columns.length)} columns, ` +
      `${count((t) => Number(t.primaryKey.length > 0))} primary keys, ${count((t) => t.foreignKeys.length)} foreign keys, ` +
      `${bundle.joins?.length ?? 0} joins`,
  );
}
