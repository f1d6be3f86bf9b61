import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { compareRoles, readRoles } from '../../../../scripts/schema-roles.js';
import type { SchemaBundle } from '../../../../src/data/schema/bundle.js';
import { importDdl } from '../../../../src/data/schema/ddl/import.js';
import { loadBundle } from '../../../../src/data/schema/load.js';
import { overviewPage } from '../../../../src/data/schema/overview-page.js';
import { overviewOf } from '../../../../src/data/schema/overview.js';
import { rolesOf } from '../../../../src/data/schema/roles/infer.js';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The shares that `npm run schema:report` found right: no change may lose more than a column in a hundred. */
const KNOWN: [name: string, tables: number, columns: number][] = [
  ['i2b2', 1, 0.97],
  ['mimic_iv', 1, 0.95],
  ['omop_cdm_5_4', 0.97, 0.96],
  ['openmrs_2_8', 0.97, 0.97],
  ['pcornet_4_1', 1, 0.94],
  ['synthea', 1, 0.96],
  ['eicu', 1, 0.87],
  ['open_hospital', 0.98, 0.93],
  ['openimis', 0.95, 0.94],
];

describe('inferred roles against those by hand', () => {
  test.each(KNOWN)('%s', (name, tables, columns) => {
    const isOther = ['eicu', 'open_hospital', 'openimis'].includes(name);
    const bundle = loadBundle(isOther ? here(`bundles/${name}.json`) : name);
    const result = compareRoles(bundle, readRoles(here(`by-hand/${name}.txt`), bundle));
    expect(result.tables.right / result.tables.all).toBeGreaterThanOrEqual(tables);
    expect(result.columns.right / result.columns.all).toBeGreaterThanOrEqual(columns);
  });
});

const HOSPITAL = `
CREATE TABLE Pt (PtID int PRIMARY KEY, PtDOB date, SexCd char(1), LastName varchar(80));
CREATE TABLE Ward (WardNo int PRIMARY KEY, WardName varchar(40));
CREATE TABLE Stay (StayID int PRIMARY KEY, PtID int REFERENCES Pt, WardNo int REFERENCES Ward,
  AdmitDt datetime, DischDt datetime, CreatedDt datetime, TotalCharge money, IsVoid bit);
CREATE TABLE LabResult (ResultID int PRIMARY KEY, StayID int REFERENCES Stay, CollectedDt datetime,
  TestCd varchar(10) REFERENCES TestCode, ResultValue decimal(10,3), ResultUnit varchar(20), ResultStatus varchar(10),
  Comments nvarchar(max));
CREATE TABLE TestCode (TestCd varchar(10) PRIMARY KEY, TestDesc varchar(100));
CREATE TABLE Doctor (DoctorID int PRIMARY KEY, DoctorName varchar(80), WardNo int REFERENCES Ward);`;

const hospital = (): SchemaBundle => importDdl(HOSPITAL, { name: 'hospital' });

describe('rolesOf', () => {
  test('a hospital’s tables', () => {
    const bundle = hospital();
    const roles = bundle.tables.map((table) => [table.name, rolesOf(bundle).ofTable(table)]);
    expect(Object.fromEntries(roles)).toMatchObject({
      Pt: { role: 'patient' },
      Ward: { role: 'place' },
      Stay: { role: 'encounter', time: 'AdmitDt', patient: 'PtID' },
      LabResult: { role: 'event', time: 'CollectedDt', encounter: 'StayID' },
      TestCode: { role: 'catalogue' },
      Doctor: { role: 'person' },
    });
  });

  test('its columns', () => {
    const bundle = hospital();
    const roles = bundle.tables.flatMap((table) =>
      table.columns.map((column) => [`${table.name}.${column.name}`, rolesOf(bundle).ofColumn(column)]),
    );
    expect(Object.fromEntries(roles)).toMatchObject({
      'Pt.PtID': 'key',
      'Pt.PtDOB': 'time',
      'Pt.SexCd': 'code',
      'Pt.LastName': 'name',
      'Stay.WardNo': 'foreign-key',
      'Stay.AdmitDt': 'start',
      'Stay.DischDt': 'end',
      'Stay.CreatedDt': 'time',
      'Stay.TotalCharge': 'money',
      'Stay.IsVoid': 'flag',
      'LabResult.ResultValue': 'value',
      'LabResult.ResultUnit': 'unit',
      'LabResult.ResultStatus': 'status',
      'LabResult.Comments': 'text',
      'TestCode.TestDesc': 'name',
    });
  });
});

