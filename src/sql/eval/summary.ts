import type { Evaluated } from './evaluate.js';

/** A share with its 95% interval. */
export interface Share {
  count: number;
  of: number;
  share: number;
  low: number;
  high: number;
}

/** Wilson's score interval (Wilson 1927), which holds for small counts and for shares near 0 and 1. */
export function shareWithInterval(count: number, of: number): Share {
  if (of === 0) return { count, of, share: NaN, low: 0, high: 1 };
  const z = 1.959964;
  const p = count / of;
  const scale = 1 + z ** 2 / of;
  const middle = (p + z ** 2 / (2 * of)) / scale;
  const half = (z / scale) * Math.sqrt((p * (1 - p)) / of + z ** 2 / (4 * of ** 2));
  return { count, of, share: p, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

export interface Summary {
  questions: number;
  /** Of the answerable questions that could be judged. */
  right: Share;
  exact: Share;
  wrong: Share;
  refused: Share;
  invalid: Share;
  unjudged: number;
  /** Of the questions that the schema cannot answer. */
  refusedRightly: Share;
  /** Of the statements given, those that are right. */
  rightOfGiven: Share;
  /** What wrong statements get wrong first, and why others were refused; most frequent first. */
  reasons: { outcome: string; reason: string; count: number }[];
  /** Right answers by construct, joins, schema and source. */
  groups: Record<string, Record<string, Share>>;
  /** Milliseconds from question to statement; of questions that were asked at the same time, these include waiting. */
  latency: { p50: number; p95: number };
}

export function summariseSet(results: readonly Evaluated[]): Summary {
  const answerable = results.filter((one) => one.isAnswerable && one.outcome !== 'unjudged');
  const others = results.filter((one) => !one.isAnswerable);
  const of = (outcome: string): Share =>
    shareWithInterval(answerable.filter((one) => one.outcome === outcome).length, answerable.length);
  const given = answerable.filter(({ found }) => found !== undefined);
  return {
    questions: results.length,
    right: of('right'),
    exact: shareWithInterval(answerable.filter(({ exact }) => exact).length, answerable.length),
    wrong: of('wrong'),
    refused: of('refused'),
    invalid: of('invalid'),
    unjudged: results.filter(({ outcome }) => outcome === 'unjudged').length,
    refusedRightly: shareWithInterval(
      others.filter(({ outcome }) => outcome === 'right').length,
      others.length,
    ),
    rightOfGiven: shareWithInterval(given.filter(({ outcome }) => outcome === 'right').length, given.length),
    reasons: reasonsOf(results),
    groups: groupsOf(answerable),
    latency: { p50: quantile(results, 0.5), p95: quantile(results, 0.95) },
  };
}

function reasonsOf(results: readonly Evaluated[]): Summary['reasons'] {
  const counts = new Map<string, Summary['reasons'][number]>();
  for (const { outcome, reason, isAnswerable } of results) {
    if (reason === undefined || (outcome === 'right' && isAnswerable)) continue;
    const key = `${outcome} ${reason}`;
    const known = counts.get(key);
    if (known) known.count++;
    else counts.set(key, { outcome, reason, count: 1 });
  }
  return [...counts.values()].sort((a, b) => b.count - a.count);
}

function groupsOf(results: readonly Evaluated[]): Summary['groups'] {
  const lists = new Map<string, Map<string, Evaluated[]>>();
  for (const one of results) {
    for (const [by, value] of Object.entries(one.groups)) {
      const list = lists.get(by) ?? lists.set(by, new Map()).get(by)!;
      (list.get(value) ?? list.set(value, []).get(value)!).push(one);
    }
  }
  const shares = (list: Map<string, Evaluated[]>): Record<string, Share> =>
    Object.fromEntries(
      [...list]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([value, members]) => {
          const right = members.filter(({ outcome }) => outcome === 'right').length;
          return [value, shareWithInterval(right, members.length)];
        }),
    );
  return Object.fromEntries([...lists].map(([by, list]) => [by, shares(list)]));
}

function quantile(results: readonly Evaluated[], q: number): number {
  const times = results.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  return times[Math.min(times.length - 1, Math.floor(q * times.length))] ?? 0;
}
