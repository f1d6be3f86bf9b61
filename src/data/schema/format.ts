import type { SchemaBundle, Table } from './bundle.js';

/**
 * The text of a bundle file: one line per column and key, for readable diffs. Ends in a newline.
 * @param formatUri the location of the format's JSON Schema, for editors; omitted from the text if undefined
 */
export function formatBundle(bundle: SchemaBundle, formatUri?: string): string {
  const { tables, joins, ...head } = bundle;
  const fields = Object.entries(formatUri === undefined ? head : { $schema: formatUri, ...head }).map(
    ([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`,
  );
  fields.push(`  "tables": [\n${tables.map(formatTable).join(',\n')}\n  ]`);
  if (joins) fields.push(`  "joins": ${list(joins, '    ', '  ')}`);
  return `{\n${fields.join(',\n')}\n}\n`;
}

function formatTable(table: Table): string {
  const { columns, foreignKeys, unresolvedKeys, ...head } = table;
  const fields = Object.entries(head).map(
    ([key, value]) => `      ${JSON.stringify(key)}: ${JSON.stringify(value)}`,
  );
  fields.push(`      "columns": ${list(columns, '        ', '      ')}`);
  fields.push(`      "foreignKeys": ${list(foreignKeys, '        ', '      ')}`);
  if (unresolvedKeys) fields.push(`      "unresolvedKeys": ${list(unresolvedKeys, '        ', '      ')}`);
  return `    {\n${fields.join(',\n')}\n    }`;
}

function list(items: readonly unknown[], indent: string, outdent: string): string {
  if (items.length === 0) return '[]';
  return `[\n${items.map((item) => indent + JSON.stringify(item)).join(',\n')}\n${outdent}]`;
}
