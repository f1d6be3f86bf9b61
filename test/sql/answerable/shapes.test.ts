import { expect, test } from 'vitest';
import { loadBundle } from '../../../src/data/schema/load.js';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';
import { judge } from '../../../src/sql/answerable/gate.js';
import { extract, knowledgeOf } from '../../../src/sql/vault/index.js';

const omop = new SchemaIndex(loadBundle('omop_cdm_5_4'));
const synthea = new SchemaIndex(loadBundle('synthea'));

const codes = (question: string, index: SchemaIndex): string[] =>
  judge(extract(question, { knowledge: knowledgeOf(index.bundle) }), index, { threshold: 0.7 }).reasons.map(
    ({ code }) => code,
  );

test.each([
  ['women with more than one visit', 'needs-having'],
  ['months with over 300 deaths', 'needs-having'],
  ['providers whose total length of stay exceeds 90 days', 'needs-having'],
  ['care sites with just one provider', 'needs-having'],
  ['which drug is the most ordered in each state?', 'needs-window'],
  ['which man stayed longest at every care site?', 'needs-window'],
  ['visits longer than the longest visit of 2016', 'needs-subquery'],
  ['claims higher than the highest one of person 12', 'needs-subquery'],
  ['share of visits per care site', 'needs-subquery'],
  ['what percentage of all prescriptions by drug', 'needs-subquery'],
  ['share of each state in all visits', 'needs-subquery'],
  ['visits started on the day with the most visits', 'needs-subquery'],
  ['all conditions and procedures alike', 'needs-union'],
  ['visits followed by measurements', 'needs-union'],
  ['a union of conditions and procedures', 'needs-union'],
  ['names of persons and providers combined', 'needs-union'],
  ['cumulative visits by month', 'needs-window'],
  ['dense rank of the drugs', 'needs-window'],
  ['lag between visits of person 12', 'needs-window'],
  ['days since previous visit', 'needs-subquery'],
  ['people who saw all doctors', 'needs-subquery'],
  ['who treated every person?', 'needs-subquery'],
  ['people born on the same day as provider 12', 'needs-subquery'],
  ['men older than provider 12', 'needs-subquery'],
  ['merge the visit list with the procedure list', 'needs-union'],
  ['which doctors have over 1 patient?', 'needs-having'],
  ['anybody with more than one separate prescription', 'needs-having'],
  ['people who had visits in more than one month', 'needs-having'],
  ['patients treated by three different providers', 'needs-having'],
  ['care sites whose average stay exceeds 6 days', 'needs-having'],
  ['care sites where the mean number of days is above 6', 'needs-having'],
  ['providers who on average treat longer than 3 days', 'needs-having'],
  ['persons whose visits add up to more than 40 days', 'needs-having'],
  ['men who spent over 900 in total', 'needs-having'],
  ['providers with a number of visits below 20', 'needs-having'],
  ['devices with at least 30 exposures', 'needs-having'],
  ['regulars, six visits or more', 'needs-having'],
  ['women having >4 prescriptions', 'needs-having'],
  ['doctors with a minimum of twelve patients', 'needs-having'],
  ['providers seeing upwards of nine patients', 'needs-having'],
  ['people treated by several doctors', 'needs-having'],
  ['people with visits in 2015 and only one prescription', 'needs-having'],
  ['duplicate prescriptions', 'needs-having'],
  ['people seen on more than two occasions', 'needs-having'],
  ['men with a total of six visits', 'needs-having'],
  ['devices used by just one person', 'needs-having'],
  ['providers whose visits number at least seven', 'needs-having'],
  ['care sites whose average stay is over a week', 'needs-having'],
  ["providers whose patients' mean age is above 50", 'needs-having'],
  ['drugs given to over 2% of people', 'needs-having'],
  ['people whose lowest creatinine was above 3', 'needs-having'],
  ["each provider's most common procedure", 'needs-window'],
  ['for every provider the two youngest persons', 'needs-window'],
  ['time from first to third visit', 'needs-window'],
  ['top 5% of visits by cost', 'needs-window'],
  ['change since the previous measurement', 'needs-window'],
  ['fourth drug given to person 3319', 'needs-window'],
  ['care sites averaging more than 6 days per visit', 'needs-having'],
  ['providers whose claims exceed 700 altogether', 'needs-having'],
  ['newest glucose value of every person', 'needs-window'],
  ['the most recent body weight for each man', 'needs-window'],
  ['for every person the latest prescription', 'needs-window'],
  ['the least expensive drug of each provider', 'needs-window'],
  ['top 4 conditions per care site', 'needs-window'],
  ['last two procedures of every patient', 'needs-window'],
  ['the fourth visit of person 3319', 'needs-window'],
  ['the penultimate procedure', 'needs-window'],
  ['the visit before the last one', 'needs-window'],
  ['upper quartiles of age', 'needs-window'],
  ['trailing 14 day mean of visits', 'needs-window'],
  ['leave out the first 20 persons', 'needs-window'],
  ['page 3 of the providers', 'needs-window'],
  ['every third visit', 'needs-window'],
  ['days between the first and the third visit', 'needs-window'],
  ['what share of all visits does each care site have?', 'needs-subquery'],
  ['percentage of the total by provider', 'needs-subquery'],
  ['people whose latest visit was in 2017', 'needs-subquery'],
  ['visits twice the average', 'needs-subquery'],
  ['the mean of the highest weights', 'needs-subquery'],
  ['devices that every patient received', 'needs-subquery'],
  ['which provider keeps people longest compared with all others', 'needs-subquery'],
  ['90th percentile of creatinine', 'needs-window'],
  ['largest number of prescriptions a single person has', 'needs-subquery'],
  ['names of providers along with names of persons', 'needs-union'],
  ['visits and prescriptions in one table', 'needs-union'],
  ['how many patients plus providers are there?', 'needs-union'],
  ['merge the lists of visits and devices', 'needs-union'],
  ['one list of all drugs and all procedures', 'needs-union'],
  ['were there patients with more than four visits?', 'needs-having'],
  ['are there more than ten patients with at least three visits?', 'needs-having'],
])('a question of another shape is refused with its construct: %s', (question, code) => {
  expect(codes(question, omop)[0]).toBe(code);
});

