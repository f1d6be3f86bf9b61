import { describe, expect, test } from 'vitest';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';
import { validate } from '../../../src/sql/validator/validate.js';
import { column, dental, DENTAL_INFOS } from './dental.js';

function codesOf(sql: string, question?: string): string[] {
  const known = new Map(
    DENTAL_INFOS.filter(({ name }) => sql.includes(name)).map((info) => [info.name, info]),
  );
  return validate(sql, dental, known, { sense: true, question }).errors.map(({ code }) => code);
}

const ABSURD: [code: string, sql: string][] = [
  ['sense-amount', 'SELECT COUNT(*) FROM client WHERE client_id >= 40;'],
  ['sense-amount', 'SELECT COUNT(*) FROM sitting WHERE referrer_id NOT BETWEEN 2 AND 9;'],
  ['sense-amount', 'SELECT COUNT(*) FROM sitting WHERE client_id = __NUM_1__;'],
  ['sense-id', 'SELECT COUNT(*) FROM sitting WHERE sitting_id = __ID_1__;'],
  ['sense-id', 'SELECT COUNT(*) FROM sitting WHERE fee = __ID_2__;'],
  ['sense-keys', 'SELECT COUNT(*) FROM sitting WHERE sitting_id <> client_id;'],
  ['sense-keys', 'SELECT c.weight FROM client AS c LEFT JOIN sitting AS s ON s.sitting_id = c.client_id;'],
  ['sense-sum', 'SELECT SUM(sitting_id) FROM sitting;'],
  ['sense-sum', 'SELECT AVG(1.0 * client_id) FROM sitting;'],
  ['sense-sum', 'SELECT STDEV(latitude) FROM client;'],
  ['sense-idle', 'SELECT COUNT(*) FROM sitting WHERE fee > 5 AND began IS NULL AND fee > 5;'],
  ['sense-idle', 'SELECT COUNT(*) FROM sitting WHERE began IS NOT NULL OR began IS NULL;'],
  ['sense-idle', 'SELECT COUNT(*) FROM client WHERE client_id = __ID_1__ OR client_id <> __ID_1__;'],
  ['sense-empty', 'SELECT COUNT(*) FROM sitting WHERE fee < 5 AND fee >= 5;'],
  ['sense-idle', 'SELECT COUNT(*) FROM sitting WHERE fee = fee;'],
  ['sense-idle', 'SELECT AVG(DATEDIFF(day, began, began)) FROM sitting;'],
  ['sense-idle', "SELECT COUNT(*) FROM client WHERE state <> 'A' OR state <> 'B';"],
  ['sense-idle', "SELECT COUNT(*) FROM client WHERE state NOT IN ('A', 'C') OR state <> 'B';"],
  ['sense-idle', "SELECT COUNT(*) FROM client WHERE state IN ('A', 'B', 'A');"],
  ['sense-idle', "SELECT COUNT(*) FROM client WHERE chart_no LIKE '%';"],
  ['sense-idle', 'SELECT TOP (0) weight FROM client;'],
  ['sense-idle', 'SELECT MAX(7) FROM client;'],
  ['sense-idle', 'SELECT COUNT(DISTINCT 1) FROM client;'],
  ['sense-sum', 'SELECT AVG(ABS(client_id)) FROM sitting;'],
  ['sense-sum', 'SELECT SUM(COALESCE(referrer_id, 0)) FROM sitting;'],
  ['sense-sum', 'SELECT SUM(CASE WHEN fee > 3 THEN client_id ELSE 0 END) FROM sitting;'],
  ['sense-sum', 'SELECT sitting_id + 1 FROM sitting;'],
  ['sense-empty', 'SELECT COUNT(*) FROM sitting WHERE fee BETWEEN 9 AND 2;'],
  ['sense-empty', "SELECT COUNT(*) FROM sitting WHERE began BETWEEN '20240302' AND '20240301';"],
  ['sense-empty', 'SELECT COUNT(*) FROM sitting WHERE fee > 90 AND fee < 80;'],
  ['sense-empty', 'SELECT COUNT(*) FROM sitting WHERE 90 < fee AND fee <= 90;'],
  ['sense-empty', "SELECT COUNT(*) FROM sitting WHERE began >= '20240301' AND began < '20240201';"],
  ['sense-empty', 'SELECT COUNT(*) FROM sitting WHERE fee = 3 AND fee > 5;'],
  ['sense-empty', 'SELECT COUNT(*) FROM sitting WHERE fee = 3 AND fee IN (4, 5);'],
  ['sense-empty', 'SELECT COUNT(*) FROM sitting WHERE NOT (fee = 3) AND fee = 3;'],
  ['sense-empty', 'SELECT COUNT(*) FROM sitting WHERE MONTH(began) = 13;'],
  ['sense-empty', 'SELECT COUNT(*) FROM sitting WHERE DATEPART(hour, began) > 23;'],
  ['sense-empty', 'SELECT COUNT(*) FROM client WHERE LEN(chart_no) < 0;'],
  ['sense-empty', 'SELECT COUNT(*) FROM sitting AS s INNER JOIN client AS c ON c.client_id = s.client_id WHERE s.client_id IS NULL;'],
  ['sense-empty', 'SELECT COUNT(*) FROM client AS c LEFT JOIN sitting AS s ON s.client_id = c.client_id WHERE s.client_id IS NULL AND s.fee > 3;'],
  ['sense-empty', 'SELECT COUNT(*) FROM client AS c LEFT JOIN sitting AS s ON s.client_id = c.client_id WHERE s.client_id IS NULL AND (s.fee > 3 OR s.began IS NOT NULL);'],
  ['sense-empty', 'SELECT COUNT(*) FROM client AS c LEFT JOIN sitting AS s ON s.client_id = c.client_id WHERE s.client_id IS NULL AND YEAR(s.began) = 2020;'],
  ['sense-empty', 'SELECT COUNT(*) FROM client AS c LEFT JOIN sitting AS s ON s.client_id = c.client_id AND s.client_id IS NULL;'],
  ['sense-idle', 'SELECT __ID_1__, weight FROM client;'],
  ['sense-interval', 'SELECT COUNT(*) FROM sitting WHERE began >= __DATE_1__ AND began < DATEADD(month, 1, __DATE_1__);'],

  // Keys inside functions, in patterns, beside amounts.
  ['sense-sum', 'SELECT COUNT(*) FROM sitting WHERE ABS(client_id) = 40;'],
  ['sense-sum', 'SELECT COUNT(*) FROM sitting WHERE -client_id = 40;'],
  ['sense-sum', 'SELECT CAST(client_id AS float) * 2 FROM sitting;'],
  ['sense-sum', 'SELECT DATEADD(day, client_id, began) FROM sitting;'],
  ['sense-sum', 'SELECT COUNT(*) FROM sitting WHERE LEN(client_id) = 4;'],
  ['sense-amount', "SELECT COUNT(*) FROM client WHERE client_id LIKE '4%';"],
  ['sense-amount', "SELECT COUNT(*) FROM client WHERE CAST(client_id AS varchar(9)) LIKE '4%';"],
  ['sense-amount', "SELECT COUNT(*) FROM client WHERE client_id > '40';"],
  ['sense-amount', 'SELECT COUNT(*) FROM client WHERE 40 < COALESCE(client_id, 0);'],
  ['sense-amount', 'SELECT COUNT(*) FROM client WHERE client_id BETWEEN 40 + 1 AND 50;'],
  ['sense-amount', 'SELECT COUNT(*) FROM client WHERE client_id = LEN(chart_no);'],
  ['sense-amount', 'SELECT COUNT(*) FROM client WHERE birth_year > __NUM_2__;'],
  ['sense-keys', 'SELECT COUNT(*) FROM sitting WHERE client_id = fee;'],
  ['sense-keys', 'SELECT COUNT(*) FROM client WHERE birth_year > client_id;'],
  ['sense-keys', 'SELECT COUNT(*) FROM client WHERE birth_year = month_of_birth;'],
  ['sense-keys', 'SELECT COUNT(*) FROM sitting WHERE MONTH(began) < DAY(ended);'],
  ['sense-id', 'SELECT COUNT(*) FROM client WHERE state = __ID_3__;'],
  ['sense-id', 'SELECT COUNT(*) FROM client WHERE birth_year = __ID_2__;'],

  // IDs beside what holds no IDs, or those of another kind.
  ['sense-id', 'SELECT COUNT(*) FROM client WHERE last_name = __ID_4__;'],
  ['sense-id', 'SELECT COUNT(*) FROM client WHERE town IN (__ID_7__);'],
  ['sense-id', 'SELECT COUNT(*) FROM client WHERE plan_name = __ID_4__;'],
  ['sense-id', 'SELECT COUNT(*) FROM client WHERE sex <> __ID_7__;'],
  ['sense-id', "SELECT COUNT(*) FROM client WHERE last_name LIKE '%' + __ID_4__ + '%';"],
  ['sense-id', 'SELECT COUNT(*) FROM client WHERE remarks = __ID_5__;'],
  ['sense-id', 'SELECT COUNT(*) FROM client WHERE mrn = __ID_5__;'],
  ['sense-id', 'SELECT COUNT(*) FROM sitting WHERE icd10_code = __ID_6__;'],
  ['sense-id', 'SELECT COUNT(*) FROM sitting WHERE loinc_code = __ID_4__;'],
  ['sense-id', 'SELECT COUNT(*) FROM sitting WHERE dose_unit = __ID_6__;'],
  ['sense-id', 'SELECT COUNT(*) FROM sitting WHERE sitting_id = __ID_8__;'],
  ['sense-keys', 'SELECT COUNT(*) FROM sitting WHERE icd10_code = loinc_code;'],
  ['sense-keys', 'SELECT COUNT(*) FROM client AS c INNER JOIN sitting AS s ON s.client_id = c.client_id AND s.dose_unit = c.mrn;'],
  ['sense-keys', 'SELECT COUNT(*) FROM client WHERE sex = mrn;'],
  ['sense-keys', 'SELECT COUNT(*) FROM client WHERE town = mrn;'],

  // Parts of dates.
  ['sense-sum', 'SELECT SUM(birth_year) FROM client;'],
  ['sense-sum', 'SELECT SUM(1.0 * birth_year) FROM client;'],
  ['sense-sum', 'SELECT AVG(month_of_birth) FROM client;'],
  ['sense-sum', 'SELECT STDEV(CAST(month_of_birth AS float)) FROM client;'],
  ['sense-sum', 'SELECT AVG(MONTH(began)) FROM sitting;'],
  ['sense-sum', 'SELECT birth_year - month_of_birth FROM client;'],
  ['sense-empty', 'SELECT COUNT(*) FROM client WHERE month_of_birth = 13;'],
  ['sense-empty', 'SELECT COUNT(*) FROM client WHERE CAST(month_of_birth AS int) > 12;'],
  ['sense-empty', "SELECT COUNT(*) FROM client WHERE month_of_birth = '13';"],
  ['sense-empty', 'SELECT COUNT(*) FROM client WHERE month_of_birth IN (12, 13);'],
  ['sense-empty', 'SELECT COUNT(*) FROM client WHERE birth_year = -1990;'],
  ['sense-empty', 'SELECT COUNT(*) FROM sitting WHERE DAY(began) = 40;'],
  ['sense-empty', 'SELECT COUNT(*) FROM sitting WHERE YEAR(began) = 0;'],
  ['sense-empty', 'SELECT COUNT(*) FROM sitting WHERE YEAR(began) < 1000;'],
  ['sense-empty', "SELECT CASE DATEPART(hour, began) WHEN 25 THEN 'a' ELSE 'b' END FROM sitting;"],
  ['sense-empty', 'SELECT SUM(CASE WHEN ABS(fee) < 0 THEN 1 ELSE 0 END) FROM sitting;'],
  ['sense-range', 'SELECT COUNT(*) FROM client WHERE birth_year > 65;'],
  ['sense-range', 'SELECT COUNT(*) FROM client WHERE 1000 <= birth_year;'],
  ['sense-range', 'SELECT COUNT(*) FROM sitting WHERE MONTH(began) <> 13;'],
  ['sense-range', 'SELECT COUNT(*) FROM sitting WHERE MONTH(began) BETWEEN 1 AND 12;'],
  ['sense-range', 'SELECT CASE WHEN COUNT(*) >= 0 THEN 1 ELSE 0 END FROM sitting;'],

  // What is the same for every row.
  ['sense-idle', 'SELECT SUM(CASE WHEN 1 = 1 AND fee > 3 THEN 1 ELSE 0 END) FROM sitting;'],
  ['sense-idle', "SELECT CASE 'a' WHEN 'a' THEN fee ELSE 0 END FROM sitting;"],
  ['sense-idle', 'SELECT CASE WHEN fee > 3 THEN began ELSE began END FROM sitting;'],
  ['sense-idle', 'SELECT CASE WHEN fee > 3 THEN 1 WHEN fee > 3 THEN 2 END FROM sitting;'],
  ['sense-idle', "SELECT CASE state WHEN 'A' THEN 1 WHEN 'A' THEN 2 END FROM client;"],
  ['sense-idle', 'SELECT COUNT(CASE WHEN fee > 3 THEN 1 ELSE 0 END) FROM sitting;'],
  ['sense-idle', 'SELECT COALESCE(began, began) FROM sitting;'],
  ['sense-idle', 'SELECT NULLIF(fee, fee) FROM sitting;'],
  ['sense-idle', 'SELECT fee / fee FROM sitting;'],
  ['sense-idle', 'SELECT fee, began, fee FROM sitting;'],
  ['sense-idle', 'SELECT state, COUNT(*) AS a, COUNT(*) AS b FROM client GROUP BY state;'],
  ['sense-idle', "SELECT COUNT(*) FROM client WHERE chart_no LIKE '';"],

  // The same, the opposite, and all, with the sides turned round.
  ['sense-idle', 'SELECT COUNT(*) FROM sitting WHERE fee >= 7 AND 7 <= fee;'],
  ['sense-idle', "SELECT COUNT(*) FROM client WHERE 'A' = state OR state = 'A';"],
  ['sense-empty', 'SELECT COUNT(*) FROM sitting WHERE began < ended AND began >= ended;'],
  ['sense-idle', 'SELECT COUNT(*) FROM sitting WHERE fee >= 12 OR fee <= 30;'],
  ['sense-idle', 'SELECT COUNT(*) FROM sitting WHERE 12 < fee OR fee <= 12.5;'],
  ['sense-idle', "SELECT COUNT(*) FROM sitting WHERE began >= '20240101' OR began < '20250101';"],

  ['sense-idle', 'SELECT COUNT(*) FROM sitting WHERE began = ended AND ended = began;'],
  ['sense-empty', 'SELECT COUNT(*) FROM sitting WHERE began < ended AND began > ended;'],
  ['sense-empty', 'SELECT COUNT(*) FROM sitting WHERE began < ended AND ended < began;'],
  ['sense-empty', 'SELECT COUNT(*) FROM sitting WHERE began <= ended AND began <> ended AND ended <= began;'],
  ['sense-empty', 'SELECT COUNT(*) FROM sitting WHERE fee = __NUM_1__ AND __NUM_1__ < fee;'],
  ['sense-idle', 'SELECT COUNT(*) FROM sitting WHERE began <= ended OR ended <= began;'],
  ['sense-idle', 'SELECT COUNT(*) FROM sitting WHERE fee <> __NUM_1__ OR fee <= __NUM_1__;'],

  // What the type of a column cannot hold.
  ['sense-empty', 'SELECT COUNT(*) FROM sitting WHERE client_id = 5000000000;'],
  ['sense-empty', 'SELECT COUNT(*) FROM client WHERE tooth_count > 2200000000;'],
  ['sense-range', 'SELECT COUNT(*) FROM client WHERE tooth_count < 2200000000;'],
  ['sense-empty', "SELECT COUNT(*) FROM client WHERE state = 'active';"],
  ['sense-empty', "SELECT COUNT(*) FROM client WHERE state IN ('A', 'on hold');"],
  ['sense-empty', "SELECT COUNT(*) FROM client WHERE 'chart number 7' = chart_no;"],
  ['sense-empty', "SELECT COUNT(*) FROM client WHERE LEFT(chart_no, 2) = 'AB1';"],
  ['sense-empty', "SELECT COUNT(*) FROM client WHERE state LIKE 'act%';"],
  ['sense-empty', "SELECT COUNT(*) FROM client WHERE sex LIKE '[FM]_%';"],
  ['sense-empty', 'SELECT COUNT(*) FROM client WHERE LEN(sex) > 1;'],
  ['sense-range', 'SELECT COUNT(*) FROM client WHERE LEN(chart_no) <= 12;'],
  ['sense-empty', 'SELECT COUNT(*) FROM client WHERE tooth_count = 2.5;'],
  ['sense-empty', 'SELECT COUNT(*) FROM sitting WHERE fee IN (3.25, 3.125);'],
  ['sense-empty', 'SELECT COUNT(*) FROM sitting WHERE 0.015 = fee;'],
  ['sense-empty', 'SELECT COUNT(*) FROM sitting WHERE paid = 2;'],
  ['sense-empty', 'SELECT COUNT(*) FROM client WHERE month_of_birth < 0;'],
  ['sense-range', "SELECT ISNULL(state, 'none') FROM client;"],
  ['sense-empty', "SELECT COUNT(*) FROM client WHERE SUBSTRING(chart_no, 3, 1) IN ('1', '12');"],

  // The result as a whole.
  ['sense-idle', 'SELECT weight AS x, birth_year AS X FROM client;'],
  ['sense-idle', 'SELECT state, COUNT(*) FROM client GROUP BY state, client.state;'],

  // Ends of periods, and keys in one value.
  ['sense-interval', 'SELECT COUNT(*) FROM sitting WHERE began BETWEEN __DATE_2__ AND EOMONTH(__DATE_2__);'],
  ['sense-interval', 'SELECT COUNT(*) FROM sitting WHERE began >= __DATE_2__ AND began <= EOMONTH(__DATE_2__);'],
  ['sense-interval', 'SELECT COUNT(*) FROM sitting WHERE MONTH(began) = MONTH(__DATE_3__);'],
  ['sense-interval', 'SELECT COUNT(*) FROM client WHERE birth_year < YEAR(__DATE_2__);'],
  ['sense-interval', 'SELECT COUNT(*) FROM sitting WHERE YEAR(due) = YEAR(__DATE_1__);'],
  ['sense-interval', 'SELECT COUNT(*) FROM sitting WHERE MONTH(due) = MONTH(__DATE_2__);'],
  ['sense-interval', 'SELECT COUNT(*) FROM sitting WHERE DATEPART(quarter, began) = DATEPART(quarter, __DATE_3__);'],
  ['sense-interval', 'SELECT COUNT(*) FROM sitting WHERE DATEDIFF(day, began, __DATE_2__) = 0;'],
  ['sense-interval', 'SELECT COUNT(*) FROM sitting WHERE began BETWEEN __DATE_1__ AND DATEADD(quarter, 1, __DATE_1__);'],
  ['sense-interval', 'SELECT COUNT(*) FROM sitting WHERE began >= __DATE_1__ AND DATEADD(month, 4, __DATE_1__) > began;'],
  ['sense-keys', 'SELECT COALESCE(sitting_id, client_id) FROM sitting;'],
  ['sense-keys', 'SELECT NULLIF(client_id, sitting_id) FROM sitting;'],
  ['sense-sum', 'SELECT MAX(sitting_id) - MIN(sitting_id) FROM sitting;'],
  ['sense-sum', 'SELECT COUNT(*) FROM sitting WHERE sitting_id % 2 = 0;'],

  // Joins, and rows that they leave.
  ['sense-join', 'SELECT c.weight FROM client AS c INNER JOIN sitting AS s ON s.client_id = COALESCE(c.client_id, s.client_id);'],
  ['sense-join', 'SELECT c.weight FROM client AS c INNER JOIN sitting AS s ON c.birth_year = YEAR(s.began);'],
  ['sense-join', 'SELECT c.weight FROM client AS c INNER JOIN sitting AS s ON s.fee = c.weight - s.fee;'],
  ['sense-join', 'SELECT c.weight FROM client AS c INNER JOIN sitting AS s ON s.minutes = c.tooth_count;'],
  ['sense-join', 'SELECT a.fee FROM sitting AS a INNER JOIN sitting AS b ON b.sitting_id = a.sitting_id;'],
  ['sense-join', 'SELECT a.fee FROM sitting AS a INNER JOIN sitting AS b ON b.client_id = a.client_id WHERE a.sitting_id = b.sitting_id;'],
  ['sense-empty', 'SELECT c.weight, s.fee FROM client AS c LEFT JOIN sitting AS s ON s.client_id = c.client_id WHERE s.sitting_id IS NULL;'],
  ['sense-empty', 'SELECT MAX(s.began) FROM client AS c LEFT JOIN sitting AS s ON s.client_id = c.client_id WHERE s.client_id IS NULL;'],
  ['sense-empty', 'SELECT COUNT(DISTINCT s.client_id) FROM client AS c LEFT JOIN sitting AS s ON s.client_id = c.client_id WHERE s.client_id IS NULL AND c.weight > 3;'],
  ['sense-empty', 'SELECT s.* FROM client AS c LEFT JOIN sitting AS s ON s.client_id = c.client_id WHERE s.client_id IS NULL;'],
  ['sense-empty', 'SELECT c.weight FROM client AS c LEFT JOIN sitting AS s ON s.client_id = c.client_id WHERE s.client_id IS NULL ORDER BY YEAR(s.began);'],
  ['sense-empty', 'SELECT COUNT(*) FROM client AS c LEFT JOIN sitting AS s ON s.client_id = c.client_id WHERE s.client_id IS NULL GROUP BY s.fee;'],
  ['sense-empty', 'SELECT COUNT(*) FROM client WHERE client_id IS NULL;'],
  ['sense-empty', 'SELECT COUNT(*) FROM client AS c LEFT JOIN sitting AS s ON s.client_id = c.client_id WHERE c.client_id IS NULL;'],
  ['sense-empty', 'SELECT COUNT(*) FROM client AS c INNER JOIN sitting AS s ON s.client_id = c.client_id WHERE s.sitting_id IS NULL;'],
  ['sense-empty', 'SELECT COUNT(*) FROM client AS c LEFT JOIN sitting AS s ON s.client_id = c.client_id AND s.sitting_id IS NULL;'],
  ['sense-empty', 'SELECT COUNT(*) FROM client AS c LEFT JOIN sitting AS s ON s.client_id = c.client_id WHERE s.sitting_id IS NULL AND s.fee > 3;'],
]; // prettier-ignore

