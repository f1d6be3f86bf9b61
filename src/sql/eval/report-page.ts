import type { Evaluated } from './evaluate.js';
import { shareWithInterval, type Share, type Summary } from './summary.js';

/** What one set showed for one model. */
export interface SetReport {
  set: string;
  model: string;
  step: number;
  /** Adapters and kernel paths that wrote the answers. */
  devices?: readonly string[] | undefined;
  summary: Summary;
  results: readonly Evaluated[];
}

/** Warm questions, asked one after another. */
export interface Latency {
  questions: number;
  /** Medians from question to statement, in milliseconds: time that passed, and time of all processors. */
  elapsed: number;
  processor: number;
}

const WORST = 25;

/** One self-contained page: figures with intervals, calibration, and the surest wrong answers. No host is contacted. */
export function reportPage(reports: readonly SetReport[], latency?: Latency): string {
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
${overview(reports)}${latency ? `<p>${sayLatency(latency)}</p>` : ''}
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
  ]);
  return table(['set', 'questions', 'right', 'same text', 'wrong', 'refused', 'unanswerable, refused'], rows);
}

/** In words, for the page and the terminal. */
export function sayLatency({ questions, elapsed, processor }: Latency): string {
  return (
    `One question at a time, warm: median ${Math.round(elapsed)} ms from question to statement, ` +
    `${Math.round(processor)} ms of processor time (${questions} questions).`
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

/** Answers by their confidence, of which it is known whether they are right. */
function judged(results: readonly Evaluated[]): { confidence: number; right: boolean }[] {
  return results.flatMap(({ confidence, outcome }) =>
    confidence === undefined || outcome === 'unjudged' ? [] : [{ confidence, right: outcome === 'right' }],
  );
}

const BINS = 10;

/** How often answers of a confidence are right: on the diagonal, the confidence means what it says. */
function reliability(results: readonly Evaluated[]): string {
  const given = judged(results);
  const bins = Array.from({ length: BINS }, (_, i) => {
    const members = given.filter(({ confidence }) => Math.min(BINS - 1, Math.floor(confidence * BINS)) === i);
    const mean = members.reduce((sum, { confidence }) => sum + confidence, 0) / members.length;
    return { i, mean, right: shareWithInterval(members.filter(({ right }) => right).length, members.length) };
  });
  const rows = bins.map(({ i, right }) => [
    `${i * BINS}% to ${(i + 1) * BINS}%`,
    String(right.of),
    share(right),
    bar(right),
  ]);
  return diagram(bins) + table(['confidence', 'answers', 'right', ''], rows) + thresholds(results);
}

/** Mean confidence against the share that is right, with its interval; a larger dot stands for more answers. */
function diagram(bins: readonly { mean: number; right: Share }[]): string {
  const size = 220;
  const x = (value: number): string => (value * size).toFixed(1);
  const y = (value: number): string => ((1 - value) * size).toFixed(1);
  const dots = bins
    .filter(({ right }) => right.of > 0)
    .map(
      ({ mean, right }) =>
        `<line x1="${x(mean)}" x2="${x(mean)}" y1="${y(right.low)}" y2="${y(right.high)}" stroke="#4a90d9" stroke-opacity="0.5"/>` +
        `<circle cx="${x(mean)}" cy="${y(right.share)}" r="${(2 + Math.sqrt(right.of) / 2).toFixed(1)}" fill="#4a90d9"/>`,
    );
  return (
    `<svg viewBox="-10 -10 ${size + 20} ${size + 20}" width="${size + 20}" role="img" aria-label="reliability diagram">` +
    `<rect width="${size}" height="${size}" fill="none" stroke="#8888"/>` +
    `<line x1="0" y1="${size}" x2="${size}" y2="0" stroke="#8888" stroke-dasharray="4"/>${dots.join('')}</svg>`
  );
}

/** What a minimum confidence would do: fewer answers, and fewer wrong ones. */
function thresholds(results: readonly Evaluated[]): string {
  const answerable = results.filter(({ isAnswerable, outcome }) => isAnswerable && outcome !== 'unjudged');
  const rows = [0, 0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95].map((least) => {
    const given = judged(answerable).filter(({ confidence }) => confidence >= least);
    return [
      percent(least),
      share(shareWithInterval(answerable.length - given.length, answerable.length)),
      share(shareWithInterval(given.filter(({ right }) => !right).length, given.length)),
    ];
  });
  return table(['least confidence', 'refused', 'wrong of the answers given'], rows);
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