test.each(
  [
    'patients with one or more prescriptions',
    'patients with at least one visit',
    'did patient 77120 have more than two visits in 2019?',
    'tell me whether person 77120 was seen more than once',
    'were there more than 300 procedures last year?',
    'are there two or more patients with median nerve palsy?',
    'drug eras with more than four exposures',
    'condition eras with at least two occurrences',
    'age of the youngest person in each care site',
    'list the visits without duplicate rows',
    'people with fifth disease',
    'women with a single-vessel disease',
    'visits with a value >= 12',
    'remove duplicates from the visits of 2019',
    'people whose highest creatinine was above 3',
    'number of drugs given per person and day',
    'how many people are there by care site?',
    'people with no more than 0 visits',
    'stays of more than one day',
    'patients with mean arterial pressure above 100',
    'average age of people with a weight above 120',
    'care sites with the highest average stay of people over 70',
    'date of the last visit of each person',
    'when was the first prescription of every patient?',
    'last visit date per person',
    'highest glucose of each patient',
    'visits last month per care site',
    'visits in the first quarter for each care site',
    'top 10 providers by number of visits',
    'the three longest visits',
    'the last visit of person 3319',
    'how many people were readmitted within 14 days?',
    'share of people who died per care site',
    'percentage of women in each care site',
    'Work out how many days visits in 2016 lasted on average.',
    'patients and providers of visits in 2019',
    'second floor visits',
    'people and their providers together with their visits',
    'people who had all of the tests of 2016',
    'days since the last visit of person 12',
    'cumulative dose per person',
    'name of the care site with the most visits',
    'which provider has the highest number of visits?',
    'percentage of visits per care site that are inpatient',
    'share of visits over 5 days per provider',
    'visits longer than the last 3 days',
    'deaths per month of 2016',
    'people with one provider',
    'visits with their providers and care sites',
    'visits followed by death',
  ].map((question) => [question]),
)('what one SELECT can do is not refused: %s', (question) => {
  expect(codes(question, omop).filter((code) => code.startsWith('needs-'))).toEqual([]);
});

test('columns of totals are conditions on one row', () => {
  expect(codes('encounters with total claim cost over 500', synthea)).toEqual([]);
  expect(codes('patients with a total cholesterol above 200', synthea)).toEqual([]);
});

test.each([
  ['merge the visits of patients 12 and 13', 'no-query'],
  ['merge patients 12 and 13', 'no-query'],
])('rows are not merged, lists are: %s', (question, code) => {
  expect(codes(question, omop)[0]).toBe(code);
});

test.each([
  [
    'anybody with more than two visits last year',
    "'more than __NUM_1__ visits' is a condition on how many rows each group has, which needs HAVING",
  ],
  [
    'who was admitted more than once?',
    "'more than once' is a condition on how often something happened, which needs HAVING",
  ],
  [
    'median age of the women',
    "'median' depends on the order of the rows or on the rows around, which needs a window function",
  ],
  [
    'the third longest visit',
    "'third longest' asks for a place in an order other than the first, which needs a window function or OFFSET",
  ],
  [
    'visits longer than the average',
    "'longer than the average' compares rows with the result of another query, which needs a subquery",
  ],
])('a refusal quotes the words that need another shape: %s', (question, message) => {
  const asked = extract(question, { knowledge: knowledgeOf(omop.bundle) });
  const [reason] = judge(asked, omop, { threshold: 0.7 }).reasons;
  expect(reason!.message).toBe(`one flat SELECT cannot answer this: ${message}`);
});

test('a name beside a word of a shape is not quoted', () => {
  const asked = extract('the penultimate visit of Tilda Quist', { knowledge: knowledgeOf(omop.bundle) });
  const [reason] = judge(asked, omop, { threshold: 0.7 }).reasons;
  expect(reason!.message).toContain("'penultimate'");
  expect(reason!.message).not.toMatch(/tilda|quist/i);
});
