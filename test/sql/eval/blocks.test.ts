import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { AnswerFolder } from '../../../src/sql/eval/answer-folder.js';
import { answerBlocks, blocksOf, type OpenedSet } from '../../../src/sql/eval/blocks.js';
import type { Evaluated } from '../../../src/sql/eval/evaluate.js';
import type { SetQuestion } from '../../../src/sql/eval/question-set.js';
import { indexOf } from '../untrained.js';

const root = mkdtempSync(join(tmpdir(), 'blocks-'));
afterAll(() => rmSync(root, { recursive: true }));

const index = indexOf('omop_cdm_5_4');
const questionsOf = (count: number, text = 'question'): SetQuestion[] =>
  Array.from({ length: count }, (_, i) => ({
    ...{ id: `q-${i}`, question: `${text} ${i}`, index, sql: undefined },
    groups: { schema: 'omop' },
  }));

/** Answers every question with its own text, and notes what it was asked. */
function echo(asked: string[]): () => Promise<OpenedSet> {
  const answerTo = ({ id, question, groups }: SetQuestion): Evaluated => ({
    ...{ id, question, groups, isAnswerable: false, outcome: 'right', exact: false },
    ...{ reason: undefined, milliseconds: 1 },
  });
  const set: OpenedSet = {
    device: 'echo',
    run: (questions) => {
      asked.push(...questions.map(({ id }) => id));
      return Promise.resolve(questions.map(answerTo));
    },
    close: () => Promise.resolve(),
  };
  return () => Promise.resolve(set);
}

test('a block is a whole number of groups, four questions or more', () => {
  const sizes = (count: number, atOnce: number): number[] =>
    blocksOf(questionsOf(count), atOnce).map(({ questions }) => questions.length);
  expect(sizes(10, 1)).toEqual([4, 4, 2]);
  expect(sizes(10, 3)).toEqual([6, 4]);
  expect(sizes(20, 8)).toEqual([8, 8, 4]);
  expect(blocksOf(questionsOf(10), 1).map(({ start }) => start)).toEqual([0, 4, 8]);
});

describe('answers in a folder', () => {
  const blocks = blocksOf(questionsOf(10), 2);

  test('are asked for once, and a model is opened only for what is missing', async () => {
    const folder = new AnswerFolder(join(root, 'once'), 'plan');
    const asked: string[] = [];
    const some = await answerBlocks({ blocks: [blocks[1]!], open: echo(asked), folder });
    expect([some.found, asked]).toEqual([0, ['q-4', 'q-5', 'q-6', 'q-7']]);
    const done: number[] = [];
    const all = await answerBlocks({ blocks, open: echo(asked), folder, onProgress: (n) => done.push(n) });
    expect([all.found, asked.length, done]).toEqual([1, 10, [4, 8, 10]]);
    const never = (): Promise<OpenedSet> => Promise.reject(new Error('opened'));
    const again = await answerBlocks({ blocks, open: never, folder });
    expect(JSON.stringify(again.answered)).toBe(JSON.stringify(all.answered));
  });

  test('that have changed, or are of other questions, another schema or other options, are refused', async () => {
    const path = join(root, 'refused');
    await answerBlocks({ blocks, open: echo([]), folder: new AnswerFolder(path, 'plan') });
    const read = (plan: string, questions: SetQuestion[]) =>
      new AnswerFolder(path, plan).read(blocksOf(questions, 2)[0]!);
    const other = /answers-00000000-4\.json: belongs to an evaluation of other questions, another model/;
    await expect(read('other plan', questionsOf(10))).rejects.toThrow(other);
    await expect(read('plan', questionsOf(10, 'wording'))).rejects.toThrow(other);
    const synthea = indexOf('synthea');
    await expect(
      read(
        'plan',
        questionsOf(10).map((one) => ({ ...one, index: synthea })),
      ),
    ).rejects.toThrow(other);
    expect(await read('plan', questionsOf(4))).toMatchObject({ device: 'echo' });

    const file = join(path, 'answers-00000000-4.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"outcome":"right"', '"outcome":"wrong"'));
    await expect(read('plan', questionsOf(10))).rejects.toThrow(
      /answers-00000000-4\.json: its content has changed/,
    );
    writeFileSync(file, 'no answers');
    await expect(read('plan', questionsOf(10))).rejects.toThrow(/its content has changed/);
  });
});
