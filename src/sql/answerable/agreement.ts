import type { SchemaIndex } from '../../data/schema/schema-index.js';
import { parse } from '../../tsql/parser.js';
import type { Candidate } from '../answer.js';
import { canonicalParts, canonicalText } from '../eval/canonical.js';

/** Adds to each candidate's `whole` probability that of the others which say the same in another way. */
export function withAgreement<T extends { candidate: Candidate }>(checked: T[], index: SchemaIndex): T[] {
  if (checked.length < 2) return checked;
  const meanings = checked.map(({ candidate }) => meaningOf(candidate, index));
  return checked.map((one, i) => {
    const { confidence } = one.candidate;
    if (!confidence) return one;
    const alike = checked.filter(
      (_, k) => k === i || (meanings[k] !== undefined && meanings[k] === meanings[i]),
    );
    const whole = alike.reduce((sum, { candidate }) => sum + (candidate.confidence?.whole ?? 0), 0);
    return {
      ...one,
      candidate: { ...one.candidate, confidence: { ...confidence, whole: Math.min(1, whole) } },
    };
  });
}

/** A statement without its spelling; undefined if it was not accepted. */
function meaningOf({ sql, errors }: Candidate, index: SchemaIndex): string | undefined {
  return errors.length > 0 ? undefined : canonicalText(canonicalParts(parse(sql), index));
}
