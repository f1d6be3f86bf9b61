import { formatRecord, type PartOrder } from '../../record.js';
import { asCandidate, TrainingGate, type HeldOutCandidate } from '../split/held-out.js';
import { SampleSource, type Sample } from '../sample.js';
import { SchemaIndex } from '../../schema/schema-index.js';
import { hash48 } from '../../../base/hash.js';
import { encodeRecordInto } from '../../shards/record-tokens.js';
import { IdBuffer } from '../../tokenizer/id-buffer.js';
import { Tokenizer } from '../../tokenizer/tokenizer.js';
import { PieceCounter } from '../../tokenizer/train.js';
import type { BuildPlan, EncodedBlock, Job, Pieces, Range, Results, Runner } from './messages.js';

/** Runs the jobs of a build one at a time. Each result depends only on plan and job. */
export class BlockMaker implements Runner {
  readonly ahead = 1;
  /** Sources over the schemas that may be trained on, and over the held-out ones, if any. */
  private readonly known: SampleSource;
  private readonly unknown: SampleSource | undefined;
  private gate: TrainingGate;
  private tokenizer: Tokenizer | undefined;
  /** Reused from block to block. */
  private readonly tokens = new IdBuffer();

  /** @throws DataError as `SampleSource` does, and if every schema is held out */
  constructor(private readonly plan: BuildPlan) {
    const { bundles, knobs, split } = plan;
    const isHeldOut = (name: string): boolean => split.heldOutSchemas.includes(name);
    const source = (wanted: boolean): SampleSource =>
      new SampleSource(
        bundles.filter(({ name }) => isHeldOut(name) === wanted).map((bundle) => new SchemaIndex(bundle)),
        knobs,
      );
    this.known = source(false);
    this.unknown = bundles.some(({ name }) => isHeldOut(name)) ? source(true) : undefined;
    this.gate = new TrainingGate({ questions: [], units: [] }, split);
  }

  private get order(): PartOrder | undefined {
    return this.plan.knobs.format?.order;
  }

  run<K extends Job['kind']>(job: Extract<Job, { kind: K }>): Promise<Results[K]> {
    return Promise.resolve(this.do(job) as Results[K]);
  }

  async tell(job: Extract<Job, { kind: 'keepOut' | 'useTokenizer' }>): Promise<void> {
    await this.run(job);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private do(job: Job): Results[Job['kind']] {
    switch (job.kind) {
      case 'heldOut':
        return this.heldOut(job.from === 'known' ? this.known : this.unknown, job);
      case 'keepOut':
        this.gate = new TrainingGate(job.keys, this.plan.split);
        return undefined;
      case 'pieces':
        return this.countPieces(job, job.most);
      case 'useTokenizer':
        this.tokenizer = Tokenizer.fromJson(job.json);
        return undefined;
      case 'encode':
        return this.encode(job);
    }
  }

  private heldOut(source: SampleSource | undefined, { start, count }: Range): HeldOutCandidate[] {
    const candidates: HeldOutCandidate[] = [];
    for (let i = start; source !== undefined && i < start + count; i++) {
      const candidate = asCandidate(source.sample(this.plan.seed, i), this.plan.split);
      if (candidate !== undefined) candidates.push(candidate);
    }
    return candidates;
  }

  private *training({ start, count }: Range): Generator<Sample> {
    for (let i = start; i < start + count; i++) {
      const sample = this.known.sample(this.plan.seed, i);
      if (this.gate.admits(sample)) yield sample;
    }
  }

  private countPieces(range: Range, most: number): Pieces {
    const counter = new PieceCounter();
    let records = 0;
    for (const { record } of this.training(range)) {
      if (records === most) break;
      records++;
      counter.add(formatRecord(record, this.order));
    }
    return { records, counts: counter.counts };
  }

  private encode(range: Range): EncodedBlock {
    const { tokenizer } = this;
    if (tokenizer === undefined) throw new Error('BlockMaker: encode before useTokenizer');
    const { tokens } = this;
    tokens.length = 0;
    const lengths: number[] = [];
    const lossStarts: number[] = [];
    const mended: number[] = [];
    const origins: EncodedBlock['origins'] = [];
    for (const sample of this.training(range)) {
      const start = tokens.length;
      lossStarts.push(encodeRecordInto(tokens, tokenizer, sample.record, this.order));
      lengths.push(tokens.length - start);
      mended.push(Number(sample.isMended));
      origins.push({
        family: sample.family,
        phrasing: sample.phrasing,
        schema: sample.schemaName,
        joins: sample.program.from.length - 1,
        questionSkeleton: hash48(sample.questionSkeleton),
        sqlSkeleton: hash48(sample.sqlSkeleton),
      });
    }
    return {
      tokens: tokens.toArray(),
      lengths: Uint32Array.from(lengths),
      lossStarts: Uint32Array.from(lossStarts),
      mended: Uint32Array.from(mended),
      origins,
    };
  }
}