const SENSIBLE = [
  'SELECT CAST(1.5 AS decimal(4,1)), GETDATE() FROM client;',
  "SELECT COUNT(*) FROM client WHERE sex LIKE '[FM]%' AND chart_no LIKE '%1234567890%' AND state NOT LIKE 'act%';",
  'SELECT COUNT(*) FROM client WHERE LEN(chart_no) > 11 OR LEN(sex) = 0;',
  'SELECT COUNT(*) FROM sitting WHERE fee = 3.50 AND fee <> 3.125 AND minutes > 2.5 AND paid = 1;',
  'SELECT COUNT(*) FROM sitting WHERE fee = 3.500 OR fee IN (2.0, 1.25);',
  "SELECT ISNULL(state, '?'), COALESCE(state, 'none') FROM client;",
  "SELECT 'x', weight AS a, birth_year AS b FROM client;",
  'SELECT COUNT(*) FROM sitting WHERE due BETWEEN __DATE_2__ AND EOMONTH(__DATE_2__);',
  'SELECT COUNT(*) FROM sitting WHERE MONTH(began) = MONTH(__DATE_2__) AND YEAR(began) = YEAR(__DATE_3__);',
  'SELECT COUNT(*) FROM sitting WHERE MONTH(began) = MONTH(__DATE_2__) AND YEAR(began) = YEAR(__DATE_2__);',
  'SELECT COUNT(*) FROM sitting WHERE YEAR(due) = __DATE_2__ AND DATEPART(month, due) = __DATE_2__;',
  'SELECT COUNT(*) FROM client WHERE birth_year < YEAR(__DATE_3__);',
  'SELECT YEAR(began), COUNT(*) FROM sitting WHERE due >= __DATE_2__ AND YEAR(began) = YEAR(__DATE_2__) GROUP BY YEAR(began);',
  'SELECT COUNT(*) FROM sitting WHERE DATEDIFF(month, began, __DATE_2__) = 0 AND DATEDIFF(year, began, __DATE_2__) = 0;',
  'SELECT AVG(DATEPART(hour, began)) FROM sitting;',
  'SELECT COUNT(*) FROM client WHERE mrn = __ID_4__ OR chart_no = __ID_4__ OR insurance_key = __ID_7__ OR xyz_ref = __ID_4__;',
  'SELECT COUNT(*) FROM client WHERE plan_name = __ID_7__;',
  'SELECT COUNT(*) FROM client WHERE client_id = __ID_8__ OR client_id = __ID_1__;',
  "SELECT COUNT(*) FROM client WHERE remarks LIKE '%' + __ID_5__ + '%' AND mrn LIKE __ID_4__ + '%';",
  'SELECT COUNT(*) FROM sitting WHERE icd10_code = __ID_5__ AND loinc_code = __ID_6__;',
  'SELECT COUNT(*) FROM sitting WHERE treatment_code = __ID_5__ OR treatment_code = __ID_6__ OR icd10_code = __ID_7__;',
  'SELECT COUNT(*) FROM sitting AS a INNER JOIN sitting AS b ON b.client_id = a.client_id AND b.icd10_code = a.icd10_code AND b.sitting_id <> a.sitting_id;',
  'SELECT COUNT(*) FROM client AS c INNER JOIN client AS d ON d.last_name = c.last_name AND d.town = c.town AND d.client_id > c.client_id;',
  'SELECT COUNT(*) FROM sitting WHERE treatment_code = icd10_code;',
  'SELECT COUNT(*) FROM client AS c INNER JOIN sitting AS s ON s.client_id = c.client_id AND s.minutes = c.tooth_count;',
  'SELECT c.*, c.weight FROM client AS c LEFT JOIN sitting AS s ON s.client_id = c.client_id WHERE s.sitting_id IS NULL ORDER BY c.weight;',
  'SELECT * FROM client AS c LEFT JOIN sitting AS s ON s.client_id = c.client_id WHERE s.sitting_id IS NULL;',
  'SELECT c.weight, s.fee FROM client AS c LEFT JOIN sitting AS s ON s.client_id = c.client_id WHERE s.sitting_id IS NULL OR s.fee > 3;',
  'SELECT c.weight, s.fee FROM client AS c LEFT JOIN sitting AS s ON s.client_id = c.client_id WHERE s.ended IS NULL;',
  'SELECT COUNT(*) FROM sitting WHERE fee < __NUM_1__ OR fee > __NUM_1__;',
  'SELECT COUNT(*) FROM sitting WHERE (fee < 3 OR minutes > 4) AND (fee > 3 OR minutes < 4);',
  'SELECT COUNT(*) FROM sitting WHERE began >= __DATE_1__ AND began < DATEADD(month, 3, __DATE_1__);',
  'SELECT COUNT(*) FROM sitting WHERE began >= DATEADD(month, -6, __DATE_1__) AND began < __DATE_1__;',
  'SELECT COALESCE(referrer_id, client_id), NULLIF(referrer_id, client_id) FROM sitting;',
  'SELECT MAX(fee) - MIN(fee) FROM sitting;',
  "SELECT COUNT(*) FROM client WHERE state = 'A ' OR LEFT(chart_no, 2) = 'AB' OR chart_no LIKE 'a pattern%';",
  "SELECT COUNT(*) FROM client WHERE state <> 'A' AND tooth_count < 200000 AND month_of_birth = 12;",
  'SELECT COUNT(*) FROM sitting WHERE began <= ended AND began >= ended;',
  'SELECT COUNT(*) FROM sitting WHERE began < ended OR began > ended;',
  'SELECT COUNT(*) FROM sitting WHERE began <= ended AND began <> ended;',
  'SELECT COUNT(*) FROM sitting WHERE fee >= 30 OR fee <= 12;',
  'SELECT COUNT(*) FROM sitting WHERE fee > 12 OR fee < 12;',
  'SELECT COUNT(*) FROM sitting WHERE fee > 12 OR referrer_id = 5 OR fee < 3;',
  'SELECT COUNT(*) FROM client WHERE client_id = 40;',
  'SELECT COUNT(DISTINCT client_id), MAX(client_id) FROM sitting;',
  'SELECT COUNT(*) FROM sitting WHERE client_id = __ID_1__ AND fee > __NUM_1__;',
  'SELECT COUNT(*) FROM sitting WHERE referrer_id = client_id;',
  'SELECT COUNT(*) FROM sitting WHERE serial_number = __ID_2__;',
  'SELECT SUM(fee), AVG(weight) FROM sitting AS s INNER JOIN client AS c ON c.client_id = s.client_id;',
  'SELECT SUM(CASE WHEN client_id = __ID_1__ THEN 1 ELSE 0 END) FROM sitting;',
  'SELECT COUNT(*) FROM sitting WHERE began >= __DATE_1__ AND began < DATEADD(quarter, 1, __DATE_1__);',
  'SELECT COUNT(*) FROM sitting WHERE began >= __DATE_1__ AND began < DATEADD(year, 1, __DATE_1__);',
  'SELECT COUNT(*) FROM sitting WHERE fee > 5 OR fee < 2;',
  'SELECT COUNT(*) FROM sitting WHERE fee > 5 AND fee < 6;',
  'SELECT COUNT(*) FROM sitting WHERE fee >= 5 AND fee <= 5;',
  "SELECT COUNT(*) FROM sitting WHERE began >= '20240301' AND began < '2024-03-01T12:00:00';",
  "SELECT COUNT(*) FROM client WHERE state <> 'A' AND state <> 'B';",
  "SELECT COUNT(*) FROM client WHERE state NOT IN ('A', 'B') OR state NOT IN ('B', 'C');",
  "SELECT COUNT(*) FROM client WHERE state = 'A' OR state = 'B';",
  'SELECT COUNT(*) FROM sitting WHERE DATEPART(hour, began) BETWEEN 18 AND 24;',
  'SELECT SUM(1), COUNT(1) FROM sitting;',
  "SELECT CAST(client_id AS varchar(9)) + '/a', CONCAT(client_id, state) FROM client;",
  "SELECT COUNT(*) FROM client WHERE chart_no LIKE 'A%' AND LEN(chart_no) > 3;",
  "SELECT COUNT(*) FROM client WHERE chart_no >= 'A' AND chart_no < 'C';",
  'SELECT COUNT(*) FROM client WHERE client_id = ABS(40) AND chart_no = __ID_3__;',
  'SELECT COUNT(*) FROM sitting AS s INNER JOIN sitting AS t ON t.client_id = s.client_id AND t.sitting_id > s.sitting_id;',
  'SELECT AVG(1.0 * birth_year), MAX(month_of_birth), SUM(tooth_count) FROM client;',
  'SELECT AVG(YEAR(GETDATE()) - birth_year), SUM(YEAR(GETDATE()) - birth_year), SUM(months_insured) FROM client;',
  'SELECT COUNT(*) FROM client WHERE month_of_birth IN (1, 12) AND birth_year BETWEEN 1950 AND 1960;',
  'SELECT COUNT(*) FROM client WHERE months_insured > 13 AND tooth_count > __NUM_2__;',
  'SELECT COUNT(*) FROM sitting WHERE MONTH(began) <> 12 AND MONTH(began) BETWEEN 1 AND 6;',
  'SELECT COUNT(*) FROM sitting WHERE MONTH(began) BETWEEN __NUM_1__ AND 12;',
  'SELECT COUNT(*) FROM sitting WHERE YEAR(began) = YEAR(ended) AND MONTH(began) <> MONTH(ended);',
  'SELECT CASE WHEN COUNT(*) > 0 THEN 1 ELSE 0 END FROM sitting;',
  'SELECT CASE WHEN MONTH(GETDATE()) > 9 THEN YEAR(began) + 1 ELSE YEAR(began) END FROM sitting;',
  'SELECT COUNT(CASE WHEN fee > 3 THEN 1 END), COUNT(DISTINCT CASE WHEN fee > 3 THEN client_id ELSE 0 END) FROM sitting;',
  'SELECT COALESCE(ended, began), fee - ROUND(fee, 0), fee + fee FROM sitting;',
  "SELECT 'a', 'a', COUNT(*) FROM sitting;",
  'SELECT c.weight FROM client AS c INNER JOIN sitting AS s ON CAST(s.serial_number AS varchar(12)) = UPPER(c.chart_no);',
  'SELECT c.weight FROM client AS c INNER JOIN sitting AS s ON s.client_id = c.client_id AND YEAR(s.began) = c.birth_year;',
  'SELECT COUNT(*) FROM client AS c LEFT JOIN sitting AS s ON s.client_id = c.client_id WHERE s.sitting_id IS NULL;',
  'SELECT COUNT(*) FROM sitting AS s LEFT JOIN client AS c ON c.client_id = s.referrer_id WHERE s.referrer_id IS NULL;',
  'SELECT COUNT(*) FROM client AS c LEFT JOIN sitting AS s ON s.client_id = c.client_id AND s.fee > 3 WHERE s.client_id IS NULL AND c.weight > 3;',
  'SELECT COUNT(*) FROM client AS c LEFT JOIN sitting AS s ON s.client_id = c.client_id WHERE s.client_id IS NULL AND COALESCE(s.fee, 0) = 0;',
  'SELECT COUNT(*) FROM client AS c LEFT JOIN sitting AS s ON s.client_id = c.client_id WHERE s.fee IS NULL AND s.began > GETDATE();',
  'SELECT COUNT(*) FROM sitting AS s INNER JOIN client AS c ON c.client_id = s.client_id RIGHT JOIN client AS d ON d.client_id = s.client_id WHERE s.client_id IS NULL;',
];

