import type { Spread } from '../counters.js';
import type { SampleSource } from '../../sample.js';
import type { CorpusStatistics } from '../statistics.js';
import type { ShardIndex } from '../../../shards/format.js';

/** What the page says about the corpus besides its counts. */
export interface PageFacts {
  title: string;
  /** Short facts for the head: seed, vocabulary, held-out sets. */
  facts: [name: string, value: string][];
  /** The knobs stored with the corpus. */
  knobs: unknown;
}

/** The page's facts for a corpus on disk. */
export function corpusFacts(folder: string, index: ShardIndex): PageFacts {
  const sets = (index.heldOut ?? []).map(({ name, questions }): [string, string] => [
    `held out: ${name}`,
    grouped(questions),
  ]);
  return {
    title: `Corpus ${folder}`,
    facts: [
      ...sets,
      ['tokens', grouped(index.tokens)],
      ['vocabulary', grouped(index.vocabSize)],
      ['seed', String(index.seed)],
    ],
    knobs: index.config,
  };
}

/** The page's facts for samples drawn only to be counted. */
export function sourceFacts(source: SampleSource, seed: number): PageFacts {
  const names = source.schemas.map(({ bundle }) => bundle.name);
  const facts: [string, string][] = [['seed', String(seed)]];
  return { title: `Samples of ${names.join(', ')}`, facts, knobs: source.knobs };
}

/** A self-contained HTML page with the distributions of a corpus as bar charts. */
export function statisticsPage(statistics: CorpusStatistics, { title, facts, knobs }: PageFacts): string {
  const s = statistics;
  const totals: [string, number][] = [
    ['training records', s.samples],
    ['distinct questions, with placeholders', s.distinctQuestions],
    ['distinct statements', s.distinctStatements],
    ['question skeletons', s.questionSkeletons],
    ['statement skeletons', s.sqlSkeletons],
    ['pairs of skeletons', s.skeletonPairs],
    ['families', Object.keys(s.perFamily).length],
    ['phrasings', Object.keys(groupBy(s.perPhrasing, (name) => name.replace(/^.*: /, ''))).length],
  ];
  const rows = [...totals.map(([name, value]): [string, string] => [name, grouped(value)]), ...facts];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escape(title)}</h1>
<dl>${rows.map(([name, value]) => `<div><dt>${escape(name)}</dt><dd>${escape(value)}</dd></div>`).join('')}</dl>
<main>
${bars(
  'What questions ask for',
  'Intents: the part of a family name before the dot',
  groupBy(s.perFamily, (name) => name.split('.')[0]!),
)}
${bars(
  'Conditions',
  'The part of a family name after the dot',
  groupBy(s.perFamily, (name) => name.split('.')[1] ?? '(none)'),
)}
${bars('SQL constructs', 'Share of statements with the construct', s.perConstruct, s.samples)}
${bars('Schemas', '', s.perSchema)}
${bars('Styles', '', s.perStyle)}
${bars('Joined tables', 'Tables joined to the first', counted(s.joins), s.samples, false)}
${bars('Tables in the prompt', '', counted(s.tables), s.samples, false)}
${bars('Placeholders in a question', '', counted(s.placeholders), s.samples, false)}
${histogram('Length of a record', 'tokens', s.tokens)}
${histogram('Length of a question', 'characters', s.questionLength)}
${histogram('Length of a statement', 'characters', s.sqlLength)}
${histogram('Length of a prompt', 'characters', s.promptLength)}
</main>
<details><summary>Families (${Object.keys(s.perFamily).length})</summary>${bars('', '', s.perFamily)}</details>
<details><summary>Phrasings</summary>${bars(
    '',
    '',
    groupBy(s.perPhrasing, (name) => name.replace(/^.*: /, '')),
  )}</details>
<details><summary>Knobs</summary><pre>${escape(JSON.stringify(knobs, null, 2))}</pre></details>
</body>
</html>
`;
}

const STYLE = `
body{font:14px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:1180px;padding:0 1rem;color:#1c2733;background:#fff}
h1{font-size:1.5rem;margin:0 0 1rem}h2{font-size:1rem;margin:0}
p{margin:.1rem 0 .5rem;color:#5b6875;font-size:.85rem;min-height:1.2em}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(210px,1fr));gap:.5rem;margin:0 0 1.5rem}
dl div{border:1px solid #d8dee4;border-radius:6px;padding:.4rem .7rem}
dt{color:#5b6875;font-size:.8rem}dd{margin:0;font-size:1.1rem;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
main{display:grid;grid-template-columns:repeat(auto-fill,minmax(360px,1fr));gap:1.6rem 2rem}
table{border-collapse:collapse;width:100%}td{padding:1px 6px 1px 0;vertical-align:middle}
td.n{white-space:nowrap;width:1%}td.v{text-align:right;white-space:nowrap;width:1%;font-variant-numeric:tabular-nums;color:#5b6875}
i{display:block;height:11px;background:#2f6f8f;border-radius:0 2px 2px 0;min-width:1px}
details{margin-top:1.5rem}summary{cursor:pointer;font-weight:600}pre{overflow:auto;font-size:.8rem}
`;

/** Counts as bars, largest first unless `isSorted` is false. Shares are relative to `total`, by default the sum. */
function bars(
  heading: string,
  hint: string,
  counts: Record<string, number>,
  total = sum(Object.values(counts)),
  isSorted = true,
): string {
  const entries = Object.entries(counts);
  if (isSorted) entries.sort(([, a], [, b]) => b - a);
  const largest = Math.max(1, ...entries.map(([, count]) => count));
  const rows = entries.map(([name, count]) => {
    const width = ((100 * count) / largest).toFixed(1);
    return `<tr><td class="n">${escape(name)}</td><td><i style="width:${width}%"></i></td><td class="v">${grouped(count)}</td><td class="v">${percent(count, total)}</td></tr>`;
  });
  const head = heading === '' ? '' : `<h2>${escape(heading)}</h2><p>${escape(hint)}</p>`;
  return `<section>${head}<table>${rows.join('')}</table></section>`;
}

function histogram(heading: string, unit: string, { min, mean, max, bins, width }: Spread): string {
  const total = sum(bins);
  if (total === 0) return '';
  const counts: Record<string, number> = {};
  const from = bins.findIndex((count) => count > 0);
  bins.slice(from).forEach((count, i) => {
    counts[`${(from + i) * width}–${(from + i + 1) * width - 1}`] = count;
  });
  const hint = `${unit}: from ${min} to ${max}, ${mean.toFixed(1)} on average`;
  return bars(heading, hint, counts, total, false);
}

function counted(counts: readonly number[]): Record<string, number> {
  // The trailing space keeps the keys from being integers, which objects would reorder.
  return Object.fromEntries(
    counts.map((count, i): [string, number] => [`${i} `, count]).filter(([, n]) => n > 0),
  );
}

function groupBy(counts: Record<string, number>, key: (name: string) => string): Record<string, number> {
  const grouped: Record<string, number> = {};
  for (const [name, count] of Object.entries(counts)) grouped[key(name)] = (grouped[key(name)] ?? 0) + count;
  return grouped;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** `1 234 567`, with non-breaking spaces. */
function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

function percent(count: number, total: number): string {
  return total === 0 ? '' : `${((100 * count) / total).toFixed(1)}%`;
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
