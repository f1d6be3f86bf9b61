import type { Measured } from './measure.js';
import { CHECKS, type GateSummary, type Refused, type Summary } from './summary.js';

interface Report {
  all: Summary;
  bySource: Record<string, Summary>;
  gate: GateSummary;
  measured: readonly Measured[];
  refusals: readonly Refused[];
  /** Examples of each kind of fault. */
  examples: number;
}

const COLUMNS: readonly [title: string, share: (summary: Summary) => number][] = [
  ['values out', ({ valuesOut }) => valuesOut],
  ['recall', ({ valueRecall }) => valueRecall],
  ['precision', ({ valuePrecision }) => valuePrecision],
  ['years', ({ years }) => years],
  ['linker', ({ linker }) => linker],
  ['in limits', ({ linkerWithin }) => linkerWithin],
  ['refused', ({ refused }) => refused],
  ['accepted', ({ accepted }) => accepted],
  ['constructs', ({ constructs }) => constructs],
  ['grammar', ({ grammar }) => grammar],
  ['ceiling', ({ ceiling }) => ceiling],
];

const percent = (share: number): string => (100 * share).toFixed(1);

/** Prints the table of shares, then the worst kinds of fault of each part with examples. */
export function printReport({ all, bySource, gate, measured, refusals, examples }: Report): void {
  const rows = [...Object.entries(bySource), ['all', all] as const];
  const width = Math.max(...rows.map(([name]) => name.length), 6);
  console.log(['%'.padEnd(width), 'asked', ...COLUMNS.map(([title]) => title)].join('  '));
  for (const [name, summary] of rows) {
    const shares = COLUMNS.map(([title, share]) => percent(share(summary)).padStart(title.length));
    console.log([name.padEnd(width), String(summary.questions).padStart(5), ...shares].join('  '));
  }
  if (gate.unanswerable > 0) {
    console.log(
      `\nwithout an answer (${gate.unanswerable}): refused ${percent(gate.refused)} %, AUC ${gate.auc.toFixed(3)}`,
    );
  }
  const only = Object.keys(CHECKS).map((name) => {
    const failing = measured.filter((one) => !CHECKS[name as keyof typeof CHECKS](one));
    const alone = failing.filter((one) =>
      Object.entries(CHECKS).every(([other, check]) => other === name || check(one)),
    );
    return `${name} ${failing.length} (${alone.length} for this alone)`;
  });
  console.log(`\nquestions that fail: ${only.join(', ')}`);

  const kinds = (title: string, list: readonly (readonly [kind: string, example: string])[]): void =>
    printKinds(title, list, examples);
  kinds(
    'values',
    measured.flatMap(({ item, values, vault }) =>
      values.literals
        .filter(({ fate }) => fate !== 'out' && fate !== 'implied')
        .map(
          ({ fate, literal }) => [fate, `${literal.value} <- ${vault.question} (${item.source})`] as const,
        ),
    ),
  );
  kinds(
    'placeholders of no value',
    measured.flatMap(({ item, values, vault }) =>
      values.wrong.map(
        (entry) => [entry.kind, `${entry.text} <- ${vault.question} | ${item.sql.slice(0, 160)}`] as const,
      ),
    ),
  );
  kinds(
    'not shown',
    measured.flatMap(({ notShown, vault, item }) =>
      notShown.length === 0 ? [] : [[`${item.db}: ${notShown.join(' ')}`, vault.question] as const],
    ),
  );
  kinds(
    'refused',
    measured.flatMap(({ gate: { reasons }, vault }) =>
      reasons.length === 0 ? [] : [[reasons[0]!, vault.question] as const],
    ),
  );
  kinds(
    'let through without an answer',
    refusals.flatMap(({ item, verdict }) =>
      verdict.reasons.length > 0 ? [] : [[item.db, `${verdict.score.toFixed(2)} ${item.question}`] as const],
    ),
  );
  kinds(
    'not accepted',
    measured.flatMap(({ invalid, item }) =>
      invalid === undefined
        ? []
        : [
            [
              invalid.replace(/[\w.]*[._][\w.]*|'[^']*'/g, '…'),
              `${invalid}: ${item.sql.slice(0, 200)}`,
            ] as const,
          ],
    ),
  );
  kinds(
    'not in the corpus',
    measured.flatMap(({ unseen, item }) => unseen.map((construct) => [construct, item.question] as const)),
  );
  kinds(
    'not writable',
    measured.flatMap(({ unwritable, rewritten }) =>
      unwritable === undefined || !rewritten
        ? []
        : [
            [
              nextWords(rewritten.sql, unwritable),
              `${unwritable} ⟂ ${rewritten.sql.slice(Math.max(0, unwritable.length - 1))}`,
            ] as const,
          ],
    ),
  );
}

/** What the grammar does not allow next, names and values left out. */
function nextWords(sql: string, written: string): string {
  const before = written.trim().split(' ').slice(-2).join(' ');
  const next = sql
    .slice(Math.max(0, written.length - 1))
    .trim()
    .split(' ')
    .slice(0, 3)
    .join(' ');
  return `${before} ⟂ ${next}`.replace(/\w+\.\w+/g, 'c').replace(/\b\d+\b/g, 'n');
}

function printKinds(
  title: string,
  list: readonly (readonly [kind: string, example: string])[],
  examples: number,
): void {
  if (list.length === 0) return;
  const byKind = new Map<string, string[]>();
  for (const [kind, example] of list) byKind.set(kind, [...(byKind.get(kind) ?? []), example]);
  const sorted = [...byKind].sort(([, a], [, b]) => b.length - a.length);
  console.log(`\n${title}: ${list.length}`);
  for (const [kind, held] of sorted.slice(0, 5 * examples)) {
    console.log(`  ${String(held.length).padStart(4)}  ${kind}`);
    held.slice(0, examples).forEach((example) => console.log(`          ${example}`));
  }
}
