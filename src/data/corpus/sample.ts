import type { TrainingRecord } from '../record.js';
import { DataError } from '../errors.js';
import { sayConditions } from './conditions/clauses.js';
import { drawCondition, furtherCondition, type SpokenCondition } from './conditions/conditions.js';
import { Draft } from './statement/draft.js';
import { SampleDraw, styleOf } from './draw.js';
import type { EventAsk } from './events/ask.js';
import { ASKS } from './events/asks.js';
import { composeEvent } from './events/compose.js';
import { FAMILIES, type Family } from './families.js';
import type { CorpusKnobs } from './knobs.js';
import { withTypo, writeQuestion, type Phrase, type WrittenQuestion } from './question/phrase.js';
import type { QueryPredicate, QueryProgram, QueryValue } from './statement/program.js';
import { Random } from '../../base/random.js';
import { sampleOf } from './sample-of.js';
import { Topics, type Topic } from './topics/topics.js';
import { inventedByName, inventedSchema } from '../synthetic/schema.js';
import { SchemaIndex } from '../schema/schema-index.js';

export interface Sample {
  record: TrainingRecord;
  /** A name in `FAMILIES`, or `event.` and a name in `ASKS`. */
  family: string;
  /** The frame of the question: `count/question/2`. */
  phrasing: string;
  schemaName: string;
  program: QueryProgram;
  /** The question as a person types it, values in place. */
  rawQuestion: string;
  /** In the order of the question; their names are the placeholders in `record`. */
  values: QueryValue[];
  /** Question and statement without the names of tables and columns. */
  questionSkeleton: string;
  sqlSkeleton: string;
  /** Whether the prompt shows what the statement needs although the linker had not chosen it. */
  isMended: boolean;
}

/** Samples that share invented schemas, a divisor of what a build gives one worker; and how many schemas that are. */
const BLOCK = 512;
const SCHEMAS_OF_BLOCK = 6;
/** Invented schemas that stay in memory. */
const MOST_KEPT = 64;

/** Schemas and knobs, prepared for drawing samples. */
export class SampleSource {
  private readonly families: Family[];
  private readonly cumulative: number[];
  private readonly asks: EventAsk[];
  private readonly askWeights: number[];
  private readonly topics: Topics[];
  /** Topics of invented schemas, by number, the one used last at the end. */
  private readonly synthetic = new Map<number, Topics>();
  /** The invented schemas of the block of samples drawn from last. */
  private block: { key: string; schemas: number[] } = { key: '', schemas: [] };

  /** @throws DataError if a family is unknown, or a schema has no table that the knobs allow */
  constructor(
    readonly schemas: readonly SchemaIndex[],
    readonly knobs: CorpusKnobs,
  ) {
    const named = Object.entries(knobs.families).filter(([, weight]) => weight > 0);
    this.families = named.map(([name]) => {
      const family = FAMILIES.get(name);
      if (family !== undefined) return family;
      const hint = `known families: ${[...FAMILIES.keys()].slice(0, 8).join(', ')}, …`;
      throw new DataError({
        code: 'unknown-family',
        message: `no family '${name}'`,
        field: 'families',
        hint,
      });
    });
    let sum = 0;
    this.cumulative = named.map(([, weight]) => (sum += weight));
    const { eventAsks = {} } = knobs;
    const unknown = Object.keys(eventAsks).find((name) => !ASKS.has(name));
    if (unknown !== undefined) {
      throw new DataError({
        code: 'unknown-family',
        message: `no question about events is called '${unknown}'`,
        field: `eventAsks.${unknown}`,
        hint: `known: ${[...ASKS.keys()].slice(0, 8).join(', ')}, …`,
      });
    }
    this.asks = [...ASKS.values()].filter(({ name }) => eventAsks[name] !== 0);
    let asked = 0;
    this.askWeights = this.asks.map(({ name, weight }) => (asked += eventAsks[name] ?? weight));
    this.topics = schemas.map(
      (schema) => new Topics(schema, knobs, inventedByName(schema.bundle.name)?.speech),
    );
    const empty = this.topics.findIndex((topics) => topics.all.length === 0);
    if (this.families.length === 0 || this.topics.length === 0 || empty >= 0) {
      const what =
        empty >= 0
          ? `schema ${schemas[empty]!.bundle.name} has no allowed table`
          : 'there is nothing to draw from';
      throw new DataError({
        code: 'empty-corpus',
        message: what,
        hint: 'check `families`, `tables` and the schemas',
      });
    }
  }

  /** The schemas without the tables and columns that the knobs exclude. */
  get restrictedSchemas(): SchemaIndex[] {
    return this.topics.map((topics) => topics.index);
  }

  /** The schema with that `schemaName`; undefined if no sample has this name. */
  schemaNamed(name: string): SchemaIndex | undefined {
    const number = /^synthetic_(\d+)$/.exec(name)?.[1];
    if (number !== undefined) return this.syntheticTopics(Number(number)).index;
    return this.topics.find(({ index }) => index.bundle.name === name)?.index;
  }

