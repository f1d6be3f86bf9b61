import { SchemaIndex } from '../../src/data/schema/schema-index.js';
import { loadBundle } from '../../src/data/schema/load.js';
import { render } from '../../src/sql/renderer/render.js';
import { validate } from '../../src/sql/validator/validate.js';
import { pickOf, seededPicks } from '../sql/validator/choices.js';
import { clinic } from '../sql/validator/clinic.js';
import { generateStatement } from '../sql/validator/generate.js';
import { MUTATIONS, scramble } from '../sql/validator/mutate.js';
import { forbiddenConstruct } from '../sql/validator/oracle.js';
import { timed, type Target } from './fuzz.js';

const SCHEMAS = [clinic, new SchemaIndex(loadBundle('schemas/omop_cdm_5_4.json'))];
const mutations = Object.values(MUTATIONS);

interface Counts extends Record<string, number> {
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
  const { result: verdict, took, fault } = timed(() => validate(text, index, placeholders));
  counts.slowestMs = Math.max(counts.slowestMs, took);
  if (fault !== undefined) return `${fault}: ${text}`;
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

/** Generated statements: half are turned into attacks, a quarter are damaged at random, the rest must be accepted. */
export function validatorTarget(): Target {
  const counts: Counts = {
    valid: 0,
    mutants: 0,
    scrambled: 0,
    scrambledAccepted: 0,
    rendered: 0,
    slowestMs: 0,
  };
  return {
    name: 'validator',
    runCase: (seed) => runCase(seed, counts),
    counts,
    expected: ['valid', 'mutants', 'scrambled'],
  };
}
