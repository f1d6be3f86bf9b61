import { expect, test } from 'vitest';
import { answerBody } from '../../src/serve/answer-body.js';
import type { Answer, Candidate } from '../../src/sql/answer.js';

const fault = { code: 'negation-lost', message: 'x', at: { offset: 0, line: 1, column: 1 } };

function gatesOf(candidates: Candidate[]): (boolean | null)[] {
  const refusal = { code: 'unsure' as const, message: 'not sure' };
  const answer: Answer = {
    ...{ question: 'q', masked: 'q', placeholders: [], tables: [], prompt: '', promptTokens: 0, notes: [] },
    ...{ rawSql: undefined, statement: undefined, explanation: undefined, confidence: undefined },
    ...{ verdict: { ok: false, errors: [refusal] }, refusal, candidates },
    timings: { vault: 1, link: 1, decode: 1, check: 1, total: 4 },
  };
  return answerBody(answer, { schema: 's', values: false, waited: 0 }).verdict.gates.map(
    ({ passed }) => passed,
  );
}

test.each<[string, Candidate[], (boolean | null)[]]>([
  [
    'a word that no statement fits',
    [{ sql: 'SELECT 1;', errors: [fault] }],
    [true, true, true, true, false, null],
  ],
  [
    'a statement of too little confidence',
    [{ sql: 'SELECT 1;', errors: [] }],
    [true, true, true, true, true, false],
  ],
  ['statements given up before their end', [], [true, true, true, null, null, false]],
])('the gate that refuses an unsure answer: %s', (_, candidates, gates) => {
  expect(gatesOf(candidates)).toEqual(gates);
});
