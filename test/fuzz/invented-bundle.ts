import { checkBundle } from '../../src/data/schema/check.js';
import type { Column, ForeignKey, SchemaBundle, Table } from '../../src/data/schema/bundle.js';
import { foldName, foldTableName, nameFault, RESERVED_WORDS } from '../../src/tsql/identifier.js';
import { pickOf, type Pick } from '../sql/validator/choices.js';

const RESERVED = [...RESERVED_WORDS];

/** Names as strangers' databases have them, some of which `schema check` refuses. */
const ODD_NAMES =
  `Größe;имя;Fälle;患者;نقص;naïve;x__;__x;__;_;____;visit-date;visit date;a b c;1st;2020;%;a%b;'q';it's;a;N;n;GO;x;X9;t1;ta;
  __ID_1__;a__num_1;__DATE;DATE__;p.q;a[b];#temp;@var;$ident;a--b;/*x*/;;;name=;<>;(x);a,b;İ;ß;ſ;Ａ;e\u0301`.split(
    /;\s*/,
  );

/** Names that say what the values are. */
const TELLING_NAMES =
  `id person_id patient_id visit_id encounter_id PatientID visit_concept_id code icd_code latitude zip postal_code amount
  total_cost price value result_value weight is_active flag deceased year year_of_birth birth_year name full_name status
  start_date end_date birth_date created_at note description ssn mrn serial_number room_number quantity dose`.split(
    /\s+/,
  );

/** Every type of a column, those of keys and dates more often. */
const TYPES =
  `int int int int bigint smallint tinyint bit decimal(9,2) numeric(38,0) money float real varchar(20) varchar(20) varchar(2)
  char(1) nvarchar(80) nvarchar(max) text ntext uniqueidentifier date date datetime datetime2 smalldatetime
  datetimeoffset time xml varbinary(max) image rowversion geometry hierarchyid sql_variant sysname`.split(
    /\s+/,
  );

const SCHEMAS = ['dbo', 'cdm', 'hosp', 'Ärzte', 'order'];

function nameOf(pick: Pick): string {
  switch (pick(6)) {
    case 0:
      return pickOf(pick, ODD_NAMES);
    case 1:
      return pickOf(pick, RESERVED);
    case 2: {
      const length = pickOf(pick, [1, 1, 2, 3, 4, 6, 9, 20, 127, 128, 129]);
      return Array.from({ length }, () => pickOf(pick, [...'abЖ9_- '])).join('');
    }
    default:
      return pickOf(pick, TELLING_NAMES);
  }
}

function usableName(pick: Pick, taken: ReadonlySet<string>): string {
  for (;;) {
    const name = nameOf(pick);
    if (nameFault(name) === undefined && !taken.has(foldName(name))) return name;
  }
}

function columnOf(pick: Pick, taken: Set<string>): Column {
  const name = usableName(pick, taken);
  taken.add(foldName(name));
  const type = pickOf(pick, TYPES);
  const column: Column = { name, type, nullable: pick(2) === 1 };
  if (pick(6) === 1 && /^(int|smallint|char|n?varchar)/.test(type)) {
    column.codes = ['1', '2'].map((value) => ({ value, words: [`w${value}`] }));
  }
  return column;
}

function tableOf(pick: Pick, tables: readonly Table[], schema: string | undefined): Table {
  const taken = new Set<string>();
  let name = usableName(pick, taken);
  if (schema !== undefined) name = `${schema}.${name}`;
  while (tables.some((other) => foldTableName(other.name) === foldTableName(name))) name += 'x';
  const columns = Array.from({ length: 1 + pick(pick(6) === 1 ? 24 : 7) }, () => columnOf(pick, taken));
  const primaryKey = columns.slice(0, pickOf(pick, [0, 1, 1, 1, 2])).map((column) => column.name);
  return { name, description: 'Invented.', primaryKey, columns, foreignKeys: [] };
}

/** A key from one table to another, or to itself, that `schema check` may refuse. */
function keyOf(pick: Pick, from: Table, to: Table): ForeignKey {
  const count = pick(8) === 1 ? 2 : 1;
  const sides = [from, to].map(({ columns, primaryKey }, side) => {
    if (side === 1 && primaryKey.length === count && pick(4) > 0) return primaryKey;
    const at = pick(columns.length);
    return Array.from({ length: count }, (_, i) => columns[(at + i) % columns.length]!.name);
  });
  return { columns: sides[0]!, references: { table: to.name, columns: sides[1]! } };
}

/** A bundle that passes `schema check`, with whatever names, types and keys that allows. */
export function inventBundle(pick: Pick): SchemaBundle {
  const tables: Table[] = [];
  const schemas = pick(3) === 1 ? SCHEMAS : [undefined];
  const count = 1 + pick(pick(4) === 1 ? 9 : 4);
  for (let i = 0; i < count; i++) tables.push(tableOf(pick, tables, pickOf(pick, schemas)));
  const bundle: SchemaBundle = {
    name: 'invented',
    title: 'Invented',
    version: '1',
    source: 'tests',
    licence: 'MIT',
    tables,
    joins: [],
  };
  if (checkBundle(bundle).length > 0) return inventBundle(pick);
  for (let i = 0; i < 8 * count; i++) {
    const from = pickOf(pick, tables);
    const key = keyOf(pick, from, pickOf(pick, tables));
    if (pick(4) === 0) {
      const join = {
        from: `${from.name}.${key.columns[0]!}`,
        to: `${key.references.table}.${key.references.columns[0]!}`,
      };
      bundle.joins!.push(join);
      if (checkBundle(bundle).length > 0) bundle.joins!.pop();
    } else {
      from.foreignKeys.push(key);
      if (checkBundle(bundle).length > 0) from.foreignKeys.pop();
    }
  }
  return bundle;
}
