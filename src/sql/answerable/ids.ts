import { identifiersOf } from '../../data/schema/link/identifiers.js';
import type { SchemaIndex } from '../../data/schema/schema-index.js';
import { singularOf } from '../../data/values/fold.js';
import type { MaskedQuestion } from './score.js';

const ID = String.raw`__ID_\d+__`;
/** What a label says that stands before IDs: `provider 0077`, `facility's id is A-17 or A-18`. */
const BEFORE_IDS = new RegExp(
  String.raw`([a-z]+)(?:['’]s)?(?: (?:ids?|identifiers?|numbers?|no\.?|nos\.?|nbr|keys?|with|having|is|are|of))*[ :=#]*(${ID}(?:(?:, ?| )(?:(?:and|or) )?${ID})*)`,
  'gi',
);
/** Kinds of ID that say what the ID identifies. */
const NOUN_OF_KIND: Readonly<Record<string, string | undefined>> = {
  patient: 'patient',
  mrn: 'patient',
  visit: 'visit',
  encounter: 'encounter',
};

/** An ID that no column can hold. */
export interface MisplacedId {
  code: 'unplaceable';
  message: string;
}

/**
 * Refuses an ID with letters or leading zeros whose table has a key of whole numbers and no column for other IDs: no row
 * can have it.
 */
export function misplacedIds(
  { question, placeholders }: MaskedQuestion,
  { bundle }: SchemaIndex,
): MisplacedId | undefined {
  const labels = new Map(
    [...question.matchAll(BEFORE_IDS)].flatMap(([, noun, list]) =>
      list!.match(new RegExp(ID, 'g'))!.map((name) => [name, singularOf(noun!.toLowerCase())] as const),
    ),
  );
  const reasons = placeholders.flatMap(({ name, kind, type, text = '' }) => {
    if (!name.startsWith('__ID_') || type !== 'varchar') return [];
    const noun = NOUN_OF_KIND[kind] ?? (kind === 'key' ? labels.get(name) : undefined);
    if (noun === undefined) return [];
    const { keys, keysHoldText, texts } = identifiersOf(bundle, noun);
    if (keys.length === 0 || keysHoldText || texts.length > 0) return [];
    const key = keys.find((path) => path.toLowerCase().includes(noun)) ?? keys[0]!;
    const isPadded = /^\W*0\d+\W*$/.test(text);
    const has = isPadded ? 'has leading zeros' : 'is no whole number';
    const advice = isPadded ? 'leave them out if it is the same ID' : `write the ID as ${key} has it`;
    return [`${name} ${has}, and ${key} holds whole numbers; ${advice}`];
  });
  return reasons.length === 0 ? undefined : { code: 'unplaceable', message: reasons.join('; ') };
}
