import type { Attack } from './attacks.js';

/** Refused over the clinic schema: tables, columns and aliases that it does not have. */
export const NAME_ATTACKS: Readonly<Record<string, readonly Attack[]>> = {
  'what is not in the schema': [
    ['unknown-table', 'SELECT mrn FROM patients;'],
    ['unknown-table', 'SELECT x FROM dual;'],
    ['unknown-column', 'SELECT password FROM patient;'],
    ['unknown-column', 'SELECT p.ward FROM patient AS p;'],
    ['unknown-column', 'SELECT mrn FROM patient WHERE ward = 1;'],
    ['unknown-column', 'SELECT COUNT(*) AS n FROM patient GROUP BY n;'],
    ['unknown-column', "SELECT mrn AS x FROM patient WHERE x = 'a';"],
    ['unknown-column', 'SELECT COUNT(*) AS n FROM patient ORDER BY n + 1;'],
    [
      'ambiguous-column',
      'SELECT patient_id FROM patient AS p INNER JOIN visit AS v ON v.patient_id = p.patient_id;',
    ],
    [
      'ambiguous-column',
      'SELECT p.mrn FROM patient AS p INNER JOIN visit AS v ON patient_id = p.patient_id;',
    ],
    ['ambiguous-column', 'SELECT p.mrn AS x, p.gender AS x FROM patient AS p ORDER BY x;'],
    ['unbound-alias', 'SELECT x.mrn FROM patient AS p;'],
    ['unbound-alias', 'SELECT patient.mrn FROM patient AS p;'],
    ['unbound-star', 'SELECT x.* FROM patient AS p;'],
    [
      'unbound-alias',
      'SELECT p.mrn FROM patient AS p INNER JOIN visit AS v ON d.visit_id = v.visit_id INNER JOIN diagnosis AS d ON d.visit_id = v.visit_id;',
    ],
    [
      'duplicate-alias',
      'SELECT p.mrn FROM patient AS p INNER JOIN visit AS p ON p.patient_id = p.patient_id;',
    ],
    [
      'alias-equals-table',
      'SELECT visit.mrn FROM patient AS visit INNER JOIN visit ON visit.patient_id = visit.patient_id;',
    ],
    ['duplicate-table', 'SELECT visit.ward FROM visit INNER JOIN visit ON visit.visit_id = visit.visit_id;'],
    ['system-object', 'SELECT name FROM sys.tables;'],
    ['system-object', 'SELECT name FROM SYS.server_principals;'],
    ['system-object', 'SELECT table_name FROM INFORMATION_SCHEMA.TABLES;'],
    ['system-object', 'SELECT name FROM master.sys.databases;'],
    ['system-object', 'SELECT name FROM [sys].[objects];'],
    ['system-object', 'SELECT name FROM sysobjects;'],
    ['schema-not-allowed', 'SELECT mrn FROM audit.patient;'],
    ['cross-database-name', 'SELECT mrn FROM hospital.dbo.patient;'],
    ['cross-database-name', 'SELECT mrn FROM hospital..patient;'],
    ['linked-server', 'SELECT mrn FROM remote.hospital.dbo.patient;'],
    ['name-parts', 'SELECT dbo.patient.mrn FROM patient;'],
    ['table-function', "SELECT value FROM STRING_SPLIT('a,b', ',');"],
    ['table-function', "SELECT a FROM OPENROWSET('SQLNCLI', 'x', 'y') AS r;"],
    ['table-function', "SELECT a FROM OPENQUERY(remote, 'SELECT 1');"],
    ['table-function', "SELECT value FROM OPENJSON('[]');"],
    ['table-function', 'SELECT a FROM dbo.fn_patients(1);'],
  ],
};
