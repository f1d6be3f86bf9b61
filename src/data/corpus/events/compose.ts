import { keepFractions, keepRows, listNamed, rankKnownOnly, rankNamedGroups } from '../statement/finish.js';
import { splitColumnPath } from '../../../tsql/identifier.js';
import type { SampleDraw, Style } from '../draw.js';
import { withTypo, writeQuestion } from '../question/phrase.js';
import {
  valuesOf,
  valuesOfProgram,
  type QueryPredicate,
  type QueryProgram,
  type QueryValue,
} from '../statement/program.js';
import { sampleOf } from '../sample-of.js';
import type { EventAsk, Frames } from './ask.js';
import type { EventModel } from './model.js';
import { fill, type Slots } from './template.js';

/** A sample of one ask about events; undefined if the schema lacks something that the ask needs. */
// The type is that of `sampleOf`.
export function composeEvent(draw: SampleDraw, model: EventModel, ask: EventAsk) {
  const asked = ask.compose({ draw, model });
  if (asked === undefined) return undefined;
  const { program, frames, variant, slots, last = [] } = asked;
  const { random, knobs } = draw;
  const [style, templates] = stylesOf(frames, draw.style());
  const fitting = templates.flatMap((template, i) => (fits(template, slots) ? [i] : []));
  const frame = fitting[random.int(Math.min(fitting.length, knobs.maxFrames))]!;
  const said = fill(templates[frame]!, slots, random);
  const typing = {
    isLowerCase: random.chance(knobs.lowerCaseShare),
    hasEndMark: !random.chance(knobs.noEndMarkShare),
  };
  const hasTypo = program.top === undefined && random.chance(knobs.typoShare);
  const question = writeQuestion(hasTypo ? withTypo(said, random) : said, typing);
  // A slot that the frame leaves out would be a value that the statement compares with and nobody said.
  if (valuesOfProgram(program).some((value) => !question.values.includes(value))) return undefined;
  const meanings = new Set(question.values.map(({ value, text }) => (value ?? text).toLowerCase()));
  if (meanings.size < question.values.length) return undefined;
  orderAsSaid(program, question.values);
  program.where.push(...last);
  rankKnownOnly(program);
  rankNamedGroups(program, draw.topics.index);
  listNamed(program, draw.topics.index);
  keepFractions(program, draw.topics.index);
  keepRows(program, draw.topics.index);
  return sampleOf(draw, {
    program,
    question,
    family: `event.${ask.name}`,
    phrasing: `event.${ask.name}${variant === undefined ? '' : `.${variant}`}/${style}/${frame}`,
    also: columnsOfValues(question.values),
  });
}

/** `Ever` and a time contradict each other, and so do `has died` and a time that is over. */
function fits(template: string, { t = '' }: Slots): boolean {
  return t.length === 0 || !/\bever\b|\b[Hh]as (been |\{)|\{pp\}/.test(template);
}

function stylesOf(frames: Frames, wanted: Style): [Style, readonly string[]] {
  for (const style of [wanted, 'question', 'imperative', 'telegraphic'] as const) {
    const templates = frames[style];
    if (templates !== undefined && templates.length > 0) return [style, templates];
  }
  throw new RangeError('stylesOf: the ask has no frame');
}

/** Predicates keep the order of the question; one without a value stays behind those before it. */
function orderAsSaid(program: QueryProgram, values: readonly QueryValue[]): void {
  const sorted = (predicates: readonly QueryPredicate[]): QueryPredicate[] => {
    let last = -1;
    const placed = predicates.map((predicate) => {
      const places = valuesOf(predicate).map((value) => values.indexOf(value));
      if (places.length === 0) return { predicate, place: last };
      const place = Math.min(...places);
      last = Math.max(last, place);
      return { predicate, place };
    });
    return placed.sort((a, b) => a.place - b.place).map(({ predicate }) => predicate);
  };
  program.where = sorted(program.where);
}

function columnsOfValues(values: readonly QueryValue[]): [string, string[]][] {
  return values.flatMap(({ columns = [] }) =>
    columns.map((path): [string, string[]] => {
      const [table, column] = splitColumnPath(path);
      return [table, [column]];
    }),
  );
}
