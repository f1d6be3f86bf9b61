import { describe, expect, test } from 'vitest';
import { Random } from '../../../../src/base/random.js';
import {
  columnPhrase,
  say,
  tablePhrase,
  valuePhrase,
  withTypo,
  writeQuestion,
} from '../../../../src/data/corpus/question/phrase.js';
import type { QueryValue } from '../../../../src/data/corpus/statement/program.js';

function value(prefix: QueryValue['prefix'], text: string): QueryValue {
  return { prefix, name: '', kind: 'key', type: 'int', text };
}

describe('a question', () => {
  test('numbers its values by first mention and keeps their spelling', () => {
    const [first, second, date] = [value('ID', '17'), value('ID', 'AB9'), value('DATE', 'May 5, 2020')];
    const phrase = say`Show ${columnPhrase('name')} of ${tablePhrase('Visit')} ${valuePhrase(second)} after ${valuePhrase(date)} or ${valuePhrase(first)}.`;
    const written = writeQuestion(phrase, { isLowerCase: true, hasEndMark: false });
    expect(written).toMatchObject({
      masked: 'show name of Visit __ID_1__ after __DATE_1__ or __ID_2__',
      raw: 'show name of Visit AB9 after May 5, 2020 or 17',
      skeleton: 'show <column> of <table> __id_1__ after __date_1__ or __id_2__',
      values: [second, date, first],
    });
  });

  test('may have a typo in one long word, never in a name or a value', () => {
    const phrase = say`Show the different ${columnPhrase('condition')} of ${valuePhrase(value('TEXT', "'pneumonia'"))}.`;
    for (let seed = 0; seed < 50; seed++) {
      const { raw } = writeQuestion(withTypo(phrase, new Random(seed, 0)));
      expect(raw).toMatch(/^Show the \w+ condition of 'pneumonia'\.$/);
      expect(raw.split(' ')[2]!.length).toBeGreaterThan(7);
    }
  });
});
