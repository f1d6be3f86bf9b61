import type { Code } from '../../../src/sql/validator/codes.js';
import { CONSTANT_ATTACKS } from './attacks-constants.js';
import { DIALECT_ATTACKS } from './attacks-dialect.js';
import { NAME_ATTACKS } from './attacks-names.js';
import { PLACEHOLDER_ATTACKS } from './attacks-placeholders.js';
import { SHAPE_ATTACKS } from './attacks-shape.js';
import { TEXT_ATTACKS } from './attacks-text.js';
import { TYPE_ATTACKS } from './attacks-types.js';

/**
 * Statements that are refused over the clinic schema: the code, the text, and the placeholders of the question if they
 * are not those that the text mentions.
 */
export type Attack = readonly [code: Code, sql: string, names?: readonly string[]];

export const ATTACKS: Readonly<Record<string, readonly Attack[]>> = {
  ...SHAPE_ATTACKS,
  ...TEXT_ATTACKS,
  ...NAME_ATTACKS,
  ...TYPE_ATTACKS,
  ...CONSTANT_ATTACKS,
  ...PLACEHOLDER_ATTACKS,
  ...DIALECT_ATTACKS,
};
