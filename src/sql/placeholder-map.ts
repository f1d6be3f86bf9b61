import {
  PLACEHOLDER_TYPES,
  typeOfSpelling,
  type PlaceholderInfo,
  type PlaceholderPrefix,
  type PlaceholderType,
} from '../data/placeholder.js';
import { extract, VaultError } from './vault/index.js';

const NAME = /^__(ID|DATE|TEXT|NUM)_[1-9][0-9]?__$/;
const TYPES: ReadonlySet<string> = new Set(PLACEHOLDER_TYPES);

/** Assumed of a placeholder if only its name is known. */
const BY_PREFIX: Readonly<Record<PlaceholderPrefix, Omit<PlaceholderInfo, 'name'>>> = {
  ID: { kind: 'key', type: 'varchar' },
  DATE: { kind: 'date', type: 'date' },
  TEXT: { kind: 'quoted', type: 'varchar' },
  NUM: { kind: 'threshold', type: 'int' },
};

/**
 * Reads a question's placeholders from JSON, for `validate`: the list that the vault returns, or an object by name. In
 * the object each entry is a kind and a type (`{"__ID_1__": {"kind": "mrn", "type": "varchar"}}`), with `columns` if they
 * are known, a type's name, or the value itself. `null` and `undefined` mean no placeholders.
 * @returns the map, or one line that says what is wrong
 */
export function readPlaceholders(value: unknown): Map<string, PlaceholderInfo> | string {
  if (value === undefined || value === null) return new Map();
  if (typeof value !== 'object') return '"placeholders" is neither an object nor a list';
  const entries = Array.isArray(value)
    ? value.map((item: unknown) => [(item as { name?: unknown } | null)?.name, item] as const)
    : Object.entries(value);
  const map = new Map<string, PlaceholderInfo>();
  for (const [i, [name, item]] of entries.entries()) {
    const prefix = typeof name === 'string' ? NAME.exec(name)?.[1] : undefined;
    // The wrong name is not shown: it may be a value.
    if (prefix === undefined) return `"placeholders": entry ${i + 1} is not named like __ID_1__`;
    const info = describe(name as string, prefix as PlaceholderPrefix, item);
    if (typeof info === 'string') return info;
    map.set(info.name, info);
  }
  return map;
}

function describe(name: string, prefix: PlaceholderPrefix, item: unknown): PlaceholderInfo | string {
  if (typeof item === 'number') return { name, ...guess(prefix, String(item)) };
  if (typeof item === 'string') {
    return TYPES.has(item)
      ? { name, kind: BY_PREFIX[prefix].kind, type: item as PlaceholderType }
      : { name, ...guess(prefix, item) };
  }
  const { kind, type, text, columns } = (item ?? {}) as Record<string, unknown>;
  const guessed = typeof text === 'string' ? guess(prefix, text) : BY_PREFIX[prefix];
  if (type !== undefined && !TYPES.has(String(type))) {
    return `"placeholders": ${name} has an unknown type; known types: ${[...TYPES].join(', ')}`;
  }
  if (columns !== undefined && !isNames(columns)) {
    return `"placeholders": the columns of ${name} are not a list of names like table.column`;
  }
  return {
    name,
    columns,
    kind: typeof kind === 'string' ? kind : guessed.kind,
    type: type === undefined ? guessed.type : (type as PlaceholderType),
  };
}

function isNames(columns: unknown): columns is string[] {
  return Array.isArray(columns) && columns.every((name) => typeof name === 'string' && name.includes('.'));
}

/** How the vault would classify a value that stands alone. */
function guess(prefix: PlaceholderPrefix, text: string): Omit<PlaceholderInfo, 'name'> {
  try {
    const [found, ...more] = extract(text).placeholders;
    if (found && more.length === 0 && found.text === text && found.name.startsWith(`__${prefix}_`)) {
      return { kind: found.kind, type: found.type };
    }
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
  }
  if (prefix !== 'ID' && prefix !== 'NUM') return BY_PREFIX[prefix];
  const { kind } = BY_PREFIX[prefix];
  return { kind, type: typeOfSpelling(text) };
}