  private drawTopics(random: Random, seed: number, index: number): Topics {
    const { syntheticShare = 0 } = this.knobs;
    if (syntheticShare > 0 && random.chance(syntheticShare)) {
      return this.syntheticTopics(random.pick(this.schemasOfBlock(seed, Math.floor(index / BLOCK))));
    }
    return this.topics[random.int(this.topics.length)]!;
  }

  /**
   * The invented schemas of a block of samples. Inventing one takes as long as drawing a hundred samples, and thousands
   * fill the memory, so neighbouring samples share a few. Training mixes all records anyway.
   */
  private schemasOfBlock(seed: number, block: number): number[] {
    const key = `${seed} ${block}`;
    if (this.block.key !== key) {
      const { syntheticSchemas = 300 } = this.knobs;
      const random = new Random(seed ^ 0x5c4e3a, block);
      const schemas = Array.from({ length: SCHEMAS_OF_BLOCK }, () => random.int(syntheticSchemas));
      this.block = { key, schemas };
    }
    return this.block.schemas;
  }

  private syntheticTopics(number: number): Topics {
    let topics = this.synthetic.get(number);
    if (topics !== undefined) {
      this.synthetic.delete(number);
      this.synthetic.set(number, topics);
    } else {
      // The restriction to certain tables applies to the real schemas only.
      const { joinDepth } = this.knobs;
      const { bundle, speech } = inventedSchema(number);
      topics = new Topics(new SchemaIndex(bundle), { joinDepth }, speech);
      this.synthetic.set(number, topics);
      if (this.synthetic.size > MOST_KEPT) this.synthetic.delete(this.synthetic.keys().next().value!);
    }
    return topics;
  }

  /** Sample number `index` of the seed. It depends on nothing else, so samples may be drawn in any order. */
  sample(seed: number, index: number): Sample {
    const random = new Random(seed, index);
    const { eventShare = 0 } = this.knobs;
    const isAboutEvents = eventShare > 0 && random.chance(eventShare);
    // Drawn once: what is drawn again for its words must not change how often a style is used.
    const style = styleOf(random, this.knobs);
    // A family may not fit the drawn table (it may have no date to filter on); then both are drawn again.
    for (let attempt = 0; attempt < 1000; attempt++) {
      const topics = this.drawTopics(random, seed, index);
      if (isAboutEvents) {
        const ask = this.asks[random.weighted(this.askWeights)]!;
        const sample = composeEvent(new SampleDraw(random, this.knobs, topics, style), topics.events, ask);
        if (sample !== undefined) return sample;
        continue;
      }
      const family = this.families[random.weighted(this.cumulative)]!;
      const draw = new SampleDraw(random, this.knobs, topics, style);
      const sample = compose(draw, family, random.pick(topics.all));
      if (sample !== undefined) return sample;
    }
    throw new DataError({
      code: 'no-sample',
      message: 'none of the families fits any of the tables',
      hint: 'allow more families, tables or columns',
    });
  }
}

function compose(draw: SampleDraw, family: Family, topic: Topic): Sample | undefined {
  const draft = new Draft(topic.entity);
  const parts = family.intent.compose(draw, topic, draft);
  if (parts === undefined) return undefined;
  const conditions = drawConditions(draw, family, topic, draft);
  if (conditions === undefined) return undefined;
  // `Visits for patients born in 1970 per patient city` speaks of the patients twice.
  const isOwn = draw.isKeyedAfar || family.intent.isOfRows === true;
  if (isOwn && conditions.some(({ other }) => other !== undefined)) return undefined;
  const filter = filterOf(family, conditions);
  if (filter === undefined) return undefined;
  draft.program.where.push(...filter);
  draft.finish(draw.topics.index);

  const style = draw.style();
  const frames = family.intent.frames[style];
  const nouns = draw.nouns(topic.entity);
  const probed = (frame: number): Phrase => frames[frame]!(Object.assign(parts, nouns, { when: PROBE }));
  const all = Array.from({ length: Math.min(frames.length, draw.knobs.maxFrames) }, (_, i) => i);
  // `Visits whose start date is in 2010 by type`: after a clause the group would belong to it.
  const isGrouped = draft.program.groupBy.length > 0 && conditions.some(({ own }) => own === undefined);
  const fitting = isGrouped ? all.filter((frame) => !namesAfterConditions(probed(frame))) : all;
  if (fitting.length === 0) return undefined;
  const frame = draw.random.pick(fitting);
  const when = sayConditions(draw, conditions, family.junction, endsWithConditions(probed(frame)));
  const said = frames[frame]!(Object.assign(parts, nouns, { when }));
  const question = typeQuestion(draw, said, draft.program.top !== undefined);
  if (draw.isAtOdds || repeatsWord(question.raw)) return undefined;
  return sampleOf(draw, {
    program: draft.program,
    question,
    family: family.name,
    phrasing: `${family.intent.name}/${style}/${frame}`,
  });
}

/** Stands for the conditions, to see where a frame has them. */
const PROBE: Phrase = ['\0'];

