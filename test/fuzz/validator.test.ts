import { describe, expect, it } from 'vitest';
import { SchemaIndex } from '../../src/data/schema/schema-index.js';
import { loadBundle } from '../../src/data/schema/load.js';
import { render } from '../../src/sql/renderer/render.js';
import { validate } from '../../src/sql/validator/validate.js';
import { pickOf, seededPicks } from '../sql/validator/choices.js';
import { clinic } from '../sql/validator/clinic.js';
import { generateStatement } from '../sql/validator/generate.js';
import { MUTATIONS, scramble } from '../sql/validator/mutate.js';
import { forbiddenConstruct } from '../sql/validator/oracle.js';
import { FOUND } from './found.js';
import { CASES, FIRST_SEED, LIMIT_MS, RUN_TIMEOUT_MS, runCases, timeOf } from './settings.js';

/** Generated statements, turned into attacks: one case in four stays as it is and must be accepted. */
const SCHEMAS = [clinic, new SchemaIndex(loadBundle('schemas/omop_cdm_5_4.json'))];
const mutations = Object.values(MUTATIONS);

interface Counts {
  valid: number;
  mutants: number;
  scrambled: number;
  scrambledAccepted: number;
  rendered: number;
  slowestMs: number;
}

function runCase(seed: number, counts: Counts): string | undefined {
  const pick = seededPicks(seed);
  const index = pickOf(pick, SCHEMAS);
  const { sql, values } = generateStatement(pick, index);
  let text = sql;
  let placeholders: Parameters<typeof validate>[2] = values;
  let mustFail = false;
  const way = pick(4);
  if (way === 1 || way === 2) {
    const mutant = pickOf(pick, mutations)(pick, { sql, placeholders: values });
    if (mutant) {
      ({ sql: text, placeholders } = mutant);
      mustFail = true;
    }
  } else if (way === 3) {
    text = scramble(pick, sql);
  }
  const verdict = validate(text, index, placeholders);
  const slow = timeOf(() => void validate(text, index, placeholders));
  counts.slowestMs = Math.max(counts.slowestMs, slow);
  if (slow > LIMIT_MS) return `took ${slow.toFixed(0)} ms: ${text}`;
  if (mustFail) {
    counts.mutants++;
    return verdict.ok ? `accepted the attack: ${text}` : undefined;
  }
  if (way === 3) counts.scrambled++;
  if (verdict.ok) {
    const found = forbiddenConstruct(text, (placeholders ?? new Map()).keys(), index);
    if (found !== undefined) return `accepted ${found}: ${text}`;
    if (way === 3 && text !== sql) counts.scrambledAccepted++;
  }
  if (way === 3) return undefined;
  counts.valid++;
  if (!verdict.ok) return `refused a valid statement (${verdict.errors[0]!.message}): ${text}`;
  if (seed % 4 !== 0) return undefined;
  counts.rendered++;
  const rendered = render(sql, index, values).sql;
  return validate(rendered, index).ok ? undefined : `rendered a statement that is refused: ${rendered}`;
}

describe('fuzzing', () => {
  it(`finds nothing in ${CASES} cases from seed ${FIRST_SEED}`, { timeout: RUN_TIMEOUT_MS }, () => {
    const counts: Counts = {
      valid: 0,
      mutants: 0,
      scrambled: 0,
      scrambledAccepted: 0,
      rendered: 0,
      slowestMs: 0,
    };
    const failures = runCases((seed) => runCase(seed, counts));
    if (CASES > 3000) console.log(counts);
    expect(failures).toEqual([]);
    for (const key of ['valid', 'mutants', 'scrambled'] as const)
      if (CASES >= 1000) expect(counts[key]).toBeGreaterThan(CASES / 10);
  });
});

describe('found by fuzzing before', () => {
  it.each(FOUND)('$why', ({ sql, schema, values, code }) => {
    const index = schema === 'clinic' ? SCHEMAS[0]! : SCHEMAS[1]!;
    const verdict = validate(sql, index, new Map(values?.map((info) => [info.name, info])));
    expect(verdict.errors[0]?.code).toBe(code);
  });
});
