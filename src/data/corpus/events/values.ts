import type { CodedValue, Column, SchemaBundle, Table } from '../../schema/bundle.js';
import { splitWords } from '../../schema/words.js';
import type { SampleDraw } from '../draw.js';
import { codeValue, idValue, nameValue } from '../question/values.js';
import type { QueryValue } from '../statement/program.js';
import { typed } from './names.js';
import { isText, roomIn, type ColumnWay, type Trait } from './columns.js';
import type { EventModel } from './model.js';
import type { TraitName } from './traits.js';

/** The most columns that an entry of the ID map names. */
const MAX_COLUMNS = 3;
/** How often the vault is taken to know a name: a value index may be there, or not. */
const KNOWN_SHARE = 0.45;

/**
 * A name that no quotes mark. Half of them are known to be in certain columns; then a column of another table may hold
 * the same name.
 */
export function drawName(
  draw: SampleDraw,
  model: EventModel,
  way: ColumnWay,
  make: (random: SampleDraw['random'], isKnown: boolean) => string,
  isKnown = draw.random.chance(KNOWN_SHARE),
): QueryValue {
  const { random } = draw;
  const path = columnPath(way.table, way.column);
  let columns: string[] | undefined;
  if (isKnown) {
    const others = labelPaths(model).filter((other) => other !== path);
    const extra = random.chance(0.4) ? random.sample(others, random.between(1, MAX_COLUMNS - 1)) : [];
    columns = random.chance(0.7) ? [path, ...extra] : random.sample([path, ...extra], MAX_COLUMNS);
  }
  const room = roomIn(way.column);
  const fitting = (): string => {
    let name = make(random, columns !== undefined);
    for (let tries = 20; name.length > room && tries > 0; tries--) name = make(random, columns !== undefined);
    return name;
  };
  return draw.fresh(() => nameValue(typed(random, fitting()), columns));
}

/** The name of something that a noun follows: `procedures` after `insertion of 3 stents` reads wrongly. */
export function beforeNoun(
  make: (random: SampleDraw['random'], isKnown: boolean) => string,
): (random: SampleDraw['random'], isKnown: boolean) => string {
  return (random, isKnown) => {
    let name = make(random, isKnown);
    for (let tries = 10; tries > 0 && /[,(]| of | to |\d (mg|mcg|ml|g|units)\b/.test(name); tries--)
      name = make(random, isKnown);
    return name;
  };
}

/** What columns without codes usually mean, by trait: the words and a usual spelling. */
const USUAL: Partial<Record<TraitName, readonly CodedValue[]>> = {
  gender: [
    { value: 'M', words: ['male', 'man', 'boy'] },
    { value: 'F', words: ['female', 'woman', 'girl'] },
  ],
  marital: [
    { value: 'MARRIED', words: ['married'] },
    { value: 'SINGLE', words: ['single', 'unmarried'] },
    { value: 'DIVORCED', words: ['divorced'] },
    { value: 'WIDOWED', words: ['widowed'] },
    { value: 'SEPARATED', words: ['separated'] },
  ],
};
/** Words that say of a patient what a date of death says. */
const DEATH = /^(dead|died|deceased|expired|alive|living)$/;

/** The meanings of a trait's column that people ask for: those of its codes, or the usual ones of such a column. */
export function meaningsOf(model: EventModel, { column }: Trait): readonly CodedValue[] {
  if (column.codes === undefined) return meaningsOfAny(column);
  const isDated = model.patient?.death !== undefined || model.deaths !== undefined;
  return traitCodes(column).filter(({ words }) => !(isDated && DEATH.test(words[0]!)));
}

const NO_MEANING = /^(no|unknown|other|refuse|not |@|ambiguous|multiple)/;

/** The codes of a column that people ask for. */
function traitCodes(column: Column): CodedValue[] {
  return (column.codes ?? []).filter(({ words }) => words.length > 0 && !NO_MEANING.test(words[0]!));
}

/** A coded value, in one of its words. */
export function drawCode(
  draw: SampleDraw,
  model: EventModel,
  way: ColumnWay,
  code: CodedValue,
  text: string,
): QueryValue {
  const path = columnPath(way.table, way.column);
  const all = codedPaths(model.index.bundle, text);
  // In the schema's order, as the vault names them; the question's own column is always among them.
  const first = all.slice(0, MAX_COLUMNS);
  const columns = first.includes(path) ? first : [path, ...first.slice(0, MAX_COLUMNS - 1)];
  return draw.fresh(() => codeValue(text, code.value, 'varchar', columns));
}

/** The key of a patient, a stay or another row, which the question calls `noun`. */
export function drawKey(draw: SampleDraw, column: Column, noun: string): QueryValue {
  return draw.fresh(() => idValue(draw.random, { column }, noun));
}

export function columnPath(table: Table, column: Column): string {
  return `${table.name}.${column.name}`;
}

const labels = new WeakMap<EventModel, string[]>();

/** Every column that names what some event is of. */
function labelPaths(model: EventModel): string[] {
  let paths = labels.get(model);
  if (paths === undefined) {
    const all = model.events.flatMap(({ label }) =>
      label === undefined ? [] : [columnPath(label.table, label.column)],
    );
    labels.set(model, (paths = [...new Set(all)]));
  }
  return paths;
}

/** The codes of a column, or what columns of its name usually mean. */
function meaningsOfAny(column: Column): readonly CodedValue[] {
  if (column.codes !== undefined) return column.codes;
  if (!isText(column)) return [];
  const words = splitWords(column.name).join(' ');
  if (/\b(gender|sex|gndr)\b/.test(words)) return USUAL.gender!;
  return /\bmarital\b|(?:marital|civil) ?stat(?:us|e)/.test(words) ? USUAL.marital! : [];
}

const coded = new WeakMap<SchemaBundle, Map<string, string[]>>();

/** Every column with a code for the word. */
function codedPaths(bundle: SchemaBundle, text: string): string[] {
  let byWord = coded.get(bundle);
  if (byWord === undefined) {
    coded.set(bundle, (byWord = new Map()));
    for (const table of bundle.tables) {
      for (const column of table.columns) {
        const words = new Set(meaningsOfAny(column).flatMap((code) => code.words));
        for (const word of words) byWord.set(word, [...(byWord.get(word) ?? []), columnPath(table, column)]);
      }
    }
  }
  return byWord.get(text) ?? [];
}
