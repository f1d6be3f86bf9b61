import { describe, expect, test } from 'vitest';
import type { SchemaBundle } from '../../../../src/data/schema/bundle.js';
import { importDdl } from '../../../../src/data/schema/ddl/import.js';
import { linkSchema } from '../../../../src/data/schema/link/link.js';
import { loadBundle } from '../../../../src/data/schema/load.js';
import { rolesOf } from '../../../../src/data/schema/roles/infer.js';
import { SchemaIndex } from '../../../../src/data/schema/schema-index.js';
import { ABBREVIATIONS } from '../../../../src/data/schema/words/dictionary.js';
import { wordsOf } from '../../../../src/data/schema/words/derive.js';
import { SYNONYMS_OF } from '../../../../src/data/schema/words/lexicon.js';
import { NameSplitter } from '../../../../src/data/schema/words/split.js';

/** A shipped bundle as an import without our overlay would give it: no word by hand. */
function bare(name: string): SchemaBundle {
  const bundle = structuredClone(loadBundle(name));
  for (const table of bundle.tables) {
    delete table.synonyms;
    for (const column of table.columns) delete column.synonyms;
  }
  return bundle;
}

const readable = (bundle: SchemaBundle, table: string, column?: string) => {
  const index = new SchemaIndex(bundle);
  const words = wordsOf(bundle);
  return column === undefined
    ? words.ofTable(index.table(table)!)
    : words.ofColumn(index.column(table, column)!.column);
};

describe('NameSplitter', () => {
  test.each([
    ['pt_dob', 'pt dob'],
    ['AdmitDt', 'admit dt'],
    ['LOSDays', 'los days'],
    ['admitdate', 'admit date'],
    ['patientunitstayid', 'patient unit stay id'],
    ['hospitaldischargelocation', 'hospital discharge location'],
    ['chartevents', 'chart events'],
    ['diagnosis1', 'diagnosis 1'],
    ['ICD10Code', 'icd10 code'],
    ['primarypatientinsuranceid', 'primary patient insurance id'],
    // Whole words that contain others stay whole.
    ['therapist', 'therapist'],
    ['insured', 'insured'],
    ['constructor', 'constructor'],
    ['Größe', 'größe'],
  ])('%s → %s', (name, words) => {
    expect(new NameSplitter().split(name).join(' ')).toBe(words);
  });

  test("a schema's own words are parts of its longer names", () => {
    expect(new NameSplitter().split('pyxisdate')).toEqual(['pyxisdate']);
    expect(new NameSplitter(['pyxis']).split('pyxisdate')).toEqual(['pyxis', 'date']);
  });
});

test('a master table among others, with a prefix that says table, is called by what it holds', () => {
  const ddl = `CREATE TABLE tblPtMstr (pt_id int PRIMARY KEY, ptDob date, sx_cd char(1));
    CREATE TABLE EncHdr (EncID int PRIMARY KEY, PtID int REFERENCES tblPtMstr, AdmDtTm datetime);`;
  const bundle = importDdl(ddl, { name: 'x', dialect: 'tsql' });
  expect(readable(bundle, 'tblPtMstr').words).toBe('patient master');
  expect(wordsOf(bundle).subjectOf(bundle.tables[0]!)).toBe('patient');
  expect(rolesOf(bundle).ofTable(bundle.tables[0]!).role).toBe('patient');
});

describe('dictionary and lexicon', () => {
  test('every abbreviation is short for other words, in lower case', () => {
    expect(ABBREVIATIONS.size).toBeGreaterThan(800);
    for (const [short, senses] of ABBREVIATIONS) {
      expect(short).toMatch(/^[a-z][a-z0-9]*$/);
      expect(senses[0]).not.toBe(short);
      for (const sense of senses) expect(sense).toMatch(/^[a-z0-9]+( [a-z0-9]+)*$/);
      expect(new Set(senses).size).toBe(senses.length);
    }
  });

  test('synonyms go both ways', () => {
    for (const [term, others] of SYNONYMS_OF) {
      expect(others).not.toContain(term);
      for (const other of others) expect(SYNONYMS_OF.get(other)).toContain(term);
    }
  });
});

describe('wordsOf', () => {
  test('abbreviations are read, and the field has other words for the same thing', () => {
    const { words, source, synonyms } = readable(bare('pcornet_4_1'), 'diagnosis', 'dx');
    expect([words, source]).toEqual(['diagnosis', 'dictionary']);
    expect(synonyms).toContainEqual({ text: 'condition', source: 'lexicon' });
  });

  test('inside its table, a column need not repeat what the table is about', () => {
    const { synonyms } = readable(bare('omop_cdm_5_4'), 'visit_occurrence', 'visit_start_date');
    expect(synonyms.map(({ text }) => text)).toContain('start date');
  });

  test('no table is called by what another table is about', () => {
    const person = readable(bare('openmrs_2_8'), 'person').synonyms.map(({ text }) => text);
    expect(person).not.toContain('patient');
    expect(readable(bare('omop_cdm_5_4'), 'person').synonyms).toContainEqual({
      text: 'patient',
      source: 'lexicon',
    });
  });

  test('words by hand replace what would be suggested', () => {
    const bundle = bare('omop_cdm_5_4');
    bundle.tables[0]!.synonyms = ['guest'];
    expect(readable(bundle, 'person').synonyms).toEqual([{ text: 'guest', source: 'bundle' }]);
  });

  test('a prefix of all tables is not a word of each', () => {
    const ddl = ['Claim', 'Policy', 'Insuree', 'Family']
      .map((name) => `CREATE TABLE tbl${name} (${name}ID int PRIMARY KEY, DOB date);`)
      .join('\n');
    const bundle = importDdl(ddl, { name: 'prefixed' });
    expect(bundle.tables.map((table) => wordsOf(bundle).ofTable(table).words)).toEqual([
      'claim',
      'policy',
      'insuree',
      'family',
    ]);
  });
});

describe('linkSchema without words by hand', () => {
  const first = (question: string, bundle: SchemaBundle) =>
    linkSchema(question, new SchemaIndex(bundle), { maxTables: 1 }).tables[0]!.table.name;

  test.each([
    ['How many patients are there?', 'omop_cdm_5_4', 'person'],
    ['How many patients are there?', 'pcornet_4_1', 'demographic'],
    ['Number of stays', 'omop_cdm_5_4', 'visit_occurrence'],
    ['List all doctors', 'omop_cdm_5_4', 'provider'],
    ['How many vaccinations were given?', 'synthea', 'immunizations'],
  ])('%s (%s) → %s', (question, name, table) => {
    expect(first(question, bare(name))).toBe(table);
  });
});
