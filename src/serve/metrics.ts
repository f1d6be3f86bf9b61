import type { AnswerBody } from './contract.js';
import type { DecodeQueue } from './queue.js';

/** Upper ends of the buckets of times, in seconds. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

interface Histogram {
  buckets: number[];
  sum: number;
  count: number;
}

const newHistogram = (): Histogram => ({ buckets: BUCKETS.map(() => 0), sum: 0, count: 0 });

function observe(histogram: Histogram, seconds: number): void {
  histogram.sum += seconds;
  histogram.count++;
  BUCKETS.forEach((end, i) => {
    if (seconds <= end) histogram.buckets[i]!++;
  });
}

/** Counts what the server does, in the text format of Prometheus (version 0.0.4). No label holds text of a request. */
export class Metrics {
  readonly #started = performance.now();
  /** By route, method and status. */
  readonly #requests = new Map<string, number>();
  /** By route. */
  readonly #seconds = new Map<string, Histogram>();
  /** By outcome: `statement`, or the code of the refusal or error. */
  readonly #questions = new Map<string, number>();
  /** By stage. */
  readonly #stages = new Map<string, Histogram>();

  constructor(
    private readonly queue: Pick<DecodeQueue, 'waiting' | 'running' | 'capacity'>,
    private readonly info: { version: string; model: string },
  ) {}

  request(route: string, method: string, status: number, ms: number): void {
    add(this.#requests, labels({ route, method, status: String(status) }));
    const key = labels({ route });
    const histogram = this.#seconds.get(key) ?? newHistogram();
    this.#seconds.set(key, histogram);
    observe(histogram, ms / 1000);
  }

  answer({ statement, refusal, timings }: Pick<AnswerBody, 'statement' | 'refusal' | 'timings'>): void {
    this.failure(statement === null ? (refusal?.code ?? 'none') : 'statement');
    for (const [stage, ms] of Object.entries(timings)) {
      const key = labels({ stage });
      const histogram = this.#stages.get(key) ?? newHistogram();
      this.#stages.set(key, histogram);
      observe(histogram, ms / 1000);
    }
  }

  failure(outcome: string): void {
    add(this.#questions, labels({ outcome }));
  }

  text(): string {
    const { waiting, running, capacity } = this.queue;
    const { rss } = process.memoryUsage();
    const seconds = (performance.now() - this.#started) / 1000;
    const one = (value: number): [string, number][] => [['', value]];
    return [
      family('openward_info', 'gauge', 'The program and its model.', [[labels(this.info), 1]]),
      family('openward_requests_total', 'counter', 'Requests.', this.#requests),
      histograms('openward_request_seconds', 'Time until an answer began.', this.#seconds),
      family('openward_questions_total', 'counter', 'Questions by outcome.', this.#questions),
      histograms('openward_question_stage_seconds', 'Time of each stage of a question.', this.#stages),
      family('openward_queue_waiting', 'gauge', 'Questions that wait.', one(waiting)),
      family('openward_queue_running', 'gauge', 'Questions that are being answered.', one(running)),
      family('openward_queue_capacity', 'gauge', 'The most questions that wait or run.', one(capacity)),
      family('process_resident_memory_bytes', 'gauge', 'Resident memory.', one(rss)),
      family('openward_uptime_seconds', 'gauge', 'Time since the start.', one(seconds)),
    ].join('');
  }
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function labels(values: Readonly<Record<string, string>>): string {
  const escaped = (text: string): string => text.replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`));
  const pairs = Object.entries(values).map(([name, value]) => `${name}="${escaped(value)}"`);
  return `{${pairs.join(',')}}`;
}

function family(name: string, type: string, help: string, values: Iterable<[string, number]>): string {
  const lines = [...values].map(([key, value]) => `${name}${key} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function histograms(name: string, help: string, all: ReadonlyMap<string, Histogram>): string {
  const lines = [...all].flatMap(([key, { buckets, sum, count }]) => {
    const bucket = (end: string, value: number): string =>
      `${name}_bucket${key.slice(0, -1)},le="${end}"} ${value}\n`;
    return [
      ...buckets.map((value, i) => bucket(String(BUCKETS[i]), value)),
      bucket('+Inf', count),
      `${name}_sum${key} ${sum}\n`,
      `${name}_count${key} ${count}\n`,
    ];
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} histogram\n${lines.join('')}`;
}
