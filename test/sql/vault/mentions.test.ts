import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SchemaBundle } from '../../../src/data/schema/bundle.js';
import { ValueList } from '../../../src/data/values/value-list.js';
import { extract, inTheClear, knowledgeOf, restore, withMentions } from '../../../src/sql/vault/index.js';
import type { SchemaKnowledge } from '../../../src/sql/vault/index.js';

/** A small clinic: `Sex` without codes, `Outcome` with them, no date of death. */
const bundle: SchemaBundle = {
  name: 'harbour',
  title: 'Harbour clinic',
  version: '1',
  source: 'invented for the tests',
  licence: 'MIT',
  tables: [
    {
      name: 'Patient',
      description: '',
      synonyms: ['patient'],
      primaryKey: ['PatientID'],
      foreignKeys: [],
      columns: [
        { name: 'PatientID', type: 'int', nullable: false },
        { name: 'FullName', type: 'nvarchar(80)', nullable: true },
        { name: 'Sex', type: 'char(1)', nullable: true },
        { name: 'City', type: 'nvarchar(60)', nullable: true },
      ],
    },
    {
      name: 'Prescription',
      description: '',
      primaryKey: ['PrescriptionID'],
      foreignKeys: [{ columns: ['PatientID'], references: { table: 'Patient', columns: ['PatientID'] } }],
      columns: [
        { name: 'PrescriptionID', type: 'int', nullable: false },
        { name: 'PatientID', type: 'int', nullable: false },
        { name: 'DrugName', type: 'nvarchar(100)', nullable: true },
        {
          name: 'OutcomeCode',
          type: 'int',
          nullable: true,
          codes: [
            { value: '7', words: ['recovered', 'cured'] },
            { value: '9', words: ['dead', 'died'] },
          ],
        },
      ],
    },
  ],
};

const plain = knowledgeOf(bundle);
const listed = knowledgeOf(
  bundle,
  new ValueList([
    {
      table: 'Prescription',
      column: 'DrugName',
      values: ['Sodium Chloride 0.9% Bag', 'Zolvexin, Oral', 'Main'],
    },
    { table: 'Patient', column: 'City', values: ['Port Hollow', 'Reading'] },
  ]),
);

function hidden(question: string, knowledge: SchemaKnowledge = plain): string[] {
  return extract(question, { knowledge }).placeholders.map(({ kind, text }) => `${kind} ${text}`);
}

describe('a name without quotes', () => {
  test.each<[string, string[]]>([
    ['How many patients were given zolvexin?', ['mention zolvexin']],
    ['patients prescribed zolvexin 2.5 mg tab', ['mention zolvexin 2.5 mg tab']],
    ['patients diagnosed with brenner fever of the left knee', ['mention brenner fever of the left knee']],
    [
      'patients given zolvexin, marlotide and brentol',
      ['mention zolvexin', 'mention marlotide', 'mention brentol'],
    ],
    ["What is patient 4711's lowest albumin level?", ['patient 4711', 'mention albumin']],
    ['the drugs of Mara Lindholm', ['mention Mara Lindholm']],
    ['patients with end stage renal disease', ['mention end stage renal disease']],
    ['which patients live in Port Hollow', ['mention Port Hollow']],
    ['highest venal elbow volume of patient 4711', ['mention venal elbow volume', 'patient 4711']],
    ['patients who had a left lower lobe biopsy', ['mention left lower lobe biopsy']],
    ['average thigh output', ['mention thigh output']],
    ['the mean hepatic function', ['mention hepatic function']],
    ['patients with a zolvate, serum level', ['mention zolvate, serum']],
    ['patients given zolvexin (pure salt)', ['mention zolvexin (pure salt)']],
    ['lowest 5-oh brentate of women', ['mention 5-oh brentate', 'code women']],
    ['patients who had a brentectomy procedure', ['mention brentectomy']],
    [
      'patients given zolvexin 80 mg extended release tablet',
      ['mention zolvexin 80 mg extended release tablet'],
    ],
    ['patients given zolvexin release date', ['mention zolvexin']],
    ['patients surnamed van der Aalst', ['mention van der Aalst']],
    ['doctors specialised in brentology', ['mention brentology']],
    ['How many ICU prescriptions?', ['mention ICU']],
    ['How many rows has [dbo].[Patient]?', []],
    ['Give the share in decimals', []],
    ['random sample of five prescriptions, rounded, as csv', []],
    ['patients with a random cortisol', ['mention random cortisol']],
    ['\ufeffHow many patients\u200b are there?', []],
    ['pati\u00adent 4711 given zolv\u200bexin', ['patient 4711', 'mention zolv\u200bexin']],
    ['How many patients are there?', []],
    ['What is the average number of prescriptions per patient?', []],
    ['Which drug name is the most common?', []],
    ['How many patinets have a prescription?', []],
  ])('%s', (question, expected) => {
    expect(hidden(question)).toEqual(expected);
  });

  test('stays without a schema, because only the schema tells it from a word of the question', () => {
    expect(extract('patients given zolvexin').placeholders).toEqual([]);
  });

  test('that is a misspelled word of the question is noted and stays', () => {
    const { question, notes } = extract('How many patinets are there?', { knowledge: plain });
    expect(question).toBe('How many patinets are there?');
    expect(notes.map(({ code }) => code)).toEqual(['misspelled-word']);
  });

  test('can be put back alone, for the gate on this machine', () => {
    const result = extract('patient 4711 given zolvexin', { knowledge: plain });
    expect(withMentions(result)).toBe('patient __ID_1__ given zolvexin');
  });
});

