import type { DdlCursor } from './cursor.js';
import type { ScriptPlace } from './fault.js';
import type { DdlScript } from './script.js';

/** The parameters of sp_addextendedproperty, in their order. */
const PARAMETERS = [
  'name',
  'value',
  'level0type',
  'level0name',
  'level1type',
  'level1name',
  'level2type',
  'level2name',
];

/**
 * Reads a call of a T-SQL system procedure that says something about tables: descriptions (sp_addextendedproperty with
 * MS_Description), sp_rename and sp_addtype.
 */
export function readProperty(c: DdlCursor, place: ScriptPlace, script: DdlScript): void {
  const procedure = c.next().text.toLowerCase();
  const args = new Map<string, string>();
  c.skip('(');
  for (let position = 0; c.peek().kind !== 'end' && !c.sees(';'); position += 1) {
    const isNamed = c.peek().text.startsWith('@') && c.peek(1).text === '=';
    const parameter = isNamed ? c.next().text.slice(1).toLowerCase() : (PARAMETERS[position] ?? '');
    if (isNamed) c.next();
    const value = c.peek();
    if (value.kind === 'symbol') return;
    if (!(value.kind === 'word' && /^(null|default)$/i.test(value.text))) args.set(parameter, value.text);
    c.next();
    if (!c.skip(',')) break;
  }
  const get = (parameter: string): string | undefined => args.get(parameter);
  if (procedure === 'sp_rename') {
    const [object, to, kind] = [
      get('objname') ?? get('name'),
      get('newname') ?? get('value'),
      get('objtype') ?? get('level0type'),
    ];
    if (object === undefined || to === undefined) return;
    const parts = [...object.matchAll(/\[([^\]]*)\]|"([^"]*)"|([^.[\]"]+)/g)].map(
      ([, a, b, bare]) => a ?? b ?? bare!,
    );
    const column = kind?.toUpperCase() === 'COLUMN' ? parts.pop() : undefined;
    if (kind !== undefined && !['COLUMN', 'OBJECT'].includes(kind.toUpperCase())) return;
    const name = parts.pop();
    if (name === undefined) return;
    const action =
      column === undefined
        ? ({ kind: 'rename', to } as const)
        : ({ kind: 'alter-column', column, to: { name: to } } as const);
    script.changes.push({ place, table: { name, schema: parts.pop() }, action });
    return;
  }
  if (!procedure.endsWith('extendedproperty') || get('name')?.toUpperCase() !== 'MS_DESCRIPTION') return;
  const level1 = get('level1type')?.toUpperCase();
  const name = get('level1name');
  const text = get('value');
  if ((level1 !== 'TABLE' && level1 !== 'VIEW') || name === undefined || text === undefined) return;
  const level2 = get('level2type')?.toUpperCase();
  if (level2 !== undefined && level2 !== 'COLUMN') return;
  script.descriptions.push({ table: { name, schema: get('level0name') }, column: get('level2name'), text });
}
