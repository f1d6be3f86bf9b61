import { describe, expect, it } from 'vitest';
import { SchemaIndex } from '../../src/data/schema/schema-index.js';
import { loadBundle } from '../../src/data/schema/load.js';
import { RenderError } from '../../src/sql/errors.js';
import { render } from '../../src/sql/renderer/render.js';
import { validate } from '../../src/sql/validator/validate.js';
import { pickOf, seededPicks } from '../sql/validator/choices.js';
import { clinic } from '../sql/validator/clinic.js';
import { generateStatement } from '../sql/validator/generate.js';
import { MUTATIONS, scramble } from '../sql/validator/mutate.js';
import { forbiddenConstruct } from '../sql/validator/oracle.js';
import { FOUND } from './found.js';

/**
 * Generated statements, turned into attacks. FUZZ_CASES sets how many (`FUZZ_CASES=1000000 npx vitest run
 * test/fuzz`), FUZZ_SEED where they begin; a case is known by its seed alone, so that a failure can be run again.
 */
const CASES = Number(process.env['FUZZ_CASES'] ?? 3000);
const FIRST_SEED = Number(process.env['FUZZ_SEED'] ?? 1);
/** The most processor time that one verdict may take. */
const LIMIT_MS = 50;

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

/** Time of a run; a slow one is run again, since a busy machine is slow now and then and a bad case always. */
function timeOf(run: () => void): number {
  let best = Infinity;
  for (let i = 0; i < 5 && best > LIMIT_MS; i++) {
    const start = performance.now();
    run();
    best = Math.min(best, performance.now() - start);
  }
  return best;
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
  const slow = timeOf(() => validate(text, index, placeholders));
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
  it(`finds nothing in ${CASES} cases from seed ${FIRST_SEED}`, { timeout: 3_600_000 }, () => {
    const counts: Counts = {
      valid: 0,
      mutants: 0,
      scrambled: 0,
      scrambledAccepted: 0,
      rendered: 0,
      slowestMs: 0,
    };
    const failures: string[] = [];
    for (let seed = FIRST_SEED; seed < FIRST_SEED + CASES && failures.length < 10; seed++) {
      try {
        const failure = runCase(seed, counts);
        if (failure !== undefined) failures.push(`seed ${seed}: ${failure}`);
      } catch (error) {
        const name = error instanceof RenderError ? error.code : 'crash';
        failures.push(`seed ${seed}: ${name}: ${(error as Error).stack}`);
      }
    }
    if (CASES > 3000) console.log(counts);
    expect(failures).toEqual([]);
    for (const key of ['valid', 'mutants', 'scrambled'] as const)
      expect(counts[key]).toBeGreaterThan(CASES / 10);
  });
});

describe('found by fuzzing before', () => {
  it.each(FOUND)('$why', ({ sql, schema, values, code }) => {
    const index = schema === 'clinic' ? SCHEMAS[0]! : SCHEMAS[1]!;
    const verdict = validate(sql, index, new Map(values?.map((info) => [info.name, info])));
    expect(verdict.errors[0]?.code).toBe(code);
  });
});
