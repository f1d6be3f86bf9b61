/**
 * npm run schema:report -- [--questions 3000] [--verbose]
 *
 * Measures what is inferred about schemas. Roles: against those that a person wrote down from the published meaning of
 * the six bundles and of three other schemas. Words: how often the linker shows every
 * column that a question needs, with the bundles' own synonyms and without any. Exits with 1 if a bar is missed.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packageRoot } from '../src/base/paths.js';
import { loadKnobs } from '../src/data/corpus/knobs.js';
import { SampleSource } from '../src/data/corpus/sample.js';
import { columnsOf } from '../src/data/corpus/statement/program.js';
import type { SchemaBundle } from '../src/data/schema/bundle.js';
import { linkSchema } from '../src/data/schema/link/link.js';
import { loadBundle } from '../src/data/schema/load.js';
import { SchemaIndex } from '../src/data/schema/schema-index.js';
import { covers } from '../src/data/schema/selection.js';
import { compareRoles, readRoles, type Agreement } from './schema-roles.js';

const SHIPPED = ['i2b2', 'mimic_iv', 'omop_cdm_5_4', 'openmrs_2_8', 'pcornet_4_1', 'synthea'];
const OTHERS = ['eicu', 'open_hospital', 'openimis'];
const WANTED = { tables: 0.95, columns: 0.9 };
/** A stand-in for the tokens of a prompt of 1,024: words, digits and punctuation. */
const BUDGET = 700;

const { values: options } = parseArgs({
  options: {
    questions: { type: 'string', default: '3000' },
    verbose: { type: 'boolean', default: false },
  },
});
const folder = join(packageRoot, 'test', 'data', 'schema', 'roles');
let missed = false;

interface Share {
  right: number;
  all: number;
}
const percent = ({ right, all }: Share): string => `${((100 * right) / all).toFixed(1)} %`;
const text = (share: Share): string => `${percent(share)} (${share.right} of ${share.all})`;
const sum = (shares: readonly Share[]): Share => ({
  right: shares.reduce((total, share) => total + share.right, 0),
  all: shares.reduce((total, share) => total + share.all, 0),
});

function measure(title: string, names: readonly string[], isShipped: boolean): void {
  const results = names.map((name): [string, Agreement] => {
    const bundle = loadBundle(isShipped ? name : join(folder, 'bundles', `${name}.json`));
    return [name, compareRoles(bundle, readRoles(join(folder, 'by-hand', `${name}.txt`), bundle))];
  });
  console.log(`\nroles, ${title}`);
  for (const [name, { tables, columns, undeclared, wrong }] of results) {
    const first = percent({ right: columns.first, all: columns.all });
    console.log(
      `  ${name.padEnd(14)} tables ${text(tables)}; columns ${text(columns)}, the first role ${first}; ` +
        `without declared keys ${text(undeclared)}`,
    );
    if (options.verbose) wrong.forEach((line) => console.log(`    ${line}`));
  }
  for (const what of ['tables', 'columns'] as const) {
    const share = sum(results.map(([, result]) => result[what]));
    const isMet = share.right / share.all >= WANTED[what];
    if (!isMet) missed = true;
    console.log(`  ${isMet ? 'ok    ' : 'MISSED'} ${what}: ${text(share)}, ${100 * WANTED[what]} % wanted`);
  }
}

/** The bundle as an import without an overlay gives it. */
function withoutWords(bundle: SchemaBundle): SchemaBundle {
  const bare = structuredClone(bundle);
  for (const table of bare.tables) {
    delete table.synonyms;
    for (const column of table.columns) delete column.synonyms;
  }
  return bare;
}

function linkerRecall(): void {
  const full = SHIPPED.map((name) => new SchemaIndex(loadBundle(name)));
  const source = new SampleSource(full, loadKnobs(join(packageRoot, 'configs', 'corpus.json')));
  const bare = full.map((index) => new SchemaIndex(withoutWords(index.bundle)));
  const countTokens = (words: string): number => (words.match(/[A-Za-z]+|\d|[^\sA-Za-z\d]+/g) ?? []).length;
  const shares = [full, bare].map(() => SHIPPED.map((): Share => ({ right: 0, all: 0 })));
  for (let i = 0; i < Number(options.questions); i++) {
    const { schemaName, record, program } = source.sample(7, i);
    const place = SHIPPED.indexOf(schemaName);
    if (place < 0) continue;
    [full, bare].forEach((indexes, kind) => {
      const selection = linkSchema(record.question, indexes[place]!, { tokenBudget: BUDGET, countTokens });
      const share = shares[kind]![place]!;
      share.all++;
      if (covers(selection, columnsOf(program))) share.right++;
    });
  }
  console.log('\nwords: the linker shows every column that a question of the corpus needs');
  SHIPPED.forEach((name, i) => {
    const [own, none] = shares.map((list) => percent(list[i]!));
    console.log(`  ${name.padEnd(14)} with the bundle's synonyms ${own}; with none ${none}`);
  });
  const [own, none] = shares.map((list) => text(sum(list)));
  console.log(`  all            with the bundle's synonyms ${own}; with none ${none}`);
}

measure('the six bundles', SHIPPED, true);
measure('other schemas', OTHERS, false);
linkerRecall();
process.exitCode = missed ? 1 : 0;
