import type { Attribute, Child, Entity } from './topics/entities.js';
import type { EntityNoun } from './topics/attributes.js';
import type { CorpusKnobs } from './knobs.js';
import { tablePhrase, type Phrase } from './question/phrase.js';
import type { QueryValue } from './statement/program.js';
import type { Random } from '../../base/random.js';
import type { Topic, Topics } from './topics/topics.js';
import { determines, isListable, isSameThing, leadsTo } from './topics/uses.js';
import { foldTableName } from '../../tsql/identifier.js';
import { dateValue, periodValue, topValue, type DateFormat, type Period } from './question/values.js';

export type Style = 'imperative' | 'question' | 'telegraphic';
export const STYLES: Style[] = ['imperative', 'question', 'telegraphic'];

const PERIODS: Period[] = ['month', 'quarter', 'year'];

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
  #dateFormat: DateFormat | undefined;
  /** What the question calls the rows of a table, by its folded name. */
  private readonly said = new Map<string, string>();
  /** Attributes that conditions hold to one value, and those by which rows are grouped or counted. */
  private readonly fixed: Attribute[] = [];
  private readonly keys: Attribute[] = [];
  private readonly phrases = new Map<Attribute, string>();
  date: Attribute | undefined;
  /** True if the question asks for a time: then it says no other. */
  asksForTime = false;
  private hasTwoWords = false;

  constructor(
    readonly random: Random,
    readonly knobs: CorpusKnobs,
    readonly topics: Topics,
    /** The style of the question; drawn when asked for if it is not given. */
    private readonly given?: Style,
  ) {}

  /**
   * The time of which the question speaks. Some databases shift dates by a century to hide them; such a question
   * neither speaks of today, nor of an age, for nothing of it has happened yet.
   */
  get era(): 'now' | 'shifted' {
    return (this.#era ??= !this.topics.hasShiftedDates || this.random.chance(NOW_SHARE) ? 'now' : 'shifted');
  }

  /** Whether the question may speak of today: `last year`, `older than 60`. Then its dates are those of our time. */
  mayMeanNow(): boolean {
    this.#era ??= 'now';
    return this.#era === 'now';
  }

  /** A day or a period, spelled as the other dates of the question: nobody mixes two formats. */
  datedValue(period: Period | undefined, earliest: number): QueryValue {
    const format = (this.#dateFormat ??= this.random.pick(this.knobs.dateFormats));
    return this.fresh(() =>
      period === undefined
        ? dateValue(this.random, [format], earliest)
        : periodValue(this.random, period, earliest, format),
    );
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
    const joined = this.reachable(pool.joined);
    const across = joined.length > 0 && (pool.own.length === 0 || this.random.chance(this.knobs.joinShare));
    const candidates = across ? joined : pool.own;
    for (let attempt = 0; attempt < 4 && candidates.length > 0; attempt++) {
      const attribute = this.random.pick(candidates);
      if (this.used.some((other) => other === attribute || isSameThing(other, attribute))) continue;
      this.used.push(attribute);
      return attribute;
    }
    return undefined;
  }

  /** How many attributes the question mentions. */
  get mentioned(): number {
    return this.used.length;
  }

  /** The same for an attribute by which rows are grouped or counted. */
  key(topic: Topic, use: string, fits: (attribute: Attribute) => boolean): Attribute | undefined {
    const attribute = this.attribute(topic, use, fits);
    if (attribute !== undefined) this.keys.push(attribute);
    return attribute;
  }

  /** The same, among the entity's own columns. */
  ownKey(topic: Topic, use: string, fits: (attribute: Attribute) => boolean): Attribute | undefined {
    const attribute = this.ownAttribute(topic, use, fits);
    if (attribute !== undefined) this.keys.push(attribute);
    return attribute;
  }

  /** Notes that a condition leaves one value of the attribute. */
  fix(attribute: Attribute): void {
    this.fixed.push(attribute);
  }

  /** True if the question groups by what a condition leaves one value of, or calls a row by two words. */
  get isAtOdds(): boolean {
    const { index } = this.topics;
    return (
      this.hasTwoWords ||
      this.keys.some((key) => this.fixed.some((fixed) => determines(fixed, key, index))) ||
      // Of one patient, or per patient, nobody asks for those who were born in 1970.
      [...this.keys, ...this.fixed].some((key) => this.used.some((other) => leadsTo(key, other)))
    );
  }

  /** True if rows are grouped or counted by what they say of another row. */
  get isKeyedAfar(): boolean {
    return this.keys.some(({ path, isLabel }) => path.length > 0 && !isLabel);
  }

  /** One question speaks of one other row at most. */
  private reachable(joined: readonly Attribute[]): readonly Attribute[] {
    const other = this.used.find(({ path, isLabel }) => path.length > 0 && !isLabel);
    if (other === undefined) return joined;
    const wayOf = ({ path }: Attribute): string => path[0]!.columns.join();
    return joined.filter((attribute) => attribute.isLabel || wayOf(attribute) === wayOf(other));
  }

  /** The date that the question is about: what it says of dates is said of this one. */
  dateOf(topic: Topic, use: string, fits: (attribute: Attribute) => boolean): Attribute | undefined {
    return (this.date = this.ownAttribute(topic, use, fits));
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
    const isNear = (attribute: Attribute): boolean => attribute.path.length === 1 && isListable(attribute);
    const candidates = this.reachable(topic.pool('oneKeyAway', isNear).joined);
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

  /** @param among the phrases that fit the place; by default all of them */
  phraseOf(attribute: Attribute, among: readonly string[] = attribute.phrases): string {
    const known = this.phrases.get(attribute);
    if (known !== undefined) return known;
    const fitting = among.filter((phrase) => this.agrees(attribute, phrase));
    if (fitting.length === 0) this.hasTwoWords = true;
    const phrase = this.plainFirst(fitting.length === 0 ? among : fitting, this.knobs.maxPhrases);
    for (const { table, noun } of rowsIn(attribute, phrase)) this.said.set(table, noun);
    this.phrases.set(attribute, phrase);
    return phrase;
  }

  /** Whether the phrase calls every row by the word that the question uses for it. */
  private agrees(attribute: Attribute, phrase: string): boolean {
    return rowsIn(attribute, phrase).every(({ table, noun }) => (this.said.get(table) ?? noun) === noun);
  }

  /** One of the entity's nouns, singular and plural. */
  nouns(entity: Entity): { one: Phrase; many: Phrase } {
    const { one, many } = this.noun(entity);
    return { one: tablePhrase(one), many: tablePhrase(many) };
  }

  /** The noun that the question calls the entity, from now on. */
  noun(entity: Entity): EntityNoun {
    const table = foldTableName(entity.table.name);
    const said = this.said.get(table);
    const noun =
      entity.nouns.find(({ one }) => one === said) ?? this.plainFirst(entity.nouns, this.knobs.maxNouns);
    this.said.set(table, noun.one);
    return noun;
  }

  referenceNoun(attribute: Attribute): string | undefined {
    if (attribute.referenceNouns.length === 0) return undefined;
    const table = foldTableName(targetOf(attribute)!);
    const said = this.said.get(table);
    const noun = attribute.referenceNouns.includes(said ?? '')
      ? said!
      : this.plainFirst(attribute.referenceNouns, this.knobs.maxNouns);
    this.said.set(table, noun);
    return noun;
  }

  wording<T>(wordings: readonly T[]): T {
    return this.plainFirst(wordings, this.knobs.maxWordings);
  }

  style(): Style {
    return this.given ?? styleOf(this.random, this.knobs);
  }

  period(): Period {
    return this.random.pick(PERIODS);
  }

  /** How many rows TOP keeps: a number of structure. */
  topCount(): QueryValue {
    return this.fresh(() => topValue(this.random));
  }

  /** Lists go from plain to rare; a small limit keeps to the plain end. */
  private plainFirst<T>(items: readonly T[], limit: number): T {
    return items[this.random.int(Math.min(items.length, limit))]!;
  }
}

/** A style of question, by the weights of the knobs. */
export function styleOf(random: Random, { styles }: CorpusKnobs): Style {
  const { imperative, question, telegraphic } = styles;
  const cumulative = [imperative, imperative + question, imperative + question + telegraphic];
  return STYLES[random.weighted(cumulative)]!;
}

/** The rows that the phrase begins with, or that it means as a whole: `patient sex`. */
function rowsIn({ rows }: Attribute, phrase: string): { table: string; noun: string }[] {
  return rows.flatMap(({ table, nouns }) => {
    const fitting = nouns.filter((noun) => phrase === noun || phrase.startsWith(`${noun} `));
    const noun = fitting.sort((a, b) => b.length - a.length)[0];
    return noun === undefined ? [] : [{ table, noun }];
  });
}

/** The table that a key of the entity refers to. */
function targetOf({ table, column }: Attribute): string | undefined {
  return table.foreignKeys.find((key) => key.columns[0] === column.name)?.references.table;
}