describe('sense', () => {
  test.each([
    ['SELECT COUNT(*) FROM client AS c INNER JOIN sitting AS s ON s.fee > 3;', 'unconnected-join'],
    ['SELECT COUNT(*) FROM client WHERE town IS NULL AND town IS NOT NULL;', 'sense-empty'],
    ['SELECT COUNT(*) FROM client WHERE client_id > 5000000000;', 'sense-amount'],
  ])('tells one fault once: %s', (sql, code) => {
    expect(codesOf(sql)).toEqual([code]);
  });

  test.each([
    ['SELECT COUNT(*) FROM sitting WHERE fee > client_id;', 'sitting.fee and sitting.client_id are an amount and a key'],
    ['SELECT COUNT(*) FROM sitting WHERE client_id > fee;', 'sitting.client_id and sitting.fee are a key and an amount'],
    ['SELECT STDEV(DATEPART(hour, began)), SUM(DATEPART(hour, began)) FROM sitting;', 'this is an hour: its SUM means nothing'],
    ['SELECT AVG(referrer_id) FROM sitting;', 'sitting.referrer_id is a key or a code: its AVG means nothing'],
  ])('%s: %s', (sql, message) => {
    expect(validate(sql, dental, new Map(), { sense: true }).errors.map((error) => error.message)).toEqual([message]);
  }); // prettier-ignore

  test('writes names as a statement has to', () => {
    const tables = [
      { name: 'ward-3.Kinder & Jugend', description: '', primaryKey: ['Pat-Nr'], foreignKeys: [],
        columns: [column('Pat-Nr', 'int'), column('Alter', 'int')] },
    ]; // prettier-ignore
    const odd = new SchemaIndex({ name: 'odd', title: '', version: '1', source: '', licence: 'MIT', tables });
    const said = (sql: string): string[] =>
      validate(sql, odd, new Map(), { sense: true }).errors.map(({ message }) => message);
    expect(said('SELECT COUNT(*) FROM [Kinder & Jugend];').join()).toContain('[ward-3].[Kinder & Jugend]');
    expect(said('SELECT AVG([Pat-Nr]) FROM [ward-3].[Kinder & Jugend];').join()).toContain(
      '[ward-3].[Kinder & Jugend].[Pat-Nr] is a key',
    );
  });

  test.each(ABSURD)('%s: %s', (code, sql) => {
    expect(codesOf(sql)).toEqual([code]);
  });

  test.each(SENSIBLE)('has no objection to %s', (sql) => {
    expect(codesOf(sql)).toEqual([]);
  });

  test('is not judged unless asked', () => {
    const absurd = ABSURD.filter(([, sql]) => !sql.includes('__'));
    for (const [, sql] of absurd) expect(validate(sql, dental).errors).toEqual([]);
  });
});