describe('a value of the database', () => {
  test('is found in any case, with its numbers, and written as the database spells it', () => {
    const [entry] = extract('patients given sodium chloride 0.9% bag', { knowledge: listed }).placeholders;
    expect(entry).toMatchObject({
      kind: 'value',
      value: 'Sodium Chloride 0.9% Bag',
      columns: ['Prescription.DrugName'],
    });
  });

  test('is found with a typo, by its beginning, and in another order', () => {
    expect(hidden('patients given zolvexine', listed)).toEqual(['value zolvexine']);
    expect(hidden('patients given oral zolvexin', listed)).toEqual(['value oral zolvexin']);
    expect(hidden('patients given sodium chloride', listed)).toEqual(['value sodium chloride']);
  });

  test('that only begins so is counted, and the note says that none is exactly so', () => {
    const column = { table: 'Prescription', column: 'DrugName' };
    const values = new ValueList([{ ...column, values: ['Zolvexin 5 mg Tablet', 'Zolvexin 9 mg Tablet'] }]);
    const { notes } = extract('patients given zolvexin', { knowledge: knowledgeOf(bundle, values) });
    expect(notes.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      'several-values: __TEXT_1__ (at character 15) was kept as written, and no value of the database is exactly so: ' +
        '2 values begin with it; name one in full, or ask for those that begin with it',
    ]);
  });

  test('that is a plain word is one only beside the name of its column', () => {
    expect(hidden('what are the main reasons', listed)).toEqual([]);
    expect(hidden('prescriptions whose drug name is main', listed)).toEqual(['value main']);
  });
});

describe('a coded meaning', () => {
  test('has the literal of each column', () => {
    const { placeholders } = extract('How many male patients were cured?', { knowledge: plain });
    expect(placeholders.map(({ kind, literals }) => [kind, literals])).toEqual([
      ['code', { 'Patient.Sex': 'M' }],
      ['code', { 'Prescription.OutcomeCode': '7' }],
    ]);
  });

  test('of death is a code only if the schema has no date of death', () => {
    expect(hidden('patients who are dead')).toEqual(['code dead']);
    const [patient, ...others] = bundle.tables;
    const column = { name: 'DeathDate', type: 'date', nullable: true };
    const dated = { ...bundle, tables: [{ ...patient!, columns: [...patient!.columns, column] }, ...others] };
    expect(hidden('patients who are dead', knowledgeOf(dated))).toEqual([]);
  });
});

test('what remains in the clear is listed without grammar and schema', () => {
  const { question } = extract('Which patients were given zolvexin at noon?', { knowledge: plain });
  expect(inTheClear(question, plain)).toEqual(['given']);
  expect(inTheClear('Which patients were given zolvexin?')).toEqual(['patients', 'given', 'zolvexin']);
});

const RUNS = Number(process.env['VAULT_RUNS'] ?? 3000);
const piece = fc.constantFrom(
  ...`patients given prescribed zolvexin male cured dead and or of , . ( ) with 2.5 mg tab 0.9% top 10 last 90 days three
  months ago in their 70s twenties aged Mara Lindholm Port Hollow sodium chloride bag drug name is as level the 's - /
  2024-03-05 E11.9 "x y" main June 9 of last year named diagnosed "`.split(/\s+/),
);
const text = fc.array(piece, { minLength: 1, maxLength: 16 }).map((pieces) => pieces.join(' '));

describe('for any question with names', () => {
  test.each([
    ['a schema', plain],
    ['values of the database', listed],
  ])('with %s, restoring the placeholders gives the question byte for byte', (_, knowledge) => {
    fc.assert(
      fc.property(fc.oneof(text, fc.string({ unit: 'grapheme' })), (question) => {
        fc.pre(question.trim() !== '' && !question.includes('__'));
        const { question: masked, placeholders } = extract(question, { knowledge });
        expect(restore(masked, placeholders)).toBe(question);
        for (const { start, end, text: spelled } of placeholders.flatMap(({ spans }) => spans))
          expect(question.slice(start, end)).toBe(spelled);
      }),
      { numRuns: RUNS },
    );
  });
});
