import { formatIdMap } from '../placeholder.js';
import { FIRST_FORMAT } from '../record-format.js';
import { namesOf } from '../schema/names.js';
import { renderSchema } from '../schema/render.js';
import type { NamedColumns } from '../schema/selection.js';
import type { SampleDraw } from './draw.js';
import type { WrittenQuestion } from './question/phrase.js';
import type { QueryProgram } from './statement/program.js';
import { renderInWords, renderProgram, sqlSkeletonOf } from './statement/render.js';

/** What an intent or an ask made of a draw. */
interface Composed {
  program: QueryProgram;
  question: WrittenQuestion;
  family: string;
  phrasing: string;
  /** Columns that the prompt shows besides those of the statement: they may hold a value of the question. */
  also?: NamedColumns | undefined;
}

/** The sample of a composed question: its record in the format of the knobs, and what else is known of it. */
// The type of a sample is that of sample.ts, which imports this file.
export function sampleOf(draw: SampleDraw, { program, question, family, phrasing, also = [] }: Composed) {
  const { format = FIRST_FORMAT } = draw.knobs;
  const { prompts, index } = draw.topics;
  const shown = lazily(() => prompts.show(program, question, draw, also));
  const rendering = { format, question: question.masked, placeholders: question.values };
  const schema = lazily(() => renderSchema(shown().selection, rendering));
  return {
    record: {
      get schema() {
        return schema();
      },
      question: question.masked,
      idMap: formatIdMap(question.values, namesOf(index, format.names), format),
      sql: renderProgram(program, draw.knobs.aliases, format.aliases),
      ...(format.names === 'words' && { written: renderInWords(program, namesOf(index, 'words')) }),
    },
    get isMended() {
      return shown().isMended;
    },
    family,
    phrasing,
    schemaName: index.bundle.name,
    program,
    rawQuestion: question.raw,
    values: question.values,
    questionSkeleton: question.skeleton,
    sqlSkeleton: sqlSkeletonOf(program),
  };
}

/** Linking takes most of a sample's time, and a sample that a split leaves out needs no prompt. */
function lazily<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