describe('the role of a column', () => {
  /** The roles of all columns of one table, after its key. */
  const rolesIn = (table: string, columns: string, more = ''): Record<string, string> => {
    const ddl = `CREATE TABLE ${table} (${table}ID int PRIMARY KEY, ${columns}); ${more}`;
    const bundle = importDdl(ddl, { name: 'any' });
    const [first] = bundle.tables;
    return Object.fromEntries(
      first!.columns.slice(1).map((column) => [column.name, rolesOf(bundle).ofColumn(column)]),
    );
  };

  test('follows the end of a word that was not taken apart', () => {
    const roles = rolesIn(
      'Infusion',
      'bolusdose varchar(40), infusionsite varchar(80), pumpmodecode varchar(80)',
    );
    expect(roles).toEqual({ bolusdose: 'value', infusionsite: 'code', pumpmodecode: 'code' });
  });

  test('knows the IDs of other systems, of code systems, and those that an abbreviation hides', () => {
    const roles = rolesIn('Referral', 'ExternalID int, SnomedID varchar(20), RHID int, Paid decimal(9,2)');
    expect(roles).toEqual({ ExternalID: 'key', SnomedID: 'code', RHID: 'foreign-key', Paid: 'money' });
  });

  test('is money for amounts in tables about money, but not for what is counted or weighed', () => {
    const columns =
      'MaxDental decimal(18,2), QtyBilled decimal(18,2), CostIndex float, BirthWeight decimal(9,2), NoOfVisits int';
    expect(rolesIn('Claim', columns)).toEqual({
      MaxDental: 'money',
      QtyBilled: 'value',
      CostIndex: 'value',
      BirthWeight: 'value',
      NoOfVisits: 'value',
    });
  });

  test('depends on the tables and columns around it', () => {
    const more = 'CREATE TABLE Ward (WardID int PRIMARY KEY, WardName varchar(40));';
    const roles = rolesIn('Clinic', 'City varchar(40), State char(2), Ward int', more);
    expect(roles).toEqual({ City: 'name', State: 'code', Ward: 'foreign-key' });
    expect(rolesIn('Task', 'State char(2)')).toEqual({ State: 'status' });
    expect(rolesIn('Allergen', 'Allergen varchar(40), Email varchar(90)')).toEqual({
      Allergen: 'name',
      Email: 'text',
    });
  });

  test('is no key of a patient for a number that only ends like one', () => {
    const ddl = 'CREATE TABLE Patient (PatientNo int, ContactOfPatientID int, SocialHabits varchar(max));';
    const bundle = importDdl(ddl, { name: 'any' });
    expect(bundle.tables[0]!.columns.map((column) => rolesOf(bundle).ofColumn(column)).slice(1)).toEqual([
      'foreign-key',
      'text',
    ]);
  });
});

describe('overviewPage', () => {
  test('shows every table and column, and loads nothing from anywhere', () => {
    const bundle = loadBundle('openmrs_2_8');
    const page = overviewPage(overviewOf(bundle));
    for (const table of bundle.tables) expect(page).toContain(`data-name="${table.name}"`);
    expect(page.match(/<tr /g)).toHaveLength(
      bundle.tables.reduce((sum, table) => sum + table.columns.length, 0),
    );
    expect(page).not.toMatch(/(src|href|import|url)\s*[=(]/);
    expect(page).not.toMatch(/https?:/);
    expect(page).toContain("default-src 'none'");
  });

  test('names cannot break out of the page', () => {
    const bundle = hospital();
    bundle.title = '</title><script>alert(1)</script>';
    bundle.tables[0]!.description = '<img onerror="x">';
    bundle.tables[0]!.synonyms = ['"><script>'];
    const page = overviewPage(overviewOf(bundle));
    expect(page.match(/<script>/g)).toHaveLength(1);
    expect(page).not.toContain('<img');
  });
});
