import { describe, expect, it } from 'vitest';
import {
  columnName,
  say,
  tableName,
  valuePhrase,
  withTypo,
  writeQuestion,
} from '../../../src/data/corpus/phrase.js';
import { aliasesOf, renderProgram } from '../../../src/data/corpus/render.js';
import { column, compare, type Program, type Value } from '../../../src/data/corpus/program.js';
import { Random } from '../../../src/base/random.js';
import { pluralise, singularise, spokenWords } from '../../../src/data/corpus/words.js';

function value(prefix: Value['prefix'], text: string): Value {
  return { prefix, name: '', kind: 'key', type: 'int', text };
}

describe('words', () => {
  it.each([
    ['visit_start_date', 'visit start date'],
    ['AdmitDT', 'admit date'],
    ['ICD10Code', 'icd10 code'],
    ['patientid', 'patient id'],
    ['los', 'length of stay'],
  ])('says %s as %s', (name, words) => expect(spokenWords(name).join(' ')).toBe(words));

  it.each([
    ['visit', 'visits'],
    ['diagnosis', 'diagnoses'],
    ['hospital stay', 'hospital stays'],
    ['allergy', 'allergies'],
    ['place of residence', 'places of residence'],
  ])('knows one %s and many %s', (one, many) => {
    expect(pluralise(one)).toBe(many);
    expect(singularise(many)).toBe(one);
    expect(singularise(one)).toBe(one);
  });
});

describe('a question', () => {
  it('numbers its values in the order of their mention and keeps their spelling', () => {
    const [first, second, date] = [value('ID', '17'), value('ID', 'AB9'), value('DATE', 'May 5, 2020')];
    const phrase = say`Show ${columnName('name')} of ${tableName('Visit')} ${valuePhrase(second)} after ${valuePhrase(date)} or ${valuePhrase(first)}.`;
    const written = writeQuestion(phrase, { isLowerCase: true, hasEndMark: false });
    expect(written).toMatchObject({
      masked: 'show name of Visit __ID_1__ after __DATE_1__ or __ID_2__',
      raw: 'show name of Visit AB9 after May 5, 2020 or 17',
      skeleton: 'show <column> of <table> __id_1__ after __date_1__ or __id_2__',
      values: [second, date, first],
    });
  });

  it('takes a slip of the keys in one long word, never in a name or a value', () => {
    const phrase = say`Show the different ${columnName('condition')} of ${valuePhrase(value('TEXT', "'pneumonia'"))}.`;
    for (let seed = 0; seed < 50; seed++) {
      const { raw } = writeQuestion(withTypo(phrase, new Random(seed, 0)));
      expect(raw).toMatch(/^Show the \w+ condition of 'pneumonia'\.$/);
      expect(raw.split(' ')[2]!.length).toBeGreaterThan(7);
    }
  });
});

describe('a statement', () => {
  const program: Program = {
    distinct: true,
    top: 5,
    select: [column(0, 'id'), { kind: 'count' }],
    from: [
      { table: 'order' },
      {
        table: 'order_form',
        join: {
          kind: 'LEFT',
          on: [{ left: { source: 0, column: 'id' }, right: { source: 1, column: 'order' } }],
        },
      },
    ],
    where: [
      compare(column(1, 'key'), '>=', { kind: 'value', value: { ...value('ID', '5'), name: '__ID_1__' } }),
    ],
    groupBy: [column(0, 'id')],
    orderBy: [{ by: { kind: 'count' }, direction: 'DESC' }],
  };

  it('is written in the one style, with brackets around reserved words alone', () => {
    expect(renderProgram(program)).toBe(
      'SELECT DISTINCT TOP (5) o.id, COUNT(*) FROM [order] AS o LEFT JOIN order_form AS of1 ON o.id = of1.[order] ' +
        'WHERE of1.[key] >= __ID_1__ GROUP BY o.id ORDER BY COUNT(*) DESC;',
    );
  });

  it('goes without aliases where one table stands alone and the style says so', () => {
    const alone: Program = { ...program, from: [{ table: 'order' }], where: [] };
    expect(renderProgram(alone, 'joins')).toBe(
      'SELECT DISTINCT TOP (5) id, COUNT(*) FROM [order] GROUP BY id ORDER BY COUNT(*) DESC;',
    );
  });

  it('numbers the second alias of the same initials', () => {
    expect(aliasesOf({ from: [{ table: 'person' }, { table: 'provider' }, { table: 'Person' }] })).toEqual([
      'p',
      'p2',
      'p3',
    ]);
  });
});