describe('values that the question does not hold', () => {
  test.each([
    ['SELECT COUNT(*) FROM client WHERE chart_no = \'X-1\';', 'How many patients have chart x-1?', []],
    ['SELECT COUNT(*) FROM client WHERE chart_no = \'X-1\';', 'How many patients have chart X-12?', ['literal-not-asked']],
    ['SELECT COUNT(*) FROM client WHERE weight > 80;', 'Patients over 80 kilos', []],
    ['SELECT COUNT(*) FROM client WHERE weight > 81;', 'Patients over 80 kilos', ['literal-not-asked']],
    ['SELECT TOP (9) weight FROM client ORDER BY weight DESC;', 'The heaviest patients', ['literal-not-asked']],
    ['SELECT TOP (1) weight FROM client ORDER BY weight DESC;', 'The heaviest patient', []],
    ['SELECT COUNT(*) FROM client WHERE state = \'A\';', 'How many patients are active?', []],
    ['SELECT COUNT(*) FROM client WHERE state = \'Q\';', 'How many patients are active?', ['literal-not-asked']],
    ['SELECT COUNT(*) FROM sitting WHERE began >= \'20240301\';', 'How many sittings were there?', ['literal-not-asked']],
    ['SELECT 100.0 * SUM(CASE WHEN fee > 0 THEN 1 ELSE 0 END) / NULLIF(COUNT(*), 0) FROM sitting;', 'Which share was paid?', []],
    ['SELECT LEFT(chart_no, 3), COUNT(*) FROM client GROUP BY LEFT(chart_no, 3);', 'Patients per kind of chart', []],
  ] as const)('%s for: %s', (sql, question, codes) => {
    expect(codesOf(sql, question)).toEqual(codes);
  }); // prettier-ignore
});
