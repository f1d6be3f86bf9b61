import type { Attribute, Child, Entity } from './topics/entities.js';
import type { CorpusKnobs } from './knobs.js';
import { tablePhrase, type Phrase } from './question/phrase.js';
import type { QueryValue } from './statement/program.js';
import type { Random } from '../../base/random.js';
import type { Topic, Topics } from './topics/topics.js';
import { countValue, type Period } from './question/values.js';

export type Style = 'imperative' | 'question' | 'telegraphic';
export const STYLES: Style[] = ['imperative', 'question', 'telegraphic'];

const PERIODS: Period[] = ['month', 'quarter', 'year'];
const TOP_COUNTS = [5, 10, 10, 25, 50, 100];

const NOW_SHARE = 0.75;

/**
 * The random choices of one sample. It remembers what it has used: a question never mentions an attribute twice, and
 * all its values differ.
 */
export class SampleDraw {
  // Each holds a handful of items: searching a list is faster than building a set.
  private readonly texts: string[] = [];
  private readonly used: Attribute[] = [];
  #era: 'now' | 'shifted' | undefined;

  constructor(
    readonly random: Random,
    readonly knobs: CorpusKnobs,
    readonly topics: Topics,
  ) {}

  /**
   * The time of which the question speaks. Databases shift dates by a century to hide them; such a question neither
   * speaks of today, nor of an age, for nothing of it has happened yet.
   */
  get era(): 'now' | 'shifted' {
    return (this.#era ??= this.random.chance(NOW_SHARE) ? 'now' : 'shifted');
  }

  /** Whether the question may speak of today: `last year`, `older than 60`. Then its dates are those of our time. */
  mayMeanNow(): boolean {
    this.#era ??= 'now';
    return this.#era === 'now';
  }

  /** A value that the question does not contain yet in any spelling; any value if there seems to be no other. */
  fresh(make: () => QueryValue): QueryValue {
    for (let tries = 100; ; tries--) {
      const value = make();
      const meaning = value.value ?? value.text;
      if (this.texts.includes(meaning) && tries > 0) continue;
      this.texts.push(meaning);
      return value;
    }
  }

  /**
   * An attribute for the use that the question does not mention yet; undefined if there is none. `knobs.joinShare` is
   * the probability of taking it from another table.
   */
  attribute(topic: Topic, use: string, fits: (attribute: Attribute) => boolean): Attribute | undefined {
    const pool = topic.pool(use, fits);
    const across =
      pool.joined.length > 0 && (pool.own.length === 0 || this.random.chance(this.knobs.joinShare));
    const candidates = across ? pool.joined : pool.own;
    for (let attempt = 0; attempt < 4 && candidates.length > 0; attempt++) {
      const attribute = this.random.pick(candidates);
      if (this.used.includes(attribute)) continue;
      this.used.push(attribute);
      return attribute;
    }
    return undefined;
  }

  /** The same, among the entity's own columns. */
  ownAttribute(topic: Topic, use: string, fits: (attribute: Attribute) => boolean): Attribute | undefined {
    const candidates = topic.pool(use, fits).own.filter((attribute) => !this.used.includes(attribute));
    if (candidates.length === 0) return undefined;
    const attribute = this.random.pick(candidates);
    this.used.push(attribute);
    return attribute;
  }

  /** An attribute one foreign key away. */
  joinedAttribute(topic: Topic): Attribute | undefined {
    const candidates = topic.pool('oneKeyAway', (attribute) => attribute.path.length === 1).joined;
    if (candidates.length === 0) return undefined;
    const attribute = this.random.pick(candidates);
    if (this.used.includes(attribute)) return undefined;
    this.used.push(attribute);
    return attribute;
  }

  /** A table with a foreign key to the topic's table; undefined if there is none. */
  child(topic: Topic): Child | undefined {
    const { children } = topic.entity;
    return children.length === 0 ? undefined : this.random.pick(children);
  }

  phraseOf(attribute: Attribute): string {
    return this.plainFirst(attribute.phrases, this.knobs.maxPhrases);
  }

  /** One of the entity's nouns, singular and plural. */
  nouns(entity: Entity): { one: Phrase; many: Phrase } {
    const noun = this.plainFirst(entity.nouns, this.knobs.maxNouns);
    return { one: tablePhrase(noun.one), many: tablePhrase(noun.many) };
  }

  referenceNoun(attribute: Attribute): string | undefined {
    if (attribute.referenceNouns.length === 0) return undefined;
    return this.plainFirst(attribute.referenceNouns, this.knobs.maxNouns);
  }

  wording<T>(wordings: readonly T[]): T {
    return this.plainFirst(wordings, this.knobs.maxWordings);
  }

  style(): Style {
    const { imperative, question, telegraphic } = this.knobs.styles;
    const cumulative = [imperative, imperative + question, imperative + question + telegraphic];
    return STYLES[this.random.weighted(cumulative)]!;
  }

  period(): Period {
    return this.random.pick(PERIODS);
  }

  /** How many rows TOP keeps: a number of structure. */
  topCount(): QueryValue {
    return this.fresh(() => countValue(this.random, 2, this.random.pick(TOP_COUNTS)));
  }

  /** Lists go from plain to rare; a small limit keeps to the plain end. */
  private plainFirst<T>(items: readonly T[], limit: number): T {
    return items[this.random.int(Math.min(items.length, limit))]!;
  }
}