function endsWithConditions(said: Phrase): boolean {
  const at = said.lastIndexOf('\0');
  return said.slice(at + 1).every((piece) => typeof piece === 'string' && /^\W*$/.test(piece));
}

/** Whether the question names a column or a table after its conditions. */
function namesAfterConditions(said: Phrase): boolean {
  return said
    .slice(said.lastIndexOf('\0') + 1)
    .some((piece) => typeof piece === 'object' && piece.kind === 'name');
}

/** `average average cost`, `visit visits`, `length of stay of stays`, `patients for patients`: the words of a frame and those of a column may meet. */
function repeatsWord(text: string): boolean {
  const words = text.toLowerCase().split(' ');
  const isSame = (a: string | undefined, b: string): boolean =>
    a !== undefined && LETTERS.test(a) && stem(a) === stem(b);
  const content = words.map(stem).filter((word) => word.length > 3 && LETTERS.test(word));
  const isStacked = content.some(
    (word) => !OFTEN.test(word) && content.filter((other) => other === word).length > 2,
  );
  // `Charge amount of charges`, `pregnancy outcome of pregnancies`.
  const isOfItself = words.some(
    (word, i) =>
      (word === 'of' || word === 'for') &&
      [words[i - 2], words[i - 3]].some((before) => isSame(before, words[i + 1] ?? '')),
  );
  if (isStacked || isOfItself) return true;
  return words.some(
    (word, i) =>
      isSame(words[i - 1], word) || (/^(of|for)$/.test(words[i - 1] ?? '') && isSame(words[i - 2], word)),
  );
}

const LETTERS = /^[a-z]{3,}$/;
/** Words that a sentence may need three times. */
const OFTEN =
  /^(date|time|whose|than|that|with|have|from|there|many|each|between|before|after|patient|number)$/;

function stem(word: string): string {
  return word
    .replace(/[,.;:?]$/, '')
    .replace(/ies$/, 'y')
    .replace(/s$/, '');
}

/** Rankings never have typos: with `earliest` misspelled, the number before it need not be a row count. */
function typeQuestion({ random, knobs }: SampleDraw, said: Phrase, isRanking: boolean): WrittenQuestion {
  const typing = {
    isLowerCase: random.chance(knobs.lowerCaseShare),
    hasEndMark: !random.chance(knobs.noEndMarkShare),
  };
  const hasTypo = !isRanking && random.chance(knobs.typoShare);
  return writeQuestion(hasTypo ? withTypo(said, random) : said, typing);
}

/** Columns that a question may name before it takes one more condition. */
const MOST_MENTIONED = 2;

function drawConditions(
  draw: SampleDraw,
  family: Family,
  topic: Topic,
  draft: Draft,
): SpokenCondition[] | undefined {
  const conditions: SpokenCondition[] = [];
  for (const name of family.conditions) {
    const condition = drawCondition(draw, topic, draft, name, family.junction === 'OR');
    if (condition === undefined) return undefined;
    conditions.push(condition);
  }
  if (family.junction === 'OR') return conditions;
  // Nobody stacks conditions on a question that names several columns already.
  const isOpen =
    family.intent.isWhole !== true &&
    draw.mentioned <= MOST_MENTIONED &&
    !family.conditions.some((name) => /Not(In)?$|Null$/.test(name));
  if (isOpen && draw.random.chance(draw.knobs.extraConditionShare)) {
    const extra = drawCondition(draw, topic, draft, furtherCondition(draw.random, family.conditions));
    if (extra !== undefined) conditions.push(extra);
  }
  return orderConditions(conditions);
}

/** Undefined for an interval under OR: its two predicates would need brackets of their own. */
function filterOf(family: Family, conditions: readonly SpokenCondition[]): QueryPredicate[] | undefined {
  const predicates = conditions.flatMap((condition) => condition.predicates);
  if (family.junction === 'AND') return predicates;
  return predicates.length === conditions.length ? [{ kind: 'any', of: predicates }] : undefined;
}

/** `for patient 12` goes next to the noun, before the conditions that name a column; those of another row come last. */
function orderConditions(conditions: SpokenCondition[]): SpokenCondition[] {
  const place = ({ own, other }: SpokenCondition): number =>
    other !== undefined ? 2 : own !== undefined ? 0 : 1;
  return conditions.sort((a, b) => place(a) - place(b));
}

export interface GenerateSamplesOptions {
  schemas: readonly SchemaIndex[];
  knobs: CorpusKnobs;
  seed: number;
  count: number;
  /** Number of the first sample (default 0). */
  start?: number | undefined;
}

/** Samples `start` to `start + count - 1`. Sample i depends only on (seed, i, schemas, knobs). */
export function* generateSamples({
  schemas,
  knobs,
  seed,
  count,
  start = 0,
}: GenerateSamplesOptions): Generator<Sample> {
  const source = new SampleSource(schemas, knobs);
  for (let i = start; i < start + count; i++) yield source.sample(seed, i);
}
