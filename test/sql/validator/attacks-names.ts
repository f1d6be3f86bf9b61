import type { Attack } from './attacks.js';

/** Refused over the clinic schema: tables, columns and aliases that it does not have. */
export const NAME_ATTACKS: Readonly<Record<string, readonly Attack[]>> = {
  'what is not in the schema': [
    ['unknown_table', 'SELECT mrn FROM patients;'],
    ['unknown_table', 'SELECT x FROM dual;'],
    ['unknown_column', 'SELECT password FROM patient;'],
    ['unknown_column', 'SELECT p.ward FROM patient AS p;'],
    ['unknown_column', 'SELECT mrn FROM patient WHERE ward = 1;'],
    ['unknown_column', 'SELECT COUNT(*) AS n FROM patient GROUP BY n;'],
    ['unknown_column', "SELECT mrn AS x FROM patient WHERE x = 'a';"],
    ['unknown_column', 'SELECT COUNT(*) AS n FROM patient ORDER BY n + 1;'],
    [
      'ambiguous_column',
      'SELECT patient_id FROM patient AS p INNER JOIN visit AS v ON v.patient_id = p.patient_id;',
    ],
    [
      'ambiguous_column',
      'SELECT p.mrn FROM patient AS p INNER JOIN visit AS v ON patient_id = p.patient_id;',
    ],
    ['ambiguous_column', 'SELECT p.mrn AS x, p.gender AS x FROM patient AS p ORDER BY x;'],
    ['unbound_alias', 'SELECT x.mrn FROM patient AS p;'],
    ['unbound_alias', 'SELECT patient.mrn FROM patient AS p;'],
    ['unbound_star', 'SELECT x.* FROM patient AS p;'],
    [
      'unbound_alias',
      'SELECT p.mrn FROM patient AS p INNER JOIN visit AS v ON d.visit_id = v.visit_id INNER JOIN diagnosis AS d ON d.visit_id = v.visit_id;',
    ],
    [
      'duplicate_alias',
      'SELECT p.mrn FROM patient AS p INNER JOIN visit AS p ON p.patient_id = p.patient_id;',
    ],
    [
      'alias_equals_table',
      'SELECT visit.mrn FROM patient AS visit INNER JOIN visit ON visit.patient_id = visit.patient_id;',
    ],
    ['duplicate_table', 'SELECT visit.ward FROM visit INNER JOIN visit ON visit.visit_id = visit.visit_id;'],
    ['system_object', 'SELECT name FROM sys.tables;'],
    ['system_object', 'SELECT name FROM SYS.server_principals;'],
    ['system_object', 'SELECT table_name FROM INFORMATION_SCHEMA.TABLES;'],
    ['system_object', 'SELECT name FROM master.sys.databases;'],
    ['system_object', 'SELECT name FROM [sys].[objects];'],
    ['system_object', 'SELECT name FROM sysobjects;'],
    ['schema_not_allowed', 'SELECT mrn FROM audit.patient;'],
    ['cross_database_name', 'SELECT mrn FROM hospital.dbo.patient;'],
    ['cross_database_name', 'SELECT mrn FROM hospital..patient;'],
    ['linked_server', 'SELECT mrn FROM remote.hospital.dbo.patient;'],
    ['name_parts', 'SELECT dbo.patient.mrn FROM patient;'],
    ['table_function', "SELECT value FROM STRING_SPLIT('a,b', ',');"],
    ['table_function', "SELECT a FROM OPENROWSET('SQLNCLI', 'x', 'y') AS r;"],
    ['table_function', "SELECT a FROM OPENQUERY(remote, 'SELECT 1');"],
    ['table_function', "SELECT value FROM OPENJSON('[]');"],
    ['table_function', 'SELECT a FROM dbo.fn_patients(1);'],
  ],
};
