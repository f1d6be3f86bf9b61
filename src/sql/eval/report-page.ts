import type { Evaluated } from './evaluate.js';
import { shareWithInterval, type Share, type Summary } from './summary.js';

/** What one set showed for one model. */
export interface SetReport {
  set: string;
  model: string;
  step: number;
  summary: Summary;
  results: readonly Evaluated[];
}

const WORST = 25;

/** One self-contained page: figures with intervals, calibration, and the surest wrong answers. No host is contacted. */
export function reportPage(reports: readonly SetReport[]): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Evaluation</title>
<meta name="viewport" content="width=device-width">
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color-scheme: light dark; }
table { border-collapse: collapse; margin: 0.5rem 0 1.5rem; }
th, td { text-align: left; padding: 0.2rem 0.8rem 0.2rem 0; vertical-align: top; border-bottom: 1px solid #8884; }
code { font: 13px/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
.bar { background: #4a90d9; height: 0.7rem; display: inline-block; }
</style></head><body>
<h1>Evaluation</h1>
${overview(reports)}
${reports.map(section).join('\n')}
</body></html>
`;
}

function overview(reports: readonly SetReport[]): string {
  const rows = reports.map(({ set, summary }) => [
    escape(set),
    String(summary.questions),
    share(summary.right),
    share(summary.exact),
    share(summary.wrong),
    share(summary.refused),
    share(summary.refusedRightly),
    `${Math.round(summary.latency.p50)} ms`,
  ]);
  return table(
    ['set', 'questions', 'right', 'same text', 'wrong', 'refused', 'unanswerable, refused', 'median time'],
    rows,
  );
}

function section({ set, model, step, summary, results }: SetReport): string {
  const groups = Object.entries(summary.groups).map(
    ([by, shares]) =>
      `<h3>Right by ${escape(by)}</h3>${table(
        [by, 'right', ''],
        Object.entries(shares).map(([name, value]) => [escape(name), share(value), bar(value)]),
      )}`,
  );
  const reasons = summary.reasons.map(({ outcome, reason, count }) => [
    outcome,
    escape(reason),
    String(count),
  ]);
  return `<h2>${escape(set)}</h2><p>${escape(model)}, step ${step}</p>
<h3>What goes wrong</h3>${table(['outcome', 'first fault', 'count'], reasons)}
<h3>Confidence and truth</h3>${reliability(results)}
${groups.join('\n')}
<h3>The surest wrong answers</h3>${worst(results)}`;
}

/** How often answers of a confidence are right: on the diagonal, the confidence means what it says. */
function reliability(results: readonly Evaluated[]): string {
  const given = results.filter(
    ({ confidence, outcome }) => confidence !== undefined && outcome !== 'unjudged',
  );
  const rows = Array.from({ length: 10 }, (_, i) => {
    const members = given.filter(({ confidence }) => Math.min(9, Math.floor(confidence! * 10)) === i);
    const right = shareWithInterval(
      members.filter(({ outcome }) => outcome === 'right').length,
      members.length,
    );
    return [`${i * 10}% to ${i * 10 + 10}%`, String(members.length), share(right), bar(right)];
  });
  return table(['confidence', 'answers', 'right', ''], rows);
}

function worst(results: readonly Evaluated[]): string {
  const wrong = results
    .filter(({ outcome }) => outcome === 'wrong')
    .sort((a, b) => (b.confidence ?? 0) - (a.confidence ?? 0))
    .slice(0, WORST);
  const code = (text: string | undefined): string =>
    text === undefined ? 'none' : `<code>${escape(text)}</code>`;
  const rows = wrong.map((one) => [
    escape(one.question),
    code(one.expected),
    code(one.found),
    `${escape(one.reason ?? '')}${one.confidence === undefined ? '' : `, ${Math.round(100 * one.confidence)}%`}`,
  ]);
  return table(['question', 'expected', 'given', 'fault'], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (row: readonly string[], tag: string): string =>
    row.map((cell) => `<${tag}>${cell}</${tag}>`).join('');
  return `<table><tr>${cells(head, 'th')}</tr>${rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('')}</table>`;
}

const percent = (value: number): string => `${(100 * value).toFixed(1)}%`;

function share({ of, share: value, low, high, count }: Share): string {
  return of === 0 ? '–' : `${percent(value)} (${percent(low)} to ${percent(high)}; ${count} of ${of})`;
}

function bar({ of, share: value }: Share): string {
  return of === 0 ? '' : `<span class="bar" style="width:${(10 * value).toFixed(1)}rem"></span>`;
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
